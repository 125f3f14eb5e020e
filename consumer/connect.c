/* connect.c: asks for metadata until somebody answers, and says why not where nobody does. */
#include "connect.h"

#include <stdatomic.h>
#include <stdio.h>

#include "clock.h"

enum { STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700, CONNECT_MS = 10000, TRY_MS = 500 };

/* The last trouble that librdkafka told of, for the error's text; one client runs at a time. */
static struct {
  char text[WHY];
  atomic_bool hopeless; /* no waiting helps */
} trouble;

static void note_error(rd_kafka_t *client, int code, const char *reason, void *context) {
  (void)client;
  (void)context;
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && *trouble.text) return; /* the one before says more */
  snprintf(trouble.text, sizeof trouble.text, "%.500s", reason);
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL)
    atomic_store(&trouble.hopeless, true);
}

static void ignore_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  (void)client;
  (void)level;
  (void)facility;
  (void)text;
}

const char *connect_trouble(void) { return trouble.text; }

static rd_kafka_resp_err_t wait_for_broker(rd_kafka_t *client) {
  rd_kafka_resp_err_t failed = RD_KAFKA_RESP_ERR__TIMED_OUT;
  for (int waited = 0; failed && waited < CONNECT_MS && !atomic_load(&trouble.hopeless); waited += TRY_MS) {
    const struct rd_kafka_metadata *metadata = NULL;
    int64_t start_ns = clock_monotonic_ns();
    failed = rd_kafka_metadata(client, 0, NULL, &metadata, TRY_MS);
    if (!failed) rd_kafka_metadata_destroy(metadata);
    int64_t spent_ms = (clock_monotonic_ns() - start_ns) / 1000000;
    rd_kafka_poll(client, failed && spent_ms < TRY_MS ? (int)(TRY_MS - spent_ms) : 0);
  }
  return failed;
}

rd_kafka_t *connect_client(const char *command, const struct settings *settings, rd_kafka_conf_t *conf, int *status) {
  char why[WHY];
  rd_kafka_conf_set_log_cb(conf, ignore_log);
  rd_kafka_conf_set_error_cb(conf, note_error);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  if (!client) {
    rd_kafka_conf_destroy(conf);
    fprintf(stderr, "handover %s: settings: %s\n", command, why);
    *status = STATUS_USAGE;
    return NULL;
  }
  rd_kafka_resp_err_t failed = wait_for_broker(client);
  if (!failed) return client;
  fprintf(stderr, "handover %s: %.300s: no broker answers: %s\n", command, settings->bootstrap,
          *trouble.text ? trouble.text : rd_kafka_err2str(failed));
  fprintf(stderr, "see the settings bootstrap, kafka (security.protocol, sasl.*, ssl.*) and sasl.password_file\n");
  rd_kafka_destroy(client);
  *status = STATUS_OUTSIDE;
  return NULL;
}
