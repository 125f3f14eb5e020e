/* test_snapshot.c: a snapshot comes back as it was, or is refused with a sentence; chunks of two uploads in any state hand out
 * a whole one, or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "consumer/snapshot.h"
#include "consumer/snapshot_chunk.h"
#include "made_state.h"

#define DIGEST "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void head_make(struct snapshot_head *head) {
  snapshot_head_init(head, "MkU3OEVBNTcwNTJENDM2Qg", "handover", 3);
  snapshot_head_input(head, "engagement", 10572);
  snapshot_head_input(head, "crm", 0);
  head->journal_offset = 36;
  head->sequence = 18;
  head->generation = 1;
  for (int i = 0; i < SNAPSHOT_CHAIN; i++) head->chain[i] = (uint8_t)(7 * i);
  assert_true(snapshot_head_version(head, 2, SLICE(DIGEST), true));
  assert_true(snapshot_head_version(head, 1, SLICE("sha256:"), false));
}

/* A task with `leads` leads in it. */
static struct buffer snapshot_make(struct made *made, const struct snapshot_head *head, int32_t events,
                                   uint32_t leads) {
  struct buffer bytes = {0};
  made_events(made, events, leads, 3600000);
  made_snapshot(made, head, &bytes);
  return bytes;
}

static void test_round_trip(void **state) {
  (void)state;
  struct made made;
  struct snapshot_head head, back;
  struct snapshot_state within;
  char why[SNAPSHOT_WHY] = "";
  made_init(&made, 1);
  head_make(&head);
  struct buffer bytes = snapshot_make(&made, &head, 200, 50), saved = made_save(&made);
  if (!snapshot_decode(bytes.at, bytes.length, &back, &within, why, sizeof why)) fail_msg("%s", why);
  assert_memory_equal(&head, &back, sizeof head);
  assert_int_equal(back.versions[0].version, 1);
  assert_int_equal(within.length, saved.length);
  assert_memory_equal(within.at, saved.at, saved.length);
  assert_true(snapshot_fits(&back, &head, why, sizeof why));
  buffer_fini(&bytes);
  buffer_fini(&saved);
  made_fini(&made);
}

/* Everything as long and as many as it may be. */
static void test_largest_head(void **state) {
  (void)state;
  struct made made;
  struct snapshot_head head, back;
  struct snapshot_state within;
  char text[SNAPSHOT_TEXT + 1], why[SNAPSHOT_WHY] = "";
  memset(text, 'x', SNAPSHOT_TEXT);
  text[SNAPSHOT_TEXT] = 0;
  made_init(&made, 1);
  snapshot_head_init(&head, text, text, INT32_MAX);
  for (int i = 0; i < SETTINGS_INPUTS; i++)
    snapshot_head_input(&head, text + SNAPSHOT_TEXT - SNAPSHOT_TOPIC, INT64_MAX - 1);
  for (uint32_t i = SNAPSHOT_VERSIONS; i > 0; i--) assert_true(snapshot_head_version(&head, i, SLICE(DIGEST), i % 2));
  assert_false(snapshot_head_version(&head, 300, SLICE(DIGEST), true));
  struct buffer bytes = snapshot_make(&made, &head, 0, 1);
  if (!snapshot_decode(bytes.at, bytes.length, &back, &within, why, sizeof why)) fail_msg("%s", why);
  assert_memory_equal(&head, &back, sizeof head);
  assert_int_equal(back.versions[SNAPSHOT_VERSIONS - 1].version, SNAPSHOT_VERSIONS);
  text[0] = 'y';
  snapshot_head_init(&head, text, text, INT32_MAX);
  assert_false(snapshot_fits(&back, &head, why, sizeof why));
  assert_non_null(strstr(why, "\", not of \"yxx"));
  buffer_fini(&bytes);
  made_fini(&made);
}

static void assert_refused(const char *bytes, size_t length, const char *wanted) {
  struct snapshot_head head;
  struct snapshot_state within;
  char why[SNAPSHOT_WHY] = "";
  char *copy = malloc(length ? length : 1); /* of exactly this length, for the sanitizer */
  assert_non_null(copy);
  memcpy(copy, bytes, length);
  bool good = snapshot_decode(copy, length, &head, &within, why, sizeof why);
  free(copy);
  if (good || !strstr(why, wanted)) fail_msg("%zu bytes: %s wanted, not %s", length, wanted, good ? "taken" : why);
}

