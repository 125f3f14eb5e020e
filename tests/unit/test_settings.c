/* test_settings.c: the settings' file, the overrides, what is refused and how it is said; docs/settings.md is the tables'.
 * HANDOVER_UPDATE=1 rewrites docs/settings.md. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/kafka_table.h"
#include "config/reader.h"
#include "config/setting_table.h"
#include "config/settings.h"

static struct settings settings;
static struct problems problems;

static bool parse(const char *text) {
  return settings_parse(&settings, text, text ? strlen(text) : 0, NULL, 0, &problems);
}

static void done(void) {
  settings_fini(&settings);
  problems_fini(&problems);
}

/* Exactly one problem: place and words. */
static void expect_problem(const char *text, int line, int column, const char *words) {
  assert_false(parse(text));
  if (problems.count != 1 || problems.at[0].line != line || problems.at[0].column != column ||
      !strstr(problems.at[0].message, words)) {
    for (size_t i = 0; i < problems.count; i++) {
      print_error("%d:%d %s: %s\n", problems.at[i].line, problems.at[i].column, problems.at[i].pointer,
                  problems.at[i].message);
    }
    fail_msg("expected %d:%d \"%s\" from %s", line, column, words, text);
  }
  done();
}

static void test_defaults(void **state) {
  (void)state;
  assert_true(parse("{\"bootstrap\":\"b:9092\"}"));
  assert_string_equal(settings.bootstrap, "b:9092");
  assert_int_equal(settings.inputs.count, 1);
  assert_string_equal(settings.inputs.at[0], "engagement");
  assert_string_equal(settings.stage_changes, "stage-changes");
  assert_string_equal(settings.dead_letters, "handover-dead-letters");
  assert_string_equal(settings.state, "handover-state");
  assert_string_equal(settings.journal, "handover-journal");
  assert_int_equal(settings.journal_inputs, 0);
  assert_string_equal(settings.definitions_topic, "handover-definitions");
  assert_string_equal(settings.group, "handover");
  assert_string_equal(settings.instance, "");
  assert_string_equal(settings.state_dir, "/var/lib/handover");
  assert_int_equal(settings.threads, 1);
  assert_int_equal(settings.commit_interval_ms, 500);
  assert_int_equal(settings.snapshot_records, 2000000);
  assert_int_equal(settings.snapshot_interval_ms, 600000);
  assert_int_equal(settings.clock_grace_ms, 10000);
  assert_int_equal(settings.event_bytes_max, 1048576);
  assert_string_equal(settings.http, "127.0.0.1:9464");
  assert_false(settings.http_public || settings.draft || settings.insecure);
  assert_int_equal(settings.definitions.count + settings.trust.count + settings.kafka_count, 0);
  done();
}

static void test_everything(void **state) {
  (void)state;
  assert_true(
      parse("// what we run\n{ \"bootstrap\": \"b:1,c:2\", /* two */ \"inputs\": [\"one\", \"two\"],\n"
            "  \"definitions\": [\"a.json\", \"b.json\"], \"threads\": 64, \"draft\": true, \"http\": \"\",\n"
            "  \"sasl.password_file\": \"/run/\\u00e9\", \"event_bytes_max\": 64,\n"
            "  \"kafka\": { \"linger.ms\": 5, \"socket.keepalive.enable\": true, \"security.protocol\": \"sasl_ssl\" "
            "}\n}\n"));
  assert_int_equal(settings.inputs.count, 2);
  assert_string_equal(settings.inputs.at[1], "two");
  assert_string_equal(settings.definitions.at[0], "a.json");
  assert_int_equal(settings.threads, 64);
  assert_true(settings.draft);
  assert_string_equal(settings.http, "");
  assert_string_equal(settings.sasl_password_file, "/run/\xC3\xA9");
  assert_int_equal(settings.kafka_count, 3);
  assert_string_equal(settings.kafka[0].value, "5");
  assert_string_equal(settings.kafka[1].value, "true");
  done();
}

