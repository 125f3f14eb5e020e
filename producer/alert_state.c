/* alert_state.c: the file, its tables and its statements.
 *
 *   position     how far a partition of a topic has been read
 *   delivery     by seq, the order in which they were read. state 0: to be delivered, at due_ms, which is null while an earlier one of the
 *                lead and the receiver is there; 1: given up, to be told of in the topic
 *   disabled, incident, redelivered   as alert_state.h has them
 *
 * The layout's number is SQLite's user_version, 1. Another layout: another number, and a step in `migrate` that leads from this one to it. */
#include "alert_state.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../consumer/engine/memory.h"

enum { LAYOUT = 1, BUSY_MS = 10000, PATH = 1100, APPLICATION = 0x48414C54 /* HALT: handover alert */ };

static const char schema[] =
    "CREATE TABLE position(topic TEXT, partition INTEGER, next INTEGER, PRIMARY KEY(topic, partition)) WITHOUT ROWID;"
    "CREATE TABLE delivery(seq INTEGER PRIMARY KEY AUTOINCREMENT, receiver TEXT, id TEXT UNIQUE, lead BLOB, topic "
    "TEXT, "
    "partition INTEGER, place INTEGER, holds INTEGER, action INTEGER, event BLOB, attempts INTEGER, first_ms INTEGER, "
    "due_ms INTEGER, state INTEGER, reason TEXT, detail TEXT);"
    "CREATE INDEX delivery_due ON delivery(receiver, due_ms) WHERE state = 0 AND due_ms IS NOT NULL;"
    "CREATE INDEX delivery_lead ON delivery(receiver, lead, seq) WHERE state = 0;"
    "CREATE INDEX delivery_held ON delivery(topic, partition, place) WHERE holds = 1;"
    "CREATE INDEX delivery_given_up ON delivery(seq) WHERE state = 1;"
    "CREATE TABLE disabled(receiver TEXT PRIMARY KEY, since_ms INTEGER) WITHOUT ROWID;"
    "CREATE TABLE incident(receiver TEXT, key TEXT, PRIMARY KEY(receiver, key)) WITHOUT ROWID;"
    "CREATE TABLE redelivered(topic TEXT, partition INTEGER, place INTEGER, PRIMARY KEY(topic, partition, place)) "
    "WITHOUT "
    "ROWID;"
    "PRAGMA user_version = 1; PRAGMA application_id = 1212238932;";

