/* cmd_replay.c: `handover replay`: options, definitions, and the files that have to be there; log_options.c and replay.c do the work. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "interrupt.h"
#include "log_options.h"
#include "replay.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, JOURNALS_MOST = 1024 };

static const char help[] =
    "usage: handover replay --definition FILE [option ...] [FILE ...]\n"
    "\n"
    "Prints the stage changes that a log leads to, one JSON object a line. The same log gives the same bytes.\n"
    "\n"
    "  handover replay --definition definition.json --summary events.ndjson\n"
    "  handover replay --definition v1.json --definition v2.json --dead-letters bad.ndjson 2026-*.ndjson.zst\n"
    "  kcat -C -e -J -b localhost -t engagement | handover replay --definition definition.json --envelope kcat\n"
    "  handover replay --definition definition.json --journal journal.ndjson engagement.ndjson crm.ndjson\n"
    "\n"
    "A FILE has one event a line; .gz and .zst are unpacked; none, or -, is standard input. Files are read one after\n"
    "the other as one partition.\n"
    "\n"
    "  --definition FILE      what a qualified lead is; several are versions of one, in any order\n"
    "  --trust FILE           whose signatures make a definition agreed; may stand several times\n"
    "  --topic NAME           topic of the log; default: events\n"
    "  --partition N          its partition; default: 0\n"
    "  --journal FILE         what `kcat -J` prints of handover-journal: decides in its order, with its clock marks\n"
    "                         and versions, and checks what comes out; may stand several times\n"
    "  --envelope none|kcat   kcat: each line is what `kcat -J` prints, and topic and partition are read from it;\n"
    "                         default: none, and kcat with --journal\n"
    "  --dead-letters FILE    takes what could not be used, with the reason; otherwise it is only counted\n"
    "  --until TIME           lets time pass up to TIME (2026-03-01T00:00:00Z) after the last record\n"
    "  --max-event-bytes N    larger events are dead letters (too_large); default: 1048576\n"
    "  --summary              ends with a table on standard error that accounts for every line\n"
    "  --help                 this text\n"
    "\n"
    "Exit status 0: done, dead letters or not; 1: the journal and what comes out differ; 2: wrong usage, or a\n"
    "definition or log that is of no use; 3: something outside failed, or SIGINT or SIGTERM came.\n";

struct replay_command {
  struct log_options log;
  const char *journals[JOURNALS_MOST];
  const char *dead_letters;
  struct replay_order order;
  bool summary, help;
};

/* Options */

static bool journal_take(struct replay_command *command, const char *path) {
  if (command->order.journal_count == JOURNALS_MOST)
    return log_options_say(&command->log, "--journal", "more than 1024");
  command->journals[command->order.journal_count++] = path;
  return true;
}

static bool option_take(struct replay_command *command, int option, char **argv) {
  switch (option) {
    case 'j': return journal_take(command, optarg);
    case 'l': command->dead_letters = optarg; return true;
    case 's': command->summary = true; return true;
    case 'h': command->help = true; return true;
    default: return log_options_take(&command->log, option, optarg, argv, optind);
  }
}

/* What a journal says itself. */
static bool journal_check(struct replay_command *command) {
  struct log_options *log = &command->log;
  log->order.kcat = true;
  if (log->plain) return log_options_say(log, "--envelope none", "with --journal each line is what `kcat -J` prints");
  return log->order.until_ms == TIME_NONE || log_options_say(log, "--until", "the clock marks are in the journal");
}

static bool command_parse(struct replay_command *command, int argc, char **argv) {
  static const struct option names[] = {LOG_OPTIONS,
                                        {"journal", required_argument, NULL, 'j'},
                                        {"dead-letters", required_argument, NULL, 'l'},
                                        {"summary", no_argument, NULL, 's'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->order.dead_letters = -1;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  command->order.journals = command->log.others = command->journals;
  command->log.other_count = command->order.journal_count;
  command->order.signatures = command->log.trust_count > 0;
  if (command->help) return true;
  if (command->order.journal_count > 0 && !journal_check(command)) return false;
  if (command->log.path_count > 0) return true;
  return log_options_say(&command->log, "--definition FILE", "is missing: what is a qualified lead?");
}

/* Files */

/* Opens the dead letters' file, unless that would destroy an input. */
static int dead_letters_open(struct replay_command *command) {
  const char *path = command->dead_letters;
  if (!path) return STATUS_OK;
  if (strcmp(path, "-") == 0) {
    log_options_say(&command->log, "--dead-letters",
                    "- is not possible: standard output is for stage changes; say a file, or /dev/stderr");
    return STATUS_USAGE;
  }
  if (log_options_reads(&command->log, path)) {
    log_options_say(&command->log, "--dead-letters", "is a file that is read");
    return STATUS_USAGE;
  }
  command->order.dead_letters = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  command->order.dead_letters_name = path;
  if (command->order.dead_letters >= 0) return STATUS_OK;
  log_options_say(&command->log, path, strerror(errno));
  return STATUS_OUTSIDE;
}

/* The run */

static void say_dead_letters(const struct replay_command *command, const struct summary *summary) {
  uint64_t count = summary_dead_letters(summary);
  if (command->dead_letters || count == 0) return;
  fprintf(stderr, "handover replay: %" PRIu64 " dead letter%s (", count, count == 1 ? "" : "s");
  summary_print_reasons(summary, stderr);
  fputs("): --dead-letters FILE keeps them\n", stderr);
}

static int work(struct replay_command *command) {
  struct summary summary;
  interrupt_watch();
  command->order.log = command->log.order;
  summary_init(&summary, command->order.log.definitions, command->order.log.definition_count);
  int status = replay_run(&command->order, &summary);
  if (command->dead_letters && close(command->order.dead_letters) != 0 && status == STATUS_OK) {
    log_options_say(&command->log, command->dead_letters, strerror(errno));
    status = STATUS_OUTSIDE;
  }
  say_dead_letters(command, &summary);
  if (command->summary) summary_print(&summary, stderr);
  summary_fini(&summary);
  return status;
}

int cmd_replay(int argc, char **argv) {
  struct replay_command command = {0};
  int status = STATUS_USAGE;
  log_options_init(&command.log, "replay");
  if (!command_parse(&command, argc, argv)) {
    fputs("`handover replay --help` says what can be said\n", stderr);
    goto out;
  }
  if (command.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
    goto out;
  }
  if (!log_options_files(&command.log, argv + optind, argc - optind) || !log_options_load(&command.log)) goto out;
  status = dead_letters_open(&command);
  if (status == STATUS_OK) status = work(&command);
out:
  log_options_fini(&command.log);
  return status;
}
