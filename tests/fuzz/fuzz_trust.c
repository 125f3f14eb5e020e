/* fuzz_trust.c: the parser of trust files, on every text: it is good, or there are problems, each at a place in the text and in
 * the order of lines; every key that is taken is one that may be used, and stands in the text in base64. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../config/trust.h"
#include "../../consumer/utf8.h"

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_trust.c:%d: not so: %s\n", line, condition);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool stands_in(const char *text, size_t size, const char *what) {
  size_t length = strlen(what);
  for (size_t i = 0; i + length <= size; i++)
    if (memcmp(text + i, what, length) == 0) return true;
  return false;
}

static void check_key(const struct trust *trust, const struct trusted_key *key, const char *text, size_t size) {
  char base64[SIGNATURE_KEY_TEXT];
  signature_encode(key->key, sizeof key->key, base64);
  CHECK(signature_key_usable(key->key) && trust_has(trust, key->team, key->key));
  CHECK(*key->team && stands_in(text, size, key->team) && stands_in(text, size, base64));
  CHECK(utf8_valid(slice_of(key->team)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct trust trust = {0};
  struct problems problems = {0};
  char *text = malloc(size + 1); /* exactly: what reads beyond is caught */
  if (!text) abort();
  if (size) memcpy(text, data, size);
  bool good = trust_parse(&trust, text, size, &problems);
  CHECK(good == (problems.count == 0));
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    CHECK(p->line >= (i ? p[-1].line + 1 : 1) && p->column >= 1 && (size_t)p->column <= size + 1 && *p->message);
  }
  for (size_t i = 0; i < trust.count; i++) check_key(&trust, &trust.at[i], text, size);
  problems_fini(&problems);
  trust_fini(&trust);
  free(text);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "trust", .count = 60000};
  return standalone_run(&run, argc, argv);
}
#endif
