/* exhausted.h: memory that runs out ends the process with a sentence on standard error and status 3, wherever it was wanted: in the engine
 * (memory.h), in a tree of cJSON, in libcrypto. Without it a tree would be half a tree, and a text seem to be no JSON. */
#ifndef HANDOVER_CONSUMER_EXHAUSTED_H
#define HANDOVER_CONSUMER_EXHAUSTED_H

/* To be called once, first of all: libcrypto takes it only before it has asked for memory. */
void exhausted_watch(void);

#endif
