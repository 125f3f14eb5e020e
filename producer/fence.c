/* fence.c: a thread a time: opens a producer, lets it begin, closes it. */
#include "fence.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/client.h"
#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/log.h"

enum { INIT_MS = 3000, AGAIN_MS = 2000, WHY = 600 };

struct fence {
  const struct settings *settings;
  pthread_t thread;
  bool started;             /* and not joined yet */
  atomic_bool busy;         /* the thread has what follows */
  char name[PRODUCER_NAME]; /* of the last one */
  int64_t ended_ns;
};

void producer_name(char name[PRODUCER_NAME], const struct settings *settings, int32_t worker) {
  snprintf(name, PRODUCER_NAME, "handover-%s-%s-%" PRId32, settings->group, settings->instance, worker);
}

struct fence *fence_create(const struct settings *settings) {
  struct fence *fence = memory_zeroed(1, sizeof *fence);
  fence->settings = settings;
  return fence;
}

static void join(struct fence *fence) {
  if (fence->started) pthread_join(fence->thread, NULL);
  fence->started = false;
}

void fence_destroy(struct fence *fence) {
  if (!fence) return;
  join(fence);
  memory_free(fence);
}

static rd_kafka_t *open_namesake(const struct fence *fence, char *why, size_t room) {
  rd_kafka_conf_t *conf = client_conf(fence->settings, RD_KAFKA_PRODUCER, why, room);
  if (!conf) return NULL;
  client_set(conf, "transactional.id", fence->name);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, room);
  if (!producer) rd_kafka_conf_destroy(conf);
  return producer;
}

static void shut_out(const struct fence *fence) {
  char why[WHY] = "";
  int64_t began_ns = clock_monotonic_ns();
  rd_kafka_t *producer = open_namesake(fence, why, sizeof why);
  rd_kafka_error_t *error = producer ? rd_kafka_init_transactions(producer, INIT_MS) : NULL;
  if (error) snprintf(why, sizeof why, "%s", rd_kafka_error_string(error));
  if (why[0]) log_warning("producer not shut out", why, log_text("producer", fence->name));
  else
    log_warning("producer shut out", "another instance had left a transaction open", log_text("producer", fence->name),
                log_number("ms", (clock_monotonic_ns() - began_ns) / 1000000));
  if (error) rd_kafka_error_destroy(error);
  if (producer) rd_kafka_destroy(producer);
}

static void *run(void *context) {
  struct fence *fence = context;
  shut_out(fence);
  fence->ended_ns = clock_monotonic_ns();
  atomic_store(&fence->busy, false);
  return NULL;
}

/* Of another instance of this group. */
static bool is_foreign(const struct fence *fence, struct slice name) {
  char own[PRODUCER_NAME];
  int length = snprintf(own, sizeof own, "handover-%s-", fence->settings->group);
  if (name.length <= (size_t)length || name.length >= sizeof own || memcmp(name.at, own, (size_t)length) != 0)
    return false;
  for (int32_t worker = 0; worker < fence->settings->threads; worker++) {
    producer_name(own, fence->settings, worker);
    if (slice_equal(name, slice_of(own))) return false;
  }
  return true;
}

static bool was_just_done(const struct fence *fence, struct slice name) {
  return fence->ended_ns && slice_equal(name, slice_of(fence->name)) &&
         clock_monotonic_ns() - fence->ended_ns < AGAIN_MS * INT64_C(1000000);
}

void fence_out(struct fence *fence, struct slice name) {
  if (atomic_load(&fence->busy)) return;
  if (!is_foreign(fence, name) || was_just_done(fence, name)) return;
  join(fence);
  memcpy(fence->name, name.at, name.length);
  fence->name[name.length] = '\0';
  atomic_store(&fence->busy, true);
  fence->started = pthread_create(&fence->thread, NULL, run, fence) == 0;
  if (!fence->started) atomic_store(&fence->busy, false);
}
