/* task.h: one partition's leads and their time; the engine's whole interface.
 *
 * A task is a function of (definitions, log): the same calls give the same publish callbacks. No clock, no I/O. A record
 * is applied in two calls, because a version that takes over is found between them:
 *
 *     decode with task_definition(task) → lead, time
 *     task_advance(task, position, timestamp, time)   stream, passed; activations        (engine.md, One record, 2)
 *     if the definition changed: decode the fields again with the new one, keep lead, time, id and name of before
 *     task_apply(task, event)                          timers, then the event             (engine.md, One record, 3-11)
 *
 * Errors: memory that runs out ends the process (engine.md promises bytes, not an answer without memory); a stage that is
 * gone without `replaces` is found before anything runs, by versions_check. */
#ifndef HANDOVER_ENGINE_TASK_H
#define HANDOVER_ENGINE_TASK_H

#include "change.h"

struct task;

struct task_counts {
  uint64_t events; /* applied, duplicates included */
  uint64_t duplicates;
  uint64_t ignored_attributes; /* values of a wrong type */
  uint64_t timers;
};

/* `partition` names the task. `publish` is called during task_advance, task_apply and task_mark. */
struct task *task_create(int32_t partition, change_publish *publish, void *context);
void task_destroy(struct task *task);

/* Makes a version known to the task from here on; the definition must outlive the task. All have one name. A version that is
 * already known is not taken twice (returns false), but where the teams' signatures make the same document `agreed`, or no longer,
 * the new one takes the place of the old one: what is published from here on says so. The first call decides what is active before anything has run: the
 * lowest version known when the first record is applied. */
bool task_know(struct task *task, const struct definition *definition);
const struct definition *task_definition(const struct task *task); /* the active one */

/* The record at `position` (borrowed until task_apply) says that time has come to event time `time_ms`. Returns true where
 * a version took over. timestamp_ms: the record's, or TIME_NONE. */
bool task_advance(struct task *task, struct position position, int64_t timestamp_ms, int64_t time_ms);
/* Returns the lead's number: leads are counted from 0 by creation. `hash`: task_hash of the event's lead. */
uint32_t task_apply(struct task *task, const struct event *event, uint64_t hash);
/* The same without looking for the lead: in another task, which has been given the same events, it has that number. A task that is
 * fed so from its first event on cannot be asked for a lead by name. */
void task_apply_at(struct task *task, const struct event *event, uint32_t number);

/* Tasks that get the same events, each event the first task first (task_apply, the others task_apply_at), keep what they know of a lead
 * side by side. Before anything is applied, each with one version, which stays the only one; the first is destroyed first or last, but
 * not while the others go on. */
void tasks_share(struct task *const *tasks, int32_t count);

/* A clock mark: passed = max(passed, mark), versions up to it take over, timers up to passed fire. */
void task_mark(struct task *task, int64_t mark_ms);

/* The earliest deadline of any lead, or TIME_NEVER; the next version's effective_from counts as one. */
int64_t task_deadline(struct task *task);
/* Brings a lead's memory near, in three steps of which each needs what the one before has brought: call them some records apart, and
 * before task_apply. `hash`: task_hash of its name. */
uint64_t task_hash(struct slice lead);
enum task_near { NEAR_PLACE, NEAR_RECORD, NEAR_BLOCK };
void task_prefetch(const struct task *task, uint64_t hash, enum task_near step);
/* The last step for several tasks that share; the others are the first task's alone. */
void tasks_prefetch_block(struct task *const *tasks, int32_t count, uint64_t hash);

int32_t task_partition(const struct task *task);
int64_t task_stream(const struct task *task);
int64_t task_passed(const struct task *task);
uint64_t task_lead_count(const struct task *task);
struct slice task_lead(const struct task *task, uint32_t number); /* below task_lead_count: by creation */
/* False: there is no such lead. */
bool task_number(const struct task *task, struct slice lead, uint32_t *number);
uint64_t task_bytes(const struct task *task); /* memory that its leads take, their deadlines included */
uint64_t task_stage_count(const struct task *task, int32_t stage); /* leads in a stage of the active definition */
const struct task_counts *task_counts(const struct task *task);

/* How a lead stands at the time up to which the task has come, `now_ms`. May count periods of quiet that are over, so who must
 * not disturb a task looks into a copy (task_save, task_load). False: there is no such lead. */
struct lead_sight {
  int32_t stage;
  int64_t since_ms;
  int64_t scores[LIMIT_SCORES]; /* nanopoints */
  bool criteria[LIMIT_CRITERIA];
};
bool task_look(struct task *task, struct slice lead, int64_t now_ms, struct lead_sight *sight);

/* State as bytes, for snapshots: `write` is called with pieces in order. task_load takes a task fresh from task_create to which the
 * versions known at the time have been made known again; false where the bytes are not such a state (the task is then of no use and
 * is destroyed by the caller). Checksums are the caller's. The same leads may have other numbers then. */
typedef void task_write(void *context, const void *bytes, size_t length);
void task_save(const struct task *task, task_write *write, void *context);
bool task_load(struct task *task, const void *bytes, size_t length);

/* The same in steps, between which records go on being applied: what is written is the state of the moment at which it began. `write` is
 * called in steps, and when a lead changes that has not been written yet. One save at a time. */
enum save_progress {
  SAVE_MORE,
  SAVE_DONE, /* all of it has been written */
  SAVE_GONE, /* none is going on: a version took over meanwhile, and what was written is of no use */
};
void task_save_begin(struct task *task, task_write *write, void *context);
enum save_progress task_save_step(struct task *task, uint32_t leads); /* up to so many of them */
void task_save_end(struct task *task);                                /* gives it up; none going on is no error */

/* Do these versions fit together (one name, no version twice, stages that are gone have `replaces`)? On failure a sentence in
 * `why`. Definitions may be in any order. */
bool versions_check(const struct definition *const *definitions, int32_t count, char *why, size_t size);

#endif
