/* template.c: line by line; a line is there where every %if around it holds. */
#include "template.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

enum { DEPTH_MOST = 8 };

struct values {
  const struct template_value *at;
  int count;
};

/* A name that nobody gave a value is a bug. */
static const char *value_of(const struct values *values, const char *name, size_t length) {
  int i = 0;
  while (i < values->count && (strlen(values->at[i].name) != length || memcmp(values->at[i].name, name, length) != 0))
    i++;
  assert(i < values->count);
  return values->at[i].text;
}

static bool holds(const struct values *values, const char *name, size_t length) {
  bool negated = *name == '!';
  return (value_of(values, name + negated, length - negated) != NULL) != negated;
}

static void append_line(struct buffer *out, const struct values *values, const char *line, const char *end) {
  while (line < end) {
    const char *gap = line;
    while (gap < end && !(gap + 1 < end && gap[0] == '%' && gap[1] == '{')) gap++;
    buffer_append(out, line, (size_t)(gap - line));
    if (gap == end) return;
    const char *close = memchr(gap, '}', (size_t)(end - gap));
    assert(close);
    const char *text = value_of(values, gap + 2, (size_t)(close - gap - 2));
    assert(text);
    buffer_append_text(out, text);
    line = close + 1;
  }
}

static bool begins(const char *line, const char *end, const char *with) {
  size_t length = strlen(with);
  return (size_t)(end - line) >= length && memcmp(line, with, length) == 0;
}

void template_render(struct buffer *out, const char *text, size_t length, const struct template_value *values,
                     int count) {
  const struct values all = {values, count};
  const char *end = text + length;
  bool shown[DEPTH_MOST + 1] = {true};
  int depth = 0;
  while (text < end) {
    const char *line_end = memchr(text, '\n', (size_t)(end - text));
    assert(line_end);
    if (begins(text, line_end, "%if ")) {
      assert(depth < DEPTH_MOST);
      bool is = shown[depth] && holds(&all, text + 4, (size_t)(line_end - text - 4));
      shown[++depth] = is;
    } else if (begins(text, line_end, "%end")) {
      assert(depth > 0);
      depth--;
    } else if (shown[depth]) {
      append_line(out, &all, text, line_end + 1);
    }
    text = line_end + 1;
  }
  assert(depth == 0);
}
