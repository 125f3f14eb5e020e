/* cmd_report.c: `handover report`: options and inputs; report_read.c and report_kafka.c read, report.c reckons, report_text.c and its like
 * print. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agreement.h"
#include "client.h"
#include "command.h"
#include "csv_folder.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "known.h"
#include "options.h"
#include "report_kafka.h"
#include "report_model.h"
#include "report_print.h"
#include "report_read.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, LETTER_FILES = 64 };

static const char help[] =
    "usage: handover report [option ...] [FILE ...]\n"
    "       handover report --settings FILE [option ...]\n"
    "\n"
    "The funnel between two dates, from published events: who was where, who came and went, how long it took, what "
    "was\n"
    "handed over and what became of it, which SLAs were kept.\n"
    "\n"
    "  handover report changes.ndjson\n"
    "  handover report --from 2026-03-01T00:00:00Z --to 2026-04-01T00:00:00Z --by source changes.ndjson.zst\n"
    "  handover replay --definition definition.json events.ndjson | handover report --html > report.html\n"
    "  handover report --settings handover.json\n"
    "\n"
    "A FILE has one published event a line, in any order; .gz and .zst are unpacked; none, or -, is standard input.\n"
    "With --settings the events are read from Kafka instead, and dead letters and the newest definition, too.\n"
    "\n"
    "  --from TIME            the period begins; default: with the first event\n"
    "  --to TIME              the period ends before TIME; default: with the last event\n"
    "  --by WHAT              owner, member, queue, version, source or attribute=NAME: the figures of each value, too\n"
    "  --amount ATTRIBUTE     a number attribute that is money: pipeline, revenue, and what a handover brings\n"
    "  --definition FILE      gives the order of the stages, their owners and the SLAs; otherwise it is inferred\n"
    "  --dead-letters FILE    counts dead letters by reason; may stand several times\n"
    "  --envelope none|kcat   kcat: each line is what `kcat -J` prints; default: none\n"
    "  --settings FILE        settings (docs/settings.md): where Kafka is; - is standard input\n"
    "  --set NAME=VALUE       a setting, after the file's\n"
    "  -X PROPERTY=VALUE      a property of librdkafka\n"
    "  --json                 the report as JSON\n"
    "  --html                 the report as one HTML file, which loads nothing, for screens and paper\n"
    "  --csv DIRECTORY        the report as CSV, a file a table, for spreadsheets\n"
    "  --sqlite FILE          the facts and the figures as an SQLite database (docs/read-model.md)\n"
    "  --force                replaces files that are there\n"
    "  --help                 this text\n"
    "\n"
    "Times are UTC. Durations go by the clock on the wall; working time is not reckoned.\n"
    "\n"
    "Exit status 0: done; 1: the figures do not add up; 2: wrong usage, or a file that is of no use; 3: the report\n"
    "cannot be written, no broker answers, or SIGINT or SIGTERM came.\n";

struct report_command {
  struct report_request request;
  struct report_files files;
  const char *letters[LETTER_FILES];
  const char *definition, *by_text;
  enum report_by by;
  struct slice attribute, amount;
  bool envelope; /* --envelope was said */
  const char *csv, *sqlite;
  bool json, html, force, help;
  struct options options; /* where Kafka is */
  struct settings settings;
  struct agreement agreement; /* by --definition */
  struct known_paths paths;
  struct known known; /* of the settings, and published */
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover report: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool by_take(struct report_command *command, const char *text) {
  static const struct {
    const char *text;
    enum report_by by;
  } names[] = {{"owner", REPORT_BY_OWNER},
               {"member", REPORT_BY_MEMBER},
               {"queue", REPORT_BY_QUEUE},
               {"version", REPORT_BY_VERSION}};
  static const char attribute[] = "attribute=";
  command->by_text = text;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(text, names[i].text) != 0) continue;
    command->by = names[i].by;
    return true;
  }
  command->by = REPORT_BY_ATTRIBUTE;
  if (strcmp(text, "source") == 0) {
    command->attribute = SLICE("source");
    return true;
  }
  if (strncmp(text, attribute, sizeof attribute - 1) == 0 && text[sizeof attribute - 1]) {
    command->by_text = text + sizeof attribute - 1;
    command->attribute = slice_of(command->by_text);
    return true;
  }
  return say("--by", "is owner, member, queue, version, source or attribute=NAME");
}

