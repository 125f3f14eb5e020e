/* answers_check.c: is an answer of use? Where the language of definitions has a word in it (hours, queues), a small definition is made
 * of the answer, and what the compiler says of that is the reason. */
#include <stdio.h>
#include <strings.h>

#include "../config/definition.h"
#include "answers.h"
#include "utf8.h"
#include "zone.h"

enum {
  COMPANY_MOST = 100,
  SIZE_MOST = 10000000,
  THRESHOLD_MOST = 100,
  SLA_LEAST_MIN = 5,
  SLA_MOST_MIN = 12000,
  YEAR_MOST = 2190
};

static bool refuse(char *why, size_t room, const char *what) {
  snprintf(why, room, "%s", what);
  return false;
}

/* Digits alone, up to `most`. */
static bool is_number(const char *text, size_t length, long least, long most) {
  long number = 0;
  for (size_t i = 0; i < length; i++) {
    if (text[i] < '0' || text[i] > '9' || number > most) return false;
    number = number * 10 + (text[i] - '0');
  }
  return length > 0 && number >= least && number <= most && text[0] != '0';
}

static bool is_plain(const char *text) {
  for (const char *at = text; *at; at++)
    if ((unsigned char)*at < ' ' || *at == 0x7f) return false;
  return utf8_valid(slice_of(text));
}

/* --- by the compiler of definitions --- */

static bool compiles(const char *hours, const char *routes, char *why, size_t room) {
  struct buffer text = {0};
  struct problems problems = {0};
  buffer_append_text(
      &text,
      "{\"handover\": 1, \"name\": \"probe\", \"version\": 1, \"effective_from\": \"2026-01-01T00:00:00Z\","
      "\"teams\": [\"sales\"], \"events\": \"segment\", \"attributes\": {\"region\": \"/region\"},"
      "\"stages\": [{\"name\": \"lead\", \"owner\": \"sales\"}], \"slas\": [{\"name\": \"sla\", \"stage\": \"lead\","
      "\"within\": \"4h\", \"calendar\": \"working hours\", \"met_by\": \"done\"}],\"calendars\":"
      "{\"working hours\": {\"hours\": {");
  answers_append_hours(&text, hours);
  buffer_append_text(&text, "}}}, \"routes\": [\n");
  answers_append_routes(&text, routes);
  buffer_append_text(&text, "]}");
  struct definition *definition = definition_parse(text.at, text.length, &problems);
  if (!definition) snprintf(why, room, "%s", problems.at[0].message);
  bool good = definition;
  definition_destroy(definition);
  problems_fini(&problems);
  buffer_fini(&text);
  return good;
}

static struct slice name_of(struct slice territory) {
  struct slice name;
  (void)answers_part(&territory.at, ':', &name); /* a colon is there */
  return name;
}

/* Text compares without regard to case, so names of territories may not differ in that alone. */
static bool territories_differ(const char *text) {
  struct slice one, other;
  while (answers_part(&text, ';', &one)) {
    struct slice a = name_of(one);
    for (const char *later = text; answers_part(&later, ';', &other);) {
      struct slice b = name_of(other);
      if (a.length == b.length && strncasecmp(a.at, b.at, a.length) == 0) return false;
    }
  }
  return true;
}

static bool check_sales(const char *text, char *why, size_t room) {
  struct slice part;
  const char *rest = text;
  bool territories = answers_has_territories(text), all = true;
  while (answers_part(&rest, ';', &part)) {
    size_t colon = strcspn(part.at, ":;");
    all &= colon > 0 && colon < part.length && !memchr(part.at + colon + 1, ':', part.length - colon - 1);
  }
  if (territories && !all)
    return refuse(
        why, room,
        "must be names, like \"ana, bo\", or territories with a colon each, like \"emea: ana, bo; americas: eli\"");
  if (territories && !territories_differ(text)) return refuse(why, room, "has a territory twice");
  return compiles("mon 09:00-17:00", text, why, room);
}

/* --- one by one --- */

