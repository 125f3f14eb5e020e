/* save.c: a task's state as bytes and back, for snapshots; whole, or step by step while the task goes on.
 *
 * Layout (u: a number from 0 on, seven bits a byte, the lowest first, the top bit says that more follow; i: a signed one as u, n ≥ 0
 * as 2n, n < 0 as −2n − 1; text: u length, bytes):
 *   u32 format (2), little endian
 *   u active version, u started (0 or 1), i stream, i passed, u of each of struct task_counts
 *   u slots, lists, stages, texts    of the active version's plan: a check that it is the same
 *   u routes, then each: text queue, u has assignee, text assignee
 *   u leads, then each, in any order, as save_lead.c lays it out
 * To change it: raise the format; a snapshot of another format is set aside, and the log is replayed.
 * What can be worked out again (cached scores, the queue of deadlines, counts by stage) is not kept.
 *
 * A save in steps writes the state of the moment at which it began, whatever comes in between:
 *   1. All but the leads is written at once. Routes are only ever added, and a lead that is written later has one of those.
 *   2. Leads are written in the order of their numbers. One whose turn has not come is written before it changes, and marked, so that
 *      its turn passes it over.
 *   3. A lead that is made meanwhile is not written.
 *   4. A version that takes over moves all leads: the save is given up. */
#include "save.h"

#include <assert.h>

#include "memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");

enum {
  FORMAT = 2,
  GATHERED = 64 << 10, /* bytes before they are written */
  HEAD_NUMBERS = 13,
};

/* --- bytes --- */

void out_flush(struct out *out) {
  if (out->used) out->write(out->context, out->at, out->used);
  out->used = 0;
}

char *out_reserve(struct out *out, size_t most) {
  if (out->room - out->used < most) out_flush(out);
  if (out->room < most) {
    out->room = most > GATHERED ? most : GATHERED;
    out->at = memory_grown(out->at, out->room);
  }
  return out->at + out->used;
}

static void out_used(struct out *out, const char *end) { out->used = (size_t)(end - out->at); }

void out_fini(struct out *out) {
  memory_free(out->at);
  *out = (struct out){0};
}

/* --- all but the leads --- */

static void put_plan(struct out *out, const struct definition *d) {
  char *at = out_reserve(out, (size_t)4 * NUMBER_MOST);
  at = put_u(at, (uint64_t)d->plan->slot_count);
  at = put_u(at, (uint64_t)d->plan->list_count);
  at = put_u(at, (uint64_t)d->stage_count);
  at = put_u(at, (uint64_t)d->plan->text_count);
  out_used(out, at);
}

static void put_routes(struct out *out, const struct task *task) {
  char *at = out_reserve(out, NUMBER_MOST);
  out_used(out, put_u(at, task->route_count));
  for (uint32_t i = 1; i <= task->route_count; i++) {
    const struct stay_route *route = &task->routes[i];
    at = out_reserve(out, (size_t)3 * NUMBER_MOST + route->queue.length + route->assignee.length);
    at = put_u(put_text(at, route->queue), route->assignee.at != NULL);
    out_used(out, put_text(at, route->assignee));
  }
}

static void put_head(struct out *out, const struct task *task) {
  const uint32_t format = FORMAT;
  const struct task_counts *counts = &task->counts;
  char *at = put_bytes(out_reserve(out, sizeof format + (size_t)HEAD_NUMBERS * NUMBER_MOST), &format, sizeof format);
  at = put_u(put_u(at, task->active->version), task->started);
  at = put_i(put_i(at, task->stream_ms), task->passed_ms);
  at = put_u(put_u(at, counts->events), counts->duplicates);
  at = put_u(put_u(at, counts->ignored_attributes), counts->timers);
  out_used(out, at);
  put_plan(out, task->active);
  put_routes(out, task);
  out_used(out, put_u(out_reserve(out, NUMBER_MOST), task->leads.count));
}

void task_save(const struct task *task, task_write *write, void *context) {
  struct out out = {.write = write, .context = context};
  struct shape shape;
  shape_init(&shape, task->active);
  put_head(&out, task);
  for (uint32_t i = 0; i < task->leads.count; i++) lead_put(&out, &shape, leads_at(&task->leads, i));
  out_flush(&out);
  out_fini(&out);
  shape_fini(&shape);
}

/* --- in steps --- */

void task_save_begin(struct task *task, task_write *write, void *context) {
  assert(!task->save);
  struct save *save = memory_zeroed(1, sizeof *save);
  save->out = (struct out){.write = write, .context = context};
  save->end = task->leads.count;
  save->early = memory_zeroed(save->end / 64 + 1, sizeof *save->early);
  shape_init(&save->shape, task->active);
  put_head(&save->out, task);
  task->save = save;
}

