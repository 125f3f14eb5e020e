/* client.c: the one way to a librdkafka configuration. Secrets are read into the stack, handed to librdkafka and wiped.
 * May use: librdkafka, libcrypto (the names of its errors), libc, settings.h, clock.h, library.h, log.h, secret.h. */
#include "client.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/x509_vfy.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../config/kafka_table.h"
#include "clock.h"
#include "library.h"
#include "log.h"
#include "secret.h"

enum { CLIENT_SECRET = 4096, CLIENT_ERROR = 512, AGAIN_MS = 20 };

void client_log(const rd_kafka_t *client, int level, const char *facility, const char *text) {
  enum log_level mapped = level <= 3 ? LOG_ERROR : level == 4 ? LOG_WARNING : level <= 6 ? LOG_INFO : LOG_DEBUG;
  log_write(mapped, "librdkafka", text,
            LOG_FIELDS(log_text("client", client ? rd_kafka_name(client) : ""), log_text("facility", facility)));
}

/* OpenSSL's error for the last certificate that was refused, X509_V_OK before. */
static atomic_int refused;

/* librdkafka says of every certificate that does not hold no more than that; OpenSSL knows why. Nothing is accepted here that OpenSSL
 * does not accept: 1 would. */
/* NOLINTNEXTLINE(readability-function-size): librdkafka's own parameters */
static int judge_certificate(rd_kafka_t *client, const char *broker, int32_t broker_id, int *error, int depth,
                             const char *bytes, size_t length, char *why, size_t room, void *context) {
  (void)client, (void)broker, (void)broker_id, (void)depth, (void)bytes, (void)length, (void)context;
  if (*error == X509_V_OK) return 1;
  atomic_store(&refused, *error);
  snprintf(why, room, "%s", X509_verify_cert_error_string(*error));
  return 0;
}

const char *client_certificate_refused(void) {
  int error = atomic_load(&refused);
  return error == X509_V_OK ? NULL : X509_verify_cert_error_string(error);
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, char *why, size_t room) {
  char error[CLIENT_ERROR];
  if (rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK) return true;
  snprintf(why, room, "kafka property %s: %s", name, error);
  return false;
}

void client_set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char error[CLIENT_ERROR];
  bool good = rd_kafka_conf_set(conf, name, value, error, sizeof error) == RD_KAFKA_CONF_OK;
  if (!good) log_error("bug", error, log_text("property", name));
  assert(good);
}

static bool is_set(const struct settings *settings, const char *name) {
  for (int32_t i = 0; i < settings->kafka_count; i++)
    if (strcmp(settings->kafka[i].name, name) == 0) return true;
  return false;
}

void client_set_default(rd_kafka_conf_t *conf, const struct settings *settings, const char *name, const char *value) {
  if (!is_set(settings, name)) client_set(conf, name, value);
}

void client_set_default_number(rd_kafka_conf_t *conf, const struct settings *settings, const char *name,
                               int64_t value) {
  char number[24];
  snprintf(number, sizeof number, "%" PRId64, value);
  client_set_default(conf, settings, name, number);
}

void client_set_known(rd_kafka_conf_t *conf, const struct settings *settings, const char *name, const char *value) {
  char error[CLIENT_ERROR];
  if (is_set(settings, name)) return;
  rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, error, sizeof error);
  assert(result != RD_KAFKA_CONF_INVALID);
  (void)result;
}

static bool set_secret(rd_kafka_conf_t *conf, const char *name, const char *path, char *why, size_t room) {
  char secret[CLIENT_SECRET], error[CLIENT_ERROR];
  if (!*path) return true;
  if (!secret_read_line(path, secret, sizeof secret, why, room)) return false;
  bool good = rd_kafka_conf_set(conf, name, secret, error, sizeof error) == RD_KAFKA_CONF_OK;
  if (!good)
    snprintf(why, room, "librdkafka does not take %s from %.300s", name, path); /* its error may quote the secret */
  explicit_bzero(secret, sizeof secret);
  explicit_bzero(error, sizeof error);
  return good;
}

static bool suits(const char *name, rd_kafka_type_t type) {
  const struct kafka_property *property = kafka_property_find(name);
  assert(property); /* the settings were checked */
  return property->scope == KAFKA_BOTH || (property->scope == KAFKA_CONSUMER) == (type == RD_KAFKA_CONSUMER);
}

