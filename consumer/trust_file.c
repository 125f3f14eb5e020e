/* trust_file.c: reads the files that say whose signatures count. May use: libc, trust.h. */
#include "trust_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool read_one(struct trust *trust, const char *command, const char *path) {
  struct problems problems = {0};
  errno = 0;
  FILE *file = fopen(path, "rb");
  char *text = file ? malloc(TRUST_FILE + 1) : NULL;
  size_t length = text ? fread(text, 1, TRUST_FILE + 1, file) : 0;
  bool good = text && !ferror(file);
  if (!good) fprintf(stderr, "handover %s: %.300s: %s\n", command, path, strerror(errno));
  good = good && trust_parse(trust, text, length, &problems);
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    fprintf(stderr, "%s:%d:%d: %s\n", path, p->line, p->column, p->message);
  }
  problems_fini(&problems);
  free(text);
  if (file) fclose(file);
  return good;
}

bool trust_file_read(struct trust *trust, const char *command, const char *const *paths, size_t count) {
  bool good = true;
  for (size_t i = 0; i < count; i++) good = read_one(trust, command, paths[i]) && good;
  if (!good) fprintf(stderr, "handover %s: a trust file is of no use as it is; nothing was done\n", command);
  return good;
}
