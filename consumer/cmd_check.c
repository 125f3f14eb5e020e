/* cmd_check.c: `handover check`: everything that is wrong with definitions, or what they are known by.
 *
 * The answer goes to standard output, be it good or bad: it is what was asked for. What keeps from answering goes to standard
 * error. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "command.h"
#include "engine/memory.h"
#include "engine/task.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover check [--strict] [--against OLD] [--output text|json|github|junit] FILE ...\n"
    "\n"
    "Says everything that is wrong with a definition, all at once, each with its line and column. Of a good one it\n"
    "says what would be wise to change, with a reason and a way out, then name, version and digest. Several versions\n"
    "of one definition are checked to fit together.\n"
    "\n"
    "  handover check definition.json\n"
    "  handover check --strict --against v1.json --output github v2.json\n"
    "\n"
    "  FILE             a definition; - is standard input\n"
    "  --strict         advice counts as a failure\n"
    "  --against OLD    the version that FILE is to follow: says what does not fit\n"
    "  --output HOW     text (the default), json, github (annotations of a workflow), junit (XML for CI servers)\n"
    "  --json           short for --output json\n"
    "  --help           this text\n"
    "\n"
    "Exit status 0: all are good; 1: something is wrong; 2: wrong usage, or a file that cannot be read;\n"
    "3: the answer cannot be written.\n";

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover check: %.300s: %s\n", what, why);
  return false;
}

static bool take_output(struct check *check, const char *how) {
  static const char *const outputs[] = {"text", "json", "github", "junit"}; /* as enum check_output */
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
    if (strcmp(how, outputs[i]) != 0) continue;
    check->output = (enum check_output)i;
    return true;
  }
  return say("--output", "must be text, json, github or junit");
}

static bool take_options(struct check *check, int argc, char **argv) {
  static const struct option names[] = {
      {"json", no_argument, NULL, 'j'},          {"strict", no_argument, NULL, 's'},
      {"against", required_argument, NULL, 'a'}, {"output", required_argument, NULL, 'o'},
      {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    switch (option) {
      case 'j': check->output = CHECK_JSON; break;
      case 's': check->strict = true; break;
      case 'a': check->against = optarg; break;
      case 'o':
        if (!take_output(check, optarg)) return false;
        break;
      case 'h': check->help = true; break;
      case ':': return say(argv[optind - 1], "needs a value");
      default: return say(argv[optind - 1], "there is no such option, or it takes no value");
    }
  }
  return true;
}

static bool check_parse(struct check *check, int argc, char **argv) {
  if (!take_options(check, argc, argv)) return false;
  if (check->help) return true;
  check->count = argc - optind;
  int standard = check->against && strcmp(check->against, "-") == 0;
  for (int i = optind; i < argc; i++) standard += strcmp(argv[i], "-") == 0;
  if (standard > 1) return say("-", "standard input can be read only once");
  if (check->count == 0) return say("FILE", "is missing: which definition?");
  check->answers = memory_zeroed((size_t)check->count, sizeof *check->answers);
  for (int i = 0; i < check->count; i++) check->answers[i].file = argv[optind + i];
  return true;
}

/* The work */

/* Versions of one definition have to fit together; definitions of several names are several questions. */
static void check_versions(struct check *check) {
  const struct definition **definitions = memory_zeroed((size_t)check->count, sizeof *definitions);
  bool versions = true;
  for (int i = 0; i < check->count; i++) {
    definitions[i] = check->answers[i].definition;
    versions = versions && slice_equal(definitions[i]->name, definitions[0]->name);
  }
  if (versions && !versions_check(definitions, check->count, check->misfit, sizeof check->misfit)) check->good = false;
  free(definitions);
}

static void check_file(struct check *check, struct answer *answer) {
  size_t length;
  char *text = definition_load(answer->file, &length, &answer->problems);
  if (!text) {
    check->unreadable = true;
    check->good = false;
    say(answer->file, answer->problems.at[0].message);
    return;
  }
  answer->definition = definition_parse(text, length, &answer->problems);
  if (answer->definition) advice_find(answer->definition, text, length, &answer->advices);
  check->good = check->good && answer->definition && !(check->strict && answer->advices.count);
  memory_free(text);
}

/* A version that is not good itself cannot be compared with: that is no answer about those that were asked about. */
static void check_against(struct check *check) {
  struct problems problems;
  struct definition *old = definition_read(check->against, &problems);
  if (!old) {
    check->unreadable = true;
    say(check->against, problems.at[0].line ? "is no good definition to compare with" : problems.at[0].message);
  }
  for (int i = 0; i < check->count && old; i++)
    if (check->answers[i].definition && !check_differences(&check->answers[i], old)) check->good = false;
  definition_destroy(old);
  problems_fini(&problems);
}

static void check_all(struct check *check) {
  check->good = true;
  bool parsed = true;
  for (int i = 0; i < check->count; i++) {
    check_file(check, &check->answers[i]);
    parsed = parsed && check->answers[i].definition;
  }
  if (parsed && check->count > 1) check_versions(check);
  if (check->against) check_against(check);
}

/* The answer */

static bool print_answer(const struct check *check) {
  struct buffer out = {0};
  check_append(&out, check);
  bool written = !out.length || (fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0);
  buffer_fini(&out);
  return written || say("standard output", "cannot be written");
}

static void check_fini(struct check *check) {
  for (int i = 0; i < check->count && check->answers; i++) {
    definition_destroy(check->answers[i].definition);
    problems_fini(&check->answers[i].problems);
    advices_fini(&check->answers[i].advices);
    memory_free(check->answers[i].differences);
  }
  free(check->answers);
}

int cmd_check(int argc, char **argv) {
  struct check check = {0};
  int status = STATUS_USAGE;
  if (!check_parse(&check, argc, argv)) {
    fputs("`handover check --help` says what can be said\n", stderr);
    goto out;
  }
  if (check.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
    goto out;
  }
  check_all(&check);
  status = !print_answer(&check) ? STATUS_OUTSIDE
           : check.unreadable    ? STATUS_USAGE
           : check.good          ? STATUS_OK
                                 : STATUS_NO;
out:
  check_fini(&check);
  return status;
}
