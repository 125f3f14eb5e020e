/* alert_reader.h: published events, in a group of its own, from where the state file says. May use: librdkafka, client.h, alert_state.h.
 *
 * A partition begins where the file says, or where the group says if that is further on (another instance had it); where neither knows it,
 * at its end, or its beginning, as alert_start has it. The group's offsets follow the file, but stay before what has not been delivered: who
 * loses the file sends some once more, and loses nothing. Nothing of this touches the daemon's group. */
#ifndef HANDOVER_PRODUCER_ALERT_READER_H
#define HANDOVER_PRODUCER_ALERT_READER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "../config/settings.h"
#include "alert_state.h"

enum { ALERT_READER_WHY = 600 };

struct alert_reader;

/* NULL with a sentence in `why`. `socket`: something is written to it when there is something to poll. */
struct alert_reader *alert_reader_open(const struct settings *settings, struct alert_state *state, int socket,
                                       char *why, size_t room);
/* Commits, and leaves the group. */
void alert_reader_close(struct alert_reader *reader);

/* The next record, if one is there; the caller destroys it, and moves the file's position. Rebalances happen in here. */
rd_kafka_message_t *alert_reader_poll(struct alert_reader *reader);
/* Reads on, or not. */
void alert_reader_pause(struct alert_reader *reader, bool paused);
/* The group's offsets after the file, where they have moved. */
void alert_reader_commit(struct alert_reader *reader);

/* Records that retention had cut before they were read, so far. */
int64_t alert_reader_cut(const struct alert_reader *reader);
bool alert_reader_assigned(const struct alert_reader *reader);
/* Everything that there was when its partitions were taken up has been read. */
bool alert_reader_over(const struct alert_reader *reader);
/* NULL: all is well. Else nothing more can be read. */
const char *alert_reader_trouble(const struct alert_reader *reader);

#endif
