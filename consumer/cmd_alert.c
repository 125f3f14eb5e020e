/* cmd_alert.c: `handover alert` and what stands behind it: test, redeliver, enable, template. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../producer/alert.h"
#include "../producer/alert_redeliver.h"
#include "../producer/alert_trial.h"
#include "../producer/alert_words.h"
#include "client.h"
#include "clock.h"
#include "command.h"
#include "engine/memory.h"
#include "http.h"
#include "interrupt.h"
#include "log.h"
#include "options.h"
#include "supervise.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 1500, STILL_S = 60 };

static const char help[] =
    "usage: handover alert --settings FILE [--once] [--log-level LEVEL]\n"
    "       handover alert test RECEIVER --settings FILE [--dry-run]\n"
    "       handover alert redeliver --settings FILE [--receiver NAME] [--id ID] [--since TIME] [--dry-run]\n"
    "       handover alert enable RECEIVER --settings FILE\n"
    "       handover alert template slack|webhook|pagerduty|stdout\n"
    "\n"
    "Tells people and programs of stage changes: Slack, signed webhooks, PagerDuty, standard output. Who is told of\n"
    "what stands in the setting `alerts` (docs/alerts.md). It reads in a group of its own: no receiver, however slow,\n"
    "touches the daemon. Runs until a signal comes.\n"
    "\n"
    "  handover alert --settings handover.json\n"
    "  handover alert test sales --settings handover.json\n"
    "\n"
    "  test                   sends a made-up event to one receiver, and says what it answered\n"
    "  redeliver              delivers again what was given up, under the same ids; each once\n"
    "  enable                 a receiver that answered 410 is told of events again\n"
    "  template               prints the words that are built in, to begin from\n"
    "\n"
    "  --settings FILE        settings (docs/settings.md); - is standard input\n"
    "  --set NAME=VALUE       a setting, after the file's\n"
    "  -X PROPERTY=VALUE      a property of librdkafka\n"
    "  --once                 ends when what is there now has been delivered\n"
    "  --receiver NAME        what was given up for this one\n"
    "  --id ID                this delivery\n"
    "  --since TIME           given up at TIME (UTC) or later\n"
    "  --dry-run              shows what would be sent, and sends nothing\n"
    "  --log-level LEVEL      error, warning, info (default) or debug\n"
    "  --help                 this text\n"
    "\n"
    "Exit status 0: ended by a signal, or done; 1: the receiver did not take it, or --once left something for later;\n"
    "2: wrong usage or settings; 3: Kafka or the state file failed.\n";

enum action { ACTION_RUN, ACTION_TEST, ACTION_REDELIVER, ACTION_ENABLE, ACTION_TEMPLATE, ACTIONS };

static const char *const action_names[ACTIONS] = {"", "test", "redeliver", "enable", "template"};

struct alert_command {
  struct options options;
  struct settings settings;
  enum action action;
  const char *name; /* of a receiver, or a kind */
  const char *receiver, *id;
  int64_t since_ms;
  bool once, dry, help;
  enum log_level level;
  struct alert_target targets[RECEIVERS_MOST];
  struct alert_state *state;
  struct alert_metrics metrics;
  struct supervisor supervisor; /* of `alert` itself */
  _Atomic int64_t beat_ns;
  _Atomic bool ready;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover alert: %.300s: %s\n", what, why);
  return false;
}

/* --- options --- */

static bool option_take(struct alert_command *command, int option, char **argv) {
  switch (option) {
    case 'o': command->once = true; return true;
    case 'r': command->receiver = optarg; return true;
    case 'i': command->id = optarg; return true;
    case 't': return options_time("alert", "--since", optarg, &command->since_ms);
    case 'n': command->dry = true; return true;
    case 'l': return log_level_parse(optarg, &command->level) || say("--log-level", "is error, warning, info or debug");
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "alert", option, argv);
  }
}

