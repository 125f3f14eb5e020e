/* lead.h: what is known of one lead, packed: a fixed head, then slots, lists and entries as the plan lays them out.
 *
 * Lists (texts, kept times, message ids) live in one block a lead, which comes from the table's pool and grows by size
 * classes, so an event costs no malloc. A list never moves but when its block grows. */
#ifndef HANDOVER_ENGINE_LEAD_H
#define HANDOVER_ENGINE_LEAD_H

#include "plan.h"
#include "pool.h"

enum { LEAD_ALIGN = 64 };

struct list {
  uint32_t at;    /* 8-byte units into the block */
  uint16_t count; /* elements of 8 bytes; of a text its bytes */
  uint16_t room;  /* 8-byte units */
};

struct lead {
  int64_t entered_at_ms, now_ms, created_at_ms;
  int64_t last_activity_ms; /* TIME_NONE: none */
  int64_t deadline_ms;      /* TIME_NEVER: none */
  int64_t queued_ms;        /* the least moment at which the queue of deadlines will show this lead; TIME_NEVER */
  char *id;                 /* id_length bytes, of the table's arena */
  int64_t *block;
  uint64_t known;                  /* bit i: attribute i is set */
  uint64_t booleans;               /* values, by the plan's bits */
  uint32_t block_room, block_used; /* 8-byte units */
  uint32_t route;                  /* of this stay, into the task's routes; 0: none */
  uint16_t sla_met, sla_breached;  /* bit i: SLA i of this stay */
  uint8_t stage, id_length;
  uint8_t oldest_id;     /* where the ring of ids begins, once it is full */
  uint8_t scores_cached; /* bit i: the score from attributes i is in its slot */
};

static inline struct slice lead_id(const struct lead *lead) { return (struct slice){lead->id, lead->id_length}; }

static inline int64_t *lead_slots(const struct lead *lead) { return (int64_t *)(lead + 1); }

static inline struct list *lead_list(const struct plan *plan, const struct lead *lead, int32_t list) {
  return (struct list *)((char *)(uintptr_t)lead + plan->list_offset) + list;
}

static inline uint32_t *lead_entries(const struct plan *plan, const struct lead *lead) {
  return (uint32_t *)((char *)(uintptr_t)lead + plan->entry_offset);
}

static inline int64_t *list_times(const struct lead *lead, const struct list *list) { return lead->block + list->at; }

/* Makes room for `units` of 8 bytes in a list; what it holds stays. */
void lead_reserve(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, uint32_t units);

/* The same for all lists at once, of a lead that has none yet: by list, how many elements each will have, which it has then. */
void lead_lay(struct pool *pool, const struct plan *plan, struct lead *lead, const uint16_t *counts);

/* Keeps t among the latest `most` times of an ascending list (a multiset). */
void lead_keep_time(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, int64_t t,
                    int32_t most);

/* A text, by list; at most LIMIT_TEXT bytes. */
struct slice lead_text(const struct plan *plan, const struct lead *lead, int32_t list);
/* Returns whether it is another text now. */
bool lead_set_text(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, struct slice text);

/* Message ids, by their 64-bit hash: is this one of the last ones? Remembers it if not, forgetting the oldest of `most`. */
bool lead_seen_id(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id, int32_t most);

#endif
