/* suites.h: test files of a definition in a folder of their own, for tests; what is said on standard error is kept. In texts ' stands for
 * ". */
#ifndef TESTS_SUITES_H
#define TESTS_SUITES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "consumer/engine/memory.h"
#include "consumer/suite_report.h"

enum { ENTRIES = 32, SAID = 4096 };

static const char made_definition[] =
    "{'handover': 1, 'name': 'made', 'version': 1, 'effective_from': '2026-01-01T00:00:00Z',"
    " 'teams': ['marketing', 'sales'], 'events': 'segment',"
    " 'attributes': {'email': '/traits/email'},"
    " 'scores': {'interest': {'from': 'events', 'rules': [{'name': 'page', 'event': 'Page Viewed', 'points': 2},"
    "   {'name': 'guide', 'event': 'Guide Read', 'points': 5}]}},"
    " 'criteria': {'contact': {'attribute': 'email', 'present': true}, 'interested': {'score': 'interest', 'at_least': "
    "4}},"
    " 'stages': [{'name': 'visitor', 'owner': 'marketing'},"
    "   {'name': 'mql', 'owner': 'marketing', 'enter': {'all': ['contact', 'interested']}},"
    "   {'name': 'sql', 'owner': 'sales', 'route': true}],"
    " 'moves': [{'name': 'hand raised', 'from': ['visitor', 'mql'], 'to': 'sql', 'when': {'event': 'Demo Requested'}},"
    "   {'name': 'sales said no', 'from': 'sql', 'to': 'visitor', 'when': {'event': 'Lead Rejected'},"
    "    'reason': '/properties/reason', 'reset': ['interest']}],"
    " 'slas': [{'name': 'sales answers', 'stage': 'sql', 'within': '4h', 'met_by': 'Lead Accepted'}],"
    " 'routes': [{'queue': 'everyone', 'members': ['ana']}, {'queue': 'nobody', 'members': ['bo']}]}";

struct suites {
  char folder[64], said[SAID];
  char path[128]; /* of the test file */
  struct suite suite;
  struct suite_coverage coverage;
  struct suite_entry entries[ENTRIES];
  int32_t count;
};

static inline void suites_write(const struct suites *s, const char *name, const char *text, size_t length) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", s->folder, name);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  for (size_t i = 0; i < length; i++) assert_true(putc(text[i] == '\'' ? '"' : text[i], file) != EOF);
  assert_int_equal(fclose(file), 0);
}

static inline void suites_init(struct suites *s) {
  memset(s, 0, sizeof *s);
  snprintf(s->folder, sizeof s->folder, "/tmp/handover-suites-XXXXXX");
  assert_non_null(mkdtemp(s->folder));
  snprintf(s->path, sizeof s->path, "%s/t.json", s->folder);
  suites_write(s, "d.json", made_definition, strlen(made_definition));
}

/* Reads the test file; what was said is in s->said, without the folder's name. */
static inline bool suites_read(struct suites *s, const char *text, size_t length) {
  int kept = dup(STDERR_FILENO);
  FILE *said = tmpfile();
  assert_non_null(said);
  suites_write(s, "t.json", text, length);
  memset(&s->suite, 0, sizeof s->suite);
  assert_true(dup2(fileno(said), STDERR_FILENO) >= 0);
  bool good = suite_read(&s->suite, s->path, NULL);
  (void)fflush(stderr);
  assert_true(dup2(kept, STDERR_FILENO) >= 0);
  (void)close(kept);
  rewind(said);
  s->said[fread(s->said, 1, sizeof s->said - 1, said)] = '\0';
  (void)fclose(said);
  for (char *at; (at = strstr(s->said, s->folder));) {
    char *rest = at + strlen(s->folder) + 1;
    memmove(at, rest, strlen(rest) + 1);
  }
  return good;
}

static inline void suites_run(struct suites *s, const char *text) {
  if (!suites_read(s, text, strlen(text))) fail_msg("%s", s->said);
  const cJSON *test;
  cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(s->suite.document.root, "tests")) {
    assert_true(s->count < ENTRIES);
    s->entries[s->count].suite = &s->suite;
    suite_run(&s->suite, test, &s->entries[s->count++].result, &s->coverage);
  }
}

/* The test file as it is now, with ' for ". */
static inline char *suites_text(const struct suites *s) {
  size_t length = 0;
  char *text = suite_file(s->path, &length);
  assert_non_null(text);
  for (size_t i = 0; i < length; i++)
    if (text[i] == '"') text[i] = '\'';
  return text;
}

/* Ready for another file. */
static inline void suites_clear(struct suites *s) {
  for (int32_t i = 0; i < s->count; i++) suite_result_fini(&s->entries[i].result);
  s->count = 0;
  suite_fini(&s->suite);
  memset(&s->suite, 0, sizeof s->suite);
}

static inline void suites_fini(struct suites *s, const char *const *others) {
  char path[128];
  suites_clear(s);
  for (; others && *others; others++) {
    snprintf(path, sizeof path, "%s/%s", s->folder, *others);
    (void)remove(path);
  }
  snprintf(path, sizeof path, "%s/d.json", s->folder);
  (void)remove(path);
  (void)remove(s->path);
  assert_int_equal(rmdir(s->folder), 0);
}

#endif
