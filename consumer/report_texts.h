/* report_texts.h: texts to numbers and back: each text is kept once. Number 0 is no text at all.
 *
 * May use: decode_table.h, memory. */
#ifndef HANDOVER_CONSUMER_REPORT_TEXTS_H
#define HANDOVER_CONSUMER_REPORT_TEXTS_H

#include "decode_table.h"

struct report_texts {
  struct table table;
  struct slice *at; /* by number; NUL behind each */
  uint32_t count, room;
  char *block; /* where the next text goes; blocks begin with the address of the one before */
  uint32_t used, size;
};

void report_texts_init(struct report_texts *texts);
void report_texts_fini(struct report_texts *texts);

/* The text's number, a new one where there is none yet; of a slice at NULL 0. */
uint32_t report_texts_number(struct report_texts *texts, struct slice text);
static inline struct slice report_texts_at(const struct report_texts *texts, uint32_t number) {
  return texts->at[number];
}

#endif
