/* first.c: values for the gaps of config/first.template and config/first.test.template.
 *
 * The definition comes first and is compiled; its calendar then says when the stories' working day begins and by when sales has
 * to have answered. When a lead has enough points is worked out here (sign_times). */
#include "first.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../config/definition.h"
#include "../config/first.h"
#include "../config/template.h"
#include "../producer/encode.h"
#include "decode.h"
#include "engine/calendar.h"
#include "engine/memory.h"
#include "zone.h"

enum { VALUES = 64, YEARS = 5, LATE_DAYS_MOST = 10 };
#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

struct values {
  const struct answers *answers;
  struct template_value at[VALUES];
  struct buffer texts[VALUES];
  int count;
};

/* A value that is there; what is appended to the buffer until the next one is its text. */
static struct buffer *put(struct values *values, const char *name) {
  values->at[values->count].name = name;
  return &values->texts[values->count++];
}

static void put_none(struct values *values, const char *name) { put(values, name); }

static void put_text(struct values *values, const char *name, const char *text) {
  buffer_append_text(put(values, name), text);
}

static void put_string(struct values *values, const char *name, const char *text) {
  json_append_string(put(values, name), slice_of(text));
}

static void render(struct buffer *out, struct values *values, const char *text, size_t length) {
  for (int i = 0; i < values->count; i++) {
    struct buffer *value = &values->texts[i];
    if (!value->length) continue;
    *buffer_reserve(value, 1) = 0;
    values->at[i].text = value->at;
  }
  template_render(out, text, length, values->at, values->count);
}

static void values_fini(struct values *values) {
  for (int i = 0; i < values->count; i++) buffer_fini(&values->texts[i]);
}

static bool has(const struct values *values, enum answer which) { return !answers_no(values->answers, which); }

static const char *said(const struct values *values, enum answer which) { return values->answers->text[which]; }

/* --- the definition --- */

/* The base letter of U+00C0 to U+00FF; '-' where there is none. */
static const char latin[] =
    "aaaaaaaceeeeiiiidnooooo-ouuuuyts"
    "aaaaaaaceeeeiiiidnooooo-ouuuuyty";

static char name_letter(const char **at) {
  unsigned char byte = (unsigned char)*(*at)++;
  if (byte >= 'A' && byte <= 'Z') return (char)(byte | 32);
  if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9')) return (char)byte;
  if (byte == 0xc3) return latin[(unsigned char)*(*at)++ & 63];
  return '-';
}

/* "Ärger & Söhne" → "arger-sohne-qualified-lead": what a definition's name may hold. */
static void put_name(struct values *values) {
  char name[40];
  size_t length = 0;
  for (const char *at = said(values, ANSWER_COMPANY); *at && length < sizeof name - 1;) {
    char letter = name_letter(&at);
    if (letter != '-' || (length && name[length - 1] != '-')) name[length++] = letter;
  }
  while (length && name[length - 1] == '-') length--;
  buffer_printf(put(values, "name"), "\"%.*s%squalified-lead\"", (int)length, name, length ? "-" : "");
}

static void put_fit(struct values *values) {
  struct buffer *out = put(values, "fit");
  if (has(values, ANSWER_SIZE))
    buffer_printf(out, "\n        {\"attribute\": \"employees\", \"at_least\": %s}", said(values, ANSWER_SIZE));
  static const struct {
    enum answer which;
    const char *attribute;
  } lists[] = {{ANSWER_INDUSTRIES, "industry"}, {ANSWER_COUNTRIES, "country"}};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    if (!has(values, lists[i].which)) continue;
    buffer_printf(out, "%s\n        {\"attribute\": \"%s\", \"in\": [", out->length ? "," : "", lists[i].attribute);
    answers_append_list(out, said(values, lists[i].which));
    buffer_append_text(out, "]}");
  }
  if (out->length) buffer_append_text(out, "\n      ");
}

/* New Year's Day is one nearly everywhere. */
static void put_holidays(struct values *values) {
  struct buffer *out = put(values, "holidays");
  long year = strtol(said(values, ANSWER_FROM), NULL, 10);
  for (int i = 0; i < YEARS; i++) buffer_printf(out, "%s\"%ld-01-01\"", i ? ", " : "", year + i);
}

