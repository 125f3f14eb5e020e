/* test_source_file.c: lines of plain and packed files, whole and broken, whatever way they fall into the buffer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "consumer/source_file.h"

enum { PATH = 64, TEXT = 3 << 20 };

static char folder[PATH] = P_tmpdir "/test_source_file.XXXXXX";
static char paths[4][PATH + 32];
static const char *const names[] = {paths[0], paths[1], paths[2], paths[3]};

static const char *file(int number, const char *ending, const void *bytes, size_t length) {
  snprintf(paths[number], sizeof *paths, "%s/%d%s", folder, number, ending);
  FILE *out = fopen(paths[number], "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(bytes, 1, length, out), length);
  assert_int_equal(fclose(out), 0);
  return paths[number];
}

static const char *text_file(int number, const char *text) { return file(number, "", text, strlen(text)); }

static size_t gzip(const void *bytes, size_t length, unsigned char *to, size_t room) {
  z_stream z = {0};
  assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  z.next_in = (Bytef *)(uintptr_t)bytes;
  z.avail_in = (uInt)length;
  z.next_out = to;
  z.avail_out = (uInt)room;
  assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
  assert_int_equal(deflateEnd(&z), Z_OK);
  return room - z.avail_out;
}

/* Reads everything, `room` lines at a time, with an LF behind each line, into `seen`; the last outcome. */
static struct {
  char *text;
  size_t length;
  uint64_t lines;
  char why[512];
} seen;

static enum source_outcome read_all(size_t files, int32_t room) {
  struct source_file *source = source_file_create(names, files);
  struct slice lines[64];
  int32_t count;
  enum source_outcome outcome;
  seen.length = seen.lines = 0;
  while ((outcome = source_file_read(source, lines, room, &count)) == SOURCE_OK) {
    assert_in_range(count, 1, room);
    for (int32_t i = 0; i < count; i++) {
      assert_true(seen.length + lines[i].length + 1 <= 2 * TEXT + 2);
      memcpy(seen.text + seen.length, lines[i].at, lines[i].length);
      seen.length += lines[i].length;
      seen.text[seen.length++] = '\n';
    }
    seen.lines += (uint64_t)count;
  }
  assert_int_equal(count, 0);
  snprintf(seen.why, sizeof seen.why, "%s", source_file_why(source));
  source_file_destroy(source);
  return outcome;
}

static void assert_seen(const char *text) {
  assert_int_equal(seen.length, strlen(text));
  assert_memory_equal(seen.text, text, seen.length);
}

/* Lines of all lengths around the buffer's size; the text ends with LF. */
static char *make_text(unsigned seed) {
  char *text = malloc(TEXT);
  assert_non_null(text);
  for (size_t at = 0; at < TEXT;) {
    seed = seed * 1103515245u + 12345u;
    size_t length = (seed >> 16) % 50 == 0 ? (seed >> 8) % 300000 : (seed >> 16) % 700;
    for (; length > 0 && at < TEXT - 1; length--, at++) {
      seed = seed * 1103515245u + 12345u;
      text[at] = (char)('a' + (seed >> 16) % 26);
    }
    text[at++] = '\n';
  }
  return text;
}

static void test_lines(void **state) {
  (void)state;
  text_file(0, "a\n\n b\r\nlast");
  text_file(1, "");
  text_file(2, "\n\n");
  text_file(3, "c\n");
  for (int32_t room = 1; room <= 3; room++) {
    assert_int_equal(read_all(4, room), SOURCE_END);
    assert_seen("a\n\n b\r\nlast\n\n\nc\n");
    assert_int_equal(seen.lines, 7);
  }
}

static void test_buffer(void **state) {
  (void)state;
  for (unsigned seed = 1; seed <= 5; seed++) {
    char *text = make_text(seed);
    file(0, "", text, TEXT);
    assert_int_equal(read_all(1, seed == 1 ? 1 : 64), SOURCE_END);
    assert_int_equal(seen.length, TEXT);
    assert_memory_equal(seen.text, text, TEXT);
    free(text);
  }
}

