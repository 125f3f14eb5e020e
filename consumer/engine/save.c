/* save.c: a task's state as bytes and back, for snapshots.
 *
 * Layout, little endian, in this order (u: unsigned, i: signed, number: bits):
 *   u32 format (2), u32 active version, i64 stream, i64 passed, struct task_counts
 *   u32 slots, u32 lists, u32 stages, u32 texts    of the active version's plan: a check that it is the same
 *   u32 routes, then each: text queue, u8 has assignee, text assignee        (text: u32 length, bytes)
 *   u32 leads, then each, in the order of their numbers:
 *     text id, i64 now, last activity, deadline, u8 stage, u8 oldest id,
 *     u16 slots that are there, each: u16 slot, i64 value; u16 lists that are there, each: u16 list, u16 count, elements (of a text bytes)
 * To change it: raise the format; a snapshot of another format is set aside, and the log is replayed.
 * What can be worked out again (cached scores, the queue of deadlines, counts by stage) is not kept. */
#include "memory.h"
#include "state.h"
#include "value.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");
_Static_assert(sizeof(struct task_counts) == 4 * sizeof(uint64_t), "written whole: there must be no holes in it");

enum { FORMAT = 2 };

struct out {
  task_write *write;
  void *context;
};

static void put(const struct out *out, const void *bytes, size_t length) { out->write(out->context, bytes, length); }
static void put_u32(const struct out *out, uint32_t value) { put(out, &value, sizeof value); }
static void put_u16(const struct out *out, uint16_t value) { put(out, &value, sizeof value); }
static void put_i64(const struct out *out, int64_t value) { put(out, &value, sizeof value); }

static void put_text(const struct out *out, struct slice text) {
  put_u32(out, text.length);
  put(out, text.at, text.length);
}

static size_t element_bytes(const struct plan *plan, int32_t list) {
  return list < plan->text_count ? 1 : sizeof(int64_t);
}

/* What can be worked out again. */
static bool is_cached(const struct definition *d, int32_t slot) {
  if (slot == d->plan->judged) return true;
  for (int32_t i = 0; i < d->score_count; i++)
    if (d->plan->scores[i].cached == slot) return true;
  return false;
}

static void put_slots(const struct out *out, const struct definition *d, const struct lead *lead) {
  uint16_t count = 0;
  for (int32_t i = 0; i < d->plan->slot_count; i++) if (lead_has(lead, i) && !is_cached(d, i)) count++;
  put_u16(out, count);
  for (int32_t i = 0; i < d->plan->slot_count; i++) {
    if (!lead_has(lead, i) || is_cached(d, i)) continue;
    put_u16(out, (uint16_t)i);
    put_i64(out, lead_slot(lead, i));
  }
}

static void put_lists(const struct out *out, const struct plan *plan, const struct lead *lead) {
  uint16_t count = 0;
  for (int32_t i = 0; i < plan->list_count; i++) if (lead_has(lead, plan->slot_count + i)) count++;
  put_u16(out, count);
  for (int32_t i = 0; i < plan->list_count; i++) {
    if (!lead_has(lead, plan->slot_count + i)) continue;
    const struct list *list = lead_list(plan, lead, i);
    put_u16(out, (uint16_t)i);
    put_u16(out, list->count);
    put(out, list_times(lead, list), list->count * element_bytes(plan, i));
  }
}

static void put_lead(const struct out *out, const struct definition *d, const struct lead *lead) {
  put_text(out, lead_id(lead));
  put_i64(out, lead->now_ms);
  put_i64(out, lead->last_activity_ms);
  put_i64(out, lead->deadline_ms);
  put(out, &lead->stage, sizeof lead->stage);
  put(out, &lead->oldest_id, sizeof lead->oldest_id);
  put_slots(out, d, lead);
  put_lists(out, d->plan, lead);
}

static void put_plan(const struct out *out, const struct definition *d) {
  put_u32(out, (uint32_t)d->plan->slot_count);
  put_u32(out, (uint32_t)d->plan->list_count);
  put_u32(out, (uint32_t)d->stage_count);
  put_u32(out, (uint32_t)d->plan->text_count);
}

void task_save(const struct task *task, task_write *write, void *context) {
  struct out out = {write, context};
  put_u32(&out, FORMAT);
  put_u32(&out, task->active->version);
  put_i64(&out, task->stream_ms);
  put_i64(&out, task->passed_ms);
  put(&out, &task->counts, sizeof task->counts);
  put_plan(&out, task->active);
  put_u32(&out, task->route_count);
  for (uint32_t i = 1; i <= task->route_count; i++) {
    put_text(&out, task->routes[i].queue);
    put(&out, &(uint8_t){task->routes[i].assignee.at != NULL}, 1);
    put_text(&out, task->routes[i].assignee);
  }
  put_u32(&out, task->leads.count);
  for (uint32_t i = 0; i < task->leads.count; i++) put_lead(&out, task->active, leads_at(&task->leads, i));
}

