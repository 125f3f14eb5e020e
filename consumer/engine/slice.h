/* slice.h: bytes that belong to somebody else. A slice never owns; who hands it out says how long it lives. */
#ifndef HANDOVER_ENGINE_SLICE_H
#define HANDOVER_ENGINE_SLICE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* A local variable that the compiler need not fill with zeros first (-ftrivial-auto-var-init). */
#if __has_attribute(uninitialized)
#define UNINITIALIZED __attribute__((uninitialized))
#else
#define UNINITIALIZED
#endif

struct slice {
  const char *at; /* may be NULL where length is 0 */
  uint32_t length;
};

#define SLICE(literal) ((struct slice){(literal), sizeof(literal) - 1})

static inline struct slice slice_of(const char *text) { return (struct slice){text, (uint32_t)strlen(text)}; }

static inline bool slice_equal(struct slice a, struct slice b) {
  return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* Order by bytes, a prefix first. */
static inline int slice_compare(struct slice a, struct slice b) {
  uint32_t n = a.length < b.length ? a.length : b.length;
  int c = n ? memcmp(a.at, b.at, n) : 0;
  return c ? c : (a.length > b.length) - (a.length < b.length);
}

#endif
