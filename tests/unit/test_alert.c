/* test_alert.c: what `handover alert` decides without a network: filters, signatures, schedules, addresses, messages. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "producer/alert_address.h"
#include "producer/alert_message.h"
#include "producer/alert_sample.h"
#include "producer/alert_verdict.h"
#include "producer/alert_words.h"

/* --- filters --- */

static bool passes(const char *event, const char *pointer, char **values, int32_t count) {
  struct receiver_test test = {(char *)(uintptr_t)pointer, values, count};
  const struct receiver_filter filter = {&test, 1};
  cJSON *tree = cJSON_Parse(event);
  bool result = alert_event_passes(tree, &filter);
  cJSON_Delete(tree);
  return result;
}

static void test_filters(void **state) {
  (void)state;
  char sql[] = "sql", mql[] = "mql", number[] = "250", fraction[] = "0.5", truth[] = "true", null[] = "null";
  char *stages[] = {mql, sql}, *numbers[] = {number}, *fractions[] = {fraction}, *truths[] = {truth}, *nulls[] = {null};
  assert_true(passes(alert_sample_change, "/data/to", stages, 2));
  assert_false(passes(alert_sample_change, "/data/to", stages, 1));
  assert_false(passes(alert_sample_breach, "/data/to", stages, 2)); /* it has none */
  assert_true(passes(alert_sample_breach, "/data/stage", stages, 2));
  assert_true(passes(alert_sample_change, "/data/attributes/employees", numbers, 1));
  assert_true(passes("{\"a\":0.5}", "/a", fractions, 1));
  assert_true(passes("{\"a\":true}", "/a", truths, 1));
  assert_false(passes("{\"a\":null}", "/a", nulls, 1));
  assert_false(passes("{\"a\":[\"mql\"]}", "/a", stages, 2));
  const struct receiver_filter none = {NULL, 0};
  assert_true(alert_event_passes(NULL, &none));
}

/* --- signatures --- */

