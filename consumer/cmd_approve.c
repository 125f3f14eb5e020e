/* cmd_approve.c: `handover approve`: shows what is signed, asks, signs, and puts the signoff into the definition's file. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/names.h"
#include "../config/signoff.h"
#include "../producer/encode.h"
#include "agreement.h"
#include "approve_show.h"
#include "clock.h"
#include "command.h"
#include "decode.h"
#include "engine/memory.h"
#include "key_file.h"
#include "question.h"
#include "replace.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 1024 };

static const char help[] =
    "usage: handover approve --key FILE --team TEAM --by NAME [option ...] FILE\n"
    "\n"
    "Signs a definition for a team: shows what is signed and who has signed so far, and adds the signoff to the file, "
    "of\n"
    "which all else stays as it is. With --against it shows what changed since the version that runs, as `handover "
    "diff`\n"
    "says it, and asks for a yes. A signoff of the same team and key that no longer fits is replaced; one that fits "
    "is\n"
    "not signed again.\n"
    "\n"
    "  handover approve --key mia.key --team marketing --by \"Mia Moss\" definition.json\n"
    "  handover approve --key sam.key --team sales --by \"Sam Hill\" --against v1.json v2.json\n"
    "\n"
    "  --key FILE              the secret key, as `handover keygen` makes it\n"
    "  --team TEAM             the team that agrees, one of the definition's teams\n"
    "  --by NAME               who signs\n"
    "  --at TIME               when, like 2026-03-01T00:00:00Z; default: now\n"
    "  --against OLD           shows first what changed in meaning since this definition, and asks on the terminal\n"
    "  --yes                   answers that question, for scripts\n"
    "  --passphrase-file FILE  holds the passphrase of an encrypted key; otherwise the terminal is asked\n"
    "  --help                  this text\n"
    "\n"
    "Exit status 0: signed; 1: not signed, the definition has errors, no such team, signed already, or\n"
    "nobody said yes; 2: wrong usage, or a key or file of no use; 3: the file cannot be written.\n";

struct approve {
  const char *file, *key, *team, *by, *at, *against, *passphrase_file;
  struct buffer now; /* the text of --at where it is not given */
  bool help, yes;
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover approve: %.300s: %s\n", what, why);
  return false;
}

/* Options */

static bool option_take(struct approve *approve, int option, char **argv) {
  switch (option) {
    case 'k': approve->key = optarg; return true;
    case 't': approve->team = optarg; return true;
    case 'b': approve->by = optarg; return true;
    case 'a': approve->at = optarg; return true;
    case 'o': approve->against = optarg; return true;
    case 'p': approve->passphrase_file = optarg; return true;
    case 'h': approve->help = true; return true;
    case 'y': approve->yes = true; return true;
    case ':': return say(argv[optind - 1], "a value is missing");
    default: return say(argv[optind - 1], "there is no such option, or it takes no value");
  }
}

static bool approve_check(struct approve *approve) {
  int64_t at_ms;
  if (!approve->key) return say("--key FILE", "is missing: whose key signs?");
  if (!approve->team) return say("--team TEAM", "is missing: which team agrees?");
  if (!approve->by) return say("--by NAME", "is missing: who signs?");
  if (!signoff_text_good(approve->team)) return say("--team", "has 1 to 255 bytes of UTF-8 without control characters");
  if (!signoff_text_good(approve->by)) return say("--by", "has 1 to 255 bytes of UTF-8 without control characters");
  if (strcmp(approve->file, "-") == 0) return say("-", "the signoff is put into a file; standard input is none");
  if (!approve->at) {
    time_append(&approve->now, clock_wall_ms());
    buffer_append(&approve->now, "", 1);
    approve->at = approve->now.at;
  }
  if (signoff_text_good(approve->at) && time_parse(slice_of(approve->at), &at_ms)) return true;
  return say("--at", "is a time like 2026-03-01T00:00:00Z, from 1970 to 2199");
}

static bool approve_parse(struct approve *approve, int argc, char **argv) {
  static const struct option names[] = {{"key", required_argument, NULL, 'k'},
                                        {"team", required_argument, NULL, 't'},
                                        {"by", required_argument, NULL, 'b'},
                                        {"at", required_argument, NULL, 'a'},
                                        {"against", required_argument, NULL, 'o'},
                                        {"passphrase-file", required_argument, NULL, 'p'},
                                        {"yes", no_argument, NULL, 'y'},
                                        {"help", no_argument, NULL, 'h'},
                                        {NULL, 0, NULL, 0}};
  int option;
  optind = 0;
  opterr = 0;
  while ((option = getopt_long(argc, argv, ":h", names, NULL)) != -1) {
    if (!option_take(approve, option, argv)) return false;
  }
  if (approve->help) return true;
  if (optind + 1 != argc) return say("FILE", "one definition is wanted");
  approve->file = argv[optind];
  return approve_check(approve);
}

/* What is shown */

static bool print(struct buffer *out) {
  bool written = fwrite(out->at, 1, out->length, stdout) == out->length && fflush(stdout) == 0;
  buffer_fini(out);
  return written || say("standard output", "nobody could read what is signed");
}

/* The whole that somebody should know who signs. False: nothing can be compared, or shown. */
static bool show(const struct approve *approve, const struct agreement *agreement, const char *digest) {
  struct agreement old = {0};
  struct buffer out = {0};
  show_definition(&out, agreement->definition);
  bool good = !approve->against || agreement_read(&old, "approve", approve->against);
  if (good && approve->against) {
    const struct diff_side before = {old.document.root, old.definition};
    const struct diff_side after = {agreement->document.root, agreement->definition};
    buffer_append_text(&out, "\n");
    show_changes(&out, &before, &after);
    buffer_append_text(&out, "\n");
  } else if (good) {
    buffer_append_text(&out, "compared with nothing: --against OLD shows what changed since a version that runs\n");
  }
  if (good) show_signoffs(&out, agreement->document.root, digest);
  agreement_fini(&old);
  if (good) return print(&out);
  buffer_fini(&out);
  return false;
}

