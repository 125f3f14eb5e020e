/* demo_run.c: may use: daemon, demo_cluster, config. */
#define _GNU_SOURCE /* strverscmp */
#include "demo_run.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../config/definition.h"
#include "../config/sample.h"
#include "../config/settings.h"
#include "clock.h"
#include "daemon.h"
#include "demo_cluster.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "message.h"
#include "scratch.h"

enum { STATUS_OK = 0, STATUS_OUTSIDE = 3, WHY = 700, PATH = 512, LOOK_US = 20000, WAIT_MS = 60000 };

struct demo {
  const struct demo_events *events;
  struct demo_result *result;
  struct scratch folder;
  struct demo_cluster *cluster;
  struct settings settings;
  struct definition *definition;
  uint64_t shown; /* how many records the terminal says, plus one */
  char why[WHY];
};

/* What comes out */

static bool is_full(size_t count, size_t *room) {
  if (count < *room) return false;
  *room = *room ? *room * 2 : 64;
  return true;
}

static char *copy(const void *bytes, size_t length) {
  char *memory = memory_grown(NULL, length + 1);
  if (length > 0) memcpy(memory, bytes, length);
  memory[length] = 0;
  return memory;
}

static void take_published(void *context, const rd_kafka_message_t *message) {
  struct demo_result *result = ((struct demo *)context)->result;
  if (is_full(result->published_count, &result->published_room))
    result->published = memory_grown(result->published, result->published_room * sizeof *result->published);
  struct demo_published *published = &result->published[result->published_count++];
  published->bytes = copy(message->payload, message->len);
  published->length = message->len;
  published->event = cJSON_ParseWithLength(published->bytes, published->length);
  assert(published->event && "what is published is JSON");
}

static int64_t header_number(const rd_kafka_message_t *message, const char *name) {
  char text[24];
  struct slice value = message_header(message, name);
  snprintf(text, sizeof text, "%.*s", (int)value.length, value.length ? value.at : "");
  return strtoll(text, NULL, 10);
}

/* The time of the record itself: that of the letter is another where the clock of this machine is behind. */
static int64_t timestamp_of(const struct demo_events *events, int32_t partition, int64_t offset) {
  for (int32_t i = 0; i < events->count; i++) {
    if (demo_partition(events->at[i].key) == partition && offset-- == 0) return events->at[i].timestamp_ms;
  }
  return -1;
}

static void take_letter(void *context, const rd_kafka_message_t *message) {
  struct demo *demo = context;
  struct demo_result *result = demo->result;
  if (is_full(result->letter_count, &result->letter_room))
    result->letters = memory_grown(result->letters, result->letter_room * sizeof *result->letters);
  struct demo_letter *letter = &result->letters[result->letter_count++];
  struct slice reason = message_header(message, "reason"), detail = message_header(message, "detail"),
               topic = message_header(message, "topic");
  *letter = (struct demo_letter){
      .story = {.partition = (int32_t)header_number(message, "partition"), .offset = header_number(message, "offset")}};
  letter->story.timestamp_ms = timestamp_of(demo->events, letter->story.partition, letter->story.offset);
  struct buffer bytes = {0};
  buffer_append(&bytes, reason.at, reason.length);
  buffer_append(&bytes, detail.at, detail.length);
  buffer_append(&bytes, topic.at, topic.length);
  letter->bytes = bytes.at;
  letter->story.reason = (struct slice){bytes.at, reason.length};
  letter->story.detail = (struct slice){bytes.at + reason.length, detail.length};
  letter->story.topic = (struct slice){bytes.at + reason.length + detail.length, topic.length};
}

static int by_time(const void *a, const void *b) {
  const cJSON *x = ((const struct demo_published *)a)->event, *y = ((const struct demo_published *)b)->event;
  int order = slice_compare(story_text(x, "time"), story_text(y, "time"));
  return order ? order : strverscmp(story_text(x, "id").at, story_text(y, "id").at);
}

