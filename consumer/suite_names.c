/* suite_names.c: an expectation that names what the definition does not have can never be met: it is a slip of the pen, and said so. An event
 * that the definition does not ask for is none, for much happens that it does not ask for; but where a test fails, a near name is shown.
 *
 * Called with a file whose shape is right (suite_read.c) and its definition. */
#include "../config/names.h"
#include "engine/memory.h"
#include "suite.h"

enum kind { STAGE, SLA, MOVE, SCORE, CRITERION, QUEUE, EVENT, MEMBER, KINDS };

static const char *const kinds[KINDS] = {"stage",     "SLA",   "move",  "score",
                                         "criterion", "queue", "event", "member of a queue"};

static bool member_at(const struct definition *d, int32_t i, struct slice *name) {
  for (int32_t route = 0; route < d->route_count; route++) {
    const struct route *r = &d->routes[route];
    if (i < r->member_count) {
      *name = r->members[i].name;
      return true;
    }
    i -= r->member_count;
  }
  return false;
}

/* The i-th name of a kind; false behind the last. */
static bool name_at(const struct definition *d, enum kind kind, int32_t i, struct slice *name) {
  const int32_t counts[] = {d->stage_count,     d->sla_count,   d->move_count, d->score_count,
                            d->criterion_count, d->route_count, d->name_count};
  if (kind == MEMBER) return member_at(d, i, name);
  if (i >= counts[kind]) return false;
  switch (kind) {
    case STAGE: *name = d->stages[i].name; break;
    case SLA: *name = d->slas[i].name; break;
    case MOVE: *name = d->moves[i].name; break;
    case SCORE: *name = d->scores[i].name; break;
    case CRITERION: *name = d->criteria[i].name; break;
    case QUEUE: *name = d->routes[i].queue; break;
    default: *name = d->names[i];
  }
  return true;
}

/* Which of its kind has the name, or NONE. */
static int32_t find(const struct definition *d, enum kind kind, const char *text) {
  struct slice name;
  for (int32_t i = 0; name_at(d, kind, i, &name); i++)
    if (slice_equal(name, slice_of(text))) return i;
  return NONE;
}

/* The name of its kind that was probably meant, or NULL; the caller frees it (memory_free). */
static char *nearest(const struct definition *d, enum kind kind, const char *text) {
  struct slice name;
  size_t count = 0;
  char **names = NULL, *found = NULL;
  for (int32_t i = 0; name_at(d, kind, i, &name); i++) {
    names = memory_grown(names, (count + 1) * sizeof *names);
    names[count] = memory_zeroed(name.length + 1, 1);
    memcpy(names[count++], name.at, name.length);
  }
  const char *near = name_nearest(text, (const char *const *)names, count);
  for (size_t i = 0; i < count; i++) {
    if (names[i] == near) found = names[i];
    else memory_free(names[i]);
  }
  memory_free(names);
  return found;
}

static void say_missing(struct suite *suite, const cJSON *node, enum kind kind, const char *text) {
  char *near = nearest(suite->definition, kind, text);
  suite_say(suite, node, "there is no %s \"%.80s\"%s%s%s", kinds[kind], text, near ? "; did you mean \"" : "",
            near ? near : "", near ? "\"?" : "");
  memory_free(near);
}

static void check_name(struct suite *suite, const cJSON *node, enum kind kind) {
  if (!cJSON_IsString(node)) return; /* not there, or null: there is none */
  if (find(suite->definition, kind, node->valuestring) == NONE) say_missing(suite, node, kind, node->valuestring);
}

static void check_criteria(struct suite *suite, const cJSON *list) {
  const cJSON *node;
  cJSON_ArrayForEach(node, list) check_name(suite, node, CRITERION);
}

static void check_scores(struct suite *suite, const cJSON *scores) {
  const cJSON *node;
  cJSON_ArrayForEach(node, scores) {
    if (find(suite->definition, SCORE, node->string) == NONE) say_missing(suite, node, SCORE, node->string);
  }
}

