/* test_journal.c: the record to the byte, the chain as tests/broker/oracle.py reckons it, and nothing but such a record read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/journal.h"

#define DIGEST "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static const char *const inputs[] = {"engagement", "crm"};

static struct buffer encoded(struct journal *journal) {
  struct buffer buffer = {0};
  journal_encode(journal, &buffer);
  return buffer;
}

static void assert_text(struct buffer buffer, const char *text) {
  assert_int_equal(buffer.length, strlen(text));
  assert_memory_equal(buffer.at, text, buffer.length);
}

static void assert_encodes(struct journal *journal, const char *text) {
  struct buffer buffer = encoded(journal);
  assert_text(buffer, text);
  buffer_fini(&buffer);
}

static void publish(struct journal *journal, const char *text) { journal_published(journal, slice_of(text)); }

#define INPUTS_NOTHING "xxh3:99aa06d3014798d86001c324468d497f" /* by python3-xxhash */

/* Chains by hashlib: sha256(previous + b"".join(values)). */
#define CHAIN_NOTHING "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925" /* 32 zero bytes */
#define CHAIN_ONE "bc12480db0d2b8506ca00041ea29a3252dbb5dcee6bb93a3227dd8c019ef3c04"
#define CHAIN_TWO "02055032152768a71991067777ad387a391ba23dcd5c12001decd3a68624dd78"

static void test_record(void **state) {
  (void)state;
  struct journal journal;
  journal_init(&journal, 3, inputs, 2);
  assert_true(journal_empty(&journal));
  journal_run(&journal, 0, 10452, 100);
  journal_run(&journal, 0, 10552, 20);
  journal_clock(&journal, INT64_C(1772357400000));
  journal_definition(&journal, 3, SLICE(DIGEST), true);
  journal_definition(&journal, 4, SLICE(DIGEST), false);
  journal_run(&journal, 1, 7, 1);
  publish(&journal, "{\"a\":1}");
  publish(&journal, "{\"b\":2}");
  journal_dead_letter(&journal);
  assert_false(journal_empty(&journal));
  assert_encodes(
      &journal,
      "{\"journal\":2,\"partition\":3,\"sequence\":0,\"entries\":[[\"engagement\",10452,120],{\"clock\":1772357400000},"
      "{\"definition\":3,\"digest\":\"" DIGEST "\",\"agreed\":true},{\"definition\":4,\"digest\":\"" DIGEST
      "\",\"agreed\":false},[\"crm\",7,1]],\"inputs\":\"" INPUTS_NOTHING
      "\",\"published\":2,\"dead_letters\":1,\"chain\":\"" CHAIN_ONE "\"}");
  journal_fini(&journal);
}

static void test_nothing(void **state) {
  (void)state;
  struct journal journal;
  journal_init(&journal, 0, inputs, 1);
  assert_encodes(&journal, "{\"journal\":2,\"partition\":0,\"sequence\":0,\"entries\":[],\"inputs\":\"" INPUTS_NOTHING
                           "\",\"published\":0,\"dead_letters\":0,"
                           "\"chain\":\"" CHAIN_NOTHING "\"}");
  journal_fini(&journal);
}

/* Encoding and looking at the chain move nothing; journal_next does. */
static void test_chain_moves_on(void **state) {
  (void)state;
  struct journal journal;
  uint8_t first[JOURNAL_CHAIN], again[JOURNAL_CHAIN];
  journal_init(&journal, 3, inputs, 2);
  publish(&journal, "{\"a\":1}");
  journal_chain(&journal, first);
  publish(&journal, "{\"b\":2}");
  journal_chain(&journal, again);
  assert_memory_not_equal(first, again, JOURNAL_CHAIN);
  struct buffer one = encoded(&journal), same = encoded(&journal);
  assert_int_equal(one.length, same.length);
  assert_memory_equal(one.at, same.at, one.length);
  journal_run(&journal, 1, 0, 5);
  journal_next(&journal);
  assert_true(journal_empty(&journal));
  assert_memory_equal(journal.chain, again, JOURNAL_CHAIN);
  journal_run(&journal, 1, 5, 2);
  publish(&journal, "{\"c\":3}");
  assert_encodes(
      &journal, "{\"journal\":2,\"partition\":3,\"sequence\":1,\"entries\":[[\"crm\",5,2]],\"inputs\":\"" INPUTS_NOTHING
                "\",\"published\":1,\"dead_letters\":0,"
                "\"chain\":\"" CHAIN_TWO "\"}");
  buffer_fini(&one);
  buffer_fini(&same);
  journal_fini(&journal);
}

