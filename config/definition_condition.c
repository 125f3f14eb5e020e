/* definition_condition.c: conditions, criteria, and what a `happened` condition is known by. */
#include <stdio.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "canonical.h"
#include "definition_compile.h"
#include "names.h"

/* A condition that is being taken: where it stands, and what it is made into. */
struct taking {
  struct compiler *c;
  const cJSON *node; /* the object */
  unsigned use;
  const char *where;
  struct condition *to;
};

typedef bool take_form(struct taking *t);

/* --- connectives --- */

static bool take_children(struct taking *t, const cJSON *first, int32_t count) {
  bool good = true;
  t->to->children = arena_take(t->c->arena, (size_t)count, sizeof(struct condition *));
  for (const cJSON *each = first; each && t->to->child_count < count; each = each->next) {
    struct condition *child = take_condition(t->c, each, t->use, t->where);
    t->to->children[t->to->child_count++] = child;
    good &= child != NULL;
  }
  return good;
}

static bool take_list_of(struct taking *t, const char *name, enum condition_kind kind) {
  const cJSON *list = member_of(t->node, name);
  int32_t count;
  char what[16];
  t->to->kind = kind;
  snprintf(what, sizeof what, "\"%s\"", name);
  return list && take_list(t->c, list, what, 0, &count) && take_children(t, list->child, count);
}

static bool take_all(struct taking *t) {
  static const struct known_member members[] = {{"all", true}};
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"all\"", members);
  return take_list_of(t, "all", CONDITION_ALL);
}

static bool take_any(struct taking *t) {
  static const struct known_member members[] = {{"any", true}};
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"any\"", members);
  return take_list_of(t, "any", CONDITION_ANY);
}

static bool take_not(struct taking *t) {
  static const struct known_member members[] = {{"not", true}};
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"not\"", members);
  t->to->kind = CONDITION_NOT;
  return take_children(t, member_of(t->node, "not"), 1);
}

static bool take_at_least(struct taking *t) {
  static const struct known_member members[] = {{"at_least", true}, {"of", true}};
  int64_t number = 0;
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"at_least … of\"", members);
  bool good = take_list_of(t, "of", CONDITION_AT_LEAST);
  const cJSON *at_least = member_of(t->node, "at_least");
  int32_t most = t->to->child_count > 0 ? t->to->child_count : INT32_MAX;
  if (!at_least || !take_integer(t->c, at_least, "\"at_least\", how many of the conditions,", 1, most, &number))
    return false;
  t->to->number = (int32_t)number;
  return good;
}

/* --- what is compared --- */

static bool take_attribute(struct taking *t) {
  static const struct known_member members[] = {{"attribute", true}, {"is", false},       {"in", false},
                                                {"like", false},     {"at_least", false}, {"at_most", false},
                                                {"above", false},    {"below", false},    {"present", false}};
  enum operator op;
  t->to->kind = CONDITION_ATTRIBUTE;
  const cJSON *operand =
      take_operator(t->c, t->node, "a condition on an attribute", members, sizeof members / sizeof *members, &op);
  t->to->index = take_reference(t->c, member_of(t->node, "attribute"), &t->c->attributes);
  return operand && take_operands(t->c, operand, op, &t->to->compare) && t->to->index != NONE;
}

static bool take_score(struct taking *t) {
  static const struct known_member members[] = {
      {"score", true}, {"at_least", false}, {"at_most", false}, {"above", false}, {"below", false}};
  t->to->kind = CONDITION_SCORE;
  const cJSON *threshold =
      take_operator(t->c, t->node, "a condition on a score", members, sizeof members / sizeof *members, &t->to->op);
  t->to->index = take_reference(t->c, member_of(t->node, "score"), &t->c->scores);
  return threshold && take_threshold(t->c, threshold, "a threshold", &t->to->threshold) && t->to->index != NONE;
}

/* --- history --- */

