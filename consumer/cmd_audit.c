/* cmd_audit.c: `handover audit`: what was published is decided again and compared, event by event. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit_given.h"
#include "audit_report.h"
#include "client.h"
#include "command.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "options.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static const char help[] =
    "usage: handover audit --settings FILE [option ...]\n"
    "       handover audit BUNDLE [option ...]\n"
    "\n"
    "Reads the inputs, the journal, the definitions and what was published, decides everything again, and compares it "
    "byte for\n"
    "byte, and the journal's chain with it. Says what is missing, was added, put elsewhere or altered. It writes "
    "nothing to\n"
    "Kafka and joins no group; daemons may run. A bundle holds all of it in one file, for others to audit without "
    "Kafka.\n"
    "\n"
    "  handover audit --settings handover.json --trust trust.txt --bundle march.tar.zst\n"
    "  handover audit march.tar.zst --trust trust.txt\n"
    "\n"
    "  --settings FILE      settings (docs/settings.md); - is standard input\n"
    "  --set NAME=VALUE     a setting, after the file's\n"
    "  -X PROPERTY=VALUE    a property of librdkafka\n"
    "  --definition FILE    a definition, besides those that the settings name and those that have been published\n"
    "  --trust FILE         whose signatures count, besides the files that the settings name; what was published as "
    "agreed\n"
    "                       has to be signed by them. Of a bundle: in place of the keys that it brings\n"
    "  --bundle FILE        writes a bundle, too\n"
    "  --force              FILE may be there; it is replaced\n"
    "  --from TIME          only published events from TIME on, like 2026-03-01T00:00:00Z\n"
    "  --to TIME            only published events before TIME\n"
    "  --lead LEAD          only published events of this lead\n"
    "  --threads N          partitions at once; by default one for each processor\n"
    "  --json               the result as JSON\n"
    "  --help               this text\n"
    "\n"
    "Exit status 0: all of it is proven; 1: not so; 2: wrong usage, settings, definitions or bundle; 3: no broker "
    "answers, or a\n"
    "file cannot be written, or SIGINT or SIGTERM came.\n";

struct command {
  struct options options;
  struct settings settings;
  struct audit_given given;
  struct audit_scope scope;
  const char *read, *write; /* bundles; NULL: none */
  int32_t threads;
  bool force, json, help;

  struct bundle *bundle;
  struct bundle_writer *copy;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover audit: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool lead_take(struct command *command, const char *text) {
  if (!*text || strlen(text) > LIMIT_TEXT) return say("--lead", "a lead has 1 to 255 bytes");
  command->scope.lead = slice_of(text);
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
    case 'd': return known_take_definition(&command->given.paths, "audit", optarg);
    case 't': return known_take_trust(&command->given.paths, "audit", optarg);
    case 'b': command->write = optarg; return true;
    case 'F': command->force = true; return true;
    case 'm': return options_time("audit", "--from", optarg, &command->scope.from_ms);
    case 'o': return options_time("audit", "--to", optarg, &command->scope.to_ms);
    case 'l': return lead_take(command, optarg);
    case 'n': return threads_take(command, optarg);
    case 'j': command->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "audit", option, argv);
  }
}

/* Kafka or a bundle. */
static bool check_usage(struct command *command, int argc, char **argv) {
  const struct audit_scope *scope = &command->scope;
  if (argc - optind > 1) return say(argv[optind + 1], "nothing more is expected here");
  if (optind < argc) command->read = argv[optind];
  if (command->read && (command->options.file || command->options.count > 0))
    return say(command->read, "a bundle is audited without settings: --settings, --set and -X do not go with it");
  if (command->read && command->write) return say("--bundle", "a bundle is made of what is in Kafka, not of a bundle");
  if (command->force && !command->write) return say("--force", "goes with --bundle alone");
  if (scope->from_ms != TIME_NONE && scope->to_ms != TIME_NONE && scope->from_ms >= scope->to_ms)
    return say("--to", "has to be later than --from");
  return command->read || options_given(&command->options, "audit");
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"definition", required_argument, NULL, 'd'},
                                        {"trust", required_argument, NULL, 't'},
                                        {"bundle", required_argument, NULL, 'b'},
                                        {"force", no_argument, NULL, 'F'},
                                        {"from", required_argument, NULL, 'm'},
                                        {"to", required_argument, NULL, 'o'},
                                        {"lead", required_argument, NULL, 'l'},
                                        {"threads", required_argument, NULL, 'n'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  command->scope = (struct audit_scope){TIME_NONE, TIME_NONE, {0}};
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  return command->help || check_usage(command, argc, argv);
}