static bool amount_take(struct report_command *command, const char *text) {
  command->amount = slice_of(text);
  return *text || say("--amount", "is the name of an attribute");
}

static bool letters_take(struct report_command *command, const char *path) {
  if (command->files.letter_count == LETTER_FILES) return say("--dead-letters", "more than 64");
  command->letters[command->files.letter_count++] = path;
  return true;
}

static bool envelope_take(struct report_command *command, const char *text) {
  command->envelope = true;
  command->files.kcat = strcmp(text, "kcat") == 0;
  if (command->files.kcat || strcmp(text, "none") == 0) return true;
  return say("--envelope", "is none or kcat");
}

static bool option_take(struct report_command *command, int option, char **argv) {
  switch (option) {
    case 'F': return options_time("report", "--from", optarg, &command->request.from_ms);
    case 't': return options_time("report", "--to", optarg, &command->request.to_ms);
    case 'b': return by_take(command, optarg);
    case 'a': return amount_take(command, optarg);
    case 'd': command->definition = optarg; return true;
    case 'l': return letters_take(command, optarg);
    case 'e': return envelope_take(command, optarg);
    case 'j': command->json = true; return true;
    case 'H': command->html = true; return true;
    case 'c': command->csv = optarg; return true;
    case 'q': command->sqlite = optarg; return true;
    case 'r': command->force = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "report", option, argv);
  }
}

static bool from_kafka(const struct report_command *command) {
  return command->options.file || command->options.count > 0;
}

static bool source_check(const struct report_command *command) {
  const struct report_files *files = &command->files;
  if (!from_kafka(command)) return true;
  if (files->event_count > 0 || files->letter_count > 0 || command->envelope)
    return say("--settings", "reads from Kafka: no FILE, --dead-letters or --envelope beside it");
  return options_given(&command->options, "report");
}

static bool period_check(const struct report_command *command) {
  const struct report_request *request = &command->request;
  bool both = request->from_ms != TIME_NONE && request->to_ms != TIME_NONE;
  if (both && request->from_ms >= request->to_ms) return say("--to", "is not after --from");
  return true;
}

static bool output_check(const struct report_command *command) {
  const char *csv = command->csv, *sqlite = command->sqlite;
  char why[REPORT_WHY];
  if (command->json + command->html + !!csv + !!sqlite > 1)
    return say("--json, --html, --csv, --sqlite", "one of them, please: they are different reports");
  if (command->force && !csv && !sqlite) return say("--force", "goes with --csv or --sqlite");
  if (sqlite && !command->force && access(sqlite, F_OK) == 0)
    return say(sqlite, "is there already; --force replaces it");
  return !csv || csv_folder_check(csv, command->force, why, sizeof why) || say(csv, why);
}

static bool command_parse(struct report_command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"from", required_argument, NULL, 'F'},
                                        {"to", required_argument, NULL, 't'},
                                        {"by", required_argument, NULL, 'b'},
                                        {"amount", required_argument, NULL, 'a'},
                                        {"definition", required_argument, NULL, 'd'},
                                        {"dead-letters", required_argument, NULL, 'l'},
                                        {"envelope", required_argument, NULL, 'e'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"html", no_argument, NULL, 'H'},
                                        {"csv", required_argument, NULL, 'c'},
                                        {"sqlite", required_argument, NULL, 'q'},
                                        {"force", no_argument, NULL, 'r'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->request.from_ms = command->request.to_ms = TIME_NONE;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  command->files.letters = command->letters;
  command->files.events = (const char *const *)argv + optind;
  command->files.event_count = (size_t)(argc - optind);
  return command->help || (period_check(command) && source_check(command) && output_check(command));
}

/* Files */

static bool file_check(const char *path, int *standard) {
  bool is_standard = strcmp(path, "-") == 0;
  *standard += is_standard;
  return is_standard || access(path, R_OK) == 0 || say(path, strerror(errno));
}

