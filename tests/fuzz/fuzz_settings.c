/* fuzz_settings.c: settings, on every text: a file, and behind it a line for each `--set name=value` and `-X property=value`.
 *
 *   they are good, or there are problems, never both and never neither; the same again the second time;
 *   a problem has a place in the file, or is of an option; its message fits a line of the log;
 *   what is good keeps the promises of settings.h and of the table; written as JSON by cJSON it is read to the same;
 *   an address for HTTP is taken, or a sentence says why not. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../config/setting_table.h"
#include "../../consumer/http.h"
#include "../../consumer/options.h"
#include "../../consumer/utf8.h"

enum { PROBLEM_MOST = 600, WHY = 600 };

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_settings.c:%d: not so: %s\n", line, condition);
  abort();
}

/* The input: a copy, so that a sanitizer sees a read behind the file and behind each option. */
struct input {
  char *text; /* NULL: no file */
  size_t length;
  struct options options;
};

static size_t line_length(const char *at, size_t left) {
  const char *end = left ? memchr(at, '\n', left) : NULL;
  return end ? (size_t)(end - at) + 1 : left;
}

static bool begins(const char *at, size_t left, const char *with) {
  return left >= strlen(with) && memcmp(at, with, strlen(with)) == 0;
}

static bool is_option(const char *at, size_t left) { return begins(at, left, "--set ") || begins(at, left, "-X "); }

static void add_option(struct options *options, const char *line, size_t length) {
  size_t head = *line == '-' && line[1] == 'X' ? 3 : 6;
  if (line[length - 1] == '\n' && length > head) length--;
  char *text = strndup(line + head, length - head);
  CHECK(text);
  if (!options_override(options, text, head == 3)) {
    CHECK(options->count == OPTIONS_OVERRIDES);
    free(text);
  }
} /* NOLINT(clang-analyzer-unix.Malloc): the options have it */

static void input_init(struct input *input, const char *data, size_t size) {
  size_t at = 0;
  *input = (struct input){0};
  while (at < size && !is_option(data + at, size - at)) at += line_length(data + at, size - at);
  input->length = at;
  if (at) CHECK(input->text = malloc(at));
  if (at) memcpy(input->text, data, at);
  for (size_t length; at < size; at += length) {
    length = line_length(data + at, size - at);
    if (is_option(data + at, size - at)) add_option(&input->options, data + at, length);
  }
}

static void input_fini(struct input *input) {
  for (size_t i = 0; i < input->options.count; i++) free((char *)(uintptr_t)input->options.overrides[i].text);
  free(input->text);
}

static bool parse(const struct input *input, struct settings *settings, struct problems *problems) {
  *problems = (struct problems){0};
  const struct options *options = &input->options;
  bool good = settings_parse(settings, input->text, input->length, options->overrides, options->count, problems);
  CHECK(good == (problems->count == 0));
  return good;
}

/* Problems */

static void check_problem(const struct problem *problem, const struct input *input) {
  int lines = 1;
  for (size_t i = 0; i < input->length; i++) lines += input->text[i] == '\n';
  CHECK(*problem->message && strlen(problem->message) < PROBLEM_MOST);
  CHECK(problem->line >= 0 && problem->line <= lines && problem->column >= 0);
  CHECK((problem->line == 0) == (problem->column == 0));
  CHECK(input->text || problem->line == 0);
}

static void compare_problems(const struct problems *a, const struct problems *b) {
  CHECK(a->count == b->count);
  for (size_t i = 0; i < a->count; i++) {
    CHECK(a->at[i].line == b->at[i].line && a->at[i].column == b->at[i].column);
    CHECK(strcmp(a->at[i].message, b->at[i].message) == 0 && strcmp(a->at[i].pointer, b->at[i].pointer) == 0);
  }
}

/* What is good */

static const void *member(const struct settings *settings, const struct setting *setting) {
  return (const char *)settings + setting->offset;
}

static void check_text(const struct setting *setting, const char *text) {
  size_t length = strlen(text);
  bool topic = setting->type == SETTING_TOPIC || setting->type == SETTING_TOPICS;
  CHECK(length <= SETTINGS_TEXT);
  for (const char *at = text; *at; at++) CHECK((unsigned char)*at >= ' ' && *at != 0x7f);
  if (setting->type == SETTING_TEXT) CHECK((int64_t)length >= setting->min && (int64_t)length <= setting->max);
  if (topic) CHECK(length >= 1 && length <= 249 && !strpbrk(text, "/ \"\\"));
}

