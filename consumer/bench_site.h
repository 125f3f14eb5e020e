/* bench_site.h: what a measurement needs of a broker: an input that is full, for each round a group and outputs of its own, a daemon over
 * them, and nothing left behind.
 *
 * All topics begin with the site's prefix, but an input that was named. May use: librdkafka, topics.h, child.h, load_send.h, bench.h. */
#ifndef HANDOVER_CONSUMER_BENCH_SITE_H
#define HANDOVER_CONSUMER_BENCH_SITE_H

#include <librdkafka/rdkafka.h>

#include "bench.h"

enum { SITE_NAMES = 12, SITE_NAME = 320 };

struct bench_site {
  struct bench *bench;
  char prefix[64];
  char names[SITE_NAMES][SITE_NAME]; /* this round's own settings, as overrides */
  int32_t name_count;
  struct options options;   /* as they were given, and this round's behind */
  struct settings settings; /* the same, read; settings_fini has to be called once it was tried */
  rd_kafka_t *admin;
  rd_kafka_t *member; /* of this round's group, for asking only */
  struct buffer made; /* names of topics that were made, each with a NUL behind it */
  int32_t partitions; /* of the input */
  int64_t *begins;    /* of its partitions: offset of the first record that is kept */
  uint64_t total;     /* records in it */
  uint64_t goal; /* offsets from where it begins to behind its last record: more, where not every offset has a record */
  struct child daemon;
  char state_dir[BENCH_PATH], log[BENCH_PATH];
};

/* False: that has been said (settings), and *status is the exit status; or `bench->why`. bench_site_close in any case. */
bool site_open(struct bench_site *site, struct bench *bench, int *status);
/* Deletes what was made, unless it is to be kept. False with `why`: something is left behind. */
bool site_close(struct bench_site *site, char *why, size_t room);

/* The input has the load, or is counted. */
bool site_fill(struct bench_site *site);
/* Outputs, group and state directory afresh. */
bool site_round(struct bench_site *site);

/* `handover COMMAND` with this round's settings, up to where a command's own options follow. */
void site_words(struct bench_site *site, struct child *child, const char *command);
/* Another setting from here on in this round. */
void site_set(struct bench_site *site, const char *name, const char *value);
/* Makes what of this round's topics is missing. */
bool site_make_topics(struct bench_site *site);

bool site_start(struct bench_site *site); /* the daemon */
bool site_stop(struct bench_site *site);
struct site_part { /* what was spent when a fifth was committed */
  struct child_use use;
  uint64_t count;
};
/* The group has committed all up to the goal. `early` may be NULL. */
bool site_await(struct bench_site *site, struct child_use *use, struct site_part *early);
/* The daemon's log tells of `count` tasks that were restored. */
bool site_await_restored(struct bench_site *site, struct child_use *use);
/* The raw consumer over the input, here: how many records there are, and (unless `ends` is NULL) behind which offset of each partition none
 * is any more; of a partition without records it is left as it was. False with `why`, also where there is none. */
bool site_count(struct bench_site *site, uint64_t *records, int64_t *ends);
/* The same as a process of its own. */
bool site_floor(struct bench_site *site, struct child_use *use);

/* A consumer for topics from exact offsets. NULL with `why`. */
rd_kafka_t *site_reader(struct bench_site *site, const char *isolation);

#endif
