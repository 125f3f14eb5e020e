/* cmd_top.c: `handover top`: once a second what daemons and published events say, as one picture. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "command.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "options.h"
#include "scrape.h"
#include "screen.h"
#include "terminal.h"
#include "top_frame.h"
#include "topic_tail.h"

enum {
  STATUS_OK = 0,
  STATUS_USAGE = 2,
  STATUS_OUTSIDE = 3,
  WHY = 700,
  ROUND_MS = 1000,
  SCRAPE_MS = 800,
  READ_MS = 400,        /* of a round, at most, where there is much to read */
  ONCE_READ_MS = 30000, /* without anything new */
  NAP_MS = 20,
  CONNECT_MS = 10000, /* for one picture */
};
#define DAYS_MS (7 * INT64_C(86400000))

static const char help[] =
    "usage: handover top [--settings FILE] [--url ADDRESS ...] [option ...]\n"
    "\n"
    "What running daemons do, in the terminal, every second: events in and out, lag by partition, transactions, the\n"
    "funnel, SLAs that are ahead and missed, dead letters by reason, the last changes. q ends it.\n"
    "\n"
    "  handover top --settings handover.json\n"
    "  handover top --settings handover.json --url 10.0.0.7:9464 --url 10.0.0.8:9464\n"
    "  handover top --url 127.0.0.1:9464 --once\n"
    "\n"
    "  --settings FILE    settings (docs/settings.md): where Kafka is, and the daemon (http); - is standard input\n"
    "  --set NAME=VALUE   a setting, after the file's\n"
    "  -X PROPERTY=VALUE  a property of librdkafka\n"
    "  --url ADDRESS      a daemon's metrics, instead of those of the settings; may stand several times. Without "
    "settings\n"
    "                     the published events are not looked at\n"
    "  --from TIME        how far back published events are read, by their timestamps, or beginning; default: seven "
    "days\n"
    "  --once             one picture as plain text; so it is where standard output is no terminal, too\n"
    "  --help             this text\n"
    "\n"
    "Exit status 0: done; 2: wrong usage; 3: nothing answers, or standard output cannot be written.\n";

struct command {
  const char *urls[SCRAPE_MOST];
  int32_t url_count;
  int64_t from_ms;
  struct options options;
  struct settings settings;
  bool kafka, once, help;
  struct scrape *scrape;
  struct topic_reader *reader;
  struct topic_tail *tail;
  struct top_daemons *daemons;
  struct top_log *log;
  struct top_view view;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover top: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool url_take(struct command *command, const char *text) {
  if (command->url_count == SCRAPE_MOST) return say("--url", "more than 64");
  command->urls[command->url_count++] = text;
  return true;
}

static bool from_take(struct command *command, const char *text) {
  if (strcmp(text, "beginning") != 0) return options_time("top", "--from", text, &command->from_ms);
  command->from_ms = TOPIC_TAIL_BEGINNING;
  return true;
}

static bool option_take(struct command *command, int option, char **argv) {
  switch (option) {
    case 'u': return url_take(command, optarg);
    case 'F': return from_take(command, optarg);
    case 'o': command->once = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "top", option, argv);
  }
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"url", required_argument, NULL, 'u'},
                                        {"from", required_argument, NULL, 'F'},
                                        {"once", no_argument, NULL, 'o'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->from_ms = TIME_NONE;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc) return say(argv[optind], "is no option");
  command->kafka = command->options.file || command->options.count > 0;
  return command->kafka || command->url_count > 0 ||
         say("--settings FILE", "is missing (or --url 127.0.0.1:9464): who is to be asked?");
}

/* One round */

static void trouble(struct command *command, const char *what, const char *why) {
  struct top_view *view = &command->view;
  if (view->trouble_count == TOP_TROUBLES) return;
  snprintf(view->troubles[view->trouble_count++], TOP_TROUBLE, "%.120s: %.170s", what, why);
}

static void look_at_daemons(struct command *command) {
  if (!command->scrape) return;
  scrape_fetch(command->scrape, SCRAPE_MS);
  int64_t now_ns = clock_monotonic_ns();
  top_daemons_begin(command->daemons);
  command->daemons->asked = command->url_count;
  for (int32_t i = 0; i < command->url_count; i++) {
    const struct scrape_answer *answer = scrape_answer(command->scrape, i);
    char strange[SCRAPE_WHY];
    const char *why = answer->why, *what;
    int32_t line;
    struct slice text = {answer->text.at, (uint32_t)answer->text.length};
    if (answer->good && top_daemons_take(command->daemons, i, text, now_ns, &line, &what)) continue;
    if (answer->good) {
      snprintf(strange, sizeof strange, "line %" PRId32 ": %s", line, what);
      why = strange;
    }
    trouble(command, scrape_url(command->scrape, i), why);
  }
  top_daemons_end(command->daemons);
}

static bool take_event(void *context, const struct record *record) {
  top_log_take(context, record->payload);
  return true;
}

static void nap(void) {
  const struct timespec moment = {0, NAP_MS * 1000000L};
  nanosleep(&moment, NULL);
}

