/* replace.h: a file's new content in place of the old, or a new file, as a whole or not at all. May use: libc. */
#ifndef HANDOVER_CONSUMER_REPLACE_H
#define HANDOVER_CONSUMER_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

/* The file is there; its mode stays. A link stays a link: what it leads to is replaced. False with a sentence in `why`; then
 * the file is as it was. */
bool replace_file(const char *path, const char *bytes, size_t length, char *why, size_t room);

/* The file is not there, and is whole as soon as it is. False with a sentence in `why`; then nothing was made. */
bool create_file(const char *path, const char *bytes, size_t length, char *why, size_t room);

/* One of both: a file that is there is replaced with `force`, and refused without. */
bool put_file(const char *path, const char *bytes, size_t length, bool force, char *why, size_t room);

#endif
