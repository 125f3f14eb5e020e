/* diff.c: things are found again by name; what they are made of is compared member by member, conditions part by part. */
#include "diff.h"

#include <string.h>

#include "canonical.h"
#include "phrase.h"

struct diff {
  struct buffer *out;
  bool json;
  int count;
};

static void change(struct diff *d, struct buffer *sentence) {
  if (d->json && d->count) buffer_append_text(d->out, ",");
  struct slice text = {sentence->at, (uint32_t)sentence->length};
  if (d->json) json_append_string(d->out, text);
  else json_append_escaped(d->out, text);
  if (!d->json) buffer_append_text(d->out, "\n");
  d->count++;
  buffer_fini(sentence);
}

static bool is_same(const cJSON *a, const cJSON *b) {
  struct buffer x = {0}, y = {0};
  if (!a || !b) return a == b;
  canonical_append(&x, a, NULL, 0);
  canonical_append(&y, b, NULL, 0);
  bool same = x.length == y.length && memcmp(x.at, y.at, x.length) == 0;
  buffer_fini(&x);
  buffer_fini(&y);
  return same;
}

static bool is(const char *name, const char *a, const char *b) { return strcmp(name, a) == 0 || strcmp(name, b) == 0; }

static void say_frequency(struct buffer *text, const cJSON *node) {
  const cJSON *times = phrase_member(node, "times");
  buffer_printf(text, "%d", times ? (int)times->valuedouble : 1);
  if (phrase_member(node, "per")) buffer_append_text(text, " in ");
  phrase_duration(text, phrase_text(node, "per"));
}

static void say_value(struct buffer *text, const char *name, const cJSON *node) {
  if (is(name, "event", "met_by")) phrase_pattern(text, node);
  else if (strcmp(name, "at_most") == 0) say_frequency(text, node);
  else if (cJSON_IsString(node) && *node->valuestring && strspn(node->valuestring, "0123456789"))
    phrase_duration(text, node->valuestring);
  else if (cJSON_IsObject(node) || (cJSON_IsArray(node) && (cJSON_IsObject(node->child) || cJSON_IsArray(node->child))))
    canonical_append(text, node, NULL, 0);
  else phrase_list(text, node, " and ");
}

/* --- conditions --- */

static const cJSON *parts_of(const cJSON *node, bool *list) {
  const cJSON *all = cJSON_IsObject(node) ? phrase_member(node, "all") : NULL;
  *list = all;
  return all ? all->child : node;
}

static bool has_part(const cJSON *node, const cJSON *part) {
  bool list;
  for (const cJSON *at = node ? parts_of(node, &list) : NULL; at; at = list ? at->next : NULL)
    if (is_same(at, part)) return true;
  return false;
}

static void compare_parts(struct diff *d, const char *label, const cJSON *a, const cJSON *b, const char *what) {
  bool list;
  for (const cJSON *at = a ? parts_of(a, &list) : NULL; at; at = list ? at->next : NULL) {
    struct buffer text = {0};
    if (has_part(b, at)) continue;
    buffer_printf(&text, "%s: ", label);
    if (cJSON_IsString(at)) buffer_append_text(&text, at->valuestring);
    else phrase_condition(&text, at);
    buffer_append_text(&text, what);
    change(d, &text);
  }
}

/* --- members, things --- */

static void compare_list(struct diff *d, const char *kind, const char *key, const cJSON *a, const cJSON *b);

