/* metrics_text.c: line by line, from left to right. */
#include "metrics_text.h"

#include <math.h>

#include "decode.h"

struct reading {
  const char *at, *end;           /* of the line */
  char values[METRICS_TEXT_LINE]; /* the labels' values without escapes */
  uint32_t used;
  const char *why;
};

static bool refuse(struct reading *reading, const char *why) {
  reading->why = why;
  return false;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool take_byte(struct reading *reading, char wanted) {
  if (reading->at == reading->end || *reading->at != wanted) return false;
  reading->at++;
  return true;
}

static bool take_name(struct reading *reading, bool colon, struct slice *name) {
  const char *from = reading->at;
  while (reading->at < reading->end &&
         (is_letter(*reading->at) || (colon && *reading->at == ':') || (reading->at > from && is_digit(*reading->at))))
    reading->at++;
  *name = (struct slice){from, (uint32_t)(reading->at - from)};
  return name->length > 0 || refuse(reading, "a name is missing");
}

/* Behind the opening quote. What it comes to is never longer than how it is written. */
static bool take_value(struct reading *reading, struct slice *value) {
  uint32_t from = reading->used;
  while (reading->at < reading->end && *reading->at != '"') {
    char c = *reading->at++;
    if (c == '\\') {
      if (reading->at == reading->end || !strchr("\\\"n", *reading->at) || !*reading->at)
        return refuse(reading, "an escape that there is not");
      c = *reading->at++;
      if (c == 'n') c = '\n';
    }
    reading->values[reading->used++] = c;
  }
  *value = (struct slice){reading->values + from, reading->used - from};
  return take_byte(reading, '"') || refuse(reading, "a label's value does not end");
}

static bool take_labels(struct reading *reading, struct metrics_sample *sample) {
  if (!take_byte(reading, '{') || take_byte(reading, '}')) return true;
  do {
    if (sample->label_count == METRICS_TEXT_LABELS) return refuse(reading, "too many labels");
    struct metrics_label *label = &sample->labels[sample->label_count++];
    if (!take_name(reading, false, &label->name)) return false;
    if (!take_byte(reading, '=') || !take_byte(reading, '"')) return refuse(reading, "a label has no value");
    if (!take_value(reading, &label->value)) return false;
  } while (take_byte(reading, ','));
  return take_byte(reading, '}') || refuse(reading, "the labels do not end");
}

static bool take_number(struct reading *reading, double *number) {
  struct slice text = {reading->at, 0};
  while (reading->at < reading->end && *reading->at != ' ') reading->at++;
  text.length = (uint32_t)(reading->at - text.at);
  if (slice_equal(text, SLICE("NaN"))) *number = NAN;
  else if (slice_equal(text, SLICE("+Inf"))) *number = INFINITY;
  else if (slice_equal(text, SLICE("-Inf"))) *number = -INFINITY;
  else if (!json_number(text, number)) return refuse(reading, "the value is no number");
  return true;
}

static bool take_timestamp(struct reading *reading) {
  if (!take_byte(reading, ' ')) return true;
  double unused;
  return take_number(reading, &unused);
}

static bool take_sample(struct reading *reading, struct metrics_sample *sample) {
  *sample = (struct metrics_sample){.label_count = 0};
  reading->used = 0;
  if (!take_name(reading, true, &sample->name) || !take_labels(reading, sample)) return false;
  if (!take_byte(reading, ' ')) return refuse(reading, "a blank and a value are missing");
  if (!take_number(reading, &sample->value) || !take_timestamp(reading)) return false;
  return reading->at == reading->end || refuse(reading, "something stands behind the value");
}

bool metrics_text_read(struct slice text, metrics_text_take *take, void *context, int32_t *line, const char **why) {
  struct reading reading = {.why = NULL};
  struct metrics_sample sample;
  const char *at = text.at, *end = text.length ? text.at + text.length : text.at;
  for (*line = 1; at < end; ++*line) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    *why = !stop ? "the last line does not end" : stop - at >= METRICS_TEXT_LINE ? "the line is too long" : NULL;
    if (*why) return false;
    reading.at = at;
    reading.end = stop;
    bool comment = at == stop || *at == '#';
    if (!comment && !take_sample(&reading, &sample)) {
      *why = reading.why;
      return false;
    }
    if (!comment) take(context, &sample);
    at = stop + 1;
  }
  return true;
}

struct slice metrics_label(const struct metrics_sample *sample, const char *name) {
  for (int32_t i = 0; i < sample->label_count; i++)
    if (slice_equal(sample->labels[i].name, slice_of(name))) return sample->labels[i].value;
  return (struct slice){NULL, 0};
}
