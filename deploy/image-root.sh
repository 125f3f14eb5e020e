#!/bin/sh
# image-root.sh DEB: makes of the root that it runs in, a Debian 13, that of the image: the package, a user 10001, nothing else. The Dockerfile
# runs it, and image-try.sh where there is no Docker.
set -eu
deb=$1

groupadd --system --gid 10001 handover
useradd --system --uid 10001 --gid handover --home-dir /var/lib/handover --no-create-home --shell /usr/sbin/nologin handover
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -q -y --no-install-recommends ca-certificates "$deb"
apt-get clean
rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/debconf /usr/share/doc/handover/docs /usr/share/doc/handover/examples
install -d -o handover -g handover -m 0700 /var/lib/handover
handover --version
