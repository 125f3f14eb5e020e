/* trust.h: which keys are trusted to sign for which team. A text file, a key a line:
 *
 *     # who may sign
 *     marketing    tZ6i…44 characters…=  Mia, since 2026
 *     "field sales" 9Xm0…               Sam
 *
 * The team (in double quotes where there is a blank in its name), the public key as `handover keygen` prints it, and whatever
 * else is of use to people. Lines that are empty or begin with # say nothing. May use: settings.h (problems), signature.h, buffer.h. */
#ifndef HANDOVER_CONFIG_TRUST_H
#define HANDOVER_CONFIG_TRUST_H

#include "../producer/buffer.h"
#include "definition.h"
#include "signature.h"

enum { TRUST_FILE = 1 << 18 /* bytes */, TRUST_KEYS = 4096, TRUST_TEAM = 255 };

struct trusted_key {
  char team[TRUST_TEAM + 1];
  uint8_t key[SIGNATURE_KEY];
};

struct trust { /* zero it to start: nobody is trusted */
  struct trusted_key *at;
  size_t count;
};

/* Adds the keys of one file's text. False: at least one more problem, each with its line. */
bool trust_parse(struct trust *trust, const char *text, size_t length, struct problems *problems);
bool trust_has(const struct trust *trust, const char *team, const uint8_t key[SIGNATURE_KEY]);
/* As a file's text, a key a line. */
void trust_append(struct buffer *out, const struct trust *trust);
void trust_fini(struct trust *trust);

#endif