/* After an abort, and after a snapshot: as if what was gathered had never been. */
static void test_resume(void **state) {
  (void)state;
  struct journal straight, broken;
  journal_init(&straight, 3, inputs, 2);
  journal_init(&broken, 3, inputs, 2);
  publish(&straight, "x");
  journal_next(&straight);
  publish(&broken, "y");
  journal_run(&broken, 0, 1, 1);
  journal_dead_letter(&broken);
  journal_resume(&broken, straight.sequence, straight.chain);
  assert_true(journal_empty(&broken));
  journal_run(&straight, 0, 4, 4);
  journal_run(&broken, 0, 4, 4);
  publish(&straight, "z");
  publish(&broken, "z");
  struct buffer a = encoded(&straight), b = encoded(&broken);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.at, b.at, a.length);
  buffer_fini(&a);
  buffer_fini(&b);
  journal_fini(&straight);
  journal_fini(&broken);
}

static const struct record taken = {.payload = {"{}", 2}, .timestamp_ms = 5, .position = {{"crm", 3}, 0, 9}};

static struct journal_record parsed(struct journal *journal) {
  struct journal_record record = {0};
  struct buffer buffer = encoded(journal);
  char why[256] = "";
  if (!journal_record_parse(&record, buffer.at, buffer.length, why, sizeof why)) fail_msg("%s", why);
  buffer_fini(&buffer);
  return record;
}

/* Of each record alone, by the kind that was asked for; an abort drops it. */
static void test_inputs(void **state) {
  (void)state;
  for (int kind = 0; kind < FINGERPRINT_KINDS; kind++) {
    struct journal journal;
    journal_init(&journal, 0, inputs, 2);
    journal_use(&journal, (enum fingerprint_kind)kind);
    struct journal_record nothing = parsed(&journal);
    assert_int_equal(nothing.inputs_kind, kind);
    journal_run(&journal, 1, 9, 1);
    journal_taken(&journal, &taken, 1);
    struct journal_record one = parsed(&journal);
    assert_string_not_equal(one.inputs, nothing.inputs);
    assert_true(journal_inputs_fit(&journal, &one));
    assert_false(journal_inputs_fit(&journal, &nothing));
    journal_next(&journal);
    assert_true(journal_inputs_fit(&journal, &nothing));
    journal_taken(&journal, &taken, 1);
    assert_true(journal_inputs_fit(&journal, &one));
    journal_resume(&journal, 1, journal.chain);
    assert_true(journal_inputs_fit(&journal, &nothing));
    journal_use(&journal, kind == FINGERPRINT_XXH3 ? FINGERPRINT_SHA256 : FINGERPRINT_XXH3);
    assert_false(journal_inputs_fit(&journal, &nothing));
    journal_record_fini(&nothing);
    journal_record_fini(&one);
    journal_fini(&journal);
  }
}

static void test_inputs_in_words(void **state) {
  (void)state;
  const int64_t last[SETTINGS_INPUTS] = {20, 7};
  struct journal journal;
  char text[200];
  journal_init(&journal, 0, inputs, 2);
  struct journal_record record = parsed(&journal);
  journal_inputs_say(&record, last, text, sizeof text);
  assert_string_equal(text, "this record was altered: it has a fingerprint of records, but none were read");
  journal_record_fini(&record);
  journal_run(&journal, 0, 3, 2);
  journal_run(&journal, 1, 7, 1);
  journal_run(&journal, 0, 11, 4);
  record = parsed(&journal);
  journal_inputs_say(&record, last, text, sizeof text);
  assert_string_equal(text,
                      "an input was altered, or this record: engagement from 3 to 20, crm at 7: not what was read");
  journal_inputs_say(&record, last, text, 30);
  assert_string_equal(text, "an input was altered, or this");
  journal_record_fini(&record);
  journal_fini(&journal);
}

/* Runs join over a gap of offsets, not over anything that lies between. */
static void test_runs_join(void **state) {
  (void)state;
  struct journal journal;
  journal_init(&journal, 0, inputs, 2);
  journal_run(&journal, 0, 0, 3);
  journal_run(&journal, 0, 9, 2);
  journal_run(&journal, 1, 0, 1);
  journal_run(&journal, 0, 11, 1);
  journal_clock(&journal, 5);
  journal_run(&journal, 0, 12, 1);
  assert_int_equal(journal.entry_count, 5);
  assert_int_equal(journal.entries[0].first, 0);
  assert_int_equal(journal.entries[0].count, 5);
  assert_int_equal(journal.entries[4].first, 12);
  journal_fini(&journal);
}

