/* suite.h: a file of tests of a definition (docs/definition-tests.md): read, run on the engine, judged.
 *
 * The file's tree is kept: tests, events and expectations are its nodes, which know their places. What came out is made a
 * tree of the same words, so that judging compares member by member. May use: engine, codec, cJSON. */
#ifndef HANDOVER_CONSUMER_SUITE_H
#define HANDOVER_CONSUMER_SUITE_H

#include "../config/definition.h"
#include "../config/document.h"
#include "../producer/buffer.h"

enum { SUITE_REPEAT_MOST = 10000, SUITE_FILE_MOST = 1 << 20, SUITE_CAUSES = 4 };

extern const char *const suite_causes[SUITE_CAUSES]; /* as enum cause_kind */

struct suite { /* zero it to start */
  const char *path;
  char *text; /* as it stands in the file */
  size_t length;
  struct document document;
  struct definition *definition;
  bool bad; /* something was said on standard error */
};

/* One finding: which line of the file, in what words. */
struct suite_result {
  const cJSON *test;
  const char *name, *lead; /* lead: whom it is about where nothing is said */
  int64_t start_ms;
  int line; /* of the test; after a failure of the first expectation that is not met */
  bool failed;
  struct buffer why; /* lines of text; empty where it passed */
  cJSON *got;        /* the changes, in the words of `expect` */
};

/* What the tests of a definition reached: bits by index. */
struct suite_coverage {
  bool stages[LIMIT_STAGES], moves[LIMIT_MOVES], met[LIMIT_CRITERIA], missing[LIMIT_CRITERIA];
  bool rules[LIMIT_SCORES][LIMIT_RULES];
};

/* Reads and checks a file; says on standard error what is wrong. `definition`: NULL for the one that the file names. */
bool suite_read(struct suite *suite, const char *path, const char *definition);
void suite_fini(struct suite *suite);

/* suite_read.c: helpers that running needs too */
bool suite_duration(const char *text, int64_t *ms);
bool suite_time(const cJSON *node, int64_t start_ms, int64_t *ms);
int suite_line(const struct suite *suite, const cJSON *node);
char *suite_file(const char *path, size_t *length);     /* NULL: cannot be read, or is too large */
char *suite_beside(const char *path, const char *name); /* `name` relative to the folder of `path` */

/* suite_run.c */
void suite_run(struct suite *suite, const cJSON *test, struct suite_result *result, struct suite_coverage *coverage);
void suite_result_fini(struct suite_result *result);

/* suite_judge.c: compares what is expected with what came; adds to result->why. */
void suite_judge(const struct suite *suite, const char *what, const cJSON *expected, const cJSON *got, int64_t start_ms,
                 struct suite_result *result);

#endif
