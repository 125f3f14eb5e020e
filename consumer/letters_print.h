/* letters_print.h: dead letters for people and as JSON. Everything in them comes from strangers: nothing is written that a terminal
 * obeys. May use: letter.h, terminal.h, json_write. */
#ifndef HANDOVER_CONSUMER_LETTERS_PRINT_H
#define HANDOVER_CONSUMER_LETTERS_PRINT_H

#include "../producer/buffer.h"
#include "letter.h"

/* One line. */
void letters_print_head(struct buffer *out);
void letters_print_row(struct buffer *out, const struct letter *letter, bool redriven, bool colour);
void letters_print_json(struct buffer *out, const struct letter *letter, bool redriven);

/* The whole of it. */
void letters_print_all(struct buffer *out, const struct letter *letter, const rd_kafka_message_t *message,
                       bool redriven, const char *topic);
void letters_print_all_json(struct buffer *out, const struct letter *letter, const rd_kafka_message_t *message,
                            bool redriven);

/* How many there are, by reason. Zero it to start. */
enum { LETTERS_SUMS = 64 };
struct letters_sum {
  char reason[64]; /* of all that are more than there is room for: "other reasons" */
  uint64_t letters, redriven, bytes;
  int64_t first_ms, last_ms; /* TIME_NONE: none has a time */
};
struct letters_sums {
  struct letters_sum at[LETTERS_SUMS];
  int32_t count;
};
void letters_sums_add(struct letters_sums *sums, const struct letter *letter, bool redriven);
void letters_sums_print(struct buffer *out, const struct letters_sums *sums);
void letters_sums_json(struct buffer *out, const struct letters_sums *sums);

#endif
