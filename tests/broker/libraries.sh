#!/bin/sh
# libraries.sh BUILD [TEST…]: broker and mock tests with other versions of librdkafka and Kafka than those that are installed: the program stays as
# it was built, the library comes from PyPI's wheels of confluent-kafka, which carry one, by way of LD_LIBRARY_PATH.
#
# One node of each Kafka serves all. A line for each: library, Kafka (or "mock"), test, passed or FAILED, seconds. Exit status 1 where one failed.
#
# HANDOVER_LIBRARIES       versions of confluent-kafka; "installed" is the system's own; default "installed 2.8.0 2.16.1". Debian 12 has
#                          librdkafka 2.0.2, Debian 13 has 2.8.0
# HANDOVER_KAFKAS          versions of Kafka; default "3.9.1 4.1.1"
# HANDOVER_LIBRARIES_DIR   where the libraries are kept; default beside Kafka's jars
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:?usage: libraries.sh BUILD [TEST…]}" && pwd)
shift
chosen=${*:-test_exactly_once test_in_flight test_rebalance test_takeover}
cache=${HANDOVER_LIBRARIES_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/handover/librdkafka}
failed=0

# kcat, with which tests read and write, keeps its own library.
tools=$(mktemp -d)
printf '#!/bin/sh\nunset LD_LIBRARY_PATH\nexec %s "$@"\n' "$(command -v kcat)" >"$tools/kcat"
chmod +x "$tools/kcat"
PATH=$tools:$PATH

# The node that runs, if one does.
node=
end_node() {
  [ -n "$node" ] || return 0
  sh "$here/kafka.sh" kill "$node"
  rm -rf "$node"
  node=
}
trap 'end_node; rm -rf "$tools"' EXIT

# fetch VERSION: its folder, with librdkafka.so.1 in it
fetch() {
  folder=$cache/$1
  if [ ! -f "$folder/librdkafka.so.1" ]; then
    part=$(mktemp -d)
    python3 -m pip download --quiet --no-deps --only-binary :all: --dest "$part" "confluent-kafka==$1" >&2
    mkdir -p "$folder"
    python3 - "$part"/*.whl "$folder/librdkafka.so.1" <<'UNPACK'
import sys
import zipfile
wheel = zipfile.ZipFile(sys.argv[1])
name, = (n for n in wheel.namelist() if ".libs/librdkafka" in n)
open(sys.argv[2], "wb").write(wheel.read(name))
UNPACK
    rm -rf "$part"
  fi
  echo "$folder"
}

# try LIBRARY KAFKA NAME COMMAND…
try() {
  library=$1 kafka=$2 name=$3
  shift 3
  log=$(mktemp)
  begin=$(date +%s)
  outcome=passed
  HANDOVER_KAFKA_VERSION=$kafka "$@" >"$log" 2>&1 || outcome=FAILED
  printf '%-10s %-6s %-20s %-7s %4d s\n' "$library" "$kafka" "$name" "$outcome" $(($(date +%s) - begin))
  if [ "$outcome" = FAILED ]; then
    failed=1
    tail -n 15 "$log"
  fi
  rm -f "$log"
}

libraries=${HANDOVER_LIBRARIES:-installed 2.8.0 2.16.1}
for library in $libraries; do
  path=
  [ "$library" = installed ] || path=$(fetch "$library")
  for test in "$build"/mock_test_*; do
    [ ! -x "$test" ] || try "$library" mock "$(basename "$test")" env LD_LIBRARY_PATH="$path" "$test"
  done
done
for kafka in ${HANDOVER_KAFKAS:-3.9.1 4.1.1}; do
  node=$(mktemp -d)
  HANDOVER_KAFKA_VERSION=$kafka sh "$here/kafka.sh" start "$node"
  for library in $libraries; do
    path=
    [ "$library" = installed ] || path=$(fetch "$library")
    for test in $chosen; do
      program=$build/handover
      [ "$test" != test_crash_points ] || program=${program}_crash
      try "$library" "$kafka" "$test" env LD_LIBRARY_PATH="$path" HANDOVER_KAFKA_NODE="$node" python3 "$here/$test.py" "$program"
    done
  done
  end_node
done
exit "$failed"
