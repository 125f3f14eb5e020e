/* test_topics.c: what is said of topics, without a broker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "producer/topics.h"

static struct settings settings;
static struct topics topics;
static const struct topics_request nothing = {0, 0}, six = {6, 0};

static int set_up(void **state) {
  static const char text[] = "{\"bootstrap\":\"b\",\"inputs\":[\"one\",\"two\"]}";
  struct problems problems;
  (void)state;
  bool good = settings_parse(&settings, text, sizeof text - 1, NULL, 0, &problems);
  problems_fini(&problems);
  return good ? 0 : -1;
}

static int tear_down(void **state) {
  (void)state;
  settings_fini(&settings);
  return 0;
}

static struct topic *at(const char *name) {
  for (int32_t i = 0; i < topics.count; i++) {
    if (strcmp(topics.at[i].name, name) == 0) return &topics.at[i];
  }
  fail_msg("no topic %s", name);
  return NULL;
}

static void set(const char *name, enum topic_setting setting, const char *value) {
  snprintf(at(name)->settings[setting], TOPICS_VALUE, "%s", value);
}

/* All as `handover topics --create` makes it, on three brokers. */
static void make_good(void) {
  topics_want(&topics, &settings);
  topics.brokers = 3;
  for (int32_t i = 0; i < topics.count; i++) {
    struct topic *topic = &topics.at[i];
    topic->exists = topic->settings_read = true;
    topic->partitions = topic->role == ROLE_DEFINITIONS ? 1 : 6;
    topic->replication = 3;
    set(topic->name, TOPIC_CLEANUP, topic->role == ROLE_STATE ? "compact" : "delete");
    set(topic->name, TOPIC_RETENTION_MS, "-1");
    set(topic->name, TOPIC_RETENTION_BYTES, "-1");
    set(topic->name, TOPIC_MESSAGE_BYTES, topic->role == ROLE_DEAD_LETTERS ? "1064972" : "1048588");
    set(topic->name, TOPIC_MIN_INSYNC, "2");
    set(topic->name, TOPIC_UNCLEAN, "false");
  }
}

static int findings(void) {
  int count = 0;
  for (int32_t i = 0; i < topics.count; i++) count += topics.at[i].finding_count;
  return count;
}

/* Exactly this one finding, of this topic. */
static void expect(const char *name, bool wrong, const char *words) {
  bool good = topics_judge(&topics, &settings, &nothing);
  const struct topic *topic = at(name);
  assert_int_equal(good, !wrong);
  assert_int_equal(findings(), 1);
  assert_int_equal(topic->finding_count, 1);
  assert_int_equal(topic->findings[0].wrong, wrong);
  if (!strstr(topic->findings[0].text, words)) fail_msg("\"%s\" is not in \"%s\"", words, topic->findings[0].text);
}

static void test_good(void **state) {
  (void)state;
  make_good();
  assert_true(topics_judge(&topics, &settings, &nothing));
  assert_int_equal(findings(), 0);
  assert_int_equal(topics.partitions, 6);
  make_good();
  assert_true(topics_judge(&topics, &settings, &six));
}

static void test_partitions(void **state) {
  (void)state;
  make_good();
  at("two")->partitions = 7;
  expect("two", true, "has 7 partitions, but one has 6");
  make_good();
  at("handover-journal")->partitions = 1;
  expect("handover-journal", true, "has 1 partitions, should have 6");
  make_good();
  at("handover-definitions")->partitions = 6;
  expect("handover-definitions", true, "should have 1");
  make_good();
  const struct topics_request seven = {7, 0};
  assert_false(topics_judge(&topics, &settings, &seven));
  assert_string_equal(at("one")->findings[0].text, "--partitions 7, but one has 6");
}

