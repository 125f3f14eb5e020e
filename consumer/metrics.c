/* metrics.c: the slots. A slot has one writer; numbers are relaxed atomics that only it stores (no locked instruction). Series
 * (transitions, stages) are appended and published by a release store of their count, never removed. Partitions come and go
 * under the slot's mutex, on assignment only; who has the pointer writes through it without the mutex.
 * May use: libc, pthread, decode.h (names of rejects), librdkafka's version. */
#include "metrics.h"

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "engine/memory.h"
#include "metrics_slot.h"

const int64_t metrics_bucket_us[METRICS_BUCKETS] = {5000,   10000,   25000,   50000,   100000,  250000,
                                                    500000, 1000000, 2500000, 5000000, 10000000};

struct metrics *metrics_create(int32_t slots) {
  assert(slots >= 1 && slots <= 64);
  struct metrics *metrics = memory_zeroed(1, sizeof *metrics);
  metrics->slots = memory_lines((size_t)slots * sizeof *metrics->slots);
  metrics->slot_count = slots;
  pthread_mutex_init(&metrics->mutex, NULL);
  for (int32_t i = 0; i < slots; i++) pthread_mutex_init(&metrics->slots[i].mutex, NULL);
  return metrics;
}

static void series_fini(struct metrics_transition *series, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    free(series[i].from);
    free(series[i].to);
  }
}

static void slot_fini(struct metrics_slot *slot) {
  series_fini(slot->transitions, atomic_load(&slot->transition_count));
  series_fini(slot->breaches, atomic_load(&slot->breach_count));
  for (uint32_t i = 0; i < atomic_load(&slot->stage_count); i++) free(slot->stages[i].name);
  for (int32_t i = 0; i < slot->partition_count; i++) {
    free(slot->partitions[i]->topic);
    free(slot->partitions[i]);
  }
  free(slot->partitions);
  pthread_mutex_destroy(&slot->mutex);
}

void metrics_destroy(struct metrics *metrics) {
  if (!metrics) return;
  for (int32_t i = 0; i < metrics->slot_count; i++) slot_fini(&metrics->slots[i]);
  for (int32_t i = 0; i < metrics->definition_count; i++) {
    free(metrics->definitions[i].name);
    free(metrics->definitions[i].digest);
  }
  pthread_mutex_destroy(&metrics->mutex);
  free(metrics->slots);
  free(metrics);
}

static struct metrics_slot *slot_at(struct metrics *metrics, int32_t slot) {
  assert(slot >= 0 && slot < metrics->slot_count);
  return &metrics->slots[slot];
}

static void raise(_Atomic uint64_t *number, uint64_t by) {
  atomic_store_explicit(number, atomic_load_explicit(number, memory_order_relaxed) + by, memory_order_relaxed);
}

void metrics_add(struct metrics *metrics, int32_t slot, enum metric metric, uint64_t count) {
  assert(metric < METRIC_COUNT);
  raise(&slot_at(metrics, slot)->numbers[metric], count);
}

void metrics_set(struct metrics *metrics, int32_t slot, enum metric metric, uint64_t value) {
  assert(metric < METRIC_COUNT);
  atomic_store_explicit(&slot_at(metrics, slot)->numbers[metric], value, memory_order_relaxed);
}

void metrics_reject(struct metrics *metrics, int32_t slot, int32_t reject, uint64_t count) {
  assert(reject > REJECT_NONE && reject < REJECT_COUNT);
  raise(&slot_at(metrics, slot)->rejects[reject], count);
}

static char *copy_of(struct slice text) {
  char *copy = malloc((size_t)text.length + 1);
  assert(copy); /* memory that runs out ends the process, as in the engine */
  if (text.length) memcpy(copy, text.at, text.length);
  copy[text.length] = 0;
  return copy;
}

static bool same(const char *name, struct slice text) {
  return strlen(name) == text.length && memcmp(name, text.at, text.length) == 0;
}

