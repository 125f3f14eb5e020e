/* folder.h: a folder of a test's own under /tmp, fresh for each case. */
#ifndef HANDOVER_TESTS_UNIT_FOLDER_H
#define HANDOVER_TESTS_UNIT_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* `folder` ends in six letters, which are chosen anew. As cmocka's fixtures say it: 0, it is there. */
static inline int folder_fresh(char *folder) {
  memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
  return mkdtemp(folder) ? 0 : -1;
}

/* With all that is in it. */
static inline int folder_gone(const char *folder) {
  char command[256];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  return system(command); /* NOLINT(cert-env33-c) */
}

#endif