static void test_problems_have_places(void **state) {
  (void)state;
  expect_problem("{\"bootstrap\":\"b\",\n  \"thread\": 2}", 2, 3, "did you mean \"threads\"?");
  expect_problem("{\"bootstrap\":\"b\",\n  \"zzz\": {\"a\":[1,{}]}}", 2, 3, "there is no setting \"zzz\"");
  expect_problem("{\"bootstrap\":\"b\",\"linger.ms\":1}", 1, 18, "property of librdkafka");
  expect_problem("{\"bootstrap\":\"b\",\n\t\"threads\": 65}", 2, 13, "from 1 to 64");
  expect_problem("{\"bootstrap\":\"b\",\n\t\"threads\": -9223372036854775808}", 2, 13, "from 1 to 64");
  expect_problem("{\"bootstrap\":\"b\",\"threads\": 1.5}", 1, 29, "whole number");
  expect_problem("{\"bootstrap\":\"b\",\"threads\": \"1\"}", 1, 29, "whole number");
  expect_problem("{\"bootstrap\":\"b\",\"threads\":99999999999999999999}", 1, 28, "whole number");
  expect_problem("{\"bootstrap\":\"b\",\"draft\":1}", 1, 26, "true or false");
  expect_problem("{\"bootstrap\":\"b\",\"group\":\"\"}", 1, 26, "1 to 200 bytes");
  expect_problem("{\"bootstrap\":\"b\",\"group\":\"a\\nb\"}", 1, 26, "control characters");
  expect_problem("{\"bootstrap\":\"b\",\"inputs\":\"a\"}", 1, 27, "a list of topics");
  expect_problem("{\"bootstrap\":\"b\",\"inputs\":[]}", 1, 27, "at least 1");
  expect_problem("{\"bootstrap\":\"b\",\"inputs\":[\"a\",\"a\"]}", 1, 32, "twice");
  expect_problem("{\"bootstrap\":\"b\",\"inputs\":[\"a b\"]}", 1, 28, "no topic's name");
  expect_problem("{\"bootstrap\":\"b\",\"inputs\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]}", 1, 60,
                 "at most 8");
  expect_problem("{\"bootstrap\":\"b\",\"state\":\"..\"}", 1, 26, "no topic's name");
  expect_problem("{\"bootstrap\":\"b\",\"bootstrap\":\"c\"}", 1, 18, "twice");
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"debug\":\"all\"}}", 1, 27, "secrets");
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"linger.ms\":1,\"linger.ms\":2}}", 1, 41, "twice");
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"linger.ms\":null}}", 1, 39, "an object of texts");
  expect_problem("{\"bootstrap\":\"b\",\"journal_inputs\":\"xxh\"}", 1, 35, "journal_inputs must be xxh3 or sha256");
  expect_problem("{\"bootstrap\":\"b\",\"journal_inputs\":\"\"}", 1, 35, "journal_inputs must be xxh3 or sha256");
  expect_problem("{\"bootstrap\":\"b\",\"journal_inputs\":\"xxh3 or sha256\"}", 1, 35, "must be xxh3 or sha256");
  expect_problem("{\"bootstrap\":\"b\",\"journal_inputs\":256}", 1, 35, "journal_inputs must be a word");
  expect_problem("{}", 0, 0, "bootstrap is required");
  expect_problem("{\"bootstrap\":\"b\",\n\"state\":\"engagement\"}", 2, 1, "is an input too");
  expect_problem("{\"bootstrap\":\"b\",\n\"state\":\"stage-changes\"}", 2, 1, "is stage_changes too");
}

