/* cmd_describe.c: `handover describe`: a definition as a page for people. */
#include <getopt.h>
#include <stdio.h>

#include "../config/describe.h"
#include "agreement.h"
#include "command.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover describe [--html] [--trust FILE ...] FILE\n"
    "\n"
    "Prints a definition as a page that both teams read and sign, in Markdown.\n"
    "\n"
    "  handover describe definition.json\n"
    "  handover describe --html --trust keys.txt definition.json > definition.html\n"
    "\n"
    "  FILE          a definition; - is standard input\n"
    "  --html        one HTML file instead, which loads nothing, for screens and paper\n"
    "  --trust FILE  whose signatures count: checks each; otherwise the page says that nobody did; may stand several "
    "times\n"
    "  --help        this text\n"
    "\n"
    "Exit status 0: done; 2: wrong usage, or a file that is of no use; 3: the page cannot be written.\n";

struct request {
  const char *file;
  const char *trust_paths[TRUST_FILES];
  size_t trust_count;
  bool html, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover describe: %.300s: %s\n", what, why);
  return false;
}

static bool request_parse(struct request *request, int argc, char **argv) {
  static const struct option names[] = {{"html", no_argument, NULL, 'm'},
                                        {"trust", required_argument, NULL, 't'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option == 'm') request->html = true;
    else if (option == 'h') request->help = true;
    else if (option != 't')
      return say(argv[optind - 1], "there is no such option, or its value is missing or too much");
    else if (request->trust_count == TRUST_FILES) return say("--trust", "more than 64");
    else request->trust_paths[request->trust_count++] = optarg;
  }
  if (request->help) return true;
  if (optind == argc) return say("FILE", "is missing: which definition?");
  if (optind + 1 < argc) return say(argv[optind + 1], "one definition makes one page");
  request->file = argv[optind];
  return true;
}

static int print_page(const struct agreement *agreement, bool html, const struct trust *trust) {
  struct buffer out = {0};
  struct page page = {.out = &out, .html = html};
  describe(&page, agreement->document.root, agreement->definition, trust);
  bool written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  return written || say("standard output", "cannot be written") ? STATUS_OK : STATUS_OUTSIDE;
}

int cmd_describe(int argc, char **argv) {
  struct request request = {0};
  struct agreement agreement = {0};
  struct trust trust = {0};
  int status = STATUS_USAGE;
  if (!request_parse(&request, argc, argv)) {
    fputs("`handover describe --help` says what can be said\n", stderr);
  } else if (request.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else if (trust_file_read(&trust, "describe", request.trust_paths, request.trust_count) &&
             agreement_read(&agreement, "describe", request.file)) {
    status = print_page(&agreement, request.html, request.trust_count ? &trust : NULL);
  }
  trust_fini(&trust);
  agreement_fini(&agreement);
  return status;
}