/* The number of the `happened` condition with this text; a new one takes the pattern. Only of a document that is good so far. */
static int32_t add_happened(struct compiler *c, const cJSON *node, struct happened happened) {
  struct buffer text = {0};
  size_t before = c->happened.count;
  canonical_append(&text, node, "description", 2); /* of the condition and of its pattern */
  int32_t index = texts_add(&c->happened, c->arena, (struct slice){text.at, (uint32_t)text.length});
  buffer_fini(&text);
  if (c->happened.count == before) {
    c->pattern_count--; /* the one just taken: the other is the same */
    return index;
  }
  if (c->happening_room < c->happened.room) {
    c->happening_room = c->happened.room;
    c->happenings = memory_grown(c->happenings, c->happening_room * sizeof *c->happenings);
  }
  happened.text = c->happened.at[index];
  c->happenings[index] = happened;
  return index;
}

static bool take_happened(struct taking *t) {
  static const struct known_member members[] = {{"happened", true}, {"times", false}, {"within", false}};
  const cJSON *times = member_of(t->node, "times"), *within = member_of(t->node, "within");
  struct happened happened = {0};
  int64_t number = 1;
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"happened\"", members);
  if (times) (void)take_integer(t->c, times, "\"times\"", 1, LIMIT_TIMES, &number);
  if (within) (void)take_duration(t->c, within, "\"within\"", &happened.within_ms);
  happened.times = (int32_t)number;
  happened.pattern = take_pattern(t->c, member_of(t->node, "happened"), "what happened");
  t->to->kind = CONDITION_HAPPENED;
  if (t->c->problem_count > 0) return true; /* nothing comes of it */
  t->to->index = add_happened(t->c, t->node, happened);
  return true;
}

static bool take_quiet_for(struct taking *t) {
  static const struct known_member members[] = {{"quiet_for", true}};
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"quiet_for\"", members);
  t->to->kind = CONDITION_QUIET_FOR;
  return take_duration(t->c, member_of(t->node, "quiet_for"), "\"quiet_for\"", &t->to->duration_ms);
}

static bool take_event(struct taking *t) {
  static const struct known_member members[] = {{"event", true}};
  (void)TAKE_OBJECT(t->c, t->node, "a condition of the form \"event\"", members);
  t->to->kind = CONDITION_EVENT;
  t->to->index = take_pattern(t->c, member_of(t->node, "event"), "an event");
  return t->to->index != NONE;
}

/* --- which form is it --- */

static const struct form {
  const char *name;
  unsigned use; /* what has to be allowed for it */
  take_form *take;
} forms[] = {
    {"all", 0, take_all},
    {"any", 0, take_any},
    {"not", 0, take_not},
    {"at_least", 0, take_at_least}, /* beside an attribute or a score an operator */
    {"attribute", 0, take_attribute},
    {"score", USE_SCORES, take_score},
    {"happened", USE_HISTORY, take_happened},
    {"quiet_for", USE_HISTORY, take_quiet_for},
    {"event", USE_EVENT, take_event},
};

enum { FORMS = sizeof forms / sizeof *forms, FORM_AT_LEAST = 3 };

static const struct form *form_of(const char *name) {
  for (size_t i = 0; i < FORMS; i++)
    if (strcmp(forms[i].name, name) == 0) return &forms[i];
  return strcmp(name, "of") == 0 ? &forms[FORM_AT_LEAST] : NULL;
}

/* Is there a member that was meant to say the form? */
static bool complain_misspelt(struct compiler *c, const cJSON *node) {
  const char *names[FORMS];
  for (size_t i = 0; i < FORMS; i++) names[i] = forms[i].name;
  for (const cJSON *child = node->child; child; child = child->next) {
    const char *near = form_of(child->string) ? NULL : name_nearest(child->string, names, FORMS);
    if (!near) continue;
    complain_name(c, child, "there is no condition of the form \"%.*s\"; did you mean \"%s\"?", SHOWN(child->string),
                  near);
    return true;
  }
  return false;
}

static void complain_formless(struct compiler *c, const cJSON *node) {
  char list[160] = "";
  if (complain_misspelt(c, node)) return;
  for (size_t i = 0; i < FORMS; i++)
    snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? ", " : "", forms[i].name);
  const cJSON *first = node->child;
  if (!first) complain(c, node, "a condition cannot be empty; its form is one of: %s", list);
  else complain_name(c, first, "there is no condition of the form \"%.*s\"; there are: %s", SHOWN(first->string), list);
}