static int by_timestamp(const void *a, const void *b) {
  const struct story_dead_letter *x = &((const struct demo_letter *)a)->story;
  const struct story_dead_letter *y = &((const struct demo_letter *)b)->story;
  if (x->timestamp_ms != y->timestamp_ms) return x->timestamp_ms < y->timestamp_ms ? -1 : 1;
  if (x->partition != y->partition) return x->partition < y->partition ? -1 : 1;
  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void demo_result_fini(struct demo_result *result) {
  for (size_t i = 0; i < result->published_count; i++) {
    memory_free(result->published[i].bytes);
    cJSON_Delete(result->published[i].event);
  }
  for (size_t i = 0; i < result->letter_count; i++) memory_free(result->letters[i].bytes);
  memory_free(result->published);
  memory_free(result->letters);
  *result = (struct demo_result){0};
}

static bool collect(struct demo *demo) {
  struct demo_result *result = demo->result;
  if (!demo_cluster_read(demo->cluster, demo->settings.stage_changes, take_published, demo, demo->why, WHY) ||
      !demo_cluster_read(demo->cluster, demo->settings.dead_letters, take_letter, demo, demo->why, WHY))
    return false;
  if (result->published_count > 0)
    qsort(result->published, result->published_count, sizeof *result->published, by_time);
  if (result->letter_count > 0) qsort(result->letters, result->letter_count, sizeof *result->letters, by_timestamp);
  return true;
}

/* What it takes */

/* The defaults of `run`, but for what is different about a demo. */
static bool read_settings(struct demo *demo) {
  char bootstrap[PATH + 16], folder[PATH + 16];
  struct problems problems = {0};
  snprintf(bootstrap, sizeof bootstrap, "bootstrap=%s", demo_cluster_bootstrap(demo->cluster));
  snprintf(folder, sizeof folder, "state_dir=%s", demo->folder.folder);
  const struct settings_override overrides[] = {
      {bootstrap, false}, {folder, false}, {"http=", false}, {"draft=true", false}, {"instance=demo", false}};
  bool good = settings_parse(&demo->settings, NULL, 0, overrides, sizeof overrides / sizeof *overrides, &problems);
  if (!good) snprintf(demo->why, WHY, "settings: %.600s", problems.at[0].message);
  problems_fini(&problems);
  return good;
}

static bool read_definition(struct demo *demo) {
  struct problems problems = {0};
  demo->definition = definition_parse(sample_definition, sample_definition_length, &problems);
  if (!demo->definition)
    snprintf(demo->why, WHY, "sample.json:%d: %.600s", problems.at[0].line, problems.at[0].message);
  problems_fini(&problems);
  return demo->definition != NULL;
}

static bool prepare(struct demo *demo) {
  if (!scratch_make(&demo->folder, "handover-demo", demo->why, WHY)) return false;
  demo->cluster = demo_cluster_start(demo->why, WHY);
  return demo->cluster && read_settings(demo) && read_definition(demo) &&
         demo_cluster_make_topics(demo->cluster, &demo->settings, demo->why, WHY) &&
         demo_cluster_write(demo->cluster, demo->settings.inputs.at[0], demo->events, demo->why, WHY);
}

/* The daemon */

static void show(struct demo *demo, uint64_t done, uint64_t all) {
  if (!isatty(STDERR_FILENO) || demo->shown == done + 1) return;
  demo->shown = done + 1;
  fputs("\r\033[K", stderr);
  if (done == 0) fprintf(stderr, "%" PRIu64 " records are in the broker; the daemon joins its group …", all);
  if (done > 0) fprintf(stderr, "%" PRIu64 " of %" PRIu64 " records decided", done, all);
}

static void show_nothing(void) {
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
}

/* Until everything is committed; false with `why`. */
static bool wait_for(struct demo *demo, const struct daemon *daemon) {
  int64_t end_ns = clock_monotonic_ns() + WAIT_MS * INT64_C(1000000);
  uint64_t all = (uint64_t)demo->events->count, done;
  *demo->why = 0;
  while ((done = daemon_records(daemon)) < all && !*demo->why) {
    show(demo, done, all);
    if (daemon_failed(daemon)) {
      snprintf(demo->why, WHY, "the daemon ended after %" PRIu64 " of %" PRIu64 " records", done, all);
    } else if (interrupt_seen()) {
      snprintf(demo->why, WHY, "interrupted");
    } else if (clock_monotonic_ns() > end_ns) {
      snprintf(demo->why, WHY, "%" PRIu64 " of %" PRIu64 " records after a minute: giving up", done, all);
    } else {
      usleep(LOOK_US);
    }
  }
  show_nothing();
  return done >= all;
}

static bool decide(struct demo *demo) {
  struct catalog *catalog = catalog_create();
  const struct daemon_order order = {.settings = &demo->settings, .catalog = catalog};
  bool good = catalog_add(catalog, demo->definition, demo->why, WHY) == CATALOG_ADDED;
  struct daemon *daemon = good ? daemon_start(&order, demo->why, WHY) : NULL;
  good = daemon && wait_for(demo, daemon);
  int status = daemon ? daemon_stop(daemon) : STATUS_OUTSIDE;
  catalog_destroy(catalog);
  if (!daemon) return false;
  if (good && status != STATUS_OK) snprintf(demo->why, WHY, "the daemon ended with status %d", status);
  return good && status == STATUS_OK;
}

/* A demo that did not come to its end leaves the embedded broker to the process': a member that was cut off while it joined may still hold
 * connections to it (membership.c), and librdkafka then waits for ever, if seldom, to take it down. */
int demo_run(const struct demo_events *events, struct demo_result *result) {
  struct demo demo = {.events = events, .result = result};
  *result = (struct demo_result){0};
  bool good = prepare(&demo) && decide(&demo) && collect(&demo);
  if (!good) fprintf(stderr, "handover demo: %s\n", demo.why);
  if (demo.definition) definition_destroy(demo.definition);
  settings_fini(&demo.settings);
  if (good) demo_cluster_stop(demo.cluster);
  scratch_remove(&demo.folder);
  return good ? STATUS_OK : STATUS_OUTSIDE;
}
