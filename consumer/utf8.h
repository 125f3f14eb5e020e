/* utf8.h: RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef HANDOVER_CONSUMER_UTF8_H
#define HANDOVER_CONSUMER_UTF8_H

#include <stddef.h>

#include "engine/slice.h"

/* How many bytes the character of two to four bytes at `at` has, of `left` that there are; 0 where it is none. */
size_t utf8_length(const char *at, size_t left);

/* Behind the characters from `at` on that are not ASCII: `end`, or where the next ASCII byte is. NULL where one is none. */
const char *utf8_run(const char *at, const char *end);

bool utf8_valid(struct slice text);

/* Writes a character (no surrogate, at most U+10FFFF); returns how many bytes, at most 4. */
size_t utf8_write(char *at, uint32_t code);

#endif
