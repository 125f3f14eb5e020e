/* save.h: a task's state on its way to bytes and back: what save.c and save_lead.c share, and what the files that change a lead call
 * before they do. For the files of the engine alone; everybody else uses task.h. */
#ifndef HANDOVER_ENGINE_SAVE_H
#define HANDOVER_ENGINE_SAVE_H

#include "state.h"

enum { NUMBER_MOST = 10 /* bytes of a number */ };

/* --- to bytes --- */

struct out { /* gathers pieces, so that `write` is called seldom */
  task_write *write;
  void *context;
  char *at;
  size_t used, room;
};

/* Room for `most` bytes; who has put them there sets `used`. */
char *out_reserve(struct out *out, size_t most);
void out_flush(struct out *out);
void out_fini(struct out *out);

static inline char *put_u(char *at, uint64_t value) {
  for (; value >= 128; value >>= 7) *at++ = (char)(value | 128);
  *at++ = (char)value;
  return at;
}

static inline uint64_t zigzag(uint64_t value) { return value << 1 ^ (value >> 63 ? UINT64_MAX : 0); }
static inline char *put_i(char *at, int64_t value) { return put_u(at, zigzag((uint64_t)value)); }

static inline char *put_bytes(char *at, const void *bytes, size_t length) {
  if (bytes && length) memcpy(at, bytes, length);
  return at + length;
}

static inline char *put_text(char *at, struct slice text) {
  return put_bytes(put_u(at, text.length), text.at, text.length);
}

/* --- and back: every length is checked; the first thing wrong makes all that follows fail --- */

struct in {
  const char *at;
  size_t left;
  bool good;
};

static inline const char *take(struct in *in, size_t length) {
  if (!in->good || length > in->left) {
    in->good = false;
    return NULL;
  }
  const char *bytes = in->at;
  in->at += length;
  in->left -= length;
  return bytes;
}

static inline uint64_t take_u(struct in *in) {
  uint64_t value = 0;
  for (uint32_t i = 0; in->good && i < NUMBER_MOST && i < in->left; i++) {
    const uint8_t byte = (uint8_t)in->at[i];
    value |= (uint64_t)(byte & 127) << 7 * i;
    if (byte >= 128) continue;
    in->at += i + 1;
    in->left -= i + 1;
    return value;
  }
  in->good = false;
  return 0;
}

static inline int64_t take_i(struct in *in) {
  const uint64_t value = take_u(in);
  return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

/* A number from 0 to `most`. */
static inline uint64_t take_most(struct in *in, uint64_t most) {
  const uint64_t value = take_u(in);
  if (value > most) in->good = false;
  return in->good ? value : 0;
}

static inline struct slice take_text(struct in *in) {
  const uint32_t length = (uint32_t)take_most(in, LIMIT_TEXT);
  const char *bytes = take(in, length);
  return (struct slice){bytes, bytes ? length : 0};
}

/* --- one lead --- */

/* What a lead may hold under a definition. */
struct shape {
  const struct definition *definition;
  bool *apart;            /* of each slot: it is written elsewhere, or can be worked out again */
  uint32_t derived_count; /* slots that a lead gets which knows an attribute (attributes_changed) */
  uint16_t *most;         /* of each list: how many elements */
  int64_t *cells;         /* of the lead that is being read */
};

void shape_init(struct shape *shape, const struct definition *definition);
void shape_fini(struct shape *shape);

void lead_put(struct out *out, const struct shape *shape, const struct lead *lead);
/* The bytes after the id, into a lead that has nothing but it; false: no task can come to that. */
bool lead_take(struct in *in, struct task *task, const struct shape *shape, uint32_t number, struct lead *lead);
/* The fewest bytes that a lead takes. */
size_t lead_least(const struct shape *shape);

/* --- a save that is going on --- */

struct save {
  struct out out;
  struct shape shape;
  uint32_t next, end; /* leads below `next` have been written; those from `end` on came after the moment */
  uint64_t *early;    /* a bit for each that was written before its turn */
};

static inline bool save_was_early(const struct save *save, uint32_t number) {
  return save->early[number / 64] >> number % 64 & 1;
}

void save_early(struct save *save, uint32_t number, const struct lead *lead);

/* Before anything of a lead changes that is kept. */
static inline void save_before_change(struct task *task, uint32_t number, const struct lead *lead) {
  if (task->save) save_early(task->save, number, lead);
}

#endif
