/* names.c: edit distance with swapped neighbours (optimal string alignment), without regard to ASCII case. */
#include "names.h"

#include <string.h>

enum { COMPARED_MAX = 64 }; /* bytes; longer names are not compared */

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Edits that turn a into b: insert, delete, replace, swap two neighbours. */
static size_t distance(const char *a, size_t m, const char *b, size_t n) {
  size_t rows[3][COMPARED_MAX + 1];
  size_t *before = rows[0], *last = rows[1], *row = rows[2];
  for (size_t j = 0; j <= n; j++) last[j] = j;
  for (size_t i = 1; i <= m; i++) {
    row[0] = i;
    for (size_t j = 1; j <= n; j++) {
      char x = lower(a[i - 1]), y = lower(b[j - 1]);
      row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
      if (i > 1 && j > 1 && x == lower(b[j - 2]) && lower(a[i - 2]) == y) row[j] = least(row[j], before[j - 2] + 1);
    }
    size_t *spare = before;
    before = last;
    last = row;
    row = spare;
  }
  return last[n];
}

const char *name_nearest(const char *name, const char *const *names, size_t count) {
  size_t length = strlen(name), best = 0;
  const char *nearest = NULL;
  if (length == 0 || length > COMPARED_MAX) return NULL;
  for (size_t i = 0; i < count; i++) {
    size_t n = strlen(names[i]);
    if (n == 0 || n > COMPARED_MAX) continue;
    size_t edits = distance(name, length, names[i], n);
    if (edits * 3 > (length > n ? length : n) || (nearest && edits >= best)) continue;
    nearest = names[i];
    best = edits;
  }
  return nearest;
}
