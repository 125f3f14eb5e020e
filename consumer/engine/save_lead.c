/* save_lead.c: one lead as bytes and back.
 *
 * Layout (u, i, text: save.c; times are told by what they are apart, because that is short):
 *   text id
 *   i created; i entered − created; i now − created
 *   u last activity: 0 none, else 1 + (now − last activity, as i); u deadline: 0 never, else 1 + (deadline − now, as i)
 *   u known, booleans, route, met, breached, stage, oldest id
 *   slots, by eights: a byte whose bits say which are not 0, then i of each that is not
 *   of each stage u entries
 *   of each list u count; then of each list its elements: of a text its bytes, of ids 8 bytes each, of times i the first − created and
 *   u each other − the one before
 * What the bytes say must be what a task can come to: a definition's indices and sums are safe on nothing else. */
#include "memory.h"
#include "save.h"

enum { FIXED_NUMBERS = 12, FIXED_LEAST = FIXED_NUMBERS + 2 /* the id, of one byte */, EIGHT = 8, COUNT_MOST = 3 };

/* --- what a lead may hold --- */

/* The lowest `count` bits. */
static uint64_t bits(int32_t count) { return count >= 64 ? UINT64_MAX : (UINT64_C(1) << count) - 1; }

static void shape_lists(struct shape *shape) {
  const struct definition *d = shape->definition;
  const struct plan *plan = d->plan;
  for (int32_t i = 0; i < plan->text_count; i++) shape->most[i] = LIMIT_TEXT;
  for (int32_t i = 0; i < plan->rule_count; i++) {
    const struct rule *rule = &d->scores[plan->rules[i].score].rules[plan->rules[i].rule];
    if (plan->rules[i].kept != NONE) shape->most[plan->rules[i].kept] = (uint16_t)rule->keep;
    if (plan->rules[i].counted != NONE) shape->most[plan->rules[i].counted] = (uint16_t)rule->at_most_times;
  }
  for (int32_t i = 0; i < d->happened_count; i++) shape->most[plan->happened[i]] = (uint16_t)d->happened[i].times;
  if (plan->ids != NONE) shape->most[plan->ids] = (uint16_t)d->deduplicate;
}

void shape_init(struct shape *shape, const struct definition *d) {
  const struct plan *plan = d->plan;
  int32_t booleans = 0;
  for (int32_t i = 0; i < d->attribute_count; i++) booleans += d->attributes[i].type == ATTRIBUTE_BOOLEAN;
  *shape = (struct shape){.definition = d, .known = bits(d->attribute_count), .booleans = bits(booleans)};
  shape->cached = memory_zeroed((size_t)plan->slot_count, sizeof *shape->cached);
  shape->most = memory_zeroed((size_t)plan->list_count, sizeof *shape->most);
  shape->counts = memory_zeroed((size_t)plan->list_count, sizeof *shape->counts);
  for (int32_t i = 0; i < d->score_count; i++)
    if (plan->scores[i].cached != NONE) shape->cached[plan->scores[i].cached] = true;
  shape_lists(shape);
}

void shape_fini(struct shape *shape) {
  memory_free(shape->cached);
  memory_free(shape->most);
  memory_free(shape->counts);
}

static size_t eights(const struct plan *plan) { return ((size_t)plan->slot_count + EIGHT - 1) / EIGHT; }

size_t lead_least(const struct shape *shape) {
  const struct plan *plan = shape->definition->plan;
  return FIXED_LEAST + eights(plan) + (size_t)shape->definition->stage_count + (size_t)plan->list_count;
}

/* --- to bytes --- */

/* The most bytes that this lead may take. */
static size_t most_bytes(const struct shape *shape, const struct lead *lead) {
  const struct plan *plan = shape->definition->plan;
  size_t numbers = 1 + FIXED_NUMBERS + (size_t)plan->slot_count + (size_t)shape->definition->stage_count;
  size_t bytes = lead->id_length + eights(plan) + (size_t)plan->list_count * COUNT_MOST;
  for (int32_t i = 0; i < plan->list_count; i++)
    bytes += lead_list(plan, lead, i)->count * (i < plan->text_count ? (size_t)1 : NUMBER_MOST);
  return numbers * NUMBER_MOST + bytes;
}

/* Signed, and unsigned where it goes beyond: 64 bits have room for any distance. */
static int64_t apart(int64_t a, int64_t b) { return (int64_t)((uint64_t)a - (uint64_t)b); }
static int64_t along(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }

/* A time, or one that is none of all times. */
static char *put_maybe(char *at, int64_t time_ms, int64_t none, int64_t apart_ms) {
  return put_u(at, time_ms == none ? 0 : zigzag((uint64_t)apart_ms) + 1);
}

