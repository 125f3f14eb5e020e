/* replace.h: a file's new content in place of the old, or a new file, as a whole or not at all. May use: libc. */
#ifndef HANDOVER_CONSUMER_REPLACE_H
#define HANDOVER_CONSUMER_REPLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* The file is there; its mode stays. A link stays a link: what it leads to is replaced. False with a sentence in `why`; then
 * the file is as it was. */
bool replace_file(const char *path, const char *bytes, size_t length, char *why, size_t room);

/* The file is not there, and is whole as soon as it is. False with a sentence in `why`; then nothing was made. */
bool create_file(const char *path, const char *bytes, size_t length, char *why, size_t room);

/* One of both: a file that is there is replaced with `force`, and refused without. */
bool put_file(const char *path, const char *bytes, size_t length, bool force, char *why, size_t room);

/* The same for somebody who writes a file by its name: into `path`, an empty file beside the one that is meant. */
struct beside {
  char path[PATH_MAX + 16], target[PATH_MAX];
  int file;
  bool replaces;
};

/* False with a sentence in `why`; then nothing was made. */
bool beside_open(struct beside *beside, const char *path, bool replaces, char *why, size_t room);
/* For who writes by the descriptor instead. False with a sentence in `why`. */
bool beside_write(struct beside *beside, const void *bytes, size_t length, char *why, size_t room);
/* What was written comes to its place. False with a sentence in `why`; either way nothing stays beside it. */
bool beside_settle(struct beside *beside, char *why, size_t room);
/* Instead: what was written goes. */
void beside_drop(struct beside *beside);

#endif
