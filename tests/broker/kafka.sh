#!/bin/sh
# kafka.sh: one real Apache Kafka node (KRaft, combined roles) without Docker, for the tests in this folder.
#
#   kafka.sh fetch               the jars, once, through Maven; prints their folder
#   kafka.sh start FOLDER        starts the node that lives in FOLDER (made where it is not there) and waits until it answers;
#                                a node that was stopped or killed comes back with its ports and its data
#   kafka.sh stop|kill FOLDER    SIGTERM (SIGKILL after 20 s) or SIGKILL, to the recorded pid
#   kafka.sh status FOLDER       0: it runs
#   kafka.sh ports               addresses for a new node, as FOLDER/ports has them
#   kafka.sh tool CLASS ARG…     one of Kafka's own command-line tools: org.apache.kafka.tools.CLASS
#
# FOLDER/ports holds the addresses as shell assignments: `bootstrap`, plain text; `proxied`, plain text, but what the broker gives
# its clients as its address there is `proxy`, where a test may put a proxy; `sasl`, SASL_PLAINTEXT with PLAIN, user `handover`,
# password `correct horse`. All on 127.0.0.1, free when the node was made.
#
# Of a new node, FOLDER/ports may be there already; what FOLDER/more holds comes behind the node's properties and wins, and what
# FOLDER/format holds goes to the command that formats its log (secure.py and cluster.py write them).
#
# HANDOVER_KAFKA_DIR      where jars are kept; default ${XDG_CACHE_HOME:-~/.cache}/handover
# HANDOVER_KAFKA_VERSION  default 4.1.1
# HANDOVER_KAFKA_HEAP     default 512m
# HANDOVER_KAFKA_OWNER    a pid: the node is killed within a second or two of that process' end
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=${HANDOVER_KAFKA_VERSION:-4.1.1}
cache=${HANDOVER_KAFKA_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/handover}
jars=$cache/kafka-$version
heap=${HANDOVER_KAFKA_HEAP:-512m}
jvm="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto"

fail() {
  echo "kafka.sh: $*" >&2
  exit 3
}

# The folder appears whole or not at all, so that two tests may fetch at the same time. The plugin has its whole name: of a short one
# Maven says no more than that it is not found, where the cause is the network or a certificate.
fetch() {
  [ -d "$jars" ] && return 0
  mkdir -p "$cache"
  part=$(mktemp -d "$cache/fetch.XXXXXX")
  if ! mvn -q -B -f "$here/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies \
    -Dkafka.version="$version" -DoutputDirectory="$part/jars" >"$part/log" 2>&1; then
    tail -n 20 "$part/log" >&2
    rm -rf "$part"
    fail "jars of Kafka $version: mvn failed"
  fi
  mv -T "$part/jars" "$jars" 2>/dev/null || [ -d "$jars" ] || fail "$jars: cannot be written"
  rm -rf "$part"
}

alive() {
  pid=$(cat "$1/pid" 2>/dev/null) && [ -n "$pid" ] && grep -qa "kafka.Kafka" "/proc/$pid/cmdline" 2>/dev/null
}

# None that the kernel gives to outgoing connections: while the broker is away somebody, even a client that looks for it, would get one.
choose_ports() {
  python3 - <<'PORTS'
import errno
import random
import socket
with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
    first = int(file.read().split()[0])
ports = range(10000, first) if first > 11000 else range(1024, 65536)
sockets = [socket.socket() for _ in range(5)]
for s in sockets:
    while True:
        try:
            s.bind(("127.0.0.1", random.choice(ports)))
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
names = ("bootstrap", "proxied", "proxy", "sasl", "controller")
print("".join(f"{name}=127.0.0.1:{s.getsockname()[1]}\n" for name, s in zip(names, sockets)), end="")
PORTS
}

configure() {
  cat >"$1/properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@$controller
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://$bootstrap,PROXIED://$proxied,SASL://$sasl,CONTROLLER://$controller
advertised.listeners=PLAINTEXT://$bootstrap,PROXIED://$proxy,SASL://$sasl
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_handover="correct horse";
log.dirs=$1/data
num.partitions=1
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
transaction.abort.timed.out.transaction.cleanup.interval.ms=1000
auto.create.topics.enable=false
log.retention.hours=-1
CONF
  [ ! -f "$1/more" ] || cat "$1/more" >>"$1/properties"
}

make_node() {
  mkdir -p "$1"
  [ -f "$1/ports" ] || choose_ports >"$1/ports"
  . "$1/ports"
  configure "$1"
  set -f # the words of `format` are no patterns
  java $jvm -cp "$jars/*" kafka.tools.StorageTool format -t 5L6g3nShT-eMCtK--X86sw -c "$1/properties" --ignore-formatted \
    $(cat "$1/format" 2>/dev/null) \
    >"$1/format.log" 2>&1 || { cat "$1/format.log" >&2; fail "the node cannot be formatted"; }
  set +f
}

# Kills the node when the process that it was started for has ended.
guard() {
  while kill -0 "$2" 2>/dev/null && kill -0 "$1" 2>/dev/null; do sleep 1; done
  kill -9 "$1" 2>/dev/null || :
}

start() {
  alive "$1" && return 0
  fetch
  [ -f "$1/data/meta.properties" ] || make_node "$1"
  . "$1/ports"
  setsid java -Xms"$heap" -Xmx"$heap" $jvm -Dorg.slf4j.simpleLogger.showDateTime=true -cp "$jars/*" \
    kafka.Kafka "$1/properties" >>"$1/log" 2>&1 </dev/null &
  pid=$!
  echo "$pid" >"$1/pid"
  if [ -n "${HANDOVER_KAFKA_OWNER:-}" ]; then
    # Redirected within: for a function, sh would keep the caller's descriptors, and who reads them would wait for ever. Signals that go to
    # the test and all its children leave it alone: it is they that it is for.
    (trap '' HUP INT TERM; exec >/dev/null 2>&1 </dev/null; guard "$pid" "$HANDOVER_KAFKA_OWNER") &
  fi
  tries=0
  until kcat -b "$bootstrap" -L -m 2 2>/dev/null | grep -q "^ [1-9][0-9]* brokers:"; do
    tries=$((tries + 1))
    kill -0 "$pid" 2>/dev/null || { tail -n 20 "$1/log" >&2; fail "the node ended"; }
    [ "$tries" -lt 1500 ] || { tail -n 20 "$1/log" >&2; fail "the node does not answer"; }
    sleep 0.2
  done
}

end() {
  alive "$1" || return 0
  kill -"$2" "$pid"
  tries=0
  while alive "$1"; do
    tries=$((tries + 1))
    [ "$tries" -ne 200 ] || kill -9 "$pid" 2>/dev/null || :
    [ "$tries" -lt 300 ] || fail "pid $pid does not end"
    sleep 0.1
  done
  rm -f "$1/pid"
}

command=${1:-}
[ "$#" -gt 0 ] && shift
case "$command" in
  fetch) fetch && echo "$jars" ;;
  start) start "${1:?FOLDER}" ;;
  stop) end "${1:?FOLDER}" TERM ;;
  kill) end "${1:?FOLDER}" KILL ;;
  status) alive "${1:?FOLDER}" ;;
  ports) choose_ports ;;
  tool)
    fetch
    class=${1:?CLASS}
    shift
    exec java $jvm -Xmx128m -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp "$jars/*" "org.apache.kafka.tools.$class" "$@"
    ;;
  *)
    echo "usage: kafka.sh fetch | start|stop|kill|status FOLDER | ports | tool CLASS ARG…" >&2
    exit 2
    ;;
esac
