/* diff.c: gathers the changes, counts them, and prints them as text or JSON. */
#include "diff.h"

#include <inttypes.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "../producer/encode.h"
#include "diff_find.h"
#include "page.h"

static const struct {
  const char *name, *title;
} sections[] = {
    [DIFF_AGREEMENT] = {"agreement", "The agreement itself"},
    [DIFF_STAGES] = {"stages", "Stages"},
    [DIFF_CRITERIA] = {"criteria", "Criteria"},
    [DIFF_SCORES] = {"scores", "Scores"},
    [DIFF_MOVES] = {"moves", "Moves"},
    [DIFF_SLAS] = {"slas", "SLAs"},
    [DIFF_ROUTES] = {"routes", "Routes"},
    [DIFF_CALENDARS] = {"calendars", "Working hours"},
    [DIFF_ATTRIBUTES] = {"attributes", "Attributes"},
    [DIFF_EVENTS] = {"events", "Events and time"},
    [DIFF_TAKEOVER] = {"takeover", "When it takes over"},
    [DIFF_WORDS] = {"words", "Words alone, which decide nothing"},
};

/* --- gathering --- */

void diff_note(struct differ *d, enum diff_section section, struct buffer *sentence, const struct cause *causes,
               size_t count) {
  struct diff *diff = d->diff;
  struct diff_change change = {.section = section};
  buffer_append(sentence, "", 1);
  change.sentence = sentence->at; /* diff_fini frees it */
  *sentence = (struct buffer){0};
  diff_effect(d, &change, causes, count);
  diff->at = memory_grown(diff->at, (diff->count + 1) * sizeof *diff->at);
  diff->at[diff->count++] = change;
  diff->counts[section]++;
}

void place_begin(const struct place *place, struct buffer *text) { buffer_printf(text, "%s: ", place->label); }

void place_note(struct differ *d, const struct place *place, enum direction direction, struct buffer *text) {
  struct cause causes[2];
  memcpy(causes, place->causes, sizeof causes);
  for (size_t i = 0; i < 2; i++) {
    if (direction == LESS) causes[i].direction = direction_flipped(causes[i].direction);
    else if (direction != MORE) causes[i].direction = direction;
  }
  diff_note(d, place->section, text, causes, 2);
}

const char *thing_name(const cJSON *thing, const char *key) {
  if (thing->string) return thing->string;
  return cJSON_IsString(thing) ? thing->valuestring : phrase_text(thing, key);
}

const cJSON *thing_find(const cJSON *list, const char *key, const char *name) {
  for
    EACH(thing, list) if (strcmp(thing_name(thing, key), name) == 0) return thing;
  return NULL;
}

bool things_ordered(const char *key, const cJSON *a, const cJSON *b) {
  const cJSON *y = b ? b->child : NULL;
  for
    EACH(x, a) {
      if (!thing_find(b, key, thing_name(x, key))) continue;
      while (y && !thing_find(a, key, thing_name(y, key))) y = y->next;
      if (!y || strcmp(thing_name(x, key), thing_name(y, key)) != 0) return false;
      y = y->next;
    }
  return true;
}

void diff_description(struct differ *d, const char *label, const cJSON *a, const cJSON *b) {
  struct buffer text = {0};
  const char *old = cJSON_IsObject(a) ? phrase_text(a, "description") : "";
  const char *new = cJSON_IsObject(b) ? phrase_text(b, "description") : "";
  if (strcmp(old, new) == 0) return;
  if (*new) buffer_printf(&text, "%s: the description is “%s” now", label, new);
  else buffer_printf(&text, "%s: the description is gone", label);
  diff_note(d, DIFF_WORDS, &text, NULL, 0);
}

/* All descriptions, wherever they stand. */
static void append_descriptions(struct buffer *text, const cJSON *node) {
  for
    EACH(child, node) {
      if (child->string && strcmp(child->string, "description") == 0 && cJSON_IsString(child))
        buffer_printf(text, "%s\n", child->valuestring);
      append_descriptions(text, child);
    }
}

