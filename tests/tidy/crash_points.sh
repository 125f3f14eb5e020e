#!/bin/sh
# crash_points.sh BINARY ROOT: the program that people run has none of the points at which tests/broker/test_crash_points.py ends another build of
# it (consumer/crash.h): not their names, not the variable of the environment. There are as many points as the protocol has steps.
set -eu

count=$(cat "$2"/consumer/*.c "$2"/producer/*.c | grep -c 'CRASH_POINT("')
if [ "$count" -lt 40 ]; then
  echo "crash_points.sh: only $count points in $2" >&2
  exit 1
fi
if grep -aqE 'crash point |HANDOVER_CRASH|crash_point' "$1"; then
  echo "crash_points.sh: $1 has points at which it ends itself" >&2
  exit 1
fi
echo "$count points, none of them in the program."
