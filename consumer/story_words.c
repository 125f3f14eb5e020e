/* story_words.c: may use: cJSON, terminal.h. */
#include "story_words.h"

#include <math.h>
#include <strings.h>

enum {
  LIST = 6,      /* names of a list */
  RULES = 4,     /* contributions that are named */
  AND_MORE = 13, /* " and 1023 more" */
};

#define LEAST_POINTS 0.1 /* fewer are not worth a word */

const cJSON *story_member(const cJSON *object, const char *name) {
  return cJSON_GetObjectItemCaseSensitive(object, name);
}

void words_add(struct buffer *words, const char *text) { buffer_append_text(words, text); }

void words_name(struct buffer *words, struct slice name) {
  struct terminal terminal = {.buffer = words};
  terminal_text(&terminal, name, STORY_NAME);
}

struct slice words_text(const struct buffer *words) {
  return (struct slice){words->at, (uint32_t)words->length};
}

int words_columns(const struct buffer *words) { return terminal_columns(words_text(words)); }

/* Times: "2026-11-02T09:30:00.000Z" as "Mon  2 Nov 09:30" */

static bool is_time(struct slice text) {
  static const char shape[] = "0000-00-00T00:00:00.000Z";
  if (text.length != sizeof shape - 1) return false;
  for (uint32_t i = 0; i < text.length; i++) {
    bool digit = text.at[i] >= '0' && text.at[i] <= '9';
    if (shape[i] == '0' ? !digit : text.at[i] != shape[i]) return false;
  }
  return true;
}

static int digits(struct slice text, int from, int count) {
  int number = 0;
  for (int i = from; i < from + count; i++) number = number * 10 + text.at[i] - '0';
  return number;
}

/* 0: Sunday (Sakamoto). */
static int weekday(int year, int month, int day) {
  static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  if (month < 3) year--;
  return (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day) % 7;
}

void words_time(struct buffer *words, struct slice text, int width) {
  static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  int month = is_time(text) ? digits(text, 5, 2) : 0;
  if (month < 1 || month > 12) {
    words_name(words, text);
    return;
  }
  int day = digits(text, 8, 2);
  buffer_printf(words, "%s %*d %s %02d:%02d", days[weekday(digits(text, 0, 4), month, day)], width, day,
                months[month - 1], digits(text, 11, 2), digits(text, 14, 2));
}

/* Who */

static struct slice attribute(const cJSON *data, const char *const *names) {
  const cJSON *attributes = story_member(data, "attributes"), *item;
  for (; *names; names++) {
    cJSON_ArrayForEach(item, attributes) {
      const char *text = cJSON_GetStringValue(item);
      if (text && *text && item->string && strcasecmp(item->string, *names) == 0) return slice_of(text);
    }
  }
  return (struct slice){NULL, 0};
}

void words_who(struct buffer *words, const cJSON *data) {
  static const char *const names[] = {"name", "full name", "full_name", "fullname", NULL};
  static const char *const firsts[] = {"first name", "first_name", "firstname", NULL};
  static const char *const lasts[] = {"last name", "last_name", "lastname", NULL};
  static const char *const emails[] = {"email", "e-mail", "mail", NULL};
  static const char *const companies[] = {
      "company", "company name", "company_name", "organisation", "organization", "account", NULL};
  struct slice name = attribute(data, names), first = attribute(data, firsts), last = attribute(data, lasts);
  struct slice company = attribute(data, companies);
  if (name.length > 0) {
    words_name(words, name);
  } else if (first.length > 0 || last.length > 0) {
    words_name(words, first);
    if (first.length > 0 && last.length > 0) words_add(words, " ");
    words_name(words, last);
  } else {
    struct slice email = attribute(data, emails);
    words_name(words, email.length > 0 ? email : story_text(data, "lead"));
  }
  if (company.length == 0) return;
  words_add(words, ", ");
  words_name(words, company);
}

/* Points */

static double points_of(const cJSON *item) {
  double points = cJSON_GetNumberValue(item);
  return isfinite(points) && fabs(points) < 1e12 ? points : 0;
}

static bool is_worth_a_word(double points) { return fabs(points) >= LEAST_POINTS; }

/* Cut toward zero to one decimal, so that nothing seems to have been reached that was not. */
static void words_number(struct buffer *words, double points, const char *plus) {
  int64_t tenths = (int64_t)llround(points * 1000) / 100;
  const char *sign = tenths < 0 ? "−" : plus;
  if (tenths < 0) tenths = -tenths;
  buffer_printf(words, " %s%lld", sign, (long long)(tenths / 10));
  if (tenths % 10) buffer_printf(words, ".%d", (int)(tenths % 10));
}

static bool has_rules(const cJSON *contributions, const char *score) {
  const cJSON *item;
  cJSON_ArrayForEach(item, contributions) {
    if (slice_equal(story_text(item, "score"), slice_of(score))) return true;
  }
  return false;
}

static void words_score(struct buffer *words, const cJSON *score) {
  if (words->length > 0) words_add(words, ", ");
  words_name(words, slice_of(score->string));
  words_number(words, points_of(score), "");
}

