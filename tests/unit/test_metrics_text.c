/* test_metrics_text.c: Prometheus' text: what is taken, what is refused and why; what a daemon writes comes back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "consumer/decode.h"
#include "consumer/metrics.h"
#include "consumer/metrics_text.h"
#include "producer/buffer.h"

static void print(void *context, const struct metrics_sample *sample) {
  struct buffer *out = context;
  buffer_append(out, sample->name.at, sample->name.length);
  for (int32_t i = 0; i < sample->label_count; i++) {
    const struct metrics_label *label = &sample->labels[i];
    buffer_printf(out, " %.*s=<%.*s>", (int)label->name.length, label->name.at, (int)label->value.length,
                  label->value.at);
  }
  buffer_printf(out, " %g\n", sample->value);
}

static void expect(const char *text, const char *expected) {
  struct buffer out = {0};
  int32_t line;
  const char *why = "";
  if (!metrics_text_read(slice_of(text), print, &out, &line, &why)) fail_msg("line %d: %s: %s", line, why, text);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at, expected);
  buffer_fini(&out);
}

static void test_samples(void **state) {
  (void)state;
  expect("", "");
  expect("\n# HELP a what\n# TYPE a counter\n#\na 1\n", "a 1\n");
  expect("a:b_9 -2.5e3\nx{} 0 1772357400000\n", "a:b_9 -2500\nx 0\n");
  expect("a{b=\"c\",d_=\"\"} 1\n", "a b=<c> d_=<> 1\n");
  expect("a{b=\"q\\\"b\\\\n\\n.{},= \xFF\"} 1\n", "a b=<q\"b\\n\n.{},= \xFF> 1\n");
  expect("a +Inf\nb -Inf\n", "a inf\nb -inf\n");
}

static void refuse(const char *text, int32_t at, const char *expected) {
  struct buffer out = {0};
  int32_t line = 0;
  const char *why = "";
  if (metrics_text_read(slice_of(text), print, &out, &line, &why)) fail_msg("taken: %s", text);
  assert_string_equal(why, expected);
  assert_int_equal(line, at);
  buffer_fini(&out);
}

static void test_refused(void **state) {
  (void)state;
  refuse("a 1\nb 2", 2, "the last line does not end");
  refuse("9 1\n", 1, "a name is missing");
  refuse("a 1\n 1\n", 2, "a name is missing");
  refuse("a\n", 1, "a blank and a value are missing");
  refuse("a{b=\"c\"}1\n", 1, "a blank and a value are missing");
  refuse("a 0x10\n", 1, "the value is no number");
  refuse("a  1\n", 1, "the value is no number");
  refuse("a 01\n", 1, "the value is no number");
  refuse("a 1 x\n", 1, "the value is no number");
  refuse("a 1 2 3\n", 1, "something stands behind the value");
  refuse("a{b=\"c\" 1\n", 1, "the labels do not end");
  refuse("a{b=\"c\",} 1\n", 1, "a name is missing");
  refuse("a{b:c=\"c\"} 1\n", 1, "a label has no value");
  refuse("a{b=c} 1\n", 1, "a label has no value");
  refuse("a{b=\"c} 1\n", 1, "a label's value does not end");
  refuse("a{b=\"\\t\"} 1\n", 1, "an escape that there is not");
  refuse("a{b=\"\\\n", 1, "an escape that there is not");
  refuse("a{a=\"\",b=\"\",c=\"\",d=\"\",e=\"\",f=\"\",g=\"\",h=\"\",i=\"\"} 1\n", 1, "too many labels");
  static char more[METRICS_TEXT_LINE + 2];
  memset(more, '#', METRICS_TEXT_LINE);
  more[METRICS_TEXT_LINE] = '\n';
  refuse(more, 1, "the line is too long");
}

/* As long as a line may be, all of it a label's value. */
static void test_longest(void **state) {
  (void)state;
  static char text[METRICS_TEXT_LINE + 1];
  int32_t line;
  const char *why;
  struct buffer out = {0};
  static char value[METRICS_TEXT_LINE - 9];
  memset(value, 'x', sizeof value - 1);
  assert_int_equal(snprintf(text, sizeof text, "a{b=\"%s\"} 1\n", value), METRICS_TEXT_LINE);
  assert_true(metrics_text_read(slice_of(text), print, &out, &line, &why));
  assert_int_equal(out.length, METRICS_TEXT_LINE - 1);
  buffer_fini(&out);
}

struct sums {
  double reasons, leads;
  int32_t count;
};

static void sum(void *context, const struct metrics_sample *sample) {
  struct sums *sums = context;
  sums->count++;
  if (slice_equal(sample->name, SLICE("handover_events_rejected_total")) &&
      slice_equal(metrics_label(sample, "reason"), SLICE("no_lead")))
    sums->reasons += sample->value;
  if (slice_equal(sample->name, SLICE("handover_leads")) &&
      slice_equal(metrics_label(sample, "stage"), SLICE("a \"b\\\nc")))
    sums->leads += sample->value;
  assert_null(metrics_label(sample, "nothing").at);
}

static void test_of_a_daemon(void **state) {
  (void)state;
  struct metrics *metrics = metrics_create(2);
  struct buffer text = {0};
  struct sums sums = {0};
  int32_t line = 0;
  const char *why = "";
  metrics_reject(metrics, 0, REJECT_NO_LEAD, 3);
  metrics_reject(metrics, 1, REJECT_NO_LEAD, 4);
  metrics_stage(metrics, 1, SLICE("a \"b\\\nc"), 12);
  metrics_render(metrics, &text);
  if (!metrics_text_read((struct slice){text.at, (uint32_t)text.length}, sum, &sums, &line, &why))
    fail_msg("line %d: %s", line, why);
  assert_true(sums.count > 20);
  assert_true(sums.reasons == 7 && sums.leads == 12);
  buffer_fini(&text);
  metrics_destroy(metrics);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_samples),
      cmocka_unit_test(test_refused),
      cmocka_unit_test(test_longest),
      cmocka_unit_test(test_of_a_daemon),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
