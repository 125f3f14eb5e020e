/* cmd_publish.c: `handover publish`: signed definitions go to Kafka, where running daemons take them over. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../producer/definition_publish.h"
#include "../producer/encode.h"
#include "client.h"
#include "command.h"
#include "connect.h"
#include "definitions.h"
#include "engine/memory.h"
#include "engine/task.h"
#include "options.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700 };

static const char help[] =
    "usage: handover publish --settings FILE [option ...] FILE...\n"
    "\n"
    "Brings signed definitions to the topic of definitions (handover-definitions). Daemons that run take a new version "
    "over\n"
    "without a restart: each of its partitions when event time comes to its effective_from, at a place that the "
    "journal\n"
    "records. Several files are versions of one definition; all of them are published, or none.\n"
    "\n"
    "  handover publish --settings handover.json definition.json\n"
    "\n"
    "  --settings FILE    settings (docs/settings.md): where Kafka is, whose signatures count (trust)\n"
    "  --set NAME=VALUE   a setting, after the file's\n"
    "  -X PROPERTY=VALUE  a property of librdkafka\n"
    "  --draft            publish what not every team has signed, as the setting draft does; only daemons that run "
    "drafts\n"
    "                     take it\n"
    "  --dry-run          say what would be done, and do nothing\n"
    "  --json             the result as JSON\n"
    "  --help             this text\n"
    "\n"
    "Refused is what is not signed by every team, a version that was published with other content (a change needs a "
    "new\n"
    "version number), one that is lower than what was published last, and one that does not fit the versions before "
    "it.\n"
    "\n"
    "Exit status 0: it is there; 1: refused, nothing was published; 2: wrong usage, settings or definition; 3: no "
    "broker\n"
    "answers, or it does not take it.\n";

struct item {
  char *text;
  struct definition *definition;
};

struct publish {
  struct options options;
  struct settings settings;
  struct trust trust;
  const char *const *paths;
  struct item items[DEFINITIONS_MOST]; /* ascending by version */
  struct publication publications[DEFINITIONS_MOST];
  const char *files[DEFINITIONS_MOST]; /* of the items */
  int32_t count;
  bool dry, json, help;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover publish: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool option_take(struct publish *publish, int option, char **argv) {
  switch (option) {
    case 'D': return options_draft(&publish->options, "publish");
    case 'n': publish->dry = true; return true;
    case 'j': publish->json = true; return true;
    case 'h': publish->help = true; return true;
    default: return options_take(&publish->options, "publish", option, argv);
  }
}

static bool publish_parse(struct publish *publish, int argc, char **argv) {
  static const struct option names[] = {OPTIONS_LONG,
                                        {"draft", no_argument, NULL, 'D'},
                                        {"dry-run", no_argument, NULL, 'n'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":X:h", names, NULL)) != -1) {
    if (!option_take(publish, option, argv)) return false;
  }
  if (publish->help) return true;
  publish->paths = (const char *const *)argv + optind;
  publish->count = argc - optind;
  if (publish->count == 0) return say("FILE", "is missing: which definition?");
  if (publish->count > DEFINITIONS_MOST) return say("FILE", "more than 256");
  return options_given(&publish->options, "publish");
}

/* Definitions */

static bool read_one(struct publish *publish, int32_t i) {
  struct problems problems = {0};
  size_t length;
  char *text = definition_load(publish->paths[i], &length, &problems);
  publish->items[i] = (struct item){text, NULL};
  publish->files[i] = publish->paths[i];
  if (text) publish->items[i].definition = definition_parse_trusting(text, length, &publish->trust, &problems);
  definitions_say("publish", publish->paths[i], &problems);
  problems_fini(&problems);
  publish->publications[i] =
      (struct publication){.definition = publish->items[i].definition, .text = text, .length = length};
  return publish->items[i].definition != NULL;
}

/* An insertion sort of what belongs together. */
static void sort(struct publish *publish) {
  for (int32_t i = 1; i < publish->count; i++) {
    for (int32_t j = i;
         j > 0 && publish->publications[j].definition->version < publish->publications[j - 1].definition->version;
         j--) {
      struct publication publication = publish->publications[j];
      const char *file = publish->files[j];
      publish->publications[j] = publish->publications[j - 1];
      publish->files[j] = publish->files[j - 1];
      publish->publications[j - 1] = publication;
      publish->files[j - 1] = file;
    }
  }
}

static bool fit_together(const struct publish *publish) {
  const struct definition *all[DEFINITIONS_MOST];
  char why[WHY];
  for (int32_t i = 0; i < publish->count; i++) all[i] = publish->publications[i].definition;
  return versions_check(all, publish->count, why, sizeof why) || say("FILE", why);
}

static bool read_all(struct publish *publish) {
  const struct settings_list *files = &publish->settings.trust;
  bool good = trust_file_read(&publish->trust, "publish", (const char *const *)files->at, (size_t)files->count);
  for (int32_t i = 0; i < publish->count; i++) good = read_one(publish, i) && good;
  if (!good) return false;
  sort(publish);
  return fit_together(publish);
}

