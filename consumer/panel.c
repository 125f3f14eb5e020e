/* panel.c: a batch is decoded while the leads' memory comes near; then each event goes through all tasks. */
#include "panel.h"

#include "engine/memory.h"

enum { DETAIL = 160, APART = 4 /* records between the steps that bring a lead near */ };

struct seat { /* one definition's place, for what its task publishes */
  struct panel *panel;
  int32_t which;
};

struct taken { /* a record that is an event */
  const struct record *record;
  struct event *event;
  uint64_t hash; /* task_hash of its lead */
};

struct panel {
  const struct panel_user *user;
  struct decoder *decoder;
  struct seat *seats;
  struct task **tasks;
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
  panel->tasks = memory_zeroed((size_t)count, sizeof(*panel->tasks));
  panel->count = count;
  for (int32_t i = 0; i < count; i++) {
    panel->seats[i] = (struct seat){panel, i};
    panel->tasks[i] = task_create(partition, on_change, &panel->seats[i]);
    task_know(panel->tasks[i], definitions[i]);
  }
  tasks_share(panel->tasks, count);
  return panel;
}

void panel_destroy(struct panel *panel) {
  if (!panel) return;
  for (int32_t i = 0; i < panel->count; i++) task_destroy(panel->tasks[i]);
  decoder_destroy(panel->decoder);
  memory_free(panel->tasks);
  memory_free(panel->seats);
  memory_free(panel);
}

static void bring_near(const struct panel *panel, int32_t i, enum task_near step) {
  if (i >= 0) task_prefetch(panel->tasks[0], panel->batch[i].hash, step);
}

static void bring_blocks_near(const struct panel *panel, int32_t i) {
  if (i >= 0) tasks_prefetch_block(panel->tasks, panel->count, panel->batch[i].hash);
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
    bring_blocks_near(panel, taken - 2 * APART);
    taken++;
  }
  for (int32_t i = taken - APART; i < taken; i++) bring_near(panel, i, NEAR_RECORD);
  for (int32_t i = taken - 2 * APART; i < taken; i++) bring_blocks_near(panel, i);
  return taken;
}

static void advance(struct task *task, const struct taken *t) {
  task_advance(task, t->record->position, t->record->timestamp_ms, t->event->time_ms);
}

static void apply(struct panel *panel, const struct taken *t) {
  advance(panel->tasks[0], t);
  uint32_t lead = task_apply(panel->tasks[0], t->event, t->hash);
  for (int32_t i = 1; i < panel->count; i++) {
    advance(panel->tasks[i], t);
    task_apply_at(panel->tasks[i], t->event, lead);
  }
  panel->user->event(panel->user->context, lead, t->event);
}

void panel_apply(struct panel *panel, const struct record *records, int32_t count) {
  int32_t taken = decode(panel, records, count);
  for (int32_t i = 0; i < taken; i++) apply(panel, &panel->batch[i]);
}

void panel_mark(struct panel *panel, int64_t mark_ms) {
  for (int32_t i = 0; i < panel->count; i++) task_mark(panel->tasks[i], mark_ms);
}

const struct task *panel_task(const struct panel *panel) { return panel->tasks[0]; }
uint64_t panel_dead_letters(const struct panel *panel) { return panel->dead_letters; }