/* The longest entries there are, as many as there may be: the record is one that Kafka takes by default, and is read. */
static void test_full(void **state) {
  (void)state;
  char topic[JOURNAL_TOPIC + 1];
  const char *const long_inputs[] = {topic, "b"};
  struct journal journal;
  struct journal_record record = {0};
  char why[256] = "";
  memset(topic, 't', JOURNAL_TOPIC);
  topic[JOURNAL_TOPIC] = 0;
  journal_init(&journal, INT32_MAX, long_inputs, 2);
  for (int32_t i = 0; !journal_full(&journal); i++) {
    if (i % 2 == 0) journal_run(&journal, 0, INT64_MAX - 2, 1);
    else journal_clock(&journal, INT64_C(7258118399999));
  }
  assert_int_equal(journal.entry_count, JOURNAL_ENTRIES);
  struct buffer buffer = encoded(&journal);
  assert_true(buffer.length < 1000000);
  if (!journal_record_parse(&record, buffer.at, buffer.length, why, sizeof why)) fail_msg("%s", why);
  assert_int_equal(record.entry_count, JOURNAL_ENTRIES);
  assert_string_equal(record.topics[0], topic);
  journal_record_fini(&record);
  buffer_fini(&buffer);
  journal_fini(&journal);
}

/* --- reading --- */

#define GOOD                                                                                                          \
  "{\"journal\":2,\"partition\":3,\"sequence\":17,\"entries\":[[\"engagement\",10452,120],{\"clock\":1772357400000}," \
  "{\"definition\":3,\"digest\":\"" DIGEST                                                                            \
  "\",\"agreed\":true},[\"crm\",7,1],[\"engagement\",10573,1]],\"inputs\":\"" INPUTS_NOTHING                          \
  "\",\"published\":12,\"dead_letters\":1,\"chain\":"                                                                 \
  "\"" CHAIN_NOTHING "\"}"

static void test_parse(void **state) {
  (void)state;
  struct journal_record record = {0};
  char why[256] = "";
  for (int again = 0; again < 2; again++) {
    if (!journal_record_parse(&record, GOOD, strlen(GOOD), why, sizeof why)) fail_msg("%s", why);
    assert_int_equal(record.partition, 3);
    assert_int_equal(record.sequence, 17);
    assert_int_equal(record.published, 12);
    assert_int_equal(record.dead_letters, 1);
    assert_int_equal(record.chain[0], 0x66);
    assert_int_equal(record.chain[31], 0x25);
    assert_string_equal(record.inputs, INPUTS_NOTHING);
    assert_int_equal(record.inputs_kind, FINGERPRINT_XXH3);
    assert_int_equal(record.topic_count, 2);
    assert_string_equal(record.topics[0], "engagement");
    assert_string_equal(record.topics[1], "crm");
    assert_int_equal(record.entry_count, 5);
    assert_int_equal(record.entries[0].kind, JOURNAL_RUN);
    assert_int_equal(record.entries[0].first, 10452);
    assert_int_equal(record.entries[0].count, 120);
    assert_int_equal(record.entries[1].kind, JOURNAL_CLOCK);
    assert_int_equal(record.entries[1].mark_ms, INT64_C(1772357400000));
    assert_int_equal(record.entries[2].kind, JOURNAL_DEFINITION);
    assert_int_equal(record.entries[2].version, 3);
    assert_string_equal(record.entries[2].digest, DIGEST);
    assert_true(record.entries[2].agreed);
    assert_int_equal(record.entries[3].topic, 1);
    assert_int_equal(record.entries[4].topic, 0);
  }
  journal_record_fini(&record);
}

/* The text with its first `from` replaced. */
static struct buffer altered(const char *text, const char *from, const char *to) {
  struct buffer buffer = {0};
  const char *at = strstr(text, from);
  if (!at) fail_msg("no %s in it", from);
  buffer_append(&buffer, text, (size_t)(at - text));
  buffer_append_text(&buffer, to);
  buffer_append_text(&buffer, at + strlen(from));
  return buffer;
}

