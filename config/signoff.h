/* signoff.h: a document's `signoffs`: does one verify, are all teams agreed, and a new one put into the text.
 *
 * What is signed is the ASCII text
 *
 *     handover-signoff-v1\n<digest>\n<team>\n<by>\n<at>\n
 *
 * No part of it may hold a control character, so that no two signoffs have the same text. The key is not in it: the signature
 * is checked with it. May use: document.h, digest.h, signature.h, trust.h. */
#ifndef HANDOVER_CONFIG_SIGNOFF_H
#define HANDOVER_CONFIG_SIGNOFF_H

#include "../producer/buffer.h"
#include "digest.h"
#include "document.h"
#include "trust.h"

enum signoff_state {
  SIGNOFF_VALID,
  SIGNOFF_NO_TEAM,       /* the team is not one of `teams` */
  SIGNOFF_BAD_TEXT,      /* a control character */
  SIGNOFF_BAD_KEY,       /* no base64 of 32 bytes, or a key that must not be used */
  SIGNOFF_BAD_SIGNATURE, /* no base64 of 64 bytes */
  SIGNOFF_DIFFERS,       /* something was changed after it was signed, or another key signed it */
  SIGNOFF_STATES,
};

/* What one says; texts belong to the tree and are "" where they are missing. */
struct signoff {
  const char *team, *by, *at;
  uint8_t key[SIGNATURE_KEY]; /* zeros where SIGNOFF_BAD_KEY or earlier */
  enum signoff_state state;
  bool trusted; /* the key is trusted for the team; says nothing of the signature */
};

/* `trust` may be NULL: nobody is trusted. */
void signoff_read(struct signoff *signoff, const cJSON *root, const cJSON *node, const char *digest,
                  const struct trust *trust);
const char *signoff_why(enum signoff_state state);

/* The members of `teams` and `signoffs`, in order; NULL where there are none. */
const cJSON *signoff_teams(const cJSON *root);
const cJSON *signoff_first(const cJSON *root);
bool signoff_is_team(const cJSON *root, const char *team);
/* Has the team a valid signoff, by a key that is trusted for it? `trust` NULL: by any key. */
bool signoff_team_agreed(const cJSON *root, const char *digest, const char *team, const struct trust *trust);
/* Every team has; there is at least one. `trust` NULL: false. */
bool signoff_agreed(const cJSON *root, const char *digest, const struct trust *trust);

/* May it stand in a signoff: 1 to 255 bytes of UTF-8 without control characters? */
bool signoff_text_good(const char *text);

struct signature_order {
  const char *team, *by, *at;
  EVP_PKEY *key;
};

/* Signs the document and appends its text with the new signoff in it; all else stays, byte for byte. A signoff of the same team by
 * the same key is replaced where it does not verify; where it does, false, with a static sentence in *why. `text` is what the
 * document was parsed from; the texts of the order are good ones. */
bool signoff_write(struct buffer *out, const struct document *document, const char *text,
                   const struct signature_order *order, const char **why);

#endif
