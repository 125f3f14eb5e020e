/* test_suite.c: test files of a definition: what is wrong with one, how each kind of failure reads, each form of the answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first */
#include <cmocka.h>

#include "suites.h"

#define HEAD "{'definition':'d.json','start':'2026-03-02T09:00:00Z','tests':["
#define ONE(members) HEAD "{'name':'one'," members "}]}"
#define EXPECT(change) ONE("'expect':[{'at':'1h'," change "}]")

static void test_durations(void **state) {
  (void)state;
  static const struct {
    const char *text;
    int64_t ms;
  } good[] = {{"0s", 0},           {"2d3h", 183600000},  {"-5m", -300000},
              {"1w1s", 604801000}, {"12001w", TIME_END}, {"-1000000w1000000w", -TIME_END}};
  static const char *const bad[] = {"",    "-",    "5",    "h",        "1x",
                                    "1h ", "1.5h", "--1h", "1000001s", "99999999999999999999s"};
  int64_t ms;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    assert_true(suite_duration(good[i].text, &ms));
    assert_int_equal(ms, good[i].ms);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(suite_duration(bad[i], &ms));
}

static void test_times(void **state) {
  (void)state;
  int64_t ms;
  cJSON *node = cJSON_CreateString("1970-01-01T00:00:01Z");
  assert_true(suite_time(node, 5000, &ms));
  assert_int_equal(ms, 1000);
  cJSON_SetValuestring(node, "1m");
  assert_true(suite_time(node, 5000, &ms));
  assert_int_equal(ms, 65000);
  cJSON_SetValuestring(node, "-1m");
  assert_false(suite_time(node, 5000, &ms)); /* before 1970 */
  cJSON_Delete(node);
}

static void test_beside(void **state) {
  (void)state;
  static const char *const rows[][3] = {{"a/b.json", "c.json", "a/c.json"}, {"b", "c", "c"}, {"a/b", "/c", "/c"}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char *path = suite_beside(rows[i][0], rows[i][1]);
    assert_string_equal(path, rows[i][2]);
    free(path);
  }
}

/* What is wrong with a file: all that is said of it. */
struct wrong {
  const char *text, *said;
};

static void check_wrong(const struct wrong *rows, size_t count) {
  struct suites s;
  suites_init(&s);
  for (size_t i = 0; i < count; i++) {
    if (suites_read(&s, rows[i].text, strlen(rows[i].text))) fail_msg("read: %s", rows[i].text);
    assert_string_equal(s.said, rows[i].said);
    suites_clear(&s);
  }
  suites_fini(&s, NULL);
}

#define TWICE "is no time: an offset from \"start\" such as \"2d3h\", or a time such as \"2026-03-01T09:30:00Z\"\n"
#define YEARS "is not within the years 1970 to 2199\n"

