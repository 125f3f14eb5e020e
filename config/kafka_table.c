/* kafka_table.c: an allowlist, because some properties run code or a shell (plugins, engines, Kerberos), some print secrets (debug),
 * and some would break the promise of exactly once. Names are exact. */
#include "kafka_table.h"

#include <string.h>

const struct kafka_property kafka_properties[] = {
    {"client.id", KAFKA_BOTH},
    {"client.rack", KAFKA_CONSUMER},
    {"security.protocol", KAFKA_BOTH},
    {"sasl.mechanism", KAFKA_BOTH},
    {"sasl.mechanisms", KAFKA_BOTH},
    {"sasl.username", KAFKA_BOTH},
    {"ssl.ca.location", KAFKA_BOTH},
    {"ssl.certificate.location", KAFKA_BOTH},
    {"ssl.key.location", KAFKA_BOTH},
    {"ssl.crl.location", KAFKA_BOTH},
    {"ssl.cipher.suites", KAFKA_BOTH},
    {"ssl.curves.list", KAFKA_BOTH},
    {"ssl.sigalgs.list", KAFKA_BOTH},
    {"socket.timeout.ms", KAFKA_BOTH},
    {"socket.connection.setup.timeout.ms", KAFKA_BOTH},
    {"socket.send.buffer.bytes", KAFKA_BOTH},
    {"socket.receive.buffer.bytes", KAFKA_BOTH},
    {"socket.keepalive.enable", KAFKA_BOTH},
    {"socket.nagle.disable", KAFKA_BOTH},
    {"socket.max.fails", KAFKA_BOTH},
    {"broker.address.ttl", KAFKA_BOTH},
    {"broker.address.family", KAFKA_BOTH},
    {"connections.max.idle.ms", KAFKA_BOTH},
    {"reconnect.backoff.ms", KAFKA_BOTH},
    {"reconnect.backoff.max.ms", KAFKA_BOTH},
    {"metadata.max.age.ms", KAFKA_BOTH},
    {"topic.metadata.refresh.interval.ms", KAFKA_BOTH},
    {"topic.metadata.refresh.fast.interval.ms", KAFKA_BOTH},
    {"receive.message.max.bytes", KAFKA_BOTH},
    {"fetch.wait.max.ms", KAFKA_CONSUMER},
    {"fetch.min.bytes", KAFKA_CONSUMER},
    {"fetch.max.bytes", KAFKA_CONSUMER},
    {"fetch.message.max.bytes", KAFKA_CONSUMER},
    {"max.partition.fetch.bytes", KAFKA_CONSUMER},
    {"fetch.error.backoff.ms", KAFKA_CONSUMER},
    {"fetch.queue.backoff.ms", KAFKA_CONSUMER},
    {"queued.min.messages", KAFKA_CONSUMER},
    {"queued.max.messages.kbytes", KAFKA_CONSUMER},
    {"session.timeout.ms", KAFKA_CONSUMER},
    {"heartbeat.interval.ms", KAFKA_CONSUMER},
    {"max.poll.interval.ms", KAFKA_CONSUMER},
    {"check.crcs", KAFKA_CONSUMER},
    {"linger.ms", KAFKA_PRODUCER},
    {"batch.size", KAFKA_PRODUCER},
    {"batch.num.messages", KAFKA_PRODUCER},
    {"queue.buffering.max.ms", KAFKA_PRODUCER},
    {"queue.buffering.max.messages", KAFKA_PRODUCER},
    {"queue.buffering.max.kbytes", KAFKA_PRODUCER},
    {"compression.codec", KAFKA_PRODUCER},
    {"compression.type", KAFKA_PRODUCER},
    {"compression.level", KAFKA_PRODUCER},
};

const size_t kafka_property_count = sizeof kafka_properties / sizeof *kafka_properties;

const struct kafka_refusal kafka_refusals[] = {
    {"bootstrap.servers", "it is the setting bootstrap"},
    {"metadata.broker.list", "it is the setting bootstrap"},
    {"group.id", "it is the setting group"},
    {"sasl.password", "it is a secret: name a file by the setting sasl.password_file"},
    {"ssl.key.password", "it is a secret: name a file by the setting ssl.key.password_file"},
    {"ssl.key.pem", "it is a secret: name a file by ssl.key.location"},
    {"ssl.keystore.", "it needs a secret: use ssl.key.location and ssl.certificate.location"},
    {"sasl.oauthbearer.", "it is not supported yet"},
    {"plugin.library.paths", "it runs code of others within the daemon"},
    {"ssl.engine.", "it runs code of others within the daemon"},
    {"ssl.provider", "it runs code of others within the daemon"},
    {"sasl.kerberos.", "librdkafka puts it into a shell command"},
    {"debug", "it would write secrets and events to the log"},
    {"enable.ssl.certificate.verification", "the broker's certificate is always checked"},
    {"ssl.endpoint.identification.algorithm", "the broker's certificate is always checked"},
    {"isolation.level", "handover reads committed records only"},
    {"enable.auto.", "handover commits offsets within its transactions"},
    {"auto.commit.", "handover commits offsets within its transactions"},
    {"auto.offset.reset", "handover refuses to guess where the log has been cut"},
    {"enable.idempotence", "publishing exactly once needs it"},
    {"enable.gapless.guarantee", "publishing exactly once decides it"},
    {"acks", "publishing exactly once needs all"},
    {"request.required.acks", "publishing exactly once needs all"},
    {"transactional.id", "handover makes it from group, instance and thread"},
    {"transaction.timeout.ms", "handover sets it"},
    {"max.in.flight", "publishing exactly once decides it"},
    {"retries", "publishing exactly once decides it"},
    {"message.send.max.retries", "publishing exactly once decides it"},
    {"message.timeout.ms", "publishing exactly once decides it"},
    {"delivery.timeout.ms", "publishing exactly once decides it"},
    {"message.max.bytes", "handover makes it fit the setting event_bytes_max"},
    {"partitioner", "handover publishes to the task's partition"},
    {"partition.assignment.strategy", "handover needs cooperative-sticky"},
    {"group.protocol", "handover decides it"},
    {"group.instance.id", "handover decides it"},
    {"statistics.interval.ms", "handover sets it"},
    {"log_level", "handover has a log of its own"},
};

const size_t kafka_refusal_count = sizeof kafka_refusals / sizeof *kafka_refusals;

const struct kafka_property *kafka_property_find(const char *name) {
  for (size_t i = 0; i < kafka_property_count; i++) {
    if (strcmp(kafka_properties[i].name, name) == 0) return &kafka_properties[i];
  }
  return NULL;
}

const char *kafka_refusal_why(const char *name) {
  for (size_t i = 0; i < kafka_refusal_count; i++) {
    const char *refused = kafka_refusals[i].name;
    size_t length = strlen(refused);
    if (strcmp(refused, name) == 0 || (refused[length - 1] == '.' && strncmp(refused, name, length) == 0)) {
      return kafka_refusals[i].why;
    }
  }
  return "it is not among the properties that docs/settings.md lists";
}
