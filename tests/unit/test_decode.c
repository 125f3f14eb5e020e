/* test_decode.c: records to events, and to the reasons why not. */
#include "decoding.h"

#include <math.h>

/* --- rejects --- */

static void test_rejects(void **state) {
  (void)state;
  static const struct {
    const char *payload;
    enum reject reject;
    const char *detail;
  } cases[] = {
      {"", REJECT_NOT_JSON, "byte 0: the text ends too early"},
      {"   ", REJECT_NOT_JSON, "byte 3: "},
      {"}", REJECT_NOT_JSON, "byte 0: "},
      {"{", REJECT_NOT_JSON, "byte 1: "},
      {"{\"a\":1", REJECT_NOT_JSON, "byte 6: the text ends too early"},
      {"{\"a\":{}", REJECT_NOT_JSON, "byte 7: the text ends too early"},
      {"{\"traits\":{\"email\":{}}", REJECT_NOT_JSON, "byte 22: "},
      {"{\"a\":[{}", REJECT_NOT_JSON, "byte 8: "},
      {"{}}", REJECT_NOT_JSON, "byte 2: something stands behind the end"},
      {"{\"a\":01}", REJECT_NOT_JSON, "byte 6: "},
      {"{\"a\":\"\\ud800\"}", REJECT_NOT_JSON, "byte 6: half a surrogate pair"},
      {"{\"a\":\"\xff\"}", REJECT_NOT_JSON, "byte 6: this is not UTF-8"},
      {"\xef\xbb\xbf{}", REJECT_NOT_JSON, "byte 0: a byte order mark"},
      {"[]", REJECT_NOT_OBJECT, "an array; an event is an object"},
      {" [{}] ", REJECT_NOT_OBJECT, "an array"},
      {"\"{}\"", REJECT_NOT_OBJECT, "a string"},
      {"null", REJECT_NOT_OBJECT, "null"},
      {"true", REJECT_NOT_OBJECT, "a boolean"},
      {"-1", REJECT_NOT_OBJECT, "a number"},
      {"{}", REJECT_NO_LEAD, "a string of 1 to 255 bytes or an integer is at none of /userId, /traits/email, @key"},
      {"{\"userId\":\"\",\"traits\":{\"email\":true}}", REJECT_NO_LEAD, "/userId"},
      {"{\"userId\":1.0}", REJECT_NO_LEAD, ""},
      {"{\"userId\":1e2}", REJECT_NO_LEAD, ""},
      {"{\"userId\":null}", REJECT_NO_LEAD, ""},
      {"{\"userId\":{\"a\":\"b\"}}", REJECT_NO_LEAD, ""},
      {"{\"userId\":[\"a\"]}", REJECT_NO_LEAD, ""},
      {"{\"userId\":\"x\"}", REJECT_NO_TIME, "a time is at none of /timestamp, @timestamp"},
      {"{\"userId\":\"x\",\"timestamp\":null}", REJECT_NO_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":\"yester\\nday\"}", REJECT_BAD_TIME, "to 2199: yester?day"},
      {"{\"userId\":\"x\",\"timestamp\":\"\"}", REJECT_BAD_TIME, "/timestamp: no RFC 3339 time"},
      {"{\"userId\":\"x\",\"timestamp\":{}}", REJECT_BAD_TIME, "an object"},
      {"{\"userId\":\"x\",\"timestamp\":false}", REJECT_BAD_TIME, "false"},
      {"{\"userId\":\"x\",\"timestamp\":\"2026-02-29T00:00:00Z\"}", REJECT_BAD_TIME, "2026-02-29T00:00:00Z"},
      {"{\"userId\":\"x\",\"timestamp\":-1}", REJECT_BAD_TIME, "-1"},
      {"{\"userId\":\"x\",\"timestamp\":7258118400000}", REJECT_BAD_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":18446744073709551616}", REJECT_BAD_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":1e3}", REJECT_BAD_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":1.0}", REJECT_BAD_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":\"1772357400000\"}", REJECT_BAD_TIME, ""},
      {"{\"userId\":\"x\",\"timestamp\":0}", REJECT_NO_NAME, "none of /event, /type"},
      {"{\"userId\":\"x\",\"timestamp\":0,\"event\":\"\",\"type\":{}}", REJECT_NO_NAME, ""},
      {"{\"userId\":\"x\",\"timestamp\":\"no\",\"a\":tru}", REJECT_NOT_JSON, ""},
      {"{\"timestamp\":\"no\"}", REJECT_NO_LEAD, ""},
      {"{" ALSO, REJECT_NONE, ""},
      {" \t\r\n{" ALSO " \t\r\n", REJECT_NONE, ""},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    enum reject reject = rejected(cases[i].payload);
    if (reject != cases[i].reject || (reject && !strstr(detail, cases[i].detail)))
      fail_msg("%s: %s: %s", cases[i].payload, reject_name(reject), detail);
  }
  assert_string_equal(reject_name(REJECT_TOO_LARGE), "too_large");
  assert_string_equal(reject_name(REJECT_NOT_JSON), "not_json");
  assert_string_equal(reject_name(REJECT_NO_NAME), "no_name");
}

