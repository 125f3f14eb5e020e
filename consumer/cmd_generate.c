/* cmd_generate.c: `handover generate`: a load to standard output or to a topic, at once or so many events a second. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../producer/topics.h"
#include "client.h"
#include "clock.h"
#include "command.h"
#include "connect.h"
#include "interrupt.h"
#include "load_options.h"
#include "load_send.h"
#include "options.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 900, RATE_MOST = 10000000, PIECE = 256 << 10 };

static const char help[] =
    "usage: handover generate [option ...]\n"
    "\n"
    "Made-up engagement events in Segment's shape, about 360 bytes each, fit for config/sample.json. The same options\n"
    "give the same bytes on any machine. They go to standard output, one JSON object a line; or, where Kafka is "
    "named,\n"
    "to the input topic, which has to be there: key is the lead (userId), the partition that of Java's clients.\n"
    "\n"
    "  handover generate --events 1000000 > events.ndjson\n"
    "  handover generate --settings handover.json --rate 5000 --events 150000 --uniform --leads 5000\n"
    "\n" LOAD_HELP
    "  --rate N             so many events a second; an event's time is then when it is sent\n"
    "  --settings FILE      settings (docs/settings.md): to their first input; - is standard input\n"
    "  --set NAME=VALUE     a setting, after the file's\n"
    "  -X PROPERTY=VALUE    a property of librdkafka\n"
    "  --help               this text\n"
    "\n"
    "Exit status 0: done; 2: wrong usage or settings; 3: what was made could not be written, or a signal came.\n";

struct command {
  struct options options;
  struct settings settings;
  struct load_order order;
  uint64_t rate; /* 0: at once */
  bool kafka, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover generate: %.300s: %s\n", what, why);
  return false;
}

static bool option_take(struct command *command, int option, char **argv) {
  bool good;
  if (load_options_take(&command->order, "generate", option, optarg, &good)) return good;
  switch (option) {
    case 'r': return load_options_number("generate", "--rate", optarg, 1, RATE_MOST, &command->rate);
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "generate", option, argv);
  }
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {LOAD_OPTIONS,
                                        OPTIONS_LONG,
                                        {"rate", required_argument, NULL, 'r'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  load_options_init(&command->order);
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  command->kafka = command->options.file || command->options.count > 0;
  if (!command->help && optind < argc) return say(argv[optind], "nothing more is expected here");
  return true;
}

/* Event `number`, at the time when it is due. */
static void make(const struct command *command, uint64_t number, int64_t start_ns, struct load_event *event) {
  const struct load_order *order = &command->order;
  if (command->rate == 0) {
    load_make(order, number, event);
    return;
  }
  for (int64_t due_ns = load_due_ns(start_ns, number, command->rate), left_ns;
       (left_ns = due_ns - clock_monotonic_ns()) > 0 && !interrupt_seen();)
    usleep(left_ns > 100000000 ? 100000 : (useconds_t)(left_ns / 1000 + 1));
  load_make_of(order, number, load_lead(order, number), clock_wall_ms(), event);
}

/* To standard output */

static bool write_out(struct buffer *lines) {
  size_t done = 0;
  while (done < lines->length) {
    ssize_t written = write(STDOUT_FILENO, lines->at + done, lines->length - done);
    if (written < 0 && errno == EINTR && !interrupt_seen()) continue;
    if (written < 0) return say("standard output", errno == EPIPE ? "closed by its reader" : strerror(errno));
    done += (size_t)written;
  }
  lines->length = 0;
  return true;
}

static bool print(const struct command *command) {
  struct load_event event = {0};
  struct buffer lines = {0};
  int64_t start_ns = clock_monotonic_ns();
  bool good = true;
  for (uint64_t i = 0; i < command->order.events && good && !interrupt_seen(); i++) {
    make(command, i, start_ns, &event);
    buffer_append(&lines, event.payload.at, event.payload.length);
    buffer_append(&lines, "\n", 1);
    if (command->rate > 0 || lines.length >= PIECE) good = write_out(&lines);
  }
  good = good && write_out(&lines);
  load_event_fini(&event);
  buffer_fini(&lines);
  return good && !interrupt_seen();
}

/* To Kafka */

/* Is the topic there? A producer alone would wait for it. */
static int check_topic(const struct settings *settings, rd_kafka_t *client) {
  struct topics topics;
  char why[WHY];
  topics_want(&topics, settings);
  if (!topics_read(&topics, client, false, why, sizeof why)) {
    say(settings->bootstrap, why);
    return STATUS_OUTSIDE;
  }
  return topics.at[0].exists || say(topics.at[0].name, "there is no such topic; `handover topics --create` makes it")
             ? STATUS_OK
             : STATUS_USAGE;
}

static int reach(const struct settings *settings) {
  char why[WHY];
  int status = STATUS_USAGE;
  rd_kafka_conf_t *conf = client_conf(settings, RD_KAFKA_PRODUCER, why, sizeof why);
  if (!conf) {
    say("settings", why);
    return STATUS_USAGE;
  }
  rd_kafka_t *client = connect_client("generate", settings, conf, &status);
  if (!client) return status;
  status = check_topic(settings, client);
  rd_kafka_destroy(client);
  return status;
}

static bool produce(const struct command *command) {
  char why[WHY];
  struct load_event event = {0};
  struct load_sender *sender = load_sender_open(&command->settings, command->settings.inputs.at[0],
                                                command->rate ? 1 : 50, NULL, NULL, why, WHY);
  int64_t start_ns = clock_monotonic_ns();
  bool good = sender != NULL;
  for (uint64_t i = 0; good && i < command->order.events && !interrupt_seen(); i++) {
    make(command, i, start_ns, &event);
    good = load_send(sender, &event, i);
    if (command->rate > 0 || i % 1024 == 0) load_sender_poll(sender);
  }
  load_event_fini(&event);
  if (sender) good = load_sender_close(sender, why, WHY);
  return good || say(command->settings.bootstrap, why);
}

static int run(struct command *command) {
  interrupt_watch();
  if (!command->kafka) return print(command) ? STATUS_OK : STATUS_OUTSIDE;
  if (!options_load(&command->options, "generate", &command->settings)) return STATUS_USAGE;
  int status = reach(&command->settings);
  if (status == STATUS_OK && !produce(command)) status = STATUS_OUTSIDE;
  return status == STATUS_OK && interrupt_seen() ? STATUS_OUTSIDE : status;
}

int cmd_generate(int argc, char **argv) {
  struct command command = {0};
  int status = STATUS_USAGE;
  if (!command_parse(&command, argc, argv)) {
    fputs("`handover generate --help` says what can be said\n", stderr);
  } else if (command.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = run(&command);
  }
  settings_fini(&command.settings);
  return status;
}
