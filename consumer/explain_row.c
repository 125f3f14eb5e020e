/* explain_row.c: one function a kind of entry. */
#include "explain_row.h"

#include <math.h>

#include "story_words.h"

enum { CLOCK = 6, YEAR = 4 }; /* bytes of " 15:00", "2026" */
#define LEAST_FADED 0.1       /* less is not worth a word; JSON tells all of it */

static void add(struct buffer *words, const char *text) { buffer_append_text(words, text); }

static void join(struct buffer *words, const char *between) {
  if (words->length > 0) add(words, between);
}

static const cJSON *first_of(const cJSON *list) { return list ? list->child : NULL; }

/* --- parts --- */

void explain_points(struct buffer *words, const cJSON *points, const char *plus) {
  double value = cJSON_GetNumberValue(points);
  long long thousandths = isfinite(value) ? llround(value * 1000) : 0;
  add(words, thousandths < 0 ? "−" : plus);
  if (thousandths < 0) thousandths = -thousandths;
  buffer_printf(words, "%lld", thousandths / 1000);
  int rest = (int)(thousandths % 1000), places = 3;
  if (rest == 0) return;
  for (; rest % 10 == 0; rest /= 10) places--;
  buffer_printf(words, ".%0*d", places, rest);
}

void explain_scores(struct buffer *words, const cJSON *scores, const cJSON *faded) {
  for (const cJSON *score = first_of(scores); score; score = score->next) {
    const cJSON *less = faded ? story_member(faded, score->string) : NULL;
    join(words, ", ");
    words_name(words, slice_of(score->string));
    add(words, " ");
    explain_points(words, score, "");
    if (!less || fabs(less->valuedouble) < LEAST_FADED) continue;
    add(words, " (");
    explain_points(words, less, "+");
    add(words, " by time)");
  }
}

void explain_names(struct buffer *words, const cJSON *names, const char *before) {
  for (const cJSON *name = first_of(names); name; name = name->next) {
    add(words, name == names->child ? before : ", ");
    if (cJSON_IsString(name)) words_name(words, slice_of(name->valuestring));
  }
}

static void value_words(struct buffer *words, const cJSON *value) {
  if (cJSON_IsString(value)) {
    add(words, " “");
    words_name(words, slice_of(value->valuestring));
    add(words, "”");
  } else if (cJSON_IsNumber(value)) {
    buffer_printf(words, " %.15g", value->valuedouble);
  } else if (value) {
    add(words, cJSON_IsTrue(value) ? " true" : " false");
  }
}

static void learned(struct buffer *words, const cJSON *attributes) {
  for (const cJSON *a = first_of(attributes); a; a = a->next) {
    const cJSON *value = story_member(a, "value");
    add(words, a == attributes->child ? "learned: " : ", ");
    words_name(words, story_text(a, "name"));
    value_words(words, value);
    if (!value) add(words, cJSON_IsTrue(story_member(a, "known")) ? " (not shared)" : " is forgotten");
  }
}

static const char *why_less(const char *name) {
  static const char *const words[] = {"at_most", "no more of them are counted", "cap",  "its cap is reached",
                                      "late",    "late, so it has faded",       "keep", "an older one had to go",
                                      "limit",   "a score's limit is reached"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i += 2)
    if (strcmp(words[i], name) == 0) return words[i + 1];
  return name;
}

/* "engagement: pricing page +3 of +8 (its cap is reached)" */
static void counted(struct buffer *words, const cJSON *counts) {
  for (const cJSON *c = first_of(counts); c; c = c->next) {
    const cJSON *less = story_member(c, "less");
    join(words, "; ");
    words_name(words, story_text(c, "score"));
    add(words, ": ");
    words_name(words, story_text(c, "rule"));
    add(words, " ");
    explain_points(words, story_member(c, "added"), "+");
    if (!first_of(less)) continue;
    add(words, " of ");
    explain_points(words, story_member(c, "points"), "+");
    for (const cJSON *name = less->child; name; name = name->next) {
      add(words, name == less->child ? " (" : ", ");
      add(words, why_less(name->valuestring));
    }
    add(words, ")");
  }
}

void explain_date(struct buffer *words, struct slice time) {
  struct buffer day = {0};
  words_time(&day, time, 1);
  if (day.length > CLOCK && time.length > YEAR) {
    buffer_append(words, day.at, day.length - CLOCK);
    buffer_printf(words, " %.*s", YEAR, time.at);
    buffer_append(words, day.at + day.length - CLOCK, CLOCK);
  }
  buffer_fini(&day);
}

static void when(struct explain_row *row, struct slice time) { words_time(&row->when, time, 2); }

static void where(struct explain_row *row, const cJSON *entry) {
  words_name(&row->where, story_text(entry, "topic"));
  buffer_printf(&row->where, "/%.0f", cJSON_GetNumberValue(story_member(entry, "partition")));
  const cJSON *offset = story_member(entry, "offset");
  if (offset) buffer_printf(&row->where, "/%.0f", cJSON_GetNumberValue(offset));
}

/* --- entries --- */

