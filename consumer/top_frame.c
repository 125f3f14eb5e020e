/* top_frame.c: panes are gathered line by line, then put beside or below each other. */
#include "top_frame.h"

#include <inttypes.h>
#include <stdio.h>

#include "../producer/encode.h"
#include "engine/memory.h"
#include "report_words.h"
#include "tap.h"
#include "terminal.h"

enum {
  WIDE = 76,
  GAP = 3,
  PANE_LINES = 64,
  COLUMNS_LEAST = 20,
  COLUMNS_MOST = 500,
  FULL_LAG = 10, /* lines where there are no rows to fit in */
  FULL_SLAS = 10,
  FULL_CHANGES = 10,
  ROWS = 24,        /* of a usual screen */
  LAG_FIGURES = 19, /* columns */
  WITH_OWNER = 50,  /* columns of a pane from which on SLAs have their team, too */
};

#define BOLD "1"
#define DIM "2"
#define RED "1;31"
#define YELLOW "33"
#define PLAIN "0"

struct pane {
  struct buffer lines[PANE_LINES]; /* without LF; each at most `columns` wide */
  int count, columns;
  bool colour;
};

struct frame {
  const struct top_view *view;
  struct buffer *out;
  int columns, rows, used; /* rows 0: as many as it takes */
  bool colour;
};

/* --- panes --- */

static struct terminal line(struct pane *pane) {
  int at = pane->count < PANE_LINES ? pane->count++ : PANE_LINES - 1;
  pane->lines[at].length = 0;
  return (struct terminal){.buffer = &pane->lines[at], .colour = pane->colour};
}

static void text(struct pane *pane, struct terminal *to, struct slice slice, const char *style) {
  int room = pane->columns - to->column;
  if (room <= 0) return;
  terminal_style(to, style);
  terminal_text(to, slice, room);
  terminal_plain(to);
}

static struct slice words_of(const struct buffer *words) { return (struct slice){words->at, (uint32_t)words->length}; }

/* A name at the left, figures at the right; the name gives way. */
static void row(struct pane *pane, struct slice name, const struct buffer *figures, const char *style) {
  struct terminal to = line(pane);
  int wide = terminal_columns(words_of(figures)), room = pane->columns - wide - 1;
  terminal_style(&to, style);
  if (room > 0) terminal_text(&to, name, room);
  while (wide > 0 && to.column < pane->columns - wide) terminal_text(&to, SLICE(" "), 1);
  terminal_text(&to, words_of(figures), pane->columns);
  terminal_plain(&to);
}

static void title(struct pane *pane, const char *name, const char *figures) {
  struct buffer words = {0};
  buffer_append_text(&words, figures);
  row(pane, slice_of(name), &words, BOLD);
  buffer_fini(&words);
}

static void pane_fini(struct pane *pane) {
  for (int i = 0; i < PANE_LINES; i++) buffer_fini(&pane->lines[i]);
  memory_free(pane);
}

static struct pane *pane_create(const struct frame *frame, int columns) {
  struct pane *pane = memory_zeroed(1, sizeof *pane);
  pane->columns = columns;
  pane->colour = frame->colour;
  return pane;
}

/* --- figures --- */

/* "1234", "123.4k", "5.6M" */
static void count(struct buffer *words, double value, int width) {
  static const char units[] = "kMGT";
  char number[32];
  int unit = -1;
  if (value < 0) value = 0;
  for (; value >= 99999.5 && unit < 3; unit++) value /= 1000;
  if (unit < 0) snprintf(number, sizeof number, "%.0f", value);
  else snprintf(number, sizeof number, "%.1f%c", value > 999999 ? 999999 : value, units[unit]);
  buffer_printf(words, "%*s", width, number);
}

static void rate(struct buffer *words, const struct top_daemons *daemons, double value) {
  if (!daemons->has_rates) {
    buffer_append_text(words, "\u2013");
  } else if (value < 100) {
    buffer_printf(words, "%.1f/s", value);
  } else {
    count(words, value, 0);
    buffer_append_text(words, "/s");
  }
}

static void megabytes(struct buffer *words, double bytes) {
  if (bytes < 1e9) buffer_printf(words, "%.0f MB", bytes / 1e6);
  else buffer_printf(words, "%.1f GB", bytes < 1e15 ? bytes / 1e9 : 1e6);
}

