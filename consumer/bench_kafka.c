/* bench_kafka.c: what is measured over a broker: the raw consumer, `run`, a restart, `audit`. May use: librdkafka, bench_site.h. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "bench_site.h"
#include "clock.h"
#include "interrupt.h"

enum { BATCH = 1000, WAIT_MS = 100, SILENT_MS = 60000 };

/* The raw consumer: counts, in this process */

struct counting {
  uint64_t records;
  int32_t ended; /* partitions */
  const char *failed;
};

static void count_messages(struct counting *counting, rd_kafka_message_t **messages, ssize_t count) {
  for (ssize_t i = 0; i < count; i++) {
    rd_kafka_resp_err_t code = messages[i]->err;
    counting->records += !code;
    counting->ended += code == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (code && code != RD_KAFKA_RESP_ERR__PARTITION_EOF && code != RD_KAFKA_RESP_ERR__TRANSPORT)
      counting->failed = rd_kafka_err2str(code);
    rd_kafka_message_destroy(messages[i]);
  }
}

static bool count_all(struct bench_site *site, rd_kafka_t *reader, struct counting *counting) {
  static rd_kafka_message_t *messages[BATCH];
  const char *topic = site->settings.inputs.at[0];
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(site->partitions);
  int64_t heard_ns = clock_monotonic_ns();
  for (int32_t i = 0; i < site->partitions; i++)
    rd_kafka_topic_partition_list_add(list, topic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(reader, list);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(reader);
  while (counting->ended < site->partitions && !counting->failed) {
    ssize_t count = rd_kafka_consume_batch_queue(queue, WAIT_MS, messages, BATCH);
    count_messages(counting, messages, count);
    if (count > 0) heard_ns = clock_monotonic_ns();
    if (clock_monotonic_ns() - heard_ns > SILENT_MS * INT64_C(1000000)) counting->failed = "nothing came for a minute";
    if (interrupt_seen()) counting->failed = "interrupted";
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_partition_list_destroy(list);
  if (counting->failed) snprintf(site->bench->why, BENCH_WHY, "%.200s: %s", topic, counting->failed);
  return !counting->failed;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

/* All threads of this process, while nothing else is done. */
static struct child_use use_since(const struct rusage *before, int64_t start_ns) {
  struct rusage now;
  getrusage(RUSAGE_SELF, &now);
  return (struct child_use){
      .cpu_s = seconds(now.ru_utime) - seconds(before->ru_utime) + seconds(now.ru_stime) - seconds(before->ru_stime),
      .wall_s = (double)(clock_monotonic_ns() - start_ns) / 1e9,
      .rss_mb = (double)now.ru_maxrss / 1024};
}

static bool consume_here(struct bench *bench, struct bench_site *site) {
  struct counting counting = {0};
  struct rusage before;
  getrusage(RUSAGE_SELF, &before);
  int64_t start_ns = clock_monotonic_ns();
  rd_kafka_t *reader = site_reader(site, "read_committed");
  bool good = reader && count_all(site, reader, &counting);
  struct child_use use = use_since(&before, start_ns);
  if (good) {
    bench_note(bench, "consume", "records", (double)counting.records);
    bench_note_use(bench, "consume", counting.records ? counting.records : 1, &use);
  }
  if (reader) rd_kafka_destroy(reader);
  return good;
}

static bool note_floor(struct bench *bench, struct bench_site *site, struct child_use *use) {
  if (!site_floor(site, use)) return false;
  bench_note_use(bench, "consume", site->total, use);
  return true;
}

/* Of a topic that is there it is counted here; one that was made is, by a process that is given its name. */
bool bench_consume_round(struct bench *bench, struct bench_site *site) {
  struct child_use use;
  return bench->topic ? consume_here(bench, site) : note_floor(bench, site, &use);
}

/* run */

static bool drain(struct bench *bench, struct bench_site *site, struct child_use *use) {
  struct site_part early = {0};
  if (!site_start(site) || !site_await(site, site->total, use, &early)) return false;
  bench_note_use(bench, "run", site->total, use);
  if (early.count < site->total)
    bench_note(bench, "run", "steady_cpu_s_per_million",
               (use->cpu_s - early.use.cpu_s) / (double)(site->total - early.count) * 1e6);
  return true;
}

bool bench_run_round(struct bench *bench, struct bench_site *site) {
  struct child_use floor, use;
  if (!note_floor(bench, site, &floor) || !drain(bench, site, &use) || !site_stop(site)) return false;
  bench_note(bench, "run", "times_consume", use.cpu_s / floor.cpu_s);
  bench_note(bench, "run", "net_cpu_s_per_million", (use.cpu_s - floor.cpu_s) / (double)site->total * 1e6);
  return true;
}

/* restore */

static bool restart(struct bench *bench, struct bench_site *site, const char *row) {
  struct child_use use;
  if (!site_start(site) || !site_await_restored(site, &use)) return false;
  bench_note(bench, row, "ready_s", use.wall_s);
  bench_note_use(bench, row, site->total, &use);
  return site_stop(site);
}

bool bench_restore_round(struct bench *bench, struct bench_site *site) {
  struct child_use use;
  char other[SITE_NAME];
  if (!drain(bench, site, &use) || !site_stop(site) || !restart(bench, site, "from the state directory")) return false;
  scratch_wipe(site->state_dir);
  if (!restart(bench, site, "from handover-state")) return false;
  scratch_wipe(site->state_dir);
  snprintf(other, sizeof other, "%.300s-none", site->settings.state);
  site_set(site, "state", other);
  settings_fini(&site->settings);
  return options_load(&site->options, "bench", &site->settings) && site_make_topics(site) &&
         restart(bench, site, "from the log alone");
}

/* audit */

static bool note_audit(struct bench *bench, struct bench_site *site, const struct child_use *floor,
                       struct child_use *use) {
  struct child child;
  site_words(site, &child, "audit");
  child_word(&child, "--definition");
  child_word(&child, bench->definition);
  if (!bench_child(bench, &child, NULL, use)) return false;
  bench_note_use(bench, "audit", site->total, use);
  bench_note(bench, "audit", "net_cpu_s_per_million", (use->cpu_s - floor->cpu_s) / (double)site->total * 1e6);
  return true;
}

bool bench_audit_round(struct bench *bench, struct bench_site *site) {
  struct child_use floor, use, replay;
  if (!drain(bench, site, &use) || !site_stop(site) || !note_floor(bench, site, &floor) ||
      !note_audit(bench, site, &floor, &use))
    return false;
  if (bench->topic) return true; /* there is no file of it */
  if (!bench_replay(bench, &replay)) return false;
  bench_note_use(bench, "replay", site->total, &replay);
  bench_note(bench, "audit", "times_replay", use.cpu_s / replay.cpu_s);
  bench_note(bench, "audit", "net_times_replay", (use.cpu_s - floor.cpu_s) / replay.cpu_s);
  return true;
}
