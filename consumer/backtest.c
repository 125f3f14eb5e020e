/* backtest.c: the log goes through a panel a partition, and what comes of it into the ledger. */
#include "backtest.h"

#include <stdio.h>

#include "engine/memory.h"
#include "inputs_kafka.h"

enum { STATUS_OK = 0 };

static const char command[] = "backtest";

const char *const backtest_hows[HOW_COUNT] = {"same", "earlier", "later", "new", "gone"};

/* The partition whose records are applied, for the callbacks of its panel. */
struct run {
  struct backtest *backtest;
  struct panel_user user;
  struct backtest_partition *now;
};

static void on_change(void *context, int32_t which, const struct change *change) {
  const struct run *run = context;
  uint32_t lead = 0;
  bool found = task_number(panel_task(run->now->panel), change->lead, &lead);
  if (found) ledger_change(&run->backtest->ledger, &run->now->leads, which, lead, change);
}

static void on_event(void *context, uint32_t lead, const struct event *event) {
  const struct run *run = context;
  ledger_event(&run->backtest->ledger, &run->now->leads, lead, event);
}

static struct backtest_partition *partition_add(struct run *run, int32_t partition, int32_t at) {
  struct backtest *b = run->backtest;
  const struct log_order *log = &b->order->log;
  size_t behind = (size_t)(b->partition_count - at);
  b->partitions = memory_grown(b->partitions, ((size_t)b->partition_count + 1) * sizeof *b->partitions);
  memmove(&b->partitions[at + 1], &b->partitions[at], behind * sizeof *b->partitions);
  b->partition_count++;
  b->partitions[at] = (struct backtest_partition){
      panel_create(partition, log->definitions, log->definition_count, &run->user, log->event_bytes_max),
      {.partition = partition}};
  return &b->partitions[at];
}

static struct backtest_partition *partition_for(struct run *run, int32_t partition) {
  const struct backtest *b = run->backtest;
  int32_t low = 0, high = b->partition_count;
  while (low < high) {
    int32_t middle = low + (high - low) / 2;
    if (b->partitions[middle].leads.partition < partition) low = middle + 1;
    else high = middle;
  }
  if (low < b->partition_count && b->partitions[low].leads.partition == partition) return &b->partitions[low];
  return partition_add(run, partition, low);
}

/* Each run of one partition at once. */
static void on_records(void *context, const struct record *records, int32_t count) {
  struct run *run = context;
  for (int32_t from = 0, to; from < count; from = to) {
    int32_t partition = records[from].position.partition;
    for (to = from + 1; to < count && records[to].position.partition == partition;) to++;
    run->now = partition_for(run, partition);
    panel_apply(run->now->panel, records + from, to - from);
  }
}

static void mark_all(struct run *run) {
  struct backtest *b = run->backtest;
  for (int32_t i = 0; i < b->partition_count; i++) {
    run->now = &b->partitions[i];
    panel_mark(run->now->panel, b->order->log.until_ms);
  }
}

static void on_cut(void *context, struct slice topic, int32_t partition, int64_t first) {
  struct backtest *b = ((struct run *)context)->backtest;
  b->cuts = memory_grown(b->cuts, ((size_t)b->cut_count + 1) * sizeof *b->cuts);
  b->cuts[b->cut_count++] = (struct backtest_cut){topic, partition, first};
}

static int read_kafka(struct run *run) {
  const struct backtest_order *order = run->backtest->order;
  struct inputs_user user = {command, order->log.definitions[BACKTEST_NEW], run, on_records, on_cut};
  return inputs_kafka_read(order->settings, &user);
}

static int read_files(struct run *run) {
  struct reading_user user = {.command = command, .context = run, .records = on_records};
  struct reading *reading = reading_create(&run->backtest->order->log, &user);
  int status = reading_run(reading);
  reading_destroy(reading);
  return status;
}

int backtest_run(struct backtest *backtest, const struct backtest_order *order) {
  struct run run = {.backtest = backtest, .user = {&run, on_change, on_event}};
  *backtest = (struct backtest){.order = order};
  ledger_begin(&backtest->ledger, order->log.definitions, order->handovers, order->log.definition_count,
               order->outcome);
  int status = order->settings ? read_kafka(&run) : read_files(&run);
  if (status == STATUS_OK && order->log.until_ms != TIME_NONE) mark_all(&run);
  if (status == STATUS_OK) backtest_reckon(backtest);
  return status;
}

void backtest_fini(struct backtest *backtest) {
  for (int32_t i = 0; i < backtest->partition_count; i++) {
    panel_destroy(backtest->partitions[i].panel);
    ledger_leads_fini(&backtest->partitions[i].leads);
  }
  memory_free(backtest->partitions);
  memory_free(backtest->sides);
  memory_free(backtest->cuts);
  for (int32_t i = 0; i < BACKTEST_PAIR; i++) memory_free(backtest->signs[i]);
  ledger_end(&backtest->ledger);
  *backtest = (struct backtest){0};
}
