/* source_unpack.h: the bytes of one file, unpacked: plain, gzip (RFC 1952) or Zstandard (RFC 8878), of any number of members or
 * frames. Which it is follows from the name's ending; for standard input and what is no regular file (a pipe of the shell) from
 * the first bytes.
 *
 * May use: libc, zlib, libzstd. */
#ifndef HANDOVER_CONSUMER_SOURCE_UNPACK_H
#define HANDOVER_CONSUMER_SOURCE_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SOURCE_WHY = 256 };

enum source_outcome {
  SOURCE_OK,
  SOURCE_END,
  SOURCE_BAD,         /* the input is of no use: not there, broken, a line too long */
  SOURCE_FAILED,      /* something outside failed while reading */
  SOURCE_INTERRUPTED, /* interrupt_seen */
};

struct source_unpack;

/* "-" is standard input. NULL: SOURCE_BAD, with the reason in `why` (of SOURCE_WHY bytes). */
struct source_unpack *source_unpack_open(const char *path, char *why);
void source_unpack_close(struct source_unpack *unpack);

/* At least one byte, up to `room` (> 0); *got is set on SOURCE_OK alone, `why` on SOURCE_BAD and SOURCE_FAILED. */
enum source_outcome source_unpack_read(struct source_unpack *unpack, char *to, size_t room, size_t *got, char *why);

/* A pipe or a terminal, where reading may have to wait. */
bool source_unpack_live(const struct source_unpack *unpack);
/* Bytes of the file as it is that were read so far. */
uint64_t source_unpack_packed_bytes(const struct source_unpack *unpack);

#endif
