/* reader.h: strict JSON with comments, token by token, each with its place: for files that people write and whose shape is known.
 * No tree, nothing allocated, nothing copied but one text. May use: libc. */
#ifndef HANDOVER_CONFIG_READER_H
#define HANDOVER_CONFIG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { READER_TEXT = 1024, READER_DEPTH = 64 };

enum token {
  TOKEN_BAD, /* `why` says what; nothing can be read after it */
  TOKEN_END,
  TOKEN_OBJECT,
  TOKEN_OBJECT_END,
  TOKEN_ARRAY,
  TOKEN_ARRAY_END,
  TOKEN_COLON,
  TOKEN_COMMA,
  TOKEN_TEXT,   /* `text`: decoded, never with a NUL in it */
  TOKEN_NUMBER, /* `text`: as it stands; `number` where `whole` */
  TOKEN_TRUE,
  TOKEN_FALSE,
  TOKEN_NULL,
};

struct reader {
  const char *bytes;
  size_t length, at;
  int line, column;             /* of `at`, from 1; column counts bytes */
  int token_line, token_column; /* where the token begins */
  char text[READER_TEXT + 1];
  size_t text_length;
  int64_t number;
  bool whole;
  const char *why;
};

void reader_init(struct reader *reader, const char *bytes, size_t length);
enum token reader_next(struct reader *reader);
/* Reads the rest of the value that began with `token`. False: TOKEN_BAD, or no JSON. */
bool reader_skip(struct reader *reader, enum token token, int depth);

#endif