static void assert_parse(const char *from, const char *to, bool good, const char *wanted_why) {
  struct journal_record record = {0};
  char why[256] = "";
  struct buffer buffer = altered(GOOD, from, to);
  bool is = journal_record_parse(&record, buffer.at, buffer.length, why, sizeof why);
  if (is != good) fail_msg("%s -> %s: %s", from, to, is ? "is taken" : why);
  if (!good && !strstr(why, wanted_why)) fail_msg("%s -> %s: \"%s\" wanted, not \"%s\"", from, to, wanted_why, why);
  journal_record_fini(&record);
  buffer_fini(&buffer);
}

static void test_taken(void **state) {
  (void)state;
  assert_parse("10452,120", "9223372036854775806,1", true, "");
  assert_parse("10452,120", " 0 ,\n9223372036854775807 ", true, "");
  assert_parse("\"sequence\":17", "\"sequence\":9223372036854775806", true, "");
  assert_parse("{\"definition\":3,\"digest\":\"" DIGEST "\",\"agreed\":true}",
               "{\"agreed\":false,\"digest\":\"" DIGEST "\",\"definition\":4294967295}", true, "");
  assert_parse("\"journal\":2,\"partition\":3,", "\"partition\":3,\"journal\":2,", true, "");
  assert_parse("\"crm\"", "\"\\u0063rm\"", true, "");
  assert_parse(INPUTS_NOTHING, DIGEST, true, "");
}

static const struct {
  const char *from, *to, *why;
} refused[] = {
    {"{\"journal\"", "[\"journal\"", "no JSON"},
    {"\"journal\":2", "\"journal\":2.0", "journal"},
    {"\"journal\":2", "\"journal\":1", "journal: a whole number from 2 to 2"},
    {"\"journal\":2", "\"journal\":3", "journal: a whole number from 2 to 2"},
    {"\"journal\":2", "\"journal\":\"2\"", "journal"},
    {"\"journal\":2,", "", "journal: is missing"},
    {"\"journal\":2", "\"journal\":2,\"journal\":2", "twice"},
    {"\"journal\":2", "\"journal\":2,\"more\":1", "not known"},
    {"\"journal\":2", "/**/\"journal\":2", "no JSON"},
    {"\"partition\":3", "\"partition\":-3", "partition"},
    {"\"partition\":3", "\"partition\":2147483648", "partition"},
    {"\"partition\":3", "\"partition\":null", "partition"},
    {"\"sequence\":17", "\"sequence\":-0", "sequence"},
    {"\"sequence\":17", "\"sequence\":9223372036854775807", "sequence"},
    {"\"sequence\":17", "\"sequence\":18446744073709551617", "sequence"},
    {"\"sequence\":17", "\"sequence\":1e1", "sequence"},
    {"\"published\":12", "\"published\":-1", "published"},
    {"\"dead_letters\":1", "\"dead_letters\":[]", "dead_letters"},
    {"\"entries\":[", "\"entries\":{},\"x\":[", "entries: an array"},
    {"\"entries\":[", "\"entries\":[1,", "entries: an array or an object"},
    {"[\"engagement\",10452,120]", "[]", "a topic's name"},
    {"[\"engagement\",10452,120]", "[\"engagement\"]", "an offset"},
    {"[\"engagement\",10452,120]", "[\"engagement\",10452]", "a count"},
    {"[\"engagement\",10452,120]", "[\"engagement\",10452,120,1]", "a topic, an offset and a count"},
    {"[\"engagement\",10452,120]", "[\"\",10452,120]", "a topic's name"},
    {"[\"engagement\",10452,120]", "[10452,10452,120]", "a topic's name"},
    {"10452,120", "10452,0", "a run's count"},
    {"10452,120", "-1,120", "a run's offset"},
    {"10452,120", "9223372036854775806,2", "a run's count"},
    {"10452,120", "9223372036854775807,1", "a run's offset"},
    {"10452,120", "1e3,120", "a run's offset"},
    {"{\"clock\":1772357400000}", "{}", "an entry"},
    {"{\"clock\":1772357400000}", "{\"clock\":1,\"definition\":1}", "an entry"},
    {"{\"clock\":1772357400000}", "{\"tick\":1}", "not known"},
    {"{\"clock\":1772357400000}", "{\"clock\":7258118400000}", "clock"},
    {"{\"clock\":1772357400000}", "{\"clock\":-5}", "clock"},
    {"{\"definition\":3,", "{\"definition\":0,", "definition"},
    {"{\"definition\":3,", "{\"definition\":4294967296,", "definition"},
    {"{\"definition\":3,", "{", "an entry"},
    {",\"digest\":\"" DIGEST "\"", "", "an entry"},
    {",\"agreed\":true", "", "an entry"},
    {"\"agreed\":true", "\"agreed\":1", "agreed: true or false"},
    {"\"agreed\":true", "\"agreed\":null", "agreed: true or false"},
    {"sha256:00", "sha256:0g", "digest"},
    {"sha256:00", "sha256:0A", "digest"},
    {"sha256:00", "sha256:0", "digest"},
    {"sha256:00", "sha512:00", "digest"},
    {",\"inputs\":\"" INPUTS_NOTHING "\"", "", "inputs: is missing"},
    {"\"inputs\":\"" INPUTS_NOTHING "\"", "\"inputs\":null", "inputs: xxh3: and 32, or sha256: and 64"},
    {"xxh3:99", "xxh3:9", "inputs"},
    {"xxh3:99", "xxh3:999", "inputs"},
    {"xxh3:99", "xxh3:9A", "inputs"},
    {"xxh3:99", "xxh64:99", "inputs"},
    {"xxh3:99", "99", "inputs"},
    {"xxh3:99", "sha256:99", "inputs"},
    {INPUTS_NOTHING, DIGEST "0", "inputs"},
    {"\"66687a", "\"66687A", "chain"},
    {"\"66687a", "\"66687", "chain"},
    {"\"66687a", "\"66687aa", "chain"},
    {"\"" CHAIN_NOTHING "\"", "0", "chain"},
    {"\"}", "\"}{}", "no JSON"},
};