/* Up to READ_MS; `whole`: until all has been read that was there, or nothing has come for ONCE_READ_MS. */
static void look_at_log(struct command *command, bool whole) {
  if (!command->tail) return;
  int64_t patience_ns = (whole ? ONCE_READ_MS : READ_MS) * INT64_C(1000000);
  int64_t until_ns = clock_monotonic_ns() + patience_ns;
  while (clock_monotonic_ns() < until_ns && !interrupt_seen()) {
    int32_t count = topic_tail_read(command->tail, take_event, command->log);
    if (count < 0) {
      trouble(command, command->settings.bootstrap, topic_tail_why(command->tail));
      topic_tail_close(command->tail);
      command->tail = NULL;
      return;
    }
    if (count > 0 && whole) until_ns = clock_monotonic_ns() + patience_ns;
    bool done = topic_tail_left(command->tail) == 0 || (whole && topic_tail_over(command->tail));
    if (count == 0 && (done || !whole)) break;
    if (count == 0) nap();
  }
  command->view.log_left = topic_tail_left(command->tail);
}

/* A broker that went away, or was not there: it is asked again, round by round. */
static void open_tail(struct command *command, int wait_ms) {
  char why[WHY];
  if (!command->reader || command->tail) return;
  if (!topic_reader_answers(command->reader, wait_ms, why, sizeof why)) {
    trouble(command, command->settings.bootstrap, why);
    return;
  }
  int64_t from_ms = command->from_ms == TIME_NONE ? clock_wall_ms() - DAYS_MS : command->from_ms;
  command->tail = topic_tail_open(command->reader, command->settings.stage_changes, from_ms, true, why, sizeof why);
  if (!command->tail) {
    trouble(command, command->settings.bootstrap, why);
    return;
  }
  top_log_destroy(command->log);
  command->view.log = command->log = top_log_create();
}

static void look(struct command *command, bool whole) {
  command->view.trouble_count = 0;
  look_at_daemons(command);
  open_tail(command, whole ? CONNECT_MS : SCRAPE_MS);
  look_at_log(command, whole);
  command->view.now_ms = clock_wall_ms();
}

/* The two ways */

static int watch(struct command *command) {
  int columns, rows;
  bool good = true;
  screen_open();
  for (char key = 0; good && key != 'q' && key != 'Q' && !interrupt_seen();) {
    struct buffer out = {0};
    int64_t next_ns = clock_monotonic_ns() + ROUND_MS * INT64_C(1000000);
    look(command, false);
    do {
      out.length = 0;
      screen_size(&columns, &rows);
      top_frame(&out, &command->view, columns, rows, terminal_colour(STDOUT_FILENO));
      good = screen_show(&out);
      int64_t left_ms = (next_ns - clock_monotonic_ns()) / 1000000;
      key = screen_wait(left_ms > 0 ? (int)left_ms : 0); /* back earlier: a key, or another size */
    } while (good && !key && !interrupt_seen() && clock_monotonic_ns() < next_ns);
    buffer_fini(&out);
  }
  screen_close();
  return good || interrupt_seen() ? STATUS_OK : STATUS_OUTSIDE;
}

/* Rates want two looks. */
static int show_once(struct command *command) {
  int columns = 80, rows = 0, status = STATUS_OK;
  struct buffer out = {0};
  look(command, true);
  if (command->scrape && command->daemons->up > 0) {
    const struct timespec second = {1, 0};
    nanosleep(&second, NULL);
    look(command, false);
  }
  if (isatty(STDOUT_FILENO)) screen_size(&columns, &rows);
  top_frame(&out, &command->view, columns, 0, false);
  bool good = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  if (!good) say("standard output", "cannot be written");
  if (!good || (!command->tail && command->daemons->up == 0)) status = STATUS_OUTSIDE;
  buffer_fini(&out);
  return status;
}

static bool load(struct command *command) {
  char why[WHY];
  if (!command->kafka) return true;
  if (!options_load(&command->options, "top", &command->settings)) return false;
  if (!client_check(&command->settings, why, sizeof why)) return say("settings", why);
  if (command->url_count == 0 && *command->settings.http) url_take(command, command->settings.http);
  command->view.group = command->settings.group;
  command->reader = topic_reader_open(&command->settings, why, sizeof why);
  return command->reader || say("settings", why);
}

static int work(struct command *command) {
  char why[WHY];
  if (!load(command)) return STATUS_USAGE;
  if (command->url_count > 0) {
    command->scrape = scrape_open(command->urls, command->url_count, why, sizeof why);
    if (!command->scrape) {
      say("--url", why);
      return STATUS_USAGE;
    }
    command->view.daemons = command->daemons;
  }
  interrupt_watch();
  return command->once || !isatty(STDOUT_FILENO) ? show_once(command) : watch(command);
}

int cmd_top(int argc, char **argv) {
  struct command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  command->daemons = memory_zeroed(1, sizeof *command->daemons);
  if (!command_parse(command, argc, argv)) {
    fputs("`handover top --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = work(command);
  }
  topic_tail_close(command->tail);
  topic_reader_close(command->reader);
  top_log_destroy(command->log);
  scrape_close(command->scrape);
  settings_fini(&command->settings);
  memory_free(command->daemons);
  memory_free(command);
  return status;
}
