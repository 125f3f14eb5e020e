#!/bin/sh
# setup.sh: who may log in to compose.yaml's Kafka, and what they may do: what deploy/rights.json says of `run` and `alert`, and no more. Runs
# within the network of the broker. The passwords are made here, once, each for the container that logs in by it.
set -eu
bin=${KAFKA_BIN:-/opt/kafka/bin}
secrets=${SECRETS:-/secrets}
alert_secrets=${ALERT_SECRETS:-/alert-secrets}
at="--bootstrap-server ${BROKER:-127.0.0.1:19092}"

# user NAME FOLDER: may log in by the password in FOLDER/password.
user() {
  if [ ! -s "$2/password" ]; then
    (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$2/password.new")
    chown 10001:10001 "$2/password.new"
    mv "$2/password.new" "$2/password"
  fi
  "$bin/kafka-configs.sh" $at --alter --entity-type users --entity-name "$1" \
    --add-config "SCRAM-SHA-512=[password=$(cat "$2/password")]"
}
user handover "$secrets"
user handover-alert "$alert_secrets"

# allow USER OPTION…
allow() {
  user=$1
  shift
  "$bin/kafka-acls.sh" $at --add --allow-principal "User:$user" "$@"
}
allow handover --operation Read --topic engagement --topic handover-definitions
allow handover --operation Write --topic stage-changes --topic handover-dead-letters
allow handover --operation Read --operation Write --topic handover-journal --topic handover-state
allow handover --operation Read --group handover
allow handover --operation Write --transactional-id handover-handover- --resource-pattern-type prefixed
allow handover-alert --operation Read --topic stage-changes
allow handover-alert --operation Read --operation Write --topic handover-undelivered
allow handover-alert --operation Read --group handover-alert