static char *put_fixed(char *at, const struct lead *lead) {
  at = put_i(at, lead->created_at_ms);
  at = put_i(at, apart(lead->entered_at_ms, lead->created_at_ms));
  at = put_i(at, apart(lead->now_ms, lead->created_at_ms));
  at = put_maybe(at, lead->last_activity_ms, TIME_NONE, apart(lead->now_ms, lead->last_activity_ms));
  at = put_maybe(at, lead->deadline_ms, TIME_NEVER, apart(lead->deadline_ms, lead->now_ms));
  at = put_u(put_u(at, lead->known), lead->booleans);
  at = put_u(put_u(put_u(at, lead->route), lead->sla_met), lead->sla_breached);
  return put_u(put_u(at, lead->stage), lead->oldest_id);
}

static char *put_slots(char *at, const struct shape *shape, const int64_t *slots) {
  const int32_t count = shape->definition->plan->slot_count;
  for (int32_t first = 0; first < count; first += EIGHT) {
    char *there = at++;
    unsigned mask = 0;
    for (int32_t i = first; i < count && i < first + EIGHT; i++) {
      if (!slots[i] || shape->cached[i]) continue;
      mask |= 1u << (i - first);
      at = put_i(at, slots[i]);
    }
    *there = (char)mask;
  }
  return at;
}

static char *put_times(char *at, const int64_t *times, uint32_t count, int64_t created_ms) {
  at = put_i(at, apart(times[0], created_ms));
  for (uint32_t i = 1; i < count; i++) at = put_u(at, (uint64_t)apart(times[i], times[i - 1]));
  return at;
}

static char *put_lists(char *at, const struct plan *plan, const struct lead *lead) {
  for (int32_t i = 0; i < plan->list_count; i++) at = put_u(at, lead_list(plan, lead, i)->count);
  for (int32_t i = 0; i < plan->list_count; i++) {
    const struct list *list = lead_list(plan, lead, i);
    if (!list->count) continue;
    const int64_t *elements = list_times(lead, list);
    if (i < plan->text_count) at = put_bytes(at, elements, list->count);
    else if (i == plan->ids) at = put_bytes(at, elements, list->count * sizeof *elements);
    else at = put_times(at, elements, list->count, lead->created_at_ms);
  }
  return at;
}

void lead_put(struct out *out, const struct shape *shape, const struct lead *lead) {
  const struct plan *plan = shape->definition->plan;
  char *at = out_reserve(out, most_bytes(shape, lead));
  at = put_fixed(put_text(at, lead_id(lead)), lead);
  at = put_slots(at, shape, lead_slots(lead));
  for (int32_t i = 0; i < shape->definition->stage_count; i++) at = put_u(at, lead_entries(plan, lead)[i]);
  out->used = (size_t)(put_lists(at, plan, lead) - out->at);
}

/* --- what a task can come to --- */

static bool within(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }
static bool is_time(int64_t time_ms) { return within(time_ms, 0, TIME_END - 1); }

/* Of a finite double? Its exponent has a bit that is 0. */
static bool is_finite(int64_t slot) { return (~(uint64_t)slot & UINT64_C(0x7ff0000000000000)) != 0; }

static bool rule_good(const struct definition *d, const struct rule_plan *p, const int64_t *slots) {
  const struct rule *rule = &d->scores[p->score].rules[p->rule];
  if (p->accumulator != NONE && !within(slots[p->accumulator], -LIMIT_SCORE, LIMIT_SCORE)) return false;
  if (p->count != NONE && !within(slots[p->count], 0, LIMIT_TIMES)) return false;
  return p->quiet == NONE || within(slots[p->quiet], 0, TIME_END / rule->quiet_every_ms);
}

static bool slots_good(const struct definition *d, const int64_t *slots) {
  const struct plan *plan = d->plan;
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (d->attributes[i].type == ATTRIBUTE_NUMBER && !is_finite(slots[plan->attribute[i]])) return false;
  for (int32_t i = 0; i < d->score_count; i++)
    if (d->scores[i].kind == SCORE_EVENTS && !within(slots[plan->scores[i].as_of], 0, TIME_END / 60000)) return false;
  for (int32_t i = 0; i < plan->rule_count; i++)
    if (!rule_good(d, &plan->rules[i], slots)) return false;
  for (int32_t i = 0; i < d->sla_count; i++)
    if (slots[plan->sla_deadline[i]] < 0) return false;
  return true;
}

/* The ring of ids begins at its first element until it is full. */
static bool ids_good(const struct definition *d, const struct lead *lead) {
  if (lead->oldest_id == 0) return true;
  return d->plan->ids != NONE && lead->oldest_id < d->deduplicate &&
         lead_list(d->plan, lead, d->plan->ids)->count == d->deduplicate;
}

