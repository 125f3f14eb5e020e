#!/bin/sh
# install-packages.sh build|package|test: installs what building (or packing, or building and testing) handover needs, from Debian 12's or 13's own
# packages, by name. Does nothing and asks nobody where all of it is there. Uses sudo where the user is not root.
set -eu

build="gcc libc6-dev make cmake pkgconf librdkafka-dev libcjson-dev libssl-dev libxxhash-dev libmicrohttpd-dev zlib1g-dev libzstd-dev libarchive-dev libsqlite3-dev libcurl4-openssl-dev"
# Debian 12's default JRE is 17, Debian 13's is 21: Apache Kafka runs on both. Maven fetches Kafka's jars.
packing="dpkg-dev file gzip"
tests="libcmocka-dev python3 python3-jsonschema tzdata clang clang-format clang-tidy kcat jq curl maven default-jre-headless ca-certificates openssl zstd bash zsh fish mandoc $packing debootstrap lintian systemd python3-yaml"

case "${1:-}" in
  build) wanted=$build ;;
  package) wanted="$build $packing" ;;
  test) wanted="$build $tests" ;;
  *)
    echo "usage: install-packages.sh build|package|test" >&2
    exit 2
    ;;
esac

if ! command -v apt-get >/dev/null 2>&1; then
  echo "install-packages.sh: apt-get: not there; on a system other than Debian install what these are called there, then run" >&2
  echo "cmake yourself: $wanted" >&2
  exit 3
fi

missing=
for package in $wanted; do
  case "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || :)" in
    installed) ;;
    *) missing="$missing $package" ;;
  esac
done

as_root=
if [ "$(id -u)" -ne 0 ] && command -v sudo >/dev/null 2>&1; then as_root=sudo; fi

# promtool alone, out of Debian's package: installed, that would start a server. Its place is where tests/stories/promtool.py looks.
take_promtool() {
  place=$(dirname "$0")/../build/tests
  if command -v promtool >/dev/null 2>&1 || [ -x "$place/promtool" ]; then return 0; fi
  echo "Packages: taking promtool out of prometheus"
  folder=$(mktemp -d)
  chmod 755 "$folder"
  if ! (cd "$folder" && { apt-get download -q prometheus || { $as_root apt-get update -q && apt-get download -q prometheus; }; } &&
    dpkg-deb -x prometheus_*.deb .) >"$folder/log" 2>&1; then
    tail -n 30 "$folder/log" >&2
    rm -rf "$folder"
    echo "install-packages.sh: apt-get download prometheus failed: see above; a mirror that answers is needed" >&2
    exit 3
  fi
  mkdir -p "$place"
  cp "$folder/usr/bin/promtool" "$place/promtool.$$"
  mv "$place/promtool.$$" "$place/promtool"
  rm -rf "$folder"
}

if [ -z "$missing" ]; then
  if [ "$1" = test ]; then take_promtool; fi
  echo "Packages: all there."
  exit 0
fi

if [ "$(id -u)" -ne 0 ] && [ -z "$as_root" ]; then
  echo "install-packages.sh: not root, and there is no sudo: run this as root:" >&2
  echo "  apt-get update && apt-get install --no-install-recommends$missing" >&2
  exit 3
fi

echo "Packages: installing$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # $missing is a list
install() {
  $as_root apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}
if ! install >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  echo "install-packages.sh: apt-get failed: see above; a mirror that answers is needed" >&2
  exit 3
fi
if [ "$1" = test ]; then take_promtool; fi
echo "Packages: done."
