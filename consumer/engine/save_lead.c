/* save_lead.c: one lead as bytes and back.
 *
 * Layout (u, i, text: save.c; times are told by what they are apart, because that is short):
 *   text id
 *   i created; i entered − created; i now − created
 *   u last activity: 0 none, else 1 + (now − last activity, as i); u deadline: 0 never, else 1 + (deadline − now, as i)
 *   u stage, oldest id
 *   slots, by eights: a byte whose bits say which are there, then i of each that is
 *   of each list u: 0 it is not there, else 1 + count; then of each list its elements: of a text its bytes, of ids 8 bytes each, of
 *   times i the first − created and u each other − the one before
 * What the bytes say must be what a task can come to: a definition's indices and sums are safe on nothing else. */
#include "memory.h"
#include "save.h"
#include "value.h"

enum { FIXED_NUMBERS = 7, FIXED_LEAST = FIXED_NUMBERS + 2 /* the id, of one byte */, EIGHT = 8, COUNT_MOST = 3 };

/* --- what a lead may hold --- */

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
  *shape = (struct shape){.definition = d, .derived_count = 1};
  shape->apart = memory_zeroed((size_t)plan->slot_count, sizeof *shape->apart);
  shape->most = memory_zeroed((size_t)plan->list_count, sizeof *shape->most);
  shape->cells = memory_zeroed((size_t)plan->slot_count + (size_t)plan->list_count, sizeof *shape->cells);
  shape->apart[plan->created] = shape->apart[plan->entered] = shape->apart[plan->judged] = true;
  for (int32_t i = 0; i < d->score_count; i++) {
    if (plan->scores[i].cached == NONE) continue;
    shape->apart[plan->scores[i].cached] = true;
    shape->derived_count++;
  }
  shape_lists(shape);
}

void shape_fini(struct shape *shape) {
  memory_free(shape->apart);
  memory_free(shape->most);
  memory_free(shape->cells);
}

static size_t eights(const struct plan *plan) { return ((size_t)plan->slot_count + EIGHT - 1) / EIGHT; }

size_t lead_least(const struct shape *shape) {
  const struct plan *plan = shape->definition->plan;
  return FIXED_LEAST + eights(plan) + (size_t)plan->list_count;
}

/* --- to bytes --- */

