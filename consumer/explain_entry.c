/* explain_entry.c: one function a kind of entry. */
#include "explain_entry.h"

enum { SHOWN = NANOPOINT / 1000 };

static void put(struct buffer *out, const char *text) { buffer_append_text(out, text); }

void explain_entries_fini(struct explain_entries *entries) {
  buffer_fini(&entries->out);
  buffer_fini(&entries->counted);
}

/* --- parts --- */

void explain_append_time(struct buffer *out, const char *name, int64_t time_ms) {
  buffer_printf(out, ",\"%s\":\"", name);
  time_append(out, time_ms);
  put(out, "\"");
}

void explain_append_scores(struct buffer *out, const struct definition *d, const int64_t *scores) {
  put(out, "{");
  for (int32_t i = 0; i < d->score_count; i++) {
    if (i > 0) put(out, ",");
    json_append_string(out, d->scores[i].name);
    put(out, ":");
    json_append_points(out, scores[i]);
  }
  put(out, "}");
}

void explain_append_value(struct buffer *out, const struct definition *d, const struct shared_attribute *value) {
  switch (d->attributes[value->attribute].type) {
    case ATTRIBUTE_TEXT: json_append_string(out, value->text); break;
    case ATTRIBUTE_NUMBER: json_append_double(out, value->number); break;
    case ATTRIBUTE_BOOLEAN: put(out, value->boolean ? "true" : "false"); break;
  }
}

static void begin(struct explain_entries *entries, const char *kind, const struct definition *d) {
  if (entries->out.length > 0) put(&entries->out, ",");
  buffer_printf(&entries->out, "{\"kind\":\"%s\",\"version\":%u", kind, d->version);
}

/* What the scores have lost, or got back, since the entry before, by time alone. */
static void append_faded(struct explain_entries *entries, const struct trace *trace) {
  const struct definition *d = trace->definition;
  struct buffer *out = &entries->out;
  bool first = true;
  put(out, ",\"faded\":{");
  for (int32_t i = 0; entries->definition == d && i < d->score_count; i++) {
    int64_t apart = trace->scores[i] - entries->scores[i];
    if (apart < SHOWN && apart > -SHOWN) continue;
    if (!first) put(out, ",");
    first = false;
    json_append_string(out, d->scores[i].name);
    put(out, ":");
    json_append_points(out, apart);
  }
  put(out, "}");
}

static void end_with_scores(struct explain_entries *entries, const struct trace *trace) {
  put(&entries->out, ",\"scores\":");
  explain_append_scores(&entries->out, trace->definition, trace->scores);
  put(&entries->out, "}");
  entries->definition = trace->definition;
  memcpy(entries->scores, trace->scores, (size_t)trace->definition->score_count * sizeof *entries->scores);
}

static void append_count(struct buffer *out, const struct definition *d, const struct trace_count *count) {
  static const char *const names[] = {"at_most", "cap", "late", "keep", "limit"};
  bool first = true;
  if (out->length > 0 && out->at[out->length - 1] == '}') put(out, ",");
  put(out, "{\"score\":");
  json_append_string(out, d->scores[count->score].name);
  put(out, ",\"rule\":");
  json_append_string(out, d->scores[count->score].rules[count->rule].name);
  put(out, ",\"points\":");
  json_append_points(out, count->points);
  put(out, ",\"added\":");
  json_append_points(out, count->added);
  put(out, ",\"less\":[");
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
    if (!(count->less >> i & 1)) continue;
    buffer_printf(out, "%s\"%s\"", first ? "" : ",", names[i]);
    first = false;
  }
  put(out, "]}");
}

/* --- events --- */

static void append_position(struct buffer *out, const struct trace *trace) {
  put(out, ",\"topic\":");
  json_append_string(out, trace->position.topic);
  put(out, ",\"partition\":");
  json_append_integer(out, trace->position.partition);
  if (trace->clock_mark) return;
  put(out, ",\"offset\":");
  json_append_integer(out, trace->position.offset);
}

static void tell_event(struct explain_entries *entries, const struct trace *trace) {
  struct buffer *out = &entries->out;
  begin(entries, "event", trace->definition);
  explain_append_time(out, "time", trace->event->time_ms);
  explain_append_time(out, "now", trace->now_ms);
  append_position(out, trace);
  put(out, ",\"name\":");
  json_append_string(out, trace->event->name);
  put(out, ",\"id\":");
  if (trace->event->id.at) json_append_string(out, trace->event->id);
  else put(out, "null");
  put(out, trace->duplicate ? ",\"duplicate\":true" : ",\"duplicate\":false");
  append_faded(entries, trace);
  entries->counted.length = 0;
  entries->in_event = !trace->duplicate;
  if (trace->duplicate) end_with_scores(entries, trace);
}