/* "12s ago", "in 3h 5m" */
static void distance(struct buffer *words, int64_t from_ms, int64_t to_ms) {
  if (to_ms > from_ms) buffer_append_text(words, "in ");
  report_duration(words, to_ms > from_ms ? to_ms - from_ms : from_ms - to_ms);
  if (to_ms <= from_ms) buffer_append_text(words, " ago");
}

/* --- the head --- */

struct flow { /* words one behind the other, broken between them where a line is full */
  struct pane *pane;
  struct terminal to;
  bool begun;
};

static void flow_add(struct flow *flow, struct buffer *words, const char *style) {
  int wide = terminal_columns(words_of(words));
  if (flow->begun && flow->to.column + 2 + wide > flow->pane->columns) flow->begun = false;
  if (!flow->begun) flow->to = line(flow->pane);
  else terminal_text(&flow->to, SLICE("  "), 2);
  flow->begun = true;
  text(flow->pane, &flow->to, words_of(words), style);
  words->length = 0;
}

static void head_title(struct flow *flow, const struct top_view *view, struct buffer *words) {
  buffer_append_text(words, "handover top");
  flow_add(flow, words, BOLD);
  time_append(words, view->now_ms);
  words->at[10] = ' ';
  words->length = 19;
  flow_add(flow, words, PLAIN);
  if (view->group) {
    buffer_printf(words, "group %s", view->group);
    flow_add(flow, words, PLAIN);
  }
  if (!view->daemons) return;
  buffer_printf(words, "%" PRId32 " of %" PRId32 " daemon%s", view->daemons->up, view->daemons->asked,
                view->daemons->asked == 1 ? "" : "s");
  flow_add(flow, words, view->daemons->up < view->daemons->asked ? RED : PLAIN);
}

static void head_rates(struct flow *flow, const struct top_daemons *daemons, struct buffer *words) {
  buffer_append_text(words, "in ");
  rate(words, daemons, daemons->rates.consumed);
  flow_add(flow, words, PLAIN);
  buffer_append_text(words, "out ");
  rate(words, daemons, daemons->rates.published);
  flow_add(flow, words, PLAIN);
  buffer_append_text(words, "dead letters ");
  rate(words, daemons, daemons->rates.rejected);
  flow_add(flow, words, daemons->rates.rejected > 0 ? YELLOW : PLAIN);
  buffer_append_text(words, "transactions ");
  rate(words, daemons, daemons->rates.committed);
  flow_add(flow, words, PLAIN);
  count(words, daemons->all.undone, 0);
  buffer_append_text(words, " undone");
  flow_add(flow, words, daemons->all.undone > 0 ? YELLOW : PLAIN);
}

static void head_tasks(struct flow *flow, const struct top_daemons *daemons, struct buffer *words) {
  buffer_append_text(words, "tasks ");
  count(words, daemons->tasks, 0);
  flow_add(flow, words, PLAIN);
  if (daemons->restoring > 0) {
    count(words, daemons->restoring, 0);
    buffer_append_text(words, " restoring, ");
    count(words, daemons->restore_left, 0);
    buffer_append_text(words, " records left");
    flow_add(flow, words, RED);
  }
  buffer_append_text(words, "leads ");
  count(words, daemons->leads, 0);
  flow_add(flow, words, PLAIN);
  buffer_append_text(words, "state ");
  megabytes(words, daemons->state_bytes);
  flow_add(flow, words, PLAIN);
  buffer_append_text(words, "memory ");
  megabytes(words, daemons->memory_bytes);
  flow_add(flow, words, PLAIN);
}

static bool is_anybody_up(const struct top_view *view) { return view->daemons && view->daemons->up > 0; }

static struct pane *head(const struct frame *frame) {
  const struct top_view *view = frame->view;
  struct flow flow = {.pane = pane_create(frame, frame->columns)};
  struct buffer words = {0};
  head_title(&flow, view, &words);
  flow.begun = false;
  if (is_anybody_up(view)) {
    head_rates(&flow, view->daemons, &words);
    flow.begun = false;
    head_tasks(&flow, view->daemons, &words);
  }
  for (int32_t i = 0; i < view->trouble_count; i++) {
    struct terminal to = line(flow.pane);
    text(flow.pane, &to, slice_of(view->troubles[i]), RED);
  }
  buffer_fini(&words);
  return flow.pane;
}

/* --- the parts --- */

