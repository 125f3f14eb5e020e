/* cmd_run.c: `handover run`: settings, definitions, the daemon, and the signal that ends it. */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../config/setting_table.h"
#include "client.h"
#include "command.h"
#include "daemon.h"
#include "definition_files.h"
#include "definitions.h"
#include "engine/memory.h"
#include "log.h"
#include "options.h"
#include "supervise.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 2000, LOOK_MS = 100 };

static const char help[] =
    "usage: handover run --settings FILE [option ...]\n"
    "\n"
    "The daemon: reads events from Kafka, decides by the definition, publishes stage changes, exactly once.\n"
    "SIGINT and SIGTERM end it cleanly within ten seconds. A definition that `handover publish` sends takes over while "
    "it\n"
    "runs; on SIGHUP it reads the files of definitions and keys again.\n"
    "\n"
    "  handover run --settings handover.json\n"
    "  handover run --set bootstrap=localhost:9092 --set state_dir=/tmp/handover --definition definition.json --draft\n"
    "\n"
    "  --settings FILE      settings (docs/settings.md); - is standard input\n"
    "  --set NAME=VALUE     a setting, after the file's\n"
    "  -X PROPERTY=VALUE    a property of librdkafka\n"
    "  --definition FILE    what a qualified lead is, besides those that the settings name and those that have been\n"
    "                       published; several are versions of one. A folder: all definitions in it\n"
    "  --draft              run definitions that not every team has signed; every event says so\n"
    "  --log-level LEVEL    error, warning, info (default) or debug\n"
    "  --check              starts nothing: are settings, files of secrets and definitions good? Asks no broker\n"
    "  --help               this text, and all settings\n"
    "\n"
    "Exit status 0: ended by a signal, or --check found nothing; 2: wrong usage, settings or definition; 3: something "
    "outside failed.\n"
    "\n";

struct run_command {
  struct options options;
  struct settings settings;
  const char *paths[DEFINITIONS_MOST];
  int32_t path_count;
  struct definitions definitions;
  struct catalog *catalog;
  enum log_level level;
  bool check; /* nothing is started */
  bool help, settings_loaded;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover run: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool definition_take(struct run_command *command, const char *path) {
  if (command->path_count == DEFINITIONS_MOST) return say("--definition", "more than 256");
  command->paths[command->path_count++] = path;
  return true;
}

static bool option_take(struct run_command *command, int option, char **argv) {
  switch (option) {
    case 'd': return definition_take(command, optarg);
    case 'D': return options_draft(&command->options, "run");
    case 'l': return log_level_parse(optarg, &command->level) || say("--log-level", "is error, warning, info or debug");
    case 'c': command->check = true; return true;
    case 'h': command->help = true; return true;
    default: return options_take(&command->options, "run", option, argv);
  }
}

static bool command_parse(struct run_command *command, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"definition", required_argument, NULL, 'd'},
                                        {"draft", no_argument, NULL, 'D'},
                                        {"log-level", required_argument, NULL, 'l'},
                                        {"check", no_argument, NULL, 'c'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  command->level = LOG_INFO;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(command, option, argv)) return false;
  }
  if (command->help) return true;
  if (optind < argc) return say(argv[optind], "nothing more is expected here");
  return options_given(&command->options, "run");
}

static int print_help(void) {
  struct buffer settings = {0};
  setting_table_help(&settings);
  fputs(help, stdout);
  fwrite(settings.at, 1, settings.length, stdout);
  buffer_fini(&settings);
  return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
}

/* Properties that librdkafka takes, files of passwords that may be read, and by nobody else. */
static bool client_usable(const struct settings *settings) {
  char why[WHY];
  return client_check(settings, why, sizeof why) || say("settings", why);
}

/* Definitions */

static bool definitions_agreed(const struct run_command *command) {
  bool good = true;
  for (int32_t i = 0; i < command->definitions.count && !command->settings.draft; i++) {
    const struct definition *d = command->definitions.at[i];
    if (d->agreed) continue;
    fprintf(stderr,
            "handover run: version %u of %.*s: not every team has signed it with a key that \"trust\" names: --draft "
            "runs it "
            "all the same\n",
            d->version, (int)d->name.length, d->name.at);
    good = false;
  }
  return good;
}

/* They fit together: definitions_read has seen to it. */
static bool catalog_fill(struct run_command *command) {
  char why[WHY];
  command->catalog = catalog_create();
  for (int32_t i = 0; i < command->definitions.count; i++) {
    if (catalog_add(command->catalog, command->definitions.at[i], why, sizeof why) != CATALOG_ADDED)
      return say("--definition", why);
  }
  return true;
}

