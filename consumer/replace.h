/* replace.h: a file's new content in place of the old, or not at all. May use: libc. */
#ifndef HANDOVER_CONSUMER_REPLACE_H
#define HANDOVER_CONSUMER_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

/* The file is there; its mode stays. A link stays a link: what it leads to is replaced. False with a sentence in `why`; then
 * the file is as it was. */
bool replace_file(const char *path, const char *bytes, size_t length, char *why, size_t room);

#endif
