/* settings_receiver.c: "alerts": a list of objects, each by the rows of receiver_table.c. What is wrong is said with its place, all of it.
 * May use: libc, settings_parse.h, duration.h, memory.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/engine/memory.h"
#include "duration.h"
#include "settings_parse.h"

static const int64_t default_retries_s[] = {5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

/* --- a schedule --- */

static bool read_wait(struct parse *parse, const struct setting *setting, enum token token) {
  struct receiver_schedule *schedule = setting_member(parse->settings, setting);
  if (token != TOKEN_TEXT) return settings_mistyped(parse, setting, token);
  int64_t wait_ms = duration_parse(parse->reader.text);
  if (wait_ms == 0 || wait_ms > INT64_C(7) * 86400000) {
    settings_complain(parse, "%s: \"%.40s\" is no duration like 5s, 30m or 2h, of a week at the most", setting->name,
                      parse->reader.text);
  } else if (schedule->count == RECEIVER_RETRIES) {
    settings_complain(parse, "%s can have at most %d entries", setting->name, RECEIVER_RETRIES);
  } else {
    schedule->wait_ms[schedule->count++] = wait_ms;
  }
  return true;
}

bool settings_read_schedule(struct parse *parse, const struct setting *setting) {
  struct receiver_schedule *schedule = setting_member(parse->settings, setting);
  schedule->count = 0;
  return settings_read_entries(parse, setting, read_wait);
}

/* --- a filter --- */

static struct receiver_test *latest(struct parse *parse) {
  struct receiver_filter *filter = &parse->receiver->filter;
  return &filter->tests[filter->count - 1];
}

static void put_value(struct parse *parse, const char *name) {
  struct receiver_test *test = latest(parse);
  if (test->count == RECEIVER_VALUES) {
    settings_complain(parse, "%s can have at most %d values", name, RECEIVER_VALUES);
    return;
  }
  test->values = memory_grown(test->values, (size_t)(test->count + 1) * sizeof *test->values);
  test->values[test->count++] = memory_text(parse->reader.text);
}

static bool read_filter_value(struct parse *parse, const struct setting *setting, enum token token) {
  if (token != TOKEN_TEXT) return settings_mistyped(parse, setting, token);
  put_value(parse, setting->name);
  return true;
}

/* A text, or a list of them. */
static bool read_filter_values(struct parse *parse, const char *name) {
  const struct setting row = {.name = name, .type = SETTING_TEXTS};
  enum token token = settings_next(parse);
  if (token == TOKEN_TEXT) {
    put_value(parse, name);
    return true;
  }
  if (token != TOKEN_ARRAY) return settings_mistyped(parse, &row, token);
  struct place start = parse->place;
  size_t problems_before = parse->problems->count;
  if (!settings_read_entries(parse, &row, read_filter_value)) return false;
  parse->place = start;
  if (latest(parse)->count == 0 && parse->problems->count == problems_before)
    settings_complain(parse, "%s: an empty list lets no event pass", name);
  return true;
}

/* A test that looks at `pointer`, or at a member of what is there. */
static void add_test(struct parse *parse, const char *pointer, const char *member) {
  struct receiver_filter *filter = &parse->receiver->filter;
  char text[64 + 2 * READER_TEXT];
  size_t length = (size_t)snprintf(text, sizeof text, "%s%s", pointer, member ? "/" : "");
  for (; member && *member; member++) { /* RFC 6901 */
    if (*member == '~' || *member == '/') text[length++] = '~';
    text[length++] = *member == '~' ? '0' : *member == '/' ? '1' : *member;
  }
  text[length] = 0;
  filter->tests = memory_grown(filter->tests, (size_t)(filter->count + 1) * sizeof *filter->tests);
  filter->tests[filter->count++] = (struct receiver_test){memory_text(text), NULL, 0};
}

