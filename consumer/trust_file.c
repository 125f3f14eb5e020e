/* trust_file.c: reads the files that say whose signatures count. May use: libc, trust.h, settings.h (problems). */
#include "trust_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/settings.h"

bool trust_file_add(struct trust *trust, const char *path, struct problems *problems) {
  errno = 0;
  FILE *file = fopen(path, "rb");
  char *text = file ? malloc(TRUST_FILE + 1) : NULL;
  size_t length = text ? fread(text, 1, TRUST_FILE + 1, file) : 0;
  bool good = text && !ferror(file);
  if (!good) settings_problem(problems, "", 0, 0, "%s", strerror(errno));
  good = good && trust_parse(trust, text, length, problems);
  free(text);
  if (file) fclose(file);
  return good;
}

static bool read_one(struct trust *trust, const char *command, const char *path) {
  struct problems problems = {0};
  bool good = trust_file_add(trust, path, &problems);
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    if (p->line > 0) {
      fprintf(stderr, "%s:%d:%d: %s\n", path, p->line, p->column, p->message);
    } else {
      fprintf(stderr, "handover %s: %.300s: %s\n", command, path, p->message);
    }
  }
  problems_fini(&problems);
  return good;
}

bool trust_file_read(struct trust *trust, const char *command, const char *const *paths, size_t count) {
  bool good = true;
  for (size_t i = 0; i < count; i++) good = read_one(trust, command, paths[i]) && good;
  if (!good) fprintf(stderr, "handover %s: a trust file is of no use as it is; nothing was done\n", command);
  return good;
}