/* All inputs are there and readable, and standard input is wanted once: said before anything is done. */
static bool inputs_check(const struct report_command *command) {
  const struct report_files *files = &command->files;
  const char *settings = command->options.file;
  int standard = from_kafka(command) ? settings && strcmp(settings, "-") == 0 : files->event_count == 0;
  bool good = true;
  for (size_t i = 0; i < files->event_count; i++) good = file_check(files->events[i], &standard) && good;
  for (size_t i = 0; i < files->letter_count; i++) good = file_check(files->letters[i], &standard) && good;
  if (command->definition) standard += strcmp(command->definition, "-") == 0;
  return standard > 1 ? say("standard input", "can be read once only: say -, or no FILE, in one place") : good;
}

/* The work */

static bool print(const struct report_command *command, const struct report *report) {
  struct buffer out = {0};
  if (command->json) report_print_json(report, command->by_text, &out);
  else if (command->html) report_print_html(report, command->by_text, &out);
  else report_print_text(report, command->by_text, &out);
  bool written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  return written || say("standard output", "cannot be written");
}

static bool write_csv(const struct report_command *command, const struct report *report) {
  char why[REPORT_WHY];
  struct sheet_files files = {0};
  report_print_csv(report, command->by_text, &files);
  bool written = csv_folder_write(command->csv, command->force, &files, why, sizeof why);
  sheet_files_fini(&files);
  return written || say(command->csv, why);
}

static bool write_sqlite(const struct report_command *command, const struct report *report) {
  char why[REPORT_WHY];
  return report_model_write(report, command->by_text, command->sqlite, command->force, why, sizeof why) ||
         say(command->sqlite, why);
}

/* What the log tells, by the definition that is known by now. */
static int reckon(const struct report_command *command, struct report_log *log) {
  char why[REPORT_WHY];
  struct report *report = report_create(log, &command->request, why);
  if (!report && !say("the events", why)) return STATUS_USAGE;
  bool written = (command->csv ? write_csv : command->sqlite ? write_sqlite : print)(command, report);
  int status = !written ? STATUS_OUTSIDE : report->conserved ? STATUS_OK : STATUS_NO;
  report_destroy(report);
  return status;
}

/* Of the versions that the settings name and those that were published, the newest of the definition that decided the events. */
static int find_definition(struct report_command *command, const struct report_log *log, struct topic_reader *reader) {
  char why[TOPIC_READER_WHY];
  const char *topic = command->settings.definitions_topic;
  int32_t partitions = topic_reader_partitions(reader, topic, why, sizeof why);
  if (partitions < 0 && !say(command->settings.bootstrap, why)) return STATUS_OUTSIDE;
  int status = known_read(&command->known, "report", &command->settings, &command->paths, partitions > 0,
                          report_text(log, log->definition));
  if (status == STATUS_OK) command->request.definition = catalog_newest(command->known.catalog);
  return status;
}

static int work_kafka(struct report_command *command, struct report_log *log) {
  char why[TOPIC_READER_WHY];
  if (!options_load(&command->options, "report", &command->settings)) return STATUS_USAGE;
  if (!client_check(&command->settings, why, sizeof why) && !say("settings", why)) return STATUS_USAGE;
  struct topic_reader *reader = topic_reader_open(&command->settings, why, sizeof why);
  if (!reader && !say("settings", why)) return STATUS_USAGE;
  int status = report_kafka_read(log, reader, &command->settings);
  if (status == STATUS_OK && !command->definition) status = find_definition(command, log, reader);
  topic_reader_close(reader);
  return status == STATUS_OK ? reckon(command, log) : status;
}

static int work(struct report_command *command) {
  struct report_log *log = report_log_create(command->by, command->attribute, command->amount);
  interrupt_watch();
  int status = STATUS_OK;
  if (from_kafka(command)) {
    status = work_kafka(command, log);
  } else {
    status = report_read(log, &command->files);
    if (status == STATUS_OK) status = reckon(command, log);
  }
  report_log_destroy(log);
  return status;
}

int cmd_report(int argc, char **argv) {
  struct report_command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover report --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else if (inputs_check(command) &&
             (!command->definition || agreement_read(&command->agreement, "report", command->definition))) {
    command->request.definition = command->agreement.definition;
    status = work(command);
  }
  known_fini(&command->known);
  agreement_fini(&command->agreement);
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
