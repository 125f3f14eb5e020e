/* cmd_tap.c: `handover tap`: published events as they come; tap.c chooses and prints. */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "client.h"
#include "command.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "options.h"
#include "story.h"
#include "tap.h"
#include "topic_tail.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700, WAIT_MS = 50, PATIENCE_ROUNDS = 600 };

static const char help[] =
    "usage: handover tap --settings FILE [option ...]\n"
    "\n"
    "Stage changes and breached SLAs as they are published, a line each: when, who, from where to where, why, who has "
    "to\n"
    "act by when. It ends with SIGINT, or when nobody reads any more.\n"
    "\n"
    "  handover tap --settings handover.json\n"
    "  handover tap --settings handover.json --to-stage sql --queue emea\n"
    "  handover tap --settings handover.json --from 2026-03-01T00:00:00Z --lead u-17 --once\n"
    "\n"
    "  --settings FILE         settings (docs/settings.md): where Kafka is; - is standard input\n"
    "  --set NAME=VALUE        a setting, after the file's\n"
    "  -X PROPERTY=VALUE       a property of librdkafka\n"
    "  --from TIME             from the first record of each partition on whose timestamp is TIME or later, or from "
    "the\n"
    "                          beginning; default: what comes from now on\n"
    "  --once                  up to where the topic ends now; without --from: from the beginning\n"
    "  --lead LEAD             only this lead\n"
    "  --type changes|breaches only these\n"
    "  --from-stage STAGE      only changes from this stage, and breaches in it\n"
    "  --to-stage STAGE        only changes to this stage\n"
    "  --owner TEAM            only what concerns a stage of this team: the one that a change leads to\n"
    "  --queue QUEUE           only what was routed to this queue\n"
    "  --member MEMBER         only what was routed to this member of a queue\n"
    "  --attribute NAME=VALUE  only leads with this attribute; may stand several times\n"
    "  --json                  the events as they were published, one a line\n"
    "  --help                  this text\n"
    "\n"
    "Exit status 0: done, or SIGINT or SIGTERM came, or nobody reads any more; 2: wrong usage; 3: no broker answers, "
    "or\n"
    "there is no such topic.\n";

struct command {
  struct tap_filter filter;
  struct options options;
  struct settings settings;
  int64_t from_ms;
  bool once, json, help;
  bool colour, broken; /* of standard output */
  int columns;         /* 0: as wide as it gets */
  bool strange;        /* a record was no published event, and that has been said */
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover tap: %.300s: %s\n", what, why);
  return false;
}

static int fail(const char *what, const char *why, int status) {
  say(what, why);
  return status;
}

/* Options */

static bool from_take(struct command *command, const char *text) {
  if (strcmp(text, "beginning") != 0) return options_time("tap", "--from", text, &command->from_ms);
  command->from_ms = TOPIC_TAIL_BEGINNING;
  return true;
}

static bool type_take(struct command *command, const char *text) {
  command->filter.type = strcmp(text, "changes") == 0 ? TAP_CHANGES : TAP_BREACHES;
  return command->filter.type == TAP_CHANGES || strcmp(text, "breaches") == 0 ||
         say("--type", "is changes or breaches");
}

static bool attribute_take(struct command *command, const char *text) {
  return tap_attribute_take(&command->filter, text) || say("--attribute", "is NAME=VALUE, at most 16 of them");
}

static bool option_take(struct command *command, int option, char **argv) {
  switch (option) {
    case 'F': return from_take(command, optarg);
    case 'o': command->once = true; return true;
    case 'l': command->filter.lead = optarg; return true;
    case 'y': return type_take(command, optarg);
    case 'a': command->filter.from = optarg; return true;
    case 'b': command->filter.to = optarg; return true;
    case 'w': command->filter.owner = optarg; return true;
    case 'q': command->filter.queue = optarg; return true;
    case 'm': command->filter.member = optarg; return true;
    case 't': return attribute_take(command, optarg);
    case 'j': command->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "tap", option, argv);
  }
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"from", required_argument, NULL, 'F'},
                                        {"once", no_argument, NULL, 'o'},
                                        {"lead", required_argument, NULL, 'l'},
                                        {"type", required_argument, NULL, 'y'},
                                        {"from-stage", required_argument, NULL, 'a'},
                                        {"to-stage", required_argument, NULL, 'b'},
                                        {"owner", required_argument, NULL, 'w'},
                                        {"queue", required_argument, NULL, 'q'},
                                        {"member", required_argument, NULL, 'm'},
                                        {"attribute", required_argument, NULL, 't'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->from_ms = TOPIC_TAIL_NOW;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc) return say(argv[optind], "is no option");
  if (command->once && command->from_ms == TOPIC_TAIL_NOW) command->from_ms = TOPIC_TAIL_BEGINNING;
  return options_given(&command->options, "tap");
}