static void check_list(const struct setting *setting, const struct settings_list *list) {
  CHECK(list->count >= setting->min && list->count <= setting->max && setting->max <= SETTINGS_LIST);
  for (int32_t i = 0; i < list->count; i++) {
    check_text(setting, list->at[i]);
    for (int32_t j = 0; j < i; j++) CHECK(strcmp(list->at[i], list->at[j]) != 0);
  }
}

static void check_pairs(const struct settings *settings) {
  const char *why;
  CHECK(settings->kafka_count <= SETTINGS_KAFKA);
  for (int32_t i = 0; i < settings->kafka_count; i++) {
    CHECK(settings_kafka_allowed(settings->kafka[i].name, &why) && settings->kafka[i].value);
    for (int32_t j = 0; j < i; j++) CHECK(strcmp(settings->kafka[i].name, settings->kafka[j].name) != 0);
  }
}

static void check_receivers(const struct receivers *receivers) {
  const char *why;
  CHECK(receivers->count >= 0 && receivers->count <= RECEIVERS_MOST);
  for (int32_t i = 0; i < receivers->count; i++) {
    const struct receiver *receiver = &receivers->at[i];
    CHECK(receiver->kind >= 0 && receiver->kind < RECEIVER_KINDS &&
          receiver_find(receivers, receiver->name) == receiver);
    CHECK(!*receiver->url || receiver_url_good(receiver->url, receiver->allow_http, &why));
    CHECK(receiver->retries.count <= RECEIVER_RETRIES && receiver->filter.count <= RECEIVER_TESTS);
  }
}

static void check_settings(const struct settings *settings) {
  for (size_t i = 0; i < setting_table_rows; i++) {
    const struct setting *setting = &setting_table[i];
    const void *at = member(settings, setting);
    switch (setting->type) {
      case SETTING_TEXT:
      case SETTING_TOPIC: check_text(setting, *(char *const *)at); break;
      case SETTING_NUMBER: CHECK(*(const int64_t *)at >= setting->min && *(const int64_t *)at <= setting->max); break;
      case SETTING_TEXTS:
      case SETTING_TOPICS: check_list(setting, at); break;
      case SETTING_KAFKA: check_pairs(settings); break;
      case SETTING_RECEIVERS: check_receivers(at); break;
      default: break;
    }
  }
  CHECK(*settings->bootstrap && strcmp(settings->journal, settings->state) != 0);
  for (int32_t i = 0; i < settings->inputs.count; i++)
    CHECK(strcmp(settings->inputs.at[i], settings->stage_changes) != 0);
}

/* As JSON and back */

static cJSON *list_node(const struct settings_list *list) {
  cJSON *node = cJSON_CreateArray();
  for (int32_t i = 0; i < list->count; i++) cJSON_AddItemToArray(node, cJSON_CreateString(list->at[i]));
  return node;
}

static cJSON *pairs_node(const struct settings *settings) {
  cJSON *node = cJSON_CreateObject();
  for (int32_t i = 0; i < settings->kafka_count; i++)
    cJSON_AddStringToObject(node, settings->kafka[i].name, settings->kafka[i].value);
  return node;
}

static cJSON *choice_node(const struct setting *setting, int32_t choice) {
  char words[256];
  const char *word = setting->unit, *end;
  for (; choice > 0; choice--) word = strstr(word, " or ") + 4;
  end = strstr(word, " or ");
  snprintf(words, sizeof words, "%.*s", end ? (int)(end - word) : (int)strlen(word), word);
  return cJSON_CreateString(words);
}

static cJSON *schedule_node(const struct receiver_schedule *schedule) {
  cJSON *node = cJSON_CreateArray();
  for (int32_t i = 0; i < schedule->count; i++) {
    char text[32];
    snprintf(text, sizeof text, "%llds", (long long)(schedule->wait_ms[i] / 1000));
    cJSON_AddItemToArray(node, cJSON_CreateString(text));
  }
  return node;
}

/* Below "/data/attributes/" a name as it is. */
static void attribute_name(const char *pointer, char *name) {
  for (; *pointer; pointer++) {
    *name++ = *pointer != '~' ? *pointer : pointer[1] == '0' ? '~' : '/';
    pointer += *pointer == '~';
  }
  *name = 0;
}