static void test_shapes(void **state) {
  (void)state;
  static const struct wrong rows[] = {
      {"", "t.json:1:1: the text ends too early\n"},
      {"{'tests':}", "t.json:1:10: no JSON value begins like this\n"},
      {"[]", "t.json:1:1: a test file is an object\n"},
      {"{'definition':'d.json'}", "t.json:1:1: a test file needs \"tests\"\n"},
      {"{'tests':[]}",
       "t.json:1:2: \"tests\" cannot be an empty list\nt.json:1:1: which definition? say \"definition\" here, or "
       "--definition FILE\n"},
      {"{'definition':'none.json','tests':[{'name':'a','start':'2026-01-01T00:00:00Z','expect':[]}]}",
       "none.json:0:0: : No such file or directory\n"},
      {"{'definition':5,'tests':{}}",
       "t.json:1:2: \"definition\" of a test file is of another type than it should be\n"
       "t.json:1:17: \"tests\" of a test file is of another type than it should be\n"
       "t.json:1:1: which definition? say \"definition\" here, or --definition FILE\n"},
      {HEAD "5]}", "t.json:1:64: a test is an object\n"},
      {HEAD "{}]}", "t.json:1:64: a test needs \"name\"\nt.json:1:64: a test needs \"expect\"\n"},
      {"{'definition':'d.json','tests':[{'name':'one','expect':[]}]}",
       "t.json:1:33: a test needs \"start\", its own or the file's\n"},
      {ONE("'start':'9','expect':[]"), "t.json:1:78: \"start\" is a time such as \"2026-03-02T09:00:00Z\"\n"},
      {ONE("'expect':[],'expect':[]"), "t.json:1:90: is there already; a name can stand only once here\n"},
      {ONE("'expcet':[]"),
       "t.json:1:78: a test has no member \"expcet\"; did you mean \"expect\"?\nt.json:1:64: a test needs "
       "\"expect\"\n"},
      {"{'handover':1,'name':'made'}",
       "t.json:1:1: this is a definition; its tests are a file of their own, which names it as \"definition\"\n"},
      {ONE("'expect':[],'events':[{'at':'0s','customer':{},'propertys':{}}]"),
       "t.json:1:111: an event has no member \"customer\"; what else a record holds goes into \"with\"\n"
       "t.json:1:125: an event has no member \"propertys\"; did you mean \"properties\"?\n"},
      {ONE("'expect':[{'from':'mql'}]"), "t.json:1:88: an expectation needs \"at\"\n"},
      {EXPECT("'from':5"), "t.json:1:99: \"from\" of an expectation is of another type than it should be\n"},
      {ONE("'expect':[null]"), "t.json:1:88: an expectation is an object\n"},
      {ONE("'expect':[],'probes':[{'at':7}]"),
       "t.json:1:101: \"at\" of a probe is of another type than it should be\n"},
      {ONE("'expect':[],'probes':[{'at':'2h'},{'at':'1h'}]"),
       "t.json:1:112: probes stand in the order of their times\n"},
      {ONE("'expect':[],'events':[{'at':'0s','repeat':2}]"), "t.json:1:100: \"repeat\" and \"every\" go together\n"},
      {ONE("'expect':[],'fixture':'none'"), "t.json:1:90: none cannot be read, or has more than 1 MiB\n"},
      {ONE("'expect':[],'fixture':'.'"), "t.json:1:90: . cannot be read, or has more than 1 MiB\n"},
  };
  check_wrong(rows, sizeof rows / sizeof *rows);
}

static void test_times_that_cannot_be(void **state) {
  (void)state;
  static const struct wrong rows[] = {
      {ONE("'expect':[{'at':'1 hour'}]"), "t.json:1:89: " TWICE},
      {ONE("'expect':[{'at':'999999999999999999999h'}]"), "t.json:1:89: " TWICE},
      {ONE("'expect':[{'at':'10000-01-01T00:00:00Z'}]"), "t.json:1:89: " TWICE},
      {ONE("'expect':[{'at':'9999-12-31T23:59:59Z'}]"), "t.json:1:89: " TWICE},
      {ONE("'expect':[{'at':'2199-12-31T23:59:60Z'}]"), "t.json:1:89: " TWICE},
      {ONE("'expect':[{'at':'-3000w'}]"), "t.json:1:89: " YEARS},
      {ONE("'expect':[],'until':'9100w'"), "t.json:1:90: " YEARS},
      {ONE("'expect':[],'events':[{'at':'0s','repeat':10000,'every':'1w'}]"), "t.json:1:101: " YEARS},
      {ONE("'expect':[],'events':[{'at':'0s','repeat':9999,'every':'-1w'}]"), "t.json:1:101: " YEARS},
      {ONE("'expect':[],'events':[{'at':'0s','repeat':2,'every':'999999w999999w'}]"), "t.json:1:101: " YEARS},
  };
  check_wrong(rows, sizeof rows / sizeof *rows);
}

