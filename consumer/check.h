/* check.h: what `handover check` found out, for those who find it and those who print it. For cmd_check.c and check_*.c alone. */
#ifndef HANDOVER_CONSUMER_CHECK_H
#define HANDOVER_CONSUMER_CHECK_H

#include "../config/advice.h"
#include "../config/definition.h"
#include "../producer/buffer.h"

enum { CHECK_WHY = 400 };

/* How a version differs from the one before it. */
struct difference {
  bool breaks; /* the version cannot follow; else worth knowing */
  char why[CHECK_WHY];
};

/* A file and what it turned out to be: a definition, or problems. */
struct answer {
  const char *file;
  struct definition *definition;
  struct problems problems;
  struct advices advices;
  struct difference *differences; /* from that of --against */
  size_t difference_count;
};

enum check_output { CHECK_TEXT, CHECK_JSON, CHECK_GITHUB, CHECK_JUNIT };

struct check {
  struct answer *answers;
  int count;
  enum check_output output;
  const char *against; /* a file, or NULL */
  bool strict, help, unreadable, good;
  char misfit[CHECK_WHY]; /* why the versions do not fit together; "" where they do, or where nothing is to be said */
};

/* What is incompatible or worth knowing where `answer` follows `old`; true where it can follow. */
bool check_differences(struct answer *answer, const struct definition *old);
/* The whole answer, in the output that was asked for. */
void check_append(struct buffer *out, const struct check *check);
void check_append_json(struct buffer *out, const struct check *check);

#endif
