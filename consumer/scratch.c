/* scratch.c: may use: libc. */
#define _GNU_SOURCE /* nftw */
#include "scratch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool scratch_make(struct scratch *scratch, const char *name, char *why, size_t room) {
  const char *parent = getenv("TMPDIR");
  if (!parent || !*parent) parent = "/tmp";
  snprintf(scratch->folder, sizeof scratch->folder, "%.400s/%.60s-XXXXXX", parent, name);
  if (mkdtemp(scratch->folder)) return true;
  snprintf(why, room, "a folder in %.400s: %s", parent, strerror(errno));
  *scratch->folder = 0;
  return false;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

void scratch_wipe(const char *path) { nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT); }

void scratch_remove(struct scratch *scratch) {
  if (*scratch->folder) scratch_wipe(scratch->folder);
  *scratch->folder = 0;
}
