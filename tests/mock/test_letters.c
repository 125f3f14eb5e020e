/* test_letters.c: what is a dead letter and what is not, whatever somebody has written to the topic; letters that are asked about; and a redrive
 * against errors of each class. */
#include "cluster.h"

#include "apart.h"
#include "called.h"
#include "consumer/command.h"
#include "consumer/letters.h"
#include "consumer/letters_print.h"
#include "producer/redrive.h"

enum { PARTITIONS = 2 };

#define LETTERS "handover-dead-letters"

struct bench {
  struct cluster cluster;
  struct settings settings;
  struct topic_reader *reader;
};

static void start(struct bench *bench) {
  char why[TOPIC_READER_WHY];
  cluster_start(&bench->cluster);
  cluster_topic(&bench->cluster, "in", PARTITIONS);
  cluster_topic(&bench->cluster, LETTERS, PARTITIONS);
  cluster_settings(&bench->cluster, "", &bench->settings);
  bench->reader = topic_reader_open(&bench->settings, why, sizeof why);
  assert_non_null(bench->reader);
}

static void stop(struct bench *bench) {
  topic_reader_close(bench->reader);
  settings_fini(&bench->settings);
  cluster_stop(&bench->cluster);
}

/* "name=value" one behind the other, NULL at the end. */
static void put(struct bench *bench, int32_t partition, const char *value, const char *const *headers,
                int64_t time_ms) {
  rd_kafka_headers_t *made = rd_kafka_headers_new(8);
  for (; *headers; headers++) {
    const char *equal = strchr(*headers, '=');
    rd_kafka_header_add(made, *headers, equal - *headers, equal + 1, -1);
  }
  rd_kafka_resp_err_t code = rd_kafka_producev(
      bench->cluster.client, RD_KAFKA_V_TOPIC(LETTERS), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(NULL, 0),
      RD_KAFKA_V_VALUE((void *)(uintptr_t)value, value ? strlen(value) : 0), RD_KAFKA_V_TIMESTAMP(time_ms),
      RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(made), RD_KAFKA_V_END);
  assert_int_equal(code, RD_KAFKA_RESP_ERR_NO_ERROR);
}

#define PUT(bench, partition, value, time_ms, ...) \
  put(bench, partition, value, (const char *const[]){__VA_ARGS__, NULL}, time_ms)
#define PLACE "topic=in", "partition=1", "offset=42"

/* --- reading --- */

static void test_kinds(void **state) {
  (void)state;
  static const enum letter_kind kinds[] = {LETTER_IS,      LETTER_IS,      LETTER_IS_MARK, LETTER_IS_NONE,
                                           LETTER_IS_NONE, LETTER_IS_NONE, LETTER_IS_NONE, LETTER_IS_NONE,
                                           LETTER_IS_NONE, LETTER_IS_NONE};
  struct bench bench;
  struct tape tape;
  struct letter letter;
  int64_t marked = -1;
  start(&bench);
  PUT(&bench, 0, "{", 1772357400000, "reason=not_json", "detail=byte 2", PLACE, "record.handover-attempt=3");
  PUT(&bench, 0, "x", 1, "reason=no_lead", PLACE, "redriven=7",
      "record.handover-attempt=-3"); /* with a reason it is a letter */
  PUT(&bench, 0, NULL, 1, "redriven=9223372036854775", "detail=x");
  PUT(&bench, 0, NULL, 1, "redriven=1x");
  PUT(&bench, 0, NULL, 1, "redriven=");
  PUT(&bench, 0, "x", 1, PLACE);
  PUT(&bench, 0, "x", 1, "reason=no_lead", "topic=in", "partition=1");
  PUT(&bench, 0, "x", 1, "reason=no_lead", "topic=in", "partition=01", "offset=1");
  PUT(&bench, 0, "x", 1, "reason=no_lead", "topic=in", "partition=3000000000", "offset=1");
  PUT(&bench, 0, "x", 1, "reason=no_lead", "topic=", "partition=1", "offset=9999999999999999999");
  cluster_flush(&bench.cluster);
  tape_start(&tape, &bench.cluster, LETTERS, 1);
  tape_catch_up(&tape);
  assert_int_equal(tape.count, sizeof kinds / sizeof *kinds);
  for (size_t i = 0; i < tape.count; i++) assert_int_equal(letter_read(tape.at[i], &letter, &marked), kinds[i]);
  assert_int_equal(marked, INT64_C(9223372036854775));
  letter_read(tape.at[1], &letter, &marked);
  assert_int_equal(letter.attempts, 0);
  letter_read(tape.at[0], &letter, &marked);
  assert_int_equal(letter.attempts, 3);
  assert_true(slice_equal(letter.reason, SLICE("not_json")) && slice_equal(letter.detail, SLICE("byte 2")));
  assert_true(slice_equal(letter.record.topic, SLICE("in")) && letter.record.partition == 1);
  assert_int_equal(letter.record.offset, 42);
  assert_int_equal(letter.timestamp_ms, INT64_C(1772357400000));
  tape_stop(&tape);
  stop(&bench);
}