/* The member that says which form it is, or NULL: none, or two. `at_least` beside an attribute or a score is an operator. */
static const cJSON *find_form(struct compiler *c, const cJSON *node, const struct form **form) {
  const cJSON *found = NULL;
  bool compares = member_of(node, "attribute") || member_of(node, "score");
  for (const cJSON *child = node->child; child; child = child->next) {
    const struct form *its = form_of(child->string);
    if (!its || (compares && its == &forms[FORM_AT_LEAST])) continue;
    if (found && its != *form) {
      complain_name(c, child,
                    "a condition has one form, and this has \"%s\" and \"%s\"; for both write {\"all\": [ … ]}",
                    found->string, child->string);
      return NULL;
    }
    if (!found) found = child;
    *form = its;
  }
  if (!found) complain_formless(c, node);
  else if (*form == &forms[FORM_AT_LEAST] && !member_of(node, "of") && complain_misspelt(c, node)) return NULL;
  return found;
}

static const char *use_hint(unsigned use) {
  return use == 0 ? "it can use conditions on attributes, all, any, not and at_least … of"
                  : "events decide in a stage's enter, in moves without \"after\" and in routes";
}

static struct condition *take_criterion_name(struct taking *t) {
  struct compiler *c = t->c;
  if (!(t->use & USE_CRITERIA)) {
    complain(c, t->node, "%s cannot use criteria; %s", t->where, use_hint(t->use));
    return NULL;
  }
  t->to->kind = CONDITION_CRITERION;
  t->to->index = take_reference(c, t->node, &c->criteria);
  if (t->to->index == NONE) return NULL;
  uses_note(&c->criterion_uses, t->to->index, t->node);
  return t->to;
}

struct condition *take_condition(struct compiler *c, const cJSON *node, unsigned use, const char *where) {
  struct taking taking = {c, node, use, where, arena_take(c->arena, 1, sizeof(struct condition))};
  const struct form *form = NULL;
  if (cJSON_IsString(node)) return take_criterion_name(&taking);
  if (!cJSON_IsObject(node)) {
    complain(c, node, "a condition must be a criterion's name or an object, in braces; this is %s%s", kind_of(node),
             cJSON_IsArray(node) ? "; for several say {\"all\": [...]} or {\"any\": [...]}" : "");
    return NULL;
  }
  const cJSON *says = find_form(c, node, &form);
  if (!says) return NULL;
  bool allowed = (form->use & ~use) == 0;
  if (!allowed) complain_name(c, says, "%s cannot use \"%s\"; %s", where, says->string, use_hint(use));
  return form->take(&taking) && allowed ? taking.to : NULL;
}

/* --- criteria --- */

static struct condition *take_criterion(struct compiler *c, const cJSON *node) {
  static const struct known_member members[] = {{"description", false}, {"when", true}};
  static const char where[] = "a criterion";
  const cJSON *when = member_of(node, "when"), *description = member_of(node, "description");
  if (!when && !description) return take_condition(c, node, USE_ALL & ~(unsigned)USE_EVENT, where);
  if (!when) {
    complain_name(c, description,
                  "a criterion with a description says its condition apart: {\"description\": …, \"when\": …}");
    return NULL;
  }
  (void)TAKE_OBJECT(c, node, "a criterion with \"when\"", members);
  take_description(c, node);
  return take_condition(c, when, USE_ALL & ~(unsigned)USE_EVENT, where);
}

void compile_criteria(struct compiler *c) {
  struct definition *d = c->definition;
  d->criteria = arena_take(c->arena, (size_t)c->criteria.count, sizeof *d->criteria);
  d->criterion_count = c->criteria.count;
  for (int32_t i = 0; i < c->criteria.count; i++) {
    c->criterion_uses.from = i;
    d->criteria[i].name = keep_text(c, c->criteria.at[i]);
    d->criteria[i].when = take_criterion(c, c->criteria.nodes[i]);
  }
  c->criterion_uses.from = NONE;
}

void finish_happened(struct compiler *c) {
  struct definition *d = c->definition;
  d->happened_count = (int32_t)c->happened.count;
  d->happened = arena_take(c->arena, c->happened.count, sizeof *d->happened);
  if (c->happened.count) memcpy(d->happened, c->happenings, c->happened.count * sizeof *d->happened);
}
