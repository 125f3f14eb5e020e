/* answers.h: what `handover init` asks: one table of questions (answers.c), which flags, help and dialogue follow from, and the
 * answers, checked. May use: config, codec, zone.h. */
#ifndef HANDOVER_CONSUMER_ANSWERS_H
#define HANDOVER_CONSUMER_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "../producer/buffer.h"
#include "engine/slice.h"

enum answer {
  ANSWER_COMPANY,
  ANSWER_ZONE,
  ANSWER_HOURS,
  ANSWER_SALES,
  ANSWER_PAGE, /* from here to ANSWER_LOST: names of events */
  ANSWER_DOWNLOAD,
  ANSWER_WEBINAR,
  ANSWER_TRIAL,
  ANSWER_DEMO,
  ANSWER_UNSUBSCRIBED,
  ANSWER_ACCEPTED,
  ANSWER_REJECTED,
  ANSWER_OPPORTUNITY,
  ANSWER_WON,
  ANSWER_LOST,
  ANSWER_SIZE,
  ANSWER_INDUSTRIES,
  ANSWER_COUNTRIES,
  ANSWER_THRESHOLD,
  ANSWER_SLA,
  ANSWER_BANT,
  ANSWER_FROM,
  ANSWERS,
};

struct question {
  const char *flag;     /* without the two dashes */
  const char *value;    /* what the help calls it */
  const char *fallback; /* what Enter takes; "-" is no; NULL: worked out (answers_begin) */
  const char *help;     /* at most two lines */
  const char *ask;      /* NULL: there is a flag, and no question */
  bool may_be_no;
};

extern const struct question questions[ANSWERS];

enum { ANSWER_MOST = 2000 };

struct answers {       /* zero it to start */
  char *text[ANSWERS]; /* NULL: not answered yet; "-": no */
  char from[16];       /* the first day of this year: the default of ANSWER_FROM */
};

void answers_begin(struct answers *answers, int64_t now_ms);
void answers_fini(struct answers *answers);
const char *answers_fallback(const struct answers *answers, enum answer which);

/* Takes an answer, an empty one as the default. False: a sentence in `why`, and nothing is taken. */
bool answers_set(struct answers *answers, enum answer which, const char *text, char *why, size_t room);
bool answers_no(const struct answers *answers, enum answer which);

/* answers_check.c: is the text of use as this answer? */
bool answers_check(const struct answers *answers, enum answer which, const char *text, char *why, size_t room);

/* Parts of an answer, without the blanks around them. False: no more of them. */
bool answers_part(const char **text, char separator, struct slice *part);
/* "mon-fri 09:00-17:00,…" as members of "hours". */
void answers_append_hours(struct buffer *out, const char *text);
/* "emea: ana, bo; americas: eli" or "ana, bo" as entries of "routes", a line each. */
void answers_append_routes(struct buffer *out, const char *text);
bool answers_has_territories(const char *text);
/* "a, b" as strings of a JSON list. */
void answers_append_list(struct buffer *out, const char *text);

#endif