static void test_torn(void **state) {
  (void)state;
  struct made made;
  struct snapshot_head head;
  made_init(&made, 2);
  head_make(&head);
  struct buffer bytes = snapshot_make(&made, &head, 5, 3);
  for (size_t length = 0; length < bytes.length; length++) assert_refused(bytes.at, length, "it is torn");
  buffer_append_text(&bytes, "x");
  assert_refused(bytes.at, bytes.length, "it is torn");
  buffer_fini(&bytes);
  made_fini(&made);
}

static void test_every_bit(void **state) {
  (void)state;
  struct made made;
  struct snapshot_head head;
  made_init(&made, 2);
  head_make(&head);
  struct buffer bytes = snapshot_make(&made, &head, 5, 3);
  for (size_t bit = 0; bit < 8 * bytes.length; bit++) {
    size_t at = bit / 8;
    bytes.at[at] = (char)(bytes.at[at] ^ (1 << bit % 8));
    assert_refused(bytes.at, bytes.length,
                   at < 8                                                        ? "no snapshot"
                   : at < 12                                                     ? "another format"
                   : at < 16                                                     ? "torn"
                   : at < bytes.length - SNAPSHOT_TAIL || at >= bytes.length - 8 ? "the checksum"
                                                                                 : "torn");
    bytes.at[at] = (char)(bytes.at[at] ^ (1 << bit % 8));
  }
  buffer_fini(&bytes);
  made_fini(&made);
}

/* The checksum is right, what it covers is not: a head that says more than there is, or what it cannot say. */
static void test_bad_head(void **state) {
  (void)state;
  static const struct {
    size_t at; /* from the end of the text "handover" on, but where it says otherwise */
    uint32_t number;
  } bad[] = {
      {0, UINT32_MAX},  /* partition */
      {4, 9},           /* inputs */
      {4, 1},           /* so that the rest is read askew */
      {8, 250},         /* bytes of a topic */
      {26, UINT32_MAX}, /* upper half of an offset */
      {30, UINT32_MAX}, /* bytes of a topic */
      {49, UINT32_MAX}, /* upper half of the journal's offset */
      {57, INT32_MAX},  /* upper half of the sequence: this one may be */
      {57, UINT32_MAX},
      {93, 2}, /* generation */
      {93, (uint32_t)-2},
      {97, 257}, /* versions */
      {97, 3},
      {101, 2},           /* a version twice */
      {105, DIGEST_TEXT}, /* bytes of a digest */
  };
  struct made made;
  struct snapshot_head head;
  made_init(&made, 2);
  head_make(&head);
  struct buffer bytes = snapshot_make(&made, &head, 5, 3);
  const size_t begin = 16 + 4 + strlen(head.cluster) + 4 + strlen(head.group);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct buffer copy = {0};
    struct snapshot_state within;
    char why[SNAPSHOT_WHY] = "";
    buffer_append(&copy, bytes.at, bytes.length);
    memcpy(copy.at + begin + bad[i].at, &bad[i].number, sizeof bad[i].number);
    uint64_t sum = XXH3_64bits(copy.at, copy.length - 8);
    memcpy(copy.at + copy.length - 8, &sum, sizeof sum);
    bool good = snapshot_decode(copy.at, copy.length, &head, &within, why, sizeof why);
    bool wanted = bad[i].at == 57 && bad[i].number == INT32_MAX;
    if (good != wanted || (!good && !strstr(why, "makes no sense"))) fail_msg("%zu: %d %s", i, good, why);
    buffer_fini(&copy);
  }
  buffer_fini(&bytes);
  made_fini(&made);
}

static void assert_foreign(const struct snapshot_head *head, const struct snapshot_head *expected, const char *wanted) {
  char why[SNAPSHOT_WHY] = "";
  assert_false(snapshot_fits(head, expected, why, sizeof why));
  assert_string_equal(why, wanted);
}

static void test_foreign(void **state) {
  (void)state;
  struct snapshot_head head, expected;
  head_make(&head);
  snapshot_head_init(&expected, "other", "handover", 3);
  assert_foreign(&head, &expected, "it is of the cluster \"MkU3OEVBNTcwNTJENDM2Qg\", not of \"other\"");
  snapshot_head_init(&expected, head.cluster, "other", 3);
  assert_foreign(&head, &expected, "it is of the group \"handover\", not of \"other\"");
  snapshot_head_init(&expected, head.cluster, "handover", 4);
  assert_foreign(&head, &expected, "it is of partition 3, not of 4");
  snapshot_head_init(&expected, head.cluster, "handover", 3);
  snapshot_head_input(&expected, "crm", 0);
  assert_foreign(&head, &expected, "it has 2 inputs, not 1");
  snapshot_head_input(&expected, "engagement", 0);
  assert_foreign(&head, &expected, "it is of the input \"engagement\", not of \"crm\"");
}