static bool test_fits(struct parse *parse, const char *name, const char *pointer) {
  const struct receiver_filter *filter = &parse->receiver->filter;
  if (filter->count < RECEIVER_TESTS) {
    add_test(parse, pointer, name);
    int32_t i = 0;
    while (strcmp(filter->tests[i].pointer, latest(parse)->pointer) != 0) i++;
    if (i < filter->count - 1) settings_complain(parse, "\"%.100s\" stands there twice", name ? name : pointer);
    return true;
  }
  settings_complain(parse, "filter can have at most %d members", RECEIVER_TESTS);
  return false;
}

/* Past a member that is of no use. */
static bool pass_over(struct parse *parse) {
  return reader_skip(&parse->reader, settings_next(parse), 1) || settings_broken(parse, "a value is wanted here");
}

static bool read_attribute(struct parse *parse, const struct setting *setting) {
  char name[READER_TEXT + 1];
  memcpy(name, parse->reader.text, parse->reader.text_length + 1);
  bool fits = test_fits(parse, name, "/data/attributes");
  if (settings_next(parse) != TOKEN_COLON) return settings_broken(parse, "a colon is wanted here");
  (void)setting;
  return fits ? read_filter_values(parse, name) : pass_over(parse);
}

static const struct filter_member *filter_member_find(const char *name) {
  for (size_t i = 0; i < filter_table_rows; i++) {
    if (strcmp(filter_table[i].name, name) == 0) return &filter_table[i];
  }
  return NULL;
}

static bool read_filter_member(struct parse *parse, const struct setting *setting) {
  (void)setting;
  const struct filter_member *member = filter_member_find(parse->reader.text);
  bool plain = member && !member->prefix, fits = true;
  if (!member) {
    settings_complain_unlisted(parse, "a filter", parse->reader.text, filter_table, filter_table_rows,
                               sizeof *filter_table);
  } else if (plain) {
    fits = test_fits(parse, NULL, member->pointer);
  }
  if (settings_next(parse) != TOKEN_COLON) return settings_broken(parse, "a colon is wanted here");
  if (!member || !fits) return pass_over(parse);
  if (plain) return read_filter_values(parse, member->name);
  const struct setting row = {.name = member->name, .type = SETTING_FILTER};
  enum token token = settings_next(parse);
  if (token != TOKEN_OBJECT) return settings_mistyped(parse, &row, token);
  return settings_read_members(parse, &row, read_attribute);
}

bool settings_read_filter(struct parse *parse, const struct setting *setting) {
  return settings_read_members(parse, setting, read_filter_member);
}

/* --- a receiver --- */

/* The row as one of the settings' own: its offset leads to this receiver. */
static struct setting row_of(const struct parse *parse, const struct setting *setting) {
  struct setting row = *setting;
  row.offset += (size_t)((char *)parse->receiver - (char *)parse->settings);
  return row;
}

static void take_defaults(struct parse *parse) {
  struct receiver *receiver = parse->receiver;
  for (size_t i = 0; i < receiver_table_rows; i++) {
    struct setting row = row_of(parse, &receiver_table[i]);
    if (row.type == SETTING_TEXT) *(char **)setting_member(parse->settings, &row) = memory_text("");
    if (*row.initial) setting_put_from_text(parse, &row, row.initial);
  }
  receiver->kind = -1;
  for (size_t i = 0; i < sizeof default_retries_s / sizeof *default_retries_s; i++)
    receiver->retries.wait_ms[receiver->retries.count++] = default_retries_s[i] * 1000;
}

static bool read_receiver_member(struct parse *parse, const struct setting *setting) {
  (void)setting;
  size_t i = 0;
  while (i < receiver_table_rows && strcmp(receiver_table[i].name, parse->reader.text) != 0) i++;
  bool known = i < receiver_table_rows;
  if (!known)
    settings_complain_unlisted(parse, "a receiver", parse->reader.text, receiver_table, receiver_table_rows,
                               sizeof *receiver_table);
  if (known && parse->receiver_seen[i]) settings_complain(parse, "\"%s\" stands there twice", receiver_table[i].name);
  if (known) parse->receiver_seen[i] = true;
  bool again = known && receiver_table[i].type == SETTING_FILTER && parse->receiver->filter.count > 0;
  if (settings_next(parse) != TOKEN_COLON) return settings_broken(parse, "a colon is wanted here");
  if (!known || again) return pass_over(parse);
  const struct setting row = row_of(parse, &receiver_table[i]);
  return settings_read_value(parse, &row);
}