/* The examples that the Standard Webhooks specification and its libraries publish. */
static void test_signatures(void **state) {
  (void)state;
  static const struct {
    const char *secret, *id;
    int64_t time_s;
    const char *body, *signature;
  } examples[] = {
      {"whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121,
       "{\"event_type\":\"ping\",\"data\":{\"success\":true}}", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="},
      {"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}",
       "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
  for (size_t i = 0; i < 2; i++) {
    struct alert_key key;
    char signature[ALERT_SIGNATURE];
    assert_true(alert_key_read(&key, examples[i].secret));
    alert_sign(&key, examples[i].id, examples[i].time_s, slice_of(examples[i].body), signature);
    assert_string_equal(signature, examples[i].signature);
  }
}

static void test_keys(void **state) {
  (void)state;
  static const char *const bad[] = {"",
                                    "whsec_",
                                    "whsec_AAAA",
                                    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
                                    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!w",
                                    "whsec_ MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
  struct alert_key key;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(alert_key_read(&key, bad[i]));
  char longest[100];
  memset(longest, 'A', sizeof longest);
  memcpy(longest + 86, "==", 3); /* 64 bytes */
  assert_true(alert_key_read(&key, longest));
  assert_int_equal(key.length, 64);
  memcpy(longest + 86, "AAAAAA==", 9);
  assert_false(alert_key_read(&key, longest));
}

/* --- schedules --- */

static struct receiver receiver_of(enum receiver_kind kind) {
  return (struct receiver){.kind = (int32_t)kind, .retries = {{5000, 60000}, 2}};
}

static struct alert_verdict judge(enum receiver_kind kind, int status, int64_t retry_ms, int32_t attempts) {
  const struct receiver receiver = receiver_of(kind);
  const struct alert_attempt attempt = {status, retry_ms, attempts, 999};
  return alert_judge(&receiver, &attempt);
}

static void test_verdicts(void **state) {
  (void)state;
  static const int good[] = {200, 202, 204, 299}, bad[] = {0, 301, 302, 400, 401, 404, 408, 429, 500, 503};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++)
    assert_int_equal(judge(RECEIVER_WEBHOOK, good[i], -1, 1).outcome, ALERT_DELIVERED);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct alert_verdict first = judge(RECEIVER_WEBHOOK, bad[i], -1, 1),
                         second = judge(RECEIVER_WEBHOOK, bad[i], -1, 2);
    assert_true(first.outcome == ALERT_RETRY && first.wait_ms >= 5000 && first.wait_ms <= 5500 && !first.hold);
    assert_true(second.outcome == ALERT_RETRY && second.wait_ms >= 60000 && second.wait_ms <= 66000);
    assert_int_equal(judge(RECEIVER_WEBHOOK, bad[i], -1, 3).outcome, ALERT_EXHAUSTED);
  }
  assert_int_equal(judge(RECEIVER_WEBHOOK, 410, -1, 1).outcome, ALERT_GONE);
  assert_int_equal(judge(RECEIVER_SLACK, 400, -1, 1).outcome, ALERT_REJECTED);
  assert_int_equal(judge(RECEIVER_PAGERDUTY, 400, -1, 1).outcome, ALERT_REJECTED);
  assert_int_equal(judge(RECEIVER_SLACK, 404, -1, 1).outcome, ALERT_RETRY);
}

static void test_holds(void **state) {
  (void)state;
  struct alert_verdict busy = judge(RECEIVER_SLACK, 429, 30000, 1);
  assert_true(busy.outcome == ALERT_RETRY && busy.hold && busy.wait_ms == 30000);
  assert_true(judge(RECEIVER_SLACK, 429, 1, 1).wait_ms >= 5000); /* never sooner than the schedule */
  assert_true(judge(RECEIVER_SLACK, 503, INT64_MAX, 1).wait_ms == ALERT_WAIT_MOST_MS);
  assert_false(judge(RECEIVER_SLACK, 500, 30000, 1).hold);
  assert_int_equal(judge(RECEIVER_SLACK, 500, 30000, 1).wait_ms, 30000);
  struct alert_verdict last = judge(RECEIVER_SLACK, 429, 30000, 3);
  assert_true(last.outcome == ALERT_EXHAUSTED && last.hold && last.wait_ms == 30000);
}

static void test_retry_after(void **state) {
  (void)state;
  int64_t now_ms = INT64_C(784111777000) - 60000; /* a minute before RFC 9110's example */
  assert_int_equal(alert_retry_after("120", now_ms), 120000);
  assert_int_equal(alert_retry_after("0", now_ms), 0);
  assert_int_equal(alert_retry_after("99999999999999999999", now_ms), ALERT_WAIT_MOST_MS);
  assert_int_equal(alert_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now_ms), 60000);
  assert_int_equal(alert_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now_ms + 100000), 0);
  static const char *const bad[] = {"",
                                    "-1",
                                    "1.5",
                                    "1 ",
                                    "soon",
                                    "Sun, 06 Nov 1994 08:49:37",
                                    "Sunday, 06-Nov-94 08:49:37 GMT",
                                    "Sun, 06 Foo 1994 08:49:37 GMT",
                                    "Sun, 46 Nov 1994 08:49:37 GMT",
                                    "Sun, 06 Nov 1994 28:49:37 GMT"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(alert_retry_after(bad[i], now_ms), -1);
}

/* --- addresses --- */

static const char *class_of(const char *text) {
  struct sockaddr_in four = {.sin_family = AF_INET};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6};
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) return alert_address_private((const struct sockaddr *)&four);
  if (inet_pton(AF_INET6, text, &six.sin6_addr) != 1) fail_msg("%s", text);
  return alert_address_private((const struct sockaddr *)&six);
}

static void test_addresses(void **state) {
  (void)state;
  static const char *const blocked[] = {"0.0.0.0",
                                        "0.1.2.3",
                                        "10.0.0.1",
                                        "10.255.255.255",
                                        "100.64.0.1",
                                        "100.127.255.255",
                                        "127.0.0.1",
                                        "127.9.9.9",
                                        "169.254.169.254",
                                        "172.16.0.1",
                                        "172.31.255.255",
                                        "192.0.0.1",
                                        "192.0.2.1",
                                        "192.168.1.1",
                                        "198.18.0.1",
                                        "198.19.255.255",
                                        "198.51.100.1",
                                        "203.0.113.9",
                                        "224.0.0.1",
                                        "239.1.1.1",
                                        "240.0.0.1",
                                        "255.255.255.255",
                                        "::",
                                        "::1",
                                        "::ffff:127.0.0.1",
                                        "::ffff:10.0.0.1",
                                        "::ffff:169.254.169.254",
                                        "::10.0.0.1",
                                        "::8.8.8.8",
                                        "64:ff9b::10.0.0.1",
                                        "64:ff9b:1::1",
                                        "2002:7f00:1::",
                                        "2002:a00:1::1",
                                        "fc00::1",
                                        "fd00:ec2::254",
                                        "fe80::1",
                                        "febf::1",
                                        "fec0::1",
                                        "ff02::1",
                                        "100::1",
                                        "2001:db8::1",
                                        "2001::1",
                                        "3fff::1"};
  static const char *const open[] = {
      "1.1.1.1",         "8.8.8.8",         "9.255.255.255", "11.0.0.0",        "100.63.255.255", "100.128.0.0",
      "126.255.255.255", "128.0.0.1",       "169.253.1.1",   "172.15.255.255",  "172.32.0.0",     "192.167.255.255",
      "192.169.0.0",     "198.17.255.255",  "198.20.0.0",    "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
      "2002:808:808::1", "2606:4700::1111", "2a00:1450::1",  "2003::1"};
  for (size_t i = 0; i < sizeof blocked / sizeof *blocked; i++)
    if (!class_of(blocked[i])) fail_msg("%s passes", blocked[i]);
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    if (class_of(open[i])) fail_msg("%s is %s", open[i], class_of(open[i]));
  const struct sockaddr other = {.sa_family = AF_UNIX};
  assert_non_null(alert_address_private(&other));
}

