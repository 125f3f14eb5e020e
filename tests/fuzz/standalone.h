/* standalone.h: short seeded runs of a libFuzzer target, where there is no libFuzzer, from the same corpus and dictionary.
 *
 *   fuzz_X_run                  each file of corpus/X, and then a run of the target's length
 *   fuzz_X_run COUNT [SEED]     COUNT inputs, each a file of the corpus that was changed a few times; the same ones for the same SEED
 *   fuzz_X_run FILE …           these files as inputs
 *
 * A target aborts where it finds something; the number of the input is then on standard error, and the input in the file
 * fuzz-failed of the working directory where FUZZ_KEEP is set. */
#ifndef HANDOVER_TESTS_STANDALONE_H
#define HANDOVER_TESTS_STANDALONE_H

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STANDALONE_MOST = 1 << 16, STANDALONE_TEXTS = 256, STANDALONE_PATH = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct standalone_texts {
  struct standalone_text {
    char *at; /* a zero stands behind it */
    size_t length;
  } at[STANDALONE_TEXTS];
  size_t count;
};

struct standalone {
  const char *name; /* of corpus/NAME and NAME.dict */
  long count;       /* inputs of a run without arguments */
  struct standalone_texts seeds, tokens;
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

/* Corpus and dictionary */

static inline void standalone_fail(const char *path, const char *why) {
  fprintf(stderr, "%s: %s\n", path, why);
  exit(2);
}

static inline void standalone_add(struct standalone_texts *texts, const char *at, size_t length, const char *path) {
  if (texts->count == STANDALONE_TEXTS) standalone_fail(path, "too much of it");
  struct standalone_text *text = &texts->at[texts->count++];
  text->at = calloc(1, length + 1);
  text->length = length;
  if (!text->at) abort();
  memcpy(text->at, at, length);
}

static inline bool standalone_file(struct standalone *s, const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) return perror(path), false;
  s->size = fread(s->input, 1, STANDALONE_MOST, file);
  fclose(file);
  return true;
}

static inline int standalone_seen(const struct dirent *entry) { return *entry->d_name != '.'; }

/* In the order of names, which does not depend on the file system. */
static inline void standalone_corpus(struct standalone *s) {
  char folder[STANDALONE_PATH], path[2 * STANDALONE_PATH];
  struct dirent **entries;
  snprintf(folder, sizeof folder, HANDOVER_SOURCE_DIR "/tests/fuzz/corpus/%s", s->name);
  int count = scandir(folder, &entries, standalone_seen, alphasort);
  if (count <= 0) standalone_fail(folder, "no corpus");
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    if (!standalone_file(s, path)) exit(2);
    standalone_add(&s->seeds, (const char *)s->input, s->size, path);
    free(entries[i]);
  }
  free(entries);
}

/* What stands between the quotation marks of a line, as libFuzzer reads it: \\, \" and \xNN. */
static inline void standalone_token(struct standalone *s, const char *line, const char *path) {
  char token[STANDALONE_PATH], digits[3] = "";
  size_t length = 0;
  const char *at = strchr(line, '"');
  for (at = at ? at + 1 : ""; *at && *at != '"'; at++) {
    if (*at != '\\') token[length++] = *at;
    else if (*++at != 'x') token[length++] = *at;
    else {
      memcpy(digits, at + 1, 2);
      token[length++] = (char)strtol(digits, NULL, 16);
      at += 2;
    }
  }
  if (*at != '"') standalone_fail(path, line);
  standalone_add(&s->tokens, token, length, path);
}

static inline void standalone_dictionary(struct standalone *s) {
  char path[STANDALONE_PATH], line[STANDALONE_PATH];
  snprintf(path, sizeof path, HANDOVER_SOURCE_DIR "/tests/fuzz/%s.dict", s->name);
  FILE *file = fopen(path, "rb");
  if (!file) standalone_fail(path, "no dictionary");
  while (fgets(line, sizeof line, file))
    if (*line != '#' && *line != '\n') standalone_token(s, line, path);
  fclose(file);
}

/* Changes */

/* Replaces `length` bytes at `at` by others. */
static inline void standalone_splice(struct standalone *s, size_t at, size_t length, const char *text,
                                     size_t text_length) {
  if (s->size - length + text_length > STANDALONE_MOST) return;
  memmove(s->input + at + text_length, s->input + at + length, s->size - at - length);
  if (text_length) memcpy(s->input + at, text, text_length);
  s->size += text_length - length;
}

static inline const struct standalone_text *standalone_pick(struct standalone *s,
                                                            const struct standalone_texts *texts) {
  return &texts->at[standalone_below(s, texts->count)];
}

static inline void standalone_change(struct standalone *s) {
  static const char bytes[] = "\"\\{}[]:,-+.eE0123456789 \n\tu/\x01\x80\xc3\xe2\xed\xf0\xff";
  size_t at = standalone_below(s, s->size + 1), left = s->size - at;
  size_t some = left ? 1 + standalone_below(s, left < 24 ? left : 24) : 0;
  const struct standalone_text *seed = standalone_pick(s, &s->seeds), *token = standalone_pick(s, &s->tokens);
  size_t from = standalone_below(s, seed->length + 1);
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
    case 5: standalone_splice(s, at, 0, token->at, token->length); break;
    case 6: standalone_splice(s, at, some, token->at, token->length); break;
    default:
      standalone_splice(s, at, standalone_below(s, 3) ? some : left, seed->at + from, seed->length - from);
      break;
  }
}

static inline void standalone_make(struct standalone *s, uint64_t seed) {
  s->random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
  const struct standalone_text *text = standalone_pick(s, &s->seeds);
  s->size = 0;
  standalone_splice(s, 0, 0, text->at, text->length);
  for (size_t changes = standalone_below(s, 1 + standalone_below(s, 6)); changes > 0; changes--) standalone_change(s);
}

/* Runs */

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

static inline void standalone_one(struct standalone *s) { LLVMFuzzerTestOneInput(s->input, s->size); }

static inline int standalone_files(struct standalone *s, int count, char **names) {
  int failed = 0;
  for (int i = 0; i < count; i++) {
    if (standalone_file(s, names[i])) standalone_one(s);
    else failed = 1;
  }
  return failed;
}

static inline void standalone_load(struct standalone *s) {
  standalone_now = s;
  signal(SIGABRT, standalone_aborted);
  standalone_corpus(s);
  standalone_dictionary(s);
}

static inline int standalone_run(struct standalone *s, int argc, char **argv) {
  char *end = NULL;
  standalone_load(s);
  long count = argc > 1 ? strtol(argv[1], &end, 10) : s->count;
  if (argc > 1 && *end) return standalone_files(s, argc - 1, argv + 1);
  for (size_t i = 0; argc == 1 && i < s->seeds.count; i++) {
    s->size = 0;
    standalone_splice(s, 0, 0, s->seeds.at[i].at, s->seeds.at[i].length);
    standalone_one(s);
  }
  uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  for (standalone_number = 0; standalone_number < count; standalone_number++) {
    standalone_make(s, (seed << 32) + (uint64_t)standalone_number);
    standalone_one(s);
  }
  printf("%ld inputs\n", count);
  return 0;
}

#endif
