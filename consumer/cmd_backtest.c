/* cmd_backtest.c: `handover backtest`: options, the two definitions and what a sweep makes of the second; backtest.c does the work. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../config/advice.h"
#include "../config/share.h"
#include "backtest_print.h"
#include "command.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "log_options.h"
#include "options.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, CONTENDERS = BACKTEST_PAIR + SWEEP_MOST };

static const char name[] = "backtest";

static const char help[] =
    "usage: handover backtest OLD NEW [option ...] [FILE ...]\n"
    "\n"
    "What would have been handed over, had NEW been agreed from the beginning? Decides one log by two definitions, "
    "side by\n"
    "side in one pass, and compares whom they hand over, when, and what became of these leads.\n"
    "\n"
    "  handover backtest v3.json v4.json events.ndjson\n"
    "  handover backtest v3.json v4.json --capacity 40 --fail-if 'sql_per_week > 1.2x' events.ndjson.zst\n"
    "  handover backtest v3.json v4.json --settings handover.json\n"
    "  handover backtest v4.json v4.json --sweep /criteria/engaged/when/at_least=20:80:5 --html events.ndjson > "
    "curve.html\n"
    "\n"
    "FILE is a log, as for `handover replay`. With --settings the log is that of Kafka's inputs.\n"
    "\n"
    "  --settings FILE        settings, as of `handover run`: the inputs are read from Kafka, up to where they end "
    "now\n"
    "  --set NAME=VALUE       one setting; may stand several times\n"
    "  -X PROPERTY=VALUE      a property of librdkafka\n"
    "  --handover STAGE       from this rung on a lead is handed over; default: the first rung that sales owns\n"
    "  --won EVENT            a good lead's event: its name, or a pattern in JSON; default: what NEW's highest rung "
    "asks for\n"
    "  --rejected EVENT       a bad lead's event; default: those of NEW's moves that have a reason\n"
    "  --capacity N           handovers a week that sales can take\n"
    "  --sweep POINTER=FROM:TO:STEP\n"
    "                         NEW with other values of one number or duration: the curve from loose to tight\n"
    "  --fail-if CONDITION    exit status 1 where it holds: FIGURE OP VALUE; may stand several times. FIGURE: "
    "handovers,\n"
    "                         handovers_per_week, leads, late, won, rejected, open, precision, recall, lift, "
    "busiest_week,\n"
    "                         weeks_over, breaches, breaches_per_week, same, earlier, later, new, gone, "
    "STAGE_entered,\n"
    "                         STAGE_per_week. OP: > >= < <=. VALUE: a number, 20%, or 1.2x: so many times OLD's\n"
    "  --leads FILE           takes each lead for whom OLD and NEW differ\n"
    "  --json                 the figures as JSON\n"
    "  --html                 the figures as one HTML file with drawings, which loads nothing\n"
    "  --topic NAME           topic of the log; default: events\n"
    "  --partition N          its partition; default: 0\n"
    "  --envelope none|kcat   kcat: each line is what `kcat -J` prints; default: none\n"
    "  --until TIME           lets time pass up to TIME (2026-03-01T00:00:00Z) after the last record\n"
    "  --max-event-bytes N    larger events are dead letters (too_large); default: 1048576\n"
    "  --help                 this text\n"
    "\n"
    "Exit status 0: done; 1: a condition of --fail-if holds; 2: wrong usage, definitions that do not go together, or a "
    "log\n"
    "that is of no use; 3: something outside failed, or SIGINT or SIGTERM came.\n";

struct backtest_command {
  struct log_options log;
  struct options options; /* Kafka's; nothing in it: the log is in files */
  struct settings settings;
  bool of_files; /* an option was said that goes with files */
  const char *paths[BACKTEST_PAIR];
  struct agreement pair[BACKTEST_PAIR];
  const char *handover, *leads, *sweep_text;
  const char *gate_texts[GATES];
  int32_t gate_count;
  struct outcome_list won, rejected;
  int64_t capacity;
  bool json, html, help;

  struct sweep sweep;
  struct outcome outcome;
  struct gate gates[GATES];
  const struct definition *contenders[CONTENDERS];
  int32_t handovers[CONTENDERS];
  FILE *leads_file;
};

static bool say(const struct backtest_command *command, const char *what, const char *why) {
  return log_options_say(&command->log, what, why);
}

/* --- options --- */

static bool event_take(const struct backtest_command *command, struct outcome_list *list, const char *option) {
  if (list->count == OUTCOME_EVENTS) return say(command, option, "more than 64");
  list->at[list->count++] = optarg;
  return true;
}

static bool gate_take(struct backtest_command *command) {
  if (command->gate_count == GATES) return say(command, "--fail-if", "more than 64");
  command->gate_texts[command->gate_count++] = optarg;
  return true;
}

static bool capacity_take(struct backtest_command *command) {
  char *end;
  errno = 0;
  command->capacity = strtoll(optarg, &end, 10);
  if (*optarg >= '1' && *optarg <= '9' && !*end && errno == 0 && command->capacity <= 1000000000) return true;
  return say(command, "--capacity", "is a number of handovers a week, from 1 to 1000000000");
}

