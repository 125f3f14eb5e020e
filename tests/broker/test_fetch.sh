#!/bin/sh
# test_fetch.sh: who cannot fetch Kafka's jars is told why: the cause, not only that Maven failed. Nothing half is left behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
if ! command -v mvn >/dev/null 2>&1; then
  echo "test_fetch.sh: mvn is not there: left out"
  [ "${CI:-}" = true ] && exit 1
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/.m2"
echo '<settings><mirrors><mirror><id>nobody</id><mirrorOf>*</mirrorOf><url>https://127.0.0.1:1/</url></mirror></mirrors></settings>' \
  >"$folder/.m2/settings.xml"

status=0
MAVEN_OPTS="-Duser.home=$folder" HANDOVER_KAFKA_DIR="$folder/jars" sh "$here/kafka.sh" fetch >"$folder/out" 2>&1 || status=$?
cat "$folder/out"
[ "$status" -eq 3 ]
grep -q "127.0.0.1:1.*refused" "$folder/out"
grep -q "kafka.sh: jars of Kafka .*: mvn failed" "$folder/out"
[ -z "$(ls "$folder/jars")" ]
