/* definition_move.c: moves, SLAs and routes. */
#include <string.h>

#include "definition_compile.h"

/* --- moves --- */

static const struct known_member move_members[] = {{"name", true},    {"from", true},        {"to", true},
                                                   {"when", false},   {"after", false},      {"reset", false},
                                                   {"reason", false}, {"description", false}};

static uint32_t every_stage_but(const struct compiler *c, int32_t stage) {
  uint32_t all = (UINT32_C(1) << c->stages.count) - 1;
  return stage == NONE ? all : all & ~(UINT32_C(1) << stage);
}

static void compile_from(struct compiler *c, const cJSON *node, struct move *move) {
  int32_t count;
  if (is_text(node, "*")) {
    move->from = every_stage_but(c, move->to);
    return;
  }
  const cJSON *first = take_one_or_list(c, node, "\"from\"", &count);
  for (const cJSON *each = first; each && count > 0; each = each->next, count--) {
    if (is_text(each, "*")) {
      complain(c, each, "\"*\" means every other stage: it stands alone, not in a list");
      continue;
    }
    int32_t stage = take_reference(c, each, &c->stages);
    if (stage == NONE) continue;
    move->from |= UINT32_C(1) << stage;
    if (stage == move->to && cJSON_IsArray(node))
      complain(c, each, "a move to \"%.*s\" cannot start there", SHOWN(each->valuestring));
  }
}

static void compile_reset(struct compiler *c, const cJSON *node, struct move *move) {
  int32_t count;
  if (!take_list(c, node, "\"reset\"", 0, &count)) return;
  for (const cJSON *child = node->child; child; child = child->next) {
    int32_t score = take_reference(c, child, &c->scores);
    if (score == NONE) continue;
    const cJSON *from = member_of(c->scores.nodes[score], "from");
    move->reset |= UINT32_C(1) << score;
    if (is_text(from, "attributes") || is_text(from, "scores"))
      complain(c, child, "only scores from events can be reset; \"%.*s\" is from %s", SHOWN(child->valuestring),
               from->valuestring);
  }
}

static void compile_conditions(struct compiler *c, const cJSON *node, struct move *move) {
  const cJSON *when = member_of(node, "when"), *after = member_of(node, "after");
  if (!when && !after && !IS_MISSPELT(node, "when", move_members) && !IS_MISSPELT(node, "after", move_members))
    complain(c, node, "a move must say \"when\", \"after\" or both");
  if (after) (void)take_duration(c, after, "\"after\"", &move->after_ms);
  if (when && after) move->when = take_condition(c, when, USE_ALL & ~(unsigned)USE_EVENT, "a move with \"after\"");
  else if (when) move->when = take_condition(c, when, USE_ALL, "a move");
}

static void compile_move(struct compiler *c, const cJSON *node, struct move *move) {
  if (!TAKE_OBJECT(c, node, "a move", move_members)) return;
  const cJSON *name = member_of(node, "name"), *from = member_of(node, "from"), *to = member_of(node, "to");
  const cJSON *reason = member_of(node, "reason"), *reset = member_of(node, "reset");
  move->to = move->reason = NONE;
  if (cJSON_IsString(name)) move->name = keep_text(c, name->valuestring);
  if (to) move->to = take_reference(c, to, &c->stages);
  if (from) compile_from(c, from, move);
  compile_conditions(c, node, move);
  if (reason && take_text(c, reason, "\"reason\", a JSON Pointer into the event,"))
    move->reason = take_pointer(c, reason->valuestring, document_value(&c->document, reason));
  if (reset) compile_reset(c, reset, move);
  take_description(c, node);
}

void compile_moves(struct compiler *c, const cJSON *node) {
  struct definition *d = c->definition;
  struct names names = {.kind = "move", .kinds = "moves"};
  if (!names_of_list(c, &names, node, "name", LIMIT_MOVES)) return;
  d->moves = arena_take(c->arena, (size_t)cJSON_GetArraySize(node), sizeof *d->moves);
  for (const cJSON *child = node->child; child; child = child->next) compile_move(c, child, &d->moves[d->move_count++]);
}

/* --- SLAs --- */

