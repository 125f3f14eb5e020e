/* cmd_letters.c: `handover letters`: options; letters.c reads, letters_print.c prints, letters_redrive.c sends them again. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "letters_print.h"
#include "letters_redrive.h"
#include "options.h"
#include "terminal.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700 };

static const char help[] =
    "usage: handover letters [list] --settings FILE [option ...]\n"
    "       handover letters show --settings FILE [option ...] PARTITION:OFFSET\n"
    "       handover letters redrive --settings FILE [option ...] [PARTITION:OFFSET ...]\n"
    "\n"
    "Dead letters: the records of the inputs that were no events, and why. list says which there are; show prints one, "
    "to\n"
    "the byte; redrive, once the cause is mended, sends their records again to where they came from, each once, "
    "however\n"
    "often it is called.\n"
    "\n"
    "  handover letters --settings handover.json --summary\n"
    "  handover letters --settings handover.json --reason no_lead --from 2026-03-01T00:00:00Z\n"
    "  handover letters show --settings handover.json 3:17\n"
    "  handover letters redrive --settings handover.json --reason no_lead --dry-run\n"
    "\n"
    "  --settings FILE    settings (docs/settings.md): where Kafka is; - is standard input\n"
    "  --set NAME=VALUE   a setting, after the file's\n"
    "  -X PROPERTY=VALUE  a property of librdkafka\n"
    "  --reason REASON    only those: too_large, not_json, not_object, no_lead, no_time, bad_time, no_name\n"
    "  --topic TOPIC      only those of this input\n"
    "  --from TIME        only records of TIME and later, by their timestamps\n"
    "  --to TIME          only records of before TIME\n"
    "  --open             list: only those that have not been redriven\n"
    "  --limit N          list, redrive: N of them at most, the oldest of each partition first\n"
    "  --summary          list: how many there are, by reason\n"
    "  --raw              show: the record's value alone, as it came, to a file or a pipe\n"
    "  --dry-run          redrive: say what would be sent, and send nothing\n"
    "  --yes              redrive: do not ask\n"
    "  --json             as JSON: list an object a line\n"
    "  --help             this text\n"
    "\n"
    "Exit status 0: done; 1: there is no such letter, or not all may be redriven, or somebody said no; 2: wrong usage; "
    "3: no\n"
    "broker answers, there is no such topic, standard output cannot be written, or SIGINT or SIGTERM came.\n";

enum verb { VERB_LIST, VERB_SHOW, VERB_REDRIVE };

struct command {
  enum verb verb;
  struct letters_asked asked;
  struct options options;
  struct settings settings;
  uint64_t limit; /* 0: none */
  bool summary, raw, dry, yes, json, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover letters: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool verb_take(struct command *command, const char *text) {
  static const char *const names[] = {[VERB_LIST] = "list", [VERB_SHOW] = "show", [VERB_REDRIVE] = "redrive"};
  for (int verb = VERB_LIST; verb <= VERB_REDRIVE; verb++) {
    command->verb = (enum verb)verb;
    if (strcmp(text, names[verb]) == 0) return true;
  }
  return say(text, "is none of list, show and redrive");
}

static bool limit_take(struct command *command, const char *text) {
  char *end;
  errno = 0;
  unsigned long long limit = strtoull(text, &end, 10);
  command->limit = limit;
  return (*text >= '1' && *text <= '9' && !*end && errno == 0) || say("--limit", "is a number from 1 on");
}

static bool reason_take(struct command *command, const char *text) {
  command->asked.reason = text;
  for (int reject = REJECT_NONE + 1; reject < REJECT_COUNT; reject++)
    if (strcmp(text, reject_name((enum reject)reject)) == 0) return true;
  return say("--reason", "is too_large, not_json, not_object, no_lead, no_time, bad_time or no_name");
}

