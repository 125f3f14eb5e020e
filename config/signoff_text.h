/* signoff_text.h: what signoff.c and signoff_write.c share: the text that is signed. */
#ifndef HANDOVER_CONFIG_SIGNOFF_TEXT_H
#define HANDOVER_CONFIG_SIGNOFF_TEXT_H

#include "../producer/buffer.h"

enum { SIGNOFF_TEXT_MOST = 255 };

void signoff_text_append(struct buffer *out, const char *digest, const char *team, const char *by, const char *at);

#endif