/* --- chunks --- */

enum { LARGE = 2 * SNAPSHOT_CHUNK_BYTES + 1000 }; /* three chunks */

static char *bytes_of(uint64_t seed, size_t length) {
  char *bytes = malloc(length);
  assert_non_null(bytes);
  for (size_t i = 0; i < length; i++) bytes[i] = (char)((seed * 2654435761u + i * 40503u) >> 8);
  return bytes;
}

struct chunk_record {
  char key[SNAPSHOT_CHUNK_KEY];
  struct buffer value;
};

static struct chunk_record chunk_make(int32_t partition, int32_t generation, uint64_t id, size_t length,
                                      uint32_t index) {
  struct chunk_record record = {0};
  char *bytes = bytes_of(id, length);
  snapshot_chunk_key(record.key, partition, generation, index);
  snapshot_chunk_encode(&record.value, id, length, index, bytes + snapshot_chunk_piece(length, index).at);
  free(bytes);
  return record;
}

static void add(struct snapshot_chunks *chunks, const struct chunk_record *record) {
  snapshot_chunks_add(chunks, slice_of(record->key), (struct slice){record->value.at, (uint32_t)record->value.length});
}

/* The chunks from..to-1 of an upload. */
static void upload(struct snapshot_chunks *chunks, int32_t generation, uint64_t id, size_t length, uint32_t from,
                   uint32_t to) {
  for (uint32_t i = from; i < to; i++) {
    struct chunk_record record = chunk_make(3, generation, id, length, i);
    add(chunks, &record);
    buffer_fini(&record.value);
  }
}

static void assert_holds(const struct snapshot_chunks *chunks, int32_t generation, uint64_t id, size_t length) {
  assert_int_equal(snapshot_chunks_best(chunks), generation);
  assert_int_equal(snapshot_chunks_free(chunks), 1 - generation);
  struct buffer buffer = {0};
  snapshot_chunks_assemble(chunks, generation, &buffer);
  char *bytes = bytes_of(id, length);
  assert_int_equal(buffer.length, length);
  assert_memory_equal(buffer.at, bytes, length);
  free(bytes);
  buffer_fini(&buffer);
}

static void test_chunk_sizes(void **state) {
  (void)state;
  static const size_t sizes[] = {
      1, SNAPSHOT_CHUNK_BYTES - 1, SNAPSHOT_CHUNK_BYTES, SNAPSHOT_CHUNK_BYTES + 1, 2 * SNAPSHOT_CHUNK_BYTES, LARGE};
  static const uint32_t counts[] = {1, 1, 1, 2, 2, 3};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct snapshot_chunks chunks;
    snapshot_chunks_init(&chunks, 3);
    assert_int_equal(snapshot_chunk_count(sizes[i]), counts[i]);
    upload(&chunks, 0, 5, sizes[i], 0, counts[i]);
    assert_holds(&chunks, 0, 5, sizes[i]);
    assert_int_equal(snapshot_chunks_end(&chunks, 0), counts[i]);
    assert_int_equal(chunks.ignored, 0);
    snapshot_chunks_fini(&chunks);
  }
  assert_int_equal(snapshot_chunk_count((size_t)SNAPSHOT_CHUNKS_MAX * SNAPSHOT_CHUNK_BYTES), SNAPSHOT_CHUNKS_MAX);
}

/* Uploads that follow each other, each broken off after every number of chunks: there is always the one before. */
static void test_torn_uploads(void **state) {
  (void)state;
  for (uint32_t after = 0; after <= 3; after++) {
    struct snapshot_chunks chunks;
    snapshot_chunks_init(&chunks, 3);
    assert_int_equal(snapshot_chunks_best(&chunks), -1);
    assert_int_equal(snapshot_chunks_free(&chunks), 0);
    upload(&chunks, 0, 5, LARGE, 0, 3);
    upload(&chunks, 1, 9, LARGE, 0, 3);
    assert_holds(&chunks, 1, 9, LARGE);
    upload(&chunks, 0, 12, LARGE, 0, after);
    if (after == 3) assert_holds(&chunks, 0, 12, LARGE);
    else assert_holds(&chunks, 1, 9, LARGE);
    upload(&chunks, snapshot_chunks_free(&chunks), 17, LARGE, 0, 3);
    assert_holds(&chunks, after == 3 ? 1 : 0, 17, LARGE);
    snapshot_chunks_fini(&chunks);
  }
}

