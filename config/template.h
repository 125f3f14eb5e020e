/* template.h: a text with gaps, for documents that are written by the program.
 *
 *   %{name}                 the value of that name, as it is: who makes a value escapes it
 *   %if name  %if !name     on a line of its own: what follows up to the matching %end is there where the value is there, or is not
 *   %end
 *
 * A template is part of the program: what is wrong with it is a bug, and asserts. May use: libc, producer/buffer.h. */
#ifndef HANDOVER_CONFIG_TEMPLATE_H
#define HANDOVER_CONFIG_TEMPLATE_H

#include <stddef.h>

#include "../producer/buffer.h"

struct template_value {
  const char *name, *text; /* text: NULL where it is not there */
};

void template_render(struct buffer *out, const char *text, size_t length, const struct template_value *values,
                     int count);

#endif
