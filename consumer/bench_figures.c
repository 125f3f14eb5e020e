/* bench_figures.c: values gathered figure by figure; minimum, median and maximum of them. May use: json_write.h, report_sheet.h. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../producer/json_write.h"
#include "bench.h"
#include "report_sheet.h"

#ifndef HANDOVER_VERSION
#define HANDOVER_VERSION "unversioned"
#endif

void bench_note(struct bench *bench, const char *row, const char *name, double value) {
  struct bench_figure *figure = bench->figures, *end = figure + bench->figure_count;
  while (figure < end && (strcmp(figure->row, row) != 0 || strcmp(figure->name, name) != 0)) figure++;
  if (figure == end) {
    assert(bench->figure_count < BENCH_FIGURES);
    bench->figure_count++;
    snprintf(figure->row, sizeof figure->row, "%s", row);
    figure->name = name;
  }
  assert(figure->count < BENCH_REPEATS);
  figure->values[figure->count++] = value;
}

void bench_note_use(struct bench *bench, const char *row, uint64_t events, const struct child_use *use) {
  bench_note(bench, row, "cpu_s_per_million", use->cpu_s / (double)events * 1e6);
  bench_note(bench, row, "events_per_s", use->wall_s > 0 ? (double)events / use->wall_s : 0);
  if (use->rss_mb > 0) bench_note(bench, row, "rss_mb", use->rss_mb);
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

void bench_sort(double *values, size_t count) { qsort(values, count, sizeof *values, by_value); }

double bench_rank(const double *sorted, size_t count, size_t of_thousand) {
  size_t at = (count * of_thousand + 999) / 1000;
  return sorted[at > 0 ? at - 1 : 0];
}

struct spread {
  double least, median, most;
};

static struct spread spread_of(const struct bench_figure *figure) {
  double sorted[BENCH_REPEATS];
  size_t count = (size_t)figure->count;
  memcpy(sorted, figure->values, count * sizeof *sorted);
  bench_sort(sorted, count);
  return (struct spread){bench_rank(sorted, count, 0), bench_rank(sorted, count, 500), bench_rank(sorted, count, 1000)};
}

static void write_number(struct sheet *sheet, double number) {
  struct buffer words = {0};
  buffer_printf(&words, number >= 1000 ? "%.0f" : "%.3f", number);
  sheet_cell(sheet, &words);
}

void bench_print_text(const struct bench *bench, struct buffer *out) {
  static const struct sheet_head once[] = {{"", "row"}, {"figure", "figure"}, {"value", "value"}};
  static const struct sheet_head often[] = {
      {"", "row"}, {"figure", "figure"}, {"minimum", "minimum"}, {"median", "median"}, {"maximum", "maximum"}};
  struct sheet sheet = {.out = out};
  bool repeated = bench->repeat > 1;
  sheet_table(&sheet, (struct sheet_table){.name = "figures", .columns = repeated ? 5 : 3, .names = 2});
  sheet_heads(&sheet, repeated ? often : once, repeated ? 5 : 3);
  for (int32_t i = 0; i < bench->figure_count; i++) {
    const struct bench_figure *figure = &bench->figures[i];
    struct spread spread = spread_of(figure);
    bool same = i > 0 && strcmp(figure->row, figure[-1].row) == 0;
    sheet_name(&sheet, slice_of(same ? "" : figure->row));
    sheet_name(&sheet, slice_of(figure->name));
    write_number(&sheet, spread.least);
    if (repeated) write_number(&sheet, spread.median);
    if (repeated) write_number(&sheet, spread.most);
  }
  sheet_end(&sheet);
}

static void write_member(struct buffer *out, const char *name, double number) {
  json_member(out, name);
  buffer_printf(out, "%.6f", number);
}

static void write_figure(struct buffer *out, const struct bench_figure *figure) {
  struct spread spread = spread_of(figure);
  json_open(out, NULL, "{");
  json_write_text(out, "row", slice_of(figure->row));
  json_write_text(out, "figure", slice_of(figure->name));
  write_member(out, "min", spread.least);
  write_member(out, "median", spread.median);
  write_member(out, "max", spread.most);
  json_open(out, "values", "[");
  for (int32_t i = 0; i < figure->count; i++) buffer_printf(out, "%s%.6f", i ? "," : "", figure->values[i]);
  json_close(out, "]");
  json_close(out, "}");
}

void bench_print_json(const struct bench *bench, struct buffer *out) {
  json_open(out, NULL, "{");
  json_write_text(out, "what", slice_of(bench->what));
  json_write_text(out, "version", slice_of(HANDOVER_VERSION));
  json_write_count(out, "events", bench->load.events);
  json_write_count(out, "leads", bench->load.leads);
  json_write_count(out, "days", bench->load.days);
  json_write_count(out, "seed", bench->load.seed);
  json_write_flag(out, "uniform", bench->load.uniform);
  json_write_count(out, "repeat", bench->repeat);
  json_open(out, "figures", "[");
  for (int32_t i = 0; i < bench->figure_count; i++) write_figure(out, &bench->figures[i]);
  json_close(out, "]");
  json_close(out, "}");
  buffer_append_text(out, "\n");
}