/* The words that are no options: what to do, and for whom. */
static bool words_take(struct alert_command *command, int count, char **words) {
  if (count == 0) return true;
  int action = ACTION_TEST;
  while (action < ACTIONS && strcmp(words[0], action_names[action]) != 0) action++;
  if (action == ACTIONS) return say(words[0], "is not test, redeliver, enable or template");
  command->action = (enum action)action;
  bool named = action != ACTION_REDELIVER;
  if (named && count < 2) return say(words[0], action == ACTION_TEMPLATE ? "wants a kind" : "wants a receiver's name");
  if (named) command->name = words[1];
  return count == 1 + named || say(words[1 + named], "nothing more is expected here");
}

static bool options_suit(const struct alert_command *command) {
  bool redeliver = command->action == ACTION_REDELIVER, test = command->action == ACTION_TEST;
  if (command->once && command->action != ACTION_RUN) return say("--once", "goes with no other command");
  if (command->dry && !redeliver && !test) return say("--dry-run", "goes with test and redeliver");
  if (!redeliver && (command->receiver || command->id || command->since_ms != INT64_MIN))
    return say("--receiver, --id, --since", "go with redeliver");
  return true;
}

static bool command_parse(struct alert_command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"once", no_argument, NULL, 'o'},
                                        {"receiver", required_argument, NULL, 'r'},
                                        {"id", required_argument, NULL, 'i'},
                                        {"since", required_argument, NULL, 't'},
                                        {"dry-run", no_argument, NULL, 'n'},
                                        {"log-level", required_argument, NULL, 'l'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->level = LOG_INFO;
  command->since_ms = INT64_MIN;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (!words_take(command, argc - optind, argv + optind) || !options_suit(command)) return false;
  return command->action == ACTION_TEMPLATE || options_given(&command->options, "alert");
}

/* --- what every action stands on --- */

static bool settings_usable(struct alert_command *command) {
  char why[WHY];
  if (!options_load(&command->options, "alert", &command->settings)) return false;
  if (*command->settings.alert_http &&
      !http_address_check(command->settings.alert_http, command->settings.http_public, why, sizeof why))
    return say("alert_http", why);
  if (command->settings.receivers.count == 0)
    return say("settings", "\"alerts\" names no receiver: see docs/alerts.md");
  return client_check(&command->settings, why, sizeof why) || say("settings", why);
}

static bool name_known(const struct alert_command *command, const char *name) {
  if (!name || receiver_find(&command->settings.receivers, name)) return true;
  return say(name, "\"alerts\" has no receiver of that name");
}

/* Everything that is wrong is said. */
static bool targets_load(struct alert_command *command) {
  bool good = true;
  for (int32_t i = 0; i < command->settings.receivers.count; i++) {
    const struct receiver *receiver = &command->settings.receivers.at[i];
    char why[WHY];
    bool other = command->action == ACTION_TEST && strcmp(receiver->name, command->name) != 0;
    if (other || command->action == ACTION_ENABLE) continue;
    if (!alert_target_load(&command->targets[i], receiver, why, sizeof why)) good = say(receiver->name, why);
  }
  return good;
}

static bool state_open(struct alert_command *command) {
  char why[WHY];
  command->state = alert_state_open(command->settings.alert_state, why, sizeof why);
  return command->state || say("alert_state", why);
}

/* --- run --- */

static bool its_ready(const void *who) {
  const struct alert_command *command = who;
  return atomic_load(&command->ready);
}

static bool its_alive(const void *who, int64_t within_ns) {
  const struct alert_command *command = who;
  return clock_monotonic_ns() - atomic_load(&command->beat_ns) < within_ns;
}

static void its_description(const void *who, char *text, size_t room) {
  const struct alert_command *command = who;
  int64_t pending = 0, disabled = 0;
  for (int32_t i = 0; i < command->settings.receivers.count; i++) {
    pending += atomic_load(&command->metrics.at[i][ALERT_METRIC_PENDING]);
    disabled += atomic_load(&command->metrics.at[i][ALERT_METRIC_DISABLED]);
  }
  snprintf(text, room, "%" PRId64 " alerts wait; %" PRId32 " receivers, %" PRId64 " of them disabled%s", pending,
           command->settings.receivers.count, disabled, its_ready(who) ? "" : "; no partitions yet");
}

