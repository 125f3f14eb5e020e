#!/bin/sh
# demo.sh [OPTION…]: installs what the build needs, builds handover in build/ and runs `handover demo OPTION…`.
set -eu
cd "$(dirname "$0")/.."

sh deploy/install-packages.sh build >&2
echo "Building in build/ …" >&2
cmake -S . -B build >&2
cmake --build build --target handover -j "$(nproc)" >&2
exec build/handover demo "$@"