/* Compaction keeps what is newest of each key: in the log the chunks of an upload may stand in any order among others'. */
static void test_any_order(void **state) {
  (void)state;
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  upload(&chunks, 1, 9, LARGE, 2, 3);
  upload(&chunks, 0, 5, LARGE, 1, 2);
  upload(&chunks, 1, 9, LARGE, 0, 1);
  upload(&chunks, 0, 5, LARGE, 0, 1);
  assert_int_equal(snapshot_chunks_best(&chunks), -1);
  upload(&chunks, 1, 9, LARGE, 1, 2);
  assert_holds(&chunks, 1, 9, LARGE);
  upload(&chunks, 0, 5, LARGE, 2, 3);
  assert_holds(&chunks, 1, 9, LARGE);
  snapshot_chunks_fini(&chunks);
}

/* Two processes write one generation at once (one of them is a ghost): what is mixed is not whole, the other generation is. */
static void test_mixed_uploads(void **state) {
  (void)state;
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  upload(&chunks, 0, 5, LARGE, 0, 3);
  upload(&chunks, 1, 8, LARGE, 0, 1);
  upload(&chunks, 1, 9, LARGE, 0, 2);
  upload(&chunks, 1, 8, LARGE, 1, 3);
  upload(&chunks, 1, 9, LARGE, 2, 3);
  assert_holds(&chunks, 0, 5, LARGE);
  upload(&chunks, 1, 9, LARGE, 1, 2);
  assert_holds(&chunks, 1, 9, LARGE);
  upload(&chunks, 1, 9, LARGE + 1, 2, 3); /* one id, another length */
  assert_holds(&chunks, 0, 5, LARGE);
  snapshot_chunks_fini(&chunks);
}

/* A shorter snapshot over a longer one: the rest is left over and counts for nothing, until null values take it away. */
static void test_shorter(void **state) {
  (void)state;
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  upload(&chunks, 0, 5, LARGE, 0, 3);
  upload(&chunks, 0, 6, 100, 0, 1);
  assert_holds(&chunks, 0, 6, 100);
  assert_int_equal(snapshot_chunks_end(&chunks, 0), 3);
  snapshot_chunks_add(&chunks, SLICE("3/0/1"), (struct slice){0});
  snapshot_chunks_add(&chunks, SLICE("3/0/2"), (struct slice){0});
  snapshot_chunks_add(&chunks, SLICE("3/0/77"), (struct slice){0});
  assert_holds(&chunks, 0, 6, 100);
  assert_int_equal(snapshot_chunks_end(&chunks, 0), 3);
  snapshot_chunks_add(&chunks, SLICE("3/0/0"), (struct slice){0});
  assert_int_equal(snapshot_chunks_best(&chunks), -1);
  assert_int_equal(chunks.ignored, 0);
  snapshot_chunks_fini(&chunks);
}

/* One that is not to be trusted makes room for the other, and is overwritten next. */
static void test_drop_and_forget(void **state) {
  (void)state;
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  upload(&chunks, 0, 5, LARGE, 0, 3);
  upload(&chunks, 1, 9, 100, 0, 1);
  snapshot_chunks_drop(&chunks, 1);
  assert_holds(&chunks, 0, 5, LARGE);
  snapshot_chunks_forget(&chunks);
  assert_int_equal(snapshot_chunks_best(&chunks), -1);
  assert_int_equal(chunks.kept, 0);
  assert_int_equal(snapshot_chunks_free(&chunks), 1);
  assert_int_equal(snapshot_chunks_end(&chunks, 1), 1);
  snapshot_chunks_begin(&chunks, 1, 4); /* this one fails */
  assert_int_equal(snapshot_chunks_free(&chunks), 1);
  assert_int_equal(snapshot_chunks_end(&chunks, 1), 4);
  snapshot_chunks_begin(&chunks, 1, 2);
  snapshot_chunks_uploaded(&chunks, 1, 2);
  assert_int_equal(snapshot_chunks_free(&chunks), 0);
  assert_int_equal(snapshot_chunks_end(&chunks, 1), 2);
  assert_int_equal(snapshot_chunks_end(&chunks, 0), 3);
  snapshot_chunks_drop(&chunks, 1);
  assert_int_equal(snapshot_chunks_free(&chunks), 0);
  snapshot_chunks_fini(&chunks);
}