static void test_strict(void **state) {
  (void)state;
  expect_problem("", 1, 1, "JSON object");
  expect_problem("[]", 1, 1, "JSON object");
  expect_problem("\xEF\xBB\xBF{}", 1, 1, "no JSON here");
  expect_problem("{\"bootstrap\":\"b\"} x", 1, 19, "no JSON here");
  expect_problem("{\"bootstrap\":\"b\"} {}", 1, 19, "behind the last }");
  expect_problem("{\"bootstrap\":\"b\",}", 1, 18, "no comma before }");
  expect_problem("{\"bootstrap\" \"b\"}", 1, 14, "a colon");
  expect_problem("{\"bootstrap\":\"b\" \"group\":\"g\"}", 1, 18, "a comma or }");
  expect_problem("{\"inputs\":[\"a\",]}", 1, 16, "no comma before ]");
  expect_problem("{\"inputs\":[\"a\" \"b\"]}", 1, 16, "a comma or ]");
  expect_problem("{\"threads\":01}", 1, 12, "no JSON number");
  expect_problem("{\"threads\":-}", 1, 12, "no JSON number");
  expect_problem("{\"group\":\"a\\u0000b\"}", 1, 13, "\\u0000");
  expect_problem("{\"group\":\"\\ud800\"}", 1, 12, "surrogate");
  expect_problem("{\"group\":\"\\x\"}", 1, 12, "no such escape");
  expect_problem("{\"group\":\"\xC3\"}", 1, 11, "not UTF-8");
  expect_problem("{\"group\":\"a\nb\"}", 1, 12, "control character");
  expect_problem("{\"group\":\"a", 1, 12, "does not end");
  expect_problem("{ /* \n\n", 1, 3, "comment does not end");
  expect_problem("{", 1, 2, "member's name");
  expect_problem("{1:2}", 1, 2, "member's name");
}

/* --- receivers --- */

#define HEAD "{\"bootstrap\":\"b\",\"alerts\":["
#define HOOK "{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"https://h/\",\"secret_file\":\"s\""

static void test_receivers(void **state) {
  (void)state;
  assert_true(parse(
      HEAD "{\"name\":\"sales-1\",\"kind\":\"slack\",\"url_file\":\"u\",\"link\":\"https://c/{{/data/lead}}\"}," HOOK
           ",\"retries\":[\"1s\",\"2h\"],\"timeout_ms\":100,\"allow_private\":true,\"filter\":{\"to\":\"sql\","
           "\"owner\":[\"x\",\"y\"],\"attribute\":{\"a/b~c\":\"1\"}}},{\"name\":\"o\",\"kind\":\"stdout\"}]}"));
  assert_int_equal(settings.receivers.count, 3);
  const struct receiver *slack = &settings.receivers.at[0], *hook = &settings.receivers.at[1];
  assert_int_equal(slack->kind, RECEIVER_SLACK);
  assert_string_equal(slack->url_file, "u");
  assert_int_equal(slack->timeout_ms, 15000);
  assert_int_equal(slack->pace_ms, -1);
  assert_int_equal(slack->retries.count, 9);
  assert_int_equal(slack->retries.wait_ms[0], 5000);
  assert_int_equal(slack->retries.wait_ms[8], 86400000);
  assert_false(slack->allow_http || slack->allow_private);
  assert_int_equal(hook->retries.count, 2);
  assert_int_equal(hook->retries.wait_ms[1], 7200000);
  assert_true(hook->allow_private);
  assert_int_equal(hook->filter.count, 3);
  assert_string_equal(hook->filter.tests[0].pointer, "/data/to");
  assert_string_equal(hook->filter.tests[1].values[1], "y");
  assert_string_equal(hook->filter.tests[2].pointer, "/data/attributes/a~1b~0c");
  assert_ptr_equal(receiver_find(&settings.receivers, "o"), &settings.receivers.at[2]);
  assert_null(receiver_find(&settings.receivers, "p"));
  done();
}

/* What to write instead comes first. */
static void test_slack_by_url(void **state) {
  (void)state;
  assert_false(parse(HEAD "{\"name\":\"a\",\"kind\":\"slack\",\"url\":\"https://h/\"}]}"));
  assert_int_equal(problems.count, 2);
  assert_non_null(strstr(problems.at[0].message, "url_file is required: Slack's address is a secret"));
  assert_non_null(strstr(problems.at[1].message, "url is of no use to a receiver of kind slack"));
  done();
}

