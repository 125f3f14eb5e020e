/* buffer.h: bytes that grow at their end. Memory that runs out ends the process (engine/memory.h).
 *
 * Who has a maximum in mind looks at `length` himself; a buffer does not shrink. May use: engine/memory.h. */
#ifndef HANDOVER_PRODUCER_BUFFER_H
#define HANDOVER_PRODUCER_BUFFER_H

#include <stddef.h>
#include <string.h>

struct buffer { /* zero it to start; buffer_fini frees */
  char *at;
  size_t length, room;
};
void buffer_fini(struct buffer *buffer);
/* Makes room for `length` more bytes, at least. */
void buffer_grow(struct buffer *buffer, size_t length);

/* Room for `length` bytes at the end, which are not counted before buffer_used. */
static inline char *buffer_reserve(struct buffer *buffer, size_t length) {
  if (buffer->room - buffer->length < length) buffer_grow(buffer, length);
  return buffer->at + buffer->length;
}
static inline void buffer_used(struct buffer *buffer, size_t length) { buffer->length += length; }

/* `bytes` may be NULL where length is 0. Inline: most are literals, whose copy is then a few moves. */
static inline void buffer_append(struct buffer *buffer, const char *bytes, size_t length) {
  if (!length) return;
  memcpy(buffer_reserve(buffer, length), bytes, length);
  buffer->length += length;
}
void buffer_append_text(struct buffer *buffer, const char *text);
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