static void test_refused(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
    assert_parse(refused[i].from, refused[i].to, false, refused[i].why);
}

static void test_many_topics(void **state) {
  (void)state;
  char text[512] = "[\"t0\",1,1]";
  for (int i = 1; i < SETTINGS_INPUTS - 2; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), ",[\"t%d\",1,1]", i);
  assert_parse("[\"engagement\",10452,120]", text, true, "");
  snprintf(text + strlen(text), sizeof text - strlen(text), ",[\"last\",1,1]");
  assert_parse("[\"engagement\",10452,120]", text, false, "more topics");
}

static void test_long_topic(void **state) {
  (void)state;
  char topic[JOURNAL_TOPIC + 2];
  memset(topic, 't', sizeof topic);
  topic[JOURNAL_TOPIC + 1] = 0;
  assert_parse("crm", topic, false, "a topic's name");
  assert_parse("crm", topic + 1, true, "");
}

/* Cut anywhere, and with any bit turned: refused, or taken for what is then there; never a byte too far (the sanitizer sees it). */
static void test_altered(void **state) {
  (void)state;
  struct journal_record record = {0};
  char why[8];
  const size_t length = strlen(GOOD);
  for (size_t cut = 0; cut < length; cut++) {
    char *copy = malloc(cut + 1);
    assert_non_null(copy);
    memcpy(copy + 1, GOOD, cut);
    assert_false(journal_record_parse(&record, copy + 1, cut, why, sizeof why));
    free(copy);
  }
  char *copy = malloc(length);
  assert_non_null(copy);
  memcpy(copy, GOOD, length);
  for (size_t bit = 0; bit < 8 * length; bit++) {
    copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
    journal_record_parse(&record, copy, length, why, sizeof why);
    copy[bit / 8] = (char)(copy[bit / 8] ^ (1 << bit % 8));
  }
  free(copy);
  journal_record_fini(&record);
}

static void test_too_large(void **state) {
  (void)state;
  struct journal_record record = {0};
  char why[256] = "";
  char *text = calloc(1, JOURNAL_RECORD + 1);
  assert_non_null(text);
  assert_false(journal_record_parse(&record, text, JOURNAL_RECORD + 1, why, sizeof why));
  assert_string_equal(why, "the record: too large");
  free(text);
  journal_record_fini(&record);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_record),     cmocka_unit_test(test_nothing), cmocka_unit_test(test_chain_moves_on),
      cmocka_unit_test(test_resume),     cmocka_unit_test(test_inputs),  cmocka_unit_test(test_inputs_in_words),
      cmocka_unit_test(test_runs_join),  cmocka_unit_test(test_full),    cmocka_unit_test(test_parse),
      cmocka_unit_test(test_taken),      cmocka_unit_test(test_refused), cmocka_unit_test(test_many_topics),
      cmocka_unit_test(test_long_topic), cmocka_unit_test(test_altered), cmocka_unit_test(test_too_large),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