/* Those that no thing has of its own: event patterns within conditions may have one. */
static void diff_descriptions(struct differ *d) {
  struct buffer a = {0}, b = {0}, text = {0};
  append_descriptions(&a, d->before->root);
  append_descriptions(&b, d->after->root);
  if (!same_bytes(&a, &b)) {
    buffer_append_text(&text, "the description of events within a condition is another");
    diff_note(d, DIFF_WORDS, &text, NULL, 0);
  }
  buffer_fini(&a);
  buffer_fini(&b);
}

int diff_find(struct diff *diff, const struct diff_side *before, const struct diff_side *after) {
  struct differ d = {.before = before, .after = after, .diff = diff};
  int changes = 0;
  diff_agreement(&d);
  diff_stages(&d);
  diff_criteria(&d);
  diff_scores(&d);
  diff_moves(&d);
  diff_slas(&d);
  diff_routes(&d);
  diff_calendars(&d);
  diff_attributes(&d);
  diff_events(&d);
  diff_takeover(&d);
  if (!d.diff->count) diff_descriptions(&d);
  for (int i = 0; i < DIFF_MEANINGS; i++) changes += diff->counts[i];
  return changes;
}

void diff_fini(struct diff *diff) {
  for (size_t i = 0; i < diff->count; i++) {
    memory_free(diff->at[i].sentence);
    memory_free(diff->at[i].outcome);
  }
  memory_free(diff->at);
  *diff = (struct diff){0};
}

/* --- sums --- */

struct sums {
  int changes, tighter, looser;
  uint32_t stages;
};

static struct sums sums_of(const struct diff *diff) {
  struct sums sums = {0};
  for (size_t i = 0; i < diff->count; i++) {
    const struct diff_change *change = &diff->at[i];
    sums.changes += change->section < DIFF_MEANINGS;
    sums.tighter += change->effect == DIFF_TIGHTER;
    sums.looser += change->effect == DIFF_LOOSER;
    sums.stages |= change->stages;
  }
  return sums;
}

/* --- text --- */

static void append_side(struct buffer *out, const struct definition *d) {
  buffer_printf(out, "  version %-8" PRIu32 " ", d->version);
  buffer_append(out, d->digest.at, d->digest.length);
  buffer_append_text(out, "\n");
}

static void append_sums(struct buffer *out, const struct diff *diff, const struct definition *after) {
  struct sums sums = sums_of(diff);
  const char *between = ": ";
  if (!sums.changes) {
    buffer_append_text(out, "nothing changed in meaning\n");
    return;
  }
  buffer_printf(out, "%d change%s in meaning", sums.changes, sums.changes == 1 ? "" : "s");
  for (int i = 0; i < DIFF_MEANINGS; i++) {
    if (!diff->counts[i]) continue;
    buffer_printf(out, "%s%s %d", between, sections[i].name, diff->counts[i]);
    between = ", ";
  }
  if (sums.tighter) buffer_printf(out, "; %d tighter", sums.tighter);
  if (sums.looser) buffer_printf(out, "%s %d looser", sums.tighter ? "," : ";", sums.looser);
  between = "; touched: ";
  for (int32_t i = 0; i < after->stage_count; i++) {
    if (!(sums.stages >> i & 1)) continue;
    struct buffer name = {0};
    buffer_append_text(out, between);
    buffer_append(&name, after->stages[i].name.at, after->stages[i].name.length);
    buffer_append(&name, "", 1);
    page_plain(out, name.at);
    buffer_fini(&name);
    between = ", ";
  }
  buffer_append_text(out, "\n");
}

static const char *const effects[] = {
    [DIFF_OPEN] = "", [DIFF_TIGHTER] = "tighter", [DIFF_LOOSER] = "looser", [DIFF_MIXED] = "both"};

static void append_change(struct buffer *out, const struct diff_change *change) {
  buffer_append_text(out, "  ");
  page_plain(out, change->sentence);
  if (*change->outcome) {
    bool told = change->effect == DIFF_TIGHTER || change->effect == DIFF_LOOSER;
    buffer_printf(out, "\n      %s%s", told ? effects[change->effect] : "", told ? ": " : "");
    page_plain(out, change->outcome);
  }
  buffer_append_text(out, "\n");
}

