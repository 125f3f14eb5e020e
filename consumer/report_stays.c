/* report_stays.c: facts are dealt out to their leads by counting; each lead's are sorted by themselves. */
#include "report_stays.h"

#include <assert.h>
#include <stdlib.h>

#include "engine/memory.h"

enum {
  ROOM_FIRST = 16,
  LOOK_AHEAD = 64
}; /* changes of one lead at one moment that are put in order by where they begin */

struct walk {
  const struct report_log *log;
  const struct report_fact **changes; /* of the lead */
  const struct report_fact **breaches;
  size_t change_count, breach_count, room;
  struct report_stay *stays;
  size_t stay_count;
  struct report_lead lead;
};

/* --- order --- */

static int order_of(int64_t a, int64_t b) { return (a > b) - (a < b); }

static int by_place(const void *a, const void *b) {
  const struct report_fact *x = *(const struct report_fact *const *)a, *y = *(const struct report_fact *const *)b;
  int order = order_of(x->time_ms, y->time_ms);
  if (!order) order = order_of(x->topic, y->topic);
  if (!order) order = order_of(x->partition, y->partition);
  if (!order) order = order_of(x->offset, y->offset);
  return order ? order : order_of(x->n, y->n);
}

static int by_since(const void *a, const void *b) {
  const struct report_fact *x = *(const struct report_fact *const *)a, *y = *(const struct report_fact *const *)b;
  int order = order_of(x->since_ms, y->since_ms);
  return order ? order : by_place(a, b);
}

/* Does the change begin where the lead stands? Of a lead that is not known yet: does it end an earlier stay? */
static bool fits(const struct walk *walk, const struct report_fact *change) {
  if (walk->stay_count == 0) return change->since_ms < change->time_ms;
  const struct report_stay *last = &walk->stays[walk->stay_count - 1];
  return change->since_ms == last->entered_ms && change->from == last->stage;
}

/* Of the changes of one moment from `i` on, the one that fits comes to the front. */
static void bring_forward(struct walk *walk, size_t i) {
  const struct report_fact **changes = walk->changes;
  for (size_t j = i; j < walk->change_count && j < i + LOOK_AHEAD && changes[j]->time_ms == changes[i]->time_ms; j++) {
    if (!fits(walk, changes[j])) continue;
    const struct report_fact *found = changes[j];
    for (; j > i; j--) changes[j] = changes[j - 1];
    changes[i] = found;
    return;
  }
}

/* --- stays --- */

static void begin(struct walk *walk, int stage, int64_t entered_ms, const struct report_fact *in) {
  walk->stays[walk->stay_count++] = (struct report_stay){stage, entered_ms, TIME_NONE, in, NULL, NONE};
}

static void end(struct walk *walk, int64_t left_ms, int after, const struct report_fact *out) {
  struct report_stay *last = &walk->stays[walk->stay_count - 1];
  last->left_ms = left_ms;
  last->after = after;
  last->out = out;
}

static void rename_last(struct walk *walk, int stage) {
  walk->stays[walk->stay_count - 1].stage = stage;
  if (walk->stay_count > 1) walk->stays[walk->stay_count - 2].after = stage;
  walk->lead.renamed++;
}

static void go(struct walk *walk, const struct report_fact *change) {
  if (walk->stay_count == 0) {
    begin(walk, change->from, change->since_ms, NULL);
  } else {
    const struct report_stay *last = &walk->stays[walk->stay_count - 1];
    int64_t entered_ms = last->entered_ms;
    if (change->since_ms != entered_ms) {
      int64_t moved_ms = change->since_ms > entered_ms ? change->since_ms : entered_ms;
      end(walk, moved_ms, change->from, NULL);
      begin(walk, change->from, moved_ms, NULL);
      walk->lead.gaps++;
    } else if (change->from != last->stage) {
      rename_last(walk, change->from);
    }
  }
  end(walk, change->time_ms, change->to, change);
  begin(walk, change->to, change->time_ms, change);
}

static void see_lead(struct walk *walk, uint32_t number, report_see_lead *see, void *context) {
  walk->stay_count = 0;
  walk->lead = (struct report_lead){.number = number};
  if (walk->change_count > 0) qsort(walk->changes, walk->change_count, sizeof *walk->changes, by_place);
  if (walk->breach_count > 0) qsort(walk->breaches, walk->breach_count, sizeof *walk->breaches, by_since);
  for (size_t i = 0; i < walk->change_count; i++) {
    bring_forward(walk, i);
    go(walk, walk->changes[i]);
  }
  if (walk->stay_count == 0 && walk->breach_count > 0) { /* it has only waited so far */
    const struct report_fact *last = walk->breaches[walk->breach_count - 1];
    begin(walk, last->from, last->since_ms, NULL);
  }
  walk->lead.stays = walk->stays;
  walk->lead.stay_count = walk->stay_count;
  walk->lead.breaches = walk->breaches;
  walk->lead.breach_count = walk->breach_count;
  see(context, &walk->lead);
}

/* --- leads --- */

static void make_room(struct walk *walk, size_t wanted) {
  if (wanted <= walk->room) return;
  walk->room = wanted > 2 * walk->room ? wanted : 2 * walk->room;
  walk->changes = memory_grown(walk->changes, walk->room * sizeof *walk->changes);
  walk->breaches = memory_grown(walk->breaches, walk->room * sizeof *walk->breaches);
  walk->stays = memory_grown(walk->stays, (2 * walk->room + 1) * sizeof *walk->stays);
}

static void gather(struct walk *walk, const uint32_t *from, const uint32_t *to) {
  make_room(walk, (size_t)(to - from));
  assert(walk->changes && walk->breaches);
  walk->change_count = walk->breach_count = 0;
  for (; from < to; from++) {
    const struct report_fact *fact = &walk->log->facts[*from];
    if (fact->kind == REPORT_CHANGE) walk->changes[walk->change_count++] = fact;
    else walk->breaches[walk->breach_count++] = fact;
  }
}

/* Returns the facts' numbers, lead by lead; those of lead i end at ends[i]. */
static uint32_t *deal_out(const struct report_log *log, uint32_t *ends) {
  uint32_t *dealt = memory_zeroed(log->fact_count, sizeof *dealt), sum = 0;
  for (uint32_t i = 0; i < log->fact_count; i++) ends[log->facts[i].lead]++;
  for (uint32_t lead = 0; lead < log->leads.count; lead++) {
    uint32_t count = ends[lead];
    ends[lead] = sum;
    sum += count;
  }
  for (uint32_t i = 0; i < log->fact_count; i++) dealt[ends[log->facts[i].lead]++] = i;
  return dealt;
}

void report_stays_walk(const struct report_log *log, report_see_lead *see, void *context) {
  struct walk walk = {.log = log};
  make_room(&walk, ROOM_FIRST);
  uint32_t *ends = memory_zeroed(log->leads.count, sizeof *ends);
  uint32_t *dealt = deal_out(log, ends), from = 0;
  for (uint32_t lead = 1; lead < log->leads.count; lead++) {
    gather(&walk, dealt + from, dealt + ends[lead]);
    from = ends[lead];
    see_lead(&walk, lead, see, context);
  }
  memory_free(walk.changes);
  memory_free(walk.breaches);
  memory_free(walk.stays);
  memory_free(dealt);
  memory_free(ends);
}