static void test_receivers_refused(void **state) {
  (void)state;
  expect_problem(HEAD "1]}", 1, 28, "receivers");
  expect_problem(HEAD "{\"kind\":\"stdout\"}]}", 1, 28, "name is required");
  expect_problem(HEAD "{\"name\":\"a\"}]}", 1, 28, "kind is required: slack or");
  expect_problem(HEAD "{\"name\":\"A b\",\"kind\":\"stdout\"}]}", 1, 28, "a-z, 0-9");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"mail\"}]}", 1, 47, "kind must be slack or webhook");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"stdout\"},\n{\"name\":\"a\",\"kind\":\"stdout\"}]}", 2, 1,
                 "another receiver");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"slack\"}]}", 1, 28, "url_file is required");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"slack\",\"url_file\":\"u\",\"secret_file\":\"s\"}]}", 1, 28,
                 "secret_file is of no use to a receiver of kind slack");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"pagerduty\"}]}", 1, 28, "the routing key");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"stdout\",\"allow_http\":true}]}", 1, 28, "of no use");
  expect_problem(HEAD HOOK ",\"url_file\":\"u\"}]}", 1, 28, "one of them");
  expect_problem(HEAD "{\"name\":\"a\",\"kind\":\"webhook\",\"url\":\"http://h/\",\"secret_file\":\"s\"}]}", 1, 28,
                 "is not https");
  expect_problem(HEAD HOOK ",\"secret\":\"x\"}]}", 1, 94, "a receiver has no \"secret\"");
  expect_problem(HEAD HOOK ",\"retires\":\"x\"}]}", 1, 94, "did you mean \"retries\"?");
  expect_problem(HEAD HOOK ",\"url\":\"https://g/\"}]}", 1, 94, "twice");
  expect_problem(HEAD HOOK ",\"retries\":[\"5\"]}]}", 1, 105, "is no duration");
  expect_problem(HEAD HOOK ",\"retries\":[\"8d\"]}]}", 1, 105, "is no duration");
  expect_problem(HEAD HOOK ",\"retries\":\"5s\"}]}", 1, 104, "a list of durations");
  expect_problem(HEAD HOOK ",\"filter\":{\"too\":\"x\"}}]}", 1, 104, "did you mean \"to\"?");
  expect_problem(HEAD HOOK ",\"filter\":{\"to\":[]}}]}", 1, 109, "lets no event pass");
  expect_problem(HEAD HOOK ",\"filter\":{\"to\":[1]}}]}", 1, 110, "a list of texts");
  expect_problem(HEAD HOOK ",\"filter\":{\"attribute\":\"x\"}}]}", 1, 116, "an object");
  expect_problem(HEAD HOOK ",\"timeout_ms\":1}]}", 1, 107, "from 100 to 60000");
  static const struct settings_override alerts = {"alerts=x", false};
  assert_false(settings_parse(&settings, "{\"bootstrap\":\"b\"}", 17, &alerts, 1, &problems));
  assert_non_null(strstr(problems.at[0].message, "in the file"));
  done();
  assert_false(parse(HEAD "{\"kind\":\"x\",\"foo\":1,\"filter\":{\"bar\":[{}],\"sla\":2}}]}")); /* all of it is said */
  assert_int_equal(problems.count, 4);
  done();
}

static void test_too_many_receivers(void **state) {
  (void)state;
  char text[4096];
  size_t length = (size_t)snprintf(text, sizeof text, HEAD);
  for (int i = 0; i < RECEIVERS_MOST + 1; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, "%s{\"name\":\"r%d\",\"kind\":\"stdout\"}",
                               i ? "," : "", i);
  snprintf(text + length, sizeof text - length, "]}");
  assert_false(parse(text));
  assert_int_equal(problems.count, 1);
  assert_non_null(strstr(problems.at[0].message, "at most 16"));
  done();
}

static void test_hostile_sizes(void **state) {
  (void)state;
  char deep[4096];
  size_t length = (size_t)snprintf(deep, sizeof deep, "{\"x\":");
  memset(deep + length, '[', 3000);
  deep[length + 3000] = 0;
  assert_false(parse(deep));
  assert_non_null(strstr(problems.at[problems.count - 1].message, "too deeply"));
  done();
  length = (size_t)snprintf(deep, sizeof deep, "{\"group\":\"");
  memset(deep + length, 'a', 2000);
  memcpy(deep + length + 2000, "\"}", 3);
  assert_false(parse(deep));
  assert_non_null(strstr(problems.at[0].message, "too long"));
  done();
}

