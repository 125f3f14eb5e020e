/* definition_name.c: the names of each kind, noted before anything is compiled, so that references may point forward. */
#include <stdio.h>
#include <string.h>

#include "definition_compile.h"
#include "names.h"

enum { WHAT = 64 };

static void say_name(const struct names *names, char what[WHAT]) { snprintf(what, WHAT, "the %s's name", names->kind); }

static void note(struct names *names, const char *name, const cJSON *node) {
  names->at[names->count] = name;
  names->nodes[names->count++] = node;
}

static void make_room(struct compiler *c, struct names *names, int32_t most) {
  names->at = arena_take(c->arena, (size_t)most, sizeof *names->at);
  names->nodes = arena_take(c->arena, (size_t)most, sizeof *names->nodes);
}

bool names_of_members(struct compiler *c, struct names *names, const cJSON *node, int32_t most) {
  int32_t count = 0;
  char what[WHAT];
  if (!node) return true;
  say_name(names, what);
  names->partial = true;
  if (!cJSON_IsObject(node)) {
    complain(c, node, "%s must be an object, in braces, with a member for each %s; this is %s", names->kinds,
             names->kind, kind_of(node));
    return false;
  }
  for (const cJSON *child = node->child; child; child = child->next) count++;
  if (count > most) {
    complain(c, node, "there are %d %s, and there can be at most %d", count, names->kinds, most);
    return false;
  }
  names->partial = false;
  make_room(c, names, count);
  for (const cJSON *child = node->child; child; child = child->next) {
    if (!check_name(c, child, what)) names->partial = true;
    if (find_name(names, child->string) == NONE) note(names, child->string, child); /* check_tree finds repeated ones */
  }
  return true;
}

/* `seen`: the names so far, for lists are long where nothing limits them. */
static void note_unique(struct compiler *c, struct names *names, struct texts *seen, const cJSON *name,
                        const cJSON *node) {
  size_t before = seen->count;
  (void)texts_add(seen, c->arena, slice_of(name->valuestring));
  if (seen->count > before) {
    note(names, name->valuestring, node);
    return;
  }
  names->partial = true;
  complain(c, name, "there is another %s called \"%.*s\"; names must differ", names->kind, SHOWN(name->valuestring));
}

bool names_of_list(struct compiler *c, struct names *names, const cJSON *node, const char *member, int32_t most) {
  int32_t count;
  char what[WHAT];
  struct texts seen = {0};
  if (!node) return true;
  say_name(names, what);
  names->partial = true;
  if (!take_list(c, node, names->kinds, most, &count)) return false;
  names->partial = false;
  make_room(c, names, count);
  for (const cJSON *child = node->child; child; child = child->next) {
    const cJSON *name = names->plain && cJSON_IsString(child) ? child : member_of(child, member);
    if (name && take_name(c, name, what)) note_unique(c, names, &seen, name, child);
    else names->partial = true;
  }
  texts_fini(&seen);
  return true;
}

int32_t find_name(const struct names *names, const char *name) {
  for (int32_t i = 0; i < names->count; i++)
    if (strcmp(names->at[i], name) == 0) return i;
  return NONE;
}

/* "none", or the first few. */
static void complain_known(struct compiler *c, const cJSON *node, const struct names *names) {
  char list[400] = "";
  for (int32_t i = 0; i < names->count; i++) {
    size_t length = strlen(list), more = strlen(names->at[i]);
    if (length + more + 8 > sizeof list) {
      strncat(list, ", …", sizeof list - length - 1);
      break;
    }
    if (i) strncat(list, ", ", sizeof list - length - 1);
    strncat(list, names->at[i], sizeof list - strlen(list) - 1);
  }
  if (names->count == 0) {
    complain(c, node, "there is no %s \"%.*s\", nor any other", names->kind, SHOWN(node->valuestring));
  } else {
    complain(c, node, "there is no %s \"%.*s\"; there are: %s", names->kind, SHOWN(node->valuestring), list);
  }
}

int32_t take_reference(struct compiler *c, const cJSON *node, const struct names *names) {
  char what[WHAT];
  say_name(names, what);
  if (!take_text(c, node, what)) return NONE;
  int32_t index = find_name(names, node->valuestring);
  if (index != NONE || names->partial) return index;
  const char *near = name_nearest(node->valuestring, names->at, (size_t)names->count);
  if (near) {
    complain(c, node, "there is no %s \"%.*s\"; did you mean \"%.*s\"?", names->kind, SHOWN(node->valuestring),
             SHOWN(near));
  } else {
    complain_known(c, node, names);
  }
  return NONE;
}
