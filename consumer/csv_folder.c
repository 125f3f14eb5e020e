/* csv_folder.c: may use: libc, replace.h. */
#include "csv_folder.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replace.h"

static bool fail(char *why, size_t room, const char *text) {
  snprintf(why, room, "%s", text);
  return false;
}

bool csv_folder_check(const char *path, bool force, char *why, size_t room) {
  DIR *folder = opendir(path);
  const struct dirent *entry;
  bool empty = true;
  if (!folder) return errno == ENOENT || fail(why, room, strerror(errno));
  while ((entry = readdir(folder))) {
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) empty = false;
  }
  closedir(folder);
  return empty || force || fail(why, room, "is not empty; --force replaces the report's files in it");
}

static bool name_file(char name[PATH_MAX], const char *path, const struct sheet_file *file) {
  return snprintf(name, PATH_MAX, "%s/%s.csv", path, file->name) < PATH_MAX;
}

/* The first files of these, but for those that were there before. */
static void take_away(const char *path, const struct sheet_files *files, const bool *made, size_t count) {
  char name[PATH_MAX];
  for (size_t i = 0; i < count; i++) {
    if (made[i] && name_file(name, path, &files->at[i])) unlink(name);
  }
}

bool csv_folder_write(const char *path, bool force, const struct sheet_files *files, char *why, size_t room) {
  char name[PATH_MAX];
  bool made[SHEET_FILES];
  if (mkdir(path, 0777) != 0 && errno != EEXIST) return fail(why, room, strerror(errno));
  for (size_t i = 0; i < files->count; i++) {
    const struct buffer *text = &files->at[i].text;
    bool named = name_file(name, path, &files->at[i]);
    made[i] = named && access(name, F_OK) != 0;
    if (named && put_file(name, text->at, text->length, force, why, room)) continue;
    if (!named) fail(why, room, "a path is too long");
    take_away(path, files, made, i);
    return false;
  }
  return true;
}
