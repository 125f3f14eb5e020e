/* progress.c: may use: libc, clock. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "clock.h"

#define FIRST_NS INT64_C(500000000) /* short work shows none */
#define EVERY_NS INT64_C(200000000)

void progress_start(struct progress *progress) {
  *progress = (struct progress){.on = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO)};
  if (!progress->on) return;
  progress->start_ns = clock_monotonic_ns();
  progress->next_ns = progress->start_ns + FIRST_NS;
}

void progress_show(struct progress *progress, uint64_t lines, uint64_t done, uint64_t all) {
  if (!progress->on) return;
  int64_t now_ns = clock_monotonic_ns();
  if (now_ns < progress->next_ns) return;
  progress->next_ns = now_ns + EVERY_NS;
  progress->shown = true;
  double seconds = (double)(now_ns - progress->start_ns) / 1e9;
  fprintf(stderr, "\r\033[K%" PRIu64 " lines, %.0f a second", lines, (double)lines / seconds);
  if (all > 0 && done <= all) fprintf(stderr, ", %.0f %%", 100.0 * (double)done / (double)all);
}

void progress_end(struct progress *progress) {
  if (progress->shown) fputs("\r\033[K", stderr);
  progress->shown = false;
}
