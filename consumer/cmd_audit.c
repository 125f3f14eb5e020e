/* cmd_audit.c: `handover audit`: what was published is decided again and compared, event by event. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_report.h"
#include "client.h"
#include "command.h"
#include "definition_files.h"
#include "definitions.h"
#include "engine/memory.h"
#include "options.h"
#include "published.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static const char help[] =
    "usage: handover audit --settings FILE [option ...]\n"
    "\n"
    "Reads the inputs, the journal, the definitions and what was published, decides everything again, and compares it "
    "byte for\n"
    "byte, and the journal's chain with it. Says what is missing, was added, put elsewhere or altered. It writes "
    "nothing and\n"
    "joins no group; daemons may run.\n"
    "\n"
    "  handover audit --settings handover.json\n"
    "  handover audit --settings handover.json --trust trust.txt --json\n"
    "\n"
    "  --settings FILE      settings (docs/settings.md); - is standard input\n"
    "  --set NAME=VALUE     a setting, after the file's\n"
    "  -X PROPERTY=VALUE    a property of librdkafka\n"
    "  --definition FILE    a definition, besides those that the settings name and those that have been published\n"
    "  --trust FILE         whose signatures count, besides the files that the settings name; what was published as "
    "agreed\n"
    "                       has to be signed by them\n"
    "  --threads N          partitions at once; by default one for each processor\n"
    "  --json               the result as JSON\n"
    "  --help               this text\n"
    "\n"
    "Exit status 0: all of it is proven; 1: not so; 2: wrong usage, settings or definitions; 3: no broker answers.\n";

struct command {
  struct options options;
  struct settings settings;
  const char *paths[DEFINITIONS_MOST];
  int32_t path_count;
  const char *trusts[TRUST_FILES];
  size_t trust_count;
  int32_t threads;
  bool json, help;

  struct trust trust;
  struct catalog *catalog;
  struct definitions files;
  struct published published;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover audit: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool path_take(struct command *command, const char *path) {
  if (command->path_count == DEFINITIONS_MOST) return say("--definition", "more than 256");
  command->paths[command->path_count++] = path;
  return true;
}

static bool trust_take(struct command *command, const char *path) {
  if (command->trust_count == TRUST_FILES) return say("--trust", "more than 64");
  command->trusts[command->trust_count++] = path;
  return true;
}

static bool threads_take(struct command *command, const char *text) {
  char *end;
  long number = strtol(text, &end, 10);
  if (*text < '0' || *text > '9' || *end || number < 1 || number > SETTINGS_THREADS)
    return say("--threads", "a number from 1 to 64 is wanted");
  command->threads = (int32_t)number;
  return true;
}

static bool option_take(struct command *command, int option, char **argv) {
  switch (option) {
    case 'd': return path_take(command, optarg);
    case 't': return trust_take(command, optarg);
    case 'n': return threads_take(command, optarg);
    case 'j': command->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "audit", option, argv);
  }
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"definition", required_argument, NULL, 'd'},
                                        {"trust", required_argument, NULL, 't'},
                                        {"threads", required_argument, NULL, 'n'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc) return say(argv[optind], "nothing more is expected here");
  return options_given(&command->options, "audit");
}

/* Definitions: those of the files, then those that were published */

static bool read_files(struct command *command) {
  struct definition_files files = {0};
  char why[WHY];
  bool good = true;
  for (int32_t i = 0; i < command->settings.definitions.count && good; i++)
    good = path_take(command, command->settings.definitions.at[i]);
  for (int32_t i = 0; i < command->settings.trust.count && good; i++)
    good = trust_take(command, command->settings.trust.at[i]);
  if (good && !definition_files_find(&files, command->paths, command->path_count, why, sizeof why))
    good = say("--definition", why);
  good = good && trust_file_read(&command->trust, "audit", command->trusts, command->trust_count) &&
         definitions_read(&command->files, "audit", (const char *const *)files.at, files.count, &command->trust);
  definition_files_fini(&files);
  for (int32_t i = 0; i < command->files.count && good; i++) {
    if (catalog_add(command->catalog, command->files.at[i], why, sizeof why) != CATALOG_ADDED)
      good = say("--definition", why);
  }
  return good;
}

/* What cannot be used is left out: if something was decided by it, that is found out. */
static bool read_published(struct command *command) {
  const struct definition *newest = catalog_newest(command->catalog);
  struct slice name = newest ? newest->name : slice_of(command->settings.definition_name);
  char why[WHY];
  command->published.catalog = command->catalog;
  snprintf(command->published.name, sizeof command->published.name, "%.*s", (int)name.length, name.at);
  return published_read(&command->published, &command->settings, &command->trust, why, sizeof why) ||
         say(command->settings.bootstrap, why);
}

/* The work */

static int audit(struct command *command) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  const struct audit_order order = {.settings = &command->settings,
                                    .catalog = command->catalog,
                                    .signatures = command->trust_count > 0,
                                    .threads = command->threads ? command->threads
                                               : processors > 0 ? (int32_t)processors
                                                                : 1};
  char why[WHY];
  struct buffer out = {0};
  struct audit *found = audit_run(&order, why, sizeof why);
  if (!found) {
    say(command->settings.bootstrap, why);
    return STATUS_OUTSIDE;
  }
  if (command->json) audit_report_json(&out, found);
  else audit_report_text(&out, found);
  fwrite(out.at, 1, out.length, stdout);
  int status = audit_proven(found) ? STATUS_OK : STATUS_NO;
  buffer_fini(&out);
  audit_destroy(found);
  return status;
}

static int run(struct command *command) {
  char why[WHY];
  if (!options_load(&command->options, "audit", &command->settings)) return STATUS_USAGE;
  if (!client_check(&command->settings, why, sizeof why)) {
    say("settings", why);
    return STATUS_USAGE;
  }
  command->catalog = catalog_create();
  if (!read_files(command)) return STATUS_USAGE;
  return read_published(command) ? audit(command) : STATUS_OUTSIDE;
}

int cmd_audit(int argc, char **argv) {
  struct command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover audit --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = STATUS_OK;
  } else {
    status = run(command);
  }
  if (fflush(stdout) != 0) status = STATUS_OUTSIDE;
  catalog_destroy(command->catalog);
  published_fini(&command->published);
  definitions_fini(&command->files);
  trust_fini(&command->trust);
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