static bool option_take(struct backtest_command *command, int option, char **argv) {
  switch (option) {
    case 'a': command->handover = optarg; return true;
    case 'w': return event_take(command, &command->won, "--won");
    case 'r': return event_take(command, &command->rejected, "--rejected");
    case 'c': return capacity_take(command);
    case 'S': command->sweep_text = optarg; return true;
    case 'F': return gate_take(command);
    case 'l': command->leads = optarg; return true;
    case 'j': command->json = true; return true;
    case 'H': command->html = true; return true;
    case 'h': command->help = true; return true;
    case 't':
    case 'p':
    case 'm':
    case 'e': command->of_files = true; return log_options_take(&command->log, option, optarg, argv, optind);
    case 'u': return log_options_take(&command->log, option, optarg, argv, optind);
    default: return options_take(&command->options, name, option, argv);
  }
}

static bool pair_take(struct backtest_command *command, int argc, char **argv) {
  if (optind == argc) return say(command, "OLD", "is missing: which definition holds now?");
  if (optind + 1 == argc)
    return say(command, "NEW", "is missing: which definition may come? (OLD once more, for a --sweep alone)");
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) command->paths[i] = argv[optind++];
  bool twice = strcmp(command->paths[0], "-") == 0 && strcmp(command->paths[1], "-") == 0;
  command->log.others = command->paths;
  command->log.other_count = BACKTEST_PAIR;
  return !twice || say(command, "standard input", "can be read once only");
}

static bool from_kafka(const struct backtest_command *command) {
  return command->options.file || command->options.count > 0;
}

static bool log_take(struct backtest_command *command, int argc, char **argv) {
  if (!from_kafka(command)) return log_options_files(&command->log, argv + optind, argc - optind);
  if (command->of_files || optind < argc)
    return say(command, "--settings",
               "reads from Kafka: no FILE, --topic, --partition, --envelope or --max-event-bytes beside it");
  return options_given(&command->options, name);
}

static bool command_parse(struct backtest_command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"handover", required_argument, NULL, 'a'},
                                        {"won", required_argument, NULL, 'w'},
                                        {"rejected", required_argument, NULL, 'r'},
                                        {"capacity", required_argument, NULL, 'c'},
                                        {"sweep", required_argument, NULL, 'S'},
                                        {"fail-if", required_argument, NULL, 'F'},
                                        {"leads", required_argument, NULL, 'l'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"html", no_argument, NULL, 'H'},
                                        {"topic", required_argument, NULL, 't'},
                                        {"partition", required_argument, NULL, 'p'},
                                        {"envelope", required_argument, NULL, 'e'},
                                        {"until", required_argument, NULL, 'u'},
                                        {"max-event-bytes", required_argument, NULL, 'm'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (command->json && command->html) return say(command, "--json, --html", "one of them, please");
  return pair_take(command, argc, argv) && log_take(command, argc, argv);
}

/* --- definitions --- */

static int32_t rung_named(const struct definition *d, const char *stage_name) {
  int32_t stage = ledger_stage(d, slice_of(stage_name));
  return stage == NONE || d->stages[stage].off_ladder ? NONE : stage;
}

/* From which rung on has a lead been handed over? */
static bool find_handover(struct backtest_command *command, int32_t at) {
  const struct definition *d = command->pair[at].definition;
  char why[400];
  command->handovers[at] = command->handover ? rung_named(d, command->handover) : advice_handover(d);
  if (command->handovers[at] > 0) return true;
  if (!command->handover)
    return say(command, command->paths[at],
               "hands nobody over: no rung has another owner than the first; --handover STAGE says where");
  snprintf(why, sizeof why, "\"%.150s\" is no rung above the first one of %.200s", command->handover,
           command->paths[at]);
  return say(command, "--handover", why);
}

static bool sweep_read(struct backtest_command *command, const char *text, size_t length) {
  if (!command->sweep_text) return true;
  return sweep_parse(&command->sweep, name, command->sweep_text) &&
         sweep_make(&command->sweep, name, &command->pair[BACKTEST_NEW], text, length);
}

/* Reads one of the pair; of NEW also what a sweep makes of it. */
static bool pair_read(struct backtest_command *command, int32_t at) {
  size_t length;
  char *text = definition_text(command->paths[at], &length);
  if (!text) return say(command, command->paths[at], strerror(errno));
  bool good = agreement_parse(&command->pair[at], name, command->paths[at], text, length) &&
              find_handover(command, at) && (at == BACKTEST_OLD || sweep_read(command, text, length));
  memory_free(text);
  return good;
}

static bool check_alike(const struct backtest_command *command, const struct definition *d, const char *what) {
  const char *part = definitions_differ(command->pair[BACKTEST_NEW].definition, d);
  char why[200];
  if (!part) return true;
  snprintf(why, sizeof why,
           "reads events differently from NEW (\"%s\" of \"events\"): they would not see the same leads", part);
  return say(command, what, why);
}

