/* encode.c: a change as one JSON object: a CloudEvent 1.0 in structured mode, its members in the order of docs/engine.md, What
 * is published.
 *
 *   envelope: specversion … datacontenttype | data of a stage change, or of a breach | definition
 *
 * Each function appends one member's value, or a run of members as they stand in the documents. Bytes published once are never
 * published otherwise: a change of this layout is a new `dataschema`. */
#include "encode.h"

#define PUT(buffer, literal) buffer_append((buffer), (literal), sizeof(literal) - 1)

/* --- small values --- */

/* `none`: null. */
static void append_text_or_null(struct buffer *buffer, struct slice text, bool none) {
  if (none) PUT(buffer, "null");
  else json_append_string(buffer, text);
}

static void append_time(struct buffer *buffer, int64_t time_ms) {
  PUT(buffer, "\"");
  time_append(buffer, time_ms);
  PUT(buffer, "\"");
}

static void append_comma(struct buffer *buffer, bool *first) {
  if (!*first) PUT(buffer, ",");
  *first = false;
}

/* --- where it comes from --- */

static void append_id_rest(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "/");
  json_append_integer(buffer, change->position.partition);
  PUT(buffer, "/");
  json_append_integer(buffer, change->position.offset);
  PUT(buffer, "/");
  json_append_integer(buffer, change->n);
}

void change_encode_id(struct buffer *buffer, const struct change *change) {
  buffer_append(buffer, change->position.topic.at, change->position.topic.length);
  append_id_rest(buffer, change);
}

/* A clock mark is no record: it has no offset. */
static void append_position(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "\"topic\":");
  json_append_string(buffer, change->position.topic);
  PUT(buffer, ",\"partition\":");
  json_append_integer(buffer, change->position.partition);
  if (change->clock_mark) return;
  PUT(buffer, ",\"offset\":");
  json_append_integer(buffer, change->position.offset);
}

static void append_event(struct buffer *buffer, const struct change *change) {
  const struct event *event = change->event;
  PUT(buffer, "\"name\":");
  json_append_string(buffer, event->name);
  PUT(buffer, ",\"id\":");
  append_text_or_null(buffer, event->id, !event->id.at);
  PUT(buffer, ",\"time\":");
  append_time(buffer, event->time_ms);
  PUT(buffer, ",");
}

static void append_move(struct buffer *buffer, const struct change *change) {
  json_append_string(buffer, change->definition->moves[change->move].name);
  PUT(buffer, ",");
}

static void append_now(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "\"time\":");
  append_time(buffer, change->time_ms);
  PUT(buffer, ",");
}

static void append_cause(struct buffer *buffer, const struct change *change) {
  switch (change->cause) {
    case CAUSE_EVENT:
      PUT(buffer, "{\"kind\":\"event\",");
      if (change->move != NONE) {
        PUT(buffer, "\"move\":");
        append_move(buffer, change);
      }
      append_event(buffer, change);
      break;
    case CAUSE_MOVE:
      PUT(buffer, "{\"kind\":\"move\",\"name\":");
      append_move(buffer, change);
      append_now(buffer, change);
      break;
    case CAUSE_CLIMB:
      PUT(buffer, "{\"kind\":\"climb\",");
      append_now(buffer, change);
      break;
    case CAUSE_TIMER: PUT(buffer, "{\"kind\":\"timer\","); break;
  }
  append_position(buffer, change);
  PUT(buffer, "}");
}

/* --- how the lead stands --- */

/* The rungs strictly between, where `to` is a higher rung than `from`. */
static void append_skipped(struct buffer *buffer, const struct change *change) {
  const struct stage *stages = change->definition->stages;
  bool first = true;
  PUT(buffer, "[");
  if (!stages[change->from].off_ladder && !stages[change->to].off_ladder) {
    for (int32_t i = change->from + 1; i < change->to; i++) {
      if (stages[i].off_ladder) continue;
      append_comma(buffer, &first);
      json_append_string(buffer, stages[i].name);
    }
  }
  PUT(buffer, "]");
}