/* Only a move has a reason, and only where it says where to find it. */
static void check_reason(struct suite *suite, const cJSON *change) {
  const struct definition *d = suite->definition;
  const cJSON *reason = cJSON_GetObjectItemCaseSensitive(change, "reason");
  const cJSON *move = cJSON_GetObjectItemCaseSensitive(change, "move");
  if (!cJSON_IsString(reason)) return;
  int32_t named = cJSON_IsString(move) ? find(d, MOVE, move->valuestring) : NONE;
  bool any = false;
  for (int32_t i = 0; i < d->move_count; i++) any = any || d->moves[i].reason != NONE;
  if (cJSON_IsNull(move)) suite_say(suite, reason, "only moves have reasons");
  else if (!any) suite_say(suite, reason, "no move of the definition has a \"reason\"");
  else if (named != NONE && d->moves[named].reason == NONE)
    suite_say(suite, reason, "the move \"%.80s\" has no \"reason\" in the definition", move->valuestring);
}

static bool has_member(const struct route *route, const char *text) {
  for (int32_t i = 0; i < route->member_count; i++)
    if (slice_equal(route->members[i].name, slice_of(text))) return true;
  return false;
}

/* Who is named has to be in the queue that is named: a queue may stand in several routes. */
static void check_assignee(struct suite *suite, const cJSON *change) {
  const struct definition *d = suite->definition;
  const cJSON *queue = cJSON_GetObjectItemCaseSensitive(change, "queue");
  const cJSON *assignee = cJSON_GetObjectItemCaseSensitive(change, "assignee");
  if (!cJSON_IsString(queue) || !cJSON_IsString(assignee)) return;
  if (find(d, QUEUE, queue->valuestring) == NONE || find(d, MEMBER, assignee->valuestring) == NONE) return;
  for (int32_t i = 0; i < d->route_count; i++)
    if (slice_equal(d->routes[i].queue, slice_of(queue->valuestring)) &&
        has_member(&d->routes[i], assignee->valuestring))
      return;
  suite_say(suite, assignee, "\"%.80s\" is no member of the queue \"%.80s\"", assignee->valuestring,
            queue->valuestring);
}

static void check_breach(struct suite *suite, const cJSON *change) {
  static const char *const others[] = {"from", "to", "move", "reason", "met", "met_only", "missing"};
  if (!cJSON_GetObjectItemCaseSensitive(change, "breach")) return;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(change, others[i]);
    if (node) suite_say(suite, node, "a breach has no \"%s\": it is no stage change", others[i]);
  }
}

static void check_one(struct suite *suite, const cJSON *object) {
  static const struct {
    const char *member;
    enum kind kind;
  } named[] = {{"from", STAGE}, {"to", STAGE},    {"stage", STAGE},    {"breach", SLA},
               {"move", MOVE},  {"queue", QUEUE}, {"assignee", MEMBER}};
  static const char *const lists[] = {"met", "met_only", "missing"};
  for (size_t i = 0; i < sizeof named / sizeof *named; i++)
    check_name(suite, cJSON_GetObjectItemCaseSensitive(object, named[i].member), named[i].kind);
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    check_criteria(suite, cJSON_GetObjectItemCaseSensitive(object, lists[i]));
  check_scores(suite, cJSON_GetObjectItemCaseSensitive(object, "scores"));
  check_assignee(suite, object);
  check_breach(suite, object);
  check_reason(suite, object);
}

void suite_check_names(struct suite *suite) {
  const cJSON *test, *node;
  cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(suite->document.root, "tests")) {
    cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(test, "expect")) check_one(suite, node);
    cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(test, "probes")) check_one(suite, node);
  }
}

void suite_note_events(const struct suite *suite, struct suite_result *result) {
  const cJSON *event;
  cJSON_ArrayForEach(event, cJSON_GetObjectItemCaseSensitive(result->test, "events")) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(event, "name");
    if (!cJSON_IsString(name) || find(suite->definition, EVENT, name->valuestring) != NONE) continue;
    char *near = nearest(suite->definition, EVENT, name->valuestring);
    if (near)
      buffer_printf(&result->why, "line %d: the definition never asks for an event \"%s\"; did you mean \"%s\"?\n",
                    suite_line(suite, name), name->valuestring, near);
    memory_free(near);
  }
}
