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
#include "engine/memory.h"
#include "known.h"
#include "options.h"

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
  struct known_paths paths;
  int32_t threads;
  bool json, help;

  struct known known;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover audit: %.300s: %s\n", what, why);
  return false;
}

/* Options */

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
    case 'd': return known_take_definition(&command->paths, "audit", optarg);
    case 't': return known_take_trust(&command->paths, "audit", optarg);
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

/* The work */

static int audit(struct command *command) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  const struct audit_order order = {.settings = &command->settings,
                                    .catalog = command->known.catalog,
                                    .signatures = command->known.signatures,
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
  int status = known_read(&command->known, "audit", &command->settings, &command->paths, true, (struct slice){NULL, 0});
  return status == STATUS_OK ? audit(command) : status;
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
  known_fini(&command->known);
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
