/* progress.h: one line on standard error that says how far it has come: on a terminal, and never otherwise. */
#ifndef HANDOVER_CONSUMER_PROGRESS_H
#define HANDOVER_CONSUMER_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
  bool on, shown;
  int64_t start_ns, next_ns;
};

/* Off where standard error is no terminal, and where standard output is one too: it would write into the data. */
void progress_start(struct progress *progress);
/* Call as often as you like; done and all may be bytes or anything else, all is 0 where nobody knows. */
void progress_show(struct progress *progress, uint64_t lines, uint64_t done, uint64_t all);
void progress_end(struct progress *progress); /* takes the line away */

#endif