static bool check_event(const struct answers *answers, enum answer which, const char *text, char *why, size_t room) {
  bool no = strcmp(text, "-") == 0;
  if (strcmp(text, "identify") == 0)
    return refuse(why, room, "\"identify\" is how traits come; give the name of an event");
  if (strcmp(text, "*") == 0) return refuse(why, room, "must be the name of one event");
  if (strlen(text) > LIMIT_TEXT) return refuse(why, room, "must have at most 255 bytes");
  for (int i = ANSWER_PAGE; i <= ANSWER_LOST && !no; i++) {
    if (i == (int)which || !answers->text[i] || strcmp(answers->text[i], text) != 0) continue;
    snprintf(why, room, "\"%s\" is the event of --%s already", text, questions[i].flag);
    return false;
  }
  int signs = 0; /* that can still tell of interest */
  for (int i = ANSWER_PAGE; i <= ANSWER_TRIAL; i++) signs += i != (int)which && !answers_no(answers, (enum answer)i);
  if (no && signs == 0 && which <= ANSWER_TRIAL)
    return refuse(why, room,
                  "one of page, download, webinar and trial has to be there: nothing else tells of interest");
  return true;
}

static bool check_list(const char *text, char *why, size_t room) {
  struct slice part;
  for (const char *rest = text; answers_part(&rest, ',', &part);)
    if (part.length == 0 || part.length > LIMIT_TEXT)
      return refuse(why, room, "must be names with commas between them, of at most 255 bytes each");
  return true;
}

static bool check_zone(const char *text, char *why, size_t room) {
  struct zone zone = {0};
  bool good = strcmp(text, "UTC") == 0 || zone_read(&zone, text, 0, 1, why, room) == ZONE_GOOD;
  zone_fini(&zone);
  return good;
}

static bool check_sla(const char *text, char *why, size_t room) {
  size_t length = strlen(text);
  bool hours = length && text[length - 1] == 'h', minutes = length && text[length - 1] == 'm';
  if ((minutes && is_number(text, length - 1, SLA_LEAST_MIN, SLA_MOST_MIN)) ||
      (hours && is_number(text, length - 1, 1, SLA_MOST_MIN / 60)))
    return true;
  return refuse(why, room, "must be working time in minutes or hours, like 30m or 4h, from 5m to 200h");
}

static bool check_from(const char *text, char *why, size_t room) {
  int64_t begin_s, over_s;
  if (strlen(text) == 10 && zone_period(text, &begin_s, &over_s) && is_number(text, 4, 1970, YEAR_MOST)) return true;
  return refuse(why, room, "must be a date like 2026-01-01, from 1970 to 2190");
}

static bool check_one(const struct answers *answers, enum answer which, const char *text, char *why, size_t room) {
  switch (which) {
    case ANSWER_COMPANY: return strlen(text) <= COMPANY_MOST || refuse(why, room, "must have at most 100 bytes");
    case ANSWER_ZONE: return check_zone(text, why, room);
    case ANSWER_HOURS: return compiles(text, "-", why, room);
    case ANSWER_SALES: return check_sales(text, why, room);
    case ANSWER_SIZE:
      return is_number(text, strlen(text), 1, SIZE_MOST) || refuse(why, room, "must be a number from 1 to 10000000");
    case ANSWER_INDUSTRIES:
    case ANSWER_COUNTRIES: return check_list(text, why, room);
    case ANSWER_THRESHOLD:
      return is_number(text, strlen(text), 1, THRESHOLD_MOST) || refuse(why, room, "must be a number from 1 to 100");
    case ANSWER_SLA: return check_sla(text, why, room);
    case ANSWER_BANT:
      return strcmp(text, "yes") == 0 || strcmp(text, "no") == 0 || refuse(why, room, "must be yes or no");
    case ANSWER_FROM: return check_from(text, why, room);
    default: return check_event(answers, which, text, why, room);
  }
}

bool answers_check(const struct answers *answers, enum answer which, const char *text, char *why, size_t room) {
  bool no = strcmp(text, "-") == 0;
  if (strlen(text) > ANSWER_MOST) return refuse(why, room, "is too long");
  if (!is_plain(text))
    return refuse(why, room, "must be text in UTF-8, without line breaks and other control characters");
  if (no && !questions[which].may_be_no) return refuse(why, room, "cannot be left out");
  bool event = which >= ANSWER_PAGE && which <= ANSWER_LOST;
  return (no && !event) || check_one(answers, which, text, why, room);
}
