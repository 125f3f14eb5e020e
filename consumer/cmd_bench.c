/* cmd_bench.c: `handover bench WHAT`: options, the table of what can be measured, rounds, and the figures. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../config/sample.h"
#include "bench_site.h"
#include "command.h"
#include "definitions.h"
#include "engine/memory.h"
#include "interrupt.h"
#include "load_options.h"
#include "log.h"

enum {
  STATUS_OK = 0,
  STATUS_USAGE = 2,
  STATUS_OUTSIDE = 3,
  RATE_MOST = 1000000,
  SECONDS_MOST = 3600,
  STREAM_MOST = 100000000,
  PARTITIONS_MOST = 1024,
  RATE = 5000,
  SECONDS = 30,
  PARTITIONS = 12,
};

static const char help[] =
    "usage: handover bench WHAT [option ...]\n"
    "\n"
    "Measures on this machine, with made-up events (`handover generate`): CPU seconds (user and system) for a million\n"
    "events, events a second, peak memory, and what the same events cost without any deciding. `replay`, `backtest`,\n"
    "`run` and `audit` are measured as the processes that people run.\n"
    "\n"
    "Without a broker:\n"
    "  decode      bytes to events; `decide` is all that follows, too, without input and output\n"
    "  replay      `handover replay` over a file; `lines` only reads it\n"
    "  backtest    `handover backtest` of a definition with itself, and `replay` of the same file\n"
    "  scale       state and cost at 10,000 leads, ten times as many, and so on up to --leads\n"
    "  snapshot    a task of --leads is saved while events come: how long each step holds them up; and loaded again\n"
    "With a broker (--settings, --set bootstrap=HOST:PORT), in topics of its own, which are deleted at the end:\n"
    "  consume     a consumer that only counts\n"
    "  run         `handover run` until it has committed all; `consume` over the same topic\n"
    "  latency     `handover run` at --rate: from producing an event to reading the change that it caused, committed;\n"
    "              then `lone` ones, 250 ms apart\n"
    "  restore     a restart, with a snapshot in the state directory, in the state topic, and with none\n"
    "  audit       `handover audit` of what `run` published, and `consume` and `replay` of the same events\n"
    "\n"
    "  handover bench replay --repeat 5\n"
    "  handover bench scale --leads 1000000 --json > scale.json\n"
    "  handover bench latency --set bootstrap=localhost:9092 --events 50000 --uniform --leads 5000\n"
    "\n" LOAD_HELP
    "  --definition FILE    default: the sample (config/sample.json)\n"
    "  --repeat N           so many times; then minimum, median and maximum are printed\n"
    "  --json               all values as JSON\n"
    "  --settings FILE      settings (docs/settings.md); topics, group, state_dir, http and definitions are its own\n"
    "  --set NAME=VALUE     a setting, after the file's, like threads=2\n"
    "  -X PROPERTY=VALUE    a property of librdkafka\n"
    "  --partitions N       of the topics that are made; default: 12\n"
    "  --topic NAME         consume, run, restore, audit: reads this topic, which is there, instead of made-up events\n"
    "  --rate N             latency: events a second; default: 5000\n"
    "  --seconds N          latency: for so long; default: 30. Before that --events are read to warm up\n"
    "  --keep               leaves topics as they are\n"
    "  --help               this text\n"
    "\n"
    "Exit status 0: done; 2: wrong usage, settings or definition; 3: something outside failed, or a signal came.\n";

struct measurement {
  const char *what;
  bool (*local)(struct bench *bench);
  bool (*broker)(struct bench *bench, struct bench_site *site);
  bool any_topic; /* may be one that is there */
  bool adds;      /* to its input */
  bool counts;    /* itself what a topic that is there has */
};

