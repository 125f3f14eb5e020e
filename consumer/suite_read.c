/* suite_read.c: a test file is read and its shape is checked: every member is known, has its type, and times are times. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../config/names.h"
#include "decode.h"
#include "engine/memory.h"
#include "suite.h"
#include "terminal.h"

struct suite_member {
  const char *name;
  int types; /* of cJSON's, or'ed */
  bool needed, time;
};

enum { MEMBERS = 16, ANY = 0xff, MESSAGE = 600 };

const char *const suite_causes[SUITE_CAUSES] = {"event", "move", "climb", "timer"};

struct shape {
  const char *what;
  struct suite_member members[MEMBERS];
};

static const struct shape shape_file = {"a test file",
                                        {{"definition", cJSON_String, false, false},
                                         {"start", cJSON_String, false, false},
                                         {"lead", cJSON_String, false, false},
                                         {"description", cJSON_String, false, false},
                                         {"tests", cJSON_Array, true, false},
                                         {"$schema", cJSON_String, false, false}}};
static const struct shape shape_test = {"a test",
                                        {{"name", cJSON_String, true, false},
                                         {"description", cJSON_String, false, false},
                                         {"start", cJSON_String, false, false},
                                         {"lead", cJSON_String, false, false},
                                         {"fixture", cJSON_String, false, false},
                                         {"events", cJSON_Array, false, false},
                                         {"until", cJSON_String, false, true},
                                         {"expect", cJSON_Array, true, false},
                                         {"probes", cJSON_Array, false, false}}};
static const struct shape shape_event = {"an event",
                                         {{"at", cJSON_String, true, true},
                                          {"name", cJSON_String, false, false},
                                          {"lead", cJSON_String, false, false},
                                          {"id", cJSON_String, false, false},
                                          {"properties", cJSON_Object, false, false},
                                          {"traits", cJSON_Object, false, false},
                                          {"with", cJSON_Object, false, false},
                                          {"repeat", cJSON_Number, false, false},
                                          {"every", cJSON_String, false, false}}};
static const struct shape shape_change = {"an expectation",
                                          {{"at", cJSON_String, true, true},
                                           {"lead", cJSON_String, false, false},
                                           {"from", cJSON_String, false, false},
                                           {"to", cJSON_String, false, false},
                                           {"breach", cJSON_String, false, false},
                                           {"cause", cJSON_String, false, false},
                                           {"move", cJSON_String | cJSON_NULL, false, false},
                                           {"reason", cJSON_String | cJSON_NULL, false, false},
                                           {"queue", cJSON_String | cJSON_NULL, false, false},
                                           {"assignee", cJSON_String | cJSON_NULL, false, false},
                                           {"scores", cJSON_Object, false, false},
                                           {"met", cJSON_Array, false, false},
                                           {"met_only", cJSON_Array, false, false},
                                           {"missing", cJSON_Array, false, false}}};
static const struct shape shape_probe = {"a probe",
                                         {{"at", cJSON_String, true, true},
                                          {"lead", cJSON_String, false, false},
                                          {"stage", cJSON_String | cJSON_NULL, false, false},
                                          {"scores", cJSON_Object, false, false},
                                          {"met", cJSON_Array, false, false},
                                          {"met_only", cJSON_Array, false, false},
                                          {"missing", cJSON_Array, false, false}}};

/* Files */

char *suite_file(const char *path, size_t *length) {
  FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
  if (!file) return NULL;
  char *text = memory_zeroed(SUITE_FILE_MOST + 1, 1);
  *length = fread(text, 1, SUITE_FILE_MOST + 1, file);
  bool good = !ferror(file) && *length <= SUITE_FILE_MOST;
  if (file != stdin) (void)fclose(file);
  if (good) return text;
  memory_free(text);
  return NULL;
}

char *suite_beside(const char *path, const char *name) {
  const char *slash = strrchr(path, '/');
  size_t folder = slash && *name != '/' ? (size_t)(slash - path) + 1 : 0, length = strlen(name);
  char *joined = memory_zeroed(folder + length + 1, 1);
  memcpy(joined, path, folder);
  memcpy(joined + folder, name, length + 1);
  return joined;
}

/* Problems */

