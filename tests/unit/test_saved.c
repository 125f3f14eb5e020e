/* test_saved.c: a task's state as bytes, at its edges: leads of one name, texts of every length, nobody's ids, routes. */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/engine/standing.h"
#include "engine_site.h"

static bool loads(struct definition *const *definitions, int32_t count, const void *bytes, size_t length) {
  struct task *task = task_create(0, take_change, NULL);
  for (int32_t i = 0; i < count; i++) task_know(task, definitions[i]);
  bool good = task_load(task, bytes, length);
  task_destroy(task);
  return good;
}

/* Saved as they are they come back; two of one name are no state, wherever they stand. */
static void test_saved_names(void **state) {
  (void)state;
  static const char *const names[] = {"lead-115311", "lead-150238", "lead-000001"};
  struct definition *d = first(LADDER "{\"event\":\"Go\"}}]");
  struct site site;
  begin(&site, &d, 1);
  for (int i = 0; i < 3; i++) send(&site, names[i], "Come", BEGIN + i, "");
  struct buffer bytes = {0};
  task_save(lane_task(site.lane), keep_bytes, &bytes);
  assert_true(loads(&d, 1, bytes.at, bytes.length));
  for (int i = 1; i < 3; i++) {
    char *at = memmem(bytes.at, bytes.length, names[i], strlen(names[i]));
    assert_non_null(at);
    memcpy(at, names[0], strlen(names[0]));
    assert_false(loads(&d, 1, bytes.at, bytes.length));
    memcpy(at, names[i], strlen(names[i]));
  }
  buffer_fini(&bytes);
  end(&site, &d, 1);
}

/* Loaded and saved again the state is the same bytes: so many. */
static size_t comes_back(struct task *task, const struct definition *d) {
  struct buffer before = {0}, after = {0};
  task_save(task, keep_bytes, &before);
  struct task *other = task_create(0, take_change, NULL);
  task_know(other, d);
  assert_true(task_load(other, before.at, before.length));
  task_save(other, keep_bytes, &after);
  assert_int_equal(after.length, before.length);
  assert_memory_equal(after.at, before.at, before.length);
  task_destroy(other);
  size_t length = before.length;
  buffer_fini(&before);
  buffer_fini(&after);
  return length;
}

/* Texts side by side, of every length: loaded and saved again they are the same bytes. */
static void test_saved_texts(void **state) {
  (void)state;
  struct definition *d =
      first("\"attributes\":{\"p\":\"/traits/p\",\"q\":\"/traits/q\"}," LADDER "{\"event\":\"Go\"}}]");
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
  for (int p = 0; p <= 17; p++) {
    for (int q = 0; q <= 17; q++) {
      struct site site;
      struct buffer traits = {0};
      buffer_printf(&traits, "\"p\":\"%.*s\",\"q\":\"%.*s\"", p, letters, q, letters + 8);
      buffer_append(&traits, "", 1);
      begin(&site, &d, 1);
      send(&site, "x", "identify", BEGIN, traits.at);
      comes_back(lane_task(site.lane), d);
      lane_destroy(site.lane);
      buffer_fini(&traits);
    }
  }
  definition_destroy(d);
}

/* What loads is saved again as it was, where it takes as many bytes: numbers with zeros before them are read, too. */
static bool loads_as_it_is(const struct definition *d, const struct buffer *bytes) {
  struct buffer again = {0};
  struct task *task = task_create(0, take_change, NULL);
  task_know(task, d);
  bool good = task_load(task, bytes->at, bytes->length);
  if (good) task_save(task, keep_bytes, &again);
  if (good && again.length == bytes->length) assert_memory_equal(again.at, bytes->at, bytes->length);
  buffer_fini(&again);
  task_destroy(task);
  return good;
}

/* Nobody keeps ids: no ring has a beginning. Each byte is changed in each way. */
static void change_each_byte(const char *body) {
  struct definition *d = first(body);
  struct site site;
  begin(&site, &d, 1);
  for (int i = 0; i < 3; i++) send(&site, i % 2 ? "x" : "yy", i ? "Go" : "Come", BEGIN + i, "");
  struct buffer bytes = {0};
  task_save(lane_task(site.lane), keep_bytes, &bytes);
  assert_true(loads(&d, 1, bytes.at, bytes.length));
  int refused = 0;
  for (size_t i = 0; i < bytes.length; i++) {
    for (int other = 1; other < 256; other++) {
      bytes.at[i] = (char)(bytes.at[i] ^ other);
      refused += !loads_as_it_is(d, &bytes);
      bytes.at[i] = (char)(bytes.at[i] ^ other);
    }
  }
  assert_true(refused > 1000);
  buffer_fini(&bytes);
  end(&site, &d, 1);
}