static bool lead_good(const struct task *task, const struct shape *shape, const struct lead *lead) {
  const struct definition *d = shape->definition;
  if (lead->stage >= d->stage_count || lead->route > task->route_count) return false;
  if (!is_time(lead->entered_at_ms) || !is_time(lead->now_ms) || !is_time(lead->created_at_ms)) return false;
  if (lead->last_activity_ms != TIME_NONE && !is_time(lead->last_activity_ms)) return false;
  if ((lead->known & ~shape->known) || (lead->booleans & ~shape->booleans)) return false;
  uint32_t slas = d->plan->stages[lead->stage].slas;
  if (((lead->sla_met | lead->sla_breached) & ~slas) || (lead->sla_met & lead->sla_breached)) return false;
  return ids_good(d, lead) && slots_good(d, lead_slots(lead));
}

/* --- and back --- */

/* How far apart, or that there is none. */
static bool take_maybe(struct in *in, int64_t *apart_ms) {
  uint64_t value = take_u(in);
  if (!value) return false;
  value--;
  *apart_ms = (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
  return true;
}

/* The deadline comes back apart: it goes into the queue. */
static int64_t take_fixed(struct in *in, struct lead *lead) {
  int64_t apart_ms;
  lead->created_at_ms = take_i(in);
  lead->entered_at_ms = along(lead->created_at_ms, take_i(in));
  lead->now_ms = along(lead->created_at_ms, take_i(in));
  lead->last_activity_ms = take_maybe(in, &apart_ms) ? apart(lead->now_ms, apart_ms) : TIME_NONE;
  int64_t deadline_ms = take_maybe(in, &apart_ms) ? along(lead->now_ms, apart_ms) : TIME_NEVER;
  lead->known = take_u(in);
  lead->booleans = take_u(in);
  lead->route = (uint32_t)take_most(in, UINT32_MAX);
  lead->sla_met = (uint16_t)take_most(in, UINT16_MAX);
  lead->sla_breached = (uint16_t)take_most(in, UINT16_MAX);
  lead->stage = (uint8_t)take_most(in, UINT8_MAX);
  lead->oldest_id = (uint8_t)take_most(in, UINT8_MAX);
  return deadline_ms;
}

static void take_slots(struct in *in, const struct shape *shape, int64_t *slots) {
  const int32_t count = shape->definition->plan->slot_count;
  for (int32_t first = 0; first < count && in->good; first += EIGHT) {
    const char *there = take(in, 1);
    unsigned mask = there ? (uint8_t)*there : 0;
    if (count - first < EIGHT && mask >> (count - first)) in->good = false;
    for (int32_t i = first; mask; i++, mask >>= 1)
      if ((mask & 1) && in->good) slots[i] = take_i(in);
  }
}

static void take_times(struct in *in, int64_t *times, uint32_t count, int64_t created_ms) {
  int64_t before = 0;
  for (uint32_t i = 0; i < count; i++) {
    times[i] = i == 0 ? along(created_ms, take_i(in)) : along(before, (int64_t)take_u(in));
    if (!is_time(times[i]) || times[i] < before) in->good = false;
    before = times[i];
  }
}

static void take_list(struct in *in, const struct plan *plan, const struct lead *lead, struct list *list,
                      int32_t index) {
  int64_t *elements = list_times(lead, list);
  bool text = index < plan->text_count;
  if (!text && index != plan->ids) {
    take_times(in, elements, list->count, lead->created_at_ms);
    return;
  }
  const size_t bytes = list->count * (text ? (size_t)1 : sizeof *elements);
  const char *from = take(in, bytes);
  if (from) memcpy(elements, from, bytes);
}

static void take_lists(struct in *in, struct pool *pool, const struct shape *shape, struct lead *lead) {
  const struct plan *plan = shape->definition->plan;
  size_t least = 0;
  for (int32_t i = 0; i < plan->list_count; i++) {
    shape->counts[i] = (uint16_t)take_most(in, shape->most[i]);
    least += shape->counts[i];
  }
  if (least > in->left) in->good = false;
  if (!in->good || !least) return;
  lead_lay(pool, plan, lead, shape->counts);
  for (int32_t i = 0; i < plan->list_count && in->good; i++)
    if (shape->counts[i]) take_list(in, plan, lead, lead_list(plan, lead, i), i);
}

bool lead_take(struct in *in, struct task *task, const struct shape *shape, uint32_t number, struct lead *lead) {
  const struct definition *d = shape->definition;
  int64_t deadline_ms = take_fixed(in, lead);
  take_slots(in, shape, lead_slots(lead));
  for (int32_t i = 0; i < d->stage_count; i++) lead_entries(d->plan, lead)[i] = (uint32_t)take_most(in, UINT32_MAX);
  take_lists(in, task_pool(task), shape, lead);
  if (!in->good || deadline_ms < 0 || !lead_good(task, shape, lead)) return false;
  task->stage_counts[lead->stage]++;
  lead->queued_ms = TIME_NEVER;
  deadline_set(task, number, lead, deadline_ms);
  return true;
}
