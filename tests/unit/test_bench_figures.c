/* test_bench_figures.c: values that are noted come out as minimum, median and maximum, in the order in which they were first noted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/bench.h"
#include "consumer/engine/memory.h"

static struct bench *made(uint64_t repeat) {
  struct bench *bench = memory_zeroed(1, sizeof *bench);
  bench->what = "replay";
  bench->repeat = repeat;
  bench->load = (struct load_order){.events = 7, .seed = 2, .leads = 3, .days = 4, .uniform = true};
  return bench;
}

/* From where `from` stands on. */
static void check(struct bench *bench, void (*print)(const struct bench *, struct buffer *), const char *from,
                  const char *wanted) {
  struct buffer out = {0};
  print(bench, &out);
  buffer_append(&out, "", 1);
  const char *at = strstr(out.at, from);
  assert_non_null(at);
  assert_string_equal(at, wanted);
  buffer_fini(&out);
}

static void test_json(void **state) {
  (void)state;
  struct bench *bench = made(4);
  const double values[] = {3, 1, 4, 2.5};
  for (size_t i = 0; i < 4; i++) {
    bench_note(bench, "b", "rss_mb", values[i]);
    bench_note(bench, "a", "rss_mb", 5);
  }
  check(bench, bench_print_json, ",\"events\"",
        ",\"events\":7,\"leads\":3,\"days\":4,\"seed\":2,\"uniform\":true,\"repeat\":4,\"figures\":["
        "{\"row\":\"b\",\"figure\":\"rss_mb\",\"min\":1.000000,\"median\":2.500000,\"max\":4.000000,"
        "\"values\":[3.000000,1.000000,4.000000,2.500000]},"
        "{\"row\":\"a\",\"figure\":\"rss_mb\",\"min\":5.000000,\"median\":5.000000,\"max\":5.000000,"
        "\"values\":[5.000000,5.000000,5.000000,5.000000]}]}\n");
  memory_free(bench);
}

/* A million events in the time that is meant; memory that nobody measured is no figure. */
static void test_use(void **state) {
  (void)state;
  struct bench *bench = made(1);
  bench_note_use(bench, "run", 2000000, &(struct child_use){.cpu_s = 3, .wall_s = 4, .rss_mb = 0});
  bench_note_use(bench, "replay", 500, &(struct child_use){.cpu_s = 0.001, .wall_s = 0, .rss_mb = 12});
  check(bench, bench_print_text, "",
        "          figure              value\n"
        "  run     cpu_s_per_million   1.500\n"
        "          events_per_s       500000\n"
        "  replay  cpu_s_per_million   2.000\n"
        "          events_per_s        0.000\n"
        "          rss_mb             12.000\n");
  memory_free(bench);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_json),
      cmocka_unit_test(test_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
