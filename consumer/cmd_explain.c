/* cmd_explain.c: `handover explain`: options; explain.c or explain_kafka.c finds the story, explain_show.c tells it to people. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "engine/memory.h"
#include "explain.h"
#include "explain_kafka.h"
#include "explain_show.h"
#include "interrupt.h"
#include "known.h"
#include "log_options.h"
#include "options.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900 };

static const char help[] =
    "usage: handover explain LEAD --definition FILE [option ...] [FILE ...]\n"
    "       handover explain LEAD --settings FILE [option ...]\n"
    "\n"
    "Tells why a lead stands where it stands: each event and what it added, or why it did not; stage changes, "
    "promises\n"
    "kept and broken; what stands between the lead and the next stage, and what comes if nothing happens.\n"
    "\n"
    "  handover explain u-ana --definition definition.json events.ndjson\n"
    "  handover explain u-ana --definition definition.json --at 2026-11-03T00:00:00Z events.ndjson\n"
    "  handover explain u-ana --definition definition.json --html events.ndjson > ana.html\n"
    "\n"
    "  handover explain u-ana --settings handover.json\n"
    "\n"
    "FILE and the options of the log are those of `handover replay`. With --settings the lead's partition is read from "
    "Kafka\n"
    "instead, in the order that the journal tells, by the definitions that were published or that the settings name.\n"
    "\n"
    "  --at TIME              as it was then: the log ends before the first event that is later, and time goes on to "
    "TIME\n"
    "  --json                 one JSON object instead, for programs\n"
    "  --settings FILE        settings (docs/settings.md): where Kafka is; - is standard input\n"
    "  --set NAME=VALUE       a setting, after the file's\n"
    "  -X PROPERTY=VALUE      a property of librdkafka\n"
    "  --html                 one HTML file instead, which loads nothing, for screens and paper\n"
    "  --definition FILE      what a qualified lead is; several are versions of one, in any order\n"
    "  --trust FILE           whose signatures make a definition agreed; may stand several times\n"
    "  --topic NAME           topic of the log; default: events\n"
    "  --partition N          its partition; default: 0. With --settings the lead's; default: by the lead's id\n"
    "  --envelope none|kcat   kcat: each line is what `kcat -J` prints; default: none\n"
    "  --until TIME           lets time pass up to TIME (2026-03-01T00:00:00Z) after the last record\n"
    "  --max-event-bytes N    larger events are dead letters (too_large); default: 1048576\n"
    "  --help                 this text\n"
    "\n"
    "Times are UTC. NO_COLOR is heeded. LEAD is -- LEAD where it begins with a dash.\n"
    "\n"
    "Exit status 0: done; 1: there is no such lead in the log; 2: wrong usage, or a definition or log that is of no "
    "use;\n"
    "3: something outside failed, no broker answers, or SIGINT or SIGTERM came.\n";

struct explain_command {
  struct log_options log;
  int64_t at_ms;
  bool json, html, help;
  const char *of_files;   /* the last option that goes with files only; NULL: none */
  bool partition;         /* --partition was said */
  struct options options; /* where Kafka is */
  struct settings settings;
  struct known_paths paths;
  struct known known;
};

static bool from_kafka(const struct explain_command *command) {
  return command->options.file || command->options.count > 0;
}

/* --definition and --trust go with files and with Kafka. */
static bool option_take(struct explain_command *command, int option, char **argv) {
  struct log_options *log = &command->log;
  switch (option) {
    case 'f':
    case 's':
    case 'X': return options_take(&command->options, "explain", option, argv);
    case 't': command->of_files = "--topic"; break;
    case 'e': command->of_files = "--envelope"; break;
    case 'm': command->of_files = "--max-event-bytes"; break;
    case 'p': command->partition = true; break;
    default: break;
  }
  return log_options_take(log, option, optarg, argv, optind);
}

/* What was said fits together. `rest`: how many arguments there are, LEAD the first. */
static bool source_check(const struct explain_command *command, int rest) {
  const struct log_options *log = &command->log;
  if (!from_kafka(command))
    return log->path_count > 0 ||
           log_options_say(log, "--definition FILE", "is missing: what is a qualified lead? (or --settings FILE)");
  if (rest > 1) return log_options_say(log, "--settings", "reads from Kafka: no FILE beside it");
  return !command->of_files || log_options_say(log, command->of_files, "goes with files: the settings say it of Kafka");
}

