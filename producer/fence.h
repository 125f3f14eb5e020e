/* fence.h: ends the transaction that a dead instance has left open.
 *
 * A broker waits for it until its time is over and then some (10 s and up to 10 more), and so does everybody who reads committed records
 * behind it. But whoever opens a producer under the same transactional.id ends it at once, and shuts the other one out
 * (init_transactions: the epoch is one higher from then on). One that lives after all is not harmed: it finds itself fenced, opens a
 * producer anew and restores.
 *
 * One thread asks; another, for the time of it, talks to the broker. May use: client, log, shutdown. */
#ifndef HANDOVER_PRODUCER_FENCE_H
#define HANDOVER_PRODUCER_FENCE_H

#include "../config/settings.h"
#include "../consumer/engine/slice.h"

enum { PRODUCER_NAME = 512 }; /* bytes of a transactional.id, its end included */

/* The transactional.id of a worker. */
void producer_name(char name[PRODUCER_NAME], const struct settings *settings, int32_t worker);

struct fence;

/* The settings outlive it. */
struct fence *fence_create(const struct settings *settings);
void fence_destroy(struct fence *fence); /* waits for what is under way: some seconds at most */

/* Shuts out the producer of that name; returns at once. Does nothing while another is being shut out, or this one has been a moment ago:
 * ask again as long as it matters. Nor where it is a worker of these settings, or none of their group at all. */
void fence_out(struct fence *fence, struct slice name);

#endif