/* A changed version is not signed unseen. Where nobody can be asked, only --yes is a yes. */
static bool is_meant(const struct approve *approve) {
  struct buffer question = {0};
  if (!approve->against || approve->yes) return true;
  buffer_printf(&question, "Sign this for %s as %s? [yes/no] ", approve->team, approve->by);
  buffer_append(&question, "", 1);
  enum answer_given answer = question_ask(question.at);
  buffer_fini(&question);
  if (answer == ANSWER_YES) return true;
  return say(approve->file, answer == ANSWER_NOBODY
                                ? "not signed: there is no terminal to ask on; --yes says that it was read"
                                : "not signed: the answer was not yes");
}

/* The work */

/* What comes out is put to the test before it replaces anything. */
static void prove(const struct buffer *out, const struct definition *before, const struct approve *approve,
                  EVP_PKEY *key) {
  struct problems problems;
  struct trusted_key own = {0};
  struct trust trust = {&own, 1};
  struct document document;
  size_t at;
  const char *why;
  char digest[DIGEST_TEXT];
  snprintf(own.team, sizeof own.team, "%s", approve->team);
  (void)signature_public(key, own.key);
  struct definition *after = definition_parse(out->at, out->length, &problems);
  if (!after || !slice_equal(after->digest, before->digest)) abort();
  if (!document_parse(&document, out->at, out->length, &at, &why)) abort();
  digest_document(document.root, digest);
  if (!signoff_team_agreed(document.root, digest, approve->team, &trust)) abort();
  document_fini(&document);
  definition_destroy(after);
  problems_fini(&problems);
}

static int put(const struct approve *approve, const struct definition *definition, EVP_PKEY *key,
               const struct buffer *out) {
  char why[WHY];
  struct buffer text = {0};
  struct document document;
  size_t at;
  const char *reason;
  char digest[DIGEST_TEXT];
  if (out->length > LIMIT_DEFINITION) {
    say(approve->file, "with the signoff it would be larger than 1 MiB");
    return STATUS_NO;
  }
  prove(out, definition, approve, key);
  if (!replace_file(approve->file, out->at, out->length, why, sizeof why)) {
    say(approve->file, why);
    return STATUS_OUTSIDE;
  }
  buffer_printf(&text, "signed  for %s, by %s, at %s: %s\n        ", approve->team, approve->by, approve->at,
                approve->file);
  if (!document_parse(&document, out->at, out->length, &at, &reason)) abort(); /* prove has parsed it */
  digest_document(document.root, digest);
  show_missing(&text, document.root, digest);
  document_fini(&document);
  return print(&text) ? STATUS_OK : STATUS_OUTSIDE;
}

/* Says that there is no such team, and which was probably meant. False. */
static bool say_no_team(const char *team, const cJSON *root) {
  enum { TEAMS = 64 };
  const char *names[TEAMS];
  size_t count = 0;
  char why[WHY];
  const cJSON *node;
  cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(root, "teams")) {
    if (cJSON_IsString(node) && count < TEAMS) names[count++] = node->valuestring;
  }
  const char *near = name_nearest(team, names, count);
  snprintf(why, sizeof why, "the definition has no such team%s%s%s", near ? "; did you mean \"" : "", near ? near : "",
           near ? "\"?" : "");
  return say(team, why);
}

static int sign(const struct approve *approve, const struct agreement *agreement, const char *text) {
  const struct document *document = &agreement->document;
  struct buffer out = {0};
  const char *reason;
  char why[WHY] = "", digest[DIGEST_TEXT];
  if (!signoff_is_team(document->root, approve->team)) {
    say_no_team(approve->team, document->root);
    return STATUS_NO;
  }
  digest_document(document->root, digest);
  if (!show(approve, agreement, digest)) return STATUS_USAGE;
  if (!is_meant(approve)) return STATUS_NO;
  EVP_PKEY *key = key_file_read(approve->key, approve->passphrase_file, why, sizeof why);
  if (!key) {
    say("--key", why);
    return STATUS_USAGE;
  }
  const struct signature_order order = {approve->team, approve->by, approve->at, key};
  int status = STATUS_NO;
  if (signoff_write(&out, document, text, &order, &reason)) status = put(approve, agreement->definition, key, &out);
  else say(approve->file, reason);
  EVP_PKEY_free(key);
  buffer_fini(&out);
  return status;
}

/* The file is read once: what is shown is what is signed. */
static int approve_work(const struct approve *approve) {
  struct agreement agreement = {0};
  size_t length = 0;
  char *text = definition_text(approve->file, &length);
  if (!text) {
    say(approve->file, strerror(errno));
    return STATUS_USAGE;
  }
  int status = STATUS_NO;
  if (agreement_parse(&agreement, "approve", approve->file, text, length)) status = sign(approve, &agreement, text);
  agreement_fini(&agreement);
  memory_free(text);
  return status;
}

int cmd_approve(int argc, char **argv) {
  struct approve approve = {0};
  int status = STATUS_USAGE;
  if (!approve_parse(&approve, argc, argv)) {
    fputs("`handover approve --help` says what can be said\n", stderr);
  } else if (approve.help) {
    fputs(help, stdout);
    status = fflush(stdout) == 0 ? STATUS_OK : STATUS_OUTSIDE;
  } else {
    status = approve_work(&approve);
  }
  buffer_fini(&approve.now);
  return status;
}