enum statement {
  BEGIN,
  COMMIT,
  POSITION,
  MOVE,
  HELD,
  PUT,
  DUE,
  NEXT_DUE,
  FIRST_DUE,
  LOAD,
  REMOVE,
  RELEASE,
  AGAIN,
  GIVE_UP,
  GIVE_UP_ALL,
  GIVEN_UP,
  WAITING,
  COUNT,
  RECEIVERS,
  DISABLE,
  ENABLE,
  DISABLED,
  INCIDENT_BEGIN,
  INCIDENT_END,
  REDELIVERED,
  REDELIVER,
  FORGET,
  STATEMENTS
};

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [POSITION] = "SELECT next FROM position WHERE topic = ? AND partition = ?",
    [MOVE] = "INSERT OR REPLACE INTO position VALUES(?, ?, ?)",
    [HELD] = "SELECT min(place) FROM delivery WHERE topic = ? AND partition = ? AND holds = 1",
    [PUT] =
        ("INSERT OR IGNORE INTO delivery(receiver, id, lead, topic, partition, place, holds, action, event, attempts, "
         "first_ms, due_ms, state, reason, detail) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, CASE WHEN EXISTS("
         "SELECT 1 FROM delivery WHERE receiver = ?1 AND lead = ?3 AND state = 0) THEN NULL ELSE ?10 END, 0, '', '')"),
    [DUE] =
        ("SELECT seq FROM delivery WHERE receiver = ? AND state = 0 AND due_ms IS NOT NULL AND due_ms <= ? ORDER BY "
         "due_ms, seq LIMIT ?"),
    [NEXT_DUE] =
        "SELECT min(due_ms) FROM delivery WHERE receiver = ? AND state = 0 AND due_ms IS NOT NULL AND due_ms > ?",
    [FIRST_DUE] = "SELECT min(due_ms) FROM delivery WHERE state = 0 AND due_ms IS NOT NULL",
    [LOAD] =
        ("SELECT receiver, id, lead, topic, partition, place, holds, action, event, attempts, first_ms, reason, detail "
         "FROM delivery WHERE seq = ?"),
    [REMOVE] = "DELETE FROM delivery WHERE seq = ?",
    [RELEASE] = ("UPDATE delivery SET due_ms = ?3 WHERE due_ms IS NULL AND seq = (SELECT min(seq) FROM delivery WHERE "
                 "receiver = ?1 AND lead = ?2 AND state = 0)"),
    [AGAIN] = "UPDATE delivery SET attempts = ?, first_ms = ?, due_ms = ? WHERE seq = ?",
    [GIVE_UP] =
        ("UPDATE delivery SET attempts = ?, first_ms = ?, due_ms = NULL, state = 1, reason = ?, detail = ? WHERE "
         "seq = ?"),
    [GIVE_UP_ALL] = "UPDATE delivery SET due_ms = NULL, state = 1, reason = ? WHERE receiver = ? AND state = 0",
    [GIVEN_UP] = "SELECT seq FROM delivery WHERE state = 1 AND seq > ? ORDER BY seq LIMIT ?",
    [WAITING] = "SELECT count(*) FROM delivery WHERE receiver = ? AND state = 0",
    [COUNT] = "SELECT count(*) FROM delivery",
    [RECEIVERS] = "SELECT DISTINCT receiver FROM delivery WHERE state = 0",
    [DISABLE] = "INSERT OR REPLACE INTO disabled VALUES(?, ?)",
    [ENABLE] = "DELETE FROM disabled WHERE receiver = ?",
    [DISABLED] = "SELECT 1 FROM disabled WHERE receiver = ?",
    [INCIDENT_BEGIN] = "INSERT OR IGNORE INTO incident VALUES(?, ?)",
    [INCIDENT_END] = "DELETE FROM incident WHERE receiver = ? AND key = ?",
    [REDELIVERED] = "SELECT 1 FROM redelivered WHERE topic = ? AND partition = ? AND place = ?",
    [REDELIVER] = "INSERT OR IGNORE INTO redelivered VALUES(?, ?, ?)",
    [FORGET] = "DELETE FROM redelivered WHERE topic = ? AND partition = ? AND place < ?",
};

struct alert_state {
  sqlite3 *base;
  sqlite3_stmt *at[STATEMENTS];
  int lock;
  bool failed;
  char path[PATH];
  char trouble[600];
};

/* --- statements --- */

static void note_failure(struct alert_state *state) {
  if (state->failed) return;
  state->failed = true;
  snprintf(state->trouble, sizeof state->trouble, "%.300s: %.250s", state->path,
           state->base ? sqlite3_errmsg(state->base) : "no memory");
}

static void bind_bytes(sqlite3_stmt *row, int column, struct slice bytes) {
  if (bytes.length > 0) sqlite3_bind_blob(row, column, bytes.at, (int)bytes.length, SQLITE_STATIC);
  else sqlite3_bind_zeroblob(row, column, 0);
}

/* `kinds`: a letter a value: i an int64_t, s a text, b a struct slice; they stay until the row has been stepped over. NULL: SQLite is of no
 * use any more. */
static sqlite3_stmt *bind(struct alert_state *state, enum statement which, const char *kinds, va_list values) {
  sqlite3_stmt *row = state->at[which];
  if (state->failed) return NULL;
  for (int i = 0; kinds[i]; i++) {
    if (kinds[i] == 'i') sqlite3_bind_int64(row, i + 1, va_arg(values, int64_t));
    if (kinds[i] == 's') sqlite3_bind_text(row, i + 1, va_arg(values, const char *), -1, SQLITE_STATIC);
    if (kinds[i] == 'b') bind_bytes(row, i + 1, va_arg(values, struct slice));
  }
  return row;
}