static bool definitions_load(struct run_command *command) {
  const struct settings_list *named = &command->settings.definitions;
  for (int32_t i = 0; i < named->count; i++) {
    if (!definition_take(command, named->at[i])) return false;
  }
  const struct settings_list *keys = &command->settings.trust;
  struct trust trust = {0};
  struct definition_files files = {0};
  char why[WHY];
  bool good =
      definition_files_find(&files, command->paths, command->path_count, why, sizeof why) || say("--definition", why);
  good = good && trust_file_read(&trust, "run", (const char *const *)keys->at, (size_t)keys->count) &&
         definitions_read(&command->definitions, "run", (const char *const *)files.at, files.count, &trust) &&
         definitions_agreed(command);
  trust_fini(&trust);
  definition_files_fini(&files);
  return good && catalog_fill(command);
}

/* The run */

/* SIGINT, SIGTERM and SIGHUP wait to be taken by sigtimedwait, in every thread that is started from here on. */
static void block_signals(sigset_t *signals) {
  sigemptyset(signals);
  sigaddset(signals, SIGINT);
  sigaddset(signals, SIGTERM);
  sigaddset(signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, signals, NULL);
}

/* The signal that ended it, or 0: it ended by itself. */
static int watch(struct daemon *daemon, struct supervisor *supervisor, const sigset_t *signals) {
  const struct timespec look = {0, LOOK_MS * 1000000L};
  const struct supervised supervised = daemon_supervised(daemon);
  while (!daemon_failed(daemon)) {
    int signal = sigtimedwait(signals, NULL, &look);
    if (signal == SIGINT || signal == SIGTERM) return signal;
    if (signal == SIGHUP) {
      supervisor_reloading(supervisor);
      daemon_reload(daemon);
      supervisor_reloaded(supervisor);
    }
    daemon_look(daemon);
    supervisor_look(supervisor, &supervised);
  }
  return 0;
}

/* From its start to its end. */
static int attend(struct daemon *daemon, const sigset_t *signals) {
  struct supervisor supervisor = {0};
  if (!supervisor_open(&supervisor))
    log_warning("service manager", "NOTIFY_SOCKET is no address of a socket: it is not told how this goes");
  int signal = watch(daemon, &supervisor, signals);
  const char *why = signal ? "committing what is done" : "a worker has failed";
  log_info("stopping", why);
  supervisor_stop(&supervisor, why);
  int status = daemon_stop(daemon);
  supervisor_close(&supervisor);
  return status;
}

/* While it starts it may have to wait for brokers, longer than a signal may wait, and nothing is begun that needs an end. */
struct start {
  pthread_t thread;
  sigset_t signals;
  atomic_bool over;
};

static void *watch_start(void *context) {
  struct start *start = context;
  const struct timespec look = {0, LOOK_MS * 1000000L};
  while (!atomic_load(&start->over)) {
    int signal = sigtimedwait(&start->signals, NULL, &look);
    if (signal < 0) continue;
    if (!atomic_load(&start->over)) {
      log_info("stopped", "before it had started");
      _exit(STATUS_OK);
    }
    kill(getpid(), signal); /* it has just started: to be taken once more, by `watch` */
  }
  return NULL;
}

static struct daemon *start(const struct daemon_order *order, char *why, size_t room) {
  struct start start = {0};
  sigemptyset(&start.signals);
  sigaddset(&start.signals, SIGINT);
  sigaddset(&start.signals, SIGTERM);
  if (pthread_create(&start.thread, NULL, watch_start, &start) != 0) abort();
  struct daemon *daemon = daemon_start(order, why, room);
  atomic_store(&start.over, true);
  pthread_join(start.thread, NULL);
  return daemon;
}

static int run(struct run_command *command) {
  const struct daemon_order order = {.settings = &command->settings,
                                     .catalog = command->catalog,
                                     .wall_clock = true,
                                     .follows = true,
                                     .warns = true,
                                     .paths = command->paths,
                                     .path_count = command->path_count};
  char why[WHY] = "";
  sigset_t signals;
  block_signals(&signals);
  struct daemon *daemon = start(&order, why, sizeof why);
  if (!daemon) {
    log_error("not started", why);
    return STATUS_OUTSIDE;
  }
  int status = attend(daemon, &signals);
  log_info("stopped", status == STATUS_OK ? "cleanly" : "after a failure");
  return status;
}

int cmd_run(int argc, char **argv) {
  struct run_command *command = memory_zeroed(1, sizeof *command);
  int status = STATUS_USAGE;
  if (!command_parse(command, argc, argv)) {
    fputs("`handover run --help` says what can be said\n", stderr);
    goto out;
  }
  if (command->help) {
    status = print_help();
    goto out;
  }
  command->settings_loaded = true;
  if (!options_load(&command->options, "run", &command->settings)) goto out;
  if (!client_usable(&command->settings) || !definitions_load(command)) goto out;
  if (command->check) {
    status = STATUS_OK;
    goto out;
  }
  log_open(STDERR_FILENO, command->level, isatty(STDERR_FILENO));
  status = run(command);
out:
  catalog_destroy(command->catalog);
  definitions_fini(&command->definitions);
  if (command->settings_loaded) settings_fini(&command->settings);
  free(command);
  return status;
}