/* All who decide, with one vocabulary. */
static bool contenders_make(struct backtest_command *command) {
  struct definition *all[CONTENDERS + 1];
  int32_t count = 0;
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) all[count++] = command->pair[i].definition;
  for (int32_t i = 0; i < command->sweep.count; i++) all[count++] = command->sweep.definitions[i];
  if (!check_alike(command, all[BACKTEST_OLD], command->paths[BACKTEST_OLD])) return false;
  for (int32_t i = BACKTEST_PAIR; i < count; i++) {
    command->handovers[i] = command->handovers[BACKTEST_NEW];
    if (!check_alike(command, all[i], "--sweep")) return false;
  }
  for (int32_t i = 0; i < count; i++) command->contenders[i] = all[i];
  all[count] = command->outcome.definition;
  definitions_share(all, count + 1);
  command->log.order.definitions = command->contenders;
  command->log.order.definition_count = count;
  return true;
}

static bool gates_read(struct backtest_command *command) {
  for (int32_t i = 0; i < command->gate_count; i++)
    if (!gate_parse(&command->gates[i], name, command->gate_texts[i], command->pair[BACKTEST_NEW].definition,
                    command->capacity))
      return false;
  return true;
}

static bool prepare(struct backtest_command *command) {
  return pair_read(command, BACKTEST_OLD) && pair_read(command, BACKTEST_NEW) && gates_read(command) &&
         outcome_make(&command->outcome, name, &command->pair[BACKTEST_NEW], command->handovers[BACKTEST_NEW],
                      &command->won, &command->rejected) &&
         contenders_make(command);
}

/* --- the work --- */

static bool print(const struct backtest_command *command, const struct backtest_result *result) {
  struct buffer out = {0};
  errno = 0;
  if (command->json) backtest_print_json(result, &out);
  else if (command->html) backtest_print_html(result, &out);
  else backtest_print_text(result, &out);
  bool good = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  return good || say(command, "standard output", errno == EPIPE ? "closed by its reader" : strerror(errno));
}

static int finish(struct backtest_command *command, const struct backtest *backtest) {
  struct backtest_result result = {backtest, command->sweep_text ? &command->sweep : NULL, command->gates,
                                   command->gate_count};
  bool fails = false;
  for (int32_t i = 0; i < command->gate_count; i++) {
    gate_judge(&command->gates[i], backtest);
    fails |= command->gates[i].fails;
  }
  if (command->leads_file && !backtest_print_leads(backtest, command->leads_file)) {
    say(command, command->leads, strerror(errno));
    return STATUS_OUTSIDE;
  }
  if (!print(command, &result)) return STATUS_OUTSIDE;
  return fails ? STATUS_NO : STATUS_OK;
}

static int work(struct backtest_command *command) {
  const struct settings *settings = from_kafka(command) ? &command->settings : NULL;
  struct backtest_order order = {command->log.order, settings, command->handovers, &command->outcome,
                                 command->capacity};
  struct backtest backtest;
  interrupt_watch();
  int status = backtest_run(&backtest, &order);
  if (status == STATUS_OK) status = finish(command, &backtest);
  backtest_fini(&backtest);
  return status;
}

/* Opens the file of --leads, unless that would destroy an input. */
static int leads_open(struct backtest_command *command) {
  if (!command->leads) return STATUS_OK;
  bool standard = strcmp(command->leads, "-") == 0;
  if (standard || log_options_reads(&command->log, command->leads)) {
    say(command, "--leads",
        standard ? "- is not possible: standard output is for the figures; say a file" : "is a file that is read");
    return STATUS_USAGE;
  }
  command->leads_file = fopen(command->leads, "w");
  if (command->leads_file) return STATUS_OK;
  say(command, command->leads, strerror(errno));
  return STATUS_OUTSIDE;
}

static bool settings_read(struct backtest_command *command) {
  if (!from_kafka(command)) return true;
  if (!options_load(&command->options, name, &command->settings)) return false;
  command->log.order.event_bytes_max = (uint32_t)command->settings.event_bytes_max;
  return true;
}

static int run(struct backtest_command *command) {
  if (!settings_read(command) || !prepare(command)) return STATUS_USAGE;
  int status = leads_open(command);
  if (status == STATUS_OK) status = work(command);
  if (!command->leads_file || fclose(command->leads_file) == 0) return status;
  say(command, command->leads, strerror(errno));
  return STATUS_OUTSIDE;
}

int cmd_backtest(int argc, char **argv) {
  struct backtest_command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  log_options_init(&command->log, name);
  if (!command_parse(command, argc, argv)) {
    fputs("`handover backtest --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = run(command);
  }
  outcome_fini(&command->outcome);
  sweep_fini(&command->sweep);
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) agreement_fini(&command->pair[i]);
  settings_fini(&command->settings);
  log_options_fini(&command->log);
  memory_free(command);
  return status;
}
