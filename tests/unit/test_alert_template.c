/* test_alert_template.c: gaps, conditions, lists; escapes of each place; what is wrong with a template. */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "producer/alert_sample.h"
#include "producer/alert_template.h"
#include "producer/alert_words.h"

static const char event[] =
    "{\"type\":\"lead.stage.changed\",\"data\":{\"lead\":\"<a&b>\\n\\\"c\\\"\",\"n\":23.925,\"huge\":1e309,\"yes\":"
    "true,\"no\":false,"
    "\"none\":null,\"empty\":\"\",\"list\":[\"x\",\"y\",3],\"nothing\":[],\"at\":\"2026-03-01T09:30:00.000Z\",\"due\":["
    "{"
    "\"sla\":\"one\",\"who\":[\"p\",\"q\"]},{\"sla\":\"two\",\"who\":[]}],\"attributes\":{\"a/"
    "b\":\"slash\",\"c~d\":7}}}";

static void check_as(enum alert_escape escape, const char *text, const char *link, const char *expected) {
  char why[200];
  struct buffer out = {0};
  cJSON *tree = cJSON_Parse(event);
  const struct alert_words words = {tree, SLICE("{\"e\":1}"), "i/1", "sales", link, escape};
  if (!alert_template_check(text, why, sizeof why)) fail_msg("%s: %s", text, why);
  alert_template_render(&out, text, &words);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, expected);
  buffer_fini(&out);
  cJSON_Delete(tree);
}

static void check(const char *text, const char *expected) { check_as(ALERT_PLAIN, text, "", expected); }

static void test_values(void **state) {
  (void)state;
  check("", "");
  check("plain { } }} text", "plain { } }} text");
  check("{{/data/n}} {{ /data/yes }} {{/data/none}}{{/data/absent}}.", "23.925 true .");
  check("{{/data/list}}|{{/data/list/1}}|{{/data/list/9}}|{{/data/list/x}}", "x, y, 3|y||");
  check("{{/data/huge}} {{json /data/huge}} {{time /data/huge}}", "null null null"); /* no double holds it */
  check("{{/data/attributes/a~1b}} {{/data/attributes/c~0d}}", "slash 7");
  check("{{json /data/list}} {{json /data/absent}}", "[\"x\",\"y\",3] null");
  check("{{time /data/at}} {{time /data/n}}", "2026-03-01 09:30 UTC 23.925");
  check("{{id}} {{receiver}} {{event}} {{link}}.", "i/1 sales {\"e\":1} .");
}

static void test_conditions(void **state) {
  (void)state;
  check("{{if /data/yes}}a{{else}}b{{end}}{{if /data/no}}c{{else}}d{{end}}", "ad");
  check("{{if /data/none}}a{{end}}{{if /data/empty}}b{{end}}{{if /data/nothing}}c{{end}}{{if /data/n}}d{{end}}", "d");
  check("{{if /data/yes}}{{if /data/no}}a{{else}}b{{end}}c{{end}}", "bc");
  check("x\n{{if /data/yes}}\ny\n{{else}}\nz\n{{end}}\nw\n", "x\ny\nw\n"); /* lines of their own go with the tag */
  check("x {{if /data/yes}}\ny{{end}}", "x \ny");
  check_as(ALERT_PLAIN, "{{if link}}<{{link}}>{{end}}", "h/{{/data/lead}}", "<h/%3Ca%26b%3E%0A%22c%22>");
  check("{{if link}}a{{else}}b{{end}}", "b");
}

static void test_lists(void **state) {
  (void)state;
  check("{{each /data/list}}<{{.}}>{{sep}},{{end}}", "<x>,<y>,<3>");
  check("{{each 2 /data/list}}{{.}}{{sep}}-{{end}}", "x-y");
  check("{{each 0 /data/list}}{{.}}{{else}}none{{end}}", "none");
  check("{{each /data/nothing}}a{{sep}}b{{else}}none{{end}}", "none");
  check("{{each /data/absent}}a{{else}}none{{end}}", "none");
  check("{{each /data/due}}{{./sla}}:{{each ./who}}{{.}}{{else}}nobody{{end}} {{end}}", "one:pq two:nobody ");
  check("{{each /data/attributes}}{{key}}={{.}}{{sep}} {{end}}", "a/b=slash c~d=7");
  check("{{.}}{{key}}", "");
}

static void test_escapes(void **state) {
  (void)state;
  check("{{/data/lead}}", "<a&b> \"c\"");
  check_as(ALERT_SLACK, "<{{/data/lead}}>", "", "<&lt;a&amp;b&gt; \"c\">");
  check_as(ALERT_JSON, "\"{{/data/lead}}\"", "", "\"<a&b>\\n\\\"c\\\"\"");
  check_as(ALERT_JSON, "{{event}} {{json /data/list}}", "", "{\"e\":1} [\"x\",\"y\",3]");
  check_as(ALERT_URL, "{{/data/lead}}", "", "%3Ca%26b%3E%0A%22c%22");
  check_as(ALERT_SLACK, "{{time /data/at}}", "", "<!date^1772357400^{date_short_pretty} {time}|2026-03-01 09:30 UTC>");
  check_as(ALERT_SLACK, "<{{link}}|x>", "https://h/?a={{/data/n}}&b=1", "<https://h/?a=23.925&amp;b=1|x>");
  check_as(ALERT_PLAIN, "{{link}}", "x{{link}}", "x"); /* a link has none in it */
}

