/* cmd_check.c: `handover check`: everything that is wrong with definitions, or what they are known by.
 *
 * The answer goes to standard output, be it good or bad: it is what was asked for. What keeps from answering goes to standard
 * error. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/definition.h"
#include "../producer/encode.h"
#include "command.h"
#include "engine/task.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 400 };

static const char help[] =
    "usage: handover check [--json] FILE ...\n"
    "\n"
    "Says everything that is wrong with a definition, all at once, each with its line and column. Of a good one it\n"
    "says name, version and digest. Several versions of one definition are checked to fit together.\n"
    "\n"
    "  handover check definition.json\n"
    "  handover check --json v1.json v2.json\n"
    "\n"
    "  FILE      a definition; - is standard input\n"
    "  --json    the answer as JSON\n"
    "  --help    this text\n"
    "\n"
    "Exit status 0: all are good; 1: something is wrong; 2: wrong usage, or a file that cannot be read;\n"
    "3: the answer cannot be written.\n";

/* A file and what it turned out to be: a definition, or problems. */
struct answer {
  const char *file;
  struct definition *definition;
  struct problems problems;
};

struct check {
  struct answer *answers;
  int count;
  bool json, help, unreadable, good;
  char misfit[WHY]; /* why the versions do not fit together; "" where they do, or where nothing is to be said */
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover check: %.300s: %s\n", what, why);
  return false;
}

static bool check_parse(struct check *check, int argc, char **argv) {
  static const struct option names[] = {
      {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int option, standard = 0;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option == 'j') check->json = true;
    else if (option == 'h') check->help = true;
    else return say(argv[optind - 1], "there is no such option, or it takes no value");
  }
  if (check->help) return true;
  check->count = argc - optind;
  for (int i = optind; i < argc; i++) standard += strcmp(argv[i], "-") == 0;
  if (standard > 1) return say("-", "standard input can be read only once");
  if (check->count == 0) return say("FILE", "is missing: which definition?");
  check->answers = calloc((size_t)check->count, sizeof *check->answers);
  if (!check->answers) abort();
  for (int i = 0; i < check->count; i++) check->answers[i].file = argv[optind + i];
  return true;
}

/* The work */

/* Versions of one definition have to fit together; definitions of several names are several questions. */
static void check_versions(struct check *check) {
  const struct definition **definitions = calloc((size_t)check->count, sizeof *definitions);
  if (!definitions) abort();
  bool versions = true;
  for (int i = 0; i < check->count; i++) {
    definitions[i] = check->answers[i].definition;
    versions = versions && slice_equal(definitions[i]->name, definitions[0]->name);
  }
  if (versions && !versions_check(definitions, check->count, check->misfit, sizeof check->misfit)) check->good = false;
  free(definitions);
}

static void check_all(struct check *check) {
  check->good = true;
  for (int i = 0; i < check->count; i++) {
    struct answer *answer = &check->answers[i];
    answer->definition = definition_read(answer->file, &answer->problems);
    check->good = check->good && answer->definition;
    if (answer->problems.count == 0 || answer->problems.at[0].line > 0) continue;
    check->unreadable = true;
    say(answer->file, answer->problems.at[0].message);
  }
  if (check->good && check->count > 1) check_versions(check);
}

/* The answer */

static void append_text(struct buffer *out, const struct answer *answer) {
  const struct definition *d = answer->definition;
  for (size_t i = 0; i < answer->problems.count; i++) {
    const struct problem *p = &answer->problems.at[i];
    if (p->line == 0) return;
    buffer_append_text(out, answer->file);
    buffer_printf(out, ":%d:%d: ", p->line, p->column);
    buffer_append_text(out, p->pointer);
    buffer_append_text(out, *p->pointer ? ": " : "");
    buffer_append_text(out, p->message);
    buffer_append_text(out, "\n");
  }
  buffer_append_text(out, answer->file);
  if (!d) {
    buffer_append_text(out, ": not good\n");
    return;
  }
  buffer_append_text(out, ": ");
  buffer_append(out, d->name.at, d->name.length);
  buffer_printf(out, " version %" PRIu32 ": good, ", d->version);
  buffer_append(out, d->digest.at, d->digest.length);
  buffer_append_text(out, "\n");
}

static void append_problems(struct buffer *out, const struct problems *problems) {
  buffer_append_text(out, ",\"problems\":[");
  for (size_t i = 0; i < problems->count; i++) {
    const struct problem *p = &problems->at[i];
    buffer_append_text(out, i ? ",{\"pointer\":" : "{\"pointer\":");
    json_append_string(out, slice_of(p->pointer));
    buffer_printf(out, ",\"line\":%d,\"column\":%d,\"message\":", p->line, p->column);
    json_append_string(out, slice_of(p->message));
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, "]}");
}

static void append_answer(struct buffer *out, const struct answer *answer) {
  const struct definition *d = answer->definition;
  buffer_append_text(out, "{\"file\":");
  json_append_string(out, slice_of(answer->file));
  buffer_printf(out, ",\"good\":%s", d ? "true" : "false");
  if (d) {
    buffer_append_text(out, ",\"name\":");
    json_append_string(out, d->name);
    buffer_printf(out, ",\"version\":%" PRIu32 ",\"effective_from\":\"", d->version);
    time_append(out, d->effective_from_ms);
    buffer_append_text(out, "\",\"digest\":");
    json_append_string(out, d->digest);
    buffer_append_text(out, d->agreed ? ",\"agreed\":true" : ",\"agreed\":false");
  }
  append_problems(out, &answer->problems);
}

static void append_json(struct buffer *out, const struct check *check) {
  buffer_printf(out, "{\"good\":%s,\"definitions\":[", check->good ? "true" : "false");
  for (int i = 0; i < check->count; i++) {
    if (i) buffer_append_text(out, ",");
    append_answer(out, &check->answers[i]);
  }
  buffer_append_text(out, "],\"misfit\":");
  if (*check->misfit) json_append_string(out, slice_of(check->misfit));
  else buffer_append_text(out, "null");
  buffer_append_text(out, "}\n");
}

static bool print_answer(const struct check *check) {
  struct buffer out = {0};
  if (check->json) append_json(&out, check);
  for (int i = 0; i < check->count && !check->json; i++) append_text(&out, &check->answers[i]);
  if (*check->misfit && !check->json) {
    buffer_append_text(&out, "these versions do not fit together: ");
    buffer_append_text(&out, check->misfit);
    buffer_append_text(&out, "\n");
  }
  bool written = !out.length || (fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0);
  buffer_fini(&out);
  return written || say("standard output", "cannot be written");
}

static void check_fini(struct check *check) {
  for (int i = 0; i < check->count && check->answers; i++) {
    definition_destroy(check->answers[i].definition);
    problems_fini(&check->answers[i].problems);
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