static void test_packed(void **state) {
  (void)state;
  char *text = make_text(7);
  size_t half = TEXT / 2 + 17, room = 2 * TEXT;
  unsigned char *packed = malloc(room);
  assert_non_null(packed);
  size_t length = gzip(text, half, packed, room); /* two members */
  length += gzip(text + half, TEXT - half, packed + length, room - length);
  file(0, ".gz", packed, length);
  length = ZSTD_compress(packed, room, text, half, 3); /* two frames */
  length += ZSTD_compress(packed + length, room - length, text + half, TEXT - half, 3);
  file(1, ".zst", packed, length);
  assert_int_equal(read_all(1, 64), SOURCE_END);
  assert_int_equal(seen.length, TEXT);
  assert_memory_equal(seen.text, text, TEXT);
  assert_int_equal(read_all(2, 64), SOURCE_END);
  assert_int_equal(seen.length, 2 * TEXT);
  assert_memory_equal(seen.text + TEXT, text, TEXT);
  free(packed);
  free(text);
}

/* Much comes of little: output that waits inside the unpacker after its input is over. */
static void test_packed_tightly(void **state) {
  (void)state;
  static char zeros[TEXT];
  static unsigned char packed[TEXT];
  memset(zeros, '0', sizeof zeros);
  file(0, ".gz", packed, gzip(zeros, sizeof zeros, packed, sizeof packed));
  file(1, ".zst", packed, ZSTD_compress(packed, sizeof packed, zeros, sizeof zeros - 1, 19));
  assert_int_equal(read_all(2, 64), SOURCE_END);
  assert_int_equal(seen.length, 2 * TEXT + 1);
  assert_int_equal(seen.lines, 2);
}

static void test_standard_input(void **state) {
  (void)state;
  static const char text[] = "one\ntwo\n";
  unsigned char packed[3][200];
  size_t lengths[3];
  int kept = dup(0);
  memcpy(packed[0], text, sizeof text - 1);
  lengths[0] = sizeof text - 1;
  lengths[1] = gzip(text, sizeof text - 1, packed[1], sizeof *packed);
  lengths[2] = ZSTD_compress(packed[2], sizeof *packed, text, sizeof text - 1, 3);
  snprintf(paths[0], sizeof *paths, "-");
  for (int i = 0; i < 3; i++) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], packed[i], lengths[i]), (ssize_t)lengths[i]);
    close(ends[1]);
    dup2(ends[0], 0);
    close(ends[0]);
    assert_int_equal(read_all(i == 0 ? 0 : 1, 64), SOURCE_END);
    assert_seen(text);
  }
  dup2(kept, 0);
  close(kept);
}

