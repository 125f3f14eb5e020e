/* fuzz_suite.c: test files of a definition, on every text:
 *
 *   a file can be run, or standard error says why not, line by line: UTF-8, and nothing that a terminal obeys;
 *   what can be run gives a report in every form; that in JSON is JSON;
 *   `--update` leaves a file that can be run, and in which no test fails that passed before. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../consumer/decode.h"
#include "../../consumer/engine/memory.h"
#include "../../consumer/suite_report.h"
#include "../../consumer/utf8.h"

enum { PATH_BYTES = 300, SAID = 1 << 16, TESTS = 32, EVENTS_MOST = 3000 };

#define SAMPLE HANDOVER_SOURCE_DIR "/config/sample.json"
#define STORIES HANDOVER_SOURCE_DIR "/tests/stories/"
#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static int kept = -1;                 /* standard error as it was */
static char suite_folder[PATH_BYTES]; /* with the file and its fixture */
static char suite_path[PATH_BYTES + 16];

static void failed(const char *condition, int line) {
  if (kept >= 0) dup2(kept, STDERR_FILENO);
  fprintf(stderr, "fuzz_suite.c:%d: not so: %s\n", line, condition);
  abort();
}

static void tidy_up(void) {
  static const char *const names[] = {"whole.ndjson", "t.json", "t.json.new", "said"};
  char name[PATH_BYTES + 16];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(name, sizeof name, "%s/%s", suite_folder, names[i]);
    unlink(name);
  }
  rmdir(suite_folder);
}

static void write_bytes(const char *name, const void *bytes, size_t length) {
  FILE *file = fopen(name, "wb");
  CHECK(file && fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

static void set_up(void) {
  char name[PATH_BYTES + 16], fixture[256];
  const char *temporary = getenv("TMPDIR");
  if (*suite_folder) return;
  snprintf(suite_folder, sizeof suite_folder, "%.200s/handover-fuzz-XXXXXX", temporary ? temporary : "/tmp");
  CHECK(mkdtemp(suite_folder));
  atexit(tidy_up);
  snprintf(suite_path, sizeof suite_path, "%s/t.json", suite_folder);
  snprintf(name, sizeof name, "%s/whole.ndjson", suite_folder);
  FILE *file = fopen(STORIES "whole.ndjson", "rb");
  CHECK(file);
  size_t length = fread(fixture, 1, sizeof fixture, file);
  fclose(file);
  write_bytes(name, fixture, length);
}

/* What is said */

static void check_said(const char *said, size_t length) {
  CHECK(utf8_valid((struct slice){said, (uint32_t)length}));
  for (size_t i = 0; i < length; i++) CHECK((unsigned char)said[i] >= ' ' || said[i] == '\n');
  CHECK(length == 0 || said[length - 1] == '\n');
}

/* As suite_read, and looks at what it says: something where it is no use, and nothing where it is. */
static bool read_suite(struct suite *suite, const char *definition) {
  static char said[SAID];
  *suite = (struct suite){0};
  FILE *file = tmpfile();
  kept = dup(STDERR_FILENO);
  CHECK(file && kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
  bool good = suite_read(suite, suite_path, definition);
  dup2(kept, STDERR_FILENO);
  close(kept);
  kept = -1;
  rewind(file);
  size_t length = fread(said, 1, sizeof said, file);
  fclose(file);
  CHECK(good == (length == 0));
  if (length < sizeof said) check_said(said, length);
  return good;
}

/* Runs */

static double count_events(const cJSON *tests) {
  const cJSON *test, *event;
  double count = 0;
  cJSON_ArrayForEach(test, tests) {
    cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(test, "events")) {
      const cJSON *repeat = cJSON_GetObjectItemCaseSensitive(event, "repeat");
      count += repeat ? repeat->valuedouble : 1;
    }
  }
  return count;
}

/* Returns how many tests there are; 0: too much of it for a short run. */
static int32_t run_tests(struct suite *suite, struct suite_entry *entries, struct suite_coverage *coverage) {
  const cJSON *tests = cJSON_GetObjectItemCaseSensitive(suite->document.root, "tests"), *test;
  int32_t count = 0;
  if (cJSON_GetArraySize(tests) > TESTS || count_events(tests) > EVENTS_MOST) return 0;
  cJSON_ArrayForEach(test, tests) {
    entries[count].suite = suite;
    suite_run(suite, test, &entries[count++].result, coverage);
  }
  return count;
}

static void check_reports(const struct suite *suite, struct suite_entry *entries, int32_t count,
                          const struct suite_coverage *coverage) {
  struct buffer out = {0};
  size_t at;
  const char *why;
  for (enum suite_form form = SUITE_TEXT; form < SUITE_FORMS; form++) {
    out.length = 0;
    suite_report(&out, form, entries, count);
    CHECK(form == SUITE_GITHUB || out.length > 0);
    CHECK(form != SUITE_JSON || json_valid(out.at, out.length, &at, &why));
  }
  int percent = suite_coverage_report(&out, suite->definition, coverage);
  CHECK(percent >= 0 && percent <= 100);
  buffer_fini(&out);
}

static void forget(struct suite_entry *entries, int32_t count) {
  for (int32_t i = 0; i < count; i++) suite_result_fini(&entries[i].result);
}

static void check_update(const struct suite *suite, const struct suite_entry *entries, int32_t count,
                         const char *definition) {
  static struct suite_entry others[TESTS];
  struct suite_coverage coverage = {0};
  struct suite updated;
  CHECK(suite_update(suite, entries, count));
  CHECK(read_suite(&updated, definition));
  CHECK(run_tests(&updated, others, &coverage) == count);
  for (int32_t i = 0; i < count; i++) CHECK(entries[i].result.failed || !others[i].result.failed);
  forget(others, count);
  suite_fini(&updated);
}

/* Which of the two definitions is it about? */
static bool is_whole(const uint8_t *data, size_t size) {
  static const char word[] = "whole";
  for (size_t i = 0; i + sizeof word - 1 <= size; i++)
    if (memcmp(data + i, word, sizeof word - 1) == 0) return true;
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct suite_entry entries[TESTS];
  struct suite_coverage coverage = {0};
  struct suite suite;
  const char *definition = is_whole(data, size) ? STORIES "whole.json" : SAMPLE;
  set_up();
  write_bytes(suite_path, data, size);
  if (read_suite(&suite, definition)) {
    int32_t count = run_tests(&suite, entries, &coverage);
    if (count > 0) check_reports(&suite, entries, count, &coverage);
    if (count > 0) check_update(&suite, entries, count, definition);
    forget(entries, count);
  }
  suite_fini(&suite);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "suite", .count = 1500};
  return standalone_run(&run, argc, argv);
}
#endif