static void test_saved_without_ids(void **state) {
  (void)state;
  change_each_byte("\"deduplicate\":0," LADDER "{\"event\":\"Go\"}}]");
  change_each_byte("\"deduplicate\":0,\"attributes\":{\"t\":\"/traits/t\"}," LADDER
                   "{\"event\":\"Go\"}}]"); /* texts are all that is kept in lists */
  change_each_byte("\"deduplicate\":0,\"attributes\":{\"n\":{\"at\":\"/traits/n\",\"type\":\"number\"}}," LADDER
                   "{\"event\":\"Go\"}},{\"name\":\"c\",\"owner\":\"m\"},{\"name\":\"d\",\"owner\":\"m\"},"
                   "{\"name\":\"e\",\"owner\":\"m\"}]");
}

/* More leads than there are numbers for. */
static void test_saved_too_many(void **state) {
  (void)state;
  struct definition *d = first(LADDER "{\"event\":\"Go\"}}]");
  struct task *task = task_create(0, take_change, NULL);
  task_know(task, d);
  struct buffer bytes = {0};
  task_save(task, keep_bytes, &bytes);
  assert_int_equal(bytes.at[bytes.length - 1], 0); /* leads */
  assert_true(loads(&d, 1, bytes.at, bytes.length));
  bytes.length--;
  buffer_append(&bytes, "\xff\xff\xff\xff\xff\x7f", 6);
  assert_false(loads(&d, 1, bytes.at, bytes.length));
  buffer_fini(&bytes);
  task_destroy(task);
  definition_destroy(d);
}

/* The number of the format stands first, little endian. Leads that come back take no more memory than those that were saved. */
static void test_saved_many(void **state) {
  (void)state;
  struct definition *d = first("\"attributes\":{\"p\":\"/traits/p\"}," LADDER "{\"event\":\"Go\"}}]");
  struct site site;
  struct buffer bytes = {0};
  begin(&site, &d, 1);
  for (int i = 0; i < 30000; i++) {
    char name[16];
    snprintf(name, sizeof name, "lead-%d", i);
    send(&site, name, "identify", BEGIN + i, "\"p\":\"abcdefghijklmnopqrstuvwxyz\"");
  }
  task_save(lane_task(site.lane), keep_bytes, &bytes);
  assert_memory_equal(bytes.at, "\2\0\0\0", 4);
  struct task *task = task_create(0, take_change, NULL);
  task_know(task, d);
  assert_true(task_load(task, bytes.at, bytes.length));
  assert_true(task_bytes(task) <= task_bytes(lane_task(site.lane)));
  task_destroy(task);
  buffer_fini(&bytes);
  end(&site, &d, 1);
}

/* Leads that are hardly more than long texts: there is room for each where bytes are gathered. */
static void test_saved_long_texts(void **state) {
  (void)state;
  enum { LEADS = 600, LONG = 250 };
  struct definition *d =
      first("\"attributes\":{\"p\":\"/traits/p\",\"q\":\"/traits/q\",\"r\":\"/traits/r\",\"s\":\"/traits/s\"}," LADDER
            "{\"event\":\"Go\"}}]");
  struct site site;
  struct buffer traits = {0};
  begin(&site, &d, 1);
  for (int i = 0; i < LEADS; i++) {
    char name[16];
    snprintf(name, sizeof name, "lead-%d", i);
    traits.length = 0;
    for (int j = 0; j < 4; j++) buffer_printf(&traits, "%s\"%c\":\"%0*d\"", j ? "," : "", 'p' + j, LONG - i % 7, i);
    buffer_append(&traits, "", 1);
    send(&site, name, "identify", BEGIN + i, traits.at);
  }
  assert_in_range(comes_back(lane_task(site.lane), d), LEADS * 4 * (LONG - 6), LEADS * 4 * (LONG + 20));
  buffer_fini(&traits);
  end(&site, &d, 1);
}