/* --- and back: every length is checked; the first thing wrong makes all that follows fail --- */

struct in {
  const char *at;
  size_t left;
  bool good;
};

static const char *take(struct in *in, size_t length) {
  if (!in->good || length > in->left) {
    in->good = false;
    return NULL;
  }
  const char *bytes = in->at;
  in->at += length;
  in->left -= length;
  return bytes;
}

static void take_into(struct in *in, void *to, size_t length) {
  const char *bytes = take(in, length);
  if (bytes && length) memcpy(to, bytes, length);
}

static uint32_t take_u32(struct in *in) {
  uint32_t value = 0;
  take_into(in, &value, sizeof value);
  return value;
}

static uint16_t take_u16(struct in *in) {
  uint16_t value = 0;
  take_into(in, &value, sizeof value);
  return value;
}

static int64_t take_i64(struct in *in) {
  int64_t value = 0;
  take_into(in, &value, sizeof value);
  return value;
}

static struct slice take_text(struct in *in) {
  uint32_t length = take_u32(in);
  const char *bytes = length <= LIMIT_TEXT ? take(in, length) : NULL;
  if (!bytes) in->good = false;
  return (struct slice){bytes, bytes ? length : 0};
}

/* --- what the bytes say must be what a task can come to; a definition's indices and sums are safe on nothing else --- */

/* What a lead may hold under the active definition. */
struct bounds {
  const struct definition *definition;
  int32_t *most; /* of each list: how many elements */
};

static void bounds_init(struct bounds *bounds, const struct definition *d) {
  const struct plan *plan = d->plan;
  *bounds = (struct bounds){d, NULL};
  bounds->most = memory_zeroed((size_t)plan->list_count, sizeof *bounds->most);
  for (int32_t i = 0; i < plan->text_count; i++) bounds->most[i] = LIMIT_TEXT;
  for (int32_t i = 0; i < plan->rule_count; i++) {
    const struct rule *rule = &d->scores[plan->rules[i].score].rules[plan->rules[i].rule];
    if (plan->rules[i].kept != NONE) bounds->most[plan->rules[i].kept] = rule->keep;
    if (plan->rules[i].counted != NONE) bounds->most[plan->rules[i].counted] = rule->at_most_times;
  }
  for (int32_t i = 0; i < d->happened_count; i++) bounds->most[plan->happened[i]] = d->happened[i].times;
  if (plan->ids != NONE) bounds->most[plan->ids] = d->deduplicate;
}

static bool within(int64_t value, int64_t least, int64_t most) { return value >= least && value <= most; }
static bool is_time(int64_t time_ms) { return within(time_ms, 0, TIME_END - 1); }

/* Of a finite double? Its exponent has a bit that is 0. */
static bool is_finite(int64_t slot) { return (~(uint64_t)slot & UINT64_C(0x7ff0000000000000)) != 0; }

static bool times_ascend(const int64_t *times, uint32_t count) {
  for (uint32_t i = 0; i < count; i++)
    if (!is_time(times[i]) || (i > 0 && times[i] < times[i - 1])) return false;
  return true;
}

