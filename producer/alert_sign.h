/* alert_sign.h: signatures as the Standard Webhooks specification has them: v1, HMAC-SHA256 over "id.timestamp.body".
 * May use: libcrypto. */
#ifndef HANDOVER_PRODUCER_ALERT_SIGN_H
#define HANDOVER_PRODUCER_ALERT_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../consumer/engine/slice.h"

enum {
  ALERT_KEY_LEAST = 16, /* bytes; the specification wants 24, its own example has 18 */
  ALERT_KEY = 64,
  ALERT_SIGNATURE = 3 + 44 + 1, /* "v1,", base64 of 32 bytes, NUL */
};

struct alert_key {
  uint8_t bytes[ALERT_KEY];
  size_t length;
};

/* "whsec_" and base64, or the base64 alone. False: it is none, or has not 16 to 64 bytes. */
bool alert_key_read(struct alert_key *key, const char *text);

/* `id` has no full stop. */
void alert_sign(const struct alert_key *key, const char *id, int64_t time_s, struct slice body,
                char signature[ALERT_SIGNATURE]);

#endif
