/* advice_path.c: advice on the handover: what is asked of a lead on its path to sales, and whether anything comes back from there.
 *
 * The path is the `enter` of each rung up to the first stage that sales owns; where that is off the ladder, the moves to it.
 * Whether the path asks for contact, need, authority or a timeframe is judged by words: the names and descriptions of its
 * criteria and all the texts within their conditions (attributes, events, values), with the descriptions of nothing else. A word
 * counts where it begins a word, whatever its case: "need" is in "business needs", not in "kneeded". */
#include <ctype.h>
#include <strings.h>

#include "advice_find.h"

static bool has_word(const char *text, const char *word) {
  size_t length = strlen(word);
  for (const char *at = text; *at; at++)
    if ((at == text || !isalpha((unsigned char)at[-1])) && strncasecmp(at, word, length) == 0) return true;
  return false;
}

static bool text_speaks(const char *text, const char *const *words) {
  for (; *words; words++)
    if (has_word(text, *words)) return true;
  return false;
}

bool name_speaks(struct slice name, const char *const *words) {
  char text[LIMIT_TEXT + 1];
  memcpy(text, name.at, name.length);
  text[name.length] = 0;
  return text_speaks(text, words);
}

bool node_speaks(const cJSON *node, const char *const *words) {
  if (cJSON_IsString(node) && text_speaks(node->valuestring, words)) return true;
  for (const cJSON *child = node ? node->child : NULL; child; child = child->next)
    if (node_speaks(child, words)) return true;
  return false;
}

static bool names_sales(struct slice owner) {
  for (uint32_t i = 0; i + 5 <= owner.length; i++)
    if (strncasecmp(owner.at + i, "sales", 5) == 0) return true;
  return false;
}

int32_t advice_handover(const struct definition *d) {
  for (int32_t i = 0; i < d->stage_count; i++)
    if (!d->stages[i].off_ladder && names_sales(d->stages[i].owner)) return i;
  for (int32_t i = 1; i < d->stage_count; i++)
    if (!d->stages[i].off_ladder && !slice_equal(d->stages[i].owner, d->stages[0].owner)) return i;
  return NONE;
}

/* The conditions of the path, with their nodes. */
struct path {
  const struct condition *conditions[LIMIT_STAGES + LIMIT_MOVES];
  const cJSON *nodes[LIMIT_STAGES + LIMIT_MOVES];
  int32_t count;
};

static void path_add(struct path *path, const struct condition *condition, const cJSON *node) {
  if (!condition || !node) return;
  path->conditions[path->count] = condition;
  path->nodes[path->count++] = node;
}

static void path_of(const struct adviser *a, int32_t handover, struct path *path) {
  const struct definition *d = a->definition;
  path->count = 0;
  if (d->stages[handover].enter) {
    for (int32_t i = 1; i <= handover; i++)
      path_add(path, d->stages[i].enter, advice_member(advice_item(a, "stages", i), "enter"));
    return;
  }
  for (int32_t i = 0; i < d->move_count; i++)
    if (d->moves[i].to == handover) path_add(path, d->moves[i].when, advice_member(advice_item(a, "moves", i), "when"));
}

static bool path_speaks(const struct adviser *a, const struct path *path, const bool *marks, const char *const *words) {
  for (int32_t i = 0; i < path->count; i++)
    if (node_speaks(path->nodes[i], words)) return true;
  for (int32_t i = 0; i < a->definition->criterion_count; i++) {
    const cJSON *node = marks[i] ? advice_item(a, "criteria", i) : NULL;
    if (node && (text_speaks(node->string, words) || node_speaks(node, words))) return true;
  }
  return false;
}

/* Marks the criteria that a condition uses, itself or through others. */
static void mark_criteria(const struct definition *d, const struct condition *c, bool *marks) {
  if (!c) return;
  for (int32_t i = 0; i < c->child_count; i++) mark_criteria(d, c->children[i], marks);
  if (c->kind != CONDITION_CRITERION || marks[c->index]) return;
  marks[c->index] = true;
  mark_criteria(d, d->criteria[c->index].when, marks);
}

/* How many questions a condition asks itself: those that are no criterion's, and marks the criteria that it names. */
static int32_t count_questions(const struct condition *c, bool *named) {
  int32_t count = 0;
  for (int32_t i = 0; i < c->child_count; i++) count += count_questions(c->children[i], named);
  if (c->kind == CONDITION_CRITERION) {
    count += !named[c->index];
    named[c->index] = true;
  }
  return count + (c->child_count == 0 && c->kind != CONDITION_CRITERION);
}

