/* definition_stage.c: stages, and those of earlier versions that they replace. */
#include <string.h>

#include "definition_compile.h"

/* Where leads begin: on the ladder, without a condition, without a queue. */
static void check_first(struct compiler *c, const cJSON *node, const struct stage *stage) {
  const cJSON *enter = member_of(node, "enter");
  if (enter) complain_name(c, enter, "the first stage has no \"enter\": every new lead is in it");
  if (stage->route)
    complain(c, member_of(node, "route"), "the first stage cannot route: new leads are in it before anything is known");
  if (stage->off_ladder)
    complain(c, member_of(node, "off_ladder"),
             "the first stage is where new leads are, so it cannot be off the ladder");
}

static void compile_stage(struct compiler *c, const cJSON *node, struct stage *stage) {
  static const struct known_member members[] = {{"name", true},   {"owner", true},       {"enter", false},
                                                {"route", false}, {"off_ladder", false}, {"description", false}};
  if (!TAKE_OBJECT(c, node, "a stage", members)) return;
  const cJSON *name = member_of(node, "name"), *owner = member_of(node, "owner"), *enter = member_of(node, "enter");
  const cJSON *route = member_of(node, "route"), *off_ladder = member_of(node, "off_ladder");
  if (cJSON_IsString(name)) stage->name = keep_text(c, name->valuestring);
  if (is_text(name, "*"))
    complain(c, name, "no stage can be called \"*\", which means every other stage in a move's \"from\"");
  if (owner && take_reference(c, owner, &c->teams) != NONE) stage->owner = keep_text(c, owner->valuestring);
  if (route) (void)take_boolean(c, route, "\"route\"", &stage->route);
  if (off_ladder) (void)take_boolean(c, off_ladder, "\"off_ladder\"", &stage->off_ladder);
  if (enter) stage->enter = take_condition(c, enter, USE_ALL, "a stage's enter");
  take_description(c, node);
}

void compile_stages(struct compiler *c) {
  struct definition *d = c->definition;
  const cJSON *list = member_of(c->document.root, "stages");
  if (!c->stages.at) return; /* missing, or no list of stages: said */
  d->stages = arena_take(c->arena, (size_t)cJSON_GetArraySize(list), sizeof *d->stages);
  for (const cJSON *child = list->child; child; child = child->next) {
    struct stage *stage = &d->stages[d->stage_count++];
    compile_stage(c, child, stage);
    const cJSON *enter = member_of(child, "enter");
    if (child == list->child) check_first(c, child, stage);
    else if (enter && stage->off_ladder)
      complain_name(c, enter, "a stage off the ladder has no \"enter\": a move leads there");
  }
}

void compile_replaces(struct compiler *c, const cJSON *node) {
  struct definition *d = c->definition;
  int32_t count = 0;
  if (!cJSON_IsObject(node)) {
    complain(c, node, "\"replaces\" must be an object, in braces: {\"old stage\": \"new stage\"}; this is %s",
             kind_of(node));
    return;
  }
  for (const cJSON *child = node->child; child; child = child->next) count++;
  d->replaces = arena_take(c->arena, (size_t)count, sizeof *d->replaces);
  for (const cJSON *child = node->child; child; child = child->next) {
    struct replacement *replacement = &d->replaces[d->replace_count++];
    (void)check_name(c, child, "the name of a stage that is gone");
    replacement->from = keep_text(c, child->string);
    replacement->to = take_reference(c, child, &c->stages);
    if (find_name(&c->stages, child->string) != NONE)
      complain_name(c, child, "the stage \"%.*s\" is still there; only stages that are gone are replaced",
                    SHOWN(child->string));
  }
}
