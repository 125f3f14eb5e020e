#!/bin/sh
# root.sh: a Debian in a folder of its own, by debootstrap, for scripts that source this. Needs root, and that this machine's own apt reaches a
# mirror: sources, proxies, certificates and logins are taken from it, whatever they are.
#
#   root_make FOLDER [SUITE]    a minimal one, of this machine's release where none is named
#   root_run FOLDER COMMAND …   in it, with /proc and /dev, as its root, with an environment of its own
#   root_remove FOLDER

root_codename() {
  sed -n 's/^VERSION_CODENAME=//p' /etc/os-release
}

# Where apt gets the packages of the running release from.
root_mirror() {
  apt-get indextargets --format '$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 'Component: main' |
    awk -v codename="$(root_codename)" '$2 == codename { print $1; exit }'
}

# What this machine's apt and its libraries need to get there.
root_reach() {
  for file in resolv.conf hosts; do
    if [ -e "/etc/$file" ]; then cp -L "/etc/$file" "$1/etc/$file"; fi
  done
  for folder in apt.conf.d auth.conf.d keyrings trusted.gpg.d; do
    if [ -d "/etc/apt/$folder" ]; then mkdir -p "$1/etc/apt/$folder" && cp -rL "/etc/apt/$folder/." "$1/etc/apt/$folder/"; fi
  done
  if [ -d /usr/local/share/ca-certificates ]; then
    mkdir -p "$1/usr/local/share/ca-certificates"
    cp -rL /usr/local/share/ca-certificates/. "$1/usr/local/share/ca-certificates/"
  fi
  mkdir -p "$1/etc/ssl/certs"
  if [ -e /etc/ssl/certs/ca-certificates.crt ]; then cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"; fi
}

root_make() {
  suite=${2:-$(root_codename)}
  mirror=$(root_mirror)
  [ -n "$mirror" ] || {
    echo "root.sh: apt of this machine knows no mirror of $(root_codename): apt-get update" >&2
    return 1
  }
  mkdir -p "$1"
  debootstrap --variant=minbase "$suite" "$1" "$mirror" >"$1.log" 2>&1 || {
    tail -n 20 "$1.log" >&2
    return 1
  }
  root_reach "$1"
  if [ "$suite" = "$(root_codename)" ]; then
    rm -rf "$1/etc/apt/sources.list" "$1/etc/apt/sources.list.d"
    if [ -e /etc/apt/sources.list ]; then cp -L /etc/apt/sources.list "$1/etc/apt/"; fi
    cp -rL /etc/apt/sources.list.d "$1/etc/apt/"
  fi
  mount --bind /proc "$1/proc"
  mount --bind /dev "$1/dev"
}

root_run() {
  in=$1
  shift
  chroot "$in" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} "$@"
}

# Nothing is removed while anything is still mounted below.
root_remove() {
  for folder in dev proc; do
    if mountpoint -q "$1/$folder"; then umount "$1/$folder" 2>/dev/null || umount -l "$1/$folder"; fi
  done
  if grep -q " $1/" /proc/mounts; then
    echo "root.sh: still mounted below $1: left there" >&2
    return 1
  fi
  rm -rf --one-file-system "$1" "$1.log"
}
