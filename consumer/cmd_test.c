/* cmd_test.c: `handover test`: the unit tests of definitions (docs/definition-tests.md). */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "engine/memory.h"
#include "suite_report.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, PERCENT_MOST = 100 };

static const char help[] =
    "usage: handover test [--definition FILE] [--run GLOB] [--output FORM] [--coverage] [--threshold N] [--update] "
    "FILE ...\n"
    "\n"
    "Runs the tests of a definition: events go in, and the stage changes and breaches that come out have to be "
    "exactly\n"
    "those that are expected.\n"
    "\n"
    "  handover test definition.test.json\n"
    "  handover test --coverage --threshold 90 definition.test.json\n"
    "\n"
    "  FILE               tests, as docs/definition-tests.md tells; - is standard input\n"
    "  --definition FILE  the definition, instead of the one that the tests name\n"
    "  --run GLOB         only tests whose names match, such as \"sales *\"\n"
    "  --output FORM      text (as it is without), json, tap, junit or github\n"
    "  --coverage         says what of the definition no test reaches\n"
    "  --threshold N      fails where less than N per cent is reached\n"
    "  --update           writes what came into FILE as what is expected from now on, value by value\n"
    "  --help             this text\n"
    "\n"
    "Exit status 0: all tests pass; 1: one fails, or too little is reached; 2: wrong usage, or files that are of no "
    "use;\n"
    "3: the answer cannot be written.\n";

struct testing {
  const char *definition, *run;
  enum suite_form form;
  bool coverage, update, help;
  int threshold;
  char **paths;
  int path_count;
  struct suite *suites;
  struct suite_coverage *reached; /* one a file */
  struct suite_entry *entries;
  int32_t count;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover test: %.300s: %s\n", what, why);
  return false;
}

static bool parse_form(struct testing *t, const char *text) {
  static const char *const names[SUITE_FORMS] = {"text", "json", "tap", "junit", "github"};
  for (int i = 0; i < SUITE_FORMS; i++) {
    if (strcmp(text, names[i]) != 0) continue;
    t->form = (enum suite_form)i;
    return true;
  }
  return say("--output", "is text, json, tap, junit or github");
}

static bool parse_threshold(struct testing *t, const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  if (end == text || *end || number < 0 || number > PERCENT_MOST) return say("--threshold", "is from 0 to 100");
  t->threshold = (int)number;
  return true;
}

static bool parse_option(struct testing *t, int option) {
  switch (option) {
    case 'd': t->definition = optarg; return true;
    case 'r': t->run = optarg; return true;
    case 'o': return parse_form(t, optarg);
    case 't': return parse_threshold(t, optarg);
    case 'c': return t->coverage = true;
    case 'u': return t->update = true;
    default: return t->help = true;
  }
}

static bool parse(struct testing *t, int argc, char **argv) {
  static const struct option names[] = {{"definition", required_argument, NULL, 'd'},
                                        {"run", required_argument, NULL, 'r'},
                                        {"output", required_argument, NULL, 'o'},
                                        {"threshold", required_argument, NULL, 't'},
                                        {"coverage", no_argument, NULL, 'c'},
                                        {"update", no_argument, NULL, 'u'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option == ':') return say(argv[optind - 1], "needs a value");
    if (option == '?') return say(argv[optind - 1], "there is no such option, or it takes no value");
    if (!parse_option(t, option)) return false;
  }
  t->paths = argv + optind;
  t->path_count = argc - optind;
  int standard = 0;
  for (int i = 0; i < t->path_count; i++) standard += strcmp(t->paths[i], "-") == 0;
  if (t->help) return true;
  if (t->path_count == 0) return say("FILE", "is missing: which tests?");
  if (standard > 1) return say("-", "standard input can be read only once");
  return !(standard && t->update) || say("--update", "needs files: standard input cannot be rewritten");
}

