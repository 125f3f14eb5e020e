/* panel.c: a batch is decoded, then goes through one task after the other, each with the leads' memory brought near before. */
#include "panel.h"

#include "engine/memory.h"

enum { DETAIL = 160, APART = 4 /* records between the steps that bring a lead near */ };

struct seat { /* one definition's task, and what it hands to the user */
  struct panel *panel;
  struct task *task;
  int32_t which;
};

struct taken { /* a record that is an event, and whose it is */
  const struct record *record;
  struct event *event;
  uint64_t hash; /* task_hash of its lead */
  uint32_t lead;
};

struct panel {
  const struct panel_user *user;
  struct decoder *decoder;
  struct seat *seats;
  int32_t count;
  uint64_t dead_letters;
  struct taken batch[PANEL_BATCH];
};

static void on_change(void *context, const struct change *change) {
  const struct seat *seat = context;
  seat->panel->user->change(seat->panel->user->context, seat->which, change);
}

struct panel *panel_create(int32_t partition, const struct definition *const *definitions, int32_t count,
                           const struct panel_user *user, uint32_t event_bytes_max) {
  struct panel *panel = memory_zeroed(1, sizeof *panel);
  panel->user = user;
  panel->decoder = decoder_create(definitions[0], PANEL_BATCH, event_bytes_max);
  panel->seats = memory_zeroed((size_t)count, sizeof *panel->seats);
  panel->count = count;
  for (int32_t i = 0; i < count; i++) {
    panel->seats[i] = (struct seat){panel, task_create(partition, on_change, &panel->seats[i]), i};
    task_know(panel->seats[i].task, definitions[i]);
  }
  return panel;
}

void panel_destroy(struct panel *panel) {
  if (!panel) return;
  for (int32_t i = 0; i < panel->count; i++) task_destroy(panel->seats[i].task);
  decoder_destroy(panel->decoder);
  memory_free(panel->seats);
  memory_free(panel);
}

static void bring_near(const struct panel *panel, int32_t i, enum task_near step) {
  if (i >= 0) task_prefetch(panel->seats[0].task, panel->batch[i].hash, step);
}

/* Returns how many of the records are events. */
static int32_t decode(struct panel *panel, const struct record *records, int32_t count) {
  char detail[DETAIL];
  int32_t taken = 0;
  for (int32_t i = 0; i < count; i++) {
    struct taken *t = &panel->batch[taken];
    if (decoder_decode(panel->decoder, taken, &records[i], &t->event, detail) != REJECT_NONE) {
      panel->dead_letters++;
      continue;
    }
    t->record = &records[i];
    t->hash = task_hash(t->event->lead);
    bring_near(panel, taken, NEAR_PLACE);
    bring_near(panel, taken - APART, NEAR_RECORD);
    bring_near(panel, taken - 2 * APART, NEAR_BLOCK);
    taken++;
  }
  for (int32_t i = taken - APART; i < taken; i++) bring_near(panel, i, NEAR_RECORD);
  for (int32_t i = taken - 2 * APART; i < taken; i++) bring_near(panel, i, NEAR_BLOCK);
  return taken;
}

static void advance(struct task *task, const struct taken *t) {
  task_advance(task, t->record->position, t->record->timestamp_ms, t->event->time_ms);
}

static void lead_the_way(struct panel *panel, int32_t count) {
  struct task *task = panel->seats[0].task;
  for (int32_t i = 0; i < count; i++) {
    struct taken *t = &panel->batch[i];
    advance(task, t);
    t->lead = task_apply(task, t->event, t->hash);
  }
}

static void bring_near_at(const struct panel *panel, const struct task *task, int32_t i, int32_t count,
                          enum task_near step) {
  if (i < count) task_prefetch_at(task, panel->batch[i].lead, step);
}

static void follow(struct panel *panel, struct task *task, int32_t count) {
  for (int32_t i = 0; i < 2 * APART; i++) bring_near_at(panel, task, i, count, NEAR_RECORD);
  for (int32_t i = 0; i < APART; i++) bring_near_at(panel, task, i, count, NEAR_BLOCK);
  for (int32_t i = 0; i < count; i++) {
    const struct taken *t = &panel->batch[i];
    bring_near_at(panel, task, i + 2 * APART, count, NEAR_RECORD);
    bring_near_at(panel, task, i + APART, count, NEAR_BLOCK);
    advance(task, t);
    task_apply_at(task, t->event, t->lead);
  }
}

void panel_apply(struct panel *panel, const struct record *records, int32_t count) {
  int32_t taken = decode(panel, records, count);
  lead_the_way(panel, taken);
  for (int32_t i = 1; i < panel->count; i++) follow(panel, panel->seats[i].task, taken);
  for (int32_t i = 0; i < taken; i++)
    panel->user->event(panel->user->context, panel->batch[i].lead, panel->batch[i].event);
}

void panel_mark(struct panel *panel, int64_t mark_ms) {
  for (int32_t i = 0; i < panel->count; i++) task_mark(panel->seats[i].task, mark_ms);
}

const struct task *panel_task(const struct panel *panel) { return panel->seats[0].task; }
uint64_t panel_dead_letters(const struct panel *panel) { return panel->dead_letters; }
