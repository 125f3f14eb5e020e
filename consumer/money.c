/* money.c: digits, one after the other. */
#include "money.h"

enum { DECIMALS = 6, EXPONENT_MOST = 100000, DIGITS = 64, SHARES = 10000, SHARE_BITS = 110 };

/* The exponent behind e or E, cut where it does not matter any more. */
static int64_t exponent_of(struct slice text, uint32_t at) {
  int64_t exponent = 0;
  bool negative = at < text.length && text.at[at] == '-';
  for (uint32_t i = at + (at < text.length && (text.at[at] == '-' || text.at[at] == '+')); i < text.length; i++) {
    exponent = 10 * exponent + (text.at[i] - '0');
    if (exponent > EXPONENT_MOST) exponent = EXPONENT_MOST;
  }
  return negative ? -exponent : exponent;
}

struct digits { /* of a number's text */
  struct slice text;
  uint32_t at;
  uint32_t end; /* behind the last digit */
};

/* The next one; 0 behind the last. */
static int64_t next_digit(struct digits *digits) {
  if (digits->at < digits->end && digits->text.at[digits->at] == '.') digits->at++;
  return digits->at < digits->end ? digits->text.at[digits->at++] - '0' : 0;
}

bool money_parse(struct slice text, int64_t *amount) {
  uint32_t from = text.length > 0 && text.at[0] == '-', end = from, point = 0;
  while (end < text.length && text.at[end] != 'e' && text.at[end] != 'E') end++;
  while (from + point < end && text.at[from + point] != '.') point++;
  int64_t whole = (int64_t)point + DECIMALS + (end < text.length ? exponent_of(text, end + 1) : 0), sum = 0;
  struct digits digits = {text, from, end};
  bool good = true;
  for (int64_t i = 0; i < whole && good && (sum > 0 || digits.at < end); i++) {
    int64_t digit = next_digit(&digits);
    good = sum <= (MONEY_MOST - digit) / 10;
    sum = good ? 10 * sum + digit : MONEY_MOST;
  }
  if (good && whole >= 0 && next_digit(&digits) >= 5) sum += sum < MONEY_MOST;
  *amount = from ? -sum : sum;
  return good;
}

/* --- as text --- */

#define UNIT 1000000

static void append_whole(struct buffer *out, money_sum whole, bool group) {
  char text[DIGITS];
  uint32_t at = DIGITS, written = 0;
  do {
    if (group && written > 0 && written % 3 == 0) text[--at] = ',';
    text[--at] = (char)('0' + (int)(whole % 10));
    whole /= 10;
    written++;
  } while (whole > 0);
  buffer_append(out, text + at, DIGITS - at);
}

/* As many decimals as it takes; for people none, or at least two. */
static void append(struct buffer *out, money_sum sum, bool group) {
  if (sum < 0) buffer_append_text(out, "-");
  if (sum < 0) sum = -sum;
  append_whole(out, sum / UNIT, group);
  int fraction = (int)(sum % UNIT), decimals = DECIMALS;
  if (fraction == 0) return;
  while (fraction % 10 == 0 && (!group || decimals > 2)) {
    fraction /= 10;
    decimals--;
  }
  buffer_printf(out, ".%0*d", decimals, fraction);
}

void money_append(struct buffer *out, money_sum sum) { append(out, sum, false); }
void money_append_words(struct buffer *out, money_sum sum) { append(out, sum, true); }

int64_t money_share(money_sum part, money_sum whole) {
  if (whole <= 0 || part < 0) return -1;
  for (; whole >> SHARE_BITS; whole /= 2) part /= 2; /* so that nothing below overflows */
  if (part / whole >= INT64_MAX / SHARES) return INT64_MAX;
  return (int64_t)((part / whole) * SHARES + (part % whole * SHARES + whole / 2) / whole);
}

money_sum money_part(money_sum sum, uint64_t count) {
  money_sum half = (money_sum)count / 2;
  return (sum + (sum < 0 ? -half : half)) / (money_sum)count;
}