static bool put_zone(struct values *values, char *why, size_t room) {
  struct zone zone = {0};
  char first[8], last[32];
  int64_t from_s = 0, to_s = 0, ignored_s;
  bool utc = strcmp(said(values, ANSWER_ZONE), "UTC") == 0;
  snprintf(first, sizeof first, "%.4s", said(values, ANSWER_FROM));
  snprintf(last, sizeof last, "%ld", strtol(first, NULL, 10) + YEARS - 1);
  put_text(values, "zone", said(values, ANSWER_ZONE));
  buffer_printf(put(values, "years"), "%s %s", first, last);
  bool good = zone_period(first, &from_s, &ignored_s) && zone_period(last, &ignored_s, &to_s);
  good = good && (utc || zone_read(&zone, said(values, ANSWER_ZONE), from_s, to_s, why, room) == ZONE_GOOD);
  struct buffer *offsets = put(values, "offsets");
  if (good && !utc) zone_append(offsets, &zone, 6);
  zone_fini(&zone);
  return good;
}

static void put_events(struct values *values) {
  for (int i = ANSWER_PAGE; i <= ANSWER_LOST; i++) {
    bool deal = i == ANSWER_WON || i == ANSWER_LOST;
    bool is = has(values, (enum answer)i) && (!deal || has(values, ANSWER_OPPORTUNITY));
    if (is) put_string(values, questions[i].flag, said(values, (enum answer)i));
    else put_none(values, questions[i].flag);
  }
}

/* What definition and tests are told alike. */
static void put_common(struct values *values) {
  put_events(values);
  put_fit(values);
  put_text(values, "bant", strcmp(said(values, ANSWER_BANT), "yes") == 0 ? "yes" : "");
  put_text(values, "territories", answers_has_territories(said(values, ANSWER_SALES)) ? "yes" : "");
}

static bool make_definition(struct buffer *out, const struct answers *answers, char *why, size_t room) {
  struct values values = {.answers = answers};
  put_common(&values);
  put_name(&values);
  buffer_printf(put(&values, "effective_from"), "\"%sT00:00:00Z\"", said(&values, ANSWER_FROM));
  struct buffer *summary = put(&values, "summary");
  buffer_append_text(summary, "\"What marketing and sales of ");
  json_append_escaped(summary, slice_of(said(&values, ANSWER_COMPANY)));
  buffer_append_text(summary, " agreed a qualified lead is.\"");
  put_text(&values, "threshold", said(&values, ANSWER_THRESHOLD));
  put_text(&values, "from_sales", has(&values, ANSWER_OPPORTUNITY) ? "[\"sql\", \"opportunity\"]" : "\"sql\"");
  put_string(&values, "sla", said(&values, ANSWER_SLA));
  answers_append_routes(put(&values, "routes"), said(&values, ANSWER_SALES));
  answers_append_hours(put(&values, "hours"), said(&values, ANSWER_HOURS));
  put_text(&values, "size", has(&values, ANSWER_SIZE) ? "yes" : "");
  put_text(&values, "industries", has(&values, ANSWER_INDUSTRIES) ? "yes" : "");
  put_text(&values, "countries", has(&values, ANSWER_COUNTRIES) ? "yes" : "");
  put_holidays(&values);
  bool good = put_zone(&values, why, room);
  if (good) render(out, &values, first_definition, first_definition_length);
  values_fini(&values);
  return good;
}

/* --- the tests --- */

/* Events that tell of interest, as config/first.template counts them. The stories take the first that is there. */
static const struct sign {
  enum answer which;
  double points;
} signs[] = {{ANSWER_DOWNLOAD, 10}, {ANSWER_WEBINAR, 15}, {ANSWER_PAGE, 8}, {ANSWER_TRIAL, 25}};

static const struct sign *sign_of(const struct values *values) {
  const struct sign *sign = signs;
  while (!has(values, sign->which)) sign++; /* one is there: answers_check */
  return sign;
}

/* How many of them, an hour apart, bring the points that are asked for; half of the points are gone after 14 days. */
static int sign_times(double points, double threshold) {
  double sum = points;
  int times = 1;
  for (; sum < threshold; times++) sum = sum * exp2(-1.0 / (14 * 24)) + points;
  return times;
}

