#!/bin/sh
# setup.sh: who may log in to compose.yaml's Kafka, and what they may do: what deploy/rights.json says of `run`, and no more. Runs within the
# network of the broker. The password is made here, once, for the user that the daemon's container runs as.
set -eu
bin=${KAFKA_BIN:-/opt/kafka/bin}
secrets=${SECRETS:-/secrets}
at="--bootstrap-server ${BROKER:-127.0.0.1:19092}"

if [ ! -s "$secrets/password" ]; then
  umask 077
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$secrets/password.new"
  chown 10001:10001 "$secrets/password.new"
  mv "$secrets/password.new" "$secrets/password"
fi
"$bin/kafka-configs.sh" $at --alter --entity-type users --entity-name handover \
  --add-config "SCRAM-SHA-512=[password=$(cat "$secrets/password")]"

# allow OPTION…
allow() {
  "$bin/kafka-acls.sh" $at --add --allow-principal User:handover "$@"
}
allow --operation Read --topic engagement --topic handover-definitions
allow --operation Write --topic stage-changes --topic handover-dead-letters
allow --operation Read --operation Write --topic handover-journal --topic handover-state
allow --operation Read --group handover
allow --operation Write --transactional-id handover-handover- --resource-pattern-type prefixed
