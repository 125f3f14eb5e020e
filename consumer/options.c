/* options.c: reads the file, applies the overrides, says everything that is wrong at once. May use: libc, settings.h, http.h,
 * decode.h (times), terminal.h. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decode.h"
#include "engine/memory.h"
#include "http.h"
#include "terminal.h"

enum { TIME_BYTES = 64, MESSAGE_MOST = 600 };

bool options_override(struct options *options, const char *text, bool kafka) {
  if (options->count == OPTIONS_OVERRIDES) return false;
  options->overrides[options->count++] = (struct settings_override){text, kafka};
  return true;
}

static bool refuse(const char *command, const char *what, const char *why) {
  fprintf(stderr, "handover %s: %.300s: %s\n", command, what, why);
  return false;
}

bool options_take(struct options *options, const char *command, int option, char **argv) {
  switch (option) {
    case 'f': options->file = optarg; return true;
    case 's':
    case 'X': return options_override(options, optarg, option == 'X') || refuse(command, "--set, -X", "too many");
    case ':': return refuse(command, argv[optind - 1], "a value is missing");
    default: return refuse(command, argv[optind - 1], "there is no such option, or it takes no value");
  }
}

bool options_time(const char *command, const char *option, const char *text, int64_t *time_ms) {
  if (strlen(text) < TIME_BYTES && time_parse(slice_of(text), time_ms)) return true;
  return refuse(command, option, "is a time like 2026-03-01T00:00:00Z, from 1970 to 2199");
}

bool options_draft(struct options *options, const char *command) {
  return options_override(options, "draft=true", false) || refuse(command, "--set, -X", "too many");
}

bool options_given(const struct options *options, const char *command) {
  return options->file || options->count > 0 ||
         refuse(command, "--settings FILE", "is missing (or --set bootstrap=HOST:PORT)");
}

/* The whole file, or NULL with its trouble said. */
static char *read_file(const char *path, const char *command, size_t *length) {
  bool standard = strcmp(path, "-") == 0;
  errno = 0;
  FILE *file = standard ? stdin : fopen(path, "rb");
  char *text = file ? malloc(SETTINGS_FILE + 1) : NULL;
  const char *trouble = NULL;
  if (!text) {
    trouble = strerror(errno);
    goto out;
  }
  *length = fread(text, 1, SETTINGS_FILE + 1, file);
  if (ferror(file)) {
    trouble = strerror(errno);
  } else if (*length > SETTINGS_FILE) {
    trouble = "larger than 1 MiB";
  }
out:
  if (file && !standard) fclose(file);
  if (!trouble) return text;
  fprintf(stderr, "handover %s: %s: %s\n", command, path, trouble);
  free(text);
  return NULL;
}

/* Messages quote names from the file, which may hold anything. */
static void say(const struct options *options, const char *command, const struct problems *problems) {
  for (size_t i = 0; i < problems->count; i++) {
    const struct problem *problem = &problems->at[i];
    struct buffer safe = {0};
    struct terminal terminal = {.buffer = &safe};
    terminal_text(&terminal, slice_of(problem->message), MESSAGE_MOST);
    fprintf(stderr, "handover %s: ", command);
    if (problem->line > 0) {
      fprintf(stderr, "%s:%d:%d: ", options->file, problem->line, problem->column);
    } else { /* '-': the option itself; otherwise the message names the setting */
      fprintf(stderr, "%s: ", *problem->pointer == '-' ? problem->pointer : "settings");
    }
    fprintf(stderr, "%.*s\n", (int)safe.length, safe.at);
    buffer_fini(&safe);
  }
  fprintf(stderr, "docs/settings.md and `handover run --help` say what can be set\n");
}

/* What the codec cannot know: this machine. */
static bool complete(const char *command, struct settings *settings) {
  char why[600], host[256] = "";
  if (!*settings->instance) {
    if (gethostname(host, sizeof host - 1) != 0 || !*host) memcpy(host, "localhost", sizeof "localhost");
    free(settings->instance);
    settings->instance = memory_text(host);
  }
  if (*settings->http && !http_address_check(settings->http, settings->http_public, why, sizeof why)) {
    fprintf(stderr, "handover %s: http: %s\n", command, why);
    return false;
  }
  return true;
}

bool options_load(const struct options *options, const char *command, struct settings *settings) {
  struct problems problems = {0};
  char *text = NULL;
  size_t length = 0;
  bool good = false;
  memset(settings, 0, sizeof *settings);
  if (options->file && !(text = read_file(options->file, command, &length))) goto out;
  good = settings_parse(settings, text, length, options->overrides, options->count, &problems);
  if (good) {
    good = complete(command, settings);
  } else {
    say(options, command, &problems);
  }
out:
  problems_fini(&problems);
  free(text);
  return good;
}
