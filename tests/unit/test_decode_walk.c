/* test_decode_walk.c: the way through the bytes: the grammar wherever it is read, names that are guessed, slots. */
#include "decoding.h"

/* --- the grammar, wherever it is read --- */

static void assert_as_json_valid(const char *payload, size_t length) {
  size_t at, first = 0;
  const char *why;
  struct record record = {
      .payload = {exact(0, payload, length), (uint32_t)length}, .timestamp_ms = 0, .key = SLICE("k")};
  struct event *event;
  bool valid = json_valid(record.payload.at, length, &at, &why);
  while (first < length && strchr(" \t\r\n", payload[first])) first++;
  enum reject reject = decoder_decode(decoder, 0, &record, &event, detail);
  bool as_expected = !valid                  ? reject == REJECT_NOT_JSON
                     : payload[first] != '{' ? reject == REJECT_NOT_OBJECT
                                             : reject != REJECT_NOT_JSON && reject != REJECT_NOT_OBJECT;
  if (!as_expected) fail_msg("%.*s: %s", (int)length, payload, reject_name(reject));
}

static const char rich[] =
    " {\"userId\" : \"u-\\u0031\xc3\xa9\",\"traits\":{ \"email\":\"a@b\" , \"n\":[1,-2.5e+3,{\"email\":0}], "
    "\"\\ud83d\\ude00\":null},"
    "\"timestamp\":\"2026-03-01T09:30:00Z\",\"event\":\"Page Viewed, by "
    "somebody\",\r\n\t\"context\":{\"page\":{\"path\":\"/\"},"
    "\"a\":[ ],\"b\":[true ,false, {} ],\"c\":{ }},\"messageId\":\"m\xe2\x82\xac\xf0\x9f\x98\x80\",\"x\":-0.5E-1}\n";

static void test_cut_everywhere(void **state) {
  (void)state;
  size_t length = strlen(rich);
  for (int round = 0; round < 2; round++) {
    for (size_t end = 0; end <= length; end++) assert_as_json_valid(rich, end);
    for (size_t begin = 0; begin <= length; begin++) assert_as_json_valid(rich + begin, length - begin);
  }
  assert_slice(decoded(0, rich)->lead, "u-1\xc3\xa9");
}

static void test_changed_everywhere(void **state) {
  (void)state;
  static const char others[] = "\"\\{}[]:,0e-. a\x1f\x7f\x80\xc3\xe2\xf0\xff";
  char payload[sizeof rich + 1];
  for (size_t at = 0; at < strlen(rich); at++) {
    for (const char *other = others; *other; other++) {
      memcpy(payload, rich, sizeof rich);
      payload[at] = *other;
      assert_as_json_valid(payload, strlen(rich));
      memcpy(payload + at + 1, rich + at, sizeof rich - at);
      assert_as_json_valid(payload, strlen(rich) + 1);
    }
    memcpy(payload, rich, at);
    memcpy(payload + at, rich + at + 1, sizeof rich - at - 1);
    assert_as_json_valid(payload, strlen(rich) - 1);
  }
}

static void repeat(char *text, const char *part, size_t times) {
  size_t length = strlen(part);
  for (size_t i = 0; i < times; i++) memcpy(text + i * length, part, length);
  text[times * length] = 0;
}

/* Arrays and objects, where nobody wants what is inside, and where somebody wants it from level to level. */
static void test_nesting(void **state) {
  (void)state;
  static const char *const names[] = {"x", "0"};
  static const struct { const char *open, *close; } kinds[] = {{"[", "]"}, {"{\"0\":", "}"}, {"[{\"0\":", "}]"}};
  char path[200], open[600], close[200], payload[900];
  repeat(path, "/0", 70);
  pointers_add(pointers, path, false);
  use_pointers(pointers);
  for (size_t i = 0; i < 6; i++) {
    size_t levels = i / 2 == 2 ? 2 : 1;
    for (size_t times = 30; times <= 66; times++) {
      repeat(open, kinds[i / 2].open, times);
      repeat(close, kinds[i / 2].close, times);
      snprintf(payload, sizeof payload, "{\"%s\":%s1%s}", names[i % 2], open, close);
      bool good = times * levels + 1 <= LIMIT_DEPTH; /* the document is a level too */
      assert_int_equal(rejected(payload), good ? REJECT_NO_LEAD : REJECT_NOT_JSON);
      if (!good) assert_non_null(strstr(detail, "nested deeper than 64"));
    }
  }
  use_pointers(pointers_segment());
}

/* Members in another order, with other white space, with names that others begin with: what is remembered of the event before
 * must not matter. */
static void test_guesses(void **state) {
  (void)state;
  static const char *const members[] = {"\"userId\":\"u\"",
                                        "\"timestamp\":5",
                                        "\"event\":\"e\"",
                                        " \"messageId\" : \"m\" ",
                                        "\"user\":1",
                                        "\"userIds\":2",
                                        "\"a name that is longer than thirty-two bytes\":3",
                                        "\"traits\":{\"emails\":\"x\",\"email\":\"y\"}"};
  enum { COUNT = sizeof members / sizeof *members };
  uint32_t random = 1;
  for (int round = 0; round < 2000; round++) {
    int order[COUNT];
    char payload[400] = "{";
    for (int i = 0; i < COUNT; i++) {
      random = random * 1664525 + 1013904223;
      int other = (int)(random >> 16) % (i + 1);
      order[i] = order[other];
      order[other] = i;
    }
    for (int i = 0; i < COUNT; i++)
      snprintf(payload + strlen(payload), sizeof payload - strlen(payload), "%s%s%s", i ? "," : "",
               random >> (i + 8) & 1 ? "\n " : "", members[order[i]]);
    snprintf(payload + strlen(payload), 3, "%s", random & 1 << 20 ? "}" : " }");
    const struct event *event = decoded(0, payload);
    assert_slice(event->lead, "u");
    assert_slice(event->id, "m");
    assert_slice(event->name, "e");
    assert_int_equal(event->time_ms, 5);
    assert_slice(value_in(event, "/traits/email")->text, "y");
  }
}

