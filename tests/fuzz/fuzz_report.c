/* fuzz_report.c: published events of a report, on every text, line by line: whatever is taken, the figures add up, and text, JSON and page
 * can be written; the JSON is JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/report_print.h"

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_report.c:%d: not so: %s\n", line, condition);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A line of its own: what reads beyond is caught. */
static void take_line(struct report_log *log, const uint8_t *line, size_t length) {
  char why[REPORT_WHY] = "", *copy = malloc(length ? length : 1);
  if (!copy) abort();
  if (length) memcpy(copy, line, length);
  CHECK(report_log_take(log, (struct slice){copy, (uint32_t)length}, why) || *why);
  free(copy);
}

static void take_lines(struct report_log *log, const uint8_t *data, size_t size) {
  for (const uint8_t *end = data + size; data < end;) {
    const uint8_t *stop = memchr(data, '\n', (size_t)(end - data));
    if (!stop) stop = end;
    take_line(log, data, (size_t)(stop - data));
    data = stop + (stop < end);
  }
}

static void print_all(const struct report *report) {
  struct buffer out = {0};
  size_t at;
  const char *why;
  report_print_json(report, "x", &out);
  CHECK(json_valid(out.at, out.length, &at, &why));
  out.length = 0;
  report_print_text(report, "x", &out);
  report_print_html(report, "x", &out);
  buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const enum report_by ways[] = {REPORT_BY_NOTHING, REPORT_BY_OWNER,   REPORT_BY_MEMBER,
                                        REPORT_BY_QUEUE,   REPORT_BY_VERSION, REPORT_BY_ATTRIBUTE};
  struct report_log *log = report_log_create(ways[size % (sizeof ways / sizeof *ways)], SLICE("s"), SLICE("n"));
  char why[REPORT_WHY];
  take_lines(log, data, size);
  /* Half of the time only the later half is looked at. */
  int64_t middle_ms = log->first_ms == TIME_NONE ? 0 : log->first_ms + (log->last_ms - log->first_ms) / 2;
  struct report_request request = {size % 2 ? middle_ms : TIME_NONE, TIME_NONE, NULL};
  struct report *report = report_create(log, &request, why);
  CHECK(report);
  CHECK(report->conserved);
  print_all(report);
  report_destroy(report);
  report_log_destroy(log);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "report", .count = 20000};
  return standalone_run(&run, argc, argv);
}
#endif