static const struct measurement measurements[] = {
    {"decode", .local = bench_decode_round},
    {"replay", .local = bench_replay_round},
    {"backtest", .local = bench_backtest_round},
    {"scale", .local = bench_scale_round},
    {"snapshot", .local = bench_snapshot_round},
    {"consume", .broker = bench_consume_round, .any_topic = true, .counts = true},
    {"run", .broker = bench_run_round, .any_topic = true},
    {"latency", .broker = bench_latency_round, .adds = true},
    {"restore", .broker = bench_restore_round, .any_topic = true},
    {"audit", .broker = bench_audit_round, .any_topic = true},
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover bench: %.300s: %s\n", what, why);
  return false;
}

/* Options */

struct command {
  struct bench bench;
  const struct measurement *measurement;
  const char *definition; /* NULL: the sample */
  bool help;
};

static bool number(const char *option, uint64_t most, uint64_t *value) {
  return load_options_number("bench", option, optarg, 1, most, value);
}

static bool option_take(struct command *command, int option, char **argv) {
  struct bench *bench = &command->bench;
  bool good;
  if (load_options_take(&bench->load, "bench", option, optarg, &good)) return good;
  switch (option) {
    case 'd': command->definition = optarg; return true;
    case 'R': return number("--repeat", BENCH_REPEATS, &bench->repeat);
    case 'p': return number("--partitions", PARTITIONS_MOST, &bench->partitions);
    case 't': bench->topic = optarg; return true;
    case 'r': return number("--rate", RATE_MOST, &bench->rate);
    case 'n': return number("--seconds", SECONDS_MOST, &bench->seconds);
    case 'k': bench->keep = true; return true;
    case 'j': bench->json = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&bench->options, "bench", option, argv);
  }
}

static bool what_take(struct command *command, const char *what) {
  for (size_t i = 0; i < sizeof measurements / sizeof *measurements; i++) {
    if (strcmp(measurements[i].what, what) == 0) command->measurement = &measurements[i];
  }
  command->bench.what = what;
  command->bench.adds = command->measurement && command->measurement->adds;
  return command->measurement || say(what,
                                     "is nothing that can be measured: decode, replay, backtest, scale, snapshot; "
                                     "consume, run, latency, restore, audit");
}

/* What goes together. */
static bool command_check(struct command *command) {
  const struct bench *bench = &command->bench;
  const struct options *options = &bench->options;
  if (command->measurement->local)
    return (!options->file && options->count == 0) ||
           say(bench->what, "needs no broker: --settings, --set and -X say nothing here");
  if (!options_given(options, "bench")) return false;
  if (options->file && strcmp(options->file, "-") == 0)
    return say("--settings -", "is read more than once: name a file");
  if (bench->rate * bench->seconds > STREAM_MOST) return say("--rate, --seconds", "more than 100,000,000 events");
  if (options->count + SITE_NAMES > OPTIONS_OVERRIDES) return say("--set, -X", "too many");
  return !bench->topic || command->measurement->any_topic || say("--topic", "it makes its events itself");
}

