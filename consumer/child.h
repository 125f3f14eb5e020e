/* child.h: this program once more as a process of its own, and what it cost.
 *
 *     child_start → child_wait; or child_start → child_look … → child_stop
 *
 * A child ends with its parent, however that ends. May use: libc. */
#ifndef HANDOVER_CONSUMER_CHILD_H
#define HANDOVER_CONSUMER_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILD_WORDS = 320, CHILD_PATH = 600, CHILD_WAIT_S = 30 };

struct child {                        /* zero it to start */
  pid_t pid;                          /* 0: none runs */
  const char *words[CHILD_WORDS + 1]; /* its arguments, the program's name first; they must stay until it has started */
  int word_count;
  char errors[CHILD_PATH]; /* the file that takes its standard error */
  int64_t start_ns;
};

struct child_use {
  double cpu_s, wall_s, rss_mb; /* user and system; since its start; at its peak */
};

void child_word(struct child *child, const char *word);
/* `output`: the file that takes its standard output, overwritten; NULL: nobody does. False with a sentence in `why`. */
bool child_start(struct child *child, const char *output, const char *errors, char *why, size_t room);
/* Until it ends. Its exit status; −1: it was ended by a signal, or somebody sent us one. Where it is not 0 `why` is the last that it
 * said. */
int child_wait(struct child *child, struct child_use *use, char *why, size_t room);
/* While it runs, so far. False: it has ended by itself, and `why` is the last that it said. */
bool child_look(struct child *child, struct child_use *use, char *why, size_t room);
/* SIGTERM, and after CHILD_WAIT_S SIGKILL. False: its exit status was not 0, see `why`. */
bool child_stop(struct child *child, char *why, size_t room);
void child_kill(struct child *child); /* if it runs */

#endif
