/* lead.h: what is known of one lead, packed: most leads have done little, so what is zero takes no room.
 *
 *   record, in the table     struct lead, and a bit for each cell: is it there?
 *   block, from the pool     head | id | the cells that are there, in order → … free … ← data of the lists
 *
 * A cell is 8 bytes: a slot (a number: 0 where it is not there) or a list (of texts, kept times, message ids; empty where it is not
 * there). Which cell holds what, the plan says. An attribute is known where its cell is there. A cell that comes or a list that grows
 * may move the block: a `struct list *` is good until the next call that takes the pool. No event costs a malloc. */
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

struct block {   /* followed by id, cells, free room, data */
  uint32_t room; /* all of it, in 8-byte units */
  uint32_t data; /* where data begins */
};
_Static_assert(sizeof(struct block) == sizeof(int64_t), "one unit");
_Static_assert(sizeof(struct list) == sizeof(int64_t), "one cell");

struct lead {
  int64_t now_ms;
  int64_t last_activity_ms; /* TIME_NONE: none */
  int64_t deadline_ms;      /* TIME_NEVER: none */
  int64_t queued_ms;        /* the least moment at which the queue of deadlines will show this lead; TIME_NEVER */
  int64_t *block;
  uint16_t cells; /* that are there */
  uint8_t stage, id_length;
  uint8_t oldest_id;     /* where the ring of ids begins, once it is full */
  uint8_t scores_cached; /* bit i: the score from attributes i is in its slot */
  uint64_t there[];      /* bit i: cell i */
};

struct stay {             /* in a stage; one slot */
  uint32_t route;         /* into the task's routes; 0: none */
  uint16_t met, breached; /* bit i: SLA i */
};
_Static_assert(sizeof(struct stay) == sizeof(int64_t), "one cell");

struct
    judged { /* criteria that attributes alone decide, as they were judged since an attribute changed last; one slot */
  uint32_t known, hold; /* by plan.of_attributes */
};
_Static_assert(sizeof(struct judged) == sizeof(int64_t), "one cell");

static inline uint32_t lead_id_units(const struct lead *lead) { return (lead->id_length + 7u) / 8u; }
static inline char *lead_name(const struct lead *lead) { return (char *)(lead->block + 1); }
static inline struct slice lead_id(const struct lead *lead) { return (struct slice){lead_name(lead), lead->id_length}; }

/* --- cells --- */

static inline bool lead_has(const struct lead *lead, int32_t cell) { return lead->there[cell >> 6] >> (cell & 63) & 1; }

/* How many cells are there before this one. */
static inline uint32_t lead_rank(const struct lead *lead, int32_t cell) {
  uint32_t rank = (uint32_t)__builtin_popcountll(lead->there[cell >> 6] & ((UINT64_C(1) << (cell & 63)) - 1));
  for (int32_t word = cell >> 6; word-- > 0;) rank += (uint32_t)__builtin_popcountll(lead->there[word]);
  return rank;
}

static inline int64_t *lead_cells(const struct lead *lead) { return lead->block + 1 + lead_id_units(lead); }
static inline int64_t *lead_cell(const struct lead *lead, int32_t cell) {
  return lead_cells(lead) + lead_rank(lead, cell);
}

/* NULL: it is not there. */
static inline int64_t *lead_find(const struct lead *lead, int32_t cell) {
  return lead_has(lead, cell) ? lead_cell(lead, cell) : NULL;
}

/* One that is not there, as 0. */
int64_t *lead_add(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t cell);
static inline int64_t *lead_make(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t cell) {
  return lead_has(lead, cell) ? lead_cell(lead, cell) : lead_add(pool, plan, lead, cell);
}
/* Takes it away; one that is not there is no error. Data of a list stays in the block until that moves. */
void lead_drop(struct lead *lead, int32_t cell);

static inline int64_t lead_slot(const struct lead *lead, int32_t slot) {
  const int64_t *cell = lead_find(lead, slot);
  return cell ? *cell : 0;
}

void lead_set_slot(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t slot, int64_t value);

/* Those of `count` slots from `first` on that are there, one after the other. */
struct run {
  int64_t *at;
  uint32_t count;
};
static inline struct run lead_run(const struct lead *lead, int32_t first, int32_t count) {
  uint32_t before = lead_rank(lead, first);
  return (struct run){lead_cells(lead) + before, lead_rank(lead, first + count) - before};
}

