/* explain_show.c: title, timeline, standing, what is missing, what comes by itself. */
#include "explain_show.h"

#include <assert.h>

#include "explain_sheet.h"
#include "story_words.h"

enum { YEAR = 4 };

static void add(struct buffer *words, const char *text) { buffer_append_text(words, text); }

static const cJSON *first_of(const cJSON *list) { return list ? list->child : NULL; }

/* --- the timeline --- */

static bool is_quiet(const cJSON *entry) { return entry && slice_equal(story_text(entry, "kind"), SLICE("quiet")); }

/* Of many periods of quiet in a row the first and the last: those between them are counted only. */
static const cJSON *skip_quiet(struct explain_sheet *sheet, const cJSON *entry) {
  int skipped = 0;
  const cJSON *from = entry;
  while (is_quiet(entry->next) && is_quiet(entry->next->next)) {
    entry = entry->next;
    skipped++;
  }
  if (skipped < 2) return from;
  struct explain_row row = {.style = "2"};
  buffer_printf(&row.what, "… and %d more of them", skipped);
  explain_sheet_row(sheet, &row);
  return entry;
}

/* The moment of an entry, as a text. */
static struct slice moment(const cJSON *entry) {
  struct slice now = story_text(entry, "now"), time = story_text(entry, "time");
  return now.at ? now : time.at ? time : story_text(story_member(entry, "published"), "time");
}

/* A row of its own where another year begins. */
static void show_year(struct explain_sheet *sheet, const cJSON *entry, char *year) {
  struct slice time = moment(entry);
  struct explain_row row = {.style = "0"};
  if (time.length < YEAR || memcmp(time.at, year, YEAR) == 0) return;
  memcpy(year, time.at, YEAR);
  buffer_append(&row.when, year, YEAR);
  explain_sheet_row(sheet, &row);
}

static void show_timeline(struct explain_sheet *sheet, const cJSON *timeline) {
  char year[YEAR] = {0};
  explain_sheet_heading(sheet, "What happened");
  explain_sheet_columns(sheet);
  for (const cJSON *entry = first_of(timeline); entry; entry = entry->next) {
    show_year(sheet, entry, year);
    struct explain_row row = explain_row_of(entry);
    explain_sheet_row(sheet, &row);
    if (is_quiet(entry)) entry = skip_quiet(sheet, entry);
  }
}

/* --- the standing --- */

static void show_points(struct explain_sheet *sheet, const cJSON *standing) {
  struct buffer words = {0};
  explain_scores(&words, story_member(standing, "scores"), NULL);
  for (const cJSON *c = first_of(story_member(standing, "contributions")); c; c = c->next) {
    add(&words, c == story_member(standing, "contributions")->child ? ": " : ", ");
    words_name(&words, story_text(c, "rule"));
    add(&words, " ");
    explain_points(&words, story_member(c, "points"), "+");
  }
  if (words.length > 0) explain_sheet_item(sheet, 1, &words);
}

static void show_standing(struct explain_sheet *sheet, const cJSON *standing) {
  struct buffer words = {0};
  const cJSON *criteria = story_member(standing, "criteria");
  explain_sheet_heading(sheet, "Where the lead stands");
  explain_date(&words, story_text(standing, "at"));
  add(&words, ": ");
  words_name(&words, story_text(standing, "stage"));
  add(&words, " (");
  words_name(&words, story_text(standing, "owner"));
  add(&words, "), since ");
  explain_date(&words, story_text(standing, "since"));
  explain_sheet_item(sheet, 1, &words);
  show_points(sheet, standing);
  explain_names(&words, story_member(criteria, "met"), "met: ");
  explain_names(&words, story_member(criteria, "missing"), words.length > 0 ? "; not met: " : "not met: ");
  if (words.length > 0) explain_sheet_item(sheet, 1, &words);
  words_duty(&words, standing);
  if (words.length > 0) explain_sheet_item(sheet, 1, &words);
}

/* --- what is needed --- */

static bool is_kind(const cJSON *node, const char *kind) {
  return slice_equal(story_text(node, "kind"), slice_of(kind));
}