/* One of `room` series, found or appended; the last place is kept for "other". */
static struct metrics_transition *series_at(struct metrics_transition *series, _Atomic uint32_t *series_count,
                                            uint32_t room, struct slice from, struct slice to, const char *kind) {
  uint32_t count = atomic_load_explicit(series_count, memory_order_relaxed);
  for (uint32_t i = 0; i < count; i++) {
    struct metrics_transition *at = &series[i];
    if (strcmp(at->kind, kind) == 0 && same(at->from, from) && same(at->to, to)) return at;
  }
  if (count == room) return &series[room - 1];
  struct metrics_transition *at = &series[count];
  bool last = count == room - 1;
  at->from = copy_of(last ? SLICE("other") : from);
  at->to = copy_of(last ? SLICE("other") : to);
  memcpy(at->kind, last ? "other" : kind, last ? sizeof "other" : strlen(kind) + 1);
  atomic_store_explicit(series_count, count + 1, memory_order_release);
  return at;
}

void metrics_transition(struct metrics *metrics, int32_t slot, struct slice from, struct slice to, const char *kind) {
  assert(strlen(kind) < METRICS_KIND);
  struct metrics_slot *s = slot_at(metrics, slot);
  raise(&series_at(s->transitions, &s->transition_count, METRICS_SERIES, from, to, kind)->count, 1);
}

void metrics_breach(struct metrics *metrics, int32_t slot, struct slice stage, struct slice sla, uint64_t count) {
  struct metrics_slot *s = slot_at(metrics, slot);
  raise(&series_at(s->breaches, &s->breach_count, METRICS_BREACHES, stage, sla, "")->count, count);
}

void metrics_stage(struct metrics *metrics, int32_t slot, struct slice stage, uint64_t leads) {
  struct metrics_slot *at = slot_at(metrics, slot);
  uint32_t count = atomic_load_explicit(&at->stage_count, memory_order_relaxed), i = 0;
  while (i < count && !same(at->stages[i].name, stage)) i++;
  if (i == METRICS_STAGES) return;
  if (i == count) {
    at->stages[i].name = copy_of(stage);
    atomic_store_explicit(&at->stage_count, count + 1, memory_order_release);
  }
  atomic_store_explicit(&at->stages[i].leads, leads, memory_order_relaxed);
}

void metrics_transaction(struct metrics *metrics, int32_t slot, enum metric_result result, int64_t duration_ns) {
  assert(result < RESULT_COUNT && duration_ns >= 0);
  struct metrics_slot *at = slot_at(metrics, slot);
  int bucket = 0;
  while (bucket < METRICS_BUCKETS && duration_ns > metrics_bucket_us[bucket] * 1000) bucket++;
  raise(&at->results[result], 1);
  raise(&at->durations[bucket], 1);
  raise(&at->duration_ns, (uint64_t)duration_ns);
}

/* With the mutex: the partition's place, or the count. */
static int32_t partition_find(const struct metrics_slot *slot, const char *topic, int32_t partition) {
  int32_t i = 0;
  while (i < slot->partition_count &&
         (slot->partitions[i]->partition != partition || strcmp(slot->partitions[i]->topic, topic) != 0)) {
    i++;
  }
  return i;
}

static struct metrics_place *place_create(const char *topic, int32_t partition) {
  struct metrics_place *place = calloc(1, sizeof *place);
  assert(place);
  place->topic = copy_of(slice_of(topic));
  place->partition = partition;
  place->numbers = (struct metrics_partition){-1, -1, -1, -1};
  return place;
}

/* Two slots may have a partition for a moment (it was lost, not revoked); a series may be written once only. */
static void hide_elsewhere(struct metrics *metrics, int32_t slot, const char *topic, int32_t partition) {
  for (int32_t i = 0; i < metrics->slot_count; i++) {
    struct metrics_slot *other = &metrics->slots[i];
    pthread_mutex_lock(&other->mutex);
    int32_t found = partition_find(other, topic, partition);
    if (found < other->partition_count) other->partitions[found]->hidden = i != slot;
    pthread_mutex_unlock(&other->mutex);
  }
}

