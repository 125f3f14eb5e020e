/* suite.h: a file of tests of a definition (docs/definition-tests.md): read, run on the engine, judged.
 *
 * The file's tree is kept: tests, events and expectations are its nodes, which know their places. What came out is made a
 * tree of the same words, so that judging compares member by member. May use: engine, codec, cJSON. */
#ifndef HANDOVER_CONSUMER_SUITE_H
#define HANDOVER_CONSUMER_SUITE_H

#include "../config/definition.h"
#include "../config/document.h"
#include "../producer/buffer.h"

enum {
  SUITE_REPEAT_MOST = 10000,
  SUITE_EVENTS_MOST = 100000, /* of a test, repeats counted */
  SUITE_FILE_MOST = 1 << 20,
  SUITE_CAUSES = 4,
};

extern const char *const suite_causes[SUITE_CAUSES]; /* as enum cause_kind */

struct suite { /* zero it to start */
  const char *path;
  char *text; /* as it stands in the file */
  size_t length;
  struct document document;
  struct definition *definition;
  bool bad; /* something was said on standard error */
};

/* What is expected, and what came in its place; one of both may be NULL. */
struct suite_pair {
  const cJSON *expected, *got;
};

struct suite_pairs {
  struct suite_pair *at;
  int32_t count;
};

struct suite_result {
  const cJSON *test;
  const char *name, *lead; /* lead: whom it is about where nothing is said */
  int64_t start_ms;
  int line; /* of the first expectation that is not met; of the test where there is none */
  bool failed;
  int32_t differences;
  struct buffer why;                  /* lines of text; empty where it passed */
  cJSON *got, *seen;                  /* the changes, and what probes saw, in the words of `expect` and `probes` */
  struct suite_pairs changes, probes; /* nodes of the document, and of `got` and `seen` */
};

/* What the tests of a definition reached: bits by index. */
struct suite_coverage {
  bool stages[LIMIT_STAGES], moves[LIMIT_MOVES], met[LIMIT_CRITERIA], missing[LIMIT_CRITERIA];
  bool slas[LIMIT_SLAS], routes[LIMIT_ROUTES];
  bool rules[LIMIT_SCORES][LIMIT_RULES];
};

/* Reads and checks a file; says on standard error what is wrong. `definition`: NULL for the one that the file names. */
bool suite_read(struct suite *suite, const char *path, const char *definition);
void suite_fini(struct suite *suite);

/* suite_read.c: helpers that the others need too */
void suite_say(struct suite *suite, const cJSON *node, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool suite_duration(const char *text, int64_t *ms);
bool suite_time(const cJSON *node, int64_t start_ms, int64_t *ms);
int suite_line(const struct suite *suite, const cJSON *node);
char *suite_file(const char *path, size_t *length);     /* NULL: cannot be read, or is too large */
char *suite_beside(const char *path, const char *name); /* `name` relative to the folder of `path` */

/* suite_names.c: says which names in expectations and probes the definition does not have. */
void suite_check_names(struct suite *suite);
/* Of a test that failed: says which of its events have a name that is nearly one of the definition's. */
void suite_note_events(const struct suite *suite, struct suite_result *result);

/* suite_run.c */
void suite_run(struct suite *suite, const cJSON *test, struct suite_result *result, struct suite_coverage *coverage);
void suite_result_fini(struct suite_result *result);

/* suite_judge.c: compares what is expected with what came; adds to result->why. */
const cJSON *suite_got(const cJSON *got, const char *name); /* what a member of an expectation is compared with */
bool suite_member_agrees(const cJSON *expected, const cJSON *got, int64_t start_ms);
bool suite_agrees(const cJSON *expected, const cJSON *got, int64_t start_ms); /* whole changes, or probes */
void suite_add_pair(struct suite_pairs *pairs, const cJSON *expected, const cJSON *got);
void suite_judge_changes(const struct suite *suite, struct suite_result *result);
void suite_judge_probe(const struct suite *suite, struct suite_pair pair, struct suite_result *result);
void suite_judge_end(const struct suite *suite, struct suite_result *result);

#endif