static void append_scores(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "{");
  for (int32_t i = 0; i < change->definition->score_count; i++) {
    if (i) PUT(buffer, ",");
    json_append_string(buffer, change->definition->scores[i].name);
    PUT(buffer, ":");
    json_append_points(buffer, change->scores[i]);
  }
  PUT(buffer, "}");
}

static void append_contributions(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "[");
  for (int32_t i = 0; i < change->contribution_count; i++) {
    const struct contribution *contribution = &change->contributions[i];
    const struct score *score = &change->definition->scores[contribution->score];
    if (i) PUT(buffer, ",");
    PUT(buffer, "{\"score\":");
    json_append_string(buffer, score->name);
    PUT(buffer, ",\"rule\":");
    json_append_string(buffer, score->rules[contribution->rule].name);
    PUT(buffer, ",\"points\":");
    json_append_points(buffer, contribution->points);
    PUT(buffer, "}");
  }
  PUT(buffer, "]");
}

/* Those that are `met` or not, of all or (where not NULL) of those in `among`. */
static void append_criteria(struct buffer *buffer, const struct change *change, bool met, const bool *among) {
  bool first = true;
  PUT(buffer, "[");
  for (int32_t i = 0; i < change->definition->criterion_count; i++) {
    if (change->criteria[i] != met || (among && !among[i])) continue;
    append_comma(buffer, &first);
    json_append_string(buffer, change->definition->criteria[i].name);
  }
  PUT(buffer, "]");
}

static void append_next(struct buffer *buffer, const struct change *change) {
  if (change->next == NONE) {
    PUT(buffer, "null");
    return;
  }
  PUT(buffer, "{\"stage\":");
  json_append_string(buffer, change->definition->stages[change->next].name);
  PUT(buffer, ",\"missing\":");
  append_criteria(buffer, change, false, change->next_names);
  PUT(buffer, "}");
}

static void append_route(struct buffer *buffer, const struct change *change) {
  if (!change->queue.at) {
    PUT(buffer, "null");
    return;
  }
  PUT(buffer, "{\"queue\":");
  json_append_string(buffer, change->queue);
  PUT(buffer, ",\"assignee\":");
  append_text_or_null(buffer, change->assignee, !change->assignee.at);
  PUT(buffer, "}");
}

static void append_due(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "[");
  for (int32_t i = 0; i < change->due_count; i++) {
    if (i) PUT(buffer, ",");
    PUT(buffer, "{\"sla\":");
    json_append_string(buffer, change->definition->slas[change->due[i].sla].name);
    PUT(buffer, ",\"by\":");
    append_time(buffer, change->due[i].by_ms);
    PUT(buffer, "}");
  }
  PUT(buffer, "]");
}

static void append_attribute(struct buffer *buffer, const struct definition *d, const struct shared_attribute *shared) {
  const struct attribute *attribute = &d->attributes[shared->attribute];
  json_append_string(buffer, attribute->name);
  PUT(buffer, ":");
  switch (attribute->type) {
    case ATTRIBUTE_TEXT: json_append_string(buffer, shared->text); break;
    case ATTRIBUTE_NUMBER: json_append_double(buffer, shared->number); break;
    case ATTRIBUTE_BOOLEAN: buffer_append_text(buffer, shared->boolean ? "true" : "false"); break;
  }
}

static void append_attributes(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "{");
  for (int32_t i = 0; i < change->attribute_count; i++) {
    if (i) PUT(buffer, ",");
    append_attribute(buffer, change->definition, &change->attributes[i]);
  }
  PUT(buffer, "}");
}

static void append_definition(struct buffer *buffer, const struct definition *d) {
  PUT(buffer, "{\"name\":");
  json_append_string(buffer, d->name);
  PUT(buffer, ",\"version\":");
  json_append_integer(buffer, d->version);
  PUT(buffer, ",\"digest\":");
  json_append_string(buffer, d->digest);
  PUT(buffer, ",\"agreed\":");
  buffer_append_text(buffer, d->agreed ? "true}" : "false}");
}

/* --- the whole --- */