static void test_too_many(void **state) {
  (void)state;
#define REPEAT "t.json:1:111: \"repeat\" is a whole number from 1 to 10000\n"
#define REPEATED(times) ONE("'expect':[],'events':[{'at':'0s','repeat':" times ",'every':'1s'}]")
#define TEN_THOUSAND "{'at':'0s','repeat':10000,'every':'1s'},"
  static const struct wrong rows[] = {
      {REPEATED("0"), REPEAT},
      {REPEATED("-1"), REPEAT},
      {REPEATED("1.5"), REPEAT},
      {REPEATED("10001"), REPEAT},
      {REPEATED("1000000000"), REPEAT "t.json:1:90: a test has at most 100000 events, repeats counted\n"},
      {REPEATED("1e300"), REPEAT "t.json:1:90: a test has at most 100000 events, repeats counted\n"},
      {ONE("'expect':[],'events':[" TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND
               TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND TEN_THOUSAND "{'at':'0s'}]"),
       "t.json:1:90: a test has at most 100000 events, repeats counted\n"},
  };
  check_wrong(rows, sizeof rows / sizeof *rows);
}

static void test_deep_and_large(void **state) {
  (void)state;
  enum { DEEP = 100000, LARGE = SUITE_FILE_MOST + 1 };
  struct suites s;
  suites_init(&s);
  char *text = memory_zeroed(LARGE, 1);
  memset(text, '[', DEEP);
  assert_false(suites_read(&s, text, DEEP));
  assert_non_null(strstr(s.said, "t.json:1:"));
  suites_clear(&s);
  memset(text, ' ', LARGE);
  assert_false(suites_read(&s, text, LARGE));
  assert_non_null(strstr(s.said, "cannot be read, or has more than 1 MiB\n"));
  suites_clear(&s);
  assert_false(suites_read(&s, text, LARGE - 1));
  assert_non_null(strstr(s.said, "the text ends too early"));
  memory_free(text);
  suites_fini(&s, NULL);
}

static void test_names(void **state) {
  (void)state;
  static const struct wrong rows[] = {
      {EXPECT("'from':'visitr','to':'mlq'"),
       "t.json:1:99: there is no stage \"visitr\"; did you mean \"visitor\"?\n"
       "t.json:1:115: there is no stage \"mlq\"; did you mean \"mql\"?\n"},
      {EXPECT("'to':'opportunity'"), "t.json:1:99: there is no stage \"opportunity\"\n"},
      {EXPECT("'to':'SQL'"), "t.json:1:99: there is no stage \"SQL\"; did you mean \"sql\"?\n"},
      {EXPECT("'breach':'sales answer'"),
       "t.json:1:99: there is no SLA \"sales answer\"; did you mean \"sales answers\"?\n"},
      {EXPECT("'move':'hands raised'"),
       "t.json:1:99: there is no move \"hands raised\"; did you mean \"hand raised\"?\n"},
      {EXPECT("'queue':'everybody'"), "t.json:1:99: there is no queue \"everybody\"; did you mean \"everyone\"?\n"},
      {EXPECT("'assignee':'anna'"), "t.json:1:99: there is no member of a queue \"anna\"; did you mean \"ana\"?\n"},
      {EXPECT("'queue':'everyone','assignee':'bo'"), "t.json:1:118: \"bo\" is no member of the queue \"everyone\"\n"},
      {EXPECT("'scores':{'intrest':1}"), "t.json:1:109: there is no score \"intrest\"; did you mean \"interest\"?\n"},
      {EXPECT("'scores':{'interest':'1'}"), "t.json:1:109: is no number of points\n"},
      {EXPECT("'met':['contract'],'met_only':[5]"), "t.json:1:130: is no name of a criterion\n"},
      {EXPECT("'met':['contract'],'met_only':['fit']"),
       "t.json:1:106: there is no criterion \"contract\"; did you mean \"contact\"?\n"
       "t.json:1:130: there is no criterion \"fit\"\n"},
      {EXPECT("'missing':['']"), "t.json:1:110: there is no criterion \"\"\n"},
      {EXPECT("'cause':'time'"), "t.json:1:99: \"cause\" is event, move, climb or timer\n"},
      {EXPECT("'move':'hand raised','reason':'x'"),
       "t.json:1:120: the move \"hand raised\" has no \"reason\" in the definition\n"},
      {EXPECT("'move':null,'reason':'x'"), "t.json:1:111: only moves have reasons\n"},
      {EXPECT("'breach':'sales answers','to':'sql'"), "t.json:1:124: a breach has no \"to\": it is no stage change\n"},
      {ONE("'expect':[],'probes':[{'at':'1h','stage':'mlq','scores':{'x':1}}]"),
       "t.json:1:111: there is no stage \"mlq\"; did you mean \"mql\"?\nt.json:1:135: there is no score \"x\"\n"},
  };
  check_wrong(rows, sizeof rows / sizeof *rows);
}