/* The largest score says it all where it has no rules of its own: it is a sum. Otherwise those that are worth a word. */
static void words_scores(struct buffer *words, const cJSON *scores, const cJSON *contributions) {
  const cJSON *score, *largest = NULL;
  int named = 0;
  if (!cJSON_IsObject(scores)) return;
  cJSON_ArrayForEach(score, scores) {
    if (!largest || points_of(score) >= points_of(largest)) largest = score;
  }
  if (largest && points_of(largest) >= LEAST_POINTS && !has_rules(contributions, largest->string)) {
    words_score(words, largest);
    return;
  }
  cJSON_ArrayForEach(score, scores) {
    if (is_worth_a_word(points_of(score)) && named++ < LIST) words_score(words, score);
  }
}

struct picks { /* contributions that have been named */
  const cJSON *at[RULES];
  int count;
};

static bool is_picked(const struct picks *picks, const cJSON *item, bool its_score) {
  for (int i = 0; i < picks->count; i++) {
    if (picks->at[i] == item) return true;
    if (its_score && slice_equal(story_text(picks->at[i], "score"), story_text(item, "score"))) return true;
  }
  return false;
}

static const cJSON *largest_left(const cJSON *contributions, const struct picks *picks, bool of_another_score) {
  const cJSON *item, *best = NULL;
  double best_points = 0;
  cJSON_ArrayForEach(item, contributions) {
    double points = fabs(points_of(story_member(item, "points")));
    if (!is_worth_a_word(points) || points <= best_points || is_picked(picks, item, of_another_score)) continue;
    best = item;
    best_points = points;
  }
  return best;
}

/* First the largest of each score, so that deeds stand beside facts; then the largest that are left. */
static void words_rules(struct buffer *words, const cJSON *contributions, int room) {
  struct picks picks = {.count = 0};
  int count = cJSON_GetArraySize(contributions);
  while (picks.count < RULES) {
    const cJSON *next = largest_left(contributions, &picks, true);
    if (!next) next = largest_left(contributions, &picks, false);
    if (!next) break;
    size_t before = words->length;
    words_add(words, picks.count ? ", " : before > 0 ? ": " : "");
    words_name(words, story_text(next, "rule"));
    words_number(words, points_of(story_member(next, "points")), "+");
    if (words_columns(words) + (count > picks.count + 1 ? AND_MORE : 0) > room) {
      words->length = before;
      break;
    }
    picks.at[picks.count++] = next;
  }
  if (picks.count > 0 && count > picks.count) buffer_printf(words, " and %d more", count - picks.count);
}

void words_points(struct buffer *words, const cJSON *data, int room) {
  const cJSON *contributions = story_member(data, "contributions");
  words_scores(words, story_member(data, "scores"), contributions);
  words_rules(words, contributions, room);
}

/* What is to be done */

void words_route(struct buffer *words, const cJSON *data) {
  const cJSON *route = story_member(data, "route");
  struct slice queue = story_text(route, "queue"), assignee = story_text(route, "assignee");
  if (queue.length == 0) return;
  if (assignee.length > 0) {
    words_name(words, assignee);
    words_add(words, " (");
  }
  words_name(words, queue);
  if (assignee.length > 0) words_add(words, ")");
}

/* "sales: dev (emea), sales answers by Mon 2 Nov 14:00" */
void words_duty(struct buffer *words, const cJSON *data) {
  const cJSON *due = story_member(data, "due"), *item, *route = story_member(data, "route");
  int named = 0;
  if (cJSON_GetArraySize(due) == 0 && story_text(route, "queue").length == 0) return;
  words_name(words, story_text(data, "owner"));
  words_add(words, ": ");
  words_route(words, data);
  bool first = story_text(route, "queue").length == 0;
  cJSON_ArrayForEach(item, due) {
    if (named++ >= LIST) break;
    if (!first) words_add(words, ", ");
    first = false;
    words_name(words, story_text(item, "sla"));
    words_add(words, " by ");
    words_time(words, story_text(item, "by"), 1);
  }
}

void words_cause(struct buffer *words, const cJSON *data) {
  const cJSON *cause = story_member(data, "cause");
  struct slice move = story_text(cause, "move"), name = story_text(cause, "name"), reason = story_text(data, "reason");
  size_t before = words->length;
  if (move.length > 0) words_name(words, move);
  if (move.length > 0 && reason.length + name.length > 0) words_add(words, ": ");
  if (reason.length > 0) {
    words_add(words, "“");
    words_name(words, reason);
    words_add(words, "”");
  } else if (name.length > 0) {
    words_name(words, name);
  }
  if (words->length == before) words_add(words, "time has passed");
}

void words_since(struct buffer *words, const cJSON *data) {
  words_name(words, story_text(data, "owner"));
  words_add(words, ": ");
  size_t before = words->length;
  words_route(words, data);
  words_add(words, words->length > before ? ", waiting since " : "waiting since ");
  words_time(words, story_text(data, "since"), 1);
}

void words_missing(struct buffer *words, const cJSON *data) {
  const cJSON *next = story_member(data, "next"), *missing = story_member(next, "missing"), *item;
  int count = cJSON_GetArraySize(missing), named = 0;
  if (count == 0) return;
  words_add(words, "missing for ");
  words_name(words, story_text(next, "stage"));
  cJSON_ArrayForEach(item, missing) {
    if (named == LIST) break;
    words_add(words, named++ ? ", " : ": ");
    if (cJSON_IsString(item)) words_name(words, slice_of(item->valuestring));
  }
  if (count > named) buffer_printf(words, " and %d more", count - named);
}