/* One letter, all of it: what it is, and every byte. */
static void test_printed(void **state) {
  (void)state;
  struct bench bench;
  struct tape tape;
  struct letter letter;
  struct buffer out = {0};
  int64_t marked;
  start(&bench);
  PUT(&bench, 0, "{\n\x1b[2J", 1772357400000, "reason=not_json", "detail=byte 2", PLACE, "record.handover-attempt=3",
      "record.a=b\x07", "record.a=");
  PUT(&bench, 0, "", 1772357400000, "reason=no_lead", PLACE);
  cluster_flush(&bench.cluster);
  tape_start(&tape, &bench.cluster, LETTERS, 1);
  tape_catch_up(&tape);
  assert_int_equal(letter_read(tape.at[0], &letter, &marked), LETTER_IS);
  letters_print_all_json(&out, &letter, tape.at[0], true);
  letters_print_all(&out, &letter, tape.at[0], true, LETTERS);
  assert_int_equal(letter_read(tape.at[1], &letter, &marked), LETTER_IS);
  letters_print_all(&out, &letter, tape.at[1], false, LETTERS);
  buffer_append(&out, "", 1);
  assert_string_equal(
      out.at,
      "{\"letter\":\"0:0\",\"time\":\"2026-03-01T09:30:00.000Z\",\"reason\":\"not_json\",\"detail\":\"byte "
      "2\",\"topic\":\"in\","
      "\"partition\":1,\"offset\":42,\"key\":null,\"bytes\":6,\"attempts\":3,\"redriven\":true,\"headers\":["
      "{\"name\":\"handover-attempt\",\"value\":\"3\"},{\"name\":\"a\",\"value\":\"b\\u0007\"},{\"name\":\"a\","
      "\"value\":\"\"}],"
      "\"value\":\"{\\n\\u001b[2J\"}\n"
      "letter      0:0 of handover-dead-letters\n"
      "reason      not_json\n"
      "detail      byte 2\n"
      "record      in/1/42, 2026-03-01T09:30:00.000Z\n"
      "attempts    it had been redriven before: this was try 4\n"
      "redriven    yes\n"
      "header      handover-attempt: 3\n"
      "header      a: b\\x07\n"
      "header      a: \n"
      "key         null\n"
      "value       6 bytes\n"
      "{\n"
      "\\x1b[2J\n"
      "letter      0:1 of handover-dead-letters\n"
      "reason      no_lead\n"
      "record      in/1/42, 2026-03-01T09:30:00.000Z\n"
      "redriven    no\n"
      "key         null\n"
      "value       0 bytes\n");
  buffer_fini(&out);
  tape_stop(&tape);
  stop(&bench);
}

static void expect_header(rd_kafka_headers_t *headers, size_t at, const char *name, const char *value) {
  const char *found;
  const void *bytes;
  size_t length;
  assert_int_equal(rd_kafka_header_get_all(headers, at, &found, &bytes, &length), RD_KAFKA_RESP_ERR_NO_ERROR);
  assert_string_equal(found, name);
  assert_int_equal(length, strlen(value));
  assert_memory_equal(bytes, value, length);
}

/* What is sent has the record's own headers, in their order, doubles too; what an earlier redrive has added gives way. */
static void test_headers(void **state) {
  (void)state;
  struct bench bench;
  struct tape tape;
  struct letter letter;
  int64_t marked;
  start(&bench);
  PUT(&bench, 0, "x", 1, "reason=no_lead", PLACE, "record.a=1", "record.handover-letter=0/3", "record.=none",
      "record.handover-attempt=2", "other=x", "record.a=2", "record.record.b=3");
  cluster_flush(&bench.cluster);
  tape_start(&tape, &bench.cluster, LETTERS, 1);
  tape_catch_up(&tape);
  assert_int_equal(letter_read(tape.at[0], &letter, &marked), LETTER_IS);
  rd_kafka_headers_t *headers = letter_headers(tape.at[0], &letter);
  assert_int_equal(rd_kafka_header_cnt(headers), 6);
  expect_header(headers, 0, "a", "1");
  expect_header(headers, 1, "", "none");
  expect_header(headers, 2, "a", "2");
  expect_header(headers, 3, "record.b", "3");
  expect_header(headers, 4, "handover-letter", "0/0");
  expect_header(headers, 5, "handover-attempt", "3");
  rd_kafka_headers_destroy(headers);
  tape_stop(&tape);
  stop(&bench);
}

