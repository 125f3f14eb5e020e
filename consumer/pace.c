/* pace.c: see pace.h. */
#include "pace.h"

static int64_t largest(int64_t a, int64_t b) { return a > b ? a : b; }

/* When the next early commit may be. */
static int64_t early_ns(const struct pace *pace) {
  return pace->ended_ns + largest(PACE_APART_MS * INT64_C(1000000), (int64_t)pace->taken * PACE_RECORD_US * 1000);
}

bool pace_full(const struct pace_open *open) { return open->records >= PACE_RECORDS || open->bytes >= PACE_BYTES; }

enum pace_verdict pace_look(const struct pace *pace, const struct pace_open *open, int64_t now_ns) {
  if (open->begun_ns == 0) return PACE_WAIT;
  if (now_ns - open->begun_ns >= pace->interval_ns || pace_full(open)) return PACE_ALL;
  return open->awaited && !open->more && now_ns >= early_ns(pace) ? PACE_AWAITED : PACE_WAIT;
}

int64_t pace_wait_ns(const struct pace *pace, const struct pace_open *open, int64_t now_ns) {
  if (open->begun_ns == 0) return INT64_MAX;
  int64_t due_ns = open->begun_ns + pace->interval_ns;
  if (open->awaited && early_ns(pace) < due_ns) due_ns = early_ns(pace);
  return largest(due_ns - now_ns, 0);
}

void pace_taken(struct pace *pace, uint64_t records) { pace->taken += records; }

void pace_committed(struct pace *pace, int64_t now_ns) {
  pace->ended_ns = now_ns;
  pace->taken = 0;
}
