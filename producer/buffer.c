/* buffer.c: grows by doubling. */
#include "buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "../consumer/engine/memory.h"

enum { ROOM_FIRST = 256 };

void buffer_fini(struct buffer *buffer) {
  memory_free(buffer->at);
  *buffer = (struct buffer){0};
}

void buffer_grow(struct buffer *buffer, size_t length) {
  size_t least = buffer->length + length, room = buffer->room ? buffer->room : ROOM_FIRST;
  if (least < length) abort(); /* more than there are addresses */
  while (room < least) room = room > SIZE_MAX / 2 ? least : room * 2;
  buffer->at = memory_grown(buffer->at, room);
  buffer->room = room;
}

void buffer_append_text(struct buffer *buffer, const char *text) { buffer_append(buffer, text, strlen(text)); }

void buffer_printf(struct buffer *buffer, const char *format, ...) {
  for (size_t wanted = 64;;) {
    char *at = buffer_reserve(buffer, wanted);
    size_t room = buffer->room - buffer->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(at, room, format, arguments);
    va_end(arguments);
    if (length < 0) abort(); /* a format that no C library takes */
    if ((size_t)length < room) {
      buffer_used(buffer, (size_t)length);
      return;
    }
    wanted = (size_t)length + 1;
  }
}