static void show_need(struct explain_sheet *sheet, int depth, const cJSON *node, struct buffer *words) {
  const cJSON *children = story_member(node, "of");
  if (is_kind(node, "criterion")) {
    words_name(words, story_text(node, "criterion"));
    add(words, ": ");
    show_need(sheet, depth, story_member(node, "needs"), words);
    return;
  }
  if (is_kind(node, "all")) add(words, "all of these:");
  else if (is_kind(node, "any")) add(words, "one of these:");
  else if (is_kind(node, "at_least"))
    buffer_printf(words, "%.0f of these:", cJSON_GetNumberValue(story_member(node, "count")));
  else buffer_append_text(words, cJSON_GetStringValue(story_member(node, "text")));
  explain_sheet_item(sheet, depth, words);
  for (const cJSON *child = first_of(children); child; child = child->next) {
    struct buffer below = {0};
    show_need(sheet, depth + 1, child, &below);
  }
}

static void show_moves(struct explain_sheet *sheet, const cJSON *moves) {
  struct buffer words = {0};
  for (const cJSON *move = first_of(moves); move; move = move->next) {
    add(&words, move == moves->child ? "moves lead from here: " : ", ");
    words_name(&words, story_text(move, "move"));
    add(&words, " → ");
    words_name(&words, story_text(move, "to"));
    if (story_text(move, "from").length == 0) continue;
    add(&words, " (not before ");
    explain_date(&words, story_text(move, "from"));
    add(&words, ")");
  }
  if (words.length > 0) explain_sheet_item(sheet, 1, &words);
}

static void show_next(struct explain_sheet *sheet, const cJSON *standing) {
  const cJSON *next = story_member(standing, "next"), *needs = story_member(next, "needs");
  struct buffer words = {0};
  explain_sheet_heading(sheet, "What is missing for the next stage");
  if (!cJSON_IsObject(next)) {
    add(&words, "no lead climbs from here");
    explain_sheet_item(sheet, 1, &words);
  } else {
    words_name(&words, story_text(next, "stage"));
    add(&words, ": ");
    if (cJSON_IsObject(needs)) {
      show_need(sheet, 1, needs, &words);
    } else {
      add(&words, "nothing; it climbs as soon as it is looked at again");
      explain_sheet_item(sheet, 1, &words);
    }
  }
  show_moves(sheet, story_member(standing, "moves"));
}

/* --- what comes by itself --- */

static void show_foreseen(struct explain_sheet *sheet, const cJSON *foreseen) {
  struct buffer words = {0};
  explain_sheet_heading(sheet, "If nothing happens");
  for (const cJSON *entry = first_of(foreseen); entry; entry = entry->next) {
    const cJSON *event = story_member(entry, "published"), *data = story_member(event, "data");
    explain_date(&words, story_text(event, "time"));
    add(&words, ": ");
    if (is_kind(entry, "breach")) {
      words_name(&words, story_text(data, "sla"));
      add(&words, " is broken by ");
      words_name(&words, story_text(data, "owner"));
    } else {
      add(&words, "goes to ");
      words_name(&words, story_text(data, "to"));
      struct slice move = story_text(story_member(data, "cause"), "name");
      if (move.length > 0) add(&words, ", by the move ");
      words_name(&words, move);
    }
    explain_sheet_item(sheet, 1, &words);
  }
  if (first_of(foreseen)) return;
  add(&words, "everything stays as it is for a year, and no promise is broken");
  explain_sheet_item(sheet, 1, &words);
}

static void show_title(struct explain_sheet *sheet, const cJSON *root, const cJSON *standing) {
  const cJSON *definition = story_member(standing, "definition");
  struct buffer words = {0};
  words_who(&words, standing);
  if (words.length > 0) add(&words, ": ");
  words_name(&words, story_text(root, "lead"));
  explain_sheet_title(sheet, &words);
  add(&words, "By ");
  words_name(&words, story_text(definition, "name"));
  buffer_printf(&words, ", version %.0f", cJSON_GetNumberValue(story_member(definition, "version")));
  add(&words, cJSON_IsTrue(story_member(definition, "agreed")) ? ", agreed. " : ", which is not signed. ");
  add(&words, "Times are UTC.");
  explain_sheet_text(sheet, &words);
}

void explain_show(struct buffer *out, const struct buffer *story, bool html, bool colour) {
  cJSON *root = cJSON_ParseWithLength(story->at, story->length);
  struct explain_sheet sheet;
  assert(root);
  const cJSON *standing = story_member(root, "standing");
  explain_sheet_begin(&sheet, out, html, colour);
  show_title(&sheet, root, standing);
  show_timeline(&sheet, story_member(root, "timeline"));
  show_standing(&sheet, standing);
  show_next(&sheet, standing);
  show_foreseen(&sheet, story_member(root, "foreseen"));
  explain_sheet_end(&sheet);
  cJSON_Delete(root);
}