static void test_foreign_keys(void **state) {
  (void)state;
  static const char *const keys[] = {"",
                                     "3",
                                     "3/0",
                                     "3/0/",
                                     "3/0/0/",
                                     "3/2/0",
                                     "4/0/0",
                                     "03/0/0",
                                     "3/0/00",
                                     "3/00/0",
                                     "-3/0/0",
                                     "3/-0/0",
                                     "3/0/-1",
                                     "3/0/0x",
                                     "3/0/131072",
                                     " 3/0/0",
                                     "3//0",
                                     "/3/0/0",
                                     "3/0/1",
                                     "3/0/99999999999999999999",
                                     "4294967299/0/0"};
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  struct chunk_record record = chunk_make(3, 0, 5, 100, 0);
  const struct slice value = {record.value.at, (uint32_t)record.value.length};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    snapshot_chunks_add(&chunks, slice_of(keys[i]), value);
    assert_int_equal(chunks.ignored, i + 1);
    assert_int_equal(snapshot_chunks_best(&chunks), -1);
  }
  snapshot_chunks_add(&chunks, (struct slice){0}, value);
  snapshot_chunks_add(&chunks, SLICE("3/0/0"), value);
  assert_holds(&chunks, 0, 5, 100);
  snapshot_chunks_fini(&chunks);
  snapshot_chunks_init(&chunks, 4); /* of another partition */
  snapshot_chunks_add(&chunks, SLICE("3/0/0"), value);
  assert_int_equal(snapshot_chunks_best(&chunks), -1);
  buffer_fini(&record.value);
}

/* A value that is cut or altered replaces the good one before it, as it does in the topic; the other generation stays. */
static void test_chunk_every_bit(void **state) {
  (void)state;
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  upload(&chunks, 0, 5, 100, 0, 1);
  struct chunk_record record = chunk_make(3, 1, 9, 100, 0);
  for (size_t bit = 0; bit < 8 * record.value.length; bit++) {
    char *at = &record.value.at[bit / 8];
    *at = (char)(*at ^ (1 << bit % 8));
    add(&chunks, &record);
    assert_holds(&chunks, 0, 5, 100);
    *at = (char)(*at ^ (1 << bit % 8));
  }
  const size_t length = record.value.length;
  for (size_t cut = 0; cut < length; cut++) {
    record.value.length = cut;
    add(&chunks, &record);
    assert_holds(&chunks, 0, 5, 100);
  }
  record.value.length = length;
  add(&chunks, &record);
  assert_holds(&chunks, 1, 9, 100);
  assert_int_equal(chunks.ignored, 8 * length + length);
  buffer_fini(&record.value);
  snapshot_chunks_fini(&chunks);
}

/* Random uploads, each broken off or not, against what a list of the whole ones says. */
static void test_random_uploads(void **state) {
  (void)state;
  uint64_t random = 1;
  for (int round = 0; round < 30; round++) {
    struct snapshot_chunks chunks;
    uint64_t whole_id = 0;
    size_t whole_length = 0;
    int32_t whole = -1;
    snapshot_chunks_init(&chunks, 3);
    for (uint64_t id = 1; id < 12; id++) {
      random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
      size_t length = 1 + (size_t)(random >> 33) % (3 * SNAPSHOT_CHUNK_BYTES);
      uint32_t count = snapshot_chunk_count(length), written = (uint32_t)(random >> 20) % (count + 2);
      int32_t generation = snapshot_chunks_free(&chunks);
      if (whole >= 0) assert_int_equal(generation, 1 - whole);
      upload(&chunks, generation, id, length, 0, written < count ? written : count);
      if (written >= count) {
        whole = generation;
        whole_id = id;
        whole_length = length;
      }
      if (whole >= 0) assert_holds(&chunks, whole, whole_id, whole_length);
      else assert_int_equal(snapshot_chunks_best(&chunks), -1);
    }
    snapshot_chunks_fini(&chunks);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_largest_head),
      cmocka_unit_test(test_torn),           cmocka_unit_test(test_every_bit),
      cmocka_unit_test(test_bad_head),       cmocka_unit_test(test_foreign),
      cmocka_unit_test(test_chunk_sizes),    cmocka_unit_test(test_torn_uploads),
      cmocka_unit_test(test_any_order),      cmocka_unit_test(test_mixed_uploads),
      cmocka_unit_test(test_shorter),        cmocka_unit_test(test_drop_and_forget),
      cmocka_unit_test(test_foreign_keys),   cmocka_unit_test(test_chunk_every_bit),
      cmocka_unit_test(test_random_uploads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