/* The next row of a statement? */
static bool step(struct alert_state *state, enum statement which) {
  int code = state->failed ? SQLITE_DONE : sqlite3_step(state->at[which]);
  if (code != SQLITE_ROW && code != SQLITE_DONE) note_failure(state);
  return code == SQLITE_ROW;
}

static void reset(struct alert_state *state, enum statement which) {
  sqlite3_reset(state->at[which]);
  sqlite3_clear_bindings(state->at[which]);
}

/* One that gives nothing back. How many rows it changed. */
static int run(struct alert_state *state, enum statement which, const char *kinds, ...) {
  va_list values;
  va_start(values, kinds);
  bool good = bind(state, which, kinds, values) != NULL;
  va_end(values);
  if (!good) return 0;
  step(state, which);
  reset(state, which);
  return state->failed ? 0 : sqlite3_changes(state->base);
}

/* One that gives one number; `none` where it gives none, or null. */
static int64_t ask(struct alert_state *state, enum statement which, int64_t none, const char *kinds, ...) {
  va_list values;
  int64_t number = none;
  va_start(values, kinds);
  bool good = bind(state, which, kinds, values) != NULL;
  va_end(values);
  if (!good) return none;
  if (step(state, which) && sqlite3_column_type(state->at[which], 0) != SQLITE_NULL)
    number = sqlite3_column_int64(state->at[which], 0);
  reset(state, which);
  return number;
}

/* One that gives up to `room` numbers. */
static int32_t list(struct alert_state *state, enum statement which, int64_t *numbers, int32_t room, const char *kinds,
                    ...) {
  va_list values;
  int32_t count = 0;
  va_start(values, kinds);
  bool good = bind(state, which, kinds, values) != NULL;
  va_end(values);
  if (!good) return 0;
  while (count < room && step(state, which)) numbers[count++] = sqlite3_column_int64(state->at[which], 0);
  reset(state, which);
  return count;
}

/* --- the file --- */

static bool execute(struct alert_state *state, const char *text) {
  if (!state->failed && sqlite3_exec(state->base, text, NULL, NULL, NULL) != SQLITE_OK) note_failure(state);
  return !state->failed;
}

static int64_t pragma(struct alert_state *state, const char *text) {
  sqlite3_stmt *row = NULL;
  int64_t number = -1;
  if (!state->failed && sqlite3_prepare_v2(state->base, text, -1, &row, NULL) != SQLITE_OK) note_failure(state);
  if (row && sqlite3_step(row) == SQLITE_ROW) number = sqlite3_column_int64(row, 0);
  sqlite3_finalize(row);
  return number;
}

static void refuse(struct alert_state *state, const char *why) {
  if (!state->failed) snprintf(state->trouble, sizeof state->trouble, "%.300s: %s", state->path, why);
  state->failed = true;
}

/* A file that is new is laid out; one that is there must be ours. */
static void migrate(struct alert_state *state) {
  if (!execute(state, "BEGIN IMMEDIATE")) return;
  int64_t layout = pragma(state, "PRAGMA user_version"), application = pragma(state, "PRAGMA application_id");
  if (layout == 0 && pragma(state, "SELECT count(*) FROM sqlite_schema") == 0) {
    execute(state, schema);
  } else if (application != APPLICATION) {
    refuse(state, "is a database, but not of handover alert");
  } else if (layout != LAYOUT) {
    refuse(state, "has a layout that this version does not know");
  }
  if (!state->failed) execute(state, "COMMIT");
}

/* Made by us, for nobody else to read: events hold personal data. */
static void make_private(struct alert_state *state) {
  int descriptor = open(state->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) refuse(state, strerror(errno));
  else close(descriptor);
}

