/* decode_trie.h: the pointers that a definition uses as one tree, and what was learned about the order of members.
 *
 * A node is a place in an event. A token is a member's name, and where the value is an array it is an element's index, if it is
 * written as one ("0", "17"; not "01", "-1", "-").
 *
 * Guesses: most events are written by a few programs, so a member's name is nearly always the one that stood there last time. A
 * guess is the very bytes from behind a '{' or ',' to a value, `"userId":`, which have been found good once, and the node that they
 * lead to. What followed it lately is its trail. A guess that does not fit costs a comparison: results never depend on guesses. */
#ifndef HANDOVER_CONSUMER_DECODE_TRIE_H
#define HANDOVER_CONSUMER_DECODE_TRIE_H

#include "decode_table.h"
#include "engine/definition.h"

enum { GUESS_BYTES = 32, GUESS_COUNT = 32, GUESS_NONE = GUESS_COUNT, TRAIL_WIDTH = 2 };

struct trail { /* indices into the node's guesses, the newest first */
  uint8_t next[TRAIL_WIDTH];
};

struct guess {
  char bytes[GUESS_BYTES];
  int32_t child;  /* node, or NONE: nobody wants the member */
  uint8_t length; /* 0: fits nothing */
  struct trail trail;
};

struct element {
  uint32_t index;
  int32_t child;
};

struct node {
  uint64_t seen; /* the round in which a value was found here: the first one counts */
  int32_t field; /* NONE: on the way only */
  bool numeric;
  uint8_t replaced;         /* counts guesses that had to go */
  struct table members;     /* to nodes */
  struct element *elements; /* ascending */
  int32_t element_count;
  struct guess *guesses;    /* GUESS_COUNT, and one that fits nothing */
  struct trail first, lost; /* behind '{'; behind a name that is too long for a guess */
};

struct trie {
  struct node *nodes; /* the first is the whole document */
  int32_t count;
  bool any_bytes; /* strings may hold what is not UTF-8; false unless set */
};

void trie_init(struct trie *trie, const struct field *fields, int32_t field_count);
void trie_fini(struct trie *trie);

/* `bytes` (at most GUESS_BYTES) have been found to lead from `node` to `child`, at the end of `trail`: they are guessed there from now
 * on. `hash` is that of the name. Returns the trail behind them. */
struct trail *trie_learn(struct node *node, struct trail *trail, struct slice bytes, uint32_t hash, int32_t child);

#endif