/* Those that are shared with their value, the others by name alone. */
static void append_attributes(struct buffer *out, const struct trace *trace) {
  const struct definition *d = trace->definition;
  bool first = true;
  put(out, ",\"attributes\":[");
  for (int32_t i = 0, shared = 0; i < d->attribute_count; i++) {
    while (shared < trace->shared_count && trace->shared[shared].attribute < i) shared++;
    if (!(trace->changed >> i & 1)) continue;
    put(out, first ? "{\"name\":" : ",{\"name\":");
    first = false;
    json_append_string(out, d->attributes[i].name);
    put(out, trace->known >> i & 1 ? ",\"known\":true" : ",\"known\":false");
    if (shared < trace->shared_count && trace->shared[shared].attribute == i) {
      put(out, ",\"value\":");
      explain_append_value(out, d, &trace->shared[shared]);
    }
    put(out, "}");
  }
  put(out, "]");
}

static void tell_taken(struct explain_entries *entries, const struct trace *trace) {
  struct buffer *out = &entries->out;
  bool first = true;
  append_attributes(out, trace);
  for (int32_t i = 0; i < trace->rule_count; i++) append_count(&entries->counted, trace->definition, &trace->rules[i]);
  put(out, ",\"counted\":[");
  buffer_append(out, entries->counted.at, entries->counted.length);
  put(out, "],\"met\":[");
  for (int32_t i = 0; i < trace->definition->sla_count; i++) {
    if (!(trace->met >> i & 1)) continue;
    if (!first) put(out, ",");
    first = false;
    json_append_string(out, trace->definition->slas[i].name);
  }
  put(out, "]");
  entries->in_event = false;
  end_with_scores(entries, trace);
}

/* --- what else there is --- */

static void tell_quiet(struct explain_entries *entries, const struct trace *trace) {
  begin(entries, "quiet", trace->definition);
  explain_append_time(&entries->out, "time", trace->count.time_ms);
  explain_append_time(&entries->out, "now", trace->now_ms);
  put(&entries->out, ",\"counted\":[");
  append_count(&entries->out, trace->definition, &trace->count);
  put(&entries->out, "]");
  end_with_scores(entries, trace);
}

static void tell_reset(struct explain_entries *entries, const struct trace *trace) {
  begin(entries, "reset", trace->definition);
  explain_append_time(&entries->out, "time", trace->now_ms);
  put(&entries->out, ",\"score\":");
  json_append_string(&entries->out, trace->definition->scores[trace->count.score].name);
  put(&entries->out, ",\"added\":");
  json_append_points(&entries->out, trace->count.added);
  end_with_scores(entries, trace);
}

static void tell_version(struct explain_entries *entries, const struct trace *trace) {
  begin(entries, "version", trace->definition);
  explain_append_time(&entries->out, "time", trace->definition->effective_from_ms);
  put(&entries->out, ",\"digest\":");
  json_append_string(&entries->out, trace->definition->digest);
  end_with_scores(entries, trace);
}

void explain_entry_trace(struct explain_entries *entries, const struct trace *trace) {
  if (entries->changes_only) return;
  switch (trace->kind) {
    case TRACE_VERSION: tell_version(entries, trace); break;
    case TRACE_EVENT: tell_event(entries, trace); break;
    case TRACE_TAKEN: tell_taken(entries, trace); break;
    case TRACE_RESET: tell_reset(entries, trace); break;
    case TRACE_COUNT:
      if (entries->in_event) append_count(&entries->counted, trace->definition, &trace->count);
      else tell_quiet(entries, trace);
      break;
  }
}

void explain_entry_change(struct explain_entries *entries, const struct change *change) {
  begin(entries, change->type == CHANGE_STAGE ? "stage" : "breach", change->definition);
  put(&entries->out, ",\"published\":");
  change_encode(&entries->out, change);
  put(&entries->out, "}");
  if (entries->changes_only) return;
  entries->definition = change->definition;
  memcpy(entries->scores, change->scores, (size_t)change->definition->score_count * sizeof *entries->scores);
}