static void open_base(struct alert_state *state) {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  make_private(state);
  if (!state->failed && sqlite3_open_v2(state->path, &state->base, flags, NULL) != SQLITE_OK) note_failure(state);
  if (state->base) sqlite3_busy_timeout(state->base, BUSY_MS);
  execute(state, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  if (!state->failed) migrate(state);
  for (int i = 0; i < STATEMENTS && !state->failed; i++) {
    if (sqlite3_prepare_v3(state->base, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &state->at[i], NULL) != SQLITE_OK)
      note_failure(state);
  }
}

struct alert_state *alert_state_open(const char *path, char *why, size_t room) {
  struct alert_state *state = memory_zeroed(1, sizeof *state);
  snprintf(state->path, sizeof state->path, "%s", path);
  state->lock = -1;
  open_base(state);
  if (!state->failed) return state;
  snprintf(why, room, "%s", state->trouble);
  alert_state_close(state);
  return NULL;
}

void alert_state_close(struct alert_state *state) {
  if (!state) return;
  for (int i = 0; i < STATEMENTS; i++) sqlite3_finalize(state->at[i]);
  sqlite3_close(state->base);
  if (state->lock >= 0) close(state->lock);
  memory_free(state);
}

bool alert_state_lock(struct alert_state *state) {
  char path[PATH + 8];
  snprintf(path, sizeof path, "%s.lock", state->path);
  state->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  return state->lock >= 0 && flock(state->lock, LOCK_EX | LOCK_NB) == 0;
}

const char *alert_state_trouble(const struct alert_state *state) { return state->failed ? state->trouble : NULL; }

void alert_state_begin(struct alert_state *state) { run(state, BEGIN, ""); }
void alert_state_end(struct alert_state *state) { run(state, COMMIT, ""); }

/* --- positions --- */

int64_t alert_state_position(struct alert_state *state, const char *topic, int32_t partition) {
  return ask(state, POSITION, -1, "si", topic, (int64_t)partition);
}

void alert_state_move(struct alert_state *state, const char *topic, int32_t partition, int64_t next) {
  run(state, MOVE, "sii", topic, (int64_t)partition, next);
}

int64_t alert_state_held(struct alert_state *state, const char *topic, int32_t partition) {
  return ask(state, HELD, -1, "si", topic, (int64_t)partition);
}

/* --- deliveries --- */

void alert_state_put(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms) {
  run(state, PUT, "ssbsiiiibi", delivery->receiver, delivery->id, delivery->lead, delivery->topic,
      (int64_t)delivery->partition, delivery->offset, (int64_t)delivery->holds, (int64_t)delivery->action,
      delivery->event, now_ms);
}

int32_t alert_state_due(struct alert_state *state, const char *receiver, int64_t now_ms, int64_t *seqs, int32_t room,
                        int64_t *next_ms) {
  *next_ms = ask(state, NEXT_DUE, INT64_MAX, "si", receiver, now_ms);
  return list(state, DUE, seqs, room, "sii", receiver, now_ms, (int64_t)room);
}

static char *column_text(sqlite3_stmt *row, int column) {
  const unsigned char *text = sqlite3_column_text(row, column);
  return memory_text(text ? (const char *)text : "");
}

static struct slice column_bytes(sqlite3_stmt *row, int column) {
  const void *bytes = sqlite3_column_blob(row, column);
  int length = sqlite3_column_bytes(row, column);
  char *copy = memory_zeroed(1, (size_t)length + 1);
  if (length > 0) memcpy(copy, bytes, (size_t)length);
  return (struct slice){copy, (uint32_t)length};
}

struct alert_delivery *alert_state_load(struct alert_state *state, int64_t seq) {
  sqlite3_stmt *row = state->at[LOAD];
  if (state->failed) return NULL;
  sqlite3_bind_int64(row, 1, seq);
  struct alert_delivery *delivery = NULL;
  if (step(state, LOAD)) {
    delivery = memory_zeroed(1, sizeof *delivery);
    *delivery = (struct alert_delivery){.seq = seq,
                                        .receiver = column_text(row, 0),
                                        .id = column_text(row, 1),
                                        .lead = column_bytes(row, 2),
                                        .topic = column_text(row, 3),
                                        .partition = sqlite3_column_int(row, 4),
                                        .offset = sqlite3_column_int64(row, 5),
                                        .holds = sqlite3_column_int(row, 6),
                                        .action = (enum alert_action)sqlite3_column_int(row, 7),
                                        .event = column_bytes(row, 8),
                                        .attempts = sqlite3_column_int(row, 9),
                                        .first_ms = sqlite3_column_int64(row, 10),
                                        .reason = column_text(row, 11),
                                        .detail = column_text(row, 12)};
  }
  reset(state, LOAD);
  return delivery;
}

void alert_delivery_free(struct alert_delivery *delivery) {
  if (!delivery) return;
  const char *const texts_of[] = {delivery->receiver, delivery->id,       delivery->topic,  delivery->reason,
                                  delivery->detail,   delivery->event.at, delivery->lead.at};
  for (size_t i = 0; i < sizeof texts_of / sizeof *texts_of; i++) memory_free((void *)(uintptr_t)texts_of[i]);
  memory_free(delivery);
}

/* The next one of the lead has its turn. */
static void release(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms) {
  run(state, RELEASE, "sbi", delivery->receiver, delivery->lead, now_ms);
}

void alert_state_done(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms) {
  run(state, REMOVE, "i", delivery->seq);
  release(state, delivery, now_ms);
}

static int64_t first_of(const struct alert_delivery *delivery, int64_t now_ms) {
  return delivery->first_ms ? delivery->first_ms : now_ms;
}

void alert_state_again(struct alert_state *state, const struct alert_delivery *delivery, int64_t now_ms,
                       int64_t due_ms) {
  run(state, AGAIN, "iiii", (int64_t)delivery->attempts + 1, first_of(delivery, now_ms), due_ms, delivery->seq);
}

void alert_state_give_up(struct alert_state *state, const struct alert_delivery *delivery, const char *reason,
                         const char *detail, int64_t now_ms) {
  run(state, GIVE_UP, "iissi", (int64_t)delivery->attempts + 1, first_of(delivery, now_ms), reason, detail,
      delivery->seq);
  release(state, delivery, now_ms);
}

void alert_state_give_up_all(struct alert_state *state, const char *receiver, const char *reason) {
  run(state, GIVE_UP_ALL, "ss", reason, receiver);
}

int32_t alert_state_given_up(struct alert_state *state, int64_t after, int64_t *seqs, int32_t room) {
  return list(state, GIVEN_UP, seqs, room, "ii", after, (int64_t)room);
}

void alert_state_told(struct alert_state *state, int64_t seq) { run(state, REMOVE, "i", seq); }

int64_t alert_state_first_due(struct alert_state *state) { return ask(state, FIRST_DUE, INT64_MAX, ""); }

int64_t alert_state_waiting(struct alert_state *state, const char *receiver) {
  return ask(state, WAITING, 0, "s", receiver);
}

int64_t alert_state_count(struct alert_state *state) { return ask(state, COUNT, 0, ""); }

void alert_state_receivers(struct alert_state *state, void (*each)(void *context, const char *receiver),
                           void *context) {
  while (step(state, RECEIVERS)) {
    char *name = column_text(state->at[RECEIVERS], 0);
    each(context, name);
    memory_free(name);
  }
  reset(state, RECEIVERS);
}

/* --- the rest --- */

void alert_state_disable(struct alert_state *state, const char *receiver, bool disabled, int64_t now_ms) {
  if (disabled) run(state, DISABLE, "si", receiver, now_ms);
  else run(state, ENABLE, "s", receiver);
}

bool alert_state_disabled(struct alert_state *state, const char *receiver) {
  return ask(state, DISABLED, 0, "s", receiver) == 1;
}

bool alert_state_incident_begin(struct alert_state *state, const char *receiver, const char *key) {
  return run(state, INCIDENT_BEGIN, "ss", receiver, key) > 0;
}

bool alert_state_incident_end(struct alert_state *state, const char *receiver, const char *key) {
  return run(state, INCIDENT_END, "ss", receiver, key) > 0;
}

bool alert_state_redelivered(struct alert_state *state, const char *topic, int32_t partition, int64_t offset) {
  return ask(state, REDELIVERED, 0, "sii", topic, (int64_t)partition, offset) == 1;
}

void alert_state_redeliver(struct alert_state *state, const char *topic, int32_t partition, int64_t offset) {
  run(state, REDELIVER, "sii", topic, (int64_t)partition, offset);
}

void alert_state_redelivered_forget(struct alert_state *state, const char *topic, int32_t partition, int64_t begin) {
  run(state, FORGET, "sii", topic, (int64_t)partition, begin);
}
