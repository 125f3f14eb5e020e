/* pace.h: when a worker's transaction is committed, and of which tasks.
 *
 *   somebody waits (a change, a dead letter), nothing more is there to read  → soon, of the tasks that published it
 *   PACE_RECORDS or PACE_BYTES are gathered, or the interval is over         → now, of all tasks
 *
 * A commit costs the broker and us much more than a record does, and little more for many records than for one. So two early ones are
 * PACE_APART_MS apart, and so far that each has no more than a record in PACE_RECORD_US: whoever reads faster than that is catching
 * up, and commits by the interval.
 * Pure: told the time, asked for a verdict. May use: libc. */
#ifndef HANDOVER_CONSUMER_PACE_H
#define HANDOVER_CONSUMER_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum {
  PACE_APART_MS = 5,
  PACE_RECORD_US = 50,
  PACE_RECORDS = 200000, /* what an abort reads again, at most … */
  PACE_BYTES = 64 << 20, /* … or so many bytes of payload */
};

enum pace_verdict { PACE_WAIT, PACE_AWAITED /* the tasks that readers wait for */, PACE_ALL };

struct pace {
  int64_t interval_ns; /* the longest that anything gathers */
  int64_t ended_ns;    /* the last commit; 0: none yet */
  uint64_t taken;      /* records since */
};

struct pace_open {  /* what is not committed */
  int64_t begun_ns; /* its first record; 0: there is nothing */
  uint64_t records, bytes;
  bool awaited; /* readers wait for something of it */
  bool more;    /* and more is there to be read at once */
};

/* PACE_RECORDS or PACE_BYTES are open: nothing more may come before a commit. */
bool pace_full(const struct pace_open *open);
enum pace_verdict pace_look(const struct pace *pace, const struct pace_open *open, int64_t now_ns);
/* How long until a look may say something else where nothing comes in meanwhile, in ns; INT64_MAX: it will not. */
int64_t pace_wait_ns(const struct pace *pace, const struct pace_open *open, int64_t now_ns);
void pace_taken(struct pace *pace, uint64_t records);
void pace_committed(struct pace *pace, int64_t now_ns);

#endif
