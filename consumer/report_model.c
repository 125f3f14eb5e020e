/* report_model.c: one transaction into a file beside the one that is meant; a prepared statement a table. What fails first is noted, and
 * nothing is written after it. */
#include "report_model.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "../producer/buffer.h"
#include "replace.h"
#include "report_judge.h"

enum { VERSION_DIGITS = 18 };

enum model_table {
  PERIOD,
  UNSEEN,
  DEFINITIONS,
  STAGES,
  LEADS,
  CHANGES,
  SKIPPED,
  DUE,
  BREACHES,
  STAYS,
  HANDOVERS,
  SLAS,
  DEAD_LETTERS,
  TABLES
};

static const char *const inserts[TABLES] = {
    [PERIOD] = "INSERT INTO period VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [UNSEEN] = "INSERT INTO unseen VALUES (?, ?, ?)",
    [DEFINITIONS] = "INSERT INTO definitions VALUES (?, ?, ?, ?)",
    [STAGES] = "INSERT INTO stages VALUES (?, ?, ?, ?)",
    [LEADS] = "INSERT INTO leads VALUES (?, ?)",
    [CHANGES] = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SKIPPED] = "INSERT INTO skipped VALUES (?, ?)",
    [DUE] = "INSERT INTO due VALUES (?, ?, ?)",
    [BREACHES] = "INSERT INTO breaches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STAYS] = "INSERT INTO stays VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [HANDOVERS] = "INSERT INTO handovers VALUES (?, ?, ?, ?, ?, ?)",
    [SLAS] = "INSERT INTO slas VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [DEAD_LETTERS] = "INSERT INTO dead_letters VALUES (?, ?)",
};

struct model {
  const struct report *report;
  const struct report_log *log;
  sqlite3 *base;
  sqlite3_stmt *at[TABLES];
  int64_t stays; /* written before this lead */
  struct buffer words;
  bool failed;
};

/* --- rows --- */

/* `kinds`: a letter a value: i an int64_t, 0 one that is null where it is negative, m one that is null as MONEY_NONE, t an uint32_t, a text of the log, s a slice. Slices and
 * texts stay until the row is written. */
static void put(struct model *model, enum model_table table, const char *kinds, ...) {
  sqlite3_stmt *row = model->at[table];
  va_list values;
  if (model->failed) return;
  va_start(values, kinds);
  for (int i = 0; kinds[i]; i++) {
    if (kinds[i] == 'i' || kinds[i] == '0' || kinds[i] == 'm') {
      int64_t number = va_arg(values, int64_t);
      bool there = kinds[i] == '0' ? number >= 0 : kinds[i] == 'i' || number != MONEY_NONE;
      if (there) sqlite3_bind_int64(row, i + 1, number);
    } else {
      struct slice text =
          kinds[i] == 't' ? report_text(model->log, va_arg(values, uint32_t)) : va_arg(values, struct slice);
      if (text.at) sqlite3_bind_text(row, i + 1, text.at, (int)text.length, SQLITE_STATIC);
    }
  }
  va_end(values);
  model->failed = sqlite3_step(row) != SQLITE_DONE;
  sqlite3_reset(row);
  sqlite3_clear_bindings(row);
}

static int64_t rank_of(const struct model *model, int stage) {
  return stage == NONE ? NONE : model->report->ladder.ranks[stage];
}

/* From 1 on, in the order of the log. */
static int64_t number_of(const struct model *model, const struct report_fact *fact) {
  return fact ? fact - model->log->facts + 1 : NONE;
}

static struct slice id_of(struct model *model, const struct report_fact *fact) {
  struct slice topic = model->log->topic_order[fact->topic];
  model->words.length = 0;
  buffer_append(&model->words, topic.at, topic.length);
  buffer_printf(&model->words, "/%" PRId32 "/%" PRId64 "/%" PRIu32, fact->partition, fact->offset, fact->n);
  return (struct slice){model->words.at, (uint32_t)model->words.length};
}