rd_kafka_conf_t *client_conf(const struct settings *settings, rd_kafka_type_t type, char *why, size_t room) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, client_log);
  rd_kafka_conf_set_ssl_cert_verify_cb(conf, judge_certificate);
  bool good =
      set(conf, "bootstrap.servers", settings->bootstrap, why, room) && set(conf, "client.id", "handover", why, room);
  client_set_known(conf, settings, "enable.metrics.push", "false"); /* brokers may ask for it; 2.5.0 ends the process */
  /* From 2.10 on a client that has lost every broker would begin anew twenty times a second, and say so each time (its issue 5546). Without that
   * it tries them less and less often, as before, and does not end, whatever its documentation says. */
  client_set_known(conf, settings, "metadata.recovery.strategy", "none");
  for (int32_t i = 0; good && i < settings->kafka_count; i++) {
    const struct settings_pair *pair = &settings->kafka[i];
    if (suits(pair->name, type)) good = set(conf, pair->name, pair->value, why, room);
  }
  good = good && set_secret(conf, "sasl.password", settings->sasl_password_file, why, room) &&
         set_secret(conf, "ssl.key.password", settings->ssl_key_password_file, why, room);
  if (good) return conf;
  rd_kafka_conf_destroy(conf);
  return NULL;
}

bool client_check(const struct settings *settings, char *why, size_t room) {
  static const rd_kafka_type_t types[] = {RD_KAFKA_CONSUMER, RD_KAFKA_PRODUCER};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    rd_kafka_conf_t *conf = client_conf(settings, types[i], why, room);
    if (!conf) return false;
    rd_kafka_conf_destroy(conf);
  }
  return true;
}

/* Another broker leads the partition, or will in a moment. */
static bool leader_moved(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR__TRANSPORT: return true;
    default: return false;
  }
}

/* Who leads it is asked for anew: librdkafka 2.0 goes on asking the old leader, for minutes, and so does every next call. */
static void forget_leader(rd_kafka_t *client, const char *topic, int wait_ms) {
  const struct rd_kafka_metadata *metadata;
  rd_kafka_topic_t *handle = rd_kafka_topic_new(client, topic, NULL);
  if (!handle) return;
  if (rd_kafka_metadata(client, 0, handle, &metadata, wait_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
    rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(handle);
}

/* Offsets of times, of which the begin and the end are two: rd_kafka_query_watermark_offsets does not end by itself (librdkafka
 * 2.0: it waits for the socket's time-out, again and again). */
static rd_kafka_resp_err_t try_offset(rd_kafka_t *client, const char *topic, int32_t partition, int64_t which,
                                      int wait_ms, int64_t *offset) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic, partition)->offset = which;
  rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(client, list, wait_ms);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
  *offset = list->elems[0].offset;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && *offset < 0) code = RD_KAFKA_RESP_ERR__NO_OFFSET;
  rd_kafka_topic_partition_list_destroy(list);
  return code;
}

rd_kafka_resp_err_t client_offset(rd_kafka_t *client, const char *topic, int32_t partition, int64_t which, int wait_ms,
                                  int64_t *offset) {
  const struct timespec pause = {0, AGAIN_MS * 1000000L};
  int64_t until_ns = clock_monotonic_ns() + wait_ms * INT64_C(1000000);
  for (;;) {
    rd_kafka_resp_err_t code = try_offset(client, topic, partition, which, wait_ms, offset);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__NO_OFFSET) return code;
    forget_leader(client, topic, wait_ms);
    if (!leader_moved(code) || clock_monotonic_ns() >= until_ns) return code;
    nanosleep(&pause, NULL);
  }
}

void client_rebalanced(rd_kafka_error_t *error, const char *call) {
  if (!error) return;
  log_warning("rebalance", rd_kafka_error_string(error), log_text("call", call));
  rd_kafka_error_destroy(error);
}

void client_destroy_member(rd_kafka_t *client, bool assigned) {
  static _Atomic(rd_kafka_t *) left; /* whoever looks for leaks finds it here */
  if (assigned || library_destroys_unassigned(rd_kafka_version())) {
    rd_kafka_destroy(client);
  } else {
    rd_kafka_set_log_level(client, 0);
    atomic_store(&left, client);
  }
}
