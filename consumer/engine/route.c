/* route.c: queues and members. */
#include "route.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

int32_t route_choose(struct view *view) {
  const struct definition *d = view->definition;
  for (int32_t i = 0; i < d->route_count; i++)
    if (!d->routes[i].when || condition_holds(view, d->routes[i].when)) return i;
  return NONE;
}

static uint32_t put(char *to, struct slice bytes) {
  memcpy(to, bytes.at, bytes.length);
  return bytes.length;
}

static uint32_t put_number(char *to, int32_t number) {
  char digits[12];
  uint32_t count = 0, length = 0;
  do digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  while (count) to[length++] = digits[--count];
  return length;
}

static uint64_t draw(struct slice member, int32_t k, struct slice lead) {
  char bytes[2 * LIMIT_TEXT + 16];
  uint32_t length = put(bytes, member);
  bytes[length++] = 0;
  length += put_number(bytes + length, k);
  bytes[length++] = 0;
  length += put(bytes + length, lead);
  return XXH64(bytes, length, 0);
}

int32_t route_member(const struct route *route, struct slice lead) {
  int32_t best = NONE;
  uint64_t best_value = 0;
  for (int32_t i = 0; i < route->member_count; i++) {
    for (int32_t k = 1; k <= route->members[i].weight; k++) {
      uint64_t value = draw(route->members[i].name, k, lead);
      if (best != NONE && value <= best_value) continue;
      best = i;
      best_value = value;
    }
  }
  return best;
}