/* The work */

/* Of another lead it need not even be parsed: the key is the lead. */
static bool is_other(const struct command *command, const struct record *record) {
  return command->filter.lead && record->key.at && !slice_equal(record->key, slice_of(command->filter.lead));
}

static void print(struct command *command, const struct record *record, const cJSON *event) {
  struct buffer out = {0};
  if (command->json) {
    buffer_append(&out, record->payload.at, record->payload.length);
    buffer_append_text(&out, "\n");
  } else {
    tap_line(&out, event, command->columns, command->colour);
  }
  command->broken = fwrite(out.at, 1, out.length, stdout) != out.length;
  buffer_fini(&out);
}

static bool take(void *context, const struct record *record) {
  struct command *command = context;
  if (is_other(command, record)) return true;
  cJSON *event = record->payload.at ? cJSON_ParseWithLength(record->payload.at, record->payload.length) : NULL;
  if (!event && !command->strange) {
    command->strange = true;
    fprintf(stderr, "handover tap: %s: a record is no published event, and is left out\n",
            command->settings.stage_changes);
  }
  if (event && tap_wants(&command->filter, event)) print(command, record, event);
  cJSON_Delete(event);
  return !command->broken && !interrupt_seen();
}

static void measure(struct command *command) {
  struct winsize size;
  command->colour = terminal_colour(STDOUT_FILENO);
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) command->columns = size.ws_col;
}

/* Waits a moment; false: nobody reads any more, though there was nothing to write. */
static bool rest(void) {
  struct pollfd out = {.fd = STDOUT_FILENO};
  return poll(&out, 1, WAIT_MS) <= 0 || !(out.revents & (POLLERR | POLLHUP | POLLNVAL));
}

static int watch(struct command *command, struct topic_tail *tail) {
  int silent = 0;
  while (!interrupt_seen() && !topic_tail_over(tail)) {
    measure(command); /* it may have been made wider */
    int32_t count = topic_tail_read(tail, take, command);
    if (count < 0) return fail(command->settings.bootstrap, topic_tail_why(tail), STATUS_OUTSIDE);
    errno = 0;
    if (command->broken || fflush(stdout) != 0) break;
    if (count > 0) {
      silent = 0;
      continue;
    }
    if (!rest()) break;
    if (command->once && ++silent > PATIENCE_ROUNDS)
      return fail(command->settings.bootstrap, "no answer", STATUS_OUTSIDE);
  }
  if ((command->broken || ferror(stdout)) && errno != EPIPE && errno != 0)
    return fail("standard output", strerror(errno), STATUS_OUTSIDE);
  return STATUS_OK;
}

static int work(struct command *command) {
  char why[WHY];
  if (!options_load(&command->options, "tap", &command->settings)) return STATUS_USAGE;
  if (!client_check(&command->settings, why, sizeof why)) return fail("settings", why, STATUS_USAGE);
  struct topic_reader *reader = topic_reader_open(&command->settings, why, sizeof why);
  if (!reader) return fail("settings", why, STATUS_USAGE);
  int status = STATUS_OUTSIDE;
  interrupt_watch();
  struct topic_tail *tail =
      topic_tail_open(reader, command->settings.stage_changes, command->from_ms, !command->once, why, sizeof why);
  if (tail) status = watch(command, tail);
  else say(command->settings.bootstrap, why);
  topic_tail_close(tail);
  topic_reader_close(reader);
  return status;
}

int cmd_tap(int argc, char **argv) {
  struct command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover tap --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = work(command);
  }
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
