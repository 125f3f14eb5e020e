/* scratch.h: a folder for the time of a command, below TMPDIR or /tmp. */
#ifndef HANDOVER_CONSUMER_SCRATCH_H
#define HANDOVER_CONSUMER_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRATCH_PATH = 512 };

struct scratch {             /* zero it to start */
  char folder[SCRATCH_PATH]; /* "": none yet */
};

/* "…/NAME-XXXXXX". False with a sentence in `why`. */
bool scratch_make(struct scratch *scratch, const char *name, char *why, size_t room);
/* The folder with all that is in it; nothing where none was made. */
void scratch_remove(struct scratch *scratch);
/* The same of a folder within it, or of a file. */
void scratch_wipe(const char *path);

#endif
