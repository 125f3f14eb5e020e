/* money.h: amounts as whole millionths: exact sums, whatever the order, and nothing that overflows unseen.
 *
 * One amount is at most MONEY_MOST; so 2^63 of them fit into a sum. May use: buffer.h. */
#ifndef HANDOVER_CONSUMER_MONEY_H
#define HANDOVER_CONSUMER_MONEY_H

#include <stdbool.h>
#include <stdint.h>

#include "../producer/buffer.h"
#include "engine/slice.h"

#define MONEY_NONE INT64_MIN                    /* no amount */
#define MONEY_MOST INT64_C(9000000000000000000) /* 9,000,000,000,000 */

__extension__ typedef __int128 money_sum;

struct money { /* zero it to start */
  money_sum sum;
  uint64_t unknown; /* had no amount */
};

/* A JSON number's text, to the nearest millionth, halves away from zero. False: it was larger than MONEY_MOST, either way, and is that now. */
bool money_parse(struct slice text, int64_t *amount);

static inline void money_add(struct money *money, int64_t amount) {
  if (amount == MONEY_NONE) money->unknown++;
  else money->sum += amount;
}

/* "1234.5": a JSON number, exact. */
void money_append(struct buffer *out, money_sum sum);
/* "1,234.50" */
void money_append_words(struct buffer *out, money_sum sum);

/* What each of `count` has of it, which is not 0: to the nearest millionth, halves away from zero. */
money_sum money_part(money_sum sum, uint64_t count);
/* Part of the whole in ten-thousandths, to the nearest; -1 where the whole is not above zero or the part is below. */
int64_t money_share(money_sum part, money_sum whole);

#endif