static void append_data_of_stage(struct buffer *buffer, const struct change *change) {
  const struct stage *from = &change->definition->stages[change->from];
  const struct stage *to = &change->definition->stages[change->to];
  PUT(buffer, ",\"from\":");
  json_append_string(buffer, from->name);
  PUT(buffer, ",\"to\":");
  json_append_string(buffer, to->name);
  PUT(buffer, ",\"entry\":");
  json_append_integer(buffer, change->entry);
  PUT(buffer, ",\"skipped\":");
  append_skipped(buffer, change);
  PUT(buffer, ",\"owner\":");
  json_append_string(buffer, to->owner);
  PUT(buffer, ",\"since\":");
  append_time(buffer, change->since_ms);
  PUT(buffer, ",\"cause\":");
  append_cause(buffer, change);
  PUT(buffer, ",\"reason\":");
  append_text_or_null(buffer, change->reason, !change->has_reason);
  PUT(buffer, ",\"scores\":");
  append_scores(buffer, change);
  PUT(buffer, ",\"contributions\":");
  append_contributions(buffer, change);
  PUT(buffer, ",\"criteria\":{\"met\":");
  append_criteria(buffer, change, true, NULL);
  PUT(buffer, ",\"missing\":");
  append_criteria(buffer, change, false, NULL);
  PUT(buffer, "},\"next\":");
  append_next(buffer, change);
  PUT(buffer, ",\"route\":");
  append_route(buffer, change);
  PUT(buffer, ",\"due\":");
  append_due(buffer, change);
}

static void append_data_of_breach(struct buffer *buffer, const struct change *change) {
  const struct stage *stage = &change->definition->stages[change->from];
  PUT(buffer, ",\"stage\":");
  json_append_string(buffer, stage->name);
  PUT(buffer, ",\"owner\":");
  json_append_string(buffer, stage->owner);
  PUT(buffer, ",\"sla\":");
  json_append_string(buffer, change->definition->slas[change->sla].name);
  PUT(buffer, ",\"since\":");
  append_time(buffer, change->since_ms);
  PUT(buffer, ",\"deadline\":");
  append_time(buffer, change->time_ms);
  PUT(buffer, ",\"cause\":");
  append_cause(buffer, change);
  PUT(buffer, ",\"scores\":");
  append_scores(buffer, change);
  PUT(buffer, ",\"route\":");
  append_route(buffer, change);
}

static void append_type(struct buffer *buffer, enum change_type type) {
  if (type == CHANGE_STAGE) {
    PUT(buffer, "\"lead.stage.changed\",\"dataschema\":\"urn:handover:lead.stage.changed:1\"");
  } else {
    PUT(buffer, "\"lead.sla.breached\",\"dataschema\":\"urn:handover:lead.sla.breached:1\"");
  }
}

static void append_envelope(struct buffer *buffer, const struct change *change) {
  PUT(buffer, "{\"specversion\":\"1.0\",\"id\":\"");
  json_append_escaped(buffer, change->position.topic);
  append_id_rest(buffer, change);
  PUT(buffer, "\",\"source\":\"handover/");
  json_append_escaped(buffer, change->definition->name);
  PUT(buffer, "\",\"type\":");
  append_type(buffer, change->type);
  PUT(buffer, ",\"subject\":");
  json_append_string(buffer, change->lead);
  PUT(buffer, ",\"time\":");
  append_time(buffer, change->time_ms);
  PUT(buffer, ",\"datacontenttype\":\"application/json\"");
}

void change_encode(struct buffer *buffer, const struct change *change) {
  append_envelope(buffer, change);
  PUT(buffer, ",\"data\":{\"lead\":");
  json_append_string(buffer, change->lead);
  if (change->type == CHANGE_STAGE) append_data_of_stage(buffer, change);
  else append_data_of_breach(buffer, change);
  PUT(buffer, ",\"attributes\":");
  append_attributes(buffer, change);
  PUT(buffer, ",\"definition\":");
  append_definition(buffer, change->definition);
  PUT(buffer, "}}");
}
