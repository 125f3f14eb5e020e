/* decode_walk.h: one pass over an event's bytes: finds the values that the trie asks for, and says whether it is a JSON object. */
#ifndef HANDOVER_CONSUMER_DECODE_WALK_H
#define HANDOVER_CONSUMER_DECODE_WALK_H

#include "decode_trie.h"
#include "engine/event.h"

/* Where decoded texts go. What lies in the first `used` bytes stays where it is until somebody sets `used` to 0. */
struct scratch {
  char *at;
  uint32_t capacity, used;
};

/* Nothing is used yet. Large memory is given back when it is not needed any more. */
void scratch_reserve(struct scratch *scratch, uint32_t bytes);

/* Fills the event's `values`, one for each field and zeroed, and `present`, in one pass. `round` is another one for each event, and never 0. The scratch is
 * reserved for the whole document as soon as a string needs it, unless something is used. False: the text is no strict JSON, or no
 * object; the values are of no use then. */
bool walk_document(struct trie *trie, struct slice document, uint64_t round, struct event *event,
                   struct scratch *scratch);

#endif
