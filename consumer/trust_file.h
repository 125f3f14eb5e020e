/* trust_file.h: the files that say whose signatures count (config/trust.h). */
#ifndef HANDOVER_CONSUMER_TRUST_FILE_H
#define HANDOVER_CONSUMER_TRUST_FILE_H

#include "../config/trust.h"

enum { TRUST_FILES = 64 };

/* One file's keys, added to those that are there. False: with problems; one at line 0: the file cannot be read. */
bool trust_file_add(struct trust *trust, const char *path, struct problems *problems);

/* Reads all of them into *trust and says everything that is wrong on standard error. False: exit status 2. The caller calls
 * trust_fini in any case. */
bool trust_file_read(struct trust *trust, const char *command, const char *const *paths, size_t count);

#endif