static bool option_take(struct command *command, int option, char **argv) {
  switch (option) {
    case 'r': return reason_take(command, optarg);
    case 't': command->asked.topic = optarg; return true;
    case 'F': return options_time("letters", "--from", optarg, &command->asked.from_ms);
    case 'T': return options_time("letters", "--to", optarg, &command->asked.to_ms);
    case 'o': command->asked.open = true; return true;
    case 'l': return limit_take(command, optarg);
    case 'S': command->summary = true; return true;
    case 'R': command->raw = true; return true;
    case 'n': command->dry = true; return true;
    case 'y': command->yes = true; return true;
    case 'j': command->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "letters", option, argv);
  }
}

static bool places_take(struct command *command, char **argv, int count) {
  struct letters_asked *asked = &command->asked;
  if (count > LETTERS_PLACES) return say(argv[LETTERS_PLACES], "more than 256 letters");
  for (int i = 0; i < count; i++)
    if (!letters_place_parse(argv[i], &asked->places[i]))
      return say(argv[i], "is no place of a letter, like 3:17: its partition and its offset");
  asked->place_count = count;
  return true;
}

static bool is_filtered(const struct letters_asked *asked) {
  return asked->reason || asked->topic || asked->from_ms != TIME_NONE || asked->to_ms != TIME_NONE;
}

static bool verb_check(const struct command *command) {
  const struct letters_asked *asked = &command->asked;
  enum verb verb = command->verb;
  if (verb == VERB_LIST && asked->place_count > 0) return say("PARTITION:OFFSET", "goes with show and redrive");
  if (verb == VERB_SHOW && asked->place_count != 1) return say("show", "wants one PARTITION:OFFSET");
  if (verb == VERB_SHOW && is_filtered(asked)) return say("show", "has no use for filters");
  if (verb != VERB_LIST && (asked->open || command->summary)) return say("--open, --summary", "go with list");
  if (verb != VERB_SHOW && command->raw) return say("--raw", "goes with show");
  if (verb == VERB_SHOW && command->limit > 0) return say("--limit", "goes with list and redrive");
  if (verb != VERB_REDRIVE && (command->dry || command->yes)) return say("--dry-run, --yes", "go with redrive");
  if (command->raw && command->json) return say("--raw, --json", "one of them, please");
  return true;
}

static bool command_check(const struct command *command) {
  const struct letters_asked *asked = &command->asked;
  bool both = asked->from_ms != TIME_NONE && asked->to_ms != TIME_NONE;
  if (both && asked->from_ms >= asked->to_ms) return say("--to", "is not after --from");
  if (command->raw && isatty(STDOUT_FILENO))
    return say("--raw", "writes what a terminal might obey: to a file, please");
  return verb_check(command) && options_given(&command->options, "letters");
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"reason", required_argument, NULL, 'r'},
                                        {"topic", required_argument, NULL, 't'},
                                        {"from", required_argument, NULL, 'F'},
                                        {"to", required_argument, NULL, 'T'},
                                        {"open", no_argument, NULL, 'o'},
                                        {"limit", required_argument, NULL, 'l'},
                                        {"summary", no_argument, NULL, 'S'},
                                        {"raw", no_argument, NULL, 'R'},
                                        {"dry-run", no_argument, NULL, 'n'},
                                        {"yes", no_argument, NULL, 'y'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->asked.from_ms = command->asked.to_ms = TIME_NONE;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc && !verb_take(command, argv[optind++])) return false;
  return places_take(command, argv + optind, argc - optind) && command_check(command);
}

/* The work */

struct listing {
  const struct command *command;
  const struct letters *letters;
  struct letters_sums sums;
  uint64_t count;
  bool colour, broken; /* standard output cannot be written */
};

static bool put(struct buffer *out) {
  bool good = fwrite(out->at, 1, out->length, stdout) == out->length;
  buffer_fini(out);
  return good;
}