static bool all_agreed(const struct publish *publish) {
  bool good = true;
  for (int32_t i = 0; i < publish->count && !publish->settings.draft; i++) {
    if (publish->publications[i].definition->agreed) continue;
    good = say(publish->files[i],
               "not every team has signed it with a key that \"trust\" names: `handover verify` says who is "
               "missing, --draft publishes it all the same");
  }
  return good;
}

/* Results */

static const char *const state_names[] = {[PUBLICATION_NEW] = "new",
                                          [PUBLICATION_SIGNED] = "signed",
                                          [PUBLICATION_THERE] = "there",
                                          [PUBLICATION_REFUSED] = "refused"};

static void append_text(const struct publish *publish, struct buffer *out, int32_t i) {
  const struct publication *p = &publish->publications[i];
  const struct definition *d = p->definition;
  const char *verb = publish->dry ? "would be published" : "published";
  buffer_printf(out, "%.*s version %" PRIu32 ", %.*s: ", (int)d->name.length, d->name.at, d->version,
                (int)d->digest.length, d->digest.at);
  switch (p->state) {
    case PUBLICATION_NEW: buffer_printf(out, "%s", verb); break;
    case PUBLICATION_SIGNED: buffer_printf(out, "%s once more: it was a draft, and is agreed now", verb); break;
    case PUBLICATION_THERE: buffer_append_text(out, "is there already"); break;
    case PUBLICATION_REFUSED: buffer_printf(out, "refused: %s", p->why); break;
  }
  if (p->state == PUBLICATION_NEW || p->state == PUBLICATION_SIGNED) {
    buffer_append_text(out, d->agreed ? "; agreed, in effect from " : "; a draft, in effect from ");
    time_append(out, d->effective_from_ms);
  }
  buffer_append_text(out, "\n");
}

static void append_json(const struct publish *publish, struct buffer *out, int32_t i) {
  const struct publication *p = &publish->publications[i];
  const struct definition *d = p->definition;
  buffer_append_text(out, i ? ",{\"file\":" : "{\"file\":");
  json_append_string(out, slice_of(publish->files[i]));
  buffer_append_text(out, ",\"name\":");
  json_append_string(out, d->name);
  buffer_printf(out, ",\"version\":%" PRIu32 ",\"digest\":", d->version);
  json_append_string(out, d->digest);
  buffer_printf(out, ",\"agreed\":%s,\"effective_from\":\"", d->agreed ? "true" : "false");
  time_append(out, d->effective_from_ms);
  buffer_printf(out, "\",\"state\":\"%s\",\"why\":", state_names[p->state]);
  json_append_string(out, slice_of(p->why));
  buffer_append_text(out, "}");
}

static void print(const struct publish *publish, bool done) {
  struct buffer out = {0};
  if (publish->json) buffer_printf(&out, "{\"done\":%s,\"definitions\":[", done && !publish->dry ? "true" : "false");
  for (int32_t i = 0; i < publish->count; i++) {
    if (publish->json) append_json(publish, &out, i);
    else append_text(publish, &out, i);
  }
  if (publish->json) buffer_append_text(&out, "]}\n");
  fwrite(out.at, 1, out.length, stdout);
  fflush(stdout); /* what is said of it comes after it */
  buffer_fini(&out);
}

static int work(struct publish *publish) {
  char why[WHY];
  int status = STATUS_USAGE;
  rd_kafka_conf_t *conf = client_conf(&publish->settings, RD_KAFKA_PRODUCER, why, sizeof why);
  if (!conf) {
    say("settings", why);
    return STATUS_USAGE;
  }
  definition_publish_configure(&publish->settings, conf);
  rd_kafka_t *producer = connect_client("publish", &publish->settings, conf, &status);
  if (!producer) return status;
  enum publish_outcome outcome =
      definition_publish(&publish->settings, &publish->trust, producer, publish->publications, publish->count,
                         publish->dry, why, sizeof why);
  rd_kafka_destroy(producer);
  if (outcome == PUBLISH_FAILED) {
    say(publish->settings.bootstrap, why);
    return STATUS_OUTSIDE;
  }
  print(publish, outcome == PUBLISH_DONE);
  if (outcome == PUBLISH_DONE) return STATUS_OK;
  fputs("handover publish: nothing was published\n", stderr);
  return STATUS_NO;
}

static int run(struct publish *publish) {
  if (!options_load(&publish->options, "publish", &publish->settings) || !read_all(publish)) return STATUS_USAGE;
  return all_agreed(publish) ? work(publish) : STATUS_NO;
}

int cmd_publish(int argc, char **argv) {
  struct publish *publish = memory_zeroed(1, sizeof *publish);
  int status = STATUS_USAGE;
  if (!publish_parse(publish, argc, argv)) {
    fputs("`handover publish --help` says what can be said\n", stderr);
  } else if (publish->help) {
    fputs(help, stdout);
    status = STATUS_OK;
  } else {
    status = run(publish);
  }
  if (fflush(stdout) != 0) status = STATUS_OUTSIDE;
  for (int32_t i = 0; i < DEFINITIONS_MOST; i++) {
    definition_destroy(publish->items[i].definition);
    memory_free(publish->items[i].text);
  }
  trust_fini(&publish->trust);
  settings_fini(&publish->settings);
  memory_free(publish);
  return status;
}
