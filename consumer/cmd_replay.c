/* cmd_replay.c: `handover replay`: options, definitions, and the files that have to be there; replay.c does the work. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "definitions.h"
#include "interrupt.h"
#include "replay.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, TOPIC = 249, WHY = 400, JOURNALS_MOST = 1024 };

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
  const char *paths[DEFINITIONS_MOST];
  int32_t path_count;
  const char *trust_paths[TRUST_FILES];
  size_t trust_count;
  struct trust trust;
  struct definitions definitions;
  const char *journals[JOURNALS_MOST];
  const char *dead_letters;
  struct replay_order order;
  bool plain, summary, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover replay: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool number_parse(const char *option, const char *text, int64_t from, int64_t to, int64_t *number) {
  char *end, why[WHY];
  errno = 0;
  long long parsed = strtoll(text, &end, 10);
  if (*text >= '0' && *text <= '9' && !*end && errno == 0 && parsed >= from && parsed <= to) {
    *number = parsed;
    return true;
  }
  snprintf(why, sizeof why, "\"%.100s\" is no number from %" PRId64 " to %" PRId64, text, from, to);
  return say(option, why);
}

static bool topic_take(struct replay_command *command, const char *text) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  size_t length = strlen(text);
  command->order.topic = text;
  if (length >= 1 && length <= TOPIC && strspn(text, letters) == length) return true;
  return say("--topic", "a topic's name is 1 to 249 of a-z A-Z 0-9 . _ -");
}

static bool envelope_take(struct replay_command *command, const char *text) {
  command->order.kcat = strcmp(text, "kcat") == 0;
  command->plain = strcmp(text, "none") == 0;
  if (command->order.kcat || command->plain) return true;
  return say("--envelope", "is none or kcat");
}

static bool until_take(struct replay_command *command, const char *text) {
  if (strlen(text) < WHY && time_parse(slice_of(text), &command->order.until_ms)) return true;
  return say("--until", "is a time like 2026-03-01T00:00:00Z, from 1970 to 2199");
}

static bool definition_take(struct replay_command *command, const char *path) {
  if (command->path_count == DEFINITIONS_MOST) return say("--definition", "more than 256");
  command->paths[command->path_count++] = path;
  return true;
}

static bool trust_take(struct replay_command *command, const char *path) {
  if (command->trust_count == TRUST_FILES) return say("--trust", "more than 64");
  command->trust_paths[command->trust_count++] = path;
  return true;
}

static bool journal_take(struct replay_command *command, const char *path) {
  if (command->order.journal_count == JOURNALS_MOST) return say("--journal", "more than 1024");
  command->journals[command->order.journal_count++] = path;
  return true;
}

static bool option_take(struct replay_command *command, int option, char **argv) {
  int64_t number = 0;
  bool good = true;
  switch (option) {
    case 'd': return definition_take(command, optarg);
    case 'T': return trust_take(command, optarg);
    case 't': return topic_take(command, optarg);
    case 'p':
      good = number_parse("--partition", optarg, 0, INT32_MAX, &number);
      command->order.partition = (int32_t)number;
      return good;
    case 'j': return journal_take(command, optarg);
    case 'e': return envelope_take(command, optarg);
    case 'l': command->dead_letters = optarg; return true;
    case 'u': return until_take(command, optarg);
    case 'm':
      good = number_parse("--max-event-bytes", optarg, 1, SOURCE_LINE, &number);
      command->order.event_bytes_max = (uint32_t)number;
      return good;
    case 's': command->summary = true; return true;
    case 'h': command->help = true; return true;
    case ':': return say(argv[optind - 1], "a value is missing");
    default: return say(argv[optind - 1], "there is no such option, or it takes no value");
  }
}

/* What a journal says itself. */
static bool journal_check(struct replay_command *command) {
  command->order.kcat = true;
  if (command->plain) return say("--envelope none", "with --journal each line is what `kcat -J` prints");
  return command->order.until_ms == TIME_NONE || say("--until", "the clock marks are in the journal");
}

