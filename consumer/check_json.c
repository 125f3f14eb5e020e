/* check_json.c: what `handover check` found out, as JSON. */
#include <inttypes.h>

#include "../producer/encode.h"
#include "check.h"

static void append_problems(struct buffer *out, const struct problems *problems) {
  buffer_append_text(out, ",\"problems\":[");
  for (size_t i = 0; i < problems->count; i++) {
    const struct problem *p = &problems->at[i];
    buffer_append_text(out, i ? ",{\"pointer\":" : "{\"pointer\":");
    json_append_string(out, slice_of(p->pointer));
    buffer_printf(out, ",\"line\":%d,\"column\":%d,\"message\":", p->line, p->column);
    json_append_string(out, slice_of(p->message));
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, "]");
}

static void append_advices(struct buffer *out, const struct advices *advices) {
  buffer_append_text(out, ",\"advice\":[");
  for (size_t i = 0; i < advices->count; i++) {
    const struct advice *advice = &advices->at[i];
    buffer_append_text(out, i ? ",{\"pointer\":" : "{\"pointer\":");
    json_append_string(out, slice_of(advice->pointer));
    buffer_printf(out, ",\"line\":%d,\"column\":%d,\"why\":", advice->line, advice->column);
    json_append_string(out, slice_of(advice->why));
    buffer_append_text(out, ",\"remedy\":");
    json_append_string(out, slice_of(advice->remedy));
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, "]");
}

static void append_differences(struct buffer *out, const struct answer *answer) {
  buffer_append_text(out, ",\"against\":[");
  for (size_t i = 0; i < answer->difference_count; i++) {
    buffer_printf(out, "%s{\"breaks\":%s,\"why\":", i ? "," : "", answer->differences[i].breaks ? "true" : "false");
    json_append_string(out, slice_of(answer->differences[i].why));
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, "]}");
}

static void append_answer(struct buffer *out, const struct answer *answer) {
  const struct definition *d = answer->definition;
  buffer_append_text(out, "{\"file\":");
  json_append_string(out, slice_of(answer->file));
  buffer_printf(out, ",\"good\":%s", d ? "true" : "false");
  if (d) {
    buffer_append_text(out, ",\"name\":");
    json_append_string(out, d->name);
    buffer_printf(out, ",\"version\":%" PRIu32 ",\"effective_from\":\"", d->version);
    time_append(out, d->effective_from_ms);
    buffer_append_text(out, "\",\"digest\":");
    json_append_string(out, d->digest);
    buffer_append_text(out, d->agreed ? ",\"agreed\":true" : ",\"agreed\":false");
  }
  append_problems(out, &answer->problems);
  append_advices(out, &answer->advices);
  append_differences(out, answer);
}

void check_append_json(struct buffer *out, const struct check *check) {
  buffer_printf(out, "{\"good\":%s,\"definitions\":[", check->good ? "true" : "false");
  for (int i = 0; i < check->count; i++) {
    if (i) buffer_append_text(out, ",");
    append_answer(out, &check->answers[i]);
  }
  buffer_append_text(out, "],\"misfit\":");
  if (*check->misfit) json_append_string(out, slice_of(check->misfit));
  else buffer_append_text(out, "null");
  buffer_append_text(out, "}\n");
}