static void test_broken(void **state) {
  (void)state;
  char *text = make_text(9);
  unsigned char *packed = malloc(2 * TEXT);
  assert_non_null(packed);
  size_t length = gzip(text, TEXT, packed, 2 * TEXT);
  file(0, ".gz", packed, length - 9); /* it ends too early */
  assert_int_equal(read_all(1, 64), SOURCE_BAD);
  assert_non_null(strstr(seen.why, "too early"));
  assert_non_null(strstr(seen.why, "0.gz: "));
  assert_in_range(seen.length, TEXT - 1000000, TEXT); /* what is whole came, and not the line that was cut */
  assert_memory_equal(seen.text, text, seen.length);
  packed[length / 2] ^= 0x55;
  packed[length / 2 + 1] ^= 0x55;
  file(0, ".gz", packed, length);
  assert_int_equal(read_all(1, 64), SOURCE_BAD);
  assert_non_null(strstr(seen.why, "not good gzip"));

  length = ZSTD_compress(packed, 2 * TEXT, text, TEXT, 3);
  file(0, ".zst", packed, length - 5);
  assert_int_equal(read_all(1, 64), SOURCE_BAD);
  assert_non_null(strstr(seen.why, "too early"));
  free(packed);
  free(text);

  static const struct {
    const char *ending, *bytes, *why;
  } cases[] = {{".gz", "", "too early"},
               {".zst", "", "too early"},
               {".gz", "{\"a\":1}\n", "not good gzip"},
               {".zst", "{\"a\":1}\n", "not good zstd"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    file(0, cases[i].ending, cases[i].bytes, strlen(cases[i].bytes));
    assert_int_equal(read_all(1, 64), SOURCE_BAD);
    assert_non_null(strstr(seen.why, cases[i].why));
    assert_int_equal(seen.length, 0);
  }
}

static void test_not_there(void **state) {
  (void)state;
  text_file(0, "a\n");
  snprintf(paths[1], sizeof *paths, "%s/none", folder);
  assert_int_equal(read_all(2, 64), SOURCE_BAD);
  assert_seen("a\n");
  assert_non_null(strstr(seen.why, "none: No such file"));
  snprintf(paths[0], sizeof *paths, "%s", folder);
  assert_int_equal(read_all(1, 64), SOURCE_BAD);
  assert_non_null(strstr(seen.why, "is a directory"));
}

static void test_place(void **state) {
  (void)state;
  text_file(0, "a\nb\nc\n");
  text_file(1, "d\ne");
  struct source_file *source = source_file_create(names, 2);
  static const struct {
    int32_t count;
    int file;
    uint64_t first;
  } expected[] = {{2, 0, 1}, {1, 0, 3}, {1, 1, 1}, {1, 1, 2}};
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    struct slice lines[2];
    int32_t count;
    assert_int_equal(source_file_read(source, lines, 2, &count), SOURCE_OK);
    assert_int_equal(count, expected[i].count);
    for (int32_t j = 0; j < count; j++) {
      struct source_place place = source_file_place(source, j);
      assert_string_equal(place.path, paths[expected[i].file]);
      assert_int_equal(place.line, expected[i].first + (uint64_t)j);
    }
  }
  struct source_progress progress = source_file_progress(source);
  assert_int_equal(progress.done_bytes, 9);
  assert_int_equal(progress.all_bytes, 9);
  assert_false(source_file_may_wait(source));
  source_file_destroy(source);
}

/* A line may be as long as it may be, and no longer. */
static void test_longest(void **state) {
  (void)state;
  struct slice line;
  int32_t count;
  for (int over = 0; over <= 1; over++) {
    text_file(0, "a\n");
    assert_int_equal(truncate(paths[0], 2 + SOURCE_LINE + over), 0); /* a hole of NUL */
    struct source_file *source = source_file_create(names, 1);
    assert_int_equal(source_file_read(source, &line, 1, &count), SOURCE_OK);
    assert_int_equal(source_file_read(source, &line, 1, &count), over ? SOURCE_BAD : SOURCE_OK);
    if (over) {
      assert_non_null(strstr(source_file_why(source), "line 2: longer than 64 MiB"));
    } else {
      assert_int_equal(line.length, SOURCE_LINE);
      assert_int_equal(source_file_read(source, &line, 1, &count), SOURCE_END);
    }
    source_file_destroy(source);
  }
}

static int set_up(void **state) {
  (void)state;
  seen.text = malloc(2 * TEXT + 2);
  return seen.text && mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  static const char *const endings[] = {"", ".gz", ".zst"};
  for (int i = 0; i < 12; i++) {
    snprintf(paths[0], sizeof *paths, "%s/%d%s", folder, i / 3, endings[i % 3]);
    unlink(paths[0]);
  }
  free(seen.text);
  return rmdir(folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lines),  cmocka_unit_test(test_buffer),         cmocka_unit_test(test_packed),
      cmocka_unit_test(test_place),  cmocka_unit_test(test_packed_tightly), cmocka_unit_test(test_standard_input),
      cmocka_unit_test(test_broken), cmocka_unit_test(test_not_there),      cmocka_unit_test(test_longest),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
