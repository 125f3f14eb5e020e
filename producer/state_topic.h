/* state_topic.h: snapshots on their way to `handover-state`: one idempotent producer and one thread for all workers of a daemon.
 *
 * The thread reads them chunk by chunk from their files; what is on its way is less than STATE_TOPIC_KB. A snapshot stands for
 * itself (chunks, checksums, two generations), so it needs no transaction. May use: librdkafka, settings, client, log,
 * snapshot_chunk, pthread. */
#ifndef HANDOVER_PRODUCER_STATE_TOPIC_H
#define HANDOVER_PRODUCER_STATE_TOPIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../config/settings.h"
#include "../consumer/shutdown.h"

enum { STATE_TOPIC_KB = 8192 };

struct state_topic;

/* NULL with a sentence in `why`. */
struct state_topic *state_topic_open(const struct settings *settings, const struct shutdown *shutdown, char *why,
                                     size_t room);
/* Waits for what has been begun until the shutdown is over. */
void state_topic_close(struct state_topic *topic);

/* One snapshot's records. The worker that began it asks how it goes and lets go of it, at any time. */
struct upload;
enum upload_state { UPLOAD_MOVING, UPLOAD_DONE, UPLOAD_FAILED };

struct upload_order {
  int descriptor; /* of the file; the upload's from here on */
  uint64_t bytes, id;
  int32_t partition, generation;
  uint32_t end; /* chunks up to here that are too many get null values */
};
struct upload *upload_begin(struct state_topic *topic, const struct upload_order *order);
enum upload_state upload_state(const struct upload *upload);
void upload_release(struct upload *upload);

#endif
