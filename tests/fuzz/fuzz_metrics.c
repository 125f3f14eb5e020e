/* fuzz_metrics.c: what `handover top` reads of a daemon, on every text: whatever is taken, a picture of it fits into its screen and holds
 * nothing that a terminal obeys. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/engine/memory.h"
#include "../../consumer/terminal.h"
#include "../../consumer/top_frame.h"

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_metrics.c:%d: not so: %s\n", line, condition);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_picture(const struct top_daemons *daemons, int columns, int rows) {
  const struct top_view view = {.now_ms = INT64_C(1793613000000), .daemons = daemons};
  struct buffer out = {0};
  int lines = 0;
  top_frame(&out, &view, columns, rows, false);
  for (const char *at = out.at, *end = at + out.length, *stop; at < end; at = stop + 1, lines++) {
    stop = memchr(at, '\n', (size_t)(end - at));
    CHECK(stop);
    CHECK(!memchr(at, '\033', (size_t)(stop - at)));
    CHECK(terminal_columns((struct slice){at, (uint32_t)(stop - at)}) <= columns);
  }
  CHECK(lines <= rows);
  buffer_fini(&out);
}

/* Twice, so that there are rates; the second time as text of its own: what reads beyond is caught. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct top_daemons *daemons = memory_zeroed(1, sizeof *daemons);
  char *copy = malloc(size ? size : 1);
  int32_t line;
  const char *why = NULL;
  if (!copy) abort();
  if (size) memcpy(copy, data, size);
  for (int64_t round = 1; round <= 2; round++) {
    top_daemons_begin(daemons);
    daemons->asked = 1;
    bool taken =
        top_daemons_take(daemons, 0, (struct slice){copy, (uint32_t)size}, round * INT64_C(1000000000), &line, &why);
    CHECK(taken || (why && *why && line >= 1));
    top_daemons_end(daemons);
  }
  check_picture(daemons, 80, 24);
  check_picture(daemons, 20 + (int)(size % 60), 1 + (int)(size % 40));
  free(copy);
  memory_free(daemons);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "metrics", .count = 5000};
  return standalone_run(&run, argc, argv);
}
#endif