static void row_of_event(struct explain_row *row, const cJSON *entry) {
  struct slice time = story_text(entry, "time"), now = story_text(entry, "now");
  when(row, now);
  where(row, entry);
  words_name(&row->what, story_text(entry, "name"));
  if (!slice_equal(time, now)) {
    add(&row->why, "of ");
    words_time(&row->why, time, 1);
    add(&row->why, ", late");
  }
  if (cJSON_IsTrue(story_member(entry, "duplicate"))) {
    join(&row->why, "; ");
    add(&row->why, "has been here before, so it is not counted again");
    return;
  }
  const cJSON *attributes = story_member(entry, "attributes"), *counts = story_member(entry, "counted");
  if (first_of(attributes)) join(&row->why, "; ");
  learned(&row->why, attributes);
  counted(&row->why, counts);
  if (first_of(story_member(entry, "met"))) join(&row->why, "; ");
  explain_names(&row->why, story_member(entry, "met"), "kept: ");
  explain_scores(&row->scores, story_member(entry, "scores"), story_member(entry, "faded"));
}

/* "hand raised", "climbed"; "because time has passed" where no event did it. */
static void cause_words(struct buffer *words, const cJSON *data) {
  const cJSON *cause = story_member(data, "cause");
  struct slice kind = story_text(cause, "kind"), reason = story_text(data, "reason");
  struct slice move = slice_equal(kind, SLICE("event")) ? story_text(cause, "move") : story_text(cause, "name");
  if (move.length > 0) words_name(words, move);
  else add(words, "climbed");
  if (!slice_equal(kind, SLICE("event"))) add(words, ", because time has passed");
  if (reason.length == 0) return;
  add(words, ": “");
  words_name(words, reason);
  add(words, "”");
}

static void row_of_stage(struct explain_row *row, const cJSON *event) {
  const cJSON *data = story_member(event, "data"), *criteria = story_member(data, "criteria");
  when(row, story_text(event, "time"));
  words_name(&row->what, story_text(data, "from"));
  add(&row->what, " → ");
  words_name(&row->what, story_text(data, "to"));
  row->style = "1;36";
  cause_words(&row->why, data);
  explain_names(&row->why, story_member(criteria, "met"), "; met: ");
  explain_names(&row->why, story_member(criteria, "missing"), "; not met: ");
  words_duty(&row->duty, data);
  if (!slice_equal(story_text(story_member(data, "cause"), "kind"), SLICE("event")))
    explain_scores(&row->scores, story_member(data, "scores"), NULL); /* else the event above has them */
}

static void row_of_breach(struct explain_row *row, const cJSON *event) {
  const cJSON *data = story_member(event, "data");
  when(row, story_text(event, "time"));
  words_name(&row->what, story_text(data, "stage"));
  add(&row->what, ": SLA BREACHED");
  row->style = "1;31";
  words_name(&row->why, story_text(data, "sla"));
  add(&row->why, " was due by ");
  words_time(&row->why, story_text(data, "deadline"), 1);
  add(&row->duty, "had to act: ");
  words_name(&row->duty, story_text(data, "owner"));
  size_t before = row->duty.length;
  add(&row->duty, ": ");
  words_route(&row->duty, data);
  if (row->duty.length == before + 2) row->duty.length = before;
}

static void row_of_quiet(struct explain_row *row, const cJSON *entry) {
  when(row, story_text(entry, "time"));
  add(&row->what, "a period of quiet is over");
  counted(&row->why, story_member(entry, "counted"));
  explain_scores(&row->scores, story_member(entry, "scores"), NULL);
}

static void row_of_reset(struct explain_row *row, const cJSON *entry) {
  when(row, story_text(entry, "time"));
  add(&row->what, "set to zero: ");
  words_name(&row->what, story_text(entry, "score"));
  add(&row->why, "the move takes its points away: ");
  explain_points(&row->why, story_member(entry, "added"), "");
  explain_scores(&row->scores, story_member(entry, "scores"), NULL);
}

static void row_of_version(struct explain_row *row, const cJSON *entry) {
  when(row, story_text(entry, "time"));
  buffer_printf(&row->what, "version %.0f takes over", cJSON_GetNumberValue(story_member(entry, "version")));
  explain_scores(&row->scores, story_member(entry, "scores"), NULL);
}

struct explain_row explain_row_of(const cJSON *entry) {
  struct explain_row row = {.style = "0"};
  struct slice kind = story_text(entry, "kind");
  const cJSON *published = story_member(entry, "published");
  if (slice_equal(kind, SLICE("event"))) row_of_event(&row, entry);
  if (slice_equal(kind, SLICE("stage"))) row_of_stage(&row, published);
  if (slice_equal(kind, SLICE("breach"))) row_of_breach(&row, published);
  if (slice_equal(kind, SLICE("quiet"))) row_of_quiet(&row, entry);
  if (slice_equal(kind, SLICE("reset"))) row_of_reset(&row, entry);
  if (slice_equal(kind, SLICE("version"))) row_of_version(&row, entry);
  return row;
}

void explain_row_fini(struct explain_row *row) {
  buffer_fini(&row->when);
  buffer_fini(&row->what);
  buffer_fini(&row->where);
  buffer_fini(&row->why);
  buffer_fini(&row->duty);
  buffer_fini(&row->scores);
}