/* The most bytes that this lead may take. */
static size_t most_bytes(const struct shape *shape, const struct lead *lead) {
  const struct plan *plan = shape->definition->plan;
  size_t numbers = 1 + FIXED_NUMBERS + (size_t)plan->slot_count;
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

static char *put_fixed(char *at, const struct plan *plan, const struct lead *lead) {
  int64_t created_ms = lead_created_ms(plan, lead);
  at = put_i(at, created_ms);
  at = put_i(at, apart(lead_entered_ms(plan, lead), created_ms));
  at = put_i(at, apart(lead->now_ms, created_ms));
  at = put_maybe(at, lead->last_activity_ms, TIME_NONE, apart(lead->now_ms, lead->last_activity_ms));
  at = put_maybe(at, lead->deadline_ms, TIME_NEVER, apart(lead->deadline_ms, lead->now_ms));
  return put_u(put_u(at, lead->stage), lead->oldest_id);
}

static char *put_slots(char *at, const struct shape *shape, const struct lead *lead) {
  const int32_t count = shape->definition->plan->slot_count;
  const int64_t *cells = lead_cells(lead);
  uint32_t rank = 0;
  for (int32_t first = 0; first < count; first += EIGHT) {
    char *there = at++;
    unsigned mask = 0;
    for (int32_t i = first; i < count && i < first + EIGHT; i++) {
      if (!lead_has(lead, i)) continue;
      if (!shape->apart[i]) at = put_i(at, cells[rank]);
      mask |= (shape->apart[i] ? 0u : 1u) << (i - first);
      rank++;
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
  for (int32_t i = 0; i < plan->list_count; i++)
    at = put_u(at, lead_has(lead, plan->slot_count + i) ? lead_list(plan, lead, i)->count + 1u : 0);
  for (int32_t i = 0; i < plan->list_count; i++) {
    const struct list *list = lead_list(plan, lead, i);
    if (!list->count) continue;
    const int64_t *elements = list_times(lead, list);
    if (i < plan->text_count) at = put_bytes(at, elements, list->count);
    else if (i == plan->ids) at = put_bytes(at, elements, list->count * sizeof *elements);
    else at = put_times(at, elements, list->count, lead_created_ms(plan, lead));
  }
  return at;
}

void lead_put(struct out *out, const struct shape *shape, const struct lead *lead) {
  const struct plan *plan = shape->definition->plan;
  char *at = out_reserve(out, most_bytes(shape, lead));
  at = put_fixed(put_text(at, lead_id(lead)), plan, lead);
  at = put_slots(at, shape, lead);
  out->used = (size_t)(put_lists(at, plan, lead) - out->at);
}

/* --- what a task can come to --- */

static bool within(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }
static bool is_time(int64_t time_ms) { return within(time_ms, 0, TIME_END - 1); }

/* Of a finite double? Its exponent has a bit that is 0. */
static bool is_finite(int64_t slot) { return (~(uint64_t)slot & UINT64_C(0x7ff0000000000000)) != 0; }

static bool attribute_good(const struct definition *d, const struct lead *lead, int32_t index) {
  switch (d->attributes[index].type) {
    case ATTRIBUTE_NUMBER: return is_finite(lead_slot(lead, d->plan->attribute[index]));
    case ATTRIBUTE_BOOLEAN: return within(lead_slot(lead, d->plan->attribute[index]), 0, 1);
    case ATTRIBUTE_TEXT: break; /* a list */
  }
  return true;
}

static bool rule_good(const struct definition *d, const struct lead *lead, const struct rule_plan *p) {
  const struct rule *rule = &d->scores[p->score].rules[p->rule];
  if (p->accumulator != NONE && !within(lead_slot(lead, p->accumulator), -LIMIT_SCORE, LIMIT_SCORE)) return false;
  if (p->count != NONE && !within(lead_slot(lead, p->count), 0, LIMIT_TIMES)) return false;
  return p->quiet == NONE || within(lead_slot(lead, p->quiet), 0, TIME_END / rule->quiet_every_ms);
}

static bool slots_good(const struct definition *d, const struct lead *lead) {
  const struct plan *plan = d->plan;
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (!attribute_good(d, lead, i)) return false;
  for (int32_t i = 0; i < d->score_count; i++)
    if (plan->scores[i].as_of != NONE && !within(lead_slot(lead, plan->scores[i].as_of), 0, TIME_END / 60000))
      return false;
  for (int32_t i = 0; i < plan->rule_count; i++)
    if (!rule_good(d, lead, &plan->rules[i])) return false;
  for (int32_t i = 0; i < d->sla_count; i++)
    if (lead_slot(lead, plan->sla_deadline[i]) < 0) return false;
  for (int32_t i = 0; i < d->stage_count; i++)
    if (!within(lead_slot(lead, plan->entries + i), 0, UINT32_MAX)) return false;
  return true;
}

static bool stay_good(const struct task *task, const struct lead *lead) {
  struct stay stay = lead_stay(task->active->plan, lead);
  uint32_t slas = task->active->plan->stages[lead->stage].slas;
  return stay.route <= task->route_count && !(((uint32_t)stay.met | stay.breached) & ~slas) &&
         !(stay.met & stay.breached);
}

/* The ring of ids begins at its first element until it is full. */
static bool ids_good(const struct definition *d, const struct lead *lead) {
  if (lead->oldest_id == 0) return true;
  return d->plan->ids != NONE && lead->oldest_id < d->deduplicate &&
         lead_list(d->plan, lead, d->plan->ids)->count == d->deduplicate;
}

static bool lead_good(const struct task *task, const struct lead *lead) {
  const struct definition *d = task->active;
  if (lead->stage >= d->stage_count || !is_time(lead->now_ms)) return false;
  if (!is_time(lead_entered_ms(d->plan, lead)) || !is_time(lead_created_ms(d->plan, lead))) return false;
  if (lead->last_activity_ms != TIME_NONE && !is_time(lead->last_activity_ms)) return false;
  return stay_good(task, lead) && ids_good(d, lead) && slots_good(d, lead);
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

struct fixed { /* what is not in the record, or goes elsewhere first */
  int64_t created_ms, entered_ms, deadline_ms;
};

static struct fixed take_fixed(struct in *in, struct lead *lead) {
  struct fixed fixed;
  int64_t apart_ms;
  fixed.created_ms = take_i(in);
  fixed.entered_ms = along(fixed.created_ms, take_i(in));
  lead->now_ms = along(fixed.created_ms, take_i(in));
  lead->last_activity_ms = take_maybe(in, &apart_ms) ? apart(lead->now_ms, apart_ms) : TIME_NONE;
  fixed.deadline_ms = take_maybe(in, &apart_ms) ? along(lead->now_ms, apart_ms) : TIME_NEVER;
  lead->stage = (uint8_t)take_most(in, UINT8_MAX);
  lead->oldest_id = (uint8_t)take_most(in, UINT8_MAX);
  return fixed;
}

static void set_there(struct lead *lead, int32_t cell) { lead->there[cell >> 6] |= UINT64_C(1) << (cell & 63); }

/* The slots that are there, in order; returns how many. */
static uint32_t take_slots(struct in *in, const struct shape *shape, struct lead *lead, const struct fixed *fixed) {
  const struct plan *plan = shape->definition->plan;
  uint32_t taken = 0;
  unsigned mask = 0;
  for (int32_t i = 0; i < plan->slot_count && in->good; i++, mask >>= 1) {
    if (i % EIGHT == 0) {
      const char *there = take(in, 1);
      mask = there ? (uint8_t)*there : 0;
      if (plan->slot_count - i < EIGHT && mask >> (plan->slot_count - i)) in->good = false;
    }
    bool is_fixed = i == plan->created || i == plan->entered;
    if ((mask & 1) && shape->apart[i]) in->good = false;
    if (!is_fixed && !(mask & 1)) continue;
    int64_t value = i == plan->created ? fixed->created_ms : i == plan->entered ? fixed->entered_ms : take_i(in);
    shape->cells[taken++] = value;
    set_there(lead, i);
  }
  return taken;
}

/* The lists that are there, behind the slots, each with its count; returns how many cells there are in all. */
static uint32_t take_counts(struct in *in, const struct shape *shape, struct lead *lead, uint32_t taken) {
  const struct plan *plan = shape->definition->plan;
  size_t least = 0;
  for (int32_t i = 0; i < plan->list_count && in->good; i++) {
    uint32_t count = (uint32_t)take_most(in, shape->most[i] + UINT64_C(1));
    if (!count--) continue;
    least += count;
    uint32_t units = i < plan->text_count ? (count + 7) / 8 : count;
    memcpy(&shape->cells[taken++], &(struct list){.count = (uint16_t)count, .room = (uint16_t)units},
           sizeof(struct list));
    set_there(lead, plan->slot_count + i);
  }
  if (least > in->left) in->good = false;
  return taken;
}

static void take_times(struct in *in, int64_t *times, uint32_t count, int64_t created_ms) {
  int64_t before = 0;
  for (uint32_t i = 0; i < count; i++) {
    times[i] = i == 0 ? along(created_ms, take_i(in)) : along(before, (int64_t)take_u(in));
    if (!is_time(times[i]) || times[i] < before) in->good = false;
    before = times[i];
  }
}

static void take_list(struct in *in, const struct plan *plan, const struct lead *lead, int32_t index,
                      int64_t created_ms) {
  const struct list *list = lead_list(plan, lead, index);
  int64_t *elements = list_times(lead, list);
  bool text = index < plan->text_count;
  if (!text && index != plan->ids) {
    take_times(in, elements, list->count, created_ms);
    return;
  }
  const size_t bytes = list->count * (text ? (size_t)1 : sizeof *elements);
  const char *from = take(in, bytes);
  if (from && bytes) memcpy(elements, from, bytes);
}

static bool knows_any(const struct definition *d, const struct lead *lead) {
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (lead_knows(d->plan, lead, i)) return true;
  return false;
}

static void take_cells(struct in *in, struct pool *pool, const struct shape *shape, struct lead *lead,
                       const struct fixed *fixed) {
  const struct definition *d = shape->definition;
  uint32_t count = take_counts(in, shape, lead, take_slots(in, shape, lead, fixed));
  if (!in->good) return;
  bool any = knows_any(d, lead);
  lead_lay(pool, lead, shape->cells, count, count - lead_rank(lead, d->plan->slot_count),
           any ? shape->derived_count : 0);
  for (int32_t i = 0; i < d->plan->list_count && in->good; i++)
    if (lead_has(lead, d->plan->slot_count + i)) take_list(in, d->plan, lead, i, fixed->created_ms);
  if (any) attributes_changed(pool, d, lead);
}

bool lead_take(struct in *in, struct task *task, const struct shape *shape, uint32_t number, struct lead *lead) {
  struct fixed fixed = take_fixed(in, lead);
  take_cells(in, task_pool(task), shape, lead, &fixed);
  if (!in->good || fixed.deadline_ms < 0 || !lead_good(task, lead)) return false;
  task->stage_counts[lead->stage]++;
  lead->queued_ms = TIME_NEVER;
  deadline_set(task, number, lead, fixed.deadline_ms);
  return true;
}
