/* secret.h: what nobody else may see: files of secrets, and passphrases from the terminal. Who reads one wipes it. May use: libc. */
#ifndef HANDOVER_CONSUMER_SECRET_H
#define HANDOVER_CONSUMER_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_LINE = 1024 };

/* The whole file, NUL behind it, `room` - 1 bytes at the most. The file must be a regular one that group and others cannot read.
 * False with a sentence in `why`; then `secret` is wiped. */
bool secret_read(const char *path, char *secret, size_t secret_room, size_t *length, char *why, size_t room);

/* The same of its first line, without the line break: 1 byte at least, none of them NUL. */
bool secret_read_line(const char *path, char *secret, size_t secret_room, char *why, size_t room);

/* Asks on the terminal (not standard input), with echo off; `secret` has SECRET_LINE bytes. False with a sentence in `why`: no
 * terminal, or nothing was typed. */
bool secret_prompt(const char *prompt, char *secret, char *why, size_t room);

#endif