static void refuse(const char *text, const char *words) {
  char why[200] = "";
  if (alert_template_check(text, why, sizeof why)) fail_msg("taken: %s", text);
  if (!strstr(why, words)) fail_msg("%s: %s", text, why);
}

static void test_refused(void **state) {
  (void)state;
  refuse("a\nb {{/data\n}}", "line 2: {{ without }}");
  refuse("{{", "line 1");
  refuse("{{data/lead}}", "wants a pointer");
  refuse("{{}}", "wants a pointer");
  refuse("{{leed}}", "wants a pointer");
  refuse("{{if}}a{{end}}", "wants a pointer");
  refuse("{{if /a}}", "{{end}}");
  refuse("{{if /a}}{{else}}{{else}}{{end}}", "one {{else}}");
  refuse("{{if /a}}{{sep}}{{end}}", "one {{else}}");
  refuse("{{each /a}}{{sep}}{{sep}}{{end}}", "one {{sep}}");
  refuse("x\n\n{{end}}", "line 3: it belongs to no");
  refuse("{{else}}", "belongs to no");
  refuse("{{end /a}}", "nothing behind");
  refuse(
      "{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{if /a}}{{end}}{{end}}{{end}}{{end}}"
      "{{end}}{{end}}{{end}}{{end}}{{end}}",
      "eight");
}

/* Lists in lists in lists: it ends all the same. */
static void test_bounded(void **state) {
  (void)state;
  struct buffer list = {0}, out = {0};
  buffer_append_text(&list, "{\"l\":[0");
  for (int i = 0; i < 999; i++) buffer_append_text(&list, ",0");
  buffer_append_text(&list, "]}");
  cJSON *tree = cJSON_ParseWithLength(list.at, list.length);
  const struct alert_words words = {tree, SLICE(""), "", "", "", ALERT_PLAIN};
  alert_template_render(&out, "{{each /l}}{{each /l}}{{each /l}}{{each /l}}0123456789{{end}}{{end}}{{end}}{{end}}",
                        &words);
  assert_true(out.length > 1000 && out.length <= ALERT_RENDERED_BYTES + 100);
  cJSON_Delete(tree);
  buffer_fini(&list);
  buffer_fini(&out);
}

/* What would be too long is not begun, in every place: an event within each entry, a list within the link. */
static void test_too_long(void **state) {
  (void)state;
  struct buffer list = {0};
  buffer_append_text(&list, "{\"l\":[0");
  for (int i = 0; i < 999; i++) buffer_append_text(&list, ",0");
  buffer_append_text(&list, "]}");
  cJSON *tree = cJSON_ParseWithLength(list.at, list.length);
  const char *const texts[] = {
      "{{each /l}}{{each /l}}{{event}}{{end}}{{end}}", "{{each /l}}{{each /l}}{{json /l}}{{end}}{{end}}",
      "{{each /l}}{{each /l}}{{link}}{{end}}{{end}}", "{{each /l}}{{each /l}}{{time /l}}{{end}}{{end}}"};
  for (int escape = ALERT_PLAIN; escape <= ALERT_URL; escape++) {
    const struct alert_words words = {tree, {list.at, (uint32_t)list.length}, "",
                                      "",   "{{each /l}}{{.}}{{end}}",        (enum alert_escape)escape};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      struct buffer out = {0};
      buffer_append_text(&out, "before");
      alert_template_render(&out, texts[i], &words);
      assert_in_range(out.length, 6 + 40000, 6 + ALERT_RENDERED_BYTES);
      buffer_fini(&out);
    }
  }
  cJSON_Delete(tree);
  buffer_fini(&list);
}

static void test_built_in(void **state) {
  (void)state;
  char why[200];
  const char *const events[] = {alert_sample_change, alert_sample_breach, "{}", "null"};
  for (int kind = 0; kind < RECEIVER_KINDS; kind++) {
    const char *text = alert_words_of((enum receiver_kind)kind);
    if (!alert_template_check(text, why, sizeof why)) fail_msg("%d: %s", kind, why);
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
      struct buffer out = {0};
      cJSON *tree = cJSON_Parse(events[i]);
      const struct alert_words words = {tree, slice_of(events[i]), "id", "sales", "", ALERT_SLACK};
      assert_non_null(tree);
      alert_template_render(&out, text, &words);
      assert_true(out.length > 0);
      assert_null(memmem(out.at, out.length, "{{", 2));
      buffer_fini(&out);
      cJSON_Delete(tree);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),   cmocka_unit_test(test_conditions),
                                     cmocka_unit_test(test_lists),    cmocka_unit_test(test_escapes),
                                     cmocka_unit_test(test_refused),  cmocka_unit_test(test_bounded),
                                     cmocka_unit_test(test_too_long), cmocka_unit_test(test_built_in)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
