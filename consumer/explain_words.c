/* explain_words.c: one phrase for each form. */
#include "explain_words.h"

void explain_name(struct buffer *words, struct slice name) { buffer_append(words, name.at, name.length); }

void explain_duration(struct buffer *words, int64_t duration_ms) {
  static const struct {
    int64_t ms;
    const char *name;
  } units[] = {{86400000, "day"}, {3600000, "hour"}, {60000, "minute"}, {1000, "second"}};
  bool first = true;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
    int64_t count = duration_ms / units[i].ms;
    duration_ms %= units[i].ms;
    if (count == 0 && !(first && i == 3)) continue;
    buffer_printf(words, "%s%lld %s%s", first ? "" : " ", (long long)count, units[i].name, count == 1 ? "" : "s");
    first = false;
  }
}

static void operand(struct buffer *words, const struct operand *operand) {
  if (operand->kind == OPERAND_NUMBER) {
    json_append_double(words, operand->number);
  } else if (operand->kind == OPERAND_BOOLEAN) {
    buffer_append_text(words, operand->boolean ? "true" : "false");
  } else {
    buffer_append_text(words, "“");
    explain_name(words, operand->text);
    buffer_append_text(words, "”");
  }
}

void explain_comparison(struct buffer *words, const struct comparison *compare) {
  static const char *const before[] = {[OP_IS] = "",
                                       [OP_IN] = "",
                                       [OP_LIKE] = "like ",
                                       [OP_AT_LEAST] = "at least ",
                                       [OP_AT_MOST] = "at most ",
                                       [OP_ABOVE] = "above ",
                                       [OP_BELOW] = "below "};
  if (compare->op == OP_PRESENT) {
    buffer_append_text(words, compare->operands[0].boolean ? "known" : "unknown");
    return;
  }
  buffer_append_text(words, before[compare->op]);
  for (int32_t i = 0; i < compare->operand_count; i++) {
    if (i > 0) buffer_append_text(words, i + 1 < compare->operand_count ? ", " : " or ");
    operand(words, &compare->operands[i]);
  }
}

/* The JSON Pointer. */
static void field(struct buffer *words, const struct field *field) {
  for (int32_t i = 0; i < field->token_count; i++) {
    buffer_append_text(words, "/");
    for (uint32_t j = 0; j < field->tokens[i].length; j++) {
      char c = field->tokens[i].at[j];
      if (c == '~' || c == '/') buffer_append_text(words, c == '~' ? "~0" : "~1");
      else buffer_append(words, &c, 1);
    }
  }
}

void explain_pattern(struct buffer *words, const struct definition *definition, int32_t index) {
  const struct pattern *pattern = &definition->patterns[index];
  if (pattern->every_name) buffer_append_text(words, "any event");
  for (int32_t i = 0; i < pattern->name_count; i++) {
    if (i > 0) buffer_append_text(words, i + 1 < pattern->name_count ? ", " : " or ");
    explain_name(words, definition->names[pattern->names[i]]);
  }
  for (int32_t i = 0; i < pattern->where_count; i++) {
    buffer_append_text(words, i == 0 ? " where " : " and ");
    field(words, &definition->fields[pattern->wheres[i].field]);
    buffer_append_text(words, " is ");
    explain_comparison(words, &pattern->wheres[i].compare);
  }
}
