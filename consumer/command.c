/* command.c: the table, the program's own help, and "did you mean". May use: libc. */
#include "command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#ifndef HANDOVER_VERSION
#define HANDOVER_VERSION "unversioned"
#endif

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, NAME_MOST = 31, DISTANCE_MOST = 2 };

struct command {
  const char *name, *summary;
  int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"demo", "see it work: an embedded broker, a made-up fortnight of leads, no set-up", cmd_demo},
    {"run", "the daemon: consume events from Kafka, decide, publish", cmd_run},
    {"replay", "stage changes from a log: files or standard input", cmd_replay},
    {"audit", "decide again what was published, and compare it byte for byte", cmd_audit},
    {"explain", "why a lead stands where it stands, and what would take it further", cmd_explain},
    {"backtest", "two definitions over one log: who is handed over now, earlier, later, not any more", cmd_backtest},
    {"init", "a first definition with its tests: asks a few questions, or takes flags", cmd_init},
    {"check", "what is wrong with a definition, and what would be wise to change", cmd_check},
    {"keygen", "a key to sign definitions with", cmd_keygen},
    {"approve", "sign a definition for a team", cmd_approve},
    {"verify", "the signoffs of a definition: does each fit, are all teams agreed", cmd_verify},
    {"publish", "bring signed definitions to Kafka, where running daemons take them over", cmd_publish},
    {"describe", "a definition as a page that people read and sign", cmd_describe},
    {"diff", "what changed in meaning between two definitions", cmd_diff},
    {"test", "the unit tests of a definition", cmd_test},
    {"calendar", "the offsets of a time zone, as a definition's calendar wants them", cmd_calendar},
    {"report", "the funnel between two dates, from published events", cmd_report},
    {"top", "what running daemons do, every second, in the terminal", cmd_top},
    {"tap", "stage changes as they are published, a line each", cmd_tap},
    {"letters", "dead letters: which there are, and why; send them again after a fix", cmd_letters},
    {"alert", "tell people and programs of stage changes: Slack, signed webhooks, PagerDuty", cmd_alert},
    {"topics", "check the topics, and create what is missing", cmd_topics},
    {"generate", "made-up events, to a file or to Kafka", cmd_generate},
    {"bench", "what it costs: decoding, replay, backtest, run, latency, restore, audit", cmd_bench},
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_help(FILE *file) {
  fputs(
      "usage: handover COMMAND [option ...]\n"
      "\n"
      "Hands leads over from marketing to sales by one signed definition.\n"
      "\n"
      "  handover demo\n"
      "  handover check definition.json\n"
      "  handover replay --definition definition.json --summary events.ndjson\n"
      "  handover run --settings handover.json\n"
      "\n",
      file);
  for (int i = 0; i < COMMAND_COUNT; i++) fprintf(file, "  %-10s %s\n", commands[i].name, commands[i].summary);
  fputs(
      "\n"
      "  --help     this text; `handover COMMAND --help` tells the options of one command\n"
      "  --version  the version\n"
      "\n"
      "Exit status 0: done; 1: the answer is no; 2: wrong usage or unusable input; 3: something outside failed.\n",
      file);
}

static int least(int a, int b, int c) {
  int two = a < b ? a : b;
  return two < c ? two : c;
}

/* How many letters have to be added, dropped or changed (Levenshtein); names are short. */
static int distance(const char *a, const char *b) {
  int row[NAME_MOST + 2], length = (int)strlen(b);
  for (int j = 0; j <= length; j++) row[j] = j;
  for (int i = 1; *a; a++, i++) {
    int diagonal = row[0];
    row[0] = i;
    for (int j = 1; j <= length; j++) {
      int above = row[j];
      row[j] = least(row[j - 1] + 1, above + 1, diagonal + (*a != b[j - 1]));
      diagonal = above;
    }
  }
  return row[length];
}

static const struct command *nearest(const char *name) {
  const struct command *best = NULL;
  int best_distance = DISTANCE_MOST + 1;
  if (strlen(name) > NAME_MOST) return NULL;
  for (int i = 0; i < COMMAND_COUNT; i++) {
    int far = distance(name, commands[i].name);
    if (far < best_distance && far < (int)strlen(name)) {
      best = &commands[i];
      best_distance = far;
    }
  }
  return best;
}

static int refuse(const char *name) {
  const struct command *near = nearest(name);
  fprintf(stderr, "handover: \"%.100s\": there is no such command", name);
  if (near) fprintf(stderr, "; did you mean `handover %s`?", near->name);
  fputs("\n`handover --help` lists the commands\n", stderr);
  return STATUS_USAGE;
}

int command_run(int argc, char **argv) {
  if (argc < 2) {
    print_help(stderr);
    return STATUS_USAGE;
  }
  const char *name = argv[1];
  bool help = strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0;
  if (help) print_help(stdout);
  if (strcmp(name, "--version") == 0) {
    puts("handover " HANDOVER_VERSION);
    help = true;
  }
  if (help) return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  for (int i = 0; i < COMMAND_COUNT; i++) {
    if (strcmp(name, commands[i].name) == 0) return commands[i].run(argc - 1, argv + 1);
  }
  return refuse(name);
}