static void test_urls(void **state) {
  (void)state;
  const char *why;
  static const char *const bad[] = {"",
                                    "ftp://h/",
                                    "http://h/",
                                    "https://",
                                    "https:///x",
                                    "https://u:p@h/",
                                    "https://h/ x",
                                    "https://h/\n",
                                    "https://h/#f",
                                    "https://:443/",
                                    "file:///etc/passwd",
                                    "https://h/\xC3\xA9"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(receiver_url_good(bad[i], false, &why));
    assert_true(strlen(why) > 5);
  }
  assert_true(receiver_url_good("https://hooks.example.com/services/T0/B0/x?y=@", false, &why));
  assert_true(receiver_url_good("HTTPS://h", false, &why));
  assert_true(receiver_url_good("http://h:8080/x", true, &why));
}

/* --- messages --- */

static void test_ids(void **state) {
  (void)state;
  char id[ALERT_ID], far[5000];
  alert_message_id(id, "my.topic/3/10452/0", "sales");
  assert_string_equal(id, "my%2Etopic/3/10452/0/sales");
  alert_message_id(id, "a\r\nx: y", "s");
  assert_string_equal(id, "a%0D%0Ax:%20y/s");
  memset(far, '.', sizeof far - 1);
  far[sizeof far - 1] = 0;
  alert_message_id(id, far, "s");
  assert_true(strlen(id) < ALERT_ID);
}