void suite_say(struct suite *suite, const cJSON *node, const char *format, ...) {
  char message[MESSAGE];
  int line, column;
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  document_place(&suite->document, (size_t)node->valueint, &line, &column);
  struct buffer safe = {0}; /* names in it may hold anything */
  struct terminal terminal = {.buffer = &safe};
  terminal_text(&terminal, slice_of(message), MESSAGE);
  fprintf(stderr, "%s:%d:%d: %.*s\n", suite->path, line, column, (int)safe.length, safe.at);
  buffer_fini(&safe);
  suite->bad = true;
}

int suite_line(const struct suite *suite, const cJSON *node) {
  int line, column;
  document_place(&suite->document, (size_t)node->valueint, &line, &column);
  return line;
}

/* Times */

bool suite_duration(const char *text, int64_t *ms) {
  static const char units[] = "wdhms";
  static const int64_t worth[] = {7 * 86400000LL, 86400000, 3600000, 60000, 1000};
  bool minus = *text == '-';
  if (minus) text++;
  *ms = 0;
  if (!*text) return false;
  while (*text) {
    char *unit;
    if (*text < '0' || *text > '9') return false;
    long number = strtol(text, &unit, 10);
    const char *found = *unit ? strchr(units, *unit) : NULL;
    if (!found || number > 1000000) return false;
    *ms += number * worth[found - units];
    if (*ms > TIME_END) *ms = TIME_END; /* too long for any test, which is said with its place */
    text = unit + 1;
  }
  if (minus) *ms = -*ms;
  return true;
}

bool suite_time(const cJSON *node, int64_t start_ms, int64_t *ms) {
  if (!cJSON_IsString(node)) return false;
  if (time_parse(slice_of(node->valuestring), ms)) return true;
  if (!suite_duration(node->valuestring, ms)) return false;
  *ms += start_ms;
  return *ms >= 0 && *ms < TIME_END;
}

static bool is_time(const cJSON *node) {
  int64_t ms;
  return time_parse(slice_of(node->valuestring), &ms) || suite_duration(node->valuestring, &ms);
}

/* Shapes */

static const struct suite_member *find_member(const struct shape *shape, const char *name) {
  for (const struct suite_member *m = shape->members; m < shape->members + MEMBERS && m->name; m++)
    if (strcmp(m->name, name) == 0) return m;
  return NULL;
}