/* Every prefix of a good file, and every byte of it exchanged: no crash, and never good by accident of memory. */
static void test_truncated_and_mangled(void **state) {
  (void)state;
  static const char good[] =
      "{\"bootstrap\":\"b\",/*c*/\"inputs\":[\"a\",\"\\u00e9\\ud83d\\ude00\"],\"threads\":-1.5e+3,"
      "\"kafka\":{\"linger.ms\":5},\"draft\":true}//";
  for (size_t length = 0; length < sizeof good - 3; length++) {
    char *exact = malloc(length ? length : 1);
    memcpy(exact, good, length);
    assert_false(settings_parse(&settings, exact, length, NULL, 0, &problems));
    assert_true(problems.count >= 1);
    done();
    free(exact);
  }
  for (size_t at = 0; at < sizeof good - 1; at++) {
    for (int byte = 0; byte < 256; byte += 5) {
      char mangled[sizeof good];
      memcpy(mangled, good, sizeof good);
      mangled[at] = (char)byte;
      bool parsed = settings_parse(&settings, mangled, sizeof good - 1, NULL, 0, &problems);
      assert_int_equal(parsed, problems.count == 0);
      done();
    }
  }
}

static void test_all_problems_are_said(void **state) {
  (void)state;
  assert_false(parse("{\"threads\":0,\"draft\":\"no\",\"inputs\":[1,\"\"],\"foo\":null}"));
  assert_int_equal(problems.count, 5);
  done();
}

static void test_overrides(void **state) {
  (void)state;
  static const char file[] = "{\"bootstrap\":\"b\",\"threads\":2,\"inputs\":[\"x\"],\"kafka\":{\"linger.ms\":5}}";
  static const struct settings_override good[] = {
      {"threads=3", false},   {"inputs=a,b", false}, {"linger.ms=7", true},
      {"client.id=me", true}, {"draft=true", false}, {"http=", false},
  };
  assert_true(settings_parse(&settings, file, sizeof file - 1, good, 6, &problems));
  assert_int_equal(settings.threads, 3);
  assert_int_equal(settings.inputs.count, 2);
  assert_string_equal(settings.inputs.at[1], "b");
  assert_int_equal(settings.kafka_count, 2);
  assert_string_equal(settings.kafka[0].value, "7");
  assert_true(settings.draft);
  assert_string_equal(settings.http, "");
  done();
  static const struct settings_override bad[] = {
      {"threads=3x", false}, {"threads= 3", false},
      {"threads", false},    {"=3", false},
      {"kafka=x", false},    {"draft=yes", false},
      {"inputs=a,a", false}, {"nope=1", false},
      {"acks=1", true},      {"sasl.password=hunter2", true},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(settings_parse(&settings, file, sizeof file - 1, &bad[i], 1, &problems));
    assert_int_equal(problems.count, 1);
    assert_int_equal(problems.at[0].line, 0);
    assert_null(strstr(problems.at[0].message, "hunter2"));
    assert_null(strstr(problems.at[0].pointer, "hunter2"));
    done();
  }
}

static void test_properties(void **state) {
  (void)state;
  static const char *const refused[] = {
      "plugin.library.paths",
      "ssl.engine.location",
      "ssl.engine.id",
      "sasl.kerberos.kinit.cmd",
      "sasl.kerberos.principal",
      "debug",
      "isolation.level",
      "enable.auto.commit",
      "enable.auto.offset.store",
      "transactional.id",
      "acks",
      "group.id",
      "bootstrap.servers",
      "sasl.password",
      "ssl.key.password",
      "enable.ssl.certificate.verification",
      "ssl.endpoint.identification.algorithm",
      "statistics.interval.ms",
      "enable.idempotence",
      "auto.offset.reset",
      "oauthbearer_token_refresh_cb",
      "",
      "Client.Id",
  };
  const char *why = NULL;
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    assert_false(settings_kafka_allowed(refused[i], &why));
    assert_true(strlen(why) > 5);
  }
  assert_true(settings_kafka_allowed("sasl.mechanism", &why));
  assert_true(settings_kafka_allowed("ssl.ca.location", &why));
  for (size_t i = 0; i < kafka_property_count; i++) { /* no name is in both tables */
    assert_string_equal(kafka_refusal_why(kafka_properties[i].name), kafka_refusal_why(""));
  }
}

