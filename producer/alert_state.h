/* alert_state.h: what `handover alert` knows over a restart: a file of SQLite.
 *
 * How far each partition was read and the deliveries that follow from it are written in one transaction, and so is what came of attempts. So
 * after a crash everything that was read is delivered or still there. Of a lead one delivery a receiver is due; the next is when that one has
 * gone. Another process may queue and look (`redeliver`, `enable`) while one delivers.
 *
 * The file's layout stands in alert_state.c. The first error of SQLite is kept: nothing is written after it, and alert_state_trouble tells it.
 * May use: sqlite3. One thread uses a state. */
#ifndef HANDOVER_PRODUCER_ALERT_STATE_H
#define HANDOVER_PRODUCER_ALERT_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alert_delivery.h"

struct alert_state;

/* Makes the file where it is not there, 0600. NULL with a sentence in `why`: cannot be opened, is none of ours, is of a newer version. */
struct alert_state *alert_state_open(const char *path, char *why, size_t room);
void alert_state_close(struct alert_state *state);
/* One process delivers from a file. False: another does. Held until it is closed. */
bool alert_state_lock(struct alert_state *state);
/* NULL: all is well. */
const char *alert_state_trouble(const struct alert_state *state);

/* What is written in between is there after the end, or none of it. */
void alert_state_begin(struct alert_state *state);
void alert_state_end(struct alert_state *state);

/* The next offset to read, −1 where none is known. */
int64_t alert_state_position(struct alert_state *state, const char *topic, int32_t partition);
void alert_state_move(struct alert_state *state, const char *topic, int32_t partition, int64_t next);
/* The least offset of a delivery that is still there and holds; −1: none. */
int64_t alert_state_held(struct alert_state *state, const char *topic, int32_t partition);

/* One more delivery, at the end. Nothing happens where its id is there already. */
void alert_state_put(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms);
/* The deliveries of a receiver that are due, first the ones that have been so for longest: up to `room` of their numbers. *next_ms: when the
 * first of those that are not will be, INT64_MAX for never. */
int32_t alert_state_due(struct alert_state *state, const char *receiver, int64_t now_ms, int64_t *seqs, int32_t room,
                        int64_t *next_ms);
/* A copy; alert_delivery_free frees it. NULL: it is gone. */
struct alert_delivery *alert_state_load(struct alert_state *state, int64_t seq);
void alert_delivery_free(struct alert_delivery *delivery);

/* What came of one: it has been delivered (or told of); is to be tried again; is given up, and is to be told of in the topic. */
void alert_state_done(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms);
void alert_state_again(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms,
                       int64_t due_ms);
void alert_state_give_up(struct alert_state *state, const struct alert_delivery *delivery, const char *reason,
                         const char *detail, int64_t now_ms);
/* All that wait for a receiver. */
void alert_state_give_up_all(struct alert_state *state, const char *receiver, const char *reason);
/* Those that have been given up, from `after` on, in order. */
int32_t alert_state_given_up(struct alert_state *state, int64_t after, int64_t *seqs, int32_t room);
void alert_state_told(struct alert_state *state, int64_t seq);

/* When the first of all is due; INT64_MAX: none is. */
int64_t alert_state_first_due(struct alert_state *state);
/* Everything that waits for this receiver, and altogether, with what is to be told of. */
int64_t alert_state_waiting(struct alert_state *state, const char *receiver);
int64_t alert_state_count(struct alert_state *state);
/* Receivers for which something waits, each by name. */
void alert_state_receivers(struct alert_state *state, void (*each)(void *context, const char *receiver), void *context);

/* Receivers that want nothing any more. */
void alert_state_disable(struct alert_state *state, const char *receiver, bool disabled, int64_t now_ms);
bool alert_state_disabled(struct alert_state *state, const char *receiver);

/* Incidents that have begun. True: it was not known, or was. */
bool alert_state_incident_begin(struct alert_state *state, const char *receiver, const char *key);
bool alert_state_incident_end(struct alert_state *state, const char *receiver, const char *key);

/* Records of the topic of what was undelivered that have been taken up again; those before `begin` are forgotten. */
bool alert_state_redelivered(struct alert_state *state, const char *topic, int32_t partition, int64_t offset);
void alert_state_redeliver(struct alert_state *state, const char *topic, int32_t partition, int64_t offset);
void alert_state_redelivered_forget(struct alert_state *state, const char *topic, int32_t partition, int64_t begin);

#endif