/* More names than can be remembered. */
static void test_many_names(void **state) {
  (void)state;
  for (int round = 0; round < 3; round++) {
    for (int first = 0; first < 400; first += 7) {
      char payload[BYTES_MOST] = "{";
      for (int i = 0; i < 40; i++)
        snprintf(payload + strlen(payload), 64, "\"name%d\":{\"userId\":%d},\"traits\":{\"t%d\":1},", first + i, i,
                 first + i);
      snprintf(payload + strlen(payload), 64, "%s", ALSO);
      assert_slice(decoded(0, payload)->lead, "u");
    }
  }
}

/* --- slots --- */

/* The texts of one slot stay while others are used, also where they are long. */
static void test_slots(void **state) {
  (void)state;
  char letters[3001], large[BYTES_MOST], small[200];
  memset(letters, 'l', sizeof letters);
  snprintf(large, sizeof large,
           "{\"userId\":\"L\\n%.200s\",\"timestamp\":7,\"event\":\"\\u0065%.200s\",\"x\":\"%.3000s\"}", letters,
           letters, letters);
  struct event *events[SLOTS];
  for (int round = 0; round < 5; round++) {
    int32_t other = round % SLOTS;
    for (int32_t slot = 0; slot < SLOTS; slot++) {
      snprintf(small, sizeof small, "{\"userId\":\"\\u0061%d\",\"timestamp\":%d,\"event\":\"\\u0062%d\"}", (int)slot,
               (int)slot, (int)slot);
      events[slot] = decoded(slot, slot == other ? large : small);
    }
    for (int32_t slot = 0; slot < SLOTS; slot++) {
      const struct event *event = events[slot];
      assert_memory_equal(event->lead.at, slot == other ? "L\nll" : "a", slot == other ? 4 : 1);
      assert_int_equal(event->lead.length, slot == other ? 202 : 2);
      assert_int_equal(event->name.length, slot == other ? 201 : 2);
      assert_int_equal(event->time_ms, slot == other ? 7 : slot);
      assert_int_equal(event->name.at[event->name.length - 1], slot == other ? 'l' : '0' + slot);
    }
  }
}

/* Lines of kcat: any bytes in strings, the grammar as strict as ever; other decoders stay as they are. */
static void test_any_bytes(void **state) {
  (void)state;
  static const char line[] = "{\"userId\":\"\xff\xc3\\n\xed\xa0\x80\",\"\x80\":1,\"timestamp\":0,\"event\":\"e\"}";
  assert_int_equal(rejected(line), REJECT_NOT_JSON);
  use_pointers(pointers);
  decoder_any_bytes(decoder);
  assert_slice(decoded(0, line)->lead, "\xff\xc3\n\xed\xa0\x80");
  assert_int_equal(rejected("{\"a\":\"\x1f\"}"), REJECT_NOT_JSON);
  assert_int_equal(rejected("{\"a\":\"\xff\\ud800\"}"), REJECT_NOT_JSON);
  assert_int_equal(rejected("{\"a\":\"\xff}"), REJECT_NOT_JSON);
  assert_int_equal(rejected("{\"a\":\xff}"), REJECT_NOT_JSON);
  use_pointers(pointers);
  assert_int_equal(rejected(line), REJECT_NOT_JSON);
}

static void test_redecode(void **state) {
  (void)state;
  struct pointers *others = calloc(1, sizeof *others);
  assert_non_null(others);
  pointers_add(others, "/p", true);
  pointers_add(others, "/userId", false);
  static struct slice names[] = {{"e\xc3\xa9", 3}, {"f", 1}};
  others->definition.names = names;
  others->definition.name_count = 2;
  struct decoder *next = decoder_create(&others->definition, SLOTS, BYTES_MOST);
  struct record record =
      record_of(1, "{\"userId\":\"\\u0075\",\"event\":\"e\\u00e9\",\"p\":\"\\u0037\",\"timestamp\":9}");
  record.timestamp_ms = 3; /* not looked at again */
  struct event *from = NULL;
  assert_int_equal(decoder_decode(decoder, 1, &record, &from, detail), REJECT_NONE);
  struct event *event = NULL;
  for (int i = 0; i < 1000; i++) event = decoder_redecode(next, 2, &record, from);
  use_pointers(pointers_segment()); /* the scratch of before is gone */
  assert_slice(event->lead, "u");
  assert_slice(event->name, "e\xc3\xa9");
  assert_null(event->id.at);
  assert_int_equal(event->time_ms, 9);
  assert_int_equal(event->name_index, 0);
  assert_slice(event->values[0].text, "7");
  assert_true(event->values[0].number == 7);
  assert_slice(event->values[1].text, "u");
  decoder_destroy(next);
  free(others);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_cut_everywhere), cmocka_unit_test(test_changed_everywhere),
                                     cmocka_unit_test(test_nesting),        cmocka_unit_test(test_guesses),
                                     cmocka_unit_test(test_many_names),     cmocka_unit_test(test_slots),
                                     cmocka_unit_test(test_any_bytes),      cmocka_unit_test(test_redecode)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