/* "2d3h5m" */
static void put_offset(struct values *values, const char *name, int64_t ms) {
  static const struct {
    int64_t ms;
    char letter;
  } units[] = {{DAY_MS, 'd'}, {HOUR_MS, 'h'}, {MINUTE_MS, 'm'}, {SECOND_MS, 's'}};
  struct buffer *out = put(values, name);
  buffer_append_text(out, "\"");
  for (size_t i = 0; i < sizeof units / sizeof *units; ms %= units[i++].ms)
    if (ms >= units[i].ms) buffer_printf(out, "%lld%c", (long long)(ms / units[i].ms), units[i].letter);
  buffer_append_text(out, "\"");
}

/* The first of the names in a list, as JSON, after its attribute. */
static void append_first(struct buffer *out, const char *attribute, const char *list) {
  struct slice part = {0};
  (void)answers_part(&list, ',', &part);
  buffer_printf(out, "\"%s\": ", attribute);
  json_append_string(out, part);
}

/* Who fits; or, of the first thing that is asked for, who has too little of it or none. */
static void put_traits(struct values *values, const char *name, bool good) {
  struct buffer *out = put(values, name), company = {0};
  bool size = has(values, ANSWER_SIZE), industry = has(values, ANSWER_INDUSTRIES),
       country = has(values, ANSWER_COUNTRIES);
  long employees = size ? strtol(said(values, ANSWER_SIZE), NULL, 10) - !good : 0;
  if (size) buffer_printf(&company, "\"employees\": %ld", employees);
  if (industry && size) buffer_append_text(&company, ", ");
  if (industry && (good || size)) append_first(&company, "industry", said(values, ANSWER_INDUSTRIES));
  buffer_append_text(out, "{\"email\": \"ana@lime.example\"");
  if (company.length) buffer_printf(out, ", \"company\": {%.*s}", (int)company.length, company.at);
  if (country && (good || size || industry)) {
    buffer_append_text(out, ", \"address\": {");
    append_first(out, "country", said(values, ANSWER_COUNTRIES));
    buffer_append_text(out, "}");
  }
  if (answers_has_territories(said(values, ANSWER_SALES))) {
    struct slice region = {0};
    const char *rest = said(values, ANSWER_SALES);
    (void)answers_part(&rest, ':', &region);
    buffer_append_text(out, ", \"region\": ");
    json_append_string(out, region);
  }
  buffer_append_text(out, "}");
  buffer_fini(&company);
}

static void put_queue(struct values *values) {
  struct slice queue = SLICE("sales");
  const char *sales = said(values, ANSWER_SALES);
  if (answers_has_territories(sales)) (void)answers_part(&sales, ':', &queue);
  json_append_string(put(values, "queue"), queue);
}

static void put_sign(struct values *values) {
  const struct sign *sign = sign_of(values);
  int times = sign_times(sign->points, strtod(said(values, ANSWER_THRESHOLD), NULL));
  put_string(values, "sign", said(values, sign->which));
  put_text(values, "sign_properties", sign->which == ANSWER_PAGE ? "{\"path\": \"/pricing\"}" : "{}");
  buffer_printf(put(values, "sign_times"), "%d", times);
  put_offset(values, "mql_at", times * HOUR_MS);
  put_offset(values, "cold_at", times * HOUR_MS + 30 * DAY_MS);
}

