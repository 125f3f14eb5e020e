#!/bin/sh
# image-try.sh [SUITE]: the image without Docker: its two stages as roots made by debootstrap (default: trixie), by the scripts that the Dockerfile
# runs; then the program in the second one as the image would run it: user 10001, no capability, a root that is mounted read-only,
# a volume for the state. Takes some minutes. Needs root.
set -eu
cd "$(dirname "$0")/.."
. deploy/root.sh
suite=${1:-trixie}
work=$(mktemp -d)
package=$work/package
image=$work/image
trap 'for at in proc dev var/lib/handover .; do umount "$work/mounted/$at" 2>/dev/null || :; done
  root_remove "$package"; root_remove "$image"; rm -rf --one-file-system "$work"' EXIT
trap 'exit 1' INT TERM HUP

say() {
  echo "image-try.sh: $*"
}

say "stage 1: the package, in a $suite"
root_make "$package" "$suite"
mkdir "$package/source"
git archive HEAD | tar -x -C "$package/source"
root_run "$package" sh -c 'apt-get update -q && apt-get install -q -y --no-install-recommends ca-certificates && update-ca-certificates' \
  >"$work/apt.log" 2>&1 || { tail -n 20 "$work/apt.log" && exit 1; }
root_run "$package" sh /source/deploy/package.sh /package >"$work/package.log" 2>&1 || { tail -n 30 "$work/package.log" && exit 1; }

say "stage 2: image-root.sh, in another $suite"
root_make "$image" "$suite"
cp "$package"/package/handover_*.deb deploy/image-root.sh "$image/tmp/"
root_run "$image" sh -c 'sh /tmp/image-root.sh /tmp/handover_*.deb && rm /tmp/handover_*.deb /tmp/image-root.sh' >"$work/image.log" 2>&1 || {
  tail -n 30 "$work/image.log"
  exit 1
}
root_run "$image" dpkg-query -W -f '${Package} ${Version}\n' handover librdkafka1
say "$(du -sxm "$image" --exclude=./proc --exclude=./dev | cut -f 1) MiB"

say "as the image runs"
mkdir "$work/mounted" "$work/state"
chown 10001:10001 "$work/state"
mount --bind "$image" "$work/mounted"
mount -o remount,bind,ro "$work/mounted"
mount --bind /proc "$work/mounted/proc"
mount --bind /dev "$work/mounted/dev"
mount --bind "$work/state" "$work/mounted/var/lib/handover"
# as_image COMMAND …
as_image() {
  chroot "$work/mounted" env -i PATH=/usr/bin:/bin TMPDIR=/var/lib/handover \
    setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
}
as_image handover --version
as_image handover check /usr/share/handover/sample.json
as_image handover run --check --settings /etc/handover/handover.json
as_image handover demo --json | grep -c lead.stage.changed
if as_image sh -c 'touch /etc/handover/x /usr/x /x' 2>/dev/null; then
  echo "image-try.sh: the root can be written" >&2
  exit 1
fi
say "done: user 10001, no capability, nothing to write but the volume"