static bool command_parse(struct command *command, int argc, char **argv) {
  static const struct option names[] = {LOAD_OPTIONS,
                                        OPTIONS_LONG,
                                        {"definition", required_argument, NULL, 'd'},
                                        {"repeat", required_argument, NULL, 'R'},
                                        {"partitions", required_argument, NULL, 'p'},
                                        {"topic", required_argument, NULL, 't'},
                                        {"rate", required_argument, NULL, 'r'},
                                        {"seconds", required_argument, NULL, 'n'},
                                        {"keep", no_argument, NULL, 'k'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  load_options_init(&command->bench.load);
  command->bench.repeat = 1;
  command->bench.partitions = PARTITIONS;
  command->bench.rate = RATE;
  command->bench.seconds = SECONDS;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind == argc) return say("WHAT", "is missing: what shall be measured?");
  if (optind + 1 < argc) return say(argv[optind + 1], "nothing more is expected here");
  return what_take(command, argv[optind]) && command_check(command);
}

/* The definition, as a file that processes can read */

static bool write_sample(struct bench *bench) {
  bench_path(bench, "sample.json", bench->definition);
  FILE *file = fopen(bench->definition, "w");
  bool good = file && fwrite(sample_definition, 1, sample_definition_length, file) == sample_definition_length;
  if (file && fclose(file) != 0) good = false;
  return good || say(bench->definition, strerror(errno));
}

static int definition_take(struct command *command) {
  struct bench *bench = &command->bench;
  struct definitions definitions = {0};
  const struct trust nobody = {0};
  const char *path = bench->definition;
  if (!command->definition) return write_sample(bench) ? STATUS_OK : STATUS_OUTSIDE;
  if (strcmp(command->definition, "-") == 0) {
    say("--definition -", "is read more than once: name a file");
    return STATUS_USAGE;
  }
  snprintf(bench->definition, sizeof bench->definition, "%s", command->definition);
  bool good = definitions_read(&definitions, "bench", &path, 1, &nobody);
  definitions_fini(&definitions);
  return good ? STATUS_OK : STATUS_USAGE;
}

/* The work */

/* Who waits sees how far it has come. */
static void show(const struct bench *bench) {
  if (isatty(STDERR_FILENO))
    fprintf(stderr, "\r\033[K%s: %" PRId32 " of %" PRIu64 " …", bench->what, bench->round + 1, bench->repeat);
}

static bool is_filled(const struct command *command) {
  const struct bench *bench = &command->bench;
  return (bench->round > 0 && !bench->adds) || (bench->topic && command->measurement->counts);
}

static bool rounds(struct command *command, struct bench_site *site) {
  struct bench *bench = &command->bench;
  bool good = true;
  for (bench->round = 0; bench->round < (int32_t)bench->repeat && good; bench->round++) {
    show(bench);
    if (site) good = site_round(site) && (is_filled(command) || site_fill(site));
    good = good && (site ? command->measurement->broker(bench, site) : command->measurement->local(bench));
    if (interrupt_seen() && good) {
      snprintf(bench->why, BENCH_WHY, "interrupted");
      good = false;
    }
  }
  if (isatty(STDERR_FILENO)) fputs("\r\033[K", stderr);
  return good;
}

static int over_broker(struct command *command) {
  struct bench *bench = &command->bench;
  struct bench_site *site = memory_zeroed(1, sizeof *site);
  char why[BENCH_WHY];
  int status = STATUS_OUTSIDE;
  if (site_open(site, bench, &status)) status = rounds(command, site) ? STATUS_OK : STATUS_OUTSIDE;
  if (bench->keep && site->admin) fprintf(stderr, "handover bench: topics %s* are kept\n", site->prefix);
  if (!site_close(site, why, sizeof why)) say(bench->what, why);
  memory_free(site);
  return status;
}

static int measure(struct command *command) {
  struct bench *bench = &command->bench;
  struct buffer out = {0};
  int status = definition_take(command);
  if (status != STATUS_OK) return status;
  if (command->measurement->broker) status = over_broker(command);
  else status = rounds(command, NULL) ? STATUS_OK : STATUS_OUTSIDE;
  if (status != STATUS_OK) {
    if (*bench->why) say(bench->what, bench->why);
    return bench->useless ? STATUS_USAGE : status;
  }
  if (bench->json) bench_print_json(bench, &out);
  else bench_print_text(bench, &out);
  bool good = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  return good ? STATUS_OK : STATUS_OUTSIDE;
}

static int run(struct command *command) {
  char why[BENCH_WHY];
  interrupt_watch();
  log_open(STDERR_FILENO, LOG_ERROR, true);
  int status = STATUS_OUTSIDE;
  if (scratch_make(&command->bench.scratch, "handover-bench", why, sizeof why)) status = measure(command);
  else say("scratch", why);
  scratch_remove(&command->bench.scratch);
  return status;
}

int cmd_bench(int argc, char **argv) {
  struct command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover bench --help` says what can be said\n", stderr);
  } else if (command->help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = run(command);
  }
  memory_free(command);
  return status;
}