static void compile_sla(struct compiler *c, const cJSON *node, struct sla *sla) {
  static const struct known_member members[] = {{"name", true},   {"stage", true},     {"within", true},
                                                {"met_by", true}, {"calendar", false}, {"description", false}};
  if (!TAKE_OBJECT(c, node, "an SLA", members)) return;
  const cJSON *name = member_of(node, "name"), *stage = member_of(node, "stage"), *met_by = member_of(node, "met_by");
  const cJSON *within = member_of(node, "within"), *calendar = member_of(node, "calendar");
  bool timed = within && take_duration(c, within, "\"within\"", &sla->within_ms);
  sla->calendar = NONE;
  if (cJSON_IsString(name)) sla->name = keep_text(c, name->valuestring);
  if (stage) sla->stage = take_reference(c, stage, &c->stages);
  if (met_by) sla->met_by = take_pattern(c, met_by, "\"met_by\"");
  if (calendar) sla->calendar = take_reference(c, calendar, &c->calendars);
  if (timed && sla->calendar != NONE) check_working_time(c, within, sla->calendar, sla->within_ms);
  take_description(c, node);
}

void compile_slas(struct compiler *c, const cJSON *node) {
  struct definition *d = c->definition;
  struct names names = {.kind = "SLA", .kinds = "SLAs"};
  if (!names_of_list(c, &names, node, "name", LIMIT_SLAS)) return;
  d->slas = arena_take(c->arena, (size_t)cJSON_GetArraySize(node), sizeof *d->slas);
  for (const cJSON *child = node->child; child; child = child->next) compile_sla(c, child, &d->slas[d->sla_count++]);
}

/* --- routes --- */

static void compile_member(struct compiler *c, const cJSON *node, struct member *member) {
  static const struct known_member members[] = {{"name", true}, {"weight", false}, {"description", false}};
  int64_t number = 1;
  const cJSON *name = node;
  if (!cJSON_IsString(node)) {
    if (!cJSON_IsObject(node)) {
      complain(c, node, "a member of a queue must be a name, or an object, in braces; this is %s", kind_of(node));
      return;
    }
    (void)TAKE_OBJECT(c, node, "a member of a queue", members);
    const cJSON *weight = member_of(node, "weight");
    name = member_of(node, "name");
    if (weight) (void)take_integer(c, weight, "a weight", 1, 100, &number);
    take_description(c, node);
  }
  if (cJSON_IsString(name)) member->name = keep_text(c, name->valuestring);
  member->weight = (int32_t)number;
}

static void compile_members(struct compiler *c, const cJSON *node, struct route *route) {
  struct names names = {.kind = "member", .kinds = "members", .plain = true};
  if (!names_of_list(c, &names, node, "name", 0)) return;
  route->members = arena_take(c->arena, (size_t)cJSON_GetArraySize(node), sizeof *route->members);
  for (const cJSON *child = node->child; child; child = child->next)
    compile_member(c, child, &route->members[route->member_count++]);
}

static void compile_route(struct compiler *c, const cJSON *node, struct route *route) {
  static const struct known_member members[] = {
      {"queue", true}, {"when", false}, {"members", false}, {"description", false}};
  if (!TAKE_OBJECT(c, node, "a route", members)) return;
  const cJSON *queue = member_of(node, "queue"), *when = member_of(node, "when"),
              *its_members = member_of(node, "members");
  if (cJSON_IsString(queue)) route->queue = keep_text(c, queue->valuestring);
  if (when) route->when = take_condition(c, when, USE_ALL, "a route");
  if (its_members) compile_members(c, its_members, route);
  take_description(c, node);
}

void compile_routes(struct compiler *c, const cJSON *node) {
  struct definition *d = c->definition;
  struct names names = {.kind = "queue", .kinds = "routes"};
  if (!names_of_list(c, &names, node, "queue", LIMIT_ROUTES)) return;
  d->routes = arena_take(c->arena, (size_t)cJSON_GetArraySize(node), sizeof *d->routes);
  for (const cJSON *child = node->child; child; child = child->next)
    compile_route(c, child, &d->routes[d->route_count++]);
}
