/* definitions.h: the versions of one definition, from files, checked alone and together. */
#ifndef HANDOVER_CONSUMER_DEFINITIONS_H
#define HANDOVER_CONSUMER_DEFINITIONS_H

#include "../config/definition.h"
#include "../config/trust.h"

enum { DEFINITIONS_MOST = 256 };

struct definitions {                       /* zero it to start */
  struct definition *at[DEFINITIONS_MOST]; /* ascending by version */
  struct slice texts[DEFINITIONS_MOST];    /* what was read of each */
  int32_t count;
};

/* Reads all of them ("-": standard input) and says everything that is wrong on standard error, as FILE:LINE:COLUMN or as
 * `handover COMMAND: …`. False: exit status 2. The caller calls definitions_fini in any case. `trust` says whose signatures make one
 * agreed; it is needed no longer afterwards. */
bool definitions_read(struct definitions *definitions, const char *command, const char *const *paths, int32_t count,
                      const struct trust *trust);
/* Says what is wrong with one file, on standard error. */
void definitions_say(const char *command, const char *path, const struct problems *problems);
void definitions_fini(struct definitions *definitions);

#endif