static bool is_live(void *context, struct buffer *lines) {
  struct alert_command *command = context;
  int64_t still_s = (clock_monotonic_ns() - atomic_load(&command->beat_ns)) / INT64_C(1000000000);
  buffer_printf(lines, "[%s]loop %" PRId64 " s since its last turn\n", still_s < STILL_S ? "+" : "-", still_s);
  return still_s < STILL_S;
}

static bool is_ready(void *context, struct buffer *lines) {
  const bool ready = its_ready(context);
  buffer_printf(lines, "[%s]reader\n", ready ? "+" : "-");
  return ready;
}

static void render(void *context, struct buffer *buffer) {
  struct alert_command *command = context;
  alert_metrics_render(&command->metrics, buffer);
}

static bool lock(struct alert_command *command) {
  return alert_state_lock(command->state) ||
         say(command->settings.alert_state, "another handover alert delivers from this file");
}

/* Until it ends; `read`: published events, too. */
static int deliver(struct alert_command *command, bool read, bool once) {
  char why[WHY];
  command->metrics.receivers = &command->settings.receivers;
  atomic_store(&command->beat_ns, clock_monotonic_ns());
  const struct supervised supervised = {its_ready, its_alive, its_description, command};
  const struct alert_order order = {.settings = &command->settings,
                                    .targets = command->targets,
                                    .state = command->state,
                                    .read = read,
                                    .once = once,
                                    .metrics = &command->metrics,
                                    .beat_ns = &command->beat_ns,
                                    .ready = &command->ready,
                                    .supervisor = &command->supervisor,
                                    .supervised = &supervised};
  enum alert_end end = alert_run(&order, why, sizeof why);
  if (end == ALERT_END_FAILED) log_error("failed", why);
  if (end == ALERT_END_LEFT) log_warning("left", "what failed waits for a later attempt");
  log_info("stopped", end == ALERT_END_SIGNAL ? "a signal came"
                      : end == ALERT_END_DONE ? "all is delivered"
                                              : "not all is delivered");
  return end == ALERT_END_FAILED ? STATUS_OUTSIDE : end == ALERT_END_LEFT ? STATUS_NO : STATUS_OK;
}

static struct http *serve(struct alert_command *command, char *why, size_t room) {
  const struct http_options options = {.address = command->settings.alert_http,
                                       .public = command->settings.http_public,
                                       .render = render,
                                       .live = is_live,
                                       .ready = is_ready,
                                       .context = command};
  return http_start(&options, why, room);
}

static int run(struct alert_command *command) {
  char why[WHY];
  struct http *http = NULL;
  bool served = *command->settings.alert_http && !command->once;
  if (!state_open(command) || !lock(command)) return STATUS_OUTSIDE;
  command->metrics.receivers = &command->settings.receivers;
  atomic_store(&command->beat_ns, clock_monotonic_ns());
  if (served && !(http = serve(command, why, sizeof why))) {
    say("alert_http", why);
    return STATUS_OUTSIDE;
  }
  if (!supervisor_open(&command->supervisor))
    log_warning("service manager", "NOTIFY_SOCKET is no address of a socket: it is not told how this goes");
  log_info("started", "reading published events", log_text("topic", command->settings.stage_changes),
           log_text("group", command->settings.alert_group),
           log_number("receivers", command->settings.receivers.count));
  int status = deliver(command, true, command->once);
  supervisor_close(&command->supervisor);
  http_stop(http);
  return status;
}

/* --- test, enable, template --- */

static int test(struct alert_command *command) {
  const struct receivers *receivers = &command->settings.receivers;
  switch (alert_trial(&command->targets[receiver_find(receivers, command->name) - receivers->at], command->dry)) {
    case ALERT_TRIAL_TAKEN: return STATUS_OK;
    case ALERT_TRIAL_REFUSED: return STATUS_NO;
    case ALERT_TRIAL_FAILED: break;
  }
  return STATUS_OUTSIDE;
}

