/* cmd_verify.c: `handover verify`: does every signoff fit, and are all teams agreed. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/signoff.h"
#include "../producer/encode.h"
#include "agreement.h"
#include "command.h"
#include "engine/memory.h"
#include "trust_file.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3 };

static const char help[] =
    "usage: handover verify [--trust FILE ...] [--json] FILE ...\n"
    "\n"
    "Says of every signoff whether it fits the definition as it stands, and with --trust whether all teams are "
    "agreed.\n"
    "\n"
    "  handover verify definition.json\n"
    "  handover verify --trust keys.txt definition.json\n"
    "\n"
    "  FILE          a definition; - is standard input\n"
    "  --trust FILE  whose signatures count: lines of team, public key, remark; may stand several times\n"
    "  --json        the answer as JSON\n"
    "  --help        this text\n"
    "\n"
    "Exit status 0: all signoffs fit, there is one at least, and with --trust the definition is agreed; 1: not so, or "
    "a\n"
    "definition has errors; 2: wrong usage, or a file that cannot be read; 3: the answer cannot be written.\n";

struct verify {
  const char *trust_paths[TRUST_FILES];
  size_t trust_count;
  struct trust trust;
  struct buffer out;
  bool json, help, good, unreadable;
  bool later; /* not the first file */
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover verify: %.300s: %s\n", what, why);
  return false;
}

static bool option_take(struct verify *verify, int option, char **argv) {
  switch (option) {
    case 'j': verify->json = true; return true;
    case 'h': verify->help = true; return true;
    case 't':
      if (verify->trust_count == TRUST_FILES) return say("--trust", "more than 64");
      verify->trust_paths[verify->trust_count++] = optarg;
      return true;
    default: return say(argv[optind - 1], "there is no such option, or its value is missing or too much");
  }
}

