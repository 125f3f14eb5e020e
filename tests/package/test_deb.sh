#!/bin/sh
# test_deb.sh BUILD: the Debian package of a build: lintian finds nothing; in a clean, minimal root of the running release it is installed with what
# it needs and nothing else, works as its own user, is installed anew over a changed setting, removed, and purged.
#
# Needs root (chroot, mount). Where CI=true, what is missing is a failure.
set -eu
build=$1
here=$(cd "$(dirname "$0")/../.." && pwd)
. "$here/deploy/root.sh"

fail() {
  echo "test_deb.sh: $*" >&2
  exit 1
}

lack() {
  echo "test_deb.sh: $*"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}

for tool in cpack lintian debootstrap dpkg-shlibdeps; do
  command -v "$tool" >/dev/null 2>&1 || lack "no $tool here"
done
[ "$(id -u)" -eq 0 ] || lack "not root"

work=$(mktemp -d)
root=$work/root
trap 'root_remove "$root"; rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM HUP

say() {
  echo "test_deb.sh: $*"
}

# as_handover COMMAND …: as the package's user, in a folder that it may write.
as_handover() {
  root_run "$root" setpriv --reuid=handover --regid=handover --clear-groups env HOME=/nonexistent TMPDIR=/tmp "$@"
}

# there PATH…, gone PATH…: in the root.
there() {
  for path in "$@"; do [ -e "$root$path" ] || fail "$path: not there"; done
}
gone() {
  for path in "$@"; do [ ! -e "$root$path" ] || fail "$path: still there"; done
}

# --- made, and looked at

cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/cpack" >"$work/cpack.log" 2>&1 || {
  cat "$work/cpack.log"
  exit 1
}
deb=$(ls "$work"/cpack/handover_*.deb)
dpkg-deb --info "$deb"
lintian --allow-root --fail-on error,warning "$deb" || fail "lintian found something"
dpkg-deb --info "$deb" | grep -q '^ Depends: .*librdkafka1 ' || fail "what it is linked with is not among what it depends on"
[ "$(dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./conffiles)" = /etc/handover/handover.json ] || fail "its conffiles are others"
say "made, and lintian finds nothing"

# --- installed

root_make "$root"
root_run "$root" dpkg-query -W -f '${Package}\n' | sort >"$work/before"
cp "$deb" "$root/tmp/handover.deb"
root_run "$root" apt-get update -q >"$work/apt.log" 2>&1 || {
  tail -n 20 "$work/apt.log"
  fail "apt-get update"
}
root_run "$root" apt-get install -q -y --no-install-recommends /tmp/handover.deb >"$work/apt.log" 2>&1 || {
  tail -n 30 "$work/apt.log"
  fail "it is not installed"
}
there /usr/bin/handover /etc/handover/handover.json /etc/handover/definitions /usr/share/man/man1/handover.1.gz \
  /lib/systemd/system/handover.service /lib/systemd/system/handover-alert.service /usr/share/doc/handover/copyright
root_run "$root" getent passwd handover | grep -q ':/var/lib/handover:/usr/sbin/nologin$' || fail "its user is not there"
[ "$(stat -c '%U %a' "$root/etc/handover/handover.json")" = "root 644" ] || fail "handover.json is somebody else's"
say "installed into a minimal $(root_codename)"

# --- and it works

version=$(sed -n 's/^project(handover VERSION \([0-9.]*\) .*/\1/p' "$here/CMakeLists.txt")
as_handover handover --version | grep -qw "$version" || fail "handover --version"
as_handover handover check /usr/share/handover/sample.json | grep -q sample || fail "handover check"
as_handover handover test --definition /usr/share/handover/sample.json /usr/share/handover/sample.test.json >"$work/out" 2>&1 ||
  as_handover handover test /usr/share/handover/sample.test.json >"$work/out" 2>&1 || {
  cat "$work/out"
  fail "handover test"
}
as_handover handover run --check --settings /etc/handover/handover.json || fail "the settings that it brings are not good"
as_handover handover demo --json >"$work/demo" 2>"$work/demo.err" || {
  tail -n 20 "$work/demo.err"
  fail "handover demo"
}
grep -q lead.stage.changed "$work/demo" || fail "handover demo shows no change"
say "works as the user handover: --version, check, test, run --check, demo"

# --- installed anew, removed, purged

echo '// mine' >>"$root/etc/handover/handover.json"
root_run "$root" dpkg --install --force-confdef /tmp/handover.deb >"$work/dpkg.log" 2>&1 || {
  cat "$work/dpkg.log"
  fail "it is not installed a second time"
}
tail -n 1 "$root/etc/handover/handover.json" | grep -q mine || fail "a changed setting is not kept"
mkdir -p "$root/var/lib/handover"
touch "$root/var/lib/handover/0.snapshot" "$root/etc/handover/definitions/mine.json"
root_run "$root" dpkg --remove handover >"$work/dpkg.log" 2>&1 || fail "it cannot be removed: $(cat "$work/dpkg.log")"
gone /usr/bin/handover /lib/systemd/system/handover.service
there /etc/handover/handover.json /var/lib/handover/0.snapshot
root_run "$root" dpkg --purge handover >"$work/dpkg.log" 2>&1 || fail "it cannot be purged: $(cat "$work/dpkg.log")"
gone /etc/handover/handover.json /var/lib/handover /usr/share/doc/handover
there /etc/handover/definitions/mine.json # dpkg leaves what is not the package's
[ "$(root_run "$root" dpkg-query -W -f '${Status}' handover 2>/dev/null)" = "" ] || fail "dpkg still knows it"
say "installed anew over a changed setting, removed, purged"
