/* value.c: docs/definition.md, attributes. */
#include "value.h"

static struct slice cut(struct slice text) {
  if (text.length <= LIMIT_TEXT) return text;
  uint32_t end = LIMIT_TEXT;
  while (end > 0 && ((unsigned char)text.at[end] & 0xc0) == 0x80) end--;
  return (struct slice){text.at, end};
}

bool value_text(const struct value *value, struct slice *text) {
  bool fits = value->kind == VALUE_STRING || value->kind == VALUE_TRUE || value->kind == VALUE_FALSE ||
              (value->kind == VALUE_NUMBER && value->numeric);
  if (fits) *text = cut(value->text);
  return fits;
}

static bool value_boolean(const struct value *value, bool *boolean) {
  *boolean = value->kind == VALUE_TRUE || (value->kind == VALUE_STRING && slice_equal(value->text, SLICE("true")));
  return *boolean || value->kind == VALUE_FALSE ||
         (value->kind == VALUE_STRING && slice_equal(value->text, SLICE("false")));
}

static bool take_number(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t slot,
                        const struct value *value) {
  if (!value->numeric) return false;
  memcpy(lead_make(pool, plan, lead, slot), &value->number, sizeof value->number);
  return true;
}

static bool take_boolean(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t slot,
                         const struct value *value) {
  bool boolean;
  if (!value_boolean(value, &boolean)) return false;
  *lead_make(pool, plan, lead, slot) = boolean;
  return true;
}

static bool take_text(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list,
                      const struct value *value) {
  struct slice text;
  if (!value_text(value, &text)) return false;
  lead_set_text(pool, plan, lead, list, text);
  return true;
}

static bool take(struct pool *pool, const struct definition *d, struct lead *lead, int32_t index,
                 const struct value *value) {
  int32_t place = d->plan->attribute[index];
  switch (d->attributes[index].type) {
    case ATTRIBUTE_NUMBER: return take_number(pool, d->plan, lead, place, value);
    case ATTRIBUTE_BOOLEAN: return take_boolean(pool, d->plan, lead, place, value);
    case ATTRIBUTE_TEXT: break;
  }
  return take_text(pool, d->plan, lead, place, value);
}

/* The value at the first pointer that is there, or NULL. */
static const struct value *first_there(const struct attribute *attribute, const struct event *event) {
  for (int32_t i = 0; i < attribute->field_count; i++)
    if (event->values[attribute->fields[i]].kind != VALUE_ABSENT) return &event->values[attribute->fields[i]];
  return NULL;
}

void attributes_changed(struct pool *pool, const struct definition *d, struct lead *lead) {
  lead->scores_cached = 0;
  *lead_make(pool, d->plan, lead, d->plan->judged) = 0;
  for (int32_t i = 0; i < d->score_count; i++)
    if (d->scores[i].kind == SCORE_ATTRIBUTES) lead_make(pool, d->plan, lead, d->plan->scores[i].cached);
}

uint32_t attributes_set(struct pool *pool, const struct definition *d, struct lead *lead, const struct event *event) {
  uint32_t ignored = 0;
  bool changed = false;
  for (int32_t i = 0; i < d->attribute_count; i++) {
    const struct value *value = first_there(&d->attributes[i], event);
    if (!value) continue;
    if (value->kind == VALUE_NULL) {
      lead_drop(lead, d->plan->known[i]);
    } else if (!take(pool, d, lead, i, value)) {
      ignored++;
      continue;
    }
    changed = true;
  }
  if (changed) attributes_changed(pool, d, lead);
  return ignored;
}