static void test_null_and_too_large(void **state) {
  (void)state;
  struct record record = {.timestamp_ms = TIME_NONE};
  struct event *event = NULL;
  assert_int_equal(decoder_decode(decoder, 0, &record, &event, detail), REJECT_NOT_JSON);
  assert_non_null(strstr(detail, "null payload"));
  char *payload = malloc(BYTES_MOST + 2);
  assert_non_null(payload);
  int length = snprintf(payload, BYTES_MOST, "{" ALSO);
  memset(payload + length, ' ', (size_t)(BYTES_MOST + 1 - length));
  payload[BYTES_MOST] = 0;
  assert_int_equal(rejected(payload), REJECT_NONE);
  payload[BYTES_MOST] = 'x';
  payload[BYTES_MOST + 1] = 0;
  assert_int_equal(rejected(payload), REJECT_TOO_LARGE);
  assert_string_equal(detail, "4097 bytes, at most 4096 are allowed");
  free(payload);
}

/* Pointers stand as they are written, and what is too long is cut between characters. */
static void test_details(void **state) {
  (void)state;
  struct pointers *p = pointers_segment();
  pointers_source(p, &p->definition.time, "");
  pointers_source(p, &p->definition.time, "/a~1~0/b");
  use_pointers(p);
  assert_int_equal(rejected("{\"userId\":1}"), REJECT_BAD_TIME);
  assert_string_equal(detail, "the event: no RFC 3339 time and no whole milliseconds from 1970 to 2199: an object");
  p->definition.time.at[2] = p->definition.time.at[3];
  p->definition.time.count = 3;
  assert_int_equal(rejected("{\"userId\":1}"), REJECT_NO_TIME);
  assert_string_equal(detail, "a time is at none of /timestamp, @timestamp, /a~1~0/b");

  p = pointers_segment();
  p->definition.time.count = 0;
  for (int i = 0; i < 4; i++) {
    char path[64] = "/";
    for (int k = 0; k < 15; k++) memcpy(path + 1 + 3 * k, "\xe2\x82\xac", 4);
    path[46] = path[47] = (char)('0' + i);
    path[48] = 0;
    pointers_source(p, &p->definition.time, path);
  }
  use_pointers(p);
  assert_int_equal(rejected("{\"userId\":1}"), REJECT_NO_TIME);
  assert_int_equal(strlen(detail), 158); /* one more byte would be a third of a character */
  assert_string_equal(detail + 155, "\xe2\x82\xac");
  use_pointers(pointers_segment());
}

/* --- who, when, what --- */

static void test_names(void **state) {
  (void)state;
  struct event *event =
      decoded(0, "{\"userId\":\"\\u00fc\\/\\\"\\\\\",\"messageId\":-0,\"timestamp\":-0,\"event\":null,\"type\":70}");
  assert_slice(event->lead, "\xc3\xbc/\"\\");
  assert_slice(event->id, "-0");
  assert_slice(event->name, "70");
  assert_int_equal(event->time_ms, 0);
  event = decoded(0, "{\"userId\":12.0,\"traits\":{\"email\":\"a@b\"},\"timestamp\":7258118399999,\"event\":\"e\"}");
  assert_slice(event->lead, "a@b");
  assert_null(event->id.at);
  assert_true(event->time_ms == TIME_END - 1);
  event =
      decoded(0, "{\"userId\":12345678901234567890123,\"timestamp\":\"1970-01-01T00:00:01Z\",\"event\":\"e\\u0000\"}");
  assert_slice(event->lead, "12345678901234567890123");
  assert_int_equal(event->time_ms, 1000);
  assert_int_equal(event->name.length, 2);
  assert_memory_equal(event->name.at, "e\0", 2);
}

