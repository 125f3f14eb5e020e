/* explain_standing.c: the members of `standing`, one after the other. */
#include "explain_standing.h"

#include "engine/standing.h"
#include "explain_entry.h"
#include "explain_need.h"

#define YEAR_MS (INT64_C(365) * 24 * 3600 * 1000)

static void put(struct buffer *out, const char *text) { buffer_append_text(out, text); }

static void put_text(struct buffer *out, const char *before, struct slice text) {
  put(out, before);
  if (text.at) json_append_string(out, text);
  else put(out, "null");
}

static void put_contributions(struct buffer *out, const struct standing *standing) {
  const struct definition *d = standing->view.definition;
  put(out, ",\"contributions\":[");
  for (int32_t i = 0; i < standing->contribution_count; i++) {
    const struct contribution *c = &standing->contributions[i];
    put_text(out, i > 0 ? ",{\"score\":" : "{\"score\":", d->scores[c->score].name);
    put_text(out, ",\"rule\":", d->scores[c->score].rules[c->rule].name);
    put(out, ",\"points\":");
    json_append_points(out, c->points);
    put(out, "}");
  }
  put(out, "]");
}

static void put_criteria(struct buffer *out, struct view *view, bool met) {
  bool first = true;
  put(out, met ? ",\"criteria\":{\"met\":[" : ",\"missing\":[");
  for (int32_t i = 0; i < view->definition->criterion_count; i++) {
    if (criterion_holds(view, i) != met) continue;
    put_text(out, first ? "" : ",", view->definition->criteria[i].name);
    first = false;
  }
  put(out, met ? "]" : "]}");
}

static void put_attributes(struct buffer *out, const struct standing *standing) {
  const struct definition *d = standing->view.definition;
  put(out, ",\"attributes\":{");
  for (int32_t i = 0; i < standing->attribute_count; i++) {
    put_text(out, i > 0 ? "," : "", d->attributes[standing->attributes[i].attribute].name);
    put(out, ":");
    explain_append_value(out, d, &standing->attributes[i]);
  }
  put(out, "}");
}

static void put_duties(struct buffer *out, const struct standing *standing) {
  if (standing->queue.at) {
    put_text(out, ",\"route\":{\"queue\":", standing->queue);
    put_text(out, ",\"assignee\":", standing->assignee);
    put(out, "}");
  } else {
    put(out, ",\"route\":null");
  }
  put(out, ",\"due\":[");
  for (int32_t i = 0; i < standing->due_count; i++) {
    put_text(out, i > 0 ? ",{\"sla\":" : "{\"sla\":", standing->view.definition->slas[standing->due[i].sla].name);
    explain_append_time(out, "by", standing->due[i].by_ms);
    put(out, "}");
  }
  put(out, "]");
}

/* The rung above, and the moves from here. */
static void put_ways(struct buffer *out, struct view *view) {
  const struct definition *d = view->definition;
  const struct stage_plan *stage = &d->plan->stages[view->lead->stage];
  if (stage->climb == NONE) {
    put(out, ",\"next\":null");
  } else {
    put_text(out, ",\"next\":{\"stage\":", d->stages[stage->climb].name);
    put(out, ",\"needs\":");
    explain_need(out, view, d->stages[stage->climb].enter);
    put(out, "}");
  }
  put(out, ",\"moves\":[");
  bool first = true;
  for (int32_t i = 0; i < d->move_count; i++) {
    if (!(stage->moves >> i & 1)) continue;
    put_text(out, first ? "{\"move\":" : ",{\"move\":", d->moves[i].name);
    put_text(out, ",\"to\":", d->stages[d->moves[i].to].name);
    if (d->moves[i].after_ms)
      explain_append_time(out, "from", lead_entered_ms(d->plan, view->lead) + d->moves[i].after_ms);
    put(out, "}");
    first = false;
  }
  put(out, "]");
}

static void put_definition(struct buffer *out, const struct definition *d) {
  put_text(out, ",\"definition\":{\"name\":", d->name);
  buffer_printf(out, ",\"version\":%u", d->version);
  put_text(out, ",\"digest\":", d->digest);
  put(out, d->agreed ? ",\"agreed\":true}" : ",\"agreed\":false}");
}

void explain_standing(struct buffer *out, struct task *task, struct slice lead) {
  struct standing standing;
  int64_t now = task_stream(task) > task_passed(task) ? task_stream(task) : task_passed(task);
  if (!task_stand(task, lead, now, &standing)) return;
  struct view *view = &standing.view;
  const struct definition *d = view->definition;
  put(out, "{\"at\":\"");
  time_append(out, now);
  put_text(out, "\",\"stage\":", d->stages[view->lead->stage].name);
  put_text(out, ",\"owner\":", d->stages[view->lead->stage].owner);
  explain_append_time(out, "since", lead_entered_ms(d->plan, view->lead));
  buffer_printf(out, ",\"entry\":%u,\"scores\":", standing.entry);
  explain_append_scores(out, d, view->scores);
  put_contributions(out, &standing);
  put_criteria(out, view, true);
  put_criteria(out, view, false);
  put_attributes(out, &standing);
  put_duties(out, &standing);
  put_ways(out, view);
  put_definition(out, d);
  put(out, "}");
}

void explain_foresee(struct task *task, struct slice lead) {
  int64_t now = task_stream(task) > task_passed(task) ? task_stream(task) : task_passed(task);
  task_foresee(task, lead, now + YEAR_MS);
}