static bool attribute_good(const struct definition *d, const struct lead *lead, int32_t index) {
  int64_t value = lead_slot(lead, d->plan->attribute[index]);
  switch (d->attributes[index].type) {
    case ATTRIBUTE_NUMBER: return is_finite(value);
    case ATTRIBUTE_BOOLEAN: return within(value, 0, 1);
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
  if (!is_time(lead_entered_ms(plan, lead)) || !is_time(lead_created_ms(plan, lead))) return false;
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (!attribute_good(d, lead, i)) return false;
  for (int32_t i = 0; i < d->score_count; i++)
    if (plan->scores[i].as_of != NONE && !within(lead_slot(lead, plan->scores[i].as_of), 0, TIME_END / 60000)) return false;
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
  return stay.route <= task->route_count && !(((uint32_t)stay.met | stay.breached) & ~slas) && !(stay.met & stay.breached);
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
  if (lead->last_activity_ms != TIME_NONE && !is_time(lead->last_activity_ms)) return false;
  return stay_good(task, lead) && ids_good(d, lead) && slots_good(d, lead);
}

/* --- leads and routes --- */

static void take_slots(struct in *in, struct task *task, struct lead *lead) {
  const struct definition *d = task->active;
  int32_t count = take_u16(in);
  for (int32_t i = 0, next = 0; i < count && in->good; i++) {
    int32_t slot = take_u16(in);
    int64_t value = take_i64(in);
    in->good = in->good && slot >= next && slot < d->plan->slot_count && !is_cached(d, slot);
    if (in->good) *lead_make(task_pool(task), d->plan, lead, slot) = value;
    next = slot + 1;
  }
}

static void take_list(struct in *in, struct task *task, const struct bounds *bounds, struct lead *lead, int32_t index) {
  const struct plan *plan = task->active->plan;
  uint16_t count = take_u16(in);
  size_t bytes = count * element_bytes(plan, index);
  if (count > bounds->most[index] || bytes > in->left) in->good = false;
  if (!in->good) return;
  struct list *list = lead_reserve(task_pool(task), plan, lead, index, (uint32_t)((bytes + 7) / 8));
  take_into(in, list_times(lead, list), bytes);
  list->count = count;
  if (index >= plan->text_count && index != plan->ids) in->good = times_ascend(list_times(lead, list), count);
}

static void take_lists(struct in *in, struct task *task, const struct bounds *bounds, struct lead *lead) {
  int32_t count = take_u16(in);
  for (int32_t i = 0, next = 0; i < count && in->good; i++) {
    int32_t index = take_u16(in);
    in->good = in->good && index >= next && index < task->active->plan->list_count;
    if (in->good) take_list(in, task, bounds, lead, index);
    next = index + 1;
  }
}

static bool knows_any(const struct definition *d, const struct lead *lead) {
  for (int32_t i = 0; i < d->attribute_count; i++)
    if (lead_knows(d->plan, lead, i)) return true;
  return false;
}

static void take_lead(struct in *in, struct task *task, const struct bounds *bounds) {
  const struct definition *d = task->active;
  struct slice id = take_text(in);
  uint32_t number;
  if (!in->good || !id.length || leads_find(&task->leads, id, &number)) {
    in->good = false;
    return;
  }
  struct lead *lead = leads_add(&task->leads, id, &number);
  lead->now_ms = take_i64(in);
  lead->last_activity_ms = take_i64(in);
  int64_t deadline = take_i64(in);
  take_into(in, &lead->stage, sizeof lead->stage);
  take_into(in, &lead->oldest_id, sizeof lead->oldest_id);
  take_slots(in, task, lead);
  take_lists(in, task, bounds, lead);
  in->good = in->good && deadline >= 0 && lead_good(task, lead);
  if (!in->good) return;
  task->stage_counts[lead->stage]++;
  lead->queued_ms = TIME_NEVER;
  if (knows_any(d, lead)) attributes_changed(task_pool(task), d, lead);
  deadline_set(task, number, lead, deadline);
}

static void take_leads(struct in *in, struct task *task) {
  struct bounds bounds;
  bounds_init(&bounds, task->active);
  uint32_t count = take_u32(in);
  for (uint32_t i = 0; i < count && in->good; i++) take_lead(in, task, &bounds);
  memory_free(bounds.most);
}

static const struct definition *known_version(const struct task *task, uint32_t version) {
  for (int32_t i = 0; i < task->known_count; i++)
    if (task->known[i]->version == version) return task->known[i];
  return NULL;
}

static bool take_plan(struct in *in, const struct definition *d) {
  return take_u32(in) == (uint32_t)d->plan->slot_count && take_u32(in) == (uint32_t)d->plan->list_count &&
         take_u32(in) == (uint32_t)d->stage_count && take_u32(in) == (uint32_t)d->plan->text_count;
}

static void take_routes(struct in *in, struct task *task) {
  uint32_t count = take_u32(in);
  for (uint32_t i = 1; i <= count && in->good; i++) {
    struct slice queue = take_text(in);
    uint8_t assigned = 0;
    take_into(in, &assigned, 1);
    struct slice assignee = take_text(in);
    if (!in->good) return;
    in->good = queue.length > 0 && (assigned == 1 ? assignee.length > 0 : assigned == 0 && assignee.length == 0);
    if (!assigned) assignee = (struct slice){0};
    in->good = in->good && route_intern(task, queue, assignee) == i;
  }
}

bool task_load(struct task *task, const void *bytes, size_t length) {
  struct in in = {bytes, length, true};
  if (task->started || take_u32(&in) != FORMAT) return false;
  const struct definition *active = known_version(task, take_u32(&in));
  if (!active) return false;
  leads_fini(&task->leads);
  task_use(task, active);
  versions_look_ahead(task);
  task->started = true;
  task->stream_ms = take_i64(&in);
  task->passed_ms = take_i64(&in);
  if (task->stream_ms != TIME_NONE && !is_time(task->stream_ms)) return false;
  if (task->passed_ms != TIME_NONE && !within(task->passed_ms, -TIME_END, TIME_END - 1)) return false;
  take_into(&in, &task->counts, sizeof task->counts);
  if (!take_plan(&in, active)) return false;
  take_routes(&in, task);
  take_leads(&in, task);
  return in.good && in.left == 0;
}