void task_save_end(struct task *task) {
  struct save *save = task->save;
  if (!save) return;
  shape_fini(&save->shape);
  out_fini(&save->out);
  memory_free(save->early);
  memory_free(save);
  task->save = NULL;
}

void save_early(struct save *save, uint32_t number, const struct lead *lead) {
  if (number < save->next || number >= save->end || save_was_early(save, number)) return;
  save->early[number / 64] |= UINT64_C(1) << number % 64;
  lead_put(&save->out, &save->shape, lead);
}

enum save_progress task_save_step(struct task *task, uint32_t leads) {
  struct save *save = task->save;
  if (!save) return SAVE_GONE;
  const uint32_t end = save->end - save->next > leads ? save->next + leads : save->end;
  for (; save->next < end; save->next++)
    if (!save_was_early(save, save->next)) lead_put(&save->out, &save->shape, leads_at(&task->leads, save->next));
  if (save->next < save->end) return SAVE_MORE;
  out_flush(&save->out);
  task_save_end(task);
  return SAVE_DONE;
}

/* --- and back --- */

static const struct definition *known_version(const struct task *task, uint64_t version) {
  for (int32_t i = 0; i < task->known_count; i++)
    if (task->known[i]->version == version) return task->known[i];
  return NULL;
}

static bool take_plan(struct in *in, const struct definition *d) {
  return take_u(in) == (uint64_t)d->plan->slot_count && take_u(in) == (uint64_t)d->plan->list_count &&
         take_u(in) == (uint64_t)d->stage_count && take_u(in) == (uint64_t)d->plan->text_count;
}

static void take_routes(struct in *in, struct task *task) {
  uint64_t count = take_u(in);
  for (uint64_t i = 1; i <= count && in->good; i++) {
    struct slice queue = take_text(in);
    uint64_t assigned = take_most(in, 1);
    struct slice assignee = take_text(in);
    if (!in->good) return;
    in->good = queue.length > 0 && (assigned == 1) == (assignee.length > 0);
    if (!assigned) assignee = (struct slice){0};
    in->good = in->good && route_intern(task, queue, assignee) == i;
  }
}

static bool take_lead(struct in *in, struct task *task, const struct shape *shape, uint32_t *hash) {
  struct slice id = take_text(in);
  if (!in->good || !id.length) return false;
  *hash = (uint32_t)leads_hash(id);
  uint32_t number = task->leads.count;
  return lead_take(in, task, shape, number, leads_append(&task->leads, id));
}

/* They are indexed together. */
static void take_leads(struct in *in, struct task *task) {
  struct shape shape;
  shape_init(&shape, task->active);
  uint64_t count = take_u(in);
  if (count > UINT32_MAX - 1 || count > in->left / lead_least(&shape) || (count > 0 && !task->started))
    in->good = false;
  uint32_t *hashes = memory_zeroed(in->good ? (size_t)count : 0, sizeof *hashes);
  for (uint64_t i = 0; i < count && in->good; i++) in->good = take_lead(in, task, &shape, &hashes[i]);
  in->good = in->good && leads_index(&task->leads, hashes);
  memory_free(hashes);
  shape_fini(&shape);
}

static bool is_moment(int64_t time_ms, int64_t least_ms) {
  return time_ms == TIME_NONE || (time_ms >= least_ms && time_ms < TIME_END);
}

static void take_numbers(struct in *in, struct task *task) {
  struct task_counts *counts = &task->counts;
  task->started = take_most(in, 1);
  task->stream_ms = take_i(in);
  task->passed_ms = take_i(in);
  if (!is_moment(task->stream_ms, 0) || !is_moment(task->passed_ms, -TIME_END)) in->good = false;
  counts->events = take_u(in);
  counts->duplicates = take_u(in);
  counts->ignored_attributes = take_u(in);
  counts->timers = take_u(in);
}

bool task_load(struct task *task, const void *bytes, size_t length) {
  struct in in = {bytes, length, true};
  uint32_t format = 0;
  const char *at = take(&in, sizeof format);
  if (at) memcpy(&format, at, sizeof format);
  if (task->started || format != FORMAT) return false;
  const struct definition *active = known_version(task, take_u(&in));
  if (!active) return false;
  leads_fini(&task->leads);
  task_use(task, active);
  versions_look_ahead(task);
  take_numbers(&in, task);
  if (!take_plan(&in, active)) return false;
  take_routes(&in, task);
  take_leads(&in, task);
  return in.good && in.left == 0;
}
