/* bench.h: what `handover bench` measures, and the figures that come of it.
 *
 * What people run as a process is measured as one (child.h): `replay`, `backtest`, `run`, `audit`. What is a part of it is measured by the
 * clock of the thread that does it. Each measurement is repeated, and each figure has all of its values.
 *
 *     cmd_bench.c → bench_local.c, bench_snapshot.c   nothing but this machine, ← bench_block.c
 *                 → bench_site.c ← bench_kafka.c, bench_latency.c
 *                 → bench_figures.c                   text and JSON */
#ifndef HANDOVER_CONSUMER_BENCH_H
#define HANDOVER_CONSUMER_BENCH_H

#include "../config/settings.h"
#include "../producer/buffer.h"
#include "child.h"
#include "load.h"
#include "options.h"
#include "scratch.h"

enum { BENCH_FIGURES = 96, BENCH_REPEATS = 100, BENCH_NAME = 40, BENCH_WHY = 1000, BENCH_PATH = 600 };

struct bench_figure {
  char row[BENCH_NAME]; /* what was measured */
  const char *name;     /* in which unit: cpu_s_per_million, events_per_s, rss_mb, … */
  double values[BENCH_REPEATS];
  int32_t count;
};

struct bench {
  const char *what;
  struct load_order load;
  struct options options;      /* as they were given */
  char definition[BENCH_PATH]; /* the file */
  const char *topic;           /* an input that is there; NULL: one is made */
  bool adds;                   /* to the input: so each round has one of its own */
  uint64_t partitions, rate, seconds, repeat;
  bool keep, json;
  struct scratch scratch;
  struct bench_figure figures[BENCH_FIGURES]; /* in the order in which they were first noted */
  int32_t figure_count;
  int32_t round;       /* 0 … repeat − 1 */
  bool useless;        /* it failed because of what was given: exit status 2 */
  char why[BENCH_WHY]; /* … for this reason */
};

/* Figures */

/* Adds a value to a figure; `name` must stay. */
void bench_note(struct bench *bench, const char *row, const char *name, double value);
/* cpu_s_per_million, events_per_s and, unless it is 0, rss_mb. */
void bench_note_use(struct bench *bench, const char *row, uint64_t events, const struct child_use *use);
/* The value of a rank, by nearest rank, of those that bench_sort has put in order: of 500 thousandths the median (of an even number the
 * lower of the two in the middle), of 1000 the largest. There is at least one. */
void bench_sort(double *values, size_t count);
double bench_rank(const double *sorted, size_t count, size_t of_thousand);
void bench_print_text(const struct bench *bench, struct buffer *out);
void bench_print_json(const struct bench *bench, struct buffer *out);

/* Steps. Each returns false with `why`. */

/* "SCRATCH/NAME" */
void bench_path(const struct bench *bench, const char *name, char path[BENCH_PATH]);
/* Runs the child to its end; its standard output goes to the file `output` of the scratch folder, NULL: to nobody. */
bool bench_child(struct bench *bench, struct child *child, const char *output, struct child_use *use);
/* The load as a file, made once: events.ndjson in the scratch folder. */
bool bench_file(struct bench *bench, char path[BENCH_PATH]);
/* `handover replay` of that file. */
bool bench_replay(struct bench *bench, struct child_use *use);

/* Measurements: one round each, which notes figures. */
bool bench_decode_round(struct bench *bench);
bool bench_replay_round(struct bench *bench);
bool bench_backtest_round(struct bench *bench);
bool bench_scale_round(struct bench *bench);
bool bench_snapshot_round(struct bench *bench);

struct bench_site;
bool bench_consume_round(struct bench *bench, struct bench_site *site);
bool bench_run_round(struct bench *bench, struct bench_site *site);
bool bench_restore_round(struct bench *bench, struct bench_site *site);
bool bench_audit_round(struct bench *bench, struct bench_site *site);
bool bench_latency_round(struct bench *bench, struct bench_site *site);

#endif
