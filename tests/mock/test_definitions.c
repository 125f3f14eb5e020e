/* test_definitions.c: definitions that come in while the daemon runs, on librdkafka's mock cluster: from the topic, from files that are
 * read again, signed later; and what is refused. */
#define _GNU_SOURCE /* nftw */
#include "site.h"

#include <openssl/evp.h>

#include "config/document.h"
#include "config/signoff.h"
#include "producer/definition_publish.h"

enum { STATUS_OK = 0 };

#define TOPIC "handover-definitions"
#define AT_150 "2026-03-01T09:31:45Z" /* at about the 150th record */
#define LONG_AGO "2026-01-01T00:00:00Z"

static void publish(const char *key, const char *value) {
  cluster_put(&site.cluster, &(struct put){TOPIC, 0, key, value, STREAM_BEGIN_MS});
  cluster_flush(&site.cluster);
}

static void publish_version(int version, const char *effective_from, int within_s) {
  char text[STREAM_TEXT], key[40];
  stream_definition_text(text, version, effective_from, within_s);
  snprintf(key, sizeof key, "answers/%d", version);
  publish(key, text);
}

static void write_file(const char *name, const char *text) {
  FILE *file = fopen(site_path(name), "w");
  assert_non_null(file);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void start(void) {
  site_start();
  site_await_logged("\"task restored\"", STREAM_PARTITIONS);
}

static void run_on(int32_t records) {
  stream_write(&site.stream, &site.cluster, records, 1);
  site_await();
}

/* A worker that was just reading learns of a version when it comes round, so it may take one record more. */
static void run_until_taken_over(int version) {
  char text[60];
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  snprintf(text, sizeof text, "\"version\":%d,\"before\"", version);
  while (site_logged(text) < STREAM_PARTITIONS) {
    run_on(STREAM_LEADS);
    check_deadline(until_ns, text);
  }
}

static void stop(void) {
  assert_int_equal(site_stop(), STATUS_OK);
  site_check_changes(false);
}

static void remove_snapshots(const char *state_topic) {
  char name[40], setting[60];
  for (int32_t p = 0; p < STREAM_PARTITIONS; p++) {
    snprintf(name, sizeof name, "state/%d.snapshot", (int)p);
    (void)unlink(site_path(name));
  }
  cluster_topic(&site.cluster, state_topic, STREAM_PARTITIONS);
  snprintf(setting, sizeof setting, "state=%s", state_topic);
  site_set("threads=2", setting);
}

/* --- from the topic --- */

static void test_takes_over_while_it_runs(void **state) {
  (void)state;
  site_set("threads=2");
  site.follows = true;
  start();
  run_on(100);
  site.definitions[1] = stream_definition(2, AT_150, 1);
  publish_version(2, AT_150, 1);
  site_await_logged("\"version\":2,\"digest\"", 1);
  run_until_taken_over(2);
  site.definitions[2] = stream_definition(3, LONG_AGO, 2); /* late: from where it is learned */
  publish_version(3, LONG_AGO, 2);
  site_await_logged("\"version\":3,\"digest\"", 1);
  run_until_taken_over(3);
  stop();
  remove_snapshots("empty-state"); /* by the journal alone, and no file but the first */
  start();
  run_on(30);
  stop();
  assert_int_equal(site_logged("\"snapshot loaded\""), 0);
}

static void assert_refuses_to_start(const char *why) {
  assert_false(site_try());
  if (!strstr(site.why, why)) fail_msg("\"%s\" is wanted, not \"%s\"", why, site.why);
}

static void test_starts_without_files(void **state) {
  (void)state;
  site_set("threads=1");
  site.follows = true;
  site.version_count = 0;
  assert_refuses_to_start("there is no definition that may run");
  publish_version(1, LONG_AGO, 3);
  start();
  run_on(60);
  stop();
  publish("questions/1", "{}");
  assert_refuses_to_start("holds \"answers\" and \"questions\": the setting definition_name");
  site_set("threads=1", "definition_name=questions");
  assert_refuses_to_start("there is no definition that may run");
  site_set("threads=1", "definition_name=answers");
  start();
  run_on(30);
  stop();
  site.version_count = 1;
  site_set("threads=1", "definition_name=questions");
  assert_refuses_to_start("definition_name is \"questions\", but the files hold \"answers\"");
}

/* --- what is refused --- */

static void test_refuses_what_is_published(void **state) {
  (void)state;
  char http[64], text[STREAM_TEXT];
  site.port = site_free_port();
  snprintf(http, sizeof http, "http=127.0.0.1:%d", (int)site.port);
  site_set("threads=1", http);
  site.follows = true;
  start();
  stream_definition_text(text, 3, AT_150, 1);
  publish_version(1, LONG_AGO, 5);
  site_await_logged("version 1 is known with other content", 1);
  publish("answers/2", text);
  site_await_logged("its key says another name or version", 1);
  publish("answers/02", text);
  publish("answers", text);
  publish(NULL, text);
  site_await_logged("a key like NAME/VERSION and a definition are wanted", 3);
  publish("answers/2", "{\"handover\":1,\"name\":\"answers\"");
  site_await_logged("\"definition refused\"", 6);
  publish("questions/2", text);
  site_await_logged("which is not followed", 1);
  assert_true(site_metric("handover_definitions_refused_total") == 6);
  run_on(60);
  stop();
  assert_int_equal(site_logged("a version has taken over"), 0);
  /* The same at a start, where the file was there first. */
  assert_refuses_to_start("what a file holds is not what was published to " TOPIC);
}

/* --- signatures --- */

static EVP_PKEY *key_made(const char *team) {
  uint8_t public_key[SIGNATURE_KEY];
  char text[SIGNATURE_KEY_TEXT], line[200];
  EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  assert_true(key && signature_public(key, public_key));
  signature_encode(public_key, sizeof public_key, text);
  snprintf(line, sizeof line, "%s %s\n", team, text);
  write_file("trust", line);
  return key;
}

/* The caller frees it. */
static char *signed_text(const char *text, EVP_PKEY *key) {
  struct document document;
  struct buffer out = {0};
  size_t at;
  const char *why;
  const struct signature_order order = {"sales", "Sam", "2026-02-01T00:00:00Z", key};
  assert_true(document_parse(&document, text, strlen(text), &at, &why));
  assert_true(signoff_write(&out, &document, text, &order, &why));
  document_fini(&document);
  char *copy = strndup(out.at, out.length);
  buffer_fini(&out);
  return copy;
}

/* How many of what was published, as far as it has been read, have this text in them. */
static size_t changes_with(const char *text) {
  size_t count = 0;
  for (size_t i = 0; i < site.changes.count; i++)
    count += memmem(site.changes.at[i]->payload, site.changes.at[i]->len, text, strlen(text)) != NULL;
  return count;
}

static void configure_signed(const char *draft) {
  char trust[140], state[140];
  snprintf(trust, sizeof trust, "trust=%s", site_path("trust"));
  snprintf(state, sizeof state, "draft=%s", draft);
  site_set("threads=1", trust, state);
}

/* What was published by the draft stays as it is, and is found again so by a restart. */
static void test_signed_later(void **state) {
  (void)state;
  char text[STREAM_TEXT];
  EVP_PKEY *key = key_made("sales");
  configure_signed("true");
  site.follows = true;
  start();
  run_on(60);
  stream_definition_text(text, 1, LONG_AGO, 3);
  char *agreed = signed_text(text, key);
  publish("answers/1", agreed);
  site_await_logged("\"message\":\"agreed\"", 1);
  int64_t until_ns = deadline_ns(CLUSTER_PATIENCE_MS);
  do { /* a worker that was just reading learns of it when it comes round */
    check_deadline(until_ns, "a change by what is agreed");
    run_on(2 * STREAM_LEADS);
    tape_catch_up(&site.changes);
  } while (changes_with("\"agreed\":true") == 0);
  stop();
  assert_true(changes_with("\"agreed\":false") > 0);
  remove_snapshots("empty-state");
  configure_signed("false"); /* nothing but the topic: agreed now, and by the journal a draft at first */
  site.version_count = 0;
  start();
  run_on(30);
  stop();
  free(agreed);
  EVP_PKEY_free(key);
}

/* A key that comes to be trusted later: on a signal all is looked at again. */
static void test_reload(void **state) {
  (void)state;
  char text[STREAM_TEXT], folder[128];
  EVP_PKEY *key = key_made("sales");
  stream_definition_text(text, 1, LONG_AGO, 3);
  char *one = signed_text(text, key);
  stream_definition_text(text, 2, AT_150, 1);
  char *two = signed_text(text, key);
  write_file("trust", "# nobody\n");
  snprintf(folder, sizeof folder, "%s", site_path("definitions"));
  assert_int_equal(mkdir(folder, 0700), 0);
  site.path = folder;
  configure_signed("false");
  site.follows = true;
  site.version_count = 0;
  publish("answers/1", one);
  assert_refuses_to_start("there is no definition that may run");
  EVP_PKEY *other = key_made("sales");
  EVP_PKEY_free(other);
  assert_refuses_to_start("there is no definition that may run");
  uint8_t public_key[SIGNATURE_KEY];
  char key_text[SIGNATURE_KEY_TEXT], line[200];
  assert_true(signature_public(key, public_key));
  signature_encode(public_key, sizeof public_key, key_text);
  snprintf(line, sizeof line, "sales %s\n", key_text);
  write_file("trust", line);
  start();
  run_on(60);
  write_file("trust", "sales nonsense\n");
  site.definitions[1] = stream_definition(2, AT_150, 1);
  write_file("definitions/2.json", two);
  write_file("definitions/2.test.json", "no definition");
  write_file("definitions/.hidden.json", "no definition");
  daemon_reload(site.instance->daemon);
  assert_int_equal(site_logged("\"keys refused\""), 1);
  site_await_logged("\"version\":2,\"digest\"", 1); /* the keys of before count still */
  write_file("definitions/3.json", "{}");
  daemon_reload(site.instance->daemon);
  assert_true(site_logged("\"definition refused\"") > 0);
  run_until_taken_over(2);
  stop();
  free(one);
  free(two);
  EVP_PKEY_free(key);
  site.path = NULL;
}

/* --- publishing --- */

static enum publish_outcome publish_text(const char *text, struct publication *item, bool dry) {
  char why[500] = "";
  struct problems problems;
  rd_kafka_conf_t *conf = client_conf(&site.instance->settings, RD_KAFKA_PRODUCER, why, sizeof why);
  definition_publish_configure(&site.instance->settings, conf);
  rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
  assert_non_null(producer);
  struct definition *definition = definition_parse(text, strlen(text), &problems);
  problems_fini(&problems);
  assert_non_null(definition);
  *item = (struct publication){.definition = definition, .text = text, .length = strlen(text)};
  enum publish_outcome outcome =
      definition_publish(&site.instance->settings, NULL, producer, item, 1, dry, why, sizeof why);
  if (outcome == PUBLISH_FAILED) fail_msg("%s", why);
  rd_kafka_destroy(producer);
  definition_destroy(definition);
  return outcome;
}

static void test_publishes(void **state) {
  (void)state;
  char one[STREAM_TEXT], other[STREAM_TEXT], three[STREAM_TEXT], two[STREAM_TEXT];
  struct publication item;
  struct tape tape;
  site_set("threads=1");
  stream_definition_text(one, 1, LONG_AGO, 3);
  stream_definition_text(other, 1, LONG_AGO, 4);
  stream_definition_text(two, 2, AT_150, 1);
  stream_definition_text(three, 3, AT_150, 1);
  tape_start(&tape, &site.cluster, TOPIC, 1);
  assert_int_equal(publish_text(one, &item, true), PUBLISH_DONE);
  assert_int_equal(item.state, PUBLICATION_NEW);
  assert_int_equal(publish_text(one, &item, false), PUBLISH_DONE);
  assert_int_equal(item.state, PUBLICATION_NEW);
  assert_int_equal(publish_text(one, &item, false), PUBLISH_DONE);
  assert_int_equal(item.state, PUBLICATION_THERE);
  assert_int_equal(publish_text(other, &item, false), PUBLISH_REFUSED);
  assert_non_null(strstr(item.why, "version 1 is known with other content"));
  assert_int_equal(publish_text(three, &item, false), PUBLISH_DONE);
  assert_int_equal(publish_text(two, &item, false), PUBLISH_REFUSED);
  assert_non_null(strstr(item.why, "version 3 has been published already: a lower one would never take over"));
  tape_catch_up(&tape);
  assert_int_equal(tape.count, 2);
  /* What lies there under a key that is not its own no daemon takes; so it counts for nothing. */
  char four[STREAM_TEXT];
  stream_definition_text(four, 4, AT_150, 1);
  publish("answers/5", four);
  assert_int_equal(publish_text(four, &item, false), PUBLISH_DONE);
  assert_int_equal(item.state, PUBLICATION_NEW);
  assert_true(message_is(tape.at[0], one));
  assert_int_equal(tape.at[1]->key_len, 9);
  assert_memory_equal(tape.at[1]->key, "answers/3", 9);
  assert_true(message_is(tape.at[1], three));
  tape_stop(&tape);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      site_test(test_takes_over_while_it_runs),
      site_test(test_starts_without_files),
      site_test(test_refuses_what_is_published),
      site_test(test_signed_later),
      site_test(test_reload),
      site_test(test_publishes),
  };
  return apart_run(tests, sizeof tests / sizeof *tests);
}