static void test_password_in_the_clear(void **state) {
  (void)state;
  expect_problem(
      "{\"bootstrap\":\"b\",\"kafka\":{\"security.protocol\":\"SASL_PLAINTEXT\",\"sasl.mechanisms\":\"plain\"}}", 1, 18,
      "in the clear");
  assert_true(
      parse("{\"bootstrap\":\"b\",\"insecure\":true,\"kafka\":{\"security.protocol\":\"SASL_PLAINTEXT\",\"sasl."
            "mechanism\":\"PLAIN\"}}"));
  done();
}

static void test_weak_ciphers(void **state) {
  (void)state;
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"ssl.cipher.suites\":\"ALL:@SECLEVEL=0\"}}", 1, 18, "@SECLEVEL");
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"ssl.cipher.suites\":\"DEFAULT:eNULL\"}}", 1, 18, "NULL");
  expect_problem("{\"bootstrap\":\"b\",\"kafka\":{\"ssl.cipher.suites\":\"AECDH-AES256-SHA\"}}", 1, 18, "AECDH");
  assert_true(parse("{\"bootstrap\":\"b\",\"kafka\":{\"ssl.cipher.suites\":\"ECDHE-RSA-AES256-GCM-SHA384\"}}"));
  done();
  assert_true(parse("{\"bootstrap\":\"b\",\"insecure\":true,\"kafka\":{\"ssl.cipher.suites\":\"ALL:@SECLEVEL=0\"}}"));
  done();
}

static void test_table(void **state) {
  (void)state;
  for (size_t i = 0; i < setting_table_rows; i++) {
    const struct setting *setting = &setting_table[i];
    size_t length = strlen(setting->help);
    assert_true(length > 15 && length < 200 && strchr(setting->help, '\n') == NULL);
    assert_ptr_equal(setting_find(setting->name), setting);
  }
  assert_null(setting_find("nothing"));
  struct buffer help = {0};
  setting_table_help(&help);
  buffer_append(&help, "", 1);
  assert_non_null(strstr(help.at, "commit_interval_ms = 500 ms\n"));
  buffer_fini(&help);
}

static void test_document(void **state) {
  (void)state;
  static const char path[] = HANDOVER_SOURCE_DIR "/docs/settings.md";
  struct buffer made = {0}, kept = {0};
  char block[4096];
  setting_table_document(&made);
  FILE *file = fopen(path, getenv("HANDOVER_UPDATE") ? "w+" : "r");
  if (!file) {
    fail_msg("%s cannot be opened", path);
    return;
  }
  if (getenv("HANDOVER_UPDATE")) {
    assert_int_equal(fwrite(made.at, 1, made.length, file), made.length);
    rewind(file);
  }
  for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;) buffer_append(&kept, block, got);
  fclose(file);
  if (kept.length != made.length || memcmp(kept.at, made.at, made.length) != 0) {
    fail_msg("docs/settings.md differs from the tables: HANDOVER_UPDATE=1 rewrites it");
  }
  buffer_fini(&made);
  buffer_fini(&kept);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),
      cmocka_unit_test(test_receivers),
      cmocka_unit_test(test_slack_by_url),
      cmocka_unit_test(test_receivers_refused),
      cmocka_unit_test(test_too_many_receivers),
      cmocka_unit_test(test_weak_ciphers),
      cmocka_unit_test(test_everything),
      cmocka_unit_test(test_problems_have_places),
      cmocka_unit_test(test_strict),
      cmocka_unit_test(test_hostile_sizes),
      cmocka_unit_test(test_truncated_and_mangled),
      cmocka_unit_test(test_all_problems_are_said),
      cmocka_unit_test(test_overrides),
      cmocka_unit_test(test_properties),
      cmocka_unit_test(test_password_in_the_clear),
      cmocka_unit_test(test_table),
      cmocka_unit_test(test_document),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