/* What happened at the first moment of 1970 has happened. */
static void test_saved_epoch(void **state) {
  (void)state;
  struct definition *d = first(
      "\"scores\":{\"s\":{\"from\":\"events\",\"half_life\":\"1d\",\"rules\":["
      "{\"name\":\"1\",\"event\":\"V\",\"points\":1},"
      "{\"name\":\"2\",\"event\":\"V\",\"points\":1,\"lasts\":\"1d\"},"
      "{\"name\":\"3\",\"event\":\"V\",\"points\":1,\"at_most\":{\"times\":2,\"per\":\"1h\"}}]}}," LADDER
      "{\"all\":[{\"score\":\"s\",\"at_least\":50},{\"happened\":{\"name\":\"V\"},\"times\":2}]}}]");
  struct site site;
  struct buffer bytes = {0};
  begin(&site, &d, 1);
  for (int i = 0; i < 3; i++) {
    send(&site, "x", "V", i, "");
    task_save(lane_task(site.lane), keep_bytes, &bytes);
    assert_true(loads_as_it_is(d, &bytes));
    bytes.length = 0;
  }
  buffer_fini(&bytes);
  end(&site, &d, 1);
}

#define LONG_NAME "somebody whose name is far longer than that of the queue he works for"

/* Queues and members of one letter and of more, of none at all: what a state keeps of a route comes back. */
static void test_saved_routes(void **state) {
  (void)state;
  struct definition *d = first(
      "\"attributes\":{\"r\":\"/traits/r\"},\"routes\":["
      "{\"queue\":\"q\",\"when\":{\"attribute\":\"r\",\"is\":\"1\"},\"members\":[\"" LONG_NAME
      "\"]},"
      "{\"queue\":\"p\",\"when\":{\"attribute\":\"r\",\"is\":\"2\"}},"
      "{\"queue\":\"queue\",\"when\":{\"attribute\":\"r\",\"is\":\"3\"},\"members\":[\"ana\"]},"
      "{\"queue\":\"qu\",\"when\":{\"attribute\":\"r\",\"is\":\"4\"},\"members\":[\"an\"]}],"
      "\"stages\":[{\"name\":\"a\",\"owner\":\"m\"},{\"name\":\"b\",\"owner\":\"m\","
      "\"route\":true,\"enter\":{\"event\":\"Go\"}}]");
  static const char *const leads[] = {"lead 0", "lead 1", "lead 2", "lead 3", "lead 4"};
  static const char *const traits[] = {"\"r\":0", "\"r\":1", "\"r\":2", "\"r\":3", "\"r\":4"};
  static const char *const queues[] = {"", "q", "p", "queue", "qu"};
  static const char *const assignees[] = {"", LONG_NAME, "", "ana", "an"};
  struct site site;
  struct buffer bytes = {0};
  begin(&site, &d, 1);
  for (int i = 0; i < 5; i++) send(&site, leads[i], "Go", BEGIN + i, traits[i]);
  task_save(lane_task(site.lane), keep_bytes, &bytes);
  struct task *task = task_create(0, take_change, NULL);
  task_know(task, d);
  assert_true(task_load(task, bytes.at, bytes.length));
  for (int i = 0; i < 5; i++) {
    struct standing standing;
    assert_true(task_stand(task, slice_of(leads[i]), BEGIN + 5, &standing));
    assert_true(slice_equal(standing.queue, slice_of(queues[i])));
    assert_true(slice_equal(standing.assignee, slice_of(assignees[i])));
  }
  char *route = memmem(bytes.at, bytes.length, "\1p\0\0", 4); /* "p" without anybody */
  assert_non_null(route);
  route[2] = 2;
  memmove(route + 3, route + 4, bytes.length - (size_t)(route + 4 - bytes.at));
  assert_false(loads(&d, 1, bytes.at, bytes.length - 1));
  task_destroy(task);
  buffer_fini(&bytes);
  end(&site, &d, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_saved_names),       cmocka_unit_test(test_saved_texts),
      cmocka_unit_test(test_saved_without_ids), cmocka_unit_test(test_saved_too_many),
      cmocka_unit_test(test_saved_many),        cmocka_unit_test(test_saved_epoch),
      cmocka_unit_test(test_saved_routes),      cmocka_unit_test(test_saved_long_texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