static void test_settings(void **state) {
  (void)state;
  static const struct {
    const char *topic;
    enum topic_setting setting;
    const char *value;
    bool wrong;
    const char *words;
  } cases[] = {
      {"one", TOPIC_CLEANUP, "compact", true, "should be delete"},
      {"one", TOPIC_CLEANUP, "compact,delete", true, "should be delete"},
      {"handover-state", TOPIC_CLEANUP, "compact,delete", true, "should be compact"},
      {"one", TOPIC_RETENTION_MS, "600000", true, "a restart would find a gap"},
      {"one", TOPIC_RETENTION_BYTES, "1000", false, "neither replayed nor audited"},
      {"stage-changes", TOPIC_RETENTION_MS, "604800000", false, "an audit reaches no further back"},
      {"handover-definitions", TOPIC_RETENTION_MS, "604800000", true, "should be -1"},
      {"handover-journal", TOPIC_RETENTION_MS, "604800000", true, "as long as the inputs"},
      {"handover-journal", TOPIC_RETENTION_BYTES, "5", true, "should be -1"},
      {"handover-dead-letters", TOPIC_MESSAGE_BYTES, "1048588", true, "at least 1064972"},
      {"stage-changes", TOPIC_MESSAGE_BYTES, "1000", true, "at least 1048588"},
      {"handover-state", TOPIC_MIN_INSYNC, "1", false, "2 would be safer"},
      {"handover-state", TOPIC_MIN_INSYNC, "4", true, "nothing can be written"},
      {"stage-changes", TOPIC_UNCLEAN, "true", true, "could be lost"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    make_good();
    set(cases[i].topic, cases[i].setting, cases[i].value);
    expect(cases[i].topic, cases[i].wrong, cases[i].words);
  }
  make_good();
  set("handover-dead-letters", TOPIC_RETENTION_MS, "1000"); /* as people like */
  set("one", TOPIC_RETENTION_MS, "600001");
  assert_true(topics_judge(&topics, &settings, &nothing));
  make_good();
  set("two", TOPIC_MESSAGE_BYTES, "5000000"); /* the largest input record must fit */
  expect("handover-dead-letters", true, "at least 5016384");
  make_good();
  at("one")->replication = 1;
  set("one", TOPIC_MIN_INSYNC, "1");
  expect("one", false, "3 would be safer");
}

static void test_missing(void **state) {
  (void)state;
  topics_want(&topics, &settings);
  topics.brokers = 3;
  assert_false(topics_judge(&topics, &settings, &nothing));
  assert_int_equal(at("one")->wanted_partitions, 0);
  assert_int_equal(at("handover-definitions")->wanted_partitions, 1);
  topics_want(&topics, &settings);
  topics.brokers = 3;
  assert_false(topics_judge(&topics, &settings, &six));
  const struct topic *dead = at("handover-dead-letters");
  assert_int_equal(at("one")->wanted_partitions, 6);
  assert_int_equal(at("one")->wanted_replication, 3);
  assert_string_equal(at("one")->wanted[TOPIC_RETENTION_MS], ""); /* the broker's own */
  assert_string_equal(dead->wanted[TOPIC_RETENTION_MS], "2592000000");
  assert_string_equal(dead->wanted[TOPIC_MESSAGE_BYTES], "1064972");
  assert_string_equal(at("handover-state")->wanted[TOPIC_CLEANUP], "compact");
  assert_string_equal(at("stage-changes")->wanted[TOPIC_RETENTION_MS], "-1");
  assert_string_equal(at("stage-changes")->wanted[TOPIC_MIN_INSYNC], "2");
}

/* What is missing follows the inputs that are there. */
static void test_missing_follows(void **state) {
  (void)state;
  make_good();
  at("two")->exists = at("handover-journal")->exists = false;
  set("one", TOPIC_RETENTION_MS, "864000000");
  set("one", TOPIC_MESSAGE_BYTES, "2000000");
  set("handover-dead-letters", TOPIC_MESSAGE_BYTES, "2016384");
  at("two")->settings_read = false;
  assert_false(topics_judge(&topics, &settings, &nothing));
  assert_int_equal(findings(), 2);
  assert_int_equal(at("two")->wanted_partitions, 6);
  assert_string_equal(at("handover-journal")->wanted[TOPIC_RETENTION_MS], "864000000");
}

static void test_replication(void **state) {
  (void)state;
  const struct topics_request two = {4, 2};
  topics_want(&topics, &settings);
  topics.brokers = 1;
  topics_judge(&topics, &settings, &two);
  assert_int_equal(at("one")->wanted_replication, 0);
  assert_non_null(strstr(at("one")->findings[0].text, "needs as many brokers"));
  topics_want(&topics, &settings);
  topics.brokers = 2;
  topics_judge(&topics, &settings, &two);
  assert_int_equal(at("one")->wanted_replication, 2);
  assert_string_equal(at("one")->wanted[TOPIC_MIN_INSYNC], "1"); /* two of two: one broker down would stop everything */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good),    cmocka_unit_test(test_partitions),      cmocka_unit_test(test_settings),
      cmocka_unit_test(test_missing), cmocka_unit_test(test_missing_follows), cmocka_unit_test(test_replication),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