static bool list_letter(void *context, const struct letter *letter, const rd_kafka_message_t *message) {
  struct listing *listing = context;
  const struct command *command = listing->command;
  struct buffer out = {0};
  bool redriven = letters_is_redriven(listing->letters, letter->partition, letter->offset);
  (void)message;
  listing->count++;
  if (command->summary) {
    letters_sums_add(&listing->sums, letter, redriven);
  } else if (command->json) {
    letters_print_json(&out, letter, redriven);
  } else {
    if (listing->count == 1) letters_print_head(&out);
    letters_print_row(&out, letter, redriven, listing->colour);
  }
  listing->broken = !put(&out);
  return !listing->broken && (command->limit == 0 || listing->count < command->limit);
}

static bool show_letter(void *context, const struct letter *letter, const rd_kafka_message_t *message) {
  struct listing *listing = context;
  const struct command *command = listing->command;
  struct buffer out = {0};
  bool redriven = letters_is_redriven(listing->letters, letter->partition, letter->offset);
  listing->count++;
  if (command->raw) buffer_append(&out, letter->value.at, letter->value.length);
  else if (command->json) letters_print_all_json(&out, letter, message, redriven);
  else letters_print_all(&out, letter, message, redriven, command->settings.dead_letters);
  listing->broken = !put(&out);
  return false;
}

static void end_listing(const struct listing *listing) {
  struct buffer out = {0};
  if (listing->command->summary) {
    (listing->command->json ? letters_sums_json : letters_sums_print)(&out, &listing->sums);
  } else if (listing->count == 0 && listing->command->verb == VERB_LIST && !listing->command->json) {
    buffer_append_text(&out, "no dead letters\n");
  }
  put(&out);
}

static void say_strange(const struct command *command, const struct letters *letters) {
  if (letters_strange(letters) == 0 || command->verb != VERB_LIST) return;
  fprintf(stderr,
          "handover letters: %" PRIu64 " records are no dead letters: something else has written to the topic\n",
          letters_strange(letters));
}

static int look(const struct command *command, struct topic_reader *reader) {
  struct letters *letters = letters_create(reader, &command->settings);
  struct listing listing = {.command = command, .letters = letters, .colour = terminal_colour(STDOUT_FILENO)};
  int status = STATUS_OK;
  enum letters_outcome outcome = letters_read_marks(letters, &command->asked, false);
  if (outcome == LETTERS_DONE)
    outcome = letters_each(letters, &command->asked, command->verb == VERB_SHOW ? show_letter : list_letter, &listing);
  if (outcome == LETTERS_FAILED) {
    say(interrupt_seen() ? "letters" : command->settings.bootstrap, letters_why(letters));
    status = STATUS_OUTSIDE;
  } else if (command->verb == VERB_SHOW && listing.count == 0) {
    say("PARTITION:OFFSET", "there is no such dead letter");
    status = STATUS_NO;
  } else {
    end_listing(&listing);
    say_strange(command, letters);
  }
  letters_destroy(letters);
  return status;
}

static int work(struct command *command) {
  char why[WHY];
  if (!options_load(&command->options, "letters", &command->settings)) return STATUS_USAGE;
  if (!client_check(&command->settings, why, sizeof why) && !say("settings", why)) return STATUS_USAGE;
  struct topic_reader *reader = topic_reader_open(&command->settings, why, sizeof why);
  if (!reader && !say("settings", why)) return STATUS_USAGE;
  const struct letters_redrive_order order = {.settings = &command->settings,
                                              .asked = &command->asked,
                                              .most = command->limit,
                                              .dry = command->dry,
                                              .yes = command->yes,
                                              .json = command->json};
  interrupt_watch();
  errno = 0;
  int status = command->verb == VERB_REDRIVE ? letters_redrive(&order, reader) : look(command, reader);
  topic_reader_close(reader);
  return status;
}

int cmd_letters(int argc, char **argv) {
  struct command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover letters --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = STATUS_OK;
  } else {
    status = work(command);
  }
  errno = 0;
  if (fflush(stdout) != 0 || ferror(stdout)) {
    say("standard output", errno == EPIPE ? "closed by its reader" : "cannot be written");
    status = STATUS_OUTSIDE;
  }
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
