/* summary.c: counts by version and index; names are put together when it is printed, those of all versions under one name. */
#include "summary.h"

#include <assert.h>
#include <inttypes.h>

#include "engine/memory.h"

enum { WIDTH = 44, LABEL = 3 * LIMIT_TEXT };

struct summary_version {
  const struct definition *definition;
  uint64_t changes[LIMIT_STAGES][LIMIT_STAGES]; /* from, to */
  uint64_t breaches[LIMIT_SLAS];
};

struct row {
  struct slice from, to; /* an SLA: its name, and nothing */
  uint64_t count;
};

struct rows {
  struct row *at;
  int32_t count, room;
};

void summary_init(struct summary *summary, const struct definition *const *definitions, int32_t count) {
  *summary = (struct summary){.version_count = count};
  summary->versions = memory_zeroed((size_t)count, sizeof *summary->versions);
  for (int32_t i = 0; i < count; i++) summary->versions[i].definition = definitions[i];
}

void summary_fini(struct summary *summary) {
  memory_free(summary->versions);
  *summary = (struct summary){0};
}

void summary_change(struct summary *summary, const struct change *change) {
  struct summary_version *version = summary->versions;
  while (version->definition->version != change->definition->version) {
    version++;
    assert(version < summary->versions + summary->version_count);
  }
  if (change->type == CHANGE_BREACH) {
    version->breaches[change->sla]++;
  } else {
    version->changes[change->from][change->to]++;
  }
}

void summary_lane(struct summary *summary, struct lane *lane) {
  const struct lane_counts *counts = lane_counts(lane);
  const struct task_counts *task = task_counts(lane_task(lane));
  for (int reject = 1; reject < REJECT_COUNT; reject++) summary->rejects[reject] += counts->rejects[reject];
  summary->partitions++;
  summary->events += task->events;
  summary->duplicates += task->duplicates;
  summary->ignored_attributes += task->ignored_attributes;
  summary->leads += task_lead_count(lane_task(lane));
}

uint64_t summary_dead_letters(const struct summary *summary) {
  uint64_t sum = 0;
  for (int reject = 1; reject < REJECT_COUNT; reject++) sum += summary->rejects[reject];
  return sum;
}

void summary_print_reasons(const struct summary *summary, FILE *file) {
  const char *separator = "";
  for (int reject = 1; reject < REJECT_COUNT; reject++) {
    if (summary->rejects[reject] == 0) continue;
    fprintf(file, "%s%s %" PRIu64, separator, reject_name((enum reject)reject), summary->rejects[reject]);
    separator = ", ";
  }
}

/* Rows */

static void rows_add(struct rows *rows, struct slice from, struct slice to, uint64_t count) {
  if (count == 0) return;
  for (int32_t i = 0; i < rows->count; i++) {
    if (!slice_equal(rows->at[i].from, from) || !slice_equal(rows->at[i].to, to)) continue;
    rows->at[i].count += count;
    return;
  }
  if (rows->count == rows->room) {
    rows->room = rows->room ? rows->room * 2 : 64;
    rows->at = memory_grown(rows->at, (size_t)rows->room * sizeof *rows->at);
  }
  rows->at[rows->count++] = (struct row){from, to, count};
}

static uint64_t rows_sum(const struct rows *rows) {
  uint64_t sum = 0;
  for (int32_t i = 0; i < rows->count; i++) sum += rows->at[i].count;
  return sum;
}

static struct rows changes_of(const struct summary *summary) {
  struct rows rows = {0};
  for (int32_t i = 0; i < summary->version_count; i++) {
    const struct definition *definition = summary->versions[i].definition;
    for (int32_t from = 0; from < definition->stage_count; from++) {
      for (int32_t to = 0; to < definition->stage_count; to++) {
        rows_add(&rows, definition->stages[from].name, definition->stages[to].name,
                 summary->versions[i].changes[from][to]);
      }
    }
  }
  return rows;
}

static struct rows breaches_of(const struct summary *summary) {
  struct rows rows = {0};
  for (int32_t i = 0; i < summary->version_count; i++) {
    const struct definition *definition = summary->versions[i].definition;
    for (int32_t sla = 0; sla < definition->sla_count; sla++)
      rows_add(&rows, definition->slas[sla].name, (struct slice){NULL, 0}, summary->versions[i].breaches[sla]);
  }
  return rows;
}

/* Printing */

/* Names may hold anything: control characters must not reach a terminal. */
static void label_append(char *label, size_t *length, struct slice name) {
  for (uint32_t i = 0; i < name.length && *length < LABEL - 1; i++) {
    unsigned char byte = (unsigned char)name.at[i];
    label[(*length)++] = (char)(byte < 0x20 || byte == 0x7F ? '?' : byte);
  }
  label[*length] = 0;
}

static int columns(const char *text) {
  int count = 0;
  for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
  return count;
}

static void line(FILE *file, int indent, const char *label, uint64_t number) {
  int gap = WIDTH - indent - columns(label);
  fprintf(file, "%*s%s%*s%14" PRIu64 "\n", indent, "", label, gap > 0 ? gap : 0, "", number);
}

static void print_rows(FILE *file, const char *title, struct rows *rows) {
  line(file, 0, title, rows_sum(rows));
  for (int32_t i = 0; i < rows->count; i++) {
    char label[LABEL];
    size_t length = 0;
    label_append(label, &length, rows->at[i].from);
    if (rows->at[i].to.at) {
      label_append(label, &length, SLICE(" \u2192 "));
      label_append(label, &length, rows->at[i].to);
    }
    line(file, 2, label, rows->at[i].count);
  }
  memory_free(rows->at);
}

static void print_left(const struct summary *summary, FILE *file) {
  static const char *const labels[LEFT_COUNT] = {"before the journal", "behind the journal",
                                                 "of partitions that differ"};
  uint64_t sum = 0;
  for (int i = 0; i < LEFT_COUNT; i++) sum += summary->left[i];
  line(file, 2, "not replayed", sum);
  for (int i = 0; i < LEFT_COUNT; i++) {
    if (summary->left[i]) line(file, 4, labels[i], summary->left[i]);
  }
  line(file, 0, "journal records that fit", summary->journal_records);
  line(file, 0, "most records kept for later", summary->kept_most);
}

void summary_print(const struct summary *summary, FILE *file) {
  double seconds = (double)summary->elapsed_ns / 1e9;
  struct rows changes = changes_of(summary), breaches = breaches_of(summary);
  line(file, 0, "lines", summary->lines);
  line(file, 2, "events", summary->events);
  line(file, 4, "of them duplicates", summary->duplicates);
  line(file, 2, "dead letters", summary_dead_letters(summary));
  for (int reject = 1; reject < REJECT_COUNT; reject++) {
    if (summary->rejects[reject]) line(file, 4, reject_name((enum reject)reject), summary->rejects[reject]);
  }
  line(file, 2, "empty", summary->empty);
  if (summary->journal) print_left(summary, file);
  if (summary->ignored_attributes)
    line(file, 0, "attribute values of another type, ignored", summary->ignored_attributes);
  line(file, 0, "partitions", summary->partitions);
  line(file, 0, "leads", summary->leads);
  print_rows(file, "changes", &changes);
  print_rows(file, "SLA breaches", &breaches);
  fprintf(file, "%-*s%14.3f\n", WIDTH, "seconds", seconds);
  line(file, 0, "events/s", seconds > 0 ? (uint64_t)((double)summary->events / seconds) : 0);
}
