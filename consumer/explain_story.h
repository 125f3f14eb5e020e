/* explain_story.h: one lead's story, gathered while tasks decide a log, wherever it comes from (explain.h, explain_kafka.h).
 *
 * May use: lane, explain_entry, explain_standing. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_STORY_H
#define HANDOVER_CONSUMER_EXPLAIN_STORY_H

#include "explain_entry.h"
#include "lane.h"

struct explain_story { /* explain_story_init, explain_story_fini */
  struct slice lead;
  int64_t at_ms; /* the log ends before the first later event, and time comes up to here; TIME_NONE: the whole log */
  int32_t partition; /* where the lead was seen; NONE: not yet */
  struct sink sink;  /* for the lanes; its context is the story */
  struct explain_entries timeline;
};

void explain_story_init(struct explain_story *story, struct slice lead, int64_t at_ms);
void explain_story_fini(struct explain_story *story);
/* A lane that may be the lead's. `context` is the story. */
void explain_story_follow(void *context, struct lane *lane);

/* Of these the lead's lane; NULL: it has not been seen. */
struct lane *explain_story_lane(const struct explain_story *story, struct lane *const *lanes, int32_t count);
/* The whole as one JSON object, after the end of the log. */
void explain_story_tell(struct explain_story *story, struct lane *lane, struct buffer *out);
/* Says that the lead is not there, and which ids are near, on standard error. */
void explain_story_absent(const struct explain_story *story, struct lane *const *lanes, int32_t count);

#endif
