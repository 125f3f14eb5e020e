/* panel.h: several definitions side by side over one partition: each event is decoded once, and its lead is looked for and brought near once.
 *
 *   records → decode → the first task: apply, the lead's number → every other task: apply at that number
 *
 * Definitions share one vocabulary (config/share.h) and see the same events, so a lead has the same number in each task. A definition
 * is active from the first record on. A panel belongs to one thread. May use: engine, decode. */
#ifndef HANDOVER_CONSUMER_PANEL_H
#define HANDOVER_CONSUMER_PANEL_H

#include "decode.h"
#include "engine/task.h"

enum { PANEL_BATCH = 64 };

/* Who listens. `which` is the definition's place among those of the panel. Of each event what it changed comes in the order of the
 * definitions, then the event. Nothing may be NULL. */
struct panel_user {
  void *context;
  void (*change)(void *context, int32_t which, const struct change *change);
  void (*event)(void *context, uint32_t lead, const struct event *event); /* duplicates too */
};

struct panel;

/* Definitions (at least one) and the user outlive the panel. */
struct panel *panel_create(int32_t partition, const struct definition *const *definitions, int32_t count,
                           const struct panel_user *user, uint32_t event_bytes_max);
void panel_destroy(struct panel *panel);

/* Applies up to PANEL_BATCH records, in order. Their bytes must stay until it returns. */
void panel_apply(struct panel *panel, const struct record *records, int32_t count);
void panel_mark(struct panel *panel, int64_t mark_ms);

/* The first definition's: the one that knows leads by name. */
const struct task *panel_task(const struct panel *panel);
uint64_t panel_dead_letters(const struct panel *panel);

#endif