static void test_name_lengths(void **state) {
  (void)state;
  for (int length = 254; length <= 257; length++) {
    char text[300], payload[600];
    memset(text, '7', sizeof text);
    for (int quoted = 0; quoted < 2; quoted++) {
      const char *quote = quoted ? "\"" : "";
      snprintf(payload, sizeof payload, "{\"userId\":%s%.*s%s,\"timestamp\":0,\"event\":1,\"messageId\":%s%.*s%s}",
               quote, length, text, quote, quote, length, text, quote);
      assert_int_equal(rejected(payload), length <= 255 ? REJECT_NONE : REJECT_NO_LEAD);
      snprintf(payload, sizeof payload, "{\"userId\":1,\"timestamp\":0,\"event\":%s%.*s%s,\"type\":\"t\"}", quote,
               length, text, quote);
      assert_int_equal(decoded(0, payload)->name.length, length <= 255 ? length : 1);
      snprintf(payload, sizeof payload, "{\"userId\":1,\"timestamp\":0,\"event\":1,\"messageId\":%s%.*s%s}", quote,
               length, text, quote);
      assert_true((decoded(0, payload)->id.at != NULL) == (length <= 255));
    }
  }
}

static void test_key_and_timestamp(void **state) {
  (void)state;
  char long_key[256];
  memset(long_key, 'k', sizeof long_key);
  const struct {
    struct slice key;
    int64_t timestamp_ms;
    enum reject reject;
  } cases[] = {
      {SLICE("k"), 5, REJECT_NONE},
      {SLICE("\xc3\xbc"), TIME_END - 1, REJECT_NONE},
      {{long_key, 255}, 0, REJECT_NONE},
      {{long_key, 256}, 0, REJECT_NO_LEAD},
      {{NULL, 0}, 0, REJECT_NO_LEAD},
      {SLICE(""), 0, REJECT_NO_LEAD},
      {SLICE("\xff"), 0, REJECT_NO_LEAD},
      {SLICE("a\xc3"), 0, REJECT_NO_LEAD},
      {SLICE("k"), TIME_NONE, REJECT_NO_TIME},
      {SLICE("k"), -1, REJECT_BAD_TIME},
      {SLICE("k"), TIME_END, REJECT_BAD_TIME},
      {SLICE("k"), INT64_MAX, REJECT_BAD_TIME},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct record record = record_of(0, "{\"event\":\"e\",\"timestamp\":null}");
    record.key = cases[i].key;
    record.timestamp_ms = cases[i].timestamp_ms;
    struct event *event = NULL;
    assert_int_equal(decoder_decode(decoder, 0, &record, &event, detail), cases[i].reject);
    if (cases[i].reject != REJECT_NONE) continue;
    assert_true(slice_equal(event->lead, cases[i].key));
    assert_true(event->time_ms == cases[i].timestamp_ms);
  }
}

static void test_max_ahead(void **state) {
  (void)state;
  static const struct {
    int64_t timestamp_ms, time_ms; /* of the record; of the event, −1: bad_time */
  } cases[] = {
      {TIME_NONE, 1000000}, {1000000, 1000000},   {700000, 1000000}, {699999, 699999}, {0, 0}, {-1, -1},
      {INT64_MIN + 1, -1},  {INT64_MAX, 1000000},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct record record = record_of(0, "{\"userId\":\"u\",\"timestamp\":1000000,\"event\":\"e\"}");
    record.timestamp_ms = cases[i].timestamp_ms;
    struct event *event = NULL;
    enum reject reject = decoder_decode(decoder, 0, &record, &event, detail);
    assert_int_equal(reject, cases[i].time_ms < 0 ? REJECT_BAD_TIME : REJECT_NONE);
    if (event) assert_true(event->time_ms == cases[i].time_ms);
  }
}

static void test_name_index(void **state) {
  (void)state;
  enum { NAMES = 300 };
  static char texts[NAMES][40];
  static struct slice names[NAMES];
  for (int i = 0; i < NAMES; i++) {
    snprintf(texts[i], sizeof texts[i], "event number %03d of many", i);
    names[i] = slice_of(texts[i]);
  }
  pointers->definition.names = names;
  pointers->definition.name_count = NAMES;
  use_pointers(pointers);
  char payload[200];
  for (int i = 0; i <= NAMES; i++) {
    snprintf(payload, sizeof payload, "{\"userId\":1,\"timestamp\":0,\"event\":\"event number %03d of many\"}", i);
    assert_int_equal(decoded(0, payload)->name_index, i < NAMES ? i : -1);
  }
  assert_int_equal(
      decoded(0, "{\"userId\":1,\"timestamp\":0,\"event\":\"event number 007 of man\\u0079\"}")->name_index, 7);
  assert_int_equal(decoded(0, "{\"userId\":1,\"timestamp\":0,\"event\":\"e\"}")->name_index, -1);
  use_pointers(pointers_segment());
}