static void test_places(void **state) {
  (void)state;
  struct letters_place place;
  assert_true(letters_place_parse("3:17", &place) && place.partition == 3 && place.offset == 17);
  assert_true(letters_place_parse("0/9223372036854775806", &place) && place.offset == INT64_MAX - 1);
  static const char *const wrong[] = {"",    ":",    "3",     "3:",   "-1:2",         ":4",
                                      "1,2", "1:2 ", "1:2:3", "1:-2", "2147483648:1", "0:9223372036854775807"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    if (letters_place_parse(wrong[i], &place)) fail_msg("taken: %s", wrong[i]);
}

/* --- asking --- */

struct seen {
  char text[200];
  int most;
};

static bool note(void *context, const struct letter *letter, const rd_kafka_message_t *message) {
  struct seen *seen = context;
  size_t length = strlen(seen->text);
  (void)message;
  snprintf(seen->text + length, sizeof seen->text - length, "%d:%d ", (int)letter->partition, (int)letter->offset);
  return --seen->most != 0;
}

static void expect_asked(struct letters *letters, struct letters_asked asked, const char *expected) {
  struct seen seen = {.most = -1};
  assert_int_equal(letters_each(letters, &asked, note, &seen), LETTERS_DONE);
  assert_string_equal(seen.text, expected);
}

static void test_asked(void **state) {
  (void)state;
  static const struct letters_asked all = {.from_ms = TIME_NONE, .to_ms = TIME_NONE};
  struct bench bench;
  start(&bench);
  PUT(&bench, 0, "a", 1000, "reason=no_lead", PLACE);
  PUT(&bench, 0, "b", 2000, "reason=no_time", PLACE);
  PUT(&bench, 0, NULL, 9000, "redriven=0");
  PUT(&bench, 0, "c", 3000, "reason=no_lead", "topic=other", "partition=0", "offset=1");
  PUT(&bench, 0, "d", 3000, "what=ever");
  PUT(&bench, 1, "e", 4000, "reason=no_lead", PLACE);
  cluster_flush(&bench.cluster);
  struct letters *letters = letters_create(bench.reader, &bench.settings);
  assert_int_equal(letters_read_marks(letters, &all, true), LETTERS_DONE);
  assert_true(letters_is_redriven(letters, 0, 0));
  assert_false(letters_is_redriven(letters, 0, 1) || letters_is_redriven(letters, 1, 0) ||
               letters_is_redriven(letters, 7, 0));
  PUT(&bench, 1, "later", 4000, "reason=no_lead",
      PLACE); /* it was not there when the marks were read: it is left out */
  cluster_flush(&bench.cluster);
  expect_asked(letters, all, "0:0 0:1 0:3 1:0 ");
  assert_int_equal(letters_strange(letters), 1);
  struct letters_asked asked = all;
  asked.open = true;
  expect_asked(letters, asked, "0:1 0:3 1:0 ");
  asked.reason = "no_lead";
  asked.topic = "in";
  expect_asked(letters, asked, "1:0 ");
  asked = all;
  asked.from_ms = 2000;
  asked.to_ms = 4000;
  expect_asked(letters, asked, "0:1 0:3 ");
  asked = all;
  asked.places[asked.place_count++] = (struct letters_place){0, 3};
  asked.places[asked.place_count++] = (struct letters_place){0, 0};
  asked.places[asked.place_count++] = (struct letters_place){0, 2}; /* no letter */
  asked.places[asked.place_count++] = (struct letters_place){5, 0}; /* no partition */
  expect_asked(letters, asked, "0:0 0:3 ");
  struct seen seen = {.most = 2};
  assert_int_equal(letters_each(letters, &all, note, &seen), LETTERS_STOPPED);
  assert_string_equal(seen.text, "0:0 0:1 ");
  letters_destroy(letters);
  stop(&bench);
}

static void test_no_topic(void **state) {
  (void)state;
  static const struct letters_asked all = {.from_ms = TIME_NONE, .to_ms = TIME_NONE};
  struct bench bench;
  start(&bench);
  free(bench.settings.dead_letters);
  bench.settings.dead_letters = strdup("nowhere-to-be-seen");
  rd_kafka_mock_topic_set_error(bench.cluster.mock, "nowhere-to-be-seen", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  struct letters *letters = letters_create(bench.reader, &bench.settings);
  assert_int_equal(letters_read_marks(letters, &all, false), LETTERS_FAILED);
  assert_non_null(strstr(letters_why(letters), "there is no such topic"));
  letters_destroy(letters);
  stop(&bench);
}

/* --- redriving --- */

static void open_redrive(struct bench *bench, struct redrive *redrive) {
  char why[600];
  *redrive = (struct redrive){.settings = &bench->settings};
  rd_kafka_conf_t *conf = client_conf(&bench->settings, RD_KAFKA_PRODUCER, why, sizeof why);
  assert_non_null(conf);
  redrive_configure(redrive, conf);
  rd_kafka_conf_set_log_cb(conf, NULL);
  redrive->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  assert_non_null(redrive->producer);
}

static bool send_one(struct redrive *redrive) {
  const struct letter letter = {
      .partition = 1, .offset = 5, .timestamp_ms = 1772357400000, .value = SLICE("{"), .record = {SLICE("in"), 1, 42}};
  rd_kafka_headers_t *headers = rd_kafka_headers_new(1);
  rd_kafka_header_add(headers, "a", -1, "1", -1);
  return redrive_send(redrive, &letter, "in", headers);
}

static size_t count_in(struct bench *bench, const char *topic) {
  struct tape tape;
  tape_start(&tape, &bench->cluster, topic, PARTITIONS);
  tape_catch_up(&tape);
  size_t count = tape.count;
  for (size_t i = 0; i < count; i++) assert_int_equal(tape.at[i]->partition, 1);
  tape_stop(&tape);
  return count;
}

static void test_redrive(void **state) {
  (void)state;
  struct bench bench;
  struct redrive redrive;
  start(&bench);
  open_redrive(&bench, &redrive);
  cluster_error(&bench.cluster, API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 2);
  assert_true(redrive_fence(&redrive));
  assert_true(redrive_commit(&redrive)); /* of nothing */
  for (int i = 0; i < 450; i++) assert_true(send_one(&redrive));
  assert_int_equal(redrive.committed, 400); /* from time to time */
  cluster_error(&bench.cluster, API_END_TXN, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, 1);
  assert_true(redrive_commit(&redrive));
  assert_int_equal(redrive.committed, 450);
  assert_int_equal(count_in(&bench, "in"), 450);
  assert_int_equal(count_in(&bench, LETTERS), 450);
  rd_kafka_destroy(redrive.producer);
  stop(&bench);
}

/* Somebody has begun to redrive, or has no right to: nothing counts as sent, and it is said. */
static void fail_at(enum api api, rd_kafka_resp_err_t error, const char *expected) {
  struct bench bench;
  struct redrive redrive;
  start(&bench);
  open_redrive(&bench, &redrive);
  assert_true(redrive_fence(&redrive));
  cluster_error(&bench.cluster, api, error, 1);
  bool good = send_one(&redrive) && redrive_commit(&redrive);
  assert_false(good);
  assert_int_equal(redrive.committed, 0);
  if (!strstr(redrive.why, expected)) fail_msg("%s: %s", rd_kafka_err2name(error), redrive.why);
  rd_kafka_destroy(redrive.producer);
  stop(&bench);
}

static void test_no_right(void **state) {
  (void)state;
  fail_at(API_PRODUCE, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, "authorization failed");
}

static void test_too_large(void **state) {
  (void)state;
  fail_at(API_PRODUCE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "Message size too large");
}

static void test_fenced(void **state) {
  (void)state;
  fail_at(API_END_TXN, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, "somebody else has begun to redrive");
}

static void test_no_id(void **state) {
  (void)state;
  struct bench bench;
  struct redrive redrive;
  start(&bench);
  open_redrive(&bench, &redrive);
  cluster_error(&bench.cluster, API_INIT_PRODUCER_ID, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 1);
  assert_false(redrive_fence(&redrive));
  assert_non_null(strstr(redrive.why, "handover-redrive-" LETTERS));
  rd_kafka_destroy(redrive.producer);
  stop(&bench);
}

/* --- the command --- */

#define COMMAND(bench, ...) called(cmd_letters, cluster_bootstrap(&(bench)->cluster), WORDS(__VA_ARGS__))

static void put_some(struct bench *bench) {
  PUT(bench, 0, "a", 1000, "reason=no_lead", PLACE);
  PUT(bench, 0, "b", 2000, "reason=no_time", PLACE);
  PUT(bench, 0, NULL, 9000, "redriven=0");
  PUT(bench, 1, "c", 3000, "reason=no_lead", PLACE);
  PUT(bench, 1, "d", 3000, "reason=no_lead", "topic=other", "partition=0", "offset=1");
  PUT(bench, 1, "e", 3000, "what=ever");
  cluster_flush(&bench->cluster);
}

static void test_listed(void **state) {
  (void)state;
  struct bench bench;
  start(&bench);
  put_some(&bench);
  assert_int_equal(COMMAND(&bench, "list"), 0);
  expect_lines(5);
  assert_int_equal(COMMAND(&bench, "--json", "--open"), 0);
  expect_lines(3);
  assert_int_equal(COMMAND(&bench, "--limit", "1"), 0);
  expect_lines(2);
  assert_int_equal(COMMAND(&bench, "--summary", "--topic", "in"), 0);
  expect_lines(3);
  assert_int_equal(COMMAND(&bench, "--summary", "--json", "--from", "1970-01-01T00:00:03Z"), 0);
  assert_non_null(strstr(printed, "[{\"reason\":\"no_lead\",\"letters\":2,"));
  assert_int_equal(COMMAND(&bench, "--reason", "no_name"), 0);
  assert_string_equal(printed, "no dead letters\n");
  assert_int_equal(COMMAND(&bench, "show", "0:1"), 0);
  assert_non_null(strstr(printed, "reason      no_time\n"));
  assert_int_equal(COMMAND(&bench, "show", "--raw", "0:1"), 0);
  assert_string_equal(printed, "b");
  assert_int_equal(COMMAND(&bench, "show", "--json", "0:0"), 0);
  assert_non_null(strstr(printed, "\"redriven\":true"));
  assert_int_equal(COMMAND(&bench, "show", "0:2"), 1); /* a mark is no letter */
  stop(&bench);
}

/* Each is sent once; of what is no partition of an input it is said, and the status is 1. */
static void test_redriven(void **state) {
  (void)state;
  struct bench bench;
  struct tape tape;
  start(&bench);
  put_some(&bench);
  assert_int_equal(COMMAND(&bench, "redrive", "--dry-run", "--topic", "in"), 0);
  assert_non_null(strstr(printed, "0:1 "));
  assert_non_null(strstr(printed, "1:0 "));
  assert_int_equal(COMMAND(&bench, "redrive", "--yes", "--limit", "1"), 0);
  assert_int_equal(COMMAND(&bench, "redrive", "--yes", "--json"), 1);
  assert_int_equal(COMMAND(&bench, "redrive", "--yes", "--topic", "in"), 0);
  tape_start(&tape, &bench.cluster, "in", PARTITIONS);
  tape_catch_up(&tape);
  assert_int_equal(tape.count, 2);
  tape_stop(&tape);
  stop(&bench);
}

static void test_called_wrongly(void **state) {
  (void)state;
  static const char *const wrong[][5] = {{"open"},
                                         {"--reason", "none"},
                                         {"--limit", "0"},
                                         {"--limit", "1x"},
                                         {"--from", "noon"},
                                         {"list", "0:1"},
                                         {"show"},
                                         {"show", "0:1", "0:2"},
                                         {"show", "x"},
                                         {"show", "--topic", "in", "0:1"},
                                         {"redrive", "--open"},
                                         {"redrive", "--summary"},
                                         {"list", "--raw"},
                                         {"show", "--limit", "1", "0:1"},
                                         {"list", "--yes"},
                                         {"show", "--raw", "--json", "0:1"},
                                         {"--from", "2026-03-02T00:00:00Z", "--to", "2026-03-01T00:00:00Z"},
                                         {"--nothing"},
                                         {"--reason"},
                                         {"--set", "inputs=[]"}};
  expect_wrong(cmd_letters, wrong, sizeof wrong / sizeof *wrong);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kinds),    cmocka_unit_test(test_printed),        cmocka_unit_test(test_listed),
      cmocka_unit_test(test_redriven), cmocka_unit_test(test_called_wrongly), cmocka_unit_test(test_headers),
      cmocka_unit_test(test_places),   cmocka_unit_test(test_asked),          cmocka_unit_test(test_no_topic),
      cmocka_unit_test(test_redrive),  cmocka_unit_test(test_no_right),       cmocka_unit_test(test_too_large),
      cmocka_unit_test(test_fenced),   cmocka_unit_test(test_no_id),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
