/* answers.c: the table of questions; answers as parts of a document. Whatever people typed is escaped here. */
#include "answers.h"

#include <stdio.h>

#include "../producer/encode.h"
#include "engine/memory.h"

const struct question questions[ANSWERS] = {
    [ANSWER_COMPANY] = {"company", "NAME", "Our company", "who you are, as it stands in the agreement",
                        "Your company's name", false},
    [ANSWER_ZONE] = {"zone", "ZONE", "UTC", "the time zone of those who sell, like Europe/Berlin",
                     "Time zone of those who sell, like Europe/Berlin", false},
    [ANSWER_HOURS] = {"hours", "HOURS", "mon-fri 09:00-17:00",
                      "their working hours, like \"mon-fri 09:00-12:30,13:30-17:30\"",
                      "Their working hours, like mon-fri 09:00-12:30,13:30-17:30", false},
    [ANSWER_SALES] =
        {"sales", "WHO", "-",
         "who sells: names, like \"ana, bo\"; territories with their people, like\n"
         "\"emea: ana, bo; americas: eli\"; or -: one queue for all",
         "Who sells? Names, like ana, bo; or territories, like emea: ana, bo; americas: eli; - is one queue for all",
         true},
    [ANSWER_PAGE] = {"page", "EVENT", "Page Viewed", "event of a page that is looked at; those below /pricing count",
                     "Event of a page that is looked at", true},
    [ANSWER_DOWNLOAD] = {"download", "EVENT", "Content Downloaded", "of a guide or paper that is downloaded",
                         "Event of a guide that is downloaded", true},
    [ANSWER_WEBINAR] = {"webinar", "EVENT", "Webinar Attended", "of a webinar that is attended",
                        "Event of a webinar that is attended", true},
    [ANSWER_TRIAL] = {"trial", "EVENT", "Trial Started", "of a trial that is started",
                      "Event of a trial that is started", true},
    [ANSWER_DEMO] = {"demo", "EVENT", "Demo Requested", "of a raised hand, which goes to sales at once",
                     "Event of a raised hand, which goes to sales at once", true},
    [ANSWER_UNSUBSCRIBED] = {"unsubscribed", "EVENT", "Unsubscribed", "of somebody who wants no more mail", NULL, true},
    [ANSWER_ACCEPTED] = {"accepted", "EVENT", "Lead Accepted", "of sales: we take this lead", NULL, false},
    [ANSWER_REJECTED] = {"rejected", "EVENT", "Lead Rejected", "of sales: we do not take it, with a reason", NULL,
                         false},
    [ANSWER_OPPORTUNITY] = {"opportunity", "EVENT", "Opportunity Created",
                            "of a deal that begins; with - there is none of the next two", NULL, true},
    [ANSWER_WON] = {"won", "EVENT", "Opportunity Won", "of a deal that is won", NULL, true},
    [ANSWER_LOST] = {"lost", "EVENT", "Opportunity Lost", "of a deal that is lost", NULL, true},
    [ANSWER_SIZE] = {"size", "N", "50", "fit: employees that a company has at least",
                     "Fit: employees that a company has at least", true},
    [ANSWER_INDUSTRIES] = {"industries", "LIST", "-", "fit: the industries that you serve, like \"software, retail\"",
                           "Fit: the industries that you serve, like software, retail", true},
    [ANSWER_COUNTRIES] = {"countries", "LIST", "-", "fit: the countries that you serve, like \"DE, AT, CH\"",
                          "Fit: the countries that you serve, like DE, AT, CH", true},
    [ANSWER_THRESHOLD] = {"threshold", "N", "40",
                          "points of engagement that make an MQL, 1 to 100; a download brings 10",
                          "Points of engagement that make an MQL; a download brings 10", false},
    [ANSWER_SLA] = {"sla", "TIME", "4h", "by when sales answers, in working time, like 30m or 4h",
                    "By when sales answers, in working time, like 30m or 4h", false},
    [ANSWER_BANT] = {"bant", "yes|no", "yes", "does an SQL take budget, authority, need, timescale: three of four",
                     "Does an SQL take budget, authority, need, timescale: three of four (yes or no)", false},
    [ANSWER_FROM] = {"effective-from", "DATE", NULL, "from when on the definition holds (the first day of this year)",
                     NULL, false},
};