/* Bundles */

static int read_bundle(struct command *command) {
  enum bundle_outcome outcome;
  char why[WHY];
  command->bundle = bundle_open(command->read, &outcome, why, sizeof why);
  if (command->bundle) return STATUS_OK;
  say(command->read, why);
  return (int)outcome;
}

/* Nothing is there under its name before all is done; that there is something already is said at once. */
static int open_copy(struct command *command) {
  char why[WHY];
  if (!command->force && access(command->write, F_OK) == 0) {
    say(command->write, "is there already; --force replaces it");
    return STATUS_USAGE;
  }
  command->copy = bundle_writer_open(command->write, command->force, why, sizeof why);
  if (!command->copy) {
    say(command->write, why);
    return STATUS_OUTSIDE;
  }
  struct bundle_manifest *manifest = bundle_writer_manifest(command->copy);
  const struct settings *settings = &command->settings;
  snprintf(manifest->group, sizeof manifest->group, "%s", settings->group);
  snprintf(manifest->journal, sizeof manifest->journal, "%s", settings->journal);
  snprintf(manifest->stage_changes, sizeof manifest->stage_changes, "%s", settings->stage_changes);
  snprintf(manifest->dead_letters, sizeof manifest->dead_letters, "%s", settings->dead_letters);
  snprintf(manifest->definitions_topic, sizeof manifest->definitions_topic, "%s", settings->definitions_topic);
  manifest->event_bytes_max = (uint32_t)settings->event_bytes_max;
  return STATUS_OK;
}

/* As sha256sum prints it; beside JSON on standard error. */
static void print_digest(const struct command *command, const char *path, const char *sha256) {
  fprintf(command->json ? stderr : stdout, "%s  %s\n", sha256, path);
}

static int finish_copy(struct command *command, const struct audit *found) {
  char why[WHY], sha256[SHA256_HEX];
  struct buffer result = {0};
  audit_report_json(&result, found);
  bool good =
      bundle_writer_finish(command->copy, (struct slice){result.at, (uint32_t)result.length}, sha256, why, sizeof why);
  command->copy = NULL;
  buffer_fini(&result);
  if (good) print_digest(command, command->write, sha256);
  else fprintf(stderr, "handover audit: %.300s: no bundle was made: %.500s\n", command->write, why);
  return good ? STATUS_OK : STATUS_OUTSIDE;
}

/* The work */

static int report(struct command *command, const struct audit *found) {
  struct buffer out = {0};
  if (command->json) audit_report_json(&out, found);
  else audit_report_text(&out, found);
  fwrite(out.at, 1, out.length, stdout);
  buffer_fini(&out);
  int status = audit_proven(found) ? STATUS_OK : STATUS_NO;
  if (command->bundle) print_digest(command, command->read, bundle_sha256(command->bundle));
  if (command->copy && finish_copy(command, found) != STATUS_OK) status = STATUS_OUTSIDE;
  return status;
}

static int audit(struct command *command, const struct audit_origin *origin) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  const struct audit_order order = {.origin = *origin,
                                    .catalog = command->given.known.catalog,
                                    .keys = command->given.keys,
                                    .scope = command->scope,
                                    .threads = command->threads ? command->threads
                                               : processors > 0 ? (int32_t)processors
                                                                : 1};
  char why[WHY];
  struct audit *found = audit_run(&order, why, sizeof why);
  if (!found) {
    say(command->read ? command->read : command->settings.bootstrap, why);
    return STATUS_OUTSIDE;
  }
  int status = report(command, found);
  audit_destroy(found);
  return status;
}

static int read_settings(struct command *command) {
  char why[WHY];
  if (!options_load(&command->options, "audit", &command->settings)) return STATUS_USAGE;
  if (client_check(&command->settings, why, sizeof why)) return command->write ? open_copy(command) : STATUS_OK;
  say("settings", why);
  return STATUS_USAGE;
}

static int run(struct command *command) {
  interrupt_watch();
  int status = command->read ? read_bundle(command) : read_settings(command);
  const struct audit_origin origin = {command->read ? NULL : &command->settings, command->bundle, command->copy};
  if (status == STATUS_OK) status = audit_given_read(&command->given, &origin);
  return status == STATUS_OK ? audit(command, &origin) : status;
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
  bundle_writer_drop(command->copy);
  bundle_close(command->bundle);
  audit_given_fini(&command->given);
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
