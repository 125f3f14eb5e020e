/* topic_tail.h: all partitions of one topic, from some moment on, as they grow. May use: topic_reader. */
#ifndef HANDOVER_CONSUMER_TOPIC_TAIL_H
#define HANDOVER_CONSUMER_TOPIC_TAIL_H

#include "topic_reader.h"

#define TOPIC_TAIL_BEGINNING INT64_MIN
#define TOPIC_TAIL_NOW INT64_MAX

struct topic_tail;

/* `from_ms`: the first record of each partition whose timestamp is not before it, and all that follow; or one of the two above. Without
 * `follow` up to where the topic ends now. Reader and topic's name outlive it. NULL with a sentence in `why`. */
struct topic_tail *topic_tail_open(struct topic_reader *reader, const char *topic, int64_t from_ms, bool follow,
                                   char *why, size_t room);
void topic_tail_close(struct topic_tail *tail);

/* What has come by now, at most some hundreds a partition, each partition in the order of its offsets. Never waits. Returns how many there
 * were; -1: it failed, and topic_tail_why says why. `take` false: what is left of this call is left out. */
typedef bool topic_tail_take(void *context, const struct record *record);
int32_t topic_tail_read(struct topic_tail *tail, topic_tail_take *take, void *context);
bool topic_tail_over(const struct topic_tail *tail); /* without `follow`: all has been read */
const char *topic_tail_why(const struct topic_tail *tail);
/* Records between where it stands and where the topic ended when it was opened. */
int64_t topic_tail_left(const struct topic_tail *tail);

#endif