static int enable(struct alert_command *command) {
  if (!state_open(command)) return STATUS_OUTSIDE;
  bool was = alert_state_disabled(command->state, command->name);
  alert_state_disable(command->state, command->name, false, clock_wall_ms());
  const char *trouble = alert_state_trouble(command->state);
  if (trouble) {
    say("alert_state", trouble);
    return STATUS_OUTSIDE;
  }
  printf("%s %s\n", command->name,
         was ? "is enabled; `handover alert redeliver` sends what was given up" : "was not disabled");
  return STATUS_OK;
}

static int print_template(const char *kind) {
  static const char *const kinds[RECEIVER_KINDS] = {"slack", "webhook", "pagerduty", "stdout"};
  for (int i = 0; i < RECEIVER_KINDS; i++) {
    if (strcmp(kind, kinds[i]) != 0) continue;
    fputs(alert_words_of((enum receiver_kind)i), stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  }
  say(kind, "is no kind: slack, webhook, pagerduty or stdout");
  return STATUS_USAGE;
}

/* --- redeliver --- */

static void print_letter(void *context, const struct alert_delivery *delivery, enum alert_letter_fate fate) {
  static const char *const words[LETTER_FATES] = {"queued", "taken up before", "no such receiver", "disabled",
                                                  "no record of handover alert"};
  int64_t *counts = context;
  counts[fate]++;
  if (fate != LETTER_BEFORE)
    printf("%-16s %s %s (%s)\n", words[fate], delivery->receiver, delivery->id, delivery->reason);
}

static int redeliver(struct alert_command *command) {
  char why[WHY];
  int64_t counts[LETTER_FATES] = {0};
  if (!state_open(command)) return STATUS_OUTSIDE;
  const struct alert_redeliver_order order = {&command->settings, command->state, command->receiver, command->id,
                                              command->since_ms,  command->dry,   print_letter,      counts};
  if (!alert_redeliver(&order, why, sizeof why)) {
    say(command->settings.undelivered, why);
    return STATUS_OUTSIDE;
  }
  printf("%" PRId64 " %s, %" PRId64 " taken up before, %" PRId64 " left\n", counts[LETTER_TAKEN],
         command->dry ? "would be queued" : "queued", counts[LETTER_BEFORE],
         counts[LETTER_STRANGER] + counts[LETTER_DISABLED] + counts[LETTER_BROKEN]);
  fflush(stdout);
  if (command->dry || counts[LETTER_TAKEN] == 0) return STATUS_OK;
  if (alert_state_lock(command->state)) return deliver(command, false, true);
  puts("the handover alert that is running delivers them");
  return STATUS_OK;
}

static int act(struct alert_command *command) {
  if (command->action == ACTION_TEMPLATE) return print_template(command->name);
  if (!settings_usable(command) || !name_known(command, command->name) || !name_known(command, command->receiver) ||
      !targets_load(command))
    return STATUS_USAGE;
  log_open(STDERR_FILENO, command->level, isatty(STDERR_FILENO));
  signal(SIGPIPE, SIG_IGN);
  interrupt_watch();
  switch (command->action) {
    case ACTION_RUN: return run(command);
    case ACTION_TEST: return test(command);
    case ACTION_REDELIVER: return redeliver(command);
    case ACTION_ENABLE: return enable(command);
    case ACTION_TEMPLATE:
    case ACTIONS: break;
  }
  return STATUS_USAGE;
}

int cmd_alert(int argc, char **argv) {
  struct alert_command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover alert --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = STATUS_OK;
  } else {
    status = act(command);
  }
  if (fflush(stdout) != 0) status = STATUS_OUTSIDE;
  alert_state_close(command->state);
  for (int32_t i = 0; i < RECEIVERS_MOST; i++) alert_target_fini(&command->targets[i]);
  settings_fini(&command->settings);
  memory_free(command);
  return status;
}
