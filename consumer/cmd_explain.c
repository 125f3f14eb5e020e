/* cmd_explain.c: `handover explain`: options; explain.c finds the story, explain_show.c tells it to people. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "explain.h"
#include "explain_show.h"
#include "interrupt.h"
#include "log_options.h"

enum { STATUS_OK = 0, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover explain LEAD --definition FILE [option ...] [FILE ...]\n"
    "\n"
    "Tells why a lead stands where it stands: each event and what it added, or why it did not; stage changes, "
    "promises\n"
    "kept and broken; what stands between the lead and the next stage, and what comes if nothing happens.\n"
    "\n"
    "  handover explain u-ana --definition definition.json events.ndjson\n"
    "  handover explain u-ana --definition definition.json --at 2026-11-03T00:00:00Z events.ndjson\n"
    "  handover explain u-ana --definition definition.json --html events.ndjson > ana.html\n"
    "\n"
    "FILE and the options of the log are those of `handover replay`.\n"
    "\n"
    "  --at TIME              as it was then: the log ends before the first event that is later, and time goes on to "
    "TIME\n"
    "  --json                 one JSON object instead, for programs\n"
    "  --html                 one HTML file instead, which loads nothing, for screens and paper\n"
    "  --definition FILE      what a qualified lead is; several are versions of one, in any order\n"
    "  --trust FILE           whose signatures make a definition agreed; may stand several times\n"
    "  --topic NAME           topic of the log; default: events\n"
    "  --partition N          its partition; default: 0\n"
    "  --envelope none|kcat   kcat: each line is what `kcat -J` prints; default: none\n"
    "  --until TIME           lets time pass up to TIME (2026-03-01T00:00:00Z) after the last record\n"
    "  --max-event-bytes N    larger events are dead letters (too_large); default: 1048576\n"
    "  --help                 this text\n"
    "\n"
    "Times are UTC. NO_COLOR is heeded. LEAD is -- LEAD where it begins with a dash.\n"
    "\n"
    "Exit status 0: done; 1: there is no such lead in the log; 2: wrong usage, or a definition or log that is of no "
    "use;\n"
    "3: something outside failed, or SIGINT or SIGTERM came.\n";

struct explain_command {
  struct log_options log;
  int64_t at_ms;
  bool json, html, help;
};

static bool command_parse(struct explain_command *command, int argc, char **argv) {
  static const struct option names[] = {LOG_OPTIONS,
                                        {"at", required_argument, NULL, 'a'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"html", no_argument, NULL, 'w'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  struct log_options *log = &command->log;
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    switch (option) {
      case 'a':
        if (!log_options_time(log, "--at", optarg, &command->at_ms)) return false;
        break;
      case 'j': command->json = true; break;
      case 'w': command->html = true; break;
      case 'h': command->help = true; break;
      default:
        if (!log_options_take(log, option, optarg, argv, optind)) return false;
    }
  }
  if (command->help) return true;
  if (command->json && command->html) return log_options_say(log, "--json, --html", "one of them, please");
  if (command->at_ms != TIME_NONE && log->order.until_ms != TIME_NONE)
    return log_options_say(log, "--at, --until", "one of them, please: --at lets time pass too");
  if (optind == argc) return log_options_say(log, "LEAD", "is missing: whose story?");
  if (strlen(argv[optind]) == 0 || strlen(argv[optind]) > LIMIT_TEXT)
    return log_options_say(log, "LEAD", "has 1 to 255 bytes");
  if (log->path_count > 0) return true;
  return log_options_say(log, "--definition FILE", "is missing: what is a qualified lead?");
}

static int print(struct explain_command *command, const struct buffer *story) {
  struct buffer out = {0};
  errno = 0;
  if (command->json) {
    buffer_append(&out, story->at, story->length);
    buffer_append_text(&out, "\n");
  } else {
    explain_show(&out, story, command->html, terminal_colour(STDOUT_FILENO));
  }
  bool good = fwrite(out.at, 1, out.length, stdout) == out.length && fflush(stdout) == 0;
  buffer_fini(&out);
  if (good) return STATUS_OK;
  log_options_say(&command->log, "standard output", errno == EPIPE ? "closed by its reader" : strerror(errno));
  return STATUS_OUTSIDE;
}

static int work(struct explain_command *command, const char *lead) {
  struct explain_order order = {command->log.order, slice_of(lead), command->at_ms};
  struct buffer story = {0};
  if (command->at_ms != TIME_NONE) order.log.until_ms = command->at_ms;
  interrupt_watch();
  int status = explain_run(&order, &story);
  if (status == STATUS_OK) status = print(command, &story);
  buffer_fini(&story);
  return status;
}

int cmd_explain(int argc, char **argv) {
  struct explain_command command = {.at_ms = TIME_NONE};
  int status = STATUS_USAGE;
  log_options_init(&command.log, "explain");
  if (!command_parse(&command, argc, argv)) {
    fputs("`handover explain --help` says what can be said\n", stderr);
  } else if (command.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else if (log_options_files(&command.log, argv + optind + 1, argc - optind - 1) && log_options_load(&command.log)) {
    status = work(&command, argv[optind]);
  }
  log_options_fini(&command.log);
  return status;
}