static cJSON *filter_node(const struct receiver_filter *filter) {
  static const char below[] = "/data/attributes/";
  cJSON *node = cJSON_CreateObject(), *attributes = NULL;
  for (int32_t i = 0; i < filter->count; i++) {
    const struct receiver_test *test = &filter->tests[i];
    char name[SETTINGS_TEXT + 1];
    size_t row = 0;
    while (row < filter_table_rows && strcmp(filter_table[row].pointer, test->pointer) != 0) row++;
    bool attribute = row == filter_table_rows;
    CHECK(!attribute || strncmp(test->pointer, below, sizeof below - 1) == 0);
    if (attribute && !attributes) attributes = cJSON_AddObjectToObject(node, "attribute");
    if (attribute) attribute_name(test->pointer + sizeof below - 1, name);
    else snprintf(name, sizeof name, "%s", filter_table[row].name);
    cJSON *values = cJSON_AddArrayToObject(attribute ? attributes : node, name);
    for (int32_t j = 0; j < test->count; j++) cJSON_AddItemToArray(values, cJSON_CreateString(test->values[j]));
  }
  return node;
}

static cJSON *setting_node(const struct settings *settings, const void *at, const struct setting *setting);

/* What was not said is left out: not everything goes with every kind. */
static cJSON *receivers_node(const struct receivers *receivers) {
  cJSON *list = cJSON_CreateArray();
  for (int32_t i = 0; i < receivers->count; i++) {
    cJSON *node = cJSON_CreateObject();
    for (size_t j = 0; j < receiver_table_rows; j++) {
      const struct setting *row = &receiver_table[j];
      const void *at = (const char *)&receivers->at[i] + row->offset;
      bool said = row->type == SETTING_TEXT     ? **(char *const *)at
                  : row->type == SETTING_SWITCH ? *(const bool *)at
                                                : true;
      if (said) cJSON_AddItemToObject(node, row->name, setting_node(NULL, at, row));
    }
    cJSON_AddItemToArray(list, node);
  }
  return list;
}

static cJSON *setting_node(const struct settings *settings, const void *at, const struct setting *setting) {
  char number[32];
  switch (setting->type) {
    case SETTING_TEXT:
    case SETTING_TOPIC: return cJSON_CreateString(*(char *const *)at);
    case SETTING_NUMBER:
      snprintf(number, sizeof number, "%lld", (long long)*(const int64_t *)at);
      return cJSON_CreateRaw(number);
    case SETTING_SWITCH: return cJSON_CreateBool(*(const bool *)at);
    case SETTING_CHOICE: return choice_node(setting, *(const int32_t *)at);
    case SETTING_TEXTS:
    case SETTING_TOPICS: return list_node(at);
    case SETTING_RECEIVERS: return receivers_node(at);
    case SETTING_SCHEDULE: return schedule_node(at);
    case SETTING_FILTER: return filter_node(at);
    default: return pairs_node(settings);
  }
}

static char *as_json(const struct settings *settings) {
  cJSON *root = cJSON_CreateObject();
  for (size_t i = 0; i < setting_table_rows; i++)
    cJSON_AddItemToObject(root, setting_table[i].name,
                          setting_node(settings, member(settings, &setting_table[i]), &setting_table[i]));
  char *text = cJSON_PrintUnformatted(root);
  cJSON_Delete(root);
  CHECK(text);
  return text;
}

/* Options may hold what is no UTF-8, and properties what is longer than a text of the file: these cannot stand in a file. */
static bool fits_file(const struct settings *settings, const char *json) {
  bool fits = utf8_valid((struct slice){json, (uint32_t)strlen(json)});
  for (int32_t i = 0; i < settings->kafka_count; i++) fits = fits && strlen(settings->kafka[i].value) <= SETTINGS_TEXT;
  return fits;
}

static void check_round(const struct settings *settings) {
  struct settings again;
  struct problems problems;
  struct input input = {.text = as_json(settings)};
  input.length = strlen(input.text);
  if (fits_file(settings, input.text)) {
    CHECK(parse(&input, &again, &problems));
    char *text = as_json(&again);
    CHECK(strcmp(text, input.text) == 0);
    free(text);
    settings_fini(&again);
    problems_fini(&problems);
  }
  free(input.text);
}

static void check_address(const struct settings *settings) {
  char why[WHY] = "";
  bool good = http_address_check(settings->http, settings->http_public, why, sizeof why);
  CHECK(good == (*why == 0));
  CHECK(!good || strrchr(settings->http, ':'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct input input;
  struct settings first, second;
  struct problems problems, others;
  input_init(&input, (const char *)data, size);
  bool good = parse(&input, &first, &problems);
  CHECK(parse(&input, &second, &others) == good);
  compare_problems(&problems, &others);
  for (size_t i = 0; i < problems.count; i++) check_problem(&problems.at[i], &input);
  if (good) {
    check_settings(&first);
    check_round(&first);
    check_address(&first);
  }
  settings_fini(&first);
  settings_fini(&second);
  problems_fini(&problems);
  problems_fini(&others);
  input_fini(&input);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "settings", .count = 60000};
  return standalone_run(&run, argc, argv);
}
#endif