/* How a lead gets to sales in the stories that go on there: by a raised hand, or with points and a need. */
static void put_way(struct values *values) {
  static const char by_hand[] =
      "        {\"at\": \"0s\", \"traits\": %{good_traits}},\n"
      "        {\"at\": \"5m\", \"name\": %{demo}}\n";
  static const char by_points[] =
      "        {\"at\": \"0s\", \"traits\": %{good_traits}},\n"
      "        {\"at\": \"1h\", \"name\": %{sign}, \"properties\": %{sign_properties}, \"repeat\": %{sign_times}, "
      "\"every\": \"1h\"},\n"
      "        {\"at\": \"2d\", \"traits\": %{need_traits}}\n";
  static const char seen_by_hand[] =
      "        {\"at\": \"5m\", \"from\": \"lead\", \"to\": \"sql\", \"move\": \"hand raised\", \"queue\": %{queue}}\n";
  static const char seen_by_points[] =
      "        {\"at\": %{mql_at}, \"from\": \"lead\", \"to\": \"mql\"},\n"
      "        {\"at\": \"2d\", \"from\": \"mql\", \"to\": \"sql\", \"queue\": %{queue}}\n";
  bool hand = has(values, ANSWER_DEMO);
  struct buffer events = {0}, expect = {0};
  render(&events, values, hand ? by_hand : by_points, hand ? sizeof by_hand - 1 : sizeof by_points - 1);
  render(&expect, values, hand ? seen_by_hand : seen_by_points,
         hand ? sizeof seen_by_hand - 1 : sizeof seen_by_points - 1);
  buffer_append(put(values, "to_sales"), events.at, events.length - 1);
  buffer_append(put(values, "at_sales"), expect.at, expect.length - 1);
  buffer_fini(&events);
  buffer_fini(&expect);
}

/* The stories begin when a working day begins, early in the year. */
static bool put_times(struct values *values, const struct definition *definition, char *why, size_t room) {
  const struct calendar *calendar = &definition->calendars[0];
  int64_t january_ms, handed_ms = has(values, ANSWER_DEMO) ? 5 * MINUTE_MS : 2 * DAY_MS;
  char text[32];
  snprintf(text, sizeof text, "%.4s-01-05T00:00:00Z", said(values, ANSWER_FROM));
  if (!time_parse(slice_of(text), &january_ms)) abort();
  int64_t start_ms = calendar_deadline(calendar, january_ms, MINUTE_MS) - MINUTE_MS;
  int64_t late_ms = calendar_deadline(calendar, start_ms + handed_ms, definition->slas[0].within_ms) - start_ms;
  struct buffer *start = put(values, "start");
  buffer_append_text(start, "\"");
  time_append(start, start_ms);
  buffer_append_text(start, "\"");
  put_offset(values, "answer_at", handed_ms + MINUTE_MS);
  put_offset(values, "rested_at", handed_ms + MINUTE_MS + 30 * DAY_MS);
  put_offset(values, "lain_at", handed_ms + 30 * DAY_MS);
  put_offset(values, "late_at", late_ms);
  put_offset(values, "late_until", late_ms + HOUR_MS);
  if (late_ms - handed_ms <= LATE_DAYS_MOST * DAY_MS) return true;
  snprintf(why, room, "%s of these working hours is more than %d days: give sales less time, or longer hours",
           said(values, ANSWER_SLA), LATE_DAYS_MOST);
  return false;
}

static bool make_tests(struct buffer *out, const struct answers *answers, const struct definition *definition,
                       const char *file, char *why, size_t room) {
  struct values values = {.answers = answers};
  put_common(&values);
  put_string(&values, "file", file);
  put_traits(&values, "good_traits", true);
  put_traits(&values, "poor_traits", false);
  put_text(&values, "need_traits",
           strcmp(said(&values, ANSWER_BANT), "yes") == 0
               ? "{\"problem\": \"Month end takes nine days\", \"decides\": true, \"timeframe\": \"this quarter\"}"
               : "{\"problem\": \"Month end takes nine days\"}");
  put_queue(&values);
  put_sign(&values);
  put_way(&values);
  bool good = put_times(&values, definition, why, room);
  if (good) render(out, &values, first_tests, first_tests_length);
  values_fini(&values);
  return good;
}

/* --- both --- */

bool first_make(struct first *first, const struct answers *answers, const char *file, char *why, size_t room) {
  struct problems problems = {0};
  if (!make_definition(&first->definition, answers, why, room)) return false;
  struct definition *definition = definition_parse(first->definition.at, first->definition.length, &problems);
  if (!definition) snprintf(why, room, "these answers make no definition: %s", problems.at[0].message);
  bool good = definition && make_tests(&first->tests, answers, definition, file, why, room);
  definition_destroy(definition);
  problems_fini(&problems);
  return good;
}

void first_fini(struct first *first) {
  buffer_fini(&first->definition);
  buffer_fini(&first->tests);
}
