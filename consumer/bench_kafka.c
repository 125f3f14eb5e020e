/* bench_kafka.c: what is measured over a broker: the raw consumer, `run`, a restart, `audit`. May use: librdkafka, bench_site.h. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "bench_site.h"
#include "clock.h"

/* The raw consumer, in this process */

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
  uint64_t records = 0;
  struct rusage before;
  getrusage(RUSAGE_SELF, &before);
  int64_t start_ns = clock_monotonic_ns();
  if (!site_count(site, &records, NULL)) return false;
  struct child_use use = use_since(&before, start_ns);
  bench_note(bench, "consume", "records", (double)records);
  bench_note_use(bench, "consume", records, &use);
  return true;
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
  if (!site_start(site) || !site_await(site, use, &early)) return false;
  bench_note_use(bench, "run", site->total, use);
  if (early.count < site->goal)
    bench_note(bench, "run", "steady_cpu_s_per_million",
               (use->cpu_s - early.use.cpu_s) / (double)(site->goal - early.count) * 1e6);
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