static void compare_member(struct diff *d, const char *label, const char *name, const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  if (is_same(a, b)) return;
  if (strcmp(name, "rules") == 0) {
    buffer_printf(&text, "%s, rule", label);
    buffer_append(&text, "", 1);
    compare_list(d, text.at, "name", a, b);
    buffer_fini(&text);
    return;
  }
  if (is(name, "enter", "when") && b) {
    compare_parts(d, label, a, b, " is no longer asked");
    compare_parts(d, label, b, a, " is now asked");
    return;
  }
  buffer_printf(&text, "%s: ", label);
  if (is(name, "enter", "when")) {
    buffer_append_text(&text, *name == 'e' ? "no lead climbs to here any more" : "nothing is asked any more");
  } else if (strcmp(name, "share") == 0) {
    buffer_append_text(&text, a ? "is now shared" : "is no longer shared");
  } else if (!a || !b) {
    buffer_printf(&text, "%s ", name);
    say_value(&text, name, a ? a : b);
    buffer_append_text(&text, a ? " is gone" : " is new");
  } else {
    if (!is(name, "points", "within")) buffer_printf(&text, "%s: ", name);
    say_value(&text, name, a);
    buffer_append_text(&text, strcmp(name, "points") == 0 ? " points become "
                              : is(name, "within", "")    ? " become "
                                                          : " becomes ");
    say_value(&text, name, b);
  }
  change(d, &text);
}

static const char *name_of(const cJSON *item, const char *key) {
  return item->string ? item->string : phrase_text(item, key);
}

static const cJSON *find(const cJSON *list, const char *key, const char *name) {
  for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
    if (strcmp(name_of(item, key), name) == 0) return item;
  return NULL;
}

static void compare_thing(struct diff *d, const char *label, const cJSON *a, const cJSON *b) {
  for (const cJSON *member = a->child; member; member = member->next)
    compare_member(d, label, member->string, member, phrase_member(b, member->string));
  for (const cJSON *member = b->child; member; member = member->next)
    if (!phrase_member(a, member->string)) compare_member(d, label, member->string, NULL, member);
}

/* The order of those that are in both; members of objects have none. */
static bool is_reordered(const char *key, const cJSON *a, const cJSON *b) {
  const cJSON *y = b ? b->child : NULL;
  for (const cJSON *x = a ? a->child : NULL; x; x = x->next) {
    if (x->string || !find(b, key, name_of(x, key))) continue;
    while (y && !find(a, key, name_of(y, key))) y = y->next;
    if (!y || strcmp(name_of(x, key), name_of(y, key)) != 0) return true;
    y = y->next;
  }
  return false;
}

static void compare_list(struct diff *d, const char *kind, const char *key, const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  for (const cJSON *x = a ? a->child : NULL; x; x = x->next) {
    const cJSON *y = find(b, key, name_of(x, key));
    buffer_printf(&text, "%s %s", kind, name_of(x, key));
    if (!y) {
      buffer_append_text(&text, " is gone");
      change(d, &text);
      continue;
    }
    buffer_append(&text, "", 1);
    compare_thing(d, text.at, x, y);
    buffer_fini(&text);
  }
  for (const cJSON *y = b ? b->child : NULL; y; y = y->next) {
    if (find(a, key, name_of(y, key))) continue;
    buffer_printf(&text, "%s %s is new", kind, name_of(y, key));
    change(d, &text);
  }
  if (!is_reordered(key, a, b)) return;
  buffer_printf(&text, "%s: the order is another", kind);
  change(d, &text);
}

int diff_append(struct buffer *out, cJSON *before, cJSON *after, bool json) {
  static const char *const own[] = {"name",   "effective_from", "teams",        "replaces",
                                    "events", "lateness",       "review_every", "deduplicate"};
  static const char *const lists[] = {"stages",    "stage",    "name", "criteria",   "criterion", "name",
                                      "scores",    "score",    "name", "moves",      "move",      "name",
                                      "slas",      "SLA",      "name", "routes",     "route",     "queue",
                                      "calendars", "calendar", "name", "attributes", "attribute", "name"};
  struct diff d = {.out = out, .json = json};
  diff_normalise(before);
  diff_normalise(after);
  for (size_t i = 0; i < sizeof own / sizeof *own; i++)
    compare_member(&d, "agreement", own[i], phrase_member(before, own[i]), phrase_member(after, own[i]));
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i += 3)
    compare_list(&d, lists[i + 1], lists[i + 2], phrase_member(before, lists[i]), phrase_member(after, lists[i]));
  return d.count;
}
