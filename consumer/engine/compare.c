/* compare.c: the OP of conditions and of `where`, and event patterns. Text compares without regard to ASCII case. */
#include "view.h"

static unsigned char folded(char c) {
  unsigned char b = (unsigned char)c;
  return b >= 'A' && b <= 'Z' ? (unsigned char)(b + ('a' - 'A')) : b;
}

static bool text_equal(struct slice a, struct slice b) {
  if (a.length != b.length) return false;
  for (uint32_t i = 0; i < a.length; i++)
    if (folded(a.at[i]) != folded(b.at[i])) return false;
  return true;
}

/* `*` is any run of bytes. Goes back to the last star only: linear in practice, never more than text × glob. */
static bool text_like(struct slice text, struct slice glob) {
  uint32_t t = 0, g = 0, star = UINT32_MAX, resume = 0;
  while (t < text.length) {
    if (g < glob.length && glob.at[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.length && folded(glob.at[g]) == folded(text.at[t])) {
      g++;
      t++;
    } else if (star != UINT32_MAX) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.length && glob.at[g] == '*') g++;
  return g == glob.length;
}

/* What is compared: one of a text, a number and a boolean; `numeric` also where a text may count as a number. */
struct operand_value {
  bool is_text, is_number, is_boolean, numeric;
  struct slice text;
  double number;
  bool boolean;
};

static bool equals(const struct operand_value *value, const struct operand *operand) {
  switch (operand->kind) {
    case OPERAND_TEXT: return value->is_text && text_equal(value->text, operand->text);
    case OPERAND_NUMBER:
      return value->is_number && !(value->number < operand->number) && !(value->number > operand->number);
    case OPERAND_BOOLEAN: break;
  }
  return value->is_boolean && value->boolean == operand->boolean;
}

static bool equals_one(const struct operand_value *value, const struct comparison *c) {
  for (int32_t i = 0; i < c->operand_count; i++)
    if (equals(value, &c->operands[i])) return true;
  return false;
}

static bool like_one(const struct operand_value *value, const struct comparison *c) {
  for (int32_t i = 0; value->is_text && i < c->operand_count; i++)
    if (text_like(value->text, c->operands[i].text)) return true;
  return false;
}

/* Of a value that is there. */
static bool compares(const struct operand_value *value, const struct comparison *c) {
  const struct operand *operand = &c->operands[0];
  switch (c->op) {
    case OP_IS:
    case OP_IN: return equals_one(value, c);
    case OP_LIKE: return like_one(value, c);
    case OP_AT_LEAST: return value->numeric && value->number >= operand->number;
    case OP_AT_MOST: return value->numeric && value->number <= operand->number;
    case OP_ABOVE: return value->numeric && value->number > operand->number;
    case OP_BELOW: return value->numeric && value->number < operand->number;
    case OP_PRESENT: break;
  }
  return operand->boolean;
}

static bool compares_absent(const struct comparison *c) { return c->op == OP_PRESENT && !c->operands[0].boolean; }

bool attribute_compares(const struct view *view, int32_t index, const struct comparison *comparison) {
  const void *cell = lead_find(view->lead, view->definition->plan->known[index]);
  if (!cell) return compares_absent(comparison);
  struct operand_value value = {0};
  switch (view->definition->attributes[index].type) {
    case ATTRIBUTE_TEXT:
      value.is_text = true;
      value.text = list_text(view->lead, cell);
      break;
    case ATTRIBUTE_NUMBER:
      value.is_number = value.numeric = true;
      memcpy(&value.number, cell, sizeof value.number);
      break;
    case ATTRIBUTE_BOOLEAN:
      value.is_boolean = true;
      value.boolean = *(const int64_t *)cell;
      break;
  }
  return compares(&value, comparison);
}

bool where_holds(const struct where *where, const struct event *event) {
  const struct value *found = &event->values[where->field];
  if (found->kind == VALUE_ABSENT || found->kind == VALUE_NULL) return compares_absent(&where->compare);
  struct operand_value value = {
      .is_text = found->kind == VALUE_STRING,
      .is_number = found->kind == VALUE_NUMBER && found->numeric,
      .is_boolean = found->kind == VALUE_TRUE || found->kind == VALUE_FALSE,
      .numeric = found->numeric,
      .text = found->text,
      .number = found->number,
      .boolean = found->kind == VALUE_TRUE,
  };
  return compares(&value, &where->compare);
}

static bool name_matches(const struct pattern *pattern, int32_t name) {
  for (int32_t i = 0; i < pattern->name_count; i++)
    if (pattern->names[i] == name) return true;
  return pattern->every_name;
}

bool pattern_matches(const struct pattern *pattern, const struct event *event) {
  return name_matches(pattern, event->name_index) && pattern_wheres_hold(pattern, event);
}
