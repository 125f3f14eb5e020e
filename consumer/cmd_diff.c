/* cmd_diff.c: `handover diff`: what changed in meaning between two definitions. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../config/diff.h"
#include "agreement.h"
#include "command.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover diff [--json] A B\n"
    "\n"
    "Says what changed in meaning from definition A to definition B, in sentences: which criteria ask for more or "
    "less,\n"
    "which stages fewer or more leads will reach, who has less time, what was only put into other words.\n"
    "\n"
    "  handover diff v1.json v2.json\n"
    "\n"
    "  A, B      definitions; - is standard input\n"
    "  --json    the answer as JSON\n"
    "  --help    this text\n"
    "\n"
    "Exit status 0: the meaning is the same; 1: it changed; 2: wrong usage, or a definition that is of no use;\n"
    "3: the answer cannot be written.\n";

struct request {
  const char *files[2];
  bool json, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover diff: %.300s: %s\n", what, why);
  return false;
}

static bool request_parse(struct request *request, int argc, char **argv) {
  static const struct option names[] = {
      {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option == 'j') request->json = true;
    else if (option == 'h') request->help = true;
    else return say(argv[optind - 1], "there is no such option, or it takes no value");
  }
  if (request->help) return true;
  if (argc - optind != 2) return say("A B", "two definitions are compared, no more and no fewer");
  request->files[0] = argv[optind];
  request->files[1] = argv[optind + 1];
  if (strcmp(request->files[0], "-") == 0 && strcmp(request->files[1], "-") == 0)
    return say("-", "standard input can be read only once");
  return true;
}

static int print_changes(const struct agreement *agreements, bool json) {
  const struct diff_side before = {agreements[0].document.root, agreements[0].definition};
  const struct diff_side after = {agreements[1].document.root, agreements[1].definition};
  struct diff diff = {0};
  struct buffer out = {0};
  int count = diff_find(&diff, &before, &after);
  if (json) diff_append_json(&out, &diff, &before, &after);
  else diff_append_text(&out, &diff, &before, &after);
  bool written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  diff_fini(&diff);
  buffer_fini(&out);
  if (!written && !say("standard output", "cannot be written")) return STATUS_OUTSIDE;
  return count ? STATUS_NO : STATUS_OK;
}

int cmd_diff(int argc, char **argv) {
  struct request request = {0};
  struct agreement agreements[2] = {0};
  int status = STATUS_USAGE;
  if (!request_parse(&request, argc, argv)) {
    fputs("`handover diff --help` says what can be said\n", stderr);
  } else if (request.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else if (agreement_read(&agreements[0], "diff", request.files[0]) &&
             agreement_read(&agreements[1], "diff", request.files[1])) {
    status = print_changes(agreements, request.json);
  }
  agreement_fini(&agreements[1]);
  agreement_fini(&agreements[0]);
  return status;
}