/* --- values --- */

static void test_values(void **state) {
  (void)state;
  static const struct {
    const char *json;
    enum value_kind kind;
    const char *text;
    bool numeric, numeric_asked; /* where nobody asks for numbers; where somebody does */
    double number;
  } cases[] = {
      {"null", VALUE_NULL, "", false, false, 0},
      {"true", VALUE_TRUE, "true", false, false, 0},
      {"false", VALUE_FALSE, "false", false, false, 0},
      {"{}", VALUE_OBJECT, "", false, false, 0},
      {"{\"a\":[{}]}", VALUE_OBJECT, "", false, false, 0},
      {"[]", VALUE_ARRAY, "", false, false, 0},
      {"[1,[2],\"]\"]", VALUE_ARRAY, "", false, false, 0},
      {"250", VALUE_NUMBER, "250", true, true, 250},
      {"1.50e1", VALUE_NUMBER, "1.50e1", true, true, 15},
      {"-0.0", VALUE_NUMBER, "-0.0", true, true, -0.0},
      {"1e400", VALUE_NUMBER, "1e400", false, false, 0},
      {"-1e400", VALUE_NUMBER, "-1e400", false, false, 0},
      {"\"\"", VALUE_STRING, "", false, false, 0},
      {"\"x\"", VALUE_STRING, "x", false, false, 0},
      {"\"2.50\"", VALUE_STRING, "2.50", false, true, 2.5},
      {"\"-7\"", VALUE_STRING, "-7", false, true, -7},
      {"\"\\u0031\\u0032\"", VALUE_STRING, "12", false, true, 12},
      {"\"12 \"", VALUE_STRING, "12 ", false, false, 0},
      {"\" 12\"", VALUE_STRING, " 12", false, false, 0},
      {"\"012\"", VALUE_STRING, "012", false, false, 0},
      {"\"1e400\"", VALUE_STRING, "1e400", false, false, 0},
      {"\"true\"", VALUE_STRING, "true", false, false, 0},
      {"\"\\b\\f\\n\\r\\t\\/\\\\\\\"\"", VALUE_STRING, "\b\f\n\r\t/\\\"", false, false, 0},
      {"\"\\u00e9\\u20ac\\uD83D\\ude00\\u007f\"", VALUE_STRING, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f", false,
       false, 0},
      {"\"0123456789abcdef0123456789abcde\\u00e9\xc3\xa9 ende\"", VALUE_STRING,
       "0123456789abcdef0123456789abcde\xc3\xa9\xc3\xa9 ende", false, false, 0},
  };
  pointers_add(pointers, "/v", false);
  pointers_add(pointers, "/n", true);
  use_pointers(pointers);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char payload[400];
    snprintf(payload, sizeof payload, "{\"v\":%s, \"n\" : %s ," ALSO, cases[i].json, cases[i].json);
    const struct event *event = decoded(0, payload);
    for (int asked = 0; asked < 2; asked++) {
      const struct value *value = value_in(event, asked ? "/n" : "/v");
      if (value->kind != cases[i].kind || value->numeric != (asked ? cases[i].numeric_asked : cases[i].numeric))
        fail_msg("%s: kind %d numeric %d", cases[i].json, value->kind, value->numeric);
      assert_int_equal(value->text.length, strlen(cases[i].text));
      if (value->text.length) assert_slice(value->text, cases[i].text);
      if (value->numeric)
        assert_true(value->number == cases[i].number && signbit(value->number) == signbit(cases[i].number));
    }
  }
  const struct event *event = decoded(0, "{" ALSO);
  assert_int_equal(value_in(event, "/v")->kind, VALUE_ABSENT);
  use_pointers(pointers_segment());
}