static struct alert_target target_of(const struct receiver *receiver) {
  struct alert_target target = {.receiver = receiver,
                                .words = (char *)(uintptr_t)alert_words_of((enum receiver_kind)receiver->kind)};
  assert_true(alert_key_read(&target.keys[0], "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  assert_true(alert_key_read(&target.keys[1], "whsec_plJ3nmyCDGBKInavdOK15jsl"));
  target.key_count = 2;
  memcpy(target.routing_key, "routing", 8);
  return target;
}

static cJSON *message_of(struct alert_message *message, enum receiver_kind kind, const char *event,
                         enum alert_action action) {
  char name[] = "sales", link[] = "https://crm.example.com/{{/data/lead}}";
  struct receiver receiver = {.name = name, .kind = (int32_t)kind, .link = link};
  const struct alert_target target = target_of(&receiver);
  const struct alert_delivery delivery = {
      .receiver = name, .id = "e/1/sales", .action = action, .event = slice_of(event)};
  cJSON *tree = cJSON_Parse(event);
  alert_message_make(message, &target, &delivery, tree, 1731705121);
  cJSON_Delete(tree);
  return cJSON_ParseWithLength(message->body.at, message->body.length);
}

static void test_webhook_message(void **state) {
  (void)state;
  struct alert_message message = {0};
  cJSON_Delete(message_of(&message, RECEIVER_WEBHOOK, alert_sample_change, ALERT_TELL));
  assert_int_equal(message.body.length, strlen(alert_sample_change)); /* byte for byte */
  assert_memory_equal(message.body.at, alert_sample_change, message.body.length);
  assert_int_equal(message.header_count, 4);
  assert_string_equal(message.headers[0], "webhook-id: e/1/sales");
  assert_string_equal(message.headers[1], "webhook-timestamp: 1731705121");
  assert_int_equal(strlen(message.headers[2]), strlen("webhook-signature: ") + 47 + 1 + 47); /* both secrets */
  assert_string_equal(message.headers[3], "Content-Type: application/cloudevents+json");
  alert_message_fini(&message);
}

static void test_pagerduty_message(void **state) {
  (void)state;
  struct alert_message message = {0};
  cJSON *trigger = message_of(&message, RECEIVER_PAGERDUTY, alert_sample_breach, ALERT_TELL);
  alert_message_fini(&message);
  assert_string_equal(alert_event_text(trigger, "/event_action"), "trigger");
  assert_string_equal(alert_event_text(trigger, "/routing_key"), "routing");
  assert_string_equal(alert_event_text(trigger, "/links/0/href"), "https://crm.example.com/test-lead");
  assert_non_null(strstr(alert_event_text(trigger, "/payload/summary"), "test-lead waits in sql"));
  assert_string_equal(alert_event_text(trigger, "/payload/severity"), "error");
  cJSON *resolve = message_of(&message, RECEIVER_PAGERDUTY, alert_sample_breach, ALERT_RESOLVE);
  alert_message_fini(&message);
  assert_string_equal(alert_event_text(resolve, "/event_action"), "resolve");
  assert_string_equal(alert_event_text(resolve, "/dedup_key"), alert_event_text(trigger, "/dedup_key"));
  assert_null(alert_event_at(resolve, "/payload", 8));
  cJSON_Delete(trigger);
  cJSON_Delete(resolve);
}

/* Sections within Slack's limit, whole lines where it can be, nothing lost but beyond ten of them. */
static void check_sections(const char *text, int most) {
  struct buffer body = {0}, joined = {0};
  alert_message_slack(&body, slice_of(text));
  cJSON *tree = cJSON_ParseWithLength(body.at, body.length);
  const cJSON *blocks = alert_event_at(tree, "/blocks", 7), *block;
  assert_non_null(blocks);
  assert_true(cJSON_GetArraySize(blocks) <= most);
  assert_true(strlen(alert_event_text(tree, "/text")) <= SLACK_SECTION);
  cJSON_ArrayForEach(block, blocks) {
    const char *section = alert_event_text(block, "/text/text");
    assert_true(strlen(section) >= 1 && strlen(section) <= SLACK_SECTION);
    assert_true(*section != ';' && strncmp(section, "mp;", 3) != 0); /* no entity is cut in two */
    buffer_append_text(&joined, section);
  }
  size_t length = strlen(text), taken = 0;
  for (size_t i = 0; i < length && taken < joined.length; i++) {
    if (text[i] == joined.at[taken]) taken++;
    else assert_int_equal(text[i], '\n');
  }
  assert_int_equal(taken, joined.length);
  cJSON_Delete(tree);
  buffer_fini(&body);
  buffer_fini(&joined);
}

static void test_slack_sections(void **state) {
  (void)state;
  static char text[40000];
  check_sections("one\ntwo\n", 1);
  check_sections("", 0);
  check_sections("\n", 0);
  for (size_t i = 0; i < 9000; i++) text[i] = i % 100 == 99 ? '\n' : 'x';
  check_sections(text, 4);
  for (size_t i = 0; i < 10000; i += 5) memcpy(text + i, "&amp;", 5);
  text[10000] = 0;
  check_sections(text, 4);
  memset(text, 'x', sizeof text - 1);
  check_sections(text, SLACK_SECTIONS);
  for (size_t i = 0; i + 2 < 12000; i += 2) memcpy(text + i, "\xC3\xA9", 2);
  text[12000] = 0;
  check_sections(text, SLACK_SECTIONS);
  struct alert_message message = {0};
  cJSON *slack = message_of(&message, RECEIVER_SLACK, alert_sample_change, ALERT_TELL);
  assert_string_equal(alert_event_text(slack, "/text"), "*ana*: *test-lead* is sql now, was mql");
  assert_non_null(strstr(alert_event_text(slack, "/blocks/0/text/text"), "*Missing* timescale, authority\n"));
  assert_non_null(strstr(alert_event_text(slack, "/blocks/0/text/text"), "company Example &amp; Sons"));
  cJSON_Delete(slack);
  alert_message_fini(&message);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_filters),
      cmocka_unit_test(test_signatures),
      cmocka_unit_test(test_keys),
      cmocka_unit_test(test_verdicts),
      cmocka_unit_test(test_holds),
      cmocka_unit_test(test_retry_after),
      cmocka_unit_test(test_addresses),
      cmocka_unit_test(test_urls),
      cmocka_unit_test(test_ids),
      cmocka_unit_test(test_webhook_message),
      cmocka_unit_test(test_pagerduty_message),
      cmocka_unit_test(test_slack_sections),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
