/* cmd_demo.c: `handover demo`: options, and the fortnight as people read it; demo_run.c does the work. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../producer/encode.h"
#include "command.h"
#include "demo_cluster.h"
#include "demo_run.h"
#include "interrupt.h"
#include "log.h"
#include "tally.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover demo [--json | --events]\n"
    "\n"
    "Shows handover at work, without any set-up: a Kafka broker within this process, a made-up fortnight of leads, "
    "the\n"
    "sample definition (config/sample.json), and the code of `handover run`. Prints the stage changes as people read\n"
    "them, and what they add up to. Takes a few seconds and leaves nothing behind.\n"
    "\n"
    "  handover demo\n"
    "  handover demo --json | jq -r '.data | [.lead, .from, .to] | @tsv'\n"
    "  handover demo --events > events.ndjson\n"
    "  handover replay --definition definition.json --envelope kcat --summary events.ndjson\n"
    "\n"
    "  --json     the published events instead, one JSON object a line, by time\n"
    "  --events   the fortnight's records instead, as `kcat -J` prints them; nothing is decided\n"
    "  --help     this text\n"
    "\n"
    "Times are UTC. NO_COLOR is heeded.\n"
    "\n"
    "Exit status 0: done; 2: wrong usage; 3: something outside failed, or SIGINT or SIGTERM came.\n";

struct demo_options {
  bool json, events, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover demo: %.300s: %s\n", what, why);
  return false;
}

static bool options_parse(struct demo_options *options, int argc, char **argv) {
  static const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                        {"events", no_argument, NULL, 'e'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, "h", names, NULL)) != -1) {
    switch (option) {
      case 'j': options->json = true; break;
      case 'e': options->events = true; break;
      case 'h': options->help = true; break;
      default: return say(argv[optind - 1], "there is no such option, or it takes no value");
    }
  }
  if (optind < argc) return say(argv[optind], "nothing more is expected here");
  return !options->json || !options->events || say("--json, --events", "one of them, please");
}

/* Everything at once, after all is known: the same bytes each time. */
static int print(struct buffer *buffer) {
  errno = 0;
  bool good = fwrite(buffer->at, 1, buffer->length, stdout) == buffer->length && fflush(stdout) == 0;
  int error = errno;
  buffer_fini(buffer);
  if (good) return STATUS_OK;
  say("standard output", error == EPIPE ? "closed by its reader" : strerror(error));
  return STATUS_OUTSIDE;
}

/* --events */

static void encode_event(struct buffer *buffer, const char *topic, const struct demo_event *event, int32_t partition,
                         int64_t offset) {
  buffer_printf(buffer,
                "{\"topic\":\"%s\",\"partition\":%" PRId32 ",\"offset\":%" PRId64
                ",\"tstype\":\"create\",\"ts\":%" PRId64 ",\"broker\":1,\"key\":",
                topic, partition, offset, event->timestamp_ms);
  if (*event->key) {
    json_append_string(buffer, slice_of(event->key));
  } else {
    buffer_append_text(buffer, "null");
  }
  buffer_append_text(buffer, ",\"payload\":");
  json_append_string(buffer, (struct slice){event->payload, event->length});
  buffer_append_text(buffer, "}\n");
}

static int print_events(const struct demo_events *events) {
  struct buffer buffer = {0};
  int64_t next[DEMO_PARTITIONS] = {0};
  for (int32_t i = 0; i < events->count; i++) {
    int32_t partition = demo_partition(events->at[i].key);
    encode_event(&buffer, "engagement", &events->at[i], partition, next[partition]++);
  }
  return print(&buffer);
}

/* --json */

static int print_json(const struct demo_result *result) {
  struct buffer buffer = {0};
  for (size_t i = 0; i < result->published_count; i++) {
    buffer_append(&buffer, result->published[i].bytes, result->published[i].length);
    buffer_append_text(&buffer, "\n");
  }
  return print(&buffer);
}

/* For people */

static void title(struct buffer *buffer, bool colour, const char *text) {
  struct terminal terminal = {.buffer = buffer, .colour = colour};
  terminal_line(&terminal);
  terminal_style(&terminal, "1");
  terminal_text(&terminal, slice_of(text), TERMINAL_COLUMNS);
  terminal_plain(&terminal);
  terminal_line(&terminal);
}

static int print_story(const struct demo_events *events, const struct demo_result *result) {
  struct buffer buffer = {0};
  struct tally tally = {.records = (uint64_t)events->count, .leads = (uint64_t)events->leads};
  bool colour = terminal_colour(STDOUT_FILENO);
  buffer_append_text(
      &buffer,
      "A made-up fortnight at Acme: through an embedded Kafka broker, by the sample definition, with the "
      "code of\n`handover run`. Who moves, why, and who has to act by when. Times are UTC.\n\n");
  for (size_t i = 0; i < result->published_count; i++) {
    story_event(&buffer, result->published[i].event, colour);
    tally_event(&tally, result->published[i].event);
  }
  if (result->letter_count > 0)
    title(&buffer, colour, "Records that are no events: kept as dead letters, with the reason");
  for (size_t i = 0; i < result->letter_count; i++) {
    story_dead_letter(&buffer, &result->letters[i].story, colour);
    tally_dead_letter(&tally, result->letters[i].story.reason);
  }
  buffer_append_text(&buffer, "\n");
  tally_print(&tally, &buffer, colour);
  title(&buffer, colour, "What next?");
  buffer_append_text(&buffer,
                     "  handover demo --json                     the same as programs read it\n"
                     "  handover demo --events > events.ndjson   the fortnight, to try your own definition on:\n"
                     "  handover check definition.json           what is wrong with it (begin with a copy of "
                     "config/sample.json)\n"
                     "  handover replay --definition definition.json --envelope kcat --summary events.ndjson\n"
                     "  handover run --settings handover.json    on your own Kafka; README.md says how\n");
  tally_fini(&tally);
  return print(&buffer);
}

static int decide(const struct demo_events *events, bool json) {
  struct demo_result result;
  interrupt_watch();
  log_open(STDERR_FILENO, LOG_ERROR, true);
  int status = demo_run(events, &result);
  if (status == STATUS_OK) status = json ? print_json(&result) : print_story(events, &result);
  demo_result_fini(&result);
  return status;
}

int cmd_demo(int argc, char **argv) {
  struct demo_options options = {0};
  struct demo_events events;
  if (!options_parse(&options, argc, argv)) {
    fputs("`handover demo --help` says what can be said\n", stderr);
    return STATUS_USAGE;
  }
  if (options.help) {
    fputs(help, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  }
  demo_events_init(&events);
  int status = options.events ? print_events(&events) : decide(&events, options.json);
  demo_events_fini(&events);
  return status;
}
