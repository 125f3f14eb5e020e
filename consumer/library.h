/* library.h: what is known of versions of librdkafka that matters to handover. Pure: a version in, a sentence out. May use: libc.
 *
 * A version is what rd_kafka_version() returns: 0xMMmmrrxx, such as 0x020002ff for 2.0.2. Sentences are static. */
#ifndef HANDOVER_CONSUMER_LIBRARY_H
#define HANDOVER_CONSUMER_LIBRARY_H

#include <stdbool.h>

enum library_verdict { LIBRARY_GOOD, LIBRARY_ADVICE, LIBRARY_WARNING, LIBRARY_REFUSED };

/* May this version run, and what is better? *text is "" where it is LIBRARY_GOOD. */
enum library_verdict library_judge(int version, const char **text);

/* Why a login by SCRAM may fail that is right in every other way; NULL: no reason. `mechanism` is a SASL mechanism in any case, or "". */
const char *library_scram_trouble(int version, const char *mechanism);

/* Does a client look again, after fetch.queue.backoff.ms, at a queue that was full? Else it sleeps for a second. */
bool library_looks_again(int version);

/* May a member of a group that was never assigned anything be destroyed? Else that may abort the process, while it joins. */
bool library_destroys_unassigned(int version);

#endif
