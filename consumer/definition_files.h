/* definition_files.h: which files are meant: a file is itself, a folder is the definitions in it.
 *
 * Of a folder these are the files whose names end in .json, but not in .test.json, and do not begin with a dot, in the order of their
 * names. May use: libc. */
#ifndef HANDOVER_CONSUMER_DEFINITION_FILES_H
#define HANDOVER_CONSUMER_DEFINITION_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "definitions.h"

struct definition_files { /* zero it to start */
  char *at[DEFINITIONS_MOST];
  int32_t count;
};

/* False with a sentence in `why`: a folder cannot be read, or there are too many files. A path that is no folder is taken as it is; whether
 * it can be read its reader finds out. The caller calls definition_files_fini in any case. */
bool definition_files_find(struct definition_files *files, const char *const *paths, int32_t count, char *why,
                           size_t room);
void definition_files_fini(struct definition_files *files);

#endif