void diff_append_text(struct buffer *out, const struct diff *diff, const struct diff_side *before,
                      const struct diff_side *after) {
  buffer_append(out, before->definition->name.at, before->definition->name.length);
  buffer_append_text(out, "\n");
  append_side(out, before->definition);
  append_side(out, after->definition);
  if (after->definition->version <= before->definition->version &&
      !slice_equal(before->definition->digest, after->definition->digest))
    buffer_printf(out, "  the second cannot follow the first: its version has to be above %" PRIu32 "\n",
                  before->definition->version);
  append_sums(out, diff, after->definition);
  for (enum diff_section section = 0; section < DIFF_SECTIONS; section++) {
    if (!diff->counts[section]) continue;
    buffer_printf(out, "\n%s\n", sections[section].title);
    for (size_t i = 0; i < diff->count; i++)
      if (diff->at[i].section == section) append_change(out, &diff->at[i]);
  }
}

/* --- JSON --- */

static void append_json_side(struct buffer *out, const struct definition *d) {
  buffer_append_text(out, "{\"name\":");
  json_append_string(out, d->name);
  buffer_printf(out, ",\"version\":%" PRIu32 ",\"digest\":", d->version);
  json_append_string(out, d->digest);
  buffer_append_text(out, "}");
}

static void append_json_stages(struct buffer *out, uint32_t stages, const struct definition *d) {
  bool some = false;
  buffer_append_text(out, "[");
  for (int32_t i = 0; i < d->stage_count; i++) {
    if (!(stages >> i & 1)) continue;
    buffer_append_text(out, some ? "," : "");
    json_append_string(out, d->stages[i].name);
    some = true;
  }
  buffer_append_text(out, "]");
}

static void append_json_change(struct buffer *out, const struct diff_change *change, const struct definition *after) {
  buffer_printf(out, "{\"section\":\"%s\",\"sentence\":", sections[change->section].name);
  json_append_string(out, slice_of(change->sentence));
  buffer_append_text(out, ",\"effect\":");
  if (*effects[change->effect]) json_append_string(out, slice_of(effects[change->effect]));
  else buffer_append_text(out, "null");
  buffer_append_text(out, ",\"outcome\":");
  json_append_string(out, slice_of(change->outcome));
  buffer_append_text(out, ",\"stages\":");
  append_json_stages(out, change->stages, after);
  buffer_append_text(out, "}");
}

static void append_json_texts(struct buffer *out, const struct diff *diff, enum diff_section section) {
  bool some = false;
  buffer_printf(out, ",\"%s\":[", sections[section].name);
  for (size_t i = 0; i < diff->count; i++) {
    if (diff->at[i].section != section) continue;
    buffer_append_text(out, some ? "," : "");
    json_append_string(out, slice_of(diff->at[i].sentence));
    some = true;
  }
  buffer_append_text(out, "]");
}

void diff_append_json(struct buffer *out, const struct diff *diff, const struct diff_side *before,
                      const struct diff_side *after) {
  struct sums sums = sums_of(diff);
  bool some = false;
  buffer_append_text(out, "{\"before\":");
  append_json_side(out, before->definition);
  buffer_append_text(out, ",\"after\":");
  append_json_side(out, after->definition);
  buffer_printf(out, ",\"same\":%s,\"tighter\":%d,\"looser\":%d,\"stages\":", sums.changes ? "false" : "true",
                sums.tighter, sums.looser);
  append_json_stages(out, sums.stages, after->definition);
  buffer_append_text(out, ",\"changes\":[");
  for (size_t i = 0; i < diff->count; i++) {
    if (diff->at[i].section >= DIFF_MEANINGS) continue;
    buffer_append_text(out, some ? "," : "");
    append_json_change(out, &diff->at[i], after->definition);
    some = true;
  }
  buffer_append_text(out, "]");
  append_json_texts(out, diff, DIFF_TAKEOVER);
  append_json_texts(out, diff, DIFF_WORDS);
  buffer_append_text(out, "}\n");
}