static bool name_good(const char *name) {
  return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == strlen(name);
}

/* Is the kind among the words? */
static bool suits(const char *kinds, const char *kind) {
  const char *at = strstr(kinds, kind);
  return !*kinds || at;
}

static void check_of_use(struct parse *parse, const char *kind) {
  for (size_t i = 0; i < receiver_table_rows; i++) {
    const struct setting *row = &receiver_table[i];
    bool words = row->type == SETTING_TEXT || row->type == SETTING_SWITCH;
    if (parse->receiver_seen[i] && words && !suits(row->unit, kind))
      settings_complain(parse, "%s is of no use to a receiver of kind %s", row->name, kind);
  }
}

static void check_kind(struct parse *parse, const char *kind) {
  const struct receiver *r = parse->receiver;
  bool address = *r->url || *r->url_file;
  if (*r->url && *r->url_file) settings_complain(parse, "url and url_file: one of them");
  if (r->kind == RECEIVER_SLACK && !*r->url_file)
    settings_complain(parse, "url_file is required: Slack's address is a secret");
  if (r->kind == RECEIVER_WEBHOOK && !address) settings_complain(parse, "url is required, or url_file");
  if (r->kind == RECEIVER_WEBHOOK && !*r->secret_file)
    settings_complain(parse, "secret_file is required: what a webhook sends is signed");
  if (r->kind == RECEIVER_PAGERDUTY && !*r->secret_file)
    settings_complain(parse, "secret_file is required: the routing key");
  const char *why;
  if (*r->url && !receiver_url_good(r->url, r->allow_http, &why)) settings_complain(parse, "url %s", why);
  check_of_use(parse, kind);
}

static void check_receiver(struct parse *parse) {
  static const char *const kinds[RECEIVER_KINDS] = {"slack", "webhook", "pagerduty", "stdout"};
  const struct receivers *all = &parse->settings->receivers;
  const struct receiver *receiver = parse->receiver;
  if (!name_good(receiver->name)) {
    settings_complain(parse, *receiver->name ? "name may hold a-z, 0-9, - and _ only" : "name is required");
  } else if (receiver_find(all, receiver->name) != receiver) {
    settings_complain(parse, "name: there is another receiver \"%s\"", receiver->name);
  }
  if (receiver->kind >= 0) {
    check_kind(parse, kinds[receiver->kind]);
  } else {
    settings_complain(parse, "kind is required: %s", receiver_kinds);
  }
}

static bool read_receiver(struct parse *parse, const struct setting *setting, enum token token) {
  struct receivers *all = &parse->settings->receivers;
  if (token != TOKEN_OBJECT) return settings_mistyped(parse, setting, token);
  struct place start = parse->place;
  if (all->count == RECEIVERS_MOST) {
    settings_complain(parse, "%s can have at most %d entries", setting->name, RECEIVERS_MOST);
    return reader_skip(&parse->reader, token, 1) || settings_broken(parse, "a value is wanted here");
  }
  parse->receiver = &all->at[all->count++];
  memset(parse->receiver_seen, 0, sizeof parse->receiver_seen);
  take_defaults(parse);
  size_t problems_before = parse->problems->count;
  if (!settings_read_members(parse, setting, read_receiver_member)) return false;
  parse->place = start;
  if (parse->problems->count == problems_before) check_receiver(parse);
  return true;
}

bool settings_read_receivers(struct parse *parse, const struct setting *setting) {
  receivers_fini(&parse->settings->receivers);
  return settings_read_entries(parse, setting, read_receiver);
}
