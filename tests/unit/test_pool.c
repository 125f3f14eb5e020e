/* test_pool.c: the engine's memory: where there is none, regions, pools and their classes; slices. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "consumer/engine/memory.h"
#include "consumer/engine/pool.h"
#include "consumer/engine/slice.h"

/* Of a sanitizer: what is too much for any machine is refused, and no error of the test. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "allocator_may_return_null=1"; }
const char *__tsan_default_options(void);
const char *__tsan_default_options(void) { return "allocator_may_return_null=1"; }

static jmp_buf out_of_memory;
static void leave(void) { longjmp(out_of_memory, 1); }
static void go_on(void) {}
static void leave_by_signal(int number) { longjmp(out_of_memory, number); }

static void test_no_memory(void **state) {
  (void)state;
  volatile size_t most = PTRDIFF_MAX - 4096; /* of which a compiler knows nothing */
  void *nothing = memory_grown(NULL, 0);     /* is memory, too */
  assert_non_null(nothing);
  memory_free(nothing);
  memory_ends_by(leave);
  if (!setjmp(out_of_memory)) {
    memory_grown(NULL, most);
    fail_msg("there is no such memory");
  }
  if (!setjmp(out_of_memory)) {
    memory_zeroed(most, 1);
    fail_msg("there is no such memory");
  }
  if (!setjmp(out_of_memory)) {
    memory_large(most - MEMORY_LARGE - 65536);
    fail_msg("there is no such memory");
  }
  memory_ends_by(go_on); /* who comes back ends all the same */
  void (*before)(int) = signal(SIGABRT, leave_by_signal);
  int number = setjmp(out_of_memory);
  if (!number) {
    memory_grown(NULL, most);
    fail_msg("there is no such memory");
  }
  assert_int_equal(number, SIGABRT);
  signal(SIGABRT, before);
  memory_ends_by(abort);
}

static uint64_t mapped_bytes(void) {
  unsigned long pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  assert_non_null(file);
  assert_int_equal(fscanf(file, "%lu", &pages), 1);
  fclose(file);
  return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* What is large begins at a boundary; of what was mapped to get there nothing stays, and nobody else's is given back. */
static void test_large(void **state) {
  (void)state;
  enum { BLOCKS = 64 };
  const size_t bytes = MEMORY_LARGE + 4096, slack = 128 << 10;
  char *blocks[BLOCKS];
  uint64_t before = mapped_bytes();
  for (int i = 0; i < BLOCKS; i++) {
    blocks[i] = memory_large(bytes);
    assert_int_equal((uintptr_t)blocks[i] % MEMORY_LARGE, 0);
    assert_int_equal(blocks[i][0] | blocks[i][bytes - 1], 0);
    memset(blocks[i], i, bytes);
  }
  assert_in_range(mapped_bytes() - before, BLOCKS * bytes, BLOCKS * (bytes + slack));
  for (int i = 0; i < BLOCKS; i++) {
    assert_int_equal(blocks[i][0], i);
    assert_int_equal(blocks[i][bytes - 1], i);
    memory_large_free(blocks[i], bytes);
  }
  assert_true(mapped_bytes() - before < slack);
}

/* Lines of their own for all; no more than a quarter and a piece lies idle; what is large is zero and begins where a large page would. */
static void test_region(void **state) {
  (void)state;
  enum { CUT = 4096, CUTS = 8192 /* 32 MiB */ };
  struct region region = {0};
  char **cuts = memory_zeroed(CUTS, sizeof *cuts);
  for (int i = 0; i < CUTS; i++) {
    cuts[i] = region_cut(&region, CUT);
    assert_int_equal((uintptr_t)cuts[i] % 64, 0);
    memset(cuts[i], i & 255, CUT);
    assert_in_range(region.bytes, (i + 1) * CUT, (i + 1) * CUT + (i + 1) * CUT / 4 + (64 << 10));
  }
  for (int i = 0; i < CUTS; i++) assert_int_equal((unsigned char)cuts[i][i * 7 % CUT], i & 255);
  uint64_t bytes = region.bytes;
  const char *own = region_cut(&region, 3 * MEMORY_LARGE / 2);
  assert_int_equal((uintptr_t)own % MEMORY_LARGE, 0);
  for (int i = 0; i < 3 * MEMORY_LARGE / 2; i++) assert_int_equal(own[i], 0);
  assert_int_equal(region.bytes, bytes + 3 * MEMORY_LARGE / 2);
  const char *next = region_cut(&region, CUT);
  assert_ptr_equal(next, region.at - CUT); /* the others go on where they were */
  region_fini(&region);
  memory_free(cuts);
}

static void test_pool(void **state) {
  (void)state;
  struct pool pool = {0};
  uint32_t room, large;
  int64_t *block = pool_take(&pool, 1, &room);
  assert_int_equal(room, 4);
  memset(block, 1, room * sizeof *block);
  int64_t *huge = pool_take(&pool, 200000, &large);
  assert_in_range(large, 200000, 250000);
  memset(huge, 2, large * sizeof *huge);
  assert_in_range(pool.region.bytes, (64 << 10) + large * sizeof *huge, (64 << 10) + large * sizeof *huge + 64);
  int64_t *beside = pool_take(&pool, 4, &room); /* from the piece of before */
  assert_ptr_equal(beside, block + 4);
  pool_give(&pool, huge, large);
  assert_ptr_equal(pool_take(&pool, 200000, &large), huge);
  uint64_t bytes = pool.region.bytes;
  for (uint32_t units = 1; units < 2000; units++) {
    int64_t *taken = pool_take(&pool, units, &room);
    assert_in_range(room, units, units < 4 ? 4 : units + units / 4);
    pool_give(&pool, taken, room);
    assert_ptr_equal(pool_take(&pool, room, &room), taken);
  }
  assert_true(pool.region.bytes > bytes);
  pool_fini(&pool);
  assert_int_equal(pool.region.bytes, 0);
}

/* Texts side by side, of every length from 1 on: each keeps its bytes. */
static void test_pool_texts(void **state) {
  (void)state;
  enum { TEXTS = 300 };
  struct pool pool = {0};
  char *texts[TEXTS];
  for (uint32_t i = 1; i < TEXTS; i++) memset(texts[i] = pool_bytes(&pool, i), (int)i, i);
  for (uint32_t i = 0; i < TEXTS; i++)
    for (uint32_t j = 0; j < i; j++) assert_int_equal((unsigned char)texts[i][j], i & 255);
  pool_fini(&pool);
}

static void test_slices(void **state) {
  (void)state;
  static const char *const ascending[] = {"", "a", "aa", "ab", "a\x7f", "b", "\xc3\xbc"};
  enum { COUNT = sizeof ascending / sizeof *ascending };
  for (int i = 0; i < COUNT; i++) {
    for (int j = 0; j < COUNT; j++) {
      const int order = slice_compare(slice_of(ascending[i]), slice_of(ascending[j]));
      assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
      assert_int_equal(slice_equal(slice_of(ascending[i]), slice_of(ascending[j])), i == j);
    }
  }
  assert_int_equal(slice_compare((struct slice){0}, SLICE("a")), -1); /* nothing need be nowhere */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_memory), cmocka_unit_test(test_large),      cmocka_unit_test(test_region),
      cmocka_unit_test(test_pool),      cmocka_unit_test(test_pool_texts), cmocka_unit_test(test_slices),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
