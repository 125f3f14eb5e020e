/* cmd_init.c: `handover init`: a first definition and its tests, from a few answers; both are checked by the code of `check` and `test`.
 *
 *   flags → questions on a terminal → two texts in memory → two files, or none → check → test → what to do next */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "ask.h"
#include "clock.h"
#include "command.h"
#include "first.h"
#include "interrupt.h"
#include "replace.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 500, OTHERS = 3 };

static const char help[] =
    "usage: handover init [--yes] [--force] [--company NAME] [--zone ZONE] [...] [DIRECTORY | FILE.json]\n"
    "\n"
    "Writes a first definition, with remarks that say what to change, and tests of it beside it; then checks the one\n"
    "and runs the others. On a terminal it asks what no flag has answered, and Enter takes the default. Without a\n"
    "terminal, or with --yes, it takes the defaults. For an event that you do not have, say -.\n"
    "\n"
    "  handover init\n"
    "  handover init --yes --company Acme --zone Europe/Berlin --sales \"emea: ana, bo; americas: eli\" agreement\n"
    "\n"
    "  DIRECTORY             where definition.json and definition.test.json are written; made if it is not there\n"
    "  FILE.json             the definition's file; its tests are FILE.test.json\n"
    "\n"
    "Answers, each with its default:\n";

static const char help_end[] =
    "  --yes                 asks nothing\n"
    "  --force               replaces files that are there; without it none is\n"
    "  --help                this text\n"
    "\n"
    "Exit status 0: written, and good; 1: a check or a test failed; 2: wrong usage, answers that make no definition,\n"
    "or a file that is there already: nothing was written; 3: something cannot be written, or a signal came.\n";

struct init {
  struct answers answers;
  struct first first;
  const char *flags[ANSWERS];
  const char *path;
  bool yes, force, help;
  char definition[PATH_MAX], tests[PATH_MAX];
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover init: %.300s: %s\n", what, why);
  return false;
}

/* --- usage --- */

static void print_help(void) {
  fputs(help, stdout);
  for (int i = 0; i < ANSWERS; i++) {
    const struct question *q = &questions[i];
    char flag[64];
    const char *rest = strchr(q->help, '\n');
    snprintf(flag, sizeof flag, "--%s %s", q->flag, q->value);
    printf("  %-21s %.*s", flag, rest ? (int)(rest - q->help) : (int)strlen(q->help), q->help);
    if (rest) printf("\n  %-21s %s", "", rest + 1);
    if (q->fallback) printf(" (%s)", q->fallback);
    putchar('\n');
  }
  fputs(help_end, stdout);
}

static bool parse(struct init *init, int argc, char **argv) {
  struct option names[ANSWERS + OTHERS + 1] = {{0}};
  for (int i = 0; i < ANSWERS; i++) names[i] = (struct option){questions[i].flag, required_argument, NULL, i};
  names[ANSWERS] = (struct option){"yes", no_argument, NULL, 'y'};
  names[ANSWERS + 1] = (struct option){"force", no_argument, NULL, 'f'};
  names[ANSWERS + 2] = (struct option){"help", no_argument, NULL, 'h'};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    switch (option) {
      case 'y': init->yes = true; break;
      case 'f': init->force = true; break;
      case 'h': init->help = true; break;
      case ':': return say(argv[optind - 1], "needs a value");
      case '?': return say(argv[optind - 1], "there is no such option, or it takes no value");
      default: init->flags[option] = optarg; break;
    }
  }
  if (argc - optind > 1) return say(argv[optind + 1], "one place to write to is enough");
  init->path = optind < argc ? argv[optind] : ".";
  return true;
}

/* --- where to --- */

static bool ends(const char *text, const char *with) {
  size_t length = strlen(text), end = strlen(with);
  return length > end && strcmp(text + length - end, with) == 0;
}

static bool take_paths(struct init *init) {
  const char *path = init->path;
  size_t length = strlen(path), most = sizeof init->tests - sizeof "/definition.test.json";
  if (length == 0 || length > most)
    return say("DIRECTORY", "must be the name of a folder, or of a file that ends in .json");
  for (const char *at = path; *at; at++)
    if ((unsigned char)*at < ' ' || *at == 0x7f) return say("DIRECTORY", "must be a name without control characters");
  bool file = ends(path, ".json"), here = strcmp(path, ".") == 0;
  size_t stem = file ? length - (sizeof ".json" - 1) : length;
  if (!file && path[length - 1] == '/') stem = length - 1;
  const char *name = file ? "" : here ? "definition" : "/definition";
  if (here) stem = 0;
  snprintf(init->definition, sizeof init->definition, "%.*s%s.json", (int)stem, path, name);
  snprintf(init->tests, sizeof init->tests, "%.*s%s.test.json", (int)stem, path, name);
  return true;
}