static bool command_parse(struct explain_command *command, int argc, char **argv) {
  static const struct option names[] = {LOG_OPTIONS,
                                        OPTIONS_LONG,
                                        {"at", required_argument, NULL, 'a'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"html", no_argument, NULL, 'w'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  struct log_options *log = &command->log;
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    switch (option) {
      case 'a':
        if (!log_options_time(log, "--at", optarg, &command->at_ms)) return false;
        break;
      case 'j': command->json = true; break;
      case 'w': command->html = true; break;
      case 'h': command->help = true; break;
      default:
        if (!option_take(command, option, argv)) return false;
    }
  }
  if (command->help) return true;
  if (command->json && command->html) return log_options_say(log, "--json, --html", "one of them, please");
  if (command->at_ms != TIME_NONE && log->order.until_ms != TIME_NONE)
    return log_options_say(log, "--at, --until", "one of them, please: --at lets time pass too");
  if (optind == argc) return log_options_say(log, "LEAD", "is missing: whose story?");
  if (strlen(argv[optind]) == 0 || strlen(argv[optind]) > LIMIT_TEXT)
    return log_options_say(log, "LEAD", "has 1 to 255 bytes");
  return source_check(command, argc - optind);
}

static int print(struct explain_command *command, const struct buffer *story) {
  struct buffer out = {0};
  errno = 0;
  if (command->json) {
    buffer_append(&out, story->at, story->length);
    buffer_append_text(&out, "\n");
  } else {
    explain_show(&out, story, command->html, terminal_colour(STDOUT_FILENO));
  }
  bool good = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  if (good) return STATUS_OK;
  log_options_say(&command->log, "standard output", errno == EPIPE ? "closed by its reader" : strerror(errno));
  return STATUS_OUTSIDE;
}

static int work(struct explain_command *command, const char *lead, struct buffer *story) {
  struct explain_order order = {command->log.order, slice_of(lead), command->at_ms};
  if (command->at_ms != TIME_NONE) order.log.until_ms = command->at_ms;
  return explain_run(&order, story);
}

/* The options of files that go with Kafka, too. */
static bool paths_take(struct explain_command *command) {
  const struct log_options *log = &command->log;
  bool good = true;
  for (int32_t i = 0; i < log->path_count && good; i++)
    good = known_take_definition(&command->paths, "explain", log->paths[i]);
  for (size_t i = 0; i < log->trust_count && good; i++)
    good = known_take_trust(&command->paths, "explain", log->trust_paths[i]);
  return good;
}

static int work_kafka(struct explain_command *command, const char *lead, struct buffer *story) {
  const struct log_options *log = &command->log;
  struct settings *settings = &command->settings;
  char why[WHY];
  if (!options_load(&command->options, "explain", settings) || !paths_take(command)) return STATUS_USAGE;
  if (!client_check(settings, why, sizeof why) && !log_options_say(log, "settings", why)) return STATUS_USAGE;
  int status = known_read(&command->known, "explain", settings, &command->paths, true, (struct slice){NULL, 0});
  const struct explain_kafka_order order = {.settings = settings,
                                            .catalog = command->known.catalog,
                                            .signatures = command->known.signatures,
                                            .lead = slice_of(lead),
                                            .partition = command->partition ? log->order.partition : NONE,
                                            .at_ms = command->at_ms,
                                            .until_ms = log->order.until_ms};
  return status == STATUS_OK ? explain_kafka_run(&order, story) : status;
}

static int explain(struct explain_command *command, const char *lead) {
  struct buffer story = {0};
  interrupt_watch();
  int status = (from_kafka(command) ? work_kafka : work)(command, lead, &story);
  if (status == STATUS_OK) status = print(command, &story);
  buffer_fini(&story);
  return status;
}

int cmd_explain(int argc, char **argv) {
  struct explain_command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  command->at_ms = TIME_NONE;
  log_options_init(&command->log, "explain");
  if (!command_parse(command, argc, argv)) {
    fputs("`handover explain --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else if (from_kafka(command) || (log_options_files(&command->log, argv + optind + 1, argc - optind - 1) &&
                                     log_options_load(&command->log))) {
    status = explain(command, argv[optind]);
  }
  known_fini(&command->known);
  settings_fini(&command->settings);
  log_options_fini(&command->log);
  memory_free(command);
  return status;
}