/* A long topic is cut, its partition's number is not. */
static void partition_name(struct buffer *name, const struct top_partition *partition, int room) {
  char number[16];
  struct terminal to = {.buffer = name};
  snprintf(number, sizeof number, "/%" PRId32, partition->number);
  room -= (int)strlen(number);
  if (room > 0) terminal_text(&to, slice_of(partition->topic), room);
  buffer_append_text(name, number);
}

static struct pane *lag(const struct frame *frame, int columns, int most) {
  const struct top_daemons *daemons = frame->view->daemons;
  struct pane *pane = pane_create(frame, columns);
  struct buffer words = {0};
  if (!is_anybody_up(frame->view)) return pane;
  buffer_append_text(&words, "lag ");
  count(&words, daemons->lag, 0);
  buffer_append(&words, "", 1);
  title(pane, words.at, "records  last event");
  for (int32_t i = 0; i < daemons->partition_count && pane->count <= most; i++) {
    const struct top_partition *at = &daemons->partitions[i];
    struct buffer name = {0}, event = {0};
    words.length = 0;
    partition_name(&name, at, columns - LAG_FIGURES - 1);
    count(&words, at->restoring > 0 ? at->restoring : at->lag, 7);
    int64_t event_ms = at->event_s > 0 && at->event_s < 7e9 ? (int64_t)(at->event_s * 1000) : 0;
    if (at->restoring > 0) buffer_append_text(&event, "restoring");
    else if (event_ms > 0) distance(&event, frame->view->now_ms, event_ms);
    buffer_append_text(&words, "  ");
    for (size_t fill = event.length; fill < 10; fill++) buffer_append_text(&words, " ");
    buffer_append(&words, event.at, event.length);
    row(pane, words_of(&name), &words, at->restoring > 0 ? YELLOW : PLAIN);
    buffer_fini(&name);
    buffer_fini(&event);
  }
  buffer_fini(&words);
  return pane;
}

static void named_rows(struct pane *pane, const struct top_named *list, int32_t number, int most) {
  struct buffer words = {0};
  for (int32_t i = 0; i < number && pane->count <= most; i++) {
    words.length = 0;
    count(&words, list[i].value, 0);
    row(pane, slice_of(list[i].name), &words, PLAIN);
  }
  buffer_fini(&words);
}

static struct pane *funnel(const struct frame *frame, int columns, int most) {
  const struct top_daemons *daemons = frame->view->daemons;
  struct pane *pane = pane_create(frame, columns);
  if (!is_anybody_up(frame->view)) return pane;
  title(pane, "funnel", "leads");
  named_rows(pane, daemons->stages, daemons->stage_count, most);
  return pane;
}

static struct pane *letters(const struct frame *frame, int columns, int most) {
  const struct top_daemons *daemons = frame->view->daemons;
  struct pane *pane = pane_create(frame, columns);
  if (!is_anybody_up(frame->view)) return pane;
  title(pane, "dead letters", daemons->reason_count > 0 ? "since the start" : "none since the start");
  named_rows(pane, daemons->reasons, daemons->reason_count, most);
  return pane;
}

static struct pane *slas(const struct frame *frame, int columns, int most) {
  struct pane *pane = pane_create(frame, columns);
  if (!frame->view->log) return pane;
  struct top_sla *all = memory_zeroed(TOP_SLAS, sizeof *all);
  int32_t number = top_log_slas(frame->view->log, frame->view->now_ms, all);
  title(pane, "SLAs", number > 0 ? "ahead  missed    next" : "none ahead, none missed");
  for (int32_t i = 0; i < number && pane->count <= most; i++) {
    struct buffer words = {0}, next = {0}, name = {0};
    if (columns >= WITH_OWNER) buffer_printf(&name, "%s: ", all[i].owner);
    buffer_append_text(&name, all[i].name);
    count(&words, (double)all[i].ahead, 5);
    count(&words, (double)all[i].missed, 8);
    if (all[i].next_ms != TIME_NONE) report_duration(&next, all[i].next_ms - frame->view->now_ms);
    else buffer_append_text(&next, "-");
    buffer_printf(&words, "%*.*s", 8, (int)next.length, next.at);
    row(pane, words_of(&name), &words, all[i].missed > 0 ? RED : PLAIN);
    buffer_fini(&words);
    buffer_fini(&next);
    buffer_fini(&name);
  }
  memory_free(all);
  return pane;
}