static bool command_parse(struct replay_command *command, int argc, char **argv) {
  static const struct option names[] = {{"definition", required_argument, NULL, 'd'},
                                        {"trust", required_argument, NULL, 'T'},
                                        {"topic", required_argument, NULL, 't'},
                                        {"partition", required_argument, NULL, 'p'},
                                        {"journal", required_argument, NULL, 'j'},
                                        {"envelope", required_argument, NULL, 'e'},
                                        {"dead-letters", required_argument, NULL, 'l'},
                                        {"until", required_argument, NULL, 'u'},
                                        {"max-event-bytes", required_argument, NULL, 'm'},
                                        {"summary", no_argument, NULL, 's'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->order = (struct replay_order){
      .topic = "events", .until_ms = TIME_NONE, .event_bytes_max = LIMIT_EVENT, .dead_letters = -1};
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  command->order.files = (const char *const *)argv + optind;
  command->order.file_count = (size_t)(argc - optind);
  command->order.journals = command->journals;
  command->order.signatures = command->trust_count > 0;
  if (command->help) return true;
  if (command->order.journal_count > 0 && !journal_check(command)) return false;
  if (command->path_count > 0) return true;
  return say("--definition FILE", "is missing: what is a qualified lead?");
}

/* Files */

static bool is_standard(const char *path) { return strcmp(path, "-") == 0; }

/* Says what cannot be read; counts where standard input is wanted. */
static bool files_check(const char *const *paths, size_t count, int *standard) {
  bool good = true;
  for (size_t i = 0; i < count; i++) {
    if (is_standard(paths[i])) {
      (*standard)++;
    } else if (access(paths[i], R_OK) != 0) {
      good = say(paths[i], strerror(errno));
    }
  }
  return good;
}

/* All inputs are there and readable, and standard input is wanted once: said before anything is done. */
static bool inputs_check(const struct replay_command *command) {
  const struct replay_order *order = &command->order;
  int standard = order->file_count == 0;
  for (int32_t i = 0; i < command->path_count; i++) standard += is_standard(command->paths[i]);
  bool journals = files_check(order->journals, order->journal_count, &standard);
  bool good = files_check(order->files, order->file_count, &standard) && journals;
  return standard > 1 ? say("standard input", "can be read once only: say -, or no FILE, in one place") : good;
}

static bool is_same(const struct stat *a, const char *path) {
  struct stat b;
  return stat(path, &b) == 0 && S_ISREG(b.st_mode) && a->st_dev == b.st_dev && a->st_ino == b.st_ino;
}

static bool is_among(const struct stat *a, const char *const *paths, size_t count) {
  bool found = false;
  for (size_t i = 0; i < count; i++) found = found || is_same(a, paths[i]);
  return found;
}

static bool is_read(const struct replay_command *command, const struct stat *status) {
  const struct replay_order *order = &command->order;
  return is_among(status, order->files, order->file_count) || is_among(status, order->journals, order->journal_count) ||
         is_among(status, command->paths, (size_t)command->path_count);
}

/* Opens the dead letters' file, unless that would destroy an input. */
static int dead_letters_open(struct replay_command *command) {
  const char *path = command->dead_letters;
  struct stat status;
  if (!path) return STATUS_OK;
  if (is_standard(path)) {
    say("--dead-letters", "- is not possible: standard output is for stage changes; say a file, or /dev/stderr");
    return STATUS_USAGE;
  }
  if (stat(path, &status) == 0 && is_read(command, &status)) {
    say("--dead-letters", "is a file that is read");
    return STATUS_USAGE;
  }
  command->order.dead_letters = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  command->order.dead_letters_name = path;
  if (command->order.dead_letters >= 0) return STATUS_OK;
  say(path, strerror(errno));
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
  command->order.definitions = (const struct definition *const *)command->definitions.at;
  command->order.definition_count = command->definitions.count;
  summary_init(&summary, command->order.definitions, command->order.definition_count);
  int status = replay_run(&command->order, &summary);
  if (command->dead_letters && close(command->order.dead_letters) != 0 && status == STATUS_OK) {
    say(command->dead_letters, strerror(errno));
    status = STATUS_OUTSIDE;
  }
  say_dead_letters(command, &summary);
  if (command->summary) summary_print(&summary, stderr);
  summary_fini(&summary);
  return status;
}

static bool definitions_load(struct replay_command *command) {
  return trust_file_read(&command->trust, "replay", command->trust_paths, command->trust_count) &&
         definitions_read(&command->definitions, "replay", command->paths, command->path_count, &command->trust);
}

int cmd_replay(int argc, char **argv) {
  struct replay_command command = {0};
  int status = STATUS_USAGE;
  if (!command_parse(&command, argc, argv)) {
    fputs("`handover replay --help` says what can be said\n", stderr);
    goto out;
  }
  if (command.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
    goto out;
  }
  if (!inputs_check(&command) || !definitions_load(&command)) goto out;
  status = dead_letters_open(&command);
  if (status == STATUS_OK) status = work(&command);
out:
  definitions_fini(&command.definitions);
  trust_fini(&command.trust);
  return status;
}
