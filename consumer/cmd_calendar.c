/* cmd_calendar.c: `handover calendar`: the offsets of a time zone, as a definition's calendar pins them. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "zone.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 500 };

static const char help[] =
    "usage: handover calendar ZONE FROM TO\n"
    "\n"
    "Prints how far a time zone is from UTC, and each change of it, as \"offsets\" of a definition's calendar: a JSON\n"
    "array to paste. It is read from the system's time zone database (the package tzdata); once it stands in the\n"
    "definition, a new release of that database changes no deadline that was agreed.\n"
    "\n"
    "  handover calendar Europe/London 2026 2030\n"
    "  handover calendar America/New_York 2026-07-01 2027-06-30\n"
    "\n"
    "  ZONE    a name of the database, like Europe/Berlin; UTC is one\n"
    "  FROM    a year or a date; what holds at its beginning counts for the time before it, too\n"
    "  TO      a year or a date, inclusive; dates are by UTC, from 1970 to 2199\n"
    "  --help  this text\n"
    "\n"
    "The environment variable TZDIR names the database's folder where it is not /usr/share/zoneinfo.\n"
    "\n"
    "Exit status 0: done; 2: wrong usage, or a zone that is not there; 3: there is no database, or the answer cannot\n"
    "be written.\n";

struct request {
  const char *zone;
  int64_t from_s, to_s;
  bool help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover calendar: %.100s%s: %s\n", what, strlen(what) > 100 ? "…" : "", why);
  return false;
}

static bool take_period(struct request *request, const char *from, const char *to) {
  static const char why[] = "must be a year or a date from 1970 to 2199, like 2026 or 2026-03-01";
  int64_t ignored_s;
  if (!zone_period(from, &request->from_s, &ignored_s)) return say(from, why);
  if (!zone_period(to, &ignored_s, &request->to_s)) return say(to, why);
  return request->from_s < request->to_s || say(to, "is before FROM");
}

static bool parse(struct request *request, int argc, char **argv) {
  static const struct option names[] = {{"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (option != 'h') return say(argv[optind - 1], "there is no such option, or it takes no value");
    request->help = true;
  }
  if (request->help) return true;
  if (argc - optind != 3) return say("ZONE FROM TO", "are needed, like Europe/London 2026 2030");
  request->zone = argv[optind];
  return take_period(request, argv[optind + 1], argv[optind + 2]);
}

static int print_zone(const struct zone *zone) {
  struct buffer out = {0};
  zone_append(&out, zone, 0);
  buffer_append_text(&out, "\n");
  bool written = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  if (!written) say("standard output", "cannot be written");
  return written ? STATUS_OK : STATUS_OUTSIDE;
}

int cmd_calendar(int argc, char **argv) {
  struct request request = {0};
  struct zone zone = {0};
  char why[WHY];
  int status = STATUS_USAGE;
  if (!parse(&request, argc, argv)) {
    fputs("`handover calendar --help` says what can be said\n", stderr);
    return status;
  }
  if (request.help) {
    fputs(help, stdout);
    return fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  }
  enum zone_outcome outcome = zone_read(&zone, request.zone, request.from_s, request.to_s, why, sizeof why);
  if (outcome != ZONE_GOOD) {
    say(request.zone, why);
    status = outcome == ZONE_UNKNOWN ? STATUS_USAGE : STATUS_OUTSIDE;
  } else {
    if (zone.rounded) say(request.zone, "has offsets of odd seconds; they are given to the nearest minute");
    status = print_zone(&zone);
  }
  zone_fini(&zone);
  return status;
}