static bool read_all(struct testing *t) {
  bool good = true;
  t->suites = memory_zeroed((size_t)t->path_count, sizeof *t->suites);
  t->reached = memory_zeroed((size_t)t->path_count, sizeof *t->reached);
  for (int i = 0; i < t->path_count; i++) good &= suite_read(&t->suites[i], t->paths[i], t->definition);
  return good;
}

static void run_suite(struct testing *t, int number) {
  const cJSON *test, *tests = cJSON_GetObjectItemCaseSensitive(t->suites[number].document.root, "tests");
  cJSON_ArrayForEach(test, tests) {
    if (t->run && fnmatch(t->run, cJSON_GetObjectItemCaseSensitive(test, "name")->valuestring, 0) != 0) continue;
    t->entries = memory_grown(t->entries, (size_t)(t->count + 1) * sizeof *t->entries);
    struct suite_entry *entry = &t->entries[t->count++];
    entry->suite = &t->suites[number];
    suite_run(&t->suites[number], test, &entry->result, &t->reached[number]);
  }
}

/* The same definition tested by several files is covered by all of them. */
static void merge(struct suite_coverage *into, const struct suite_coverage *from) {
  bool *a = (bool *)into;
  const bool *b = (const bool *)from;
  for (size_t i = 0; i < sizeof *into; i++) a[i] |= b[i];
}

static bool covered(struct testing *t, struct buffer *out) {
  bool good = true;
  for (int i = 0; i < t->path_count; i++) {
    bool later = false;
    for (int j = i + 1; j < t->path_count && !later; j++) {
      later = slice_equal(t->suites[i].definition->digest, t->suites[j].definition->digest);
      if (later) merge(&t->reached[j], &t->reached[i]);
    }
    if (!later) good &= suite_coverage_report(out, t->suites[i].definition, &t->reached[i]) >= t->threshold;
  }
  return good;
}

static int finish(struct testing *t) {
  struct buffer out = {0}, coverage = {0};
  int status = STATUS_OK;
  suite_report(&out, t->form, t->entries, t->count);
  for (int32_t i = 0; i < t->count; i++)
    if (t->entries[i].result.failed) status = STATUS_NO;
  if ((t->coverage || t->threshold) && !covered(t, &coverage)) status = STATUS_NO;
  bool text = t->form == SUITE_TEXT; /* other forms are for programs: people's words stay out of them */
  if (coverage.length) buffer_append(text ? &out : &coverage, coverage.at, text ? coverage.length : 0);
  if (!text && coverage.length) fwrite(coverage.at, 1, coverage.length, stderr);
  bool written = !out.length || (fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0);
  if (!written) say("standard output", "cannot be written");
  for (int i = 0; i < t->path_count && t->update && written; i++) {
    if (!suite_update(&t->suites[i], t->entries, t->count)) written = say(t->paths[i], "cannot be rewritten");
  }
  buffer_fini(&coverage);
  buffer_fini(&out);
  return written ? status : STATUS_OUTSIDE;
}

static void testing_fini(struct testing *t) {
  for (int32_t i = 0; i < t->count; i++) suite_result_fini(&t->entries[i].result);
  for (int i = 0; t->suites && i < t->path_count; i++) suite_fini(&t->suites[i]);
  memory_free(t->entries);
  memory_free(t->suites);
  memory_free(t->reached);
}

int cmd_test(int argc, char **argv) {
  struct testing t = {0};
  int status = STATUS_USAGE;
  if (!parse(&t, argc, argv)) {
    fputs("`handover test --help` says what can be said\n", stderr);
    return status;
  }
  if (t.help) {
    fputs(help, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  }
  if (!read_all(&t)) goto out;
  for (int i = 0; i < t.path_count; i++) run_suite(&t, i);
  if (t.count == 0) {
    say("FILE", "there is no test to run");
    goto out;
  }
  status = finish(&t);
out:
  testing_fini(&t);
  return status;
}