static bool verify_parse(struct verify *verify, int argc, char **argv) {
  static const struct option names[] = {{"trust", required_argument, NULL, 't'},
                                        {"json", no_argument, NULL, 'j'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option, standard = 0;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (!option_take(verify, option, argv)) return false;
  }
  if (verify->help) return true;
  for (int i = optind; i < argc; i++) standard += strcmp(argv[i], "-") == 0;
  if (standard > 1) return say("-", "standard input can be read only once");
  return optind < argc || say("FILE", "is missing: which definition?");
}

/* One definition: what is asked of it, and the answers. */
struct subject {
  const char *file;
  const struct definition *definition;
  struct document document;
  char digest[DIGEST_TEXT];
  const struct trust *trust; /* NULL: not asked */
};

static void text_signoff(struct buffer *out, const struct subject *s, const struct signoff *signoff) {
  char key[SIGNATURE_KEY_TEXT];
  signature_encode(signoff->key, sizeof signoff->key, key);
  buffer_append_text(out, signoff->state == SIGNOFF_VALID ? "  valid    " : "  INVALID  ");
  json_append_string(out, slice_of(signoff->team)); /* what strangers wrote stands in quotes, escaped */
  buffer_append_text(out, ", by ");
  json_append_string(out, slice_of(signoff->by));
  buffer_append_text(out, ", at ");
  json_append_string(out, slice_of(signoff->at));
  if (signoff->state != SIGNOFF_BAD_KEY) buffer_printf(out, ", key %s", key);
  if (signoff->state != SIGNOFF_VALID) {
    buffer_append_text(out, ": ");
    buffer_append_text(out, signoff_why(signoff->state));
  } else if (s->trust) {
    buffer_append_text(out, signoff->trusted ? ": trusted" : ": this key is not trusted for the team");
  }
  buffer_append_text(out, "\n");
}

static void json_signoff(struct buffer *out, const struct subject *s, const struct signoff *signoff) {
  buffer_append_text(out, "{\"team\":");
  json_append_string(out, slice_of(signoff->team));
  buffer_append_text(out, ",\"by\":");
  json_append_string(out, slice_of(signoff->by));
  buffer_append_text(out, ",\"at\":");
  json_append_string(out, slice_of(signoff->at));
  buffer_append_text(out, signoff->state == SIGNOFF_VALID ? ",\"valid\":true,\"why\":" : ",\"valid\":false,\"why\":");
  json_append_string(out, slice_of(signoff_why(signoff->state)));
  buffer_append_text(out, ",\"trusted\":");
  buffer_append_text(out, !s->trust ? "null}" : signoff->trusted ? "true}" : "false}");
}

static void append_head(const struct verify *verify, struct buffer *out, const struct subject *s) {
  const struct definition *d = s->definition;
  buffer_append_text(out, verify->json ? "{\"file\":" : "");
  if (verify->json) json_append_string(out, slice_of(s->file));
  else buffer_append_text(out, s->file);
  buffer_append_text(out, verify->json ? ",\"name\":\"" : ": ");
  buffer_append(out, d->name.at, d->name.length);
  if (verify->json) buffer_printf(out, "\",\"version\":%" PRIu32 ",\"digest\":\"", d->version);
  else buffer_printf(out, " version %" PRIu32 ", ", d->version);
  buffer_append_text(out, s->digest);
  buffer_append_text(out, verify->json ? "\",\"signoffs\":[" : "\n");
}

static bool append_signoffs(const struct verify *verify, struct buffer *out, const struct subject *s) {
  const cJSON *first = signoff_first(s->document.root);
  bool good = first != NULL;
  for (const cJSON *node = first; node; node = node->next) {
    struct signoff signoff;
    signoff_read(&signoff, s->document.root, node, s->digest, s->trust);
    good = good && signoff.state == SIGNOFF_VALID;
    if (verify->json && node != first) buffer_append_text(out, ",");
    if (verify->json) json_signoff(out, s, &signoff);
    else text_signoff(out, s, &signoff);
  }
  return good;
}

/* The teams whose agreement is missing. */
static void append_missing(const struct verify *verify, struct buffer *out, const struct subject *s) {
  bool some = false;
  for (const cJSON *team = signoff_teams(s->document.root); team; team = team->next) {
    if (signoff_team_agreed(s->document.root, s->digest, team->valuestring, s->trust)) continue;
    buffer_append_text(out, some ? "," : verify->json ? "" : "  missing: ");
    json_append_string(out, slice_of(team->valuestring));
    some = true;
  }
  if (some && !verify->json) buffer_append_text(out, "\n");
}

static bool append_answer(const struct verify *verify, struct buffer *out, const struct subject *s) {
  append_head(verify, out, s);
  bool good = append_signoffs(verify, out, s), agreed = s->definition->agreed;
  if (verify->json) buffer_append_text(out, "],\"missing\":[");
  append_missing(verify, out, s);
  if (verify->json) {
    buffer_printf(out, "],\"valid\":%s,\"agreed\":%s}", good ? "true" : "false",
                  !s->trust ? "null"
                  : agreed  ? "true"
                            : "false");
  } else if (s->trust) {
    buffer_append_text(out, agreed ? "  agreed\n" : "  not agreed\n");
  }
  return good && (!s->trust || agreed);
}

static bool verify_text(struct verify *verify, const char *file, const char *text, size_t length) {
  struct subject s = {.file = file, .trust = verify->trust_count ? &verify->trust : NULL};
  struct problems problems = {0};
  struct definition *definition = definition_parse_trusting(text, length, s.trust, &problems);
  size_t at;
  const char *why;
  bool good = definition && document_parse(&s.document, text, length, &at, &why);
  if (good) {
    s.definition = definition;
    digest_document(s.document.root, s.digest);
    if (verify->json && verify->later) buffer_append_text(&verify->out, ",");
    good = append_answer(verify, &verify->out, &s);
    verify->later = true;
    document_fini(&s.document);
  } else {
    agreement_say(file, &problems);
  }
  definition_destroy(definition);
  problems_fini(&problems);
  return good;
}

static void verify_file(struct verify *verify, const char *file) {
  size_t length;
  char *text = definition_text(file, &length);
  if (!text) {
    say(file, strerror(errno));
    verify->unreadable = true;
    return;
  }
  if (!verify_text(verify, file, text, length)) verify->good = false;
  memory_free(text);
}

static int verify_work(struct verify *verify, int count, char **files) {
  if (!trust_file_read(&verify->trust, "verify", verify->trust_paths, verify->trust_count)) return STATUS_USAGE;
  verify->good = true;
  if (verify->json) buffer_append_text(&verify->out, "{\"definitions\":[");
  for (int i = 0; i < count; i++) verify_file(verify, files[i]);
  if (verify->json)
    buffer_printf(&verify->out, "],\"good\":%s}\n", verify->good && !verify->unreadable ? "true" : "false");
  size_t length = verify->out.length;
  if (length && (fwrite(verify->out.at, 1, length, stdout) != length || fflush(stdout) != 0)) {
    say("standard output", "cannot be written");
    return STATUS_OUTSIDE;
  }
  return verify->unreadable ? STATUS_USAGE : verify->good ? STATUS_OK : STATUS_NO;
}

int cmd_verify(int argc, char **argv) {
  struct verify verify = {0};
  int status = STATUS_USAGE;
  if (!verify_parse(&verify, argc, argv)) {
    fputs("`handover verify --help` says what can be said\n", stderr);
  } else if (verify.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = verify_work(&verify, argc - optind, argv + optind);
  }
  trust_fini(&verify.trust);
  buffer_fini(&verify.out);
  return status;
}
