/* test_client.c: settings to librdkafka's configuration, and secrets from files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/kafka_table.h"
#include "consumer/client.h"
#include "consumer/secret.h"

static char path[] = "/tmp/handover-secret-XXXXXX";

static void write_secret(const void *bytes, size_t length, mode_t mode) {
  unlink(path);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, length, file), length);
  fclose(file);
  assert_int_equal(chmod(path, mode), 0);
}

static bool read_secret(const char *expected) {
  char secret[64], why[400] = "";
  bool good = secret_read_line(path, secret, sizeof secret, why, sizeof why);
  if (good) assert_string_equal(secret, expected);
  assert_int_equal(good, *why == 0);
  return good;
}

static void test_secret(void **state) {
  (void)state;
  char longest[64];
  memset(longest, 'a', sizeof longest);
  write_secret("pass word\nmore", 14, 0400);
  assert_true(read_secret("pass word"));
  write_secret("pass\r\n", 6, 0600);
  assert_true(read_secret("pass"));
  write_secret("pass", 4, 0600);
  assert_true(read_secret("pass"));
  write_secret("", 0, 0600);
  assert_false(read_secret(""));
  write_secret("\nx", 2, 0600);
  assert_false(read_secret(""));
  write_secret("a\0b", 3, 0600);
  assert_false(read_secret(""));
  write_secret(longest, 64, 0600);
  assert_false(read_secret(""));
  write_secret(longest, 63, 0600);
  longest[63] = 0;
  assert_true(read_secret(longest));
}

static void test_others_may_not_read(void **state) {
  (void)state;
  static const mode_t modes[] = {0644, 0640, 0440, 0604, 0660, 0602, 0610};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    write_secret("x", 1, modes[i]);
    assert_false(read_secret(""));
  }
  unlink(path);
  assert_false(read_secret(""));
  assert_int_equal(mkfifo(path, 0600), 0); /* not waited for */
  assert_false(read_secret(""));
  unlink(path);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_false(read_secret(""));
  rmdir(path);
}

static void expect(const rd_kafka_conf_t *conf, const char *name, const char *value) {
  char text[128];
  size_t room = sizeof text;
  assert_int_equal(rd_kafka_conf_get(conf, name, text, &room), RD_KAFKA_CONF_OK);
  assert_string_equal(text, value);
}

static rd_kafka_conf_t *conf_from(const char *text, rd_kafka_type_t type, char *why, size_t room) {
  struct settings settings;
  struct problems problems;
  assert_true(settings_parse(&settings, text, strlen(text), NULL, 0, &problems));
  rd_kafka_conf_t *conf = client_conf(&settings, type, why, room);
  settings_fini(&settings);
  problems_fini(&problems);
  return conf;
}

static void test_conf(void **state) {
  (void)state;
  char text[512], why[600] = "";
  write_secret("hunter2\n", 8, 0400);
  snprintf(text, sizeof text,
           "{\"bootstrap\":\"b:1\",\"sasl.password_file\":\"%s\",\"kafka\":{\"linger.ms\":7,\"fetch.min.bytes\":9,"
           "\"client.id\":\"me\","
           "\"security.protocol\":\"sasl_ssl\",\"sasl.mechanism\":\"SCRAM-SHA-256\",\"sasl.username\":\"u\"}}",
           path);
  rd_kafka_conf_t *conf = conf_from(text, RD_KAFKA_PRODUCER, why, sizeof why);
  assert_non_null(conf);
  expect(conf, "bootstrap.servers", "b:1");
  expect(conf, "client.id", "me");
  expect(conf, "linger.ms", "7");
  expect(conf, "fetch.min.bytes", "1"); /* a consumer's */
  expect(conf, "sasl.password", "hunter2");
  rd_kafka_conf_destroy(conf);
  conf = conf_from(text, RD_KAFKA_CONSUMER, why, sizeof why);
  expect(conf, "fetch.min.bytes", "9");
  expect(conf, "linger.ms", "5");
  rd_kafka_conf_destroy(conf);
  unlink(path);
  assert_null(conf_from(text, RD_KAFKA_PRODUCER, why, sizeof why));
  assert_non_null(strstr(why, path));
  assert_null(
      conf_from("{\"bootstrap\":\"b\",\"kafka\":{\"linger.ms\":\"soon\"}}", RD_KAFKA_PRODUCER, why, sizeof why));
  assert_non_null(strstr(why, "linger.ms"));
}

/* Every property that people may set is one that librdkafka knows (newer ones than this librdkafka's excepted). */
static void test_allowlist(void **state) {
  (void)state;
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  for (size_t i = 0; i < kafka_property_count; i++) {
    char error[512];
    const char *name = kafka_properties[i].name;
    bool known = rd_kafka_conf_set(conf, name, "1", error, sizeof error) != RD_KAFKA_CONF_UNKNOWN;
    if (!known && strcmp(name, "fetch.queue.backoff.ms") != 0) fail_msg("%s is not known", name);
  }
  rd_kafka_conf_destroy(conf);
}

int main(void) {
  int descriptor = mkstemp(path);
  if (descriptor < 0) return 1;
  close(descriptor);
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_secret), cmocka_unit_test(test_others_may_not_read),
                                     cmocka_unit_test(test_conf), cmocka_unit_test(test_allowlist)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(path);
  return failed;
}