/* How failures read */

#define CLIMB "'events':[{'at':'0s','traits':{'email':'a@b.c'}},{'at':'1h','name':'Guide Read'}],"
#define COLUMNS "              expected                                 got\n"

static const struct {
  const char *test, *why;
} failures[] = {
    {CLIMB "'expect':[{'at':'1h','from':'visitor','to':'sql','scores':{'interest':5}}]",
     "line 1, change 1: is another\n" COLUMNS
     "    at        2026-03-02T10:00:00.000Z                 2026-03-02T10:00:00.000Z\n"
     "    from      visitor                                  visitor\n"
     "  ! to        sql                                      mql\n"
     "    scores    {\"interest\":5}                           {\"interest\":5}\n"},
    {CLIMB "'expect':[]", "line 1, change 1: came, and is not expected\n" COLUMNS
                          "  ! at        -                                        2026-03-02T10:00:00.000Z\n"
                          "  ! lead      -                                        lead-1\n"
                          "  ! from      -                                        visitor\n"
                          "  ! to        -                                        mql\n"},
    {"'expect':[{'at':'1h','to':'mql'}]", "line 1, change 1: is expected, and did not come\n" COLUMNS
                                          "  ! at        2026-03-02T10:00:00.000Z                 -\n"
                                          "  ! to        mql                                      -\n"},
    {CLIMB "'expect':[{'at':'30m','to':'mql'},{'at':'1h','to':'mql'}]",
     "line 1, change 1: is expected, and did not come\n" COLUMNS
     "  ! at        2026-03-02T09:30:00.000Z                 -\n"
     "  ! to        mql                                      -\n"},
    {"'events':[{'at':'0s','name':'Demo "
     "Requested'}],'until':'5h','expect':[{'at':'0s'},{'at':'4h','queue':'everyone'}]",
     "line 1, change 2: is another\n" COLUMNS
     "    at        2026-03-02T13:00:00.000Z                 2026-03-02T13:00:00.000Z\n"
     "    queue     everyone                                 everyone\n"
     "  ! breach    -                                        sales answers\n"},
    {CLIMB "'expect':[{'at':'1h','met':['contact'],'met_only':['contact'],'missing':['interested']}]",
     "line 1, change 1: is another\n" COLUMNS
     "    at        2026-03-02T10:00:00.000Z                 2026-03-02T10:00:00.000Z\n"
     "    met       [\"contact\"]                              [\"contact\",\"interested\"]\n"
     "  ! met_only  [\"contact\"]                              [\"contact\",\"interested\"]\n"
     "  ! missing   [\"interested\"]                           []\n"},
    {CLIMB "'expect':[{'at':'1h'}],'probes':[{'at':'30m','lead':'ben','stage':'visitor'},{'at':'2h','stage':'sql'}]",
     "line 1, probe: is another\n" COLUMNS
     "    at        2026-03-02T09:30:00.000Z                 2026-03-02T09:30:00.000Z\n"
     "    lead      ben                                      ben\n"
     "  ! stage     visitor                                  null\n"
     "line 1, probe: is another\n" COLUMNS
     "    at        2026-03-02T11:00:00.000Z                 2026-03-02T11:00:00.000Z\n"
     "  ! stage     sql                                      mql\n"},
    {"'events':[{'at':'0s','name':'Guide red'},{'at':'1h','name':'Something Else'}],'expect':[{'at':'1h'}]",
     "line 1, change 1: is expected, and did not come\n" COLUMNS
     "  ! at        2026-03-02T10:00:00.000Z                 -\n"
     "line 1: the definition never asks for an event \"Guide red\"; did you mean \"Guide Read\"?\n"},
    {"'events':[{'at':'0s','with':{'timestamp':'soon'}}],'expect':[]",
     "an event could not be used: bad_time: /timestamp: no RFC 3339 time and no whole milliseconds from 1970 to 2199: "
     "soon\n"
     "    {\"timestamp\":\"soon\",\"userId\":\"lead-1\",\"messageId\":\"test-1-1\",\"event\":\"identify\"}\n"},
};

