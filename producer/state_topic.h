/* state_topic.h: snapshots on their way to `handover-state`: one idempotent producer for all workers of a daemon.
 *
 * A snapshot stands for itself (chunks, checksums, two generations), so it needs no transaction. May use: librdkafka,
 * settings, client, log. */
#ifndef HANDOVER_PRODUCER_STATE_TOPIC_H
#define HANDOVER_PRODUCER_STATE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../config/settings.h"
#include "../consumer/engine/slice.h"
#include "../consumer/shutdown.h"

struct state_topic;

/* NULL with a sentence in `why`. */
struct state_topic *state_topic_open(const struct settings *settings, const struct shutdown *shutdown, char *why,
                                     size_t room);
/* Waits for what is on its way until the shutdown is over. */
void state_topic_close(struct state_topic *topic);

/* Frees what has arrived; never waits. Any thread. */
void state_topic_poll(struct state_topic *topic);

/* One snapshot's records. The worker that began it asks how it goes and lets go of it, at any time. */
struct upload;
enum upload_state { UPLOAD_MOVING, UPLOAD_DONE, UPLOAD_FAILED };

struct upload *upload_begin(struct state_topic *topic);
/* Copies. value.at == NULL: null, the key is no more. A full queue is waited for. */
void upload_put(struct upload *upload, int32_t partition, struct slice key, struct slice value);
void upload_end(struct upload *upload); /* nothing more comes */
enum upload_state upload_state(const struct upload *upload);
void upload_release(struct upload *upload);

#endif
