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

/* The same piece by piece. Each returns false with a sentence in `why`. */
struct new_file {
  int file;
  char path[PATH_MAX], beside[PATH_MAX + 16];
};
bool new_file_open(struct new_file *file, const char *path, char *why, size_t room);
bool new_file_write(struct new_file *file, const void *bytes, size_t length, char *why, size_t room);
/* It is there now. `over`: in place of whatever was there; else nothing may be there. In any case it is closed. */
bool new_file_finish(struct new_file *file, bool over, char *why, size_t room);
void new_file_drop(struct new_file *file); /* nothing was made */

#endif
