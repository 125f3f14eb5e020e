/* standalone.h: short seeded runs of a libFuzzer target, where there is no libFuzzer.
 *
 *   fuzz_X_run [COUNT [SEED]]   COUNT inputs, each a seed text that was changed a few times; the same ones for the same SEED
 *   fuzz_X_run FILE …           these files as inputs
 *
 * A target aborts where it finds something; the number of the input is then on standard error, and the input in the file
 * fuzz-failed of the working directory where FUZZ_KEEP is set. */
#ifndef HANDOVER_TESTS_STANDALONE_H
#define HANDOVER_TESTS_STANDALONE_H

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STANDALONE_MOST = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct standalone {
  const char *const *seeds; /* whole texts */
  size_t seed_count;
  const char *const *tokens; /* what is put in now and then */
  size_t token_count;
  long count; /* inputs of a run without arguments */
  uint64_t random;
  size_t size;
  uint8_t input[STANDALONE_MOST];
};

static struct standalone *standalone_now;
static long standalone_number;

/* xorshift64* */
static inline size_t standalone_below(struct standalone *s, size_t most) {
  s->random ^= s->random >> 12;
  s->random ^= s->random << 25;
  s->random ^= s->random >> 27;
  return (size_t)((s->random * UINT64_C(2685821657736338717)) >> 33) % (most ? most : 1);
}

/* Replaces `length` bytes at `at` by others. */
static inline void standalone_splice(struct standalone *s, size_t at, size_t length, const char *text,
                                     size_t text_length) {
  if (s->size - length + text_length > STANDALONE_MOST) return;
  memmove(s->input + at + text_length, s->input + at + length, s->size - at - length);
  if (text_length) memcpy(s->input + at, text, text_length);
  s->size += text_length - length;
}

static inline void standalone_change(struct standalone *s) {
  static const char bytes[] = "\"\\{}[]:,-+.eE0123456789 \n\tu/\x01\x80\xc3\xe2\xed\xf0\xff";
  size_t at = standalone_below(s, s->size + 1), left = s->size - at;
  size_t some = left ? 1 + standalone_below(s, left < 24 ? left : 24) : 0;
  const char *seed = s->seeds[standalone_below(s, s->seed_count)];
  const char *token = s->tokens[standalone_below(s, s->token_count)];
  size_t from = standalone_below(s, strlen(seed) + 1);
  char copy[24];
  switch (standalone_below(s, 8)) {
    case 0: /* a bit */
      if (left) s->input[at] ^= (uint8_t)(1u << standalone_below(s, 8));
      break;
    case 1: standalone_splice(s, at, left > 0, bytes + standalone_below(s, sizeof bytes), 1); break;
    case 2: standalone_splice(s, at, 0, bytes + standalone_below(s, sizeof bytes), 1); break;
    case 3: standalone_splice(s, at, some, NULL, 0); break;
    case 4: /* twice */
      if (some) memcpy(copy, s->input + at, some);
      standalone_splice(s, at, 0, copy, some);
      break;
    case 5: standalone_splice(s, at, 0, token, strlen(token)); break;
    case 6: standalone_splice(s, at, some, token, strlen(token)); break;
    default: standalone_splice(s, at, standalone_below(s, 3) ? some : left, seed + from, strlen(seed) - from); break;
  }
}

static inline void standalone_make(struct standalone *s, uint64_t seed) {
  s->random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
  const char *text = s->seeds[standalone_below(s, s->seed_count)];
  s->size = 0;
  standalone_splice(s, 0, 0, text, strlen(text));
  for (size_t changes = standalone_below(s, 1 + standalone_below(s, 6)); changes > 0; changes--) standalone_change(s);
}

static inline void standalone_aborted(int number) {
  const struct standalone *s = standalone_now;
  fprintf(stderr, "input %ld of %zu bytes: %.*s\n", standalone_number, s->size, (int)s->size, (const char *)s->input);
  FILE *file = getenv("FUZZ_KEEP") ? fopen("fuzz-failed", "wb") : NULL;
  if (file) {
    fwrite(s->input, 1, s->size, file);
    fclose(file);
  }
  signal(number, SIG_DFL);
  raise(number);
}

static inline int standalone_file(struct standalone *s, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return perror(path), 1;
  s->size = fread(s->input, 1, STANDALONE_MOST, file);
  fclose(file);
  LLVMFuzzerTestOneInput(s->input, s->size);
  return 0;
}

static inline int standalone_run(struct standalone *s, int argc, char **argv) {
  standalone_now = s;
  signal(SIGABRT, standalone_aborted);
  char *end = NULL;
  long count = argc > 1 ? strtol(argv[1], &end, 10) : s->count;
  if (argc > 1 && *end) {
    int failed = 0;
    for (int i = 1; i < argc; i++) failed |= standalone_file(s, argv[i]);
    return failed;
  }
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  for (standalone_number = 0; standalone_number < count; standalone_number++) {
    standalone_make(s, (seed << 32) + (uint64_t)standalone_number);
    LLVMFuzzerTestOneInput(s->input, s->size);
  }
  printf("%ld inputs\n", count);
  return 0;
}

#endif