/* What is found below pointers of all kinds: "path=text" for each that is there, texts only. */
static void test_pointers(void **state) {
  (void)state;
  static const char *const paths[] = {"",      "/a", "/a/b", "/a/b/c", "/a/0",  "/a/1/x",    "/a/10",         "/a/-",
                                      "/a/01", "/",  "//",   "/~0~1",  "/a/00", "/\xc3\xa9", "/a/4294967296", "/q\"\\"};
  static const struct {
    const char *json;
    const char *expected; /* of the paths above, in their order */
  } cases[] = {
      {"", "=6"},
      {"\"a\":\"s\",", "=6 /a=s"},
      {"\"a\":\"s\",\"a\":\"t\",", "=6 /a=s"},
      {"\"a\":{\"b\":\"s\"},", "=6 /a=6 /a/b=s"},
      {"\"a\":{\"b\":{\"c\":\"s\"}},", "=6 /a=6 /a/b=6 /a/b/c=s"},
      {"\"a\":{\"b\":{\"c\":\"s\",\"c\":\"t\"},\"b\":{\"c\":\"u\"}},\"a\":{\"b\":{\"c\":\"v\"}},",
       "=6 /a=6 /a/b=6 /a/b/c=s"},
      {"\"a\":1,\"a\":{\"b\":\"t\"},", "=6 /a=4"},
      {"\"a\":null,\"a\":[\"t\"],", "=6 /a=1"},
      {"\"a\":{},\"a\":{\"b\":\"t\"},", "=6 /a=6"},
      {"\"a\":{\"b\":1,\"b\":{\"c\":\"t\"}},", "=6 /a=6 /a/b=4"},
      {"\"a\":[],", "=6 /a=7"},
      {"\"a\":[\"s\"],", "=6 /a=7 /a/0=s"},
      {"\"a\":[\"s\",{\"x\":\"t\"},2,3,4,5,6,7,8,9,\"u\",11],", "=6 /a=7 /a/0=s /a/1/x=t /a/10=u"},
      {"\"a\":[[\"s\"],[\"t\"],{\"x\":1}],", "=6 /a=7 /a/0=7"},
      {"\"a\":{\"0\":\"s\",\"1\":{\"x\":\"t\"},\"-\":\"u\",\"01\":\"v\",\"00\":\"w\",\"4294967296\":\"y\"},",
       "=6 /a=6 /a/0=s /a/1/x=t /a/-=u /a/01=v /a/00=w /a/4294967296=y"},
      {"\"\":\"s\",\"~/\":\"t\",", "=6 /=s /~0~1=t"},
      {"\"\":{\"\":\"s\"},", "=6 /=6 //=s"},
      {"\"\\u0061\":\"s\",\"a\":\"t\",", "=6 /a=s"},
      {"\"a\":{\"\\u0062\":{\"\\u0063\":\"s\"},\"b\":1},", "=6 /a=6 /a/b=6 /a/b/c=s"},
      {"\"\\u00e9\":\"s\",\"\xc3\xa9\":\"t\",", "=6 /\xc3\xa9=s"},
      {"\"q\\\"\\\\\":\"s\",", "=6 /q\"\\=s"},
      {"\"a \":\"s\",\"A\":\"s\",\"a\\u0000\":\"s\",\"aa\":\"s\",", "=6"},
  };
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) pointers_add(pointers, paths[i], false);
  use_pointers(pointers);
  for (int round = 0; round < 3; round++) { /* the second time the names have been seen before */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      char payload[400], found[400] = "";
      snprintf(payload, sizeof payload, "{%s" ALSO, cases[i].json);
      const struct event *event = decoded(0, payload);
      for (size_t k = 0; k < sizeof paths / sizeof *paths; k++) {
        const struct value *value = value_in(event, paths[k]);
        char text[80];
        if (value->kind == VALUE_ABSENT) continue;
        if (value->kind == VALUE_STRING) snprintf(text, sizeof text, "%.*s", (int)value->text.length, value->text.at);
        else snprintf(text, sizeof text, "%d", value->kind);
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s=%s", *found ? " " : "", paths[k], text);
      }
      assert_string_equal(found, cases[i].expected);
    }
  }
  use_pointers(pointers_segment());
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_rejects),      cmocka_unit_test(test_null_and_too_large),
                                     cmocka_unit_test(test_details),      cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_name_lengths), cmocka_unit_test(test_key_and_timestamp),
                                     cmocka_unit_test(test_max_ahead),    cmocka_unit_test(test_name_index),
                                     cmocka_unit_test(test_values),       cmocka_unit_test(test_pointers)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
