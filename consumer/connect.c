/* connect.c: asks for metadata until somebody answers, and says why not where nobody does. */
#include "connect.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "clock.h"
#include "library.h"

enum { STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700, CONNECT_MS = 10000, TRY_MS = 500 };

/* The trouble that librdkafka told of, for the error's text; one client runs at a time. */
static struct {
  char text[WHY];
  bool vague;           /* the text names no cause: a better one replaces it */
  atomic_bool hopeless; /* no waiting helps */
} trouble;

/* What librdkafka does not say of an error; NULL: nothing. */
static const char *hint_of(int code, const char *reason) {
  const char *scram = strstr(reason, "SCRAM-"); /* the broker names the mechanism */
  switch (code) {
    case RD_KAFKA_RESP_ERR__SSL: return client_certificate_refused();
    case RD_KAFKA_RESP_ERR__AUTHENTICATION: return library_scram_trouble(rd_kafka_version(), scram ? scram : "");
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return "if they hang up at once: does security.protocol suit the port?";
    default: return NULL;
  }
}

/* What comes first is the cause, but for what no waiting helps against. */
static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client, (void)context;
  bool hopeless = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
                  strstr(reason, "SSL alert number"); /* the broker does not like our certificate */
  bool vague = code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, better = trouble.vague && !vague;
  if (*trouble.text && !better && (!hopeless || atomic_load(&trouble.hopeless))) return;
  const char *hint = hint_of(code, reason);
  snprintf(trouble.text, sizeof trouble.text, "%.500s%s%s", reason, hint ? ": " : "", hint ? hint : "");
  trouble.vague = vague;
  if (hopeless) atomic_store(&trouble.hopeless, true);
}

static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client;
  (void)level;
  (void)facility;
  (void)text;
}

void connect_listen(rd_kafka_conf_t *conf) {
  *trouble.text = 0;
  trouble.vague = false;
  atomic_store(&trouble.hopeless, false);
  rd_kafka_conf_set_error_cb(conf, note_error);
}

/* Tries grow longer: wrong credentials are told of early, and a slow broker has its time. */
const char *connect_await(rd_kafka_t *client) {
  int64_t until_ns = clock_monotonic_ns() + CONNECT_MS * INT64_C(1000000);
  rd_kafka_resp_err_t failed = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int try_ms = TRY_MS; failed && !atomic_load(&trouble.hopeless); try_ms *= 2) {
    int64_t left_ms = (until_ns - clock_monotonic_ns()) / 1000000;
    const struct rd_kafka_metadata *metadata = NULL;
    if (left_ms <= 0) break;
    failed = rd_kafka_metadata(client, 0, NULL, &metadata, left_ms < try_ms ? (int)left_ms : try_ms);
    if (!failed) rd_kafka_metadata_destroy(metadata);
    rd_kafka_poll(client, failed ? TRY_MS : 0);
  }
  if (!failed) return NULL;
  return *trouble.text ? trouble.text : rd_kafka_err2str(failed);
}

rd_kafka_t *connect_client(const char *command, const struct settings *settings, rd_kafka_conf_t *conf, int *status) {
  char why[WHY];
  rd_kafka_conf_set_log_cb(conf, ignore_log);
  connect_listen(conf);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!client) {
    rd_kafka_conf_destroy(conf);
    fprintf(stderr, "handover %s: settings: %s\n", command, why);
    *status = STATUS_USAGE;
    return NULL;
  }
  const char *silent = connect_await(client);
  if (!silent) return client;
  fprintf(stderr, "handover %s: %.300s: no broker answers: %s\n", command, settings->bootstrap, silent);
  fprintf(stderr, "see the settings bootstrap, kafka (security.protocol, sasl.*, ssl.*) and sasl.password_file\n");
  rd_kafka_destroy(client);
  *status = STATUS_OUTSIDE;
  return NULL;
}