static struct pane *changes(const struct frame *frame, int most) {
  const struct top_view *view = frame->view;
  struct pane *pane = pane_create(frame, frame->columns);
  char left[64] = "";
  if (!view->log) return pane;
  if (view->log_left > 0) snprintf(left, sizeof left, "%" PRId64 " records to read", view->log_left);
  title(pane, top_log_cut(view->log) ? "last changes (SLAs: not of all leads)" : "last changes", left);
  for (int32_t i = 0; top_log_last(view->log, i) && pane->count <= most && pane->count < PANE_LINES; i++) {
    struct terminal to = line(pane);
    tap_line(to.buffer, top_log_last(view->log, i), pane->columns, frame->colour);
    if (to.buffer->length > 0) to.buffer->length--; /* the LF */
  }
  return pane;
}

/* --- the screen --- */

static bool is_full(const struct frame *frame) { return frame->rows > 0 && frame->used >= frame->rows; }

static void put(struct frame *frame, const struct buffer *words) {
  if (is_full(frame)) return;
  buffer_append(frame->out, words->at, words->length);
  buffer_append_text(frame->out, "\n");
  frame->used++;
}

static void put_pane(struct frame *frame, struct pane *pane) {
  for (int i = 0; i < pane->count; i++) put(frame, &pane->lines[i]);
  pane_fini(pane);
}

/* Every line of a pane has been filled up to its width, or is the last beside nothing. */
static void put_pair(struct frame *frame, struct pane *left, struct pane *right) {
  struct buffer words = {0};
  for (int i = 0; i < left->count || i < right->count; i++) {
    words.length = 0;
    if (i < left->count) buffer_append(&words, left->lines[i].at, left->lines[i].length);
    else
      for (int fill = 0; fill < left->columns && left->count > 0; fill++) buffer_append_text(&words, " ");
    if (i < right->count && left->count > 0) buffer_append_text(&words, "   ");
    if (i < right->count) buffer_append(&words, right->lines[i].at, right->lines[i].length);
    put(frame, &words);
  }
  buffer_fini(&words);
  pane_fini(left);
  pane_fini(right);
}

static void put_gap(struct frame *frame) {
  if (frame->used > 0 && frame->columns >= WIDE) put(frame, &(struct buffer){0});
}

struct sizes {
  int lag, slas;
};

/* How many lines a part may have below its title. Beyond a usual screen, of six lines more lag gets two and SLAs one. */
static struct sizes sizes_of(const struct frame *frame) {
  int more = frame->rows - ROWS;
  if (frame->rows == 0) return (struct sizes){FULL_LAG, FULL_SLAS};
  if (frame->columns < WIDE) return more >= 0 ? (struct sizes){3 + more / 6, 2 + more / 8} : (struct sizes){2, 1};
  return more >= 0 ? (struct sizes){6 + more / 3, 4 + more / 6} : (struct sizes){3, 2};
}

static void put_parts(struct frame *frame) {
  const struct sizes sizes = sizes_of(frame);
  int half = frame->columns < WIDE ? frame->columns : (frame->columns - GAP) / 2;
  int other = frame->columns < WIDE ? frame->columns : frame->columns - GAP - half;
  struct pane *parts[] = {lag(frame, half, sizes.lag), funnel(frame, other, sizes.lag), slas(frame, half, sizes.slas),
                          letters(frame, other, sizes.slas)};
  for (int i = 0; i < 4; i += 2) {
    if (parts[i]->count + parts[i + 1]->count > 0) put_gap(frame);
    if (frame->columns >= WIDE) {
      put_pair(frame, parts[i], parts[i + 1]);
    } else {
      put_pane(frame, parts[i]);
      put_pane(frame, parts[i + 1]);
    }
  }
}

void top_frame(struct buffer *out, const struct top_view *view, int columns, int rows, bool colour) {
  if (columns < COLUMNS_LEAST) columns = COLUMNS_LEAST;
  if (columns > COLUMNS_MOST) columns = COLUMNS_MOST;
  struct frame frame = {.view = view, .out = out, .columns = columns, .rows = rows, .colour = colour};
  put_pane(&frame, head(&frame));
  put_parts(&frame);
  if (view->log) put_gap(&frame);
  int most = rows == 0 ? FULL_CHANGES : rows - frame.used - 1;
  if (most >= 0) put_pane(&frame, changes(&frame, most));
}