static inline bool lead_knows(const struct plan *plan, const struct lead *lead, int32_t attribute) {
  return lead_has(lead, plan->known[attribute]);
}

/* Of an attribute that is known. */
static inline double lead_number(const struct lead *lead, int32_t slot) {
  double number;
  memcpy(&number, lead_cell(lead, slot), sizeof number);
  return number;
}

static inline struct stay lead_stay(const struct plan *plan, const struct lead *lead) {
  const int64_t *cell = lead_find(lead, plan->stay);
  struct stay stay = {0};
  if (cell) memcpy(&stay, cell, sizeof stay);
  return stay;
}
/* None known where there is no slot for them. */
static inline struct judged lead_judged(const struct plan *plan, const struct lead *lead) {
  const int64_t *cell = lead_find(lead, plan->judged);
  struct judged judged = {0};
  if (cell) memcpy(&judged, cell, sizeof judged);
  return judged;
}
void lead_set_stay(struct pool *pool, const struct plan *plan, struct lead *lead, struct stay stay);

/* SLAs of the lead's stage that are neither met nor broken, by bits. */
static inline uint32_t lead_open_slas(const struct plan *plan, const struct lead *lead) {
  uint32_t slas = plan->stages[lead->stage].slas;
  if (!slas) return 0;
  struct stay stay = lead_stay(plan, lead);
  return slas & ~((uint32_t)stay.met | stay.breached);
}

static inline int64_t lead_entered_ms(const struct plan *plan, const struct lead *lead) {
  return lead_slot(lead, plan->entered);
}
static inline int64_t lead_created_ms(const struct plan *plan, const struct lead *lead) {
  return lead_slot(lead, plan->created);
}
/* How often it has entered a stage. */
static inline uint32_t lead_entries(const struct plan *plan, const struct lead *lead, int32_t stage) {
  return (uint32_t)lead_slot(lead, plan->entries + stage);
}
/* Since when nothing has been heard of it. */
static inline int64_t lead_quiet_since_ms(const struct plan *plan, const struct lead *lead) {
  return lead->last_activity_ms != TIME_NONE ? lead->last_activity_ms : lead_created_ms(plan, lead);
}

/* --- lists --- */

/* One that is not there is empty. Not to be written to. */
static inline const struct list *lead_list(const struct plan *plan, const struct lead *lead, int32_t list) {
  static const struct list none = {0};
  const void *cell = lead_find(lead, plan->slot_count + list);
  return cell ? cell : &none;
}

static inline int64_t *list_times(const struct lead *lead, const struct list *list) { return lead->block + list->at; }

/* Makes room for `units` of 8 bytes in a list; what it holds stays. */
struct list *lead_reserve(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, uint32_t units);

/* Keeps t among the latest `most` times of an ascending list (a multiset). */
void lead_keep_time(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, int64_t t,
                    int32_t most);

static inline struct slice list_text(const struct lead *lead, const struct list *list) {
  return (struct slice){list->room ? (const char *)list_times(lead, list) : "", list->count};
}

/* A text, by list; at most LIMIT_TEXT bytes. */
static inline struct slice lead_text(const struct plan *plan, const struct lead *lead, int32_t list) {
  return list_text(lead, lead_list(plan, lead, list));
}
void lead_set_text(struct pool *pool, const struct plan *plan, struct lead *lead, int32_t list, struct slice text);

/* Message ids, by their 64-bit hash: is this one of the last ones? Remembers it if not, forgetting the oldest of `most`. */
bool lead_seen_id(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id, int32_t most);

/* --- its beginning and its end --- */

/* A zeroed record becomes a lead of that name without any cell, with room for some. */
void lead_begin(struct pool *pool, const struct plan *plan, struct lead *lead, struct slice id);

/* Gives all its cells at once to a lead that has none yet: `count` of them, which are there (lead.there) in this order; the last `lists`
 * are lists that say how much they hold and how much room they take. Their data is to be written. Room for `spare` more cells. */
void lead_lay(struct pool *pool, struct lead *lead, const int64_t *cells, uint32_t count, uint32_t lists,
              uint32_t spare);

#endif
