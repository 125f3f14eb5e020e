/* change.h: what the engine publishes, as facts; producer/encode.h writes them down as bytes.
 *
 * A change lives until the publish callback returns. Everything is "as the lead stands" at the step's now. */
#ifndef HANDOVER_ENGINE_CHANGE_H
#define HANDOVER_ENGINE_CHANGE_H

#include "definition.h"
#include "event.h"

enum change_type { CHANGE_STAGE, CHANGE_BREACH };

enum cause_kind {
  CAUSE_EVENT, /* an event's step; `move` NONE where it climbed */
  CAUSE_MOVE,  /* a timer's step took a move */
  CAUSE_CLIMB, /* a timer's step climbed */
  CAUSE_TIMER, /* an SLA was breached */
};

struct contribution {
  int32_t score, rule; /* rule: index within the score */
  int64_t points;      /* nanopoints, not yet cut to three decimals; never one that cuts to zero */
};

struct due {
  int32_t sla;
  int64_t by_ms;
};

struct shared_attribute {
  int32_t attribute;
  struct slice text; /* ATTRIBUTE_TEXT */
  double number;     /* ATTRIBUTE_NUMBER */
  bool boolean;      /* ATTRIBUTE_BOOLEAN */
};

struct change {
  enum change_type type;
  const struct definition *definition;
  struct slice lead;
  int64_t time_ms;  /* step's now; of a breach the SLA's deadline */
  int64_t since_ms; /* when the lead entered `from` */

  /* The record that let time pass, or the clock mark (topic "clock", offset = the mark's ms). n: from 0 for each. */
  struct position position;
  bool clock_mark;
  uint32_t n;
  int64_t record_timestamp_ms; /* of the causing record (of a mark: the mark); TIME_NONE: the record had none */

  enum cause_kind cause;
  int32_t move;              /* into moves, or NONE */
  const struct event *event; /* CAUSE_EVENT only */

  int32_t from, to; /* CHANGE_STAGE: stages. CHANGE_BREACH: both the stage */
  uint32_t entry;   /* how often the lead has now entered `to` */
  bool has_reason;
  struct slice reason;
  int32_t sla; /* CHANGE_BREACH */

  const int64_t *scores; /* definition->score_count, nanopoints, within min and max */
  const struct contribution *contributions;
  int32_t contribution_count;
  const bool *criteria;   /* definition->criterion_count, without the event */
  int32_t next;           /* the rung above `to` that has an `enter`, or NONE */
  const bool *next_names; /* definition->criterion_count: does next's `enter` name it? (NULL where next is NONE) */
  struct slice queue;     /* at == NULL: no route. Of a breach as on entry, perhaps by an earlier version's words */
  struct slice assignee;  /* at == NULL: a queue without members */
  const struct due *due;
  int32_t due_count;
  const struct shared_attribute *attributes; /* the shared ones that are set, in order */
  int32_t attribute_count;
};

/* Takes a change; what it returns is not looked at: a sink remembers its own failure. */
typedef void change_publish(void *context, const struct change *change);

#endif