static void test_failures(void **state) {
  (void)state;
  struct suites s;
  char text[1024];
  suites_init(&s);
  for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
    snprintf(text, sizeof text, ONE("%s"), failures[i].test);
    suites_run(&s, text);
    struct buffer *why = &s.entries[0].result.why;
    buffer_append(why, "", 1);
    assert_true(s.entries[0].result.failed);
    assert_string_equal(why->at, failures[i].why);
    suites_clear(&s);
  }
  suites_fini(&s, NULL);
}

static void test_line_is_that_of_the_first(void **state) {
  (void)state;
  struct suites s;
  suites_init(&s);
  suites_run(&s, HEAD "\n{'name':'one'," CLIMB "\n'expect':[\n{'at':'2h'},\n{'at':'3h'}]}]}");
  assert_int_equal(s.entries[0].result.line, 4);
  assert_int_equal(s.entries[0].result.differences, 2);
  suites_fini(&s, NULL);
}

/* One change too many does not make those after it look wrong. */
static void test_pairs(void **state) {
  (void)state;
  static const char text[] =
      ONE("'events':[{'at':'0s','name':'Demo Requested'},{'at':'1h','name':'Lead Rejected'},{'at':'2h','name':'Demo "
          "Requested'},"
          "{'at':'3h','name':'Lead Rejected'},{'at':'4h','name':'Demo Requested'}],"
          "'expect':[{'at':'1h','to':'visitor'},{'at':'2h','to':'sql'},{'at':'2h30m','to':'mql'},{'at':'3h','to':'"
          "visitor'},"
          "{'at':'4h','to':'visitor'}]");
  struct suites s;
  suites_init(&s);
  suites_run(&s, text);
  const struct suite_pairs *pairs = &s.entries[0].result.changes;
  assert_int_equal(s.entries[0].result.differences, 3);
  assert_int_equal(pairs->count, 6);
  for (int32_t i = 0; i < pairs->count; i++) {
    assert_int_equal(pairs->at[i].expected == NULL, i == 0);
    assert_int_equal(pairs->at[i].got == NULL, i == 3);
  }
  suites_fini(&s, NULL);
}

static void test_many_differences(void **state) {
  (void)state;
  struct suites s;
  suites_init(&s);
  suites_run(&s, ONE("'events':[{'at':'0s','name':'Demo Requested','repeat':5000,'every':'2h'},"
                     "{'at':'1h','name':'Lead Rejected','repeat':5000,'every':'2h'}],'expect':[]"));
  struct buffer *why = &s.entries[0].result.why;
  buffer_append(why, "", 1);
  assert_int_equal(s.entries[0].result.differences, 10000);
  assert_true(why->length < 10000);
  assert_non_null(strstr(why->at, "\nand 9980 more\n"));
  suites_fini(&s, NULL);
}

static void test_fixture(void **state) {
  (void)state;
  static const char fixture[] =
      "{'userId':'lead-1','timestamp':'2026-03-01T09:00:00Z','event':'Guide Read','traits':{'email':'a@b.c'}}\n"
      "\n"
      "not an event\n"
      "{'userId':'lead-1','timestamp':'2026-05-01T09:00:00Z','event':'Demo Requested'}";
  struct suites s;
  suites_init(&s);
  suites_write(&s, "f.ndjson", fixture, strlen(fixture));
  suites_run(&s, ONE("'fixture':'f.ndjson','until':'1h','events':[{'at':'1h','name':'Page Viewed'}],"
                     "'expect':[{'at':'-1d','to':'mql'},{'at':'2026-05-01T09:00:00Z','to':'sql'}],"
                     "'probes':[{'at':'30m','stage':'sql'},{'at':'99w','stage':'sql'}]"));
  struct suite_result *r = &s.entries[0].result;
  buffer_append(&r->why, "", 1);
  assert_true(r->failed);
  assert_int_equal(r->differences, 0); /* a fixture may be later than what follows it */
  char said[256];
  snprintf(said, sizeof said,
           "%s/f.ndjson:3: an event could not be used: not_json: byte 0: no JSON value begins like this\n", s.folder);
  assert_memory_equal(r->why.at, said, strlen(said));
  suites_fini(&s, (const char *const[]){"f.ndjson", NULL});
}