static bool is_free(const char *path) {
  struct stat status;
  return lstat(path, &status) != 0 || say(path, "is there already; --force replaces it");
}

static const char *base_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* --- the answers --- */

/* Flags first, and what is never asked; then the terminal, or the defaults. Returns an exit status. */
static int take_answers(struct init *init) {
  struct answers *answers = &init->answers;
  char why[WHY];
  bool asking = !init->yes && isatty(STDIN_FILENO);
  answers_begin(answers, clock_wall_ms());
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < ANSWERS; i++) {
      const char *flag = init->flags[i];
      bool now = pass == 0 ? flag != NULL : !flag && !(asking && questions[i].ask);
      if (!now || answers_set(answers, (enum answer)i, flag ? flag : "", why, sizeof why)) continue;
      char name[64];
      snprintf(name, sizeof name, "--%s", questions[i].flag);
      say(name, why);
      return STATUS_USAGE;
    }
  }
  if (!asking || ask_all(answers, why, sizeof why)) return STATUS_OK;
  say("answers", why);
  return interrupt_seen() ? STATUS_OUTSIDE : STATUS_USAGE;
}

/* --- the files --- */

static bool write_file(const struct init *init, const char *path, const struct buffer *text) {
  char why[WHY];
  return put_file(path, text->at, text->length, init->force, why, sizeof why) || say(path, why);
}

/* Both, or none. */
static bool write_files(const struct init *init) {
  bool folder = !ends(init->path, ".json");
  if (folder && mkdir(init->path, 0777) != 0 && errno != EEXIST) return say(init->path, strerror(errno));
  bool before = access(init->definition, F_OK) == 0;
  if (!write_file(init, init->definition, &init->first.definition)) return false;
  if (write_file(init, init->tests, &init->first.tests)) return true;
  if (!before) unlink(init->definition);
  return false;
}

/* A path as a shell takes it. */
static void print_path(const char *path) {
  bool quoted = path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-")] != 0;
  if (!quoted) {
    fputs(path, stdout);
    return;
  }
  putchar('\'');
  for (; *path; path++) {
    if (*path == '\'') fputs("'\\''", stdout);
    else putchar(*path);
  }
  putchar('\'');
}

static void print_next(const struct init *init) {
  fputs("\nRead it together, and change what is not yours. Next:\n  handover describe ", stdout);
  print_path(init->definition);
  fputs("\n  handover test ", stdout);
  print_path(init->tests);
  fputs(
      "\n  handover run --set bootstrap=localhost:9092 --set inputs=engagement --set state_dir=state --draft "
      "--definition ",
      stdout);
  print_path(init->definition);
  putchar('\n');
}

static int check_and_test(struct init *init) {
  char check_name[] = "check", test_name[] = "test", operands[] = "--";
  char *check[] = {check_name, operands, init->definition, NULL}, *test[] = {test_name, operands, init->tests, NULL};
  printf("wrote %s and %s\n", init->definition, init->tests);
  int checked = cmd_check(3, check);
  if (checked == STATUS_OK && strcmp(init->answers.text[ANSWER_BANT], "no") == 0)
    puts("(to ask for authority and a timeframe is advised because BANT was left out)");
  int tested = checked == STATUS_OK ? cmd_test(3, test) : checked;
  if (tested == STATUS_OK) print_next(init);
  if (fflush(stdout) == 0) return tested;
  say("standard output", "cannot be written");
  return STATUS_OUTSIDE;
}

static int work(struct init *init) {
  char why[WHY];
  if (!take_paths(init)) return STATUS_USAGE;
  if (!init->force && (!is_free(init->definition) || !is_free(init->tests))) return STATUS_USAGE;
  int status = take_answers(init);
  if (status != STATUS_OK) return status;
  if (!first_make(&init->first, &init->answers, base_of(init->definition), why, sizeof why)) {
    say("answers", why);
    return STATUS_USAGE;
  }
  return write_files(init) ? check_and_test(init) : STATUS_OUTSIDE;
}

int cmd_init(int argc, char **argv) {
  struct init init = {0};
  if (!parse(&init, argc, argv)) {
    fputs("`handover init --help` says what can be said\n", stderr);
    return STATUS_USAGE;
  }
  if (init.help) {
    print_help();
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  }
  interrupt_watch();
  int status = work(&init);
  answers_fini(&init.answers);
  first_fini(&init.first);
  return status;
}
