/* bench_latency.c: events at a fixed rate; from the call that produces one to the moment at which a reader of committed records has the
 * change that it caused. Then lone ones, to a daemon that has nothing else to do: they are no events, so that each of them, whatever
 * the definition, is answered by a dead letter, which goes the way of a change.
 *
 * A change's id names the record that caused it, topic/partition/offset/n (docs/engine.md), a dead letter's headers do, and the
 * producer is told where each of its records lies; so nothing has to stand in the events. One thread sends and reads by turns, a millisecond at most each. Events that
 * are late because this process was held up count from when they were sent. May use: librdkafka, bench_site.h, load_send.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_site.h"
#include "client.h"
#include "clock.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "load_send.h"
#include "message.h"

enum { ASK_MS = 10000, QUIET_MS = 2000, WAIT_MS = 1, LINGER_MS = 1, BURST = 64, ID = 400, LONE = 40, LONE_RATE = 4 };

struct arrival {
  int32_t partition;
  int64_t offset, at_ns;
};

struct place { /* of a record that was sent */
  int32_t partition;
  int64_t offset;
};

struct latency {
  struct bench_site *site;
  const char *row;      /* of the figures */
  uint64_t total, rate; /* events, and how many a second */
  bool lone;
  int64_t *sent_ns;     /* by number */
  struct place *places; /* by number; partition −1: not known */
  struct arrival *arrivals;
  size_t arrival_count, arrival_room;
  double *ms;
  size_t ms_count;
};

static void note_place(void *context, uint64_t tag, int32_t partition, int64_t offset) {
  ((struct latency *)context)->places[tag] = (struct place){partition, offset};
}

/* "topic/partition/offset/n"; changes that time caused have other ids, and names without a slash. */
static bool parse_id(const char *topic, const char *id, struct arrival *arrival) {
  size_t length = strlen(topic);
  char *end;
  if (strncmp(id, topic, length) != 0 || id[length] != '/') return false;
  arrival->partition = (int32_t)strtol(id + length + 1, &end, 10);
  if (*end != '/') return false;
  arrival->offset = strtoll(end + 1, &end, 10);
  return *end == '/';
}

/* "" where it is not there. */
static const char *header(const rd_kafka_message_t *message, const char *name, char text[ID]) {
  struct slice value = message_header(message, name);
  snprintf(text, ID, "%.*s", (int)value.length, value.at ? value.at : "");
  return text;
}

/* Which record caused it. */
static bool read_cause(struct latency *latency, const rd_kafka_message_t *message, struct arrival *arrival) {
  char text[ID];
  if (!latency->lone) return parse_id(latency->site->settings.inputs.at[0], header(message, "ce_id", text), arrival);
  if (!*header(message, "reason", text)) return false;
  arrival->partition = (int32_t)strtol(header(message, "partition", text), NULL, 10);
  arrival->offset = strtoll(header(message, "offset", text), NULL, 10);
  return true;
}

static void note_arrival(struct latency *latency, const rd_kafka_message_t *message) {
  struct arrival arrival = {.at_ns = clock_monotonic_ns()};
  if (!read_cause(latency, message, &arrival)) return;
  if (latency->arrival_count == latency->arrival_room) {
    latency->arrival_room = latency->arrival_room ? 2 * latency->arrival_room : 4096;
    latency->arrivals = memory_grown(latency->arrivals, latency->arrival_room * sizeof *latency->arrivals);
  }
  latency->arrivals[latency->arrival_count++] = arrival;
}

/* True: something came. */
static bool read_some(struct latency *latency, rd_kafka_t *reader, int wait_ms) {
  rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, wait_ms);
  bool some = message != NULL;
  for (; message; message = rd_kafka_consumer_poll(reader, 0)) {
    if (!message->err) note_arrival(latency, message);
    rd_kafka_message_destroy(message);
  }
  return some;
}

/* A reader that has yet to find the brokers would be late with the first changes. */
static bool await_ends(rd_kafka_t *reader, int32_t partitions) {
  int64_t begun_ns = clock_monotonic_ns();
  while (partitions > 0 && clock_monotonic_ns() - begun_ns < ASK_MS * INT64_C(1000000)) {
    rd_kafka_message_t *message = rd_kafka_consumer_poll(reader, WAIT_MS);
    partitions -= message && message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message) rd_kafka_message_destroy(message);
  }
  return partitions == 0;
}

/* From where the topic ends now; what is sent from here on is seen. */
static rd_kafka_t *open_reader(const struct latency *latency) {
  struct bench_site *site = latency->site;
  const char *topic = latency->lone ? site->settings.dead_letters : site->settings.stage_changes;
  rd_kafka_t *reader = site_reader(site, "read_committed");
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(site->partitions);
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int32_t i = 0; i < site->partitions && reader && !code; i++) {
    rd_kafka_topic_partition_t *place = rd_kafka_topic_partition_list_add(list, topic, i);
    code = client_offset(reader, place->topic, i, RD_KAFKA_OFFSET_END, ASK_MS, &place->offset);
  }
  if (reader && !code) code = rd_kafka_assign(reader, list);
  if (reader && !code && !await_ends(reader, site->partitions)) code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  rd_kafka_topic_partition_list_destroy(list);
  if (!code) return reader;
  snprintf(site->bench->why, BENCH_WHY, "%.200s: %s", topic, rd_kafka_err2str(code));
  rd_kafka_destroy(reader);
  return NULL;
}