/* Forms */

static const char *const forms[SUITE_FORMS] = {
    [SUITE_TEXT] =
        "ok    good\nFAIL  b#d, \\ <&>\n      PATH:2\n      line 2, change 1: is expected, and did not come\n"
        "                    expected                                 got\n"
        "        ! at        2026-03-02T10:00:00.000Z                 -\n2 tests, 1 failed\n",
    [SUITE_JSON] =
        "{\"tests\":2,\"failed\":1,\"results\":[{\"file\":\"PATH\",\"name\":\"good\",\"line\":1,\"passed\":true,"
        "\"why\":\"\","
        "\"changes\":[]},{\"file\":\"PATH\",\"name\":\"b#d, \\\\ <&>\",\"line\":2,\"passed\":false,\"why\":\"line 2, "
        "change 1: is "
        "expected, and did not come\\n              expected                                 got\\n  ! at        "
        "2026-03-02T10:00:00.000Z                 -\\n\",\"changes\":[]}]}\n",
    [SUITE_TAP] =
        "TAP version 13\n1..2\nok 1 - good\nnot ok 2 - b\\#d, \\\\ <&>\n# line 2, change 1: is expected, and did not "
        "come\n"
        "#               expected                                 got\n"
        "#   ! at        2026-03-02T10:00:00.000Z                 -\n",
    [SUITE_JUNIT] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"handover test\" tests=\"2\" failures=\"1\">\n"
        "  <testcase classname=\"PATH\" name=\"good\"/>\n  <testcase classname=\"PATH\" name=\"b#d, \\ "
        "&lt;&amp;&gt;\">\n"
        "    <failure message=\"line 2\">line 2, change 1: is expected, and did not come\n"
        "              expected                                 got\n"
        "  ! at        2026-03-02T10:00:00.000Z                 -\n</failure>\n  </testcase>\n</testsuite>\n",
    [SUITE_GITHUB] =
        "::error file=PATH,line=2,title=b#d%2C \\ <&>::line 2, change 1: is expected, and did not come%0A"
        "              expected                                 got%0A"
        "  ! at        2026-03-02T10:00:00.000Z                 -%0A\n",
};

static void test_forms(void **state) {
  (void)state;
  struct suites s;
  suites_init(&s);
  suites_run(&s, HEAD "{'name':'good','expect':[]},{'name':'b#d, \\\\ <&>',\n'expect':[{'at':'1h'}]}]}");
  for (int form = 0; form < SUITE_FORMS; form++) {
    struct buffer out = {0};
    suite_report(&out, (enum suite_form)form, s.entries, s.count);
    buffer_append(&out, "", 1);
    for (char *at; (at = strstr(out.at, s.path));) {
      memcpy(at, "PATH", 4);
      memmove(at + 4, at + strlen(s.path), strlen(at + strlen(s.path)) + 1);
    }
    assert_string_equal(out.at, forms[form]);
    buffer_fini(&out);
  }
  suites_fini(&s, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_durations),
                                     cmocka_unit_test(test_times),
                                     cmocka_unit_test(test_beside),
                                     cmocka_unit_test(test_shapes),
                                     cmocka_unit_test(test_times_that_cannot_be),
                                     cmocka_unit_test(test_too_many),
                                     cmocka_unit_test(test_deep_and_large),
                                     cmocka_unit_test(test_names),
                                     cmocka_unit_test(test_failures),
                                     cmocka_unit_test(test_line_is_that_of_the_first),
                                     cmocka_unit_test(test_pairs),
                                     cmocka_unit_test(test_many_differences),
                                     cmocka_unit_test(test_fixture),
                                     cmocka_unit_test(test_forms)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