struct metrics_partition *metrics_partition_open(struct metrics *metrics, int32_t slot, const char *topic,
                                                 int32_t partition) {
  struct metrics_slot *at = slot_at(metrics, slot);
  struct metrics_place *place = NULL;
  pthread_mutex_lock(&at->mutex);
  int32_t i = partition_find(at, topic, partition);
  if (i < at->partition_count) {
    place = at->partitions[i];
  } else if (i < METRICS_PARTITIONS) {
    if ((i & (i - 1)) == 0) { /* full at a power of two: double */
      struct metrics_place **grown = realloc(at->partitions, (size_t)(i ? 2 * i : 1) * sizeof *grown);
      assert(grown);
      at->partitions = grown;
    }
    place = at->partitions[at->partition_count++] = place_create(topic, partition);
  }
  pthread_mutex_unlock(&at->mutex);
  if (place) hide_elsewhere(metrics, slot, topic, partition);
  return place ? &place->numbers : NULL;
}

void metrics_partition_close(struct metrics *metrics, int32_t slot, const char *topic, int32_t partition) {
  struct metrics_slot *at = slot_at(metrics, slot);
  pthread_mutex_lock(&at->mutex);
  int32_t i = partition_find(at, topic, partition);
  if (i < at->partition_count) {
    free(at->partitions[i]->topic);
    free(at->partitions[i]);
    at->partitions[i] = at->partitions[--at->partition_count];
  }
  pthread_mutex_unlock(&at->mutex);
}

void metrics_log_end(struct metrics *metrics, const char *topic, int32_t partition, int64_t offset) {
  for (int32_t i = 0; i < metrics->slot_count; i++) {
    struct metrics_slot *slot = &metrics->slots[i];
    pthread_mutex_lock(&slot->mutex);
    int32_t found = partition_find(slot, topic, partition);
    if (found < slot->partition_count) atomic_store(&slot->partitions[found]->numbers.log_end, offset);
    pthread_mutex_unlock(&slot->mutex);
  }
}

void metrics_definition(struct metrics *metrics, const char *name, int64_t version, const char *digest, bool agreed) {
  pthread_mutex_lock(&metrics->mutex);
  int32_t i = 0;
  while (i < metrics->definition_count &&
         (metrics->definitions[i].version != version || strcmp(metrics->definitions[i].name, name) != 0 ||
          strcmp(metrics->definitions[i].digest, digest) != 0)) {
    i++;
  }
  if (i == metrics->definition_count && i < METRICS_DEFINITIONS) {
    metrics->definitions[metrics->definition_count++] =
        (struct metrics_definition){copy_of(slice_of(name)), copy_of(slice_of(digest)), version, agreed};
  } else if (i < metrics->definition_count) {
    metrics->definitions[i].agreed = agreed;
  }
  pthread_mutex_unlock(&metrics->mutex);
}

uint64_t metrics_sum(const struct metrics *metrics, enum metric metric) {
  uint64_t sum = 0;
  for (int32_t i = 0; i < metrics->slot_count; i++)
    sum += atomic_load_explicit(&metrics->slots[i].numbers[metric], memory_order_relaxed);
  return sum;
}

static int64_t restore_remaining(const struct metrics_partition *numbers) {
  return atomic_load(&numbers->restore_remaining);
}

static int64_t sum_partitions(struct metrics *metrics, int64_t (*number)(const struct metrics_partition *numbers)) {
  int64_t sum = 0;
  for (int32_t i = 0; i < metrics->slot_count; i++) {
    struct metrics_slot *slot = &metrics->slots[i];
    pthread_mutex_lock(&slot->mutex);
    for (int32_t j = 0; j < slot->partition_count; j++) {
      const int64_t one = slot->partitions[j]->hidden ? 0 : number(&slot->partitions[j]->numbers);
      if (one > 0) sum += one;
    }
    pthread_mutex_unlock(&slot->mutex);
  }
  return sum;
}

int64_t metrics_lag(struct metrics *metrics) { return sum_partitions(metrics, metrics_partition_lag); }

int64_t metrics_restore_remaining(struct metrics *metrics) { return sum_partitions(metrics, restore_remaining); }
