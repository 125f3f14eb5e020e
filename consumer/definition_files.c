/* definition_files.c: scandir, and what its entries' names end in. */
#define _DEFAULT_SOURCE /* scandir */
#include "definition_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/memory.h"

static bool ends_in(const char *name, const char *end) {
  size_t length = strlen(name), tail = strlen(end);
  return length >= tail && strcmp(name + length - tail, end) == 0;
}

static int is_definition(const struct dirent *entry) {
  return entry->d_name[0] != '.' && ends_in(entry->d_name, ".json") && !ends_in(entry->d_name, ".test.json");
}

/* Folder and name, or the folder alone where name is NULL. */
static bool add(struct definition_files *files, const char *folder, const char *name, char *why, size_t room) {
  if (files->count == DEFINITIONS_MOST) {
    snprintf(why, room, "more than %d files", DEFINITIONS_MOST);
    return false;
  }
  size_t length = strlen(folder) + (name ? strlen(name) : 0) + 2;
  char *path = memory_grown(NULL, length);
  snprintf(path, length, "%s%s%s", folder, name ? "/" : "", name ? name : "");
  files->at[files->count++] = path;
  return true;
}

static bool is_folder(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool add_folder(struct definition_files *files, const char *path, char *why, size_t room) {
  struct dirent **entries;
  int count = scandir(path, &entries, is_definition, alphasort);
  bool good = count >= 0;
  if (!good) snprintf(why, room, "%.300s: %s", path, strerror(errno));
  for (int i = 0; i < count; i++) {
    good = good && add(files, path, entries[i]->d_name, why, room);
    free(entries[i]);
  }
  if (count >= 0) free(entries);
  return good;
}

bool definition_files_find(struct definition_files *files, const char *const *paths, int32_t count, char *why,
                           size_t room) {
  bool good = true;
  for (int32_t i = 0; i < count && good; i++)
    good = is_folder(paths[i]) ? add_folder(files, paths[i], why, room) : add(files, paths[i], NULL, why, room);
  return good;
}

void definition_files_fini(struct definition_files *files) {
  for (int32_t i = 0; i < files->count; i++) free(files->at[i]);
  files->count = 0;
}