static void advise_question_count(struct adviser *a, const struct path *path, const cJSON *stage) {
  bool named[LIMIT_CRITERIA] = {false};
  int32_t count = 0;
  for (int32_t i = 0; i < path->count; i++) count += count_questions(path->conditions[i], named);
  if (count > 2) return;
  advise(a, stage, "ask for more before sales is called: who they are, what they need, who decides, by when",
         "%s decide%s the handover: the average lead is judged on two criteria, too few to tell who will buy",
         count == 0   ? "no criterion"
         : count == 1 ? "one criterion alone"
                      : "two criteria alone",
         count == 2 ? "" : "s");
}

#define CONTACT_WORDS \
  { "contact", "email", "e-mail", "mail", "phone", "telephone", "mobile", "linkedin", "reach", NULL }

bool is_contact(struct slice name) {
  static const char *const words[] = CONTACT_WORDS;
  return name_speaks(name, words);
}

struct subject {
  const char *why, *remedy;
  const char *words[16];
};

static const struct subject subjects[] = {
    {"nothing on the path to sales asks for contact information, which 80 % of firms ask for: sales cannot call a name",
     "add a criterion like \"contact\": an email or a telephone number is there", CONTACT_WORDS},
    {"nothing on the path to sales asks for a business need: only 42 % of firms ask for a valid one, and fewer than "
     "half ever "
     "verify it",
     "add a criterion like \"need\": the problem they want to solve is known, or they asked for a demonstration",
     {"need", "problem", "pain", "challenge", "requirement", "use case", "demo", NULL}},
    {"nothing on the path to sales asks for authority: sales may talk to someone who cannot decide",
     "add a criterion like \"authority\": they decide, or have the ear of who does",
     {"authority", "decision", "decide", "decides", "decider", "buyer", "buying role", "title", "director", "seniority",
      "executive", NULL}},
    {"nothing on the path to sales asks for a timeframe: sales cannot tell who buys this quarter from who never will",
     "add a criterion like \"timescale\": by when they want to have it",
     {"timeframe", "time frame", "timescale", "time scale", "timeline", "timing", "deadline", "quarter", "urgent",
      "urgency", "soon", "renew", "expire", "by when", NULL}},
};

static void advise_subjects(struct adviser *a, const struct path *path, const cJSON *stage) {
  bool marks[LIMIT_CRITERIA] = {false};
  for (int32_t i = 0; i < path->count; i++) mark_criteria(a->definition, path->conditions[i], marks);
  for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++)
    if (!path_speaks(a, path, marks, subjects[i].words)) advise(a, stage, subjects[i].remedy, "%s", subjects[i].why);
}

/* Does an event decide anything of what becomes of a lead at sales? */
static bool has_feedback(const struct definition *d, int32_t handover) {
  struct slice sales = d->stages[handover].owner;
  uint32_t owned = 0;
  for (int32_t i = 0; i < d->stage_count; i++) owned |= (uint32_t)slice_equal(d->stages[i].owner, sales) << i;
  for (int32_t i = 0; i < d->sla_count; i++)
    if (owned >> d->slas[i].stage & 1) return true;
  for (int32_t i = 0; i < d->move_count; i++)
    if (d->moves[i].from & owned && d->moves[i].when && condition_uses_event(d->moves[i].when)) return true;
  for (int32_t i = handover + 1; i < d->stage_count; i++)
    if (owned >> i & 1 && d->stages[i].enter && condition_uses_event(d->stages[i].enter)) return true;
  return false;
}

static void advise_answer(struct adviser *a, int32_t handover, const cJSON *stage) {
  const struct definition *d = a->definition;
  bool promised = false;
  for (int32_t i = 0; i < d->sla_count; i++) promised = promised || d->slas[i].stage == handover;
  if (!promised)
    advise(a, stage, "add an SLA: by when sales answers, and which events are an answer",
           "stage \"%.*s\" is handed over and has no SLA: nobody notices a lead that nobody calls",
           NAMED(d->stages[handover].name));
  if (!has_feedback(d, handover))
    advise(a, stage,
           "add a move or an SLA that an event of sales decides, like \"Lead Accepted\" and \"Lead Rejected\"",
           "nothing comes back from sales: no move, SLA or stage of theirs listens to an event, so marketing never "
           "learns which leads were good");
}

void advise_path(struct adviser *a) {
  const struct definition *d = a->definition;
  int32_t handover = advice_handover(d);
  if (handover == NONE) {
    advise(a, advice_member(a->document.root, "stages"), "give the stage in which sales takes over to sales",
           "all stages have the owner \"%.*s\": no lead is ever handed over", NAMED(d->stages[0].owner));
    return;
  }
  const cJSON *stage = advice_item(a, "stages", handover);
  struct path path;
  path_of(a, handover, &path);
  advise_question_count(a, &path, stage);
  advise_subjects(a, &path, stage);
  advise_answer(a, handover, stage);
  advise_sales(a, handover);
}
