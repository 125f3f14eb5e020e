/* definition_publish.c: fence, read, judge, write. */
#include "definition_publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/catalog.h"
#include "../consumer/client.h"
#include "../consumer/clock.h"
#include "../consumer/definition_topic.h"
#include "../consumer/engine/memory.h"
#include "../consumer/published.h"

enum { CALL_MS = 1000, PATIENCE_MS = 20000, STEP_MS = 100, NAME = 400 };

static int64_t patience_ns(void) { return clock_monotonic_ns() + PATIENCE_MS * INT64_C(1000000); }

/* NULL is good; an error is freed. `what` the call was about: there may be no right to it. */
static bool is_good(rd_kafka_error_t *error, const char *call, const char *what, char *why, size_t room) {
  if (!error) return true;
  if (rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__FENCED) {
    snprintf(why, room, "somebody else publishes at the same time: look at what is there now, and try again");
  } else {
    snprintf(why, room, "%s: %.300s: %s", call, what, rd_kafka_error_string(error));
  }
  rd_kafka_error_destroy(error);
  return false;
}

static const char *transactional_id(const struct settings *settings, char name[NAME]) {
  snprintf(name, NAME, "handover-publish-%s", settings->definitions_topic);
  return name;
}

void definition_publish_configure(const struct settings *settings, rd_kafka_conf_t *conf) {
  char name[NAME];
  client_set(conf, "transactional.id", transactional_id(settings, name));
  client_set(conf, "transaction.timeout.ms", "30000");
  client_set(conf, "message.max.bytes", "2000000"); /* the topic decides, and takes no more than a megabyte … */
  client_set(conf, "compression.type", "gzip");     /* … which a definition, too, may have */
}

/* Whoever else is publishing cannot write any more after this. */
static bool fence(rd_kafka_t *producer, const struct settings *settings, char *why, size_t room) {
  int64_t until_ns = patience_ns();
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_init_transactions(producer, CALL_MS);
    bool again = error && rd_kafka_error_is_retriable(error) && clock_monotonic_ns() < until_ns;
    if (!again) return is_good(error, "init_transactions", transactional_id(settings, (char[NAME]){0}), why, room);
    rd_kafka_error_destroy(error);
    rd_kafka_poll(producer, STEP_MS);
  }
}

/* --- the judgement --- */

static void judge(const struct published *published, struct publication *item) {
  const struct definition *d = item->definition;
  switch (catalog_add(published->catalog, d, item->why, sizeof item->why)) {
    case CATALOG_ADDED: item->state = PUBLICATION_NEW; break;
    case CATALOG_SIGNED: item->state = PUBLICATION_SIGNED; break;
    case CATALOG_KNOWN: item->state = PUBLICATION_THERE; break;
    case CATALOG_OTHER:
    case CATALOG_MISFIT: item->state = PUBLICATION_REFUSED; break;
  }
  if (item->state != PUBLICATION_NEW || d->version > published->newest) return;
  item->state = PUBLICATION_REFUSED;
  snprintf(item->why, sizeof item->why,
           "version %" PRIu32 " has been published already: a lower one would never take over", published->newest);
}

/* --- writing --- */

static bool produce(rd_kafka_t *producer, const struct settings *settings, const struct publication *item, char *why,
                    size_t room) {
  char key[DEFINITION_KEY];
  definition_key(key, item->definition->name, item->definition->version);
  rd_kafka_resp_err_t code =
      rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(settings->definitions_topic), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE((void *)(uintptr_t)item->text, item->length),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_HEADER("content-type", "application/json", -1), RD_KAFKA_V_END);
  if (code) snprintf(why, room, "%.200s: %s", settings->definitions_topic, rd_kafka_err2str(code));
  return code == RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* A commit that timed out is resumed by the same call. */
static bool commit(rd_kafka_t *producer, const struct settings *settings, char *why, size_t room) {
  int64_t until_ns = patience_ns();
  for (;;) {
    rd_kafka_error_t *error = rd_kafka_commit_transaction(producer, CALL_MS);
    bool again = error && rd_kafka_error_is_retriable(error) && clock_monotonic_ns() < until_ns;
    bool abort = error && rd_kafka_error_txn_requires_abort(error);
    if (again) {
      rd_kafka_error_destroy(error);
      continue;
    }
    bool good = is_good(error, "commit_transaction", settings->definitions_topic, why, room);
    if (abort)
      (void)is_good(rd_kafka_abort_transaction(producer, PATIENCE_MS), "abort_transaction", "", (char[200]){0}, 200);
    return good;
  }
}

static bool is_to_be_written(const struct publication *item) {
  return item->state == PUBLICATION_NEW || item->state == PUBLICATION_SIGNED;
}

static bool write_all(rd_kafka_t *producer, const struct settings *settings, const struct publication *items,
                      int32_t count, char *why, size_t room) {
  bool good =
      is_good(rd_kafka_begin_transaction(producer), "begin_transaction", settings->definitions_topic, why, room);
  for (int32_t i = 0; i < count && good; i++)
    if (is_to_be_written(&items[i])) good = produce(producer, settings, &items[i], why, room);
  return good && commit(producer, settings, why, room);
}

enum publish_outcome definition_publish(const struct settings *settings, const struct trust *trust,
                                        rd_kafka_t *producer, struct publication *items, int32_t count, bool dry,
                                        char *why, size_t room) {
  struct published *published = memory_zeroed(1, sizeof *published);
  struct slice name = items[0].definition->name;
  snprintf(published->name, sizeof published->name, "%.*s", (int)name.length, name.at);
  published->catalog = catalog_create();
  bool good = fence(producer, settings, why, room) && published_read(published, settings, trust, why, room);
  bool refused = false, any = false;
  for (int32_t i = 0; i < count && good; i++) {
    judge(published, &items[i]);
    refused = refused || items[i].state == PUBLICATION_REFUSED;
    any = any || is_to_be_written(&items[i]);
  }
  if (good && any && !refused && !dry) good = write_all(producer, settings, items, count, why, room);
  catalog_destroy(published->catalog);
  published_fini(published);
  memory_free(published);
  return !good ? PUBLISH_FAILED : refused ? PUBLISH_REFUSED : PUBLISH_DONE;
}