/* --- facts --- */

static void put_change(struct model *model, const struct report_fact *fact) {
  const struct report_log *log = model->log;
  int64_t number = number_of(model, fact);
  put(model, CHANGES, "isiiittttttitm", number, id_of(model, fact), (int64_t)fact->lead, fact->time_ms, fact->since_ms,
      log->stages[fact->from].name, log->stages[fact->to].name, fact->move, fact->reason, fact->queue, fact->member,
      (int64_t)fact->version + 1, fact->value, fact->amount);
  for (uint64_t skipped = fact->skipped; skipped; skipped &= skipped - 1)
    put(model, SKIPPED, "ii", number, rank_of(model, __builtin_ctzll(skipped)));
  for (uint32_t i = 0; i < fact->due_count; i++) {
    const struct report_promise *promise = &log->promises[fact->due + i];
    put(model, DUE, "iti", number, log->slas[promise->sla].name, promise->by_ms);
  }
}

static void put_breach(struct model *model, const struct report_fact *fact) {
  const struct report_log *log = model->log;
  put(model, BREACHES, "isiiitttti", number_of(model, fact), id_of(model, fact), (int64_t)fact->lead, fact->time_ms,
      fact->since_ms, log->stages[fact->from].name, log->slas[fact->sla].name, fact->queue, fact->member,
      (int64_t)fact->version + 1);
}

static void put_version(struct model *model, int i) {
  const struct report_version *version = &model->log->versions[i];
  struct slice text = report_text(model->log, version->number);
  int64_t number = 0;
  uint32_t digits = 0;
  for (; digits < text.length && text.at[digits] >= '0' && text.at[digits] <= '9' && digits < VERSION_DIGITS; digits++)
    number = 10 * number + (text.at[digits] - '0');
  if (digits == text.length)
    put(model, DEFINITIONS, "iiti", (int64_t)i + 1, number, version->digest, (int64_t)version->agreed);
  else put(model, DEFINITIONS, "isti", (int64_t)i + 1, text, version->digest, (int64_t)version->agreed);
}

static void put_stages(struct model *model) {
  const struct report *report = model->report;
  for (int rank = 0; rank < report->ladder.count; rank++)
    put(model, STAGES, "isti", (int64_t)rank, report_stage_name(report, rank), report_owner(report, rank),
        (int64_t)(rank < report->ladder.rungs));
}

static void put_facts(struct model *model) {
  const struct report_log *log = model->log;
  for (int i = 0; i < log->version_count; i++) put_version(model, i);
  for (uint32_t i = 1; i < log->leads.count; i++) put(model, LEADS, "is", (int64_t)i, report_texts_at(&log->leads, i));
  for (uint32_t i = 0; i < log->fact_count && !model->failed; i++) {
    const struct report_fact *fact = &log->facts[i];
    (fact->kind == REPORT_CHANGE ? put_change : put_breach)(model, fact);
  }
  for (uint32_t i = 0; i < log->reason_count; i++)
    put(model, DEAD_LETTERS, "ti", log->reasons[i].name, (int64_t)log->reasons[i].count);
  for (uint32_t i = 0; i < log->unseen_count; i++)
    put(model, UNSEEN, "t00", log->unseen[i].topic, (int64_t)log->unseen[i].partition, log->unseen[i].first);
}

static void put_period(struct model *model, const char *by) {
  const struct report *report = model->report;
  put(model, PERIOD, "tiistiii", model->log->definition, report->from_ms, report->to_ms,
      by ? slice_of(by) : (struct slice){NULL, 0}, model->log->amount, report->bars_from_ms,
      report->bar_weeks * REPORT_WEEK_MS, (int64_t)report->ladder.inferred);
}

/* --- what they come to --- */

