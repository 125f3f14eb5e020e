/* definition.c: the walk over a document (definition_compile.h draws it), its own members, and the definition's memory. */
#include "definition.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "../consumer/engine/plan.h"
#include "definition_compile.h"
#include "digest.h"
#include "signoff.h"

enum { DOCUMENT_NAME = 64, DEDUPLICATE_DEFAULT = 16 };

/* What definition_parse returns: the definition, first, and the memory of all that it points to. */
struct owned {
  struct definition definition;
  struct arena arena;
};

struct arena *definition_arena(struct definition *definition) {
  return &((struct owned *)definition)->arena;
}

/* --- the document's own members --- */

static const struct known_member document_members[] = {
    {"handover", true},     {"name", true},         {"version", true},   {"effective_from", true}, {"summary", false},
    {"description", false}, {"teams", true},        {"events", true},    {"attributes", false},    {"criteria", false},
    {"scores", false},      {"stages", true},       {"moves", false},    {"slas", false},          {"routes", false},
    {"calendars", false},   {"deduplicate", false}, {"lateness", false}, {"review_every", false},  {"replaces", false},
    {"signoffs", false},    {"$schema", false}};

static void take_format(struct compiler *c, const cJSON *node) {
  int64_t format;
  if (cJSON_IsNumber(node) && node->valuedouble > 1)
    complain(c, node, "this program knows format 1 of a definition, and no newer one");
  else (void)take_integer(c, node, "\"handover\", the format of the document,", 1, 1, &format);
}

static void take_document_name(struct compiler *c, const cJSON *node) {
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  if (!take_text(c, node, "the definition's name")) return;
  size_t length = strlen(node->valuestring);
  c->definition->name = keep_text(c, node->valuestring);
  if (length >= 1 && length <= DOCUMENT_NAME && strspn(node->valuestring, letters) == length) return;
  complain(c, node, "the definition's name must have 1 to %d of a-z 0-9 - _ . ; this is \"%.*s\"", DOCUMENT_NAME,
           SHOWN(node->valuestring));
}

static void take_review_every(struct compiler *c, const cJSON *node) {
  int64_t *every_ms = &c->definition->review_every_ms;
  if (!take_duration(c, node, "\"review_every\"", every_ms)) return;
  if (*every_ms >= MINUTE_MS && DAY_MS % *every_ms == 0) return;
  complain(c, node,
           "\"review_every\" must be at least \"1m\" and divide a day, like \"15m\", \"1h\" or \"1d\"; this is \"%s\"",
           node->valuestring);
}

/* The shape alone: whether a signoff is good is asked where that matters. */
static void check_signoffs(struct compiler *c, const cJSON *node) {
  static const struct known_member members[] = {
      {"team", true}, {"by", true}, {"at", true}, {"key", true}, {"signature", true}};
  if (!cJSON_IsArray(node)) {
    complain(c, node, "\"signoffs\" must be a list, in brackets; this is %s", kind_of(node));
    return;
  }
  for (const cJSON *child = node->child; child; child = child->next) {
    if (!TAKE_OBJECT(c, child, "a signoff", members)) continue;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
      const cJSON *member = member_of(child, members[i].name);
      if (member) (void)take_text(c, member, members[i].name);
    }
  }
}

static void compile_head(struct compiler *c, const cJSON *root) {
  struct definition *d = c->definition;
  const cJSON *node;
  int64_t number = DEDUPLICATE_DEFAULT;
  d->lateness_ms = 5 * MINUTE_MS;
  d->review_every_ms = DAY_MS;
  if ((node = member_of(root, "handover"))) take_format(c, node);
  if ((node = member_of(root, "name"))) take_document_name(c, node);
  if ((node = member_of(root, "deduplicate")))
    (void)take_integer(c, node, "\"deduplicate\", how many message ids are remembered a lead,", 0, LIMIT_DEDUPLICATE,
                       &number);
  d->deduplicate = (int32_t)number;
  if ((node = member_of(root, "version")) && take_integer(c, node, "the version", 1, INT32_MAX, &number))
    d->version = (uint32_t)number;
  if ((node = member_of(root, "effective_from"))) (void)take_time(c, node, "\"effective_from\"", &d->effective_from_ms);
  if ((node = member_of(root, "summary"))) (void)take_text(c, node, "the summary");
  if ((node = member_of(root, "lateness"))) (void)take_duration(c, node, "\"lateness\"", &d->lateness_ms);
  if ((node = member_of(root, "review_every"))) take_review_every(c, node);
  if ((node = member_of(root, "signoffs"))) check_signoffs(c, node);
  if ((node = member_of(root, "$schema"))) (void)take_text(c, node, "\"$schema\", which editors read,");
  take_description(c, root);
}

/* --- the walk --- */

/* A section whose names nobody can know, for it stands there under a wrong name. */
static bool is_lost(const cJSON *root, const char *section) {
  return !member_of(root, section) && IS_MISSPELT(root, section, document_members);
}

/* The names of everything, first, so that references may point forward. What is missing though it is required is said once:
 * that its names are unknown would be said again and again. */
