/* definition_cycle.c: nothing may use itself, neither at once nor through others: criteria, and scores from scores. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "definition_compile.h"

void uses_init(struct compiler *c, struct uses *uses, const struct names *names) {
  (void)c;
  *uses = (struct uses){.count = names->count, .from = NONE};
  size_t count = (size_t)names->count;
  uses->at = memory_zeroed(count * count, sizeof *uses->at);
}

void uses_note(struct uses *uses, int32_t to, const cJSON *reference) {
  if (uses->from == NONE) return;
  const cJSON **first = &uses->at[uses->from * uses->count + to];
  if (!*first) *first = reference;
}

enum state { NEW, OPEN, DONE };

struct search {
  struct compiler *c;
  const struct uses *uses;
  const struct names *names;
  uint8_t state[LIMIT_CRITERIA];
  int32_t path[LIMIT_CRITERIA]; /* the open ones, outermost first */
  int32_t depth;
};

static_assert((int)LIMIT_CRITERIA >= (int)LIMIT_SCORES, "a search has room for both kinds");

/* The reference closes a circle that begins at `start`. */
static void complain_cycle(const struct search *search, int32_t start, const cJSON *reference) {
  char circle[400] = "";
  int32_t i = 0;
  while (search->path[i] != start) i++;
  for (; i < search->depth; i++) {
    size_t length = strlen(circle);
    snprintf(circle + length, sizeof circle - length, "\"%.*s\" uses ", SHOWN(search->names->at[search->path[i]]));
    if (strlen(circle) < 200) continue;
    snprintf(circle + strlen(circle), sizeof circle - strlen(circle), "… uses ");
    break;
  }
  complain(search->c, reference, "a %s cannot use itself: %s\"%.*s\"", search->names->kind, circle,
           SHOWN(search->names->at[start]));
}

static void visit(struct search *search, int32_t from) {
  search->state[from] = OPEN;
  search->path[search->depth++] = from;
  for (int32_t to = 0; to < search->uses->count; to++) {
    const cJSON *reference = search->uses->at[from * search->uses->count + to];
    if (!reference || search->state[to] == DONE) continue;
    if (search->state[to] == OPEN) complain_cycle(search, to, reference);
    else visit(search, to);
  }
  search->depth--;
  search->state[from] = DONE;
}

static void check_uses(struct compiler *c, const struct uses *uses, const struct names *names) {
  struct search search = {.c = c, .uses = uses, .names = names};
  for (int32_t i = 0; i < uses->count; i++)
    if (search.state[i] == NEW) visit(&search, i);
}

void check_cycles(struct compiler *c) {
  check_uses(c, &c->criterion_uses, &c->criteria);
  check_uses(c, &c->score_uses, &c->scores);
}
