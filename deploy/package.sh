#!/bin/sh
# package.sh [FOLDER]: builds the Debian package of this system's release into FOLDER (default: build/package), and says its name. Installs what
# building needs first.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/package}

sh deploy/install-packages.sh package >&2
cmake -S . -B "$folder" -DHANDOVER_TESTS= -DCMAKE_BUILD_TYPE=Release >&2
cmake --build "$folder" --target handover -j "$(nproc)" >&2
cpack -G DEB --config "$folder/CPackConfig.cmake" -B "$folder" >&2
ls "$folder"/handover_*.deb