static void make(const struct latency *latency, uint64_t at, struct load_event *event) {
  const struct load_order *load = &latency->site->bench->load;
  uint64_t number = load->events + at; /* behind those that warmed it up */
  load_make_of(load, number, load_lead(load, number), clock_wall_ms(), event);
  if (latency->lone) event->payload.length = 1;
}

/* Sends what is due by now, BURST of it at most. */
static bool send_due(struct latency *latency, struct load_sender *sender, int64_t start_ns, uint64_t *next) {
  struct load_event event = {0};
  bool good = true;
  for (int i = 0; i < BURST && good && *next < latency->total; i++, ++*next) {
    if (load_due_ns(start_ns, *next, latency->rate) > clock_monotonic_ns()) break;
    make(latency, *next, &event);
    latency->sent_ns[*next] = clock_monotonic_ns();
    good = load_send(sender, &event, *next);
  }
  load_event_fini(&event);
  load_sender_poll(sender);
  return good;
}

static bool stream(struct latency *latency, rd_kafka_t *reader) {
  struct bench_site *site = latency->site;
  struct bench *bench = site->bench;
  uint64_t next = 0;
  struct load_sender *sender = load_sender_open(&site->settings, site->settings.inputs.at[0], LINGER_MS, note_place,
                                                latency, bench->why, BENCH_WHY);
  if (!sender) return false;
  int64_t start_ns = clock_monotonic_ns();
  while (next < latency->total && !interrupt_seen()) {
    if (!send_due(latency, sender, start_ns, &next)) break;
    read_some(latency, reader, WAIT_MS);
  }
  if (!load_sender_close(sender, bench->why, BENCH_WHY)) return false;
  site->goal += next;
  int64_t heard_ns = clock_monotonic_ns();
  while (clock_monotonic_ns() - heard_ns < QUIET_MS * INT64_C(1000000)) {
    if (read_some(latency, reader, WAIT_MS)) heard_ns = clock_monotonic_ns();
  }
  return true;
}

/* Figures */

static int by_place(const void *a, const void *b) {
  const struct arrival *x = a, *y = b;
  if (x->partition != y->partition) return x->partition < y->partition ? -1 : 1;
  return (x->offset > y->offset) - (x->offset < y->offset);
}

/* An event may have caused several changes; each counts. */
static void match(struct latency *latency) {
  if (latency->arrival_count > 0) qsort(latency->arrivals, latency->arrival_count, sizeof *latency->arrivals, by_place);
  latency->ms = memory_grown(NULL, (latency->arrival_count + 1) * sizeof *latency->ms);
  for (uint64_t i = 0; i < latency->total; i++) {
    const struct arrival wanted = {latency->places[i].partition, latency->places[i].offset, 0};
    size_t low = 0, high = latency->arrival_count;
    while (low < high) {
      size_t middle = low + (high - low) / 2;
      if (by_place(&latency->arrivals[middle], &wanted) < 0) low = middle + 1;
      else high = middle;
    }
    for (; low < latency->arrival_count && by_place(&latency->arrivals[low], &wanted) == 0; low++)
      latency->ms[latency->ms_count++] = (double)(latency->arrivals[low].at_ns - latency->sent_ns[i]) / 1e6;
  }
  bench_sort(latency->ms, latency->ms_count);
}

static bool note_figures(struct bench *bench, struct latency *latency) {
  match(latency);
  if (latency->ms_count == 0) {
    snprintf(bench->why, BENCH_WHY, "no event led to a change: more --seconds, another definition or other --leads?");
    return false;
  }
  bench_note(bench, latency->row, "changes", (double)latency->ms_count);
  bench_note(bench, latency->row, "p50_ms", bench_rank(latency->ms, latency->ms_count, 500));
  bench_note(bench, latency->row, "p99_ms", bench_rank(latency->ms, latency->ms_count, 990));
  bench_note(bench, latency->row, "p99.9_ms", bench_rank(latency->ms, latency->ms_count, 999));
  bench_note(bench, latency->row, "max_ms", bench_rank(latency->ms, latency->ms_count, 1000));
  return true;
}

/* What it takes, and where changes arrive; `use`: of the daemon, once all is committed. */
static bool measure(struct latency *latency, struct child_use *use) {
  struct bench_site *site = latency->site;
  latency->sent_ns = memory_zeroed((size_t)latency->total, sizeof *latency->sent_ns);
  latency->places = memory_grown(NULL, (size_t)latency->total * sizeof *latency->places);
  for (uint64_t i = 0; i < latency->total; i++) latency->places[i] = (struct place){-1, -1};
  rd_kafka_t *reader = open_reader(latency);
  bool good = reader && stream(latency, reader) && site_await(site, use, NULL) && note_figures(site->bench, latency);
  if (reader) rd_kafka_destroy(reader);
  memory_free(latency->sent_ns);
  memory_free(latency->places);
  memory_free(latency->arrivals);
  memory_free(latency->ms);
  return good;
}

bool bench_latency_round(struct bench *bench, struct bench_site *site) {
  struct latency many = {.site = site, .row = "latency", .total = bench->rate * bench->seconds, .rate = bench->rate};
  struct latency lone = {.site = site, .row = "lone", .total = LONE, .rate = LONE_RATE, .lone = true};
  struct child_use before, after, unused;
  if (!site_start(site) || !site_await(site, &before, NULL) || !measure(&many, &after)) return false;
  struct child_use use = {after.cpu_s - before.cpu_s, after.wall_s - before.wall_s, after.rss_mb};
  bench_note_use(bench, "run", many.total, &use);
  return measure(&lone, &unused) && site_stop(site);
}
