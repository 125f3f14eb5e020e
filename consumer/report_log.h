/* report_log.h: published events as facts: small, without texts, each id once. Events may come in any order, so they can be taken
 * from any number of partitions and files; who reads them calls report_log_take.
 *
 * May use: report_event.h, report_texts.h. */
#ifndef HANDOVER_CONSUMER_REPORT_LOG_H
#define HANDOVER_CONSUMER_REPORT_LOG_H

#include "money.h"
#include "report_event.h"
#include "report_texts.h"

enum { REPORT_STAGES = 64, REPORT_SLAS = 1024, REPORT_VERSIONS = 4096 }; /* names that may come in one log */

struct report_promise { /* an SLA that began */
  int64_t by_ms;
  uint32_t sla; /* into slas */
};

struct report_fact {
  int64_t time_ms, since_ms, offset;
  uint64_t skipped; /* bit i: stage i */
  uint32_t topic;   /* in topics */
  int32_t partition;
  uint32_t n;
  uint32_t lead;                        /* in leads */
  uint32_t move, reason, queue, member; /* in texts */
  uint32_t value;                       /* in texts: what is grouped by */
  int64_t amount;                       /* MONEY_NONE: it says none */
  uint32_t due;                         /* the first, in promises */
  uint16_t due_count;
  uint16_t sla;     /* of a breach: into slas */
  uint16_t version; /* into versions */
  uint8_t from, to; /* stages; of a breach both its stage */
  uint8_t kind;     /* enum report_kind */
};

struct report_stage {
  uint32_t name, owner; /* in texts; owner 0: not known */
  int64_t owner_ms;     /* when it was said */
  int64_t first_ms;     /* when somebody first was there */
  uint64_t above;       /* bit i: the events say that stage i is a higher rung */
};

struct report_sla {
  uint32_t name; /* in texts */
  uint8_t stage;
};

struct report_version {
  uint32_t number, digest; /* in texts */
  bool agreed;
};

struct report_reason { /* of dead letters */
  uint32_t name;       /* in texts */
  uint64_t count;
};

struct report_unseen { /* of a topic */
  uint32_t topic;      /* in texts */
  int32_t partition;   /* NONE: there is no such topic */
  int64_t first;       /* the first offset that is kept */
};

struct report_log {
  enum report_by by;
  bool has_amounts; /* some attribute is the amount … */
  uint32_t amount;  /* … of this name, in texts */
  struct report_reader *reader;
  struct report_texts leads, topics, texts;
  struct slice *topic_order; /* after report_log_sort: topics by bytes, from 1 on */
  uint32_t definition;       /* in texts: the name of the one that decided; 0: none yet */
  struct report_fact *facts;
  uint32_t fact_count, fact_room;
  uint32_t *ids; /* facts by id, number + 1 of each; id_mask + 1 places, at most half of them taken */
  uint32_t id_mask;
  struct report_promise *promises;
  uint32_t promise_count, promise_room;
  struct report_stage stages[REPORT_STAGES];
  int stage_count;
  struct report_sla slas[REPORT_SLAS];
  int sla_count;
  struct report_version versions[REPORT_VERSIONS];
  int version_count;
  struct report_reason *reasons;
  uint32_t reason_count;
  struct report_unseen *unseen;
  uint32_t unseen_count;
  uint64_t others, duplicates, dead_letters;
  uint64_t amounts_cut;      /* were larger than MONEY_MOST */
  int64_t first_ms, last_ms; /* times of events; TIME_NONE: none */
};

/* `attribute`: what REPORT_BY_ATTRIBUTE goes by. `amount`: the attribute that is an amount of money; no text: none is. */
struct report_log *report_log_create(enum report_by by, struct slice attribute, struct slice amount);
void report_log_destroy(struct report_log *log);

/* One published event, copied. False: it is of no use, and `why` (of REPORT_WHY bytes) says so. */
bool report_log_take(struct report_log *log, struct slice bytes, char *why);
void report_log_dead_letter(struct report_log *log, struct slice reason);
/* Of this partition everything before offset `first` is gone; or, with NONE twice, the topic is not there. */
void report_log_unseen(struct report_log *log, struct slice topic, int32_t partition, int64_t first);
/* Everything has been taken: from here on a fact's topic is its place by bytes, so that facts can be put in order. */
void report_log_sort(struct report_log *log);

/* The stage of this name, a new one where there is none; NONE where there are too many. */
int report_log_stage(struct report_log *log, struct slice name);
/* The SLA of this name and stage, likewise. */
int report_log_sla(struct report_log *log, struct slice name, int stage);

static inline struct slice report_text(const struct report_log *log, uint32_t text) {
  return report_texts_at(&log->texts, text);
}

#endif