static char *copy(const char *text, size_t length) {
  char *own = memory_zeroed(length + 1, 1);
  memcpy(own, text, length);
  return own;
}

void answers_begin(struct answers *answers, int64_t now_ms) {
  struct buffer now = {0};
  time_append(&now, now_ms);
  snprintf(answers->from, sizeof answers->from, "%.4s-01-01", now.at);
  buffer_fini(&now);
}

void answers_fini(struct answers *answers) {
  for (int i = 0; i < ANSWERS; i++) memory_free(answers->text[i]);
  *answers = (struct answers){0};
}

const char *answers_fallback(const struct answers *answers, enum answer which) {
  return questions[which].fallback ? questions[which].fallback : answers->from;
}

bool answers_set(struct answers *answers, enum answer which, const char *text, char *why, size_t room) {
  struct slice part = {0};
  (void)answers_part(&text, '\0', &part);
  if (part.length == 0) part = slice_of(answers_fallback(answers, which));
  char *own = copy(part.at, part.length);
  if (!answers_check(answers, which, own, why, room)) {
    memory_free(own);
    return false;
  }
  memory_free(answers->text[which]);
  answers->text[which] = own;
  return true;
}

bool answers_no(const struct answers *answers, enum answer which) {
  return answers->text[which] && strcmp(answers->text[which], "-") == 0;
}

/* --- parts --- */

bool answers_part(const char **text, char separator, struct slice *part) {
  if (!*text) return false;
  const char *from = *text, *end = separator ? strchr(from, separator) : NULL;
  *text = end ? end + 1 : NULL;
  if (!end) end = from + strlen(from);
  while (from < end && (*from == ' ' || *from == '\t')) from++;
  while (end > from && (end[-1] == ' ' || end[-1] == '\t')) end--;
  *part = (struct slice){from, (uint32_t)(end - from)};
  return true;
}

void answers_append_list(struct buffer *out, const char *text) {
  struct slice part;
  for (int i = 0; answers_part(&text, ',', &part); i++) {
    if (i) buffer_append_text(out, ", ");
    json_append_string(out, part);
  }
}

void answers_append_hours(struct buffer *out, const char *text) {
  const char *blank = strchr(text, ' ');
  struct slice days = blank ? (struct slice){text, (uint32_t)(blank - text)} : slice_of(text);
  json_append_string(out, days);
  buffer_append_text(out, ": [");
  if (blank) answers_append_list(out, blank + 1);
  buffer_append_text(out, "]");
}

bool answers_has_territories(const char *text) { return strchr(text, ':') != NULL; }

static void append_members(struct buffer *out, const char *names) {
  struct slice part;
  const char *first = names;
  if (!answers_part(&first, ',', &part) || (part.length == 0 && !first)) return;
  buffer_append_text(out, ", \"members\": [");
  answers_append_list(out, names);
  buffer_append_text(out, "]");
}

static void append_territory(struct buffer *out, struct slice territory) {
  char *own = copy(territory.at, territory.length);
  const char *rest = own;
  struct slice name;
  (void)answers_part(&rest, ':', &name);
  buffer_append_text(out, "    {\"queue\": ");
  json_append_string(out, name);
  buffer_append_text(out, ", \"when\": {\"attribute\": \"region\", \"is\": ");
  json_append_string(out, name);
  buffer_append_text(out, "}");
  if (rest) append_members(out, rest);
  buffer_append_text(out, "},\n");
  memory_free(own);
}

void answers_append_routes(struct buffer *out, const char *text) {
  struct slice part;
  bool territories = answers_has_territories(text);
  while (territories && answers_part(&text, ';', &part)) append_territory(out, part);
  buffer_printf(out, "    {\"queue\": \"%s\"", territories ? "everyone else" : "sales");
  if (!territories && strcmp(text, "-") != 0) append_members(out, text);
  buffer_append_text(out, "}");
}