static void say_unknown(struct suite *suite, const struct shape *shape, const cJSON *node) {
  const char *names[MEMBERS];
  size_t count = 0;
  for (; count < MEMBERS && shape->members[count].name; count++) names[count] = shape->members[count].name;
  const char *near = name_nearest(node->string, names, count);
  if (!near && shape == &shape_event)
    suite_say(suite, node, "an event has no member \"%.80s\"; what else a record holds goes into \"with\"",
              node->string);
  else
    suite_say(suite, node, "%s has no member \"%.80s\"%s%s%s", shape->what, node->string,
              near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void check_member(struct suite *suite, const struct shape *shape, const cJSON *object, const cJSON *node) {
  const struct suite_member *m = find_member(shape, node->string);
  if (!m) say_unknown(suite, shape, node);
  else if (cJSON_GetObjectItemCaseSensitive(object, node->string) != node)
    suite_say(suite, node, "is there already; a name can stand only once here");
  else if (!(m->types & node->type & ANY))
    suite_say(suite, node, "\"%s\" of %s is of another type than it should be", m->name, shape->what);
  else if (m->time && !is_time(node))
    suite_say(suite, node,
              "is no time: an offset from \"start\" such as \"2d3h\", or a time such as \"2026-03-01T09:30:00Z\"");
}

static bool check_shape(struct suite *suite, const struct shape *shape, const cJSON *object) {
  if (!cJSON_IsObject(object)) {
    suite_say(suite, object, "%s is an object", shape->what);
    return false;
  }
  for (const cJSON *node = object->child; node; node = node->next) check_member(suite, shape, object, node);
  for (const struct suite_member *m = shape->members; m < shape->members + MEMBERS && m->name; m++)
    if (m->needed && !cJSON_GetObjectItemCaseSensitive(object, m->name))
      suite_say(suite, object, "%s needs \"%s\"", shape->what, m->name);
  return true;
}

static void check_repeat(struct suite *suite, const cJSON *event) {
  const cJSON *repeat = cJSON_GetObjectItemCaseSensitive(event, "repeat");
  const cJSON *every = cJSON_GetObjectItemCaseSensitive(event, "every");
  int64_t ms;
  if (!repeat && !every) return;
  if (!repeat || !every) {
    suite_say(suite, event, "\"repeat\" and \"every\" go together");
    return;
  }
  double times = repeat->valuedouble;
  if (times < 1 || times > SUITE_REPEAT_MOST || times != (double)(int)times)
    suite_say(suite, repeat, "\"repeat\" is a whole number from 1 to 10000");
  if (cJSON_IsString(every) && !suite_duration(every->valuestring, &ms))
    suite_say(suite, every, "\"every\" is a duration such as \"1h\"");
}

/* A time, and that of the last repetition, has to be one that events can have: from 1970 to 2200. */
static void check_when(struct suite *suite, const cJSON *test, const cJSON *object, const char *name) {
  const cJSON *start = cJSON_GetObjectItemCaseSensitive(test, "start");
  const cJSON *at = cJSON_GetObjectItemCaseSensitive(object, name);
  const cJSON *repeat = cJSON_GetObjectItemCaseSensitive(object, "repeat");
  const cJSON *every = cJSON_GetObjectItemCaseSensitive(object, "every");
  int64_t start_ms = 0, ms = 0, every_ms = 0;
  if (!start) start = cJSON_GetObjectItemCaseSensitive(suite->document.root, "start");
  if (suite->bad || !at || !suite_time(start, 0, &start_ms)) return;
  bool good = suite_time(at, start_ms, &ms);
  if (repeat && every && suite_duration(every->valuestring, &every_ms)) {
    double last = (double)ms + (repeat->valuedouble - 1) * (double)every_ms;
    good = good && last >= 0 && last < (double)TIME_END;
  }
  if (!good) suite_say(suite, at, "is not within the years 1970 to 2199");
}

static void check_criteria(struct suite *suite, const cJSON *list) {
  const cJSON *node;
  cJSON_ArrayForEach(node, list) {
    if (!cJSON_IsString(node)) suite_say(suite, node, "is no name of a criterion");
  }
}

/* What is within an expectation or a probe: points, names of criteria, a cause. */
static void check_values(struct suite *suite, const cJSON *object) {
  const cJSON *node, *cause = cJSON_GetObjectItemCaseSensitive(object, "cause");
  bool known = !cJSON_IsString(cause);
  cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(object, "scores")) {
    if (!cJSON_IsNumber(node)) suite_say(suite, node, "is no number of points");
  }
  check_criteria(suite, cJSON_GetObjectItemCaseSensitive(object, "met"));
  check_criteria(suite, cJSON_GetObjectItemCaseSensitive(object, "met_only"));
  check_criteria(suite, cJSON_GetObjectItemCaseSensitive(object, "missing"));
  for (size_t i = 0; i < SUITE_CAUSES && !known; i++) known = strcmp(cause->valuestring, suite_causes[i]) == 0;
  if (!known) suite_say(suite, cause, "\"cause\" is event, move, climb or timer");
}

static void check_list(struct suite *suite, const cJSON *test, const char *name, const struct shape *shape) {
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(test, name), *node;
  if (!cJSON_IsArray(list)) return;
  cJSON_ArrayForEach(node, list) {
    if (!check_shape(suite, shape, node)) continue;
    if (shape == &shape_event) check_repeat(suite, node);
    else check_values(suite, node);
    check_when(suite, test, node, "at");
  }
}

static void check_probe_order(struct suite *suite, const cJSON *test) {
  const cJSON *probe;
  int64_t last_ms = 0, at_ms = 0, start_ms = 0;
  const cJSON *start = cJSON_GetObjectItemCaseSensitive(test, "start");
  if (!start) start = cJSON_GetObjectItemCaseSensitive(suite->document.root, "start");
  if (suite->bad || !suite_time(start, 0, &start_ms)) return;
  cJSON_ArrayForEach(probe, cJSON_GetObjectItemCaseSensitive(test, "probes")) {
    if (!suite_time(cJSON_GetObjectItemCaseSensitive(probe, "at"), start_ms, &at_ms)) return;
    if (at_ms < last_ms) suite_say(suite, probe, "probes stand in the order of their times");
    last_ms = at_ms;
  }
}

static void check_count(struct suite *suite, const cJSON *test) {
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(test, "events"), *event;
  double count = 0;
  cJSON_ArrayForEach(event, list) {
    const cJSON *repeat = cJSON_GetObjectItemCaseSensitive(event, "repeat");
    count += cJSON_IsNumber(repeat) ? repeat->valuedouble : 1;
  }
  if (count > SUITE_EVENTS_MOST)
    suite_say(suite, list, "a test has at most %d events, repeats counted", SUITE_EVENTS_MOST);
}

static void check_fixture(struct suite *suite, const cJSON *test) {
  const cJSON *fixture = cJSON_GetObjectItemCaseSensitive(test, "fixture");
  size_t length;
  if (!cJSON_IsString(fixture)) return;
  char *path = suite_beside(suite->path, fixture->valuestring), *text = suite_file(path, &length);
  if (!text) suite_say(suite, fixture, "%s cannot be read, or has more than 1 MiB", path);
  memory_free(text);
  memory_free(path);
}

/* Of a test, or of the file. */
static void check_start(struct suite *suite, const cJSON *object) {
  const cJSON *start = cJSON_GetObjectItemCaseSensitive(object, "start");
  int64_t ms;
  if (cJSON_IsString(start) && !time_parse(slice_of(start->valuestring), &ms))
    suite_say(suite, start, "\"start\" is a time such as \"2026-03-02T09:00:00Z\"");
}

static void check_all(struct suite *suite) {
  const cJSON *root = suite->document.root, *test;
  if (cJSON_GetObjectItemCaseSensitive(root, "handover")) {
    suite_say(suite, root, "this is a definition; its tests are a file of their own, which names it as \"definition\"");
    return;
  }
  if (!check_shape(suite, &shape_file, root)) return;
  const cJSON *tests = cJSON_GetObjectItemCaseSensitive(root, "tests");
  bool started = cJSON_GetObjectItemCaseSensitive(root, "start");
  check_start(suite, root);
  if (cJSON_IsArray(tests) && !tests->child) suite_say(suite, tests, "\"tests\" cannot be an empty list");
  cJSON_ArrayForEach(test, tests) {
    if (!check_shape(suite, &shape_test, test)) continue;
    check_start(suite, test);
    if (!started && !cJSON_GetObjectItemCaseSensitive(test, "start"))
      suite_say(suite, test, "a test needs \"start\", its own or the file's");
    check_when(suite, test, test, "until");
    check_list(suite, test, "events", &shape_event);
    check_count(suite, test);
    check_fixture(suite, test);
    check_list(suite, test, "expect", &shape_change);
    check_list(suite, test, "probes", &shape_probe);
    check_probe_order(suite, test);
  }
}

/* The definition */

static void read_definition(struct suite *suite, const char *given) {
  const cJSON *named = cJSON_GetObjectItemCaseSensitive(suite->document.root, "definition");
  if (!given && !cJSON_IsString(named)) {
    suite_say(suite, suite->document.root, "which definition? say \"definition\" here, or --definition FILE");
    return;
  }
  char *path = given ? suite_beside("", given) : suite_beside(suite->path, named->valuestring);
  struct problems problems;
  suite->definition = definition_read(path, &problems);
  for (size_t i = 0; i < problems.count; i++) {
    const struct problem *p = &problems.at[i];
    fprintf(stderr, "%s:%d:%d: %s: %s\n", path, p->line, p->column, p->pointer, p->message);
  }
  suite->bad |= !suite->definition;
  problems_fini(&problems);
  memory_free(path);
}

bool suite_read(struct suite *suite, const char *path, const char *definition) {
  size_t at;
  const char *why;
  suite->path = path;
  suite->text = suite_file(path, &suite->length);
  if (!suite->text) {
    fprintf(stderr, "handover test: %s: cannot be read, or has more than 1 MiB\n", path);
    return false;
  }
  if (!document_parse(&suite->document, suite->text, suite->length, &at, &why)) {
    struct document text = {.text = suite->text, .length = suite->length};
    int line, column;
    document_place(&text, at, &line, &column);
    fprintf(stderr, "%s:%d:%d: %s\n", path, line, column, why);
    return false;
  }
  check_all(suite);
  if (cJSON_IsObject(suite->document.root) && !cJSON_GetObjectItemCaseSensitive(suite->document.root, "handover"))
    read_definition(suite, definition);
  if (!suite->bad) suite_check_names(suite);
  return !suite->bad;
}

void suite_fini(struct suite *suite) {
  definition_destroy(suite->definition);
  document_fini(&suite->document);
  memory_free(suite->text);
}