static void note_names(struct compiler *c, const cJSON *root) {
  const cJSON *teams = member_of(root, "teams"), *stages = member_of(root, "stages");
  c->teams = (struct names){.kind = "team", .kinds = "teams", .plain = true, .partial = !teams};
  c->attributes = (struct names){.kind = "attribute", .kinds = "attributes", .partial = is_lost(root, "attributes")};
  c->criteria = (struct names){.kind = "criterion", .kinds = "criteria", .partial = is_lost(root, "criteria")};
  c->scores = (struct names){.kind = "score", .kinds = "scores", .partial = is_lost(root, "scores")};
  c->stages = (struct names){.kind = "stage", .kinds = "stages", .partial = !stages};
  c->calendars = (struct names){.kind = "calendar", .kinds = "calendars", .partial = is_lost(root, "calendars")};
  (void)names_of_list(c, &c->teams, teams, "", 0);
  (void)names_of_members(c, &c->attributes, member_of(root, "attributes"), LIMIT_ATTRIBUTES);
  (void)names_of_members(c, &c->criteria, member_of(root, "criteria"), LIMIT_CRITERIA);
  (void)names_of_members(c, &c->scores, member_of(root, "scores"), LIMIT_SCORES);
  (void)names_of_list(c, &c->stages, stages, "name", LIMIT_STAGES);
  (void)names_of_members(c, &c->calendars, member_of(root, "calendars"), LIMIT_CALENDARS);
  uses_init(c, &c->criterion_uses, &c->criteria);
  uses_init(c, &c->score_uses, &c->scores);
  if (!teams || !cJSON_IsArray(teams)) return;
  for (const cJSON *child = teams->child; child; child = child->next) (void)take_text(c, child, "the team's name");
}

static void compile_sections(struct compiler *c, const cJSON *root) {
  const cJSON *node;
  if ((node = member_of(root, "events"))) compile_events(c, node);
  compile_attributes(c);
  compile_criteria(c);
  compile_scores(c);
  compile_calendars(c);
  compile_stages(c);
  if ((node = member_of(root, "replaces"))) compile_replaces(c, node);
  if ((node = member_of(root, "moves"))) compile_moves(c, node);
  if ((node = member_of(root, "slas"))) compile_slas(c, node);
  if ((node = member_of(root, "routes"))) compile_routes(c, node);
  check_cycles(c);
}

static void finish(struct compiler *c) {
  char digest[DIGEST_TEXT];
  finish_fields(c);
  finish_patterns(c);
  finish_happened(c);
  digest_document(c->document.root, digest);
  c->definition->digest = keep_text(c, digest);
  c->definition->agreed = signoff_agreed(c->document.root, digest, c->trust);
  definition_plan(c->definition);
}

static void compile(struct compiler *c) {
  const cJSON *root = c->document.root;
  check_tree(c);
  if (TAKE_OBJECT(c, root, "a definition", document_members)) {
    note_names(c, root);
    compile_head(c, root);
    compile_sections(c, root);
  }
  if (c->problem_count == 0) finish(c);
  else problems_finish(c);
}

static void compiler_fini(struct compiler *c) {
  document_fini(&c->document);
  texts_fini(&c->fields);
  texts_fini(&c->names);
  texts_fini(&c->happened);
  memory_free(c->numeric);
  memory_free(c->patterns);
  memory_free(c->happenings);
  memory_free(c->criterion_uses.at);
  memory_free(c->score_uses.at);
}

struct definition *definition_parse(const char *text, size_t length, struct problems *problems) {
  return definition_parse_trusting(text, length, NULL, problems);
}

struct definition *definition_parse_trusting(const char *text, size_t length, const struct trust *trust,
                                             struct problems *problems) {
  struct compiler c = {.problems = problems, .trust = trust};
  size_t at;
  const char *why;
  *problems = (struct problems){0};
  if (!document_parse(&c.document, text, length, &at, &why)) {
    struct document as_it_is = {.text = (char *)text, .length = length};
    int line, column;
    document_place(&as_it_is, at, &line, &column);
    problem_add(problems, "", line, column, why);
    return NULL;
  }
  struct owned *owned = memory_zeroed(1, sizeof *owned);
  c.definition = &owned->definition;
  c.arena = &owned->arena;
  compile(&c);
  compiler_fini(&c);
  if (problems->count == 0) return &owned->definition;
  definition_destroy(&owned->definition);
  return NULL;
}

/* --- files, memory --- */

char *definition_text(const char *path, size_t *length) {
  bool standard = strcmp(path, "-") == 0;
  FILE *file = standard ? stdin : fopen(path, "rb");
  if (!file) return NULL;
  char *text = memory_zeroed(LIMIT_DEFINITION + 1, 1);
  *length = fread(text, 1, LIMIT_DEFINITION + 1, file);
  int failed = ferror(file) ? errno : 0;
  if (!standard) (void)fclose(file);
  if (!failed) return text;
  memory_free(text);
  errno = failed;
  return NULL;
}

char *definition_load(const char *path, size_t *length, struct problems *problems) {
  char *text = definition_text(path, length);
  *problems = (struct problems){0};
  if (!text) problem_add(problems, "", 0, 0, strerror(errno));
  return text;
}

struct definition *definition_read(const char *path, struct problems *problems) {
  return definition_read_trusting(path, NULL, problems);
}

struct definition *definition_read_trusting(const char *path, const struct trust *trust, struct problems *problems) {
  size_t length;
  char *text = definition_load(path, &length, problems);
  if (!text) return NULL;
  struct definition *definition = definition_parse_trusting(text, length, trust, problems);
  memory_free(text);
  return definition;
}

void definition_destroy(struct definition *definition) {
  if (!definition) return;
  struct owned *owned = (struct owned *)definition;
  struct arena arena = owned->arena;
  definition_plan_destroy(definition);
  arena_fini(&arena);
  memory_free(owned);
}