static void put_handover(struct model *model, const struct report_lead *lead, const struct report_stay *stay,
                         int64_t number) {
  static const char *const outcomes[] = {"accepted", "rejected", "returned", "elsewhere", "waiting"};
  const struct report *report = model->report;
  const struct report_stay *win = report_win(report, lead, stay);
  put(model, HANDOVERS, "ittts0", number, report_owner(report, report->ladder.ranks[stay->stage]), stay->in->queue,
      stay->in->member, slice_of(outcomes[report_outcome(report, stay)]), win ? number + (win - stay) : NONE);
}

struct sla_rows {
  struct model *model;
  const struct report_lead *lead;
};

static void put_sla(void *context, const struct report_sla_run *run) {
  const struct sla_rows *rows = context;
  struct model *model = rows->model;
  const struct report_sla *sla = &model->log->slas[run->sla];
  int64_t stay = run->stay ? model->stays + (run->stay - rows->lead->stays) + 1 : NONE;
  put(model, SLAS, "i0ttiitts", (int64_t)rows->lead->number, stay, model->log->stages[sla->stage].name, sla->name,
      run->since_ms, run->by_ms, run->told->queue, run->told->member,
      run->breached  ? SLICE("breached")
      : run->running ? SLICE("running")
                     : SLICE("kept"));
}

static void put_lead(void *context, const struct report_lead *lead) {
  struct model *model = context;
  struct sla_rows rows = {model, lead};
  for (size_t i = 0; i < lead->stay_count && !model->failed; i++) {
    const struct report_stay *stay = &lead->stays[i];
    int64_t number = model->stays + (int64_t)i + 1;
    put(model, STAYS, "iiii0000tm", number, (int64_t)lead->number, rank_of(model, stay->stage), stay->entered_ms,
        stay->left_ms, rank_of(model, stay->after), number_of(model, stay->in), number_of(model, stay->out),
        report_value(model->report, stay), report_amount(stay));
    if (report_is_handover(model->report, stay)) put_handover(model, lead, stay, number);
  }
  report_judge_slas(model->report, lead, put_sla, &rows);
  model->stays += (int64_t)lead->stay_count;
}

/* --- the file --- */

static bool run(struct model *model, const char *sql) {
  if (!model->failed) model->failed = sqlite3_exec(model->base, sql, NULL, NULL, NULL) != SQLITE_OK;
  return !model->failed;
}

static void open_base(struct model *model, const char *path) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  model->failed = sqlite3_open_v2(path, &model->base, flags, NULL) != SQLITE_OK;
  /* The file is nobody else's, and is thrown away where anything fails. */
  run(model,
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = "
      "-65536");
  run(model, report_model_schema);
  for (int i = 0; i < TABLES && !model->failed; i++)
    model->failed = sqlite3_prepare_v2(model->base, inserts[i], -1, &model->at[i], NULL) != SQLITE_OK;
}

static void write_base(struct model *model, const char *by) {
  put_period(model, by);
  put_stages(model);
  put_facts(model);
  if (!model->failed) report_stays_walk(model->log, put_lead, model);
  run(model, "COMMIT");
}

/* False with a sentence in `why`. */
static bool close_base(struct model *model, char *why, size_t room) {
  bool good = !model->failed;
  if (!good) snprintf(why, room, "cannot be written: %s", model->base ? sqlite3_errmsg(model->base) : "no memory");
  for (int i = 0; i < TABLES; i++) sqlite3_finalize(model->at[i]);
  if (sqlite3_close(model->base) != SQLITE_OK && good) {
    snprintf(why, room, "cannot be written");
    good = false;
  }
  buffer_fini(&model->words);
  return good;
}

bool report_model_write(const struct report *report, const char *by, const char *path, bool force, char *why,
                        size_t room) {
  struct model model = {.report = report, .log = report->log};
  struct beside beside;
  if (!beside_open(&beside, path, force && access(path, F_OK) == 0, why, room)) return false;
  open_base(&model, beside.path);
  write_base(&model, by);
  if (close_base(&model, why, room)) return beside_settle(&beside, why, room);
  beside_drop(&beside);
  return false;
}
