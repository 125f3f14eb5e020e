/* test_suite_update.c: what `handover test --update` writes: what came, in place of what does not fit, and nothing else; coverage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first */
#include <cmocka.h>

#include "suites.h"

#define HEAD "{'definition':'d.json','start':'2026-03-02T09:00:00Z','tests':[{'name':'one',\n"
#define EVENTS                                                                                                \
  "'events':[{'at':'0s','traits':{'email':'a@b.c'}},{'at':'1h','name':'Guide Read'},{'at':'2h','name':'Demo " \
  "Requested'},"                                                                                              \
  "{'at':'3h','name':'Lead Rejected','properties':{'reason':'no money'}}],\n"

/* The bodies of a test before and after. */
static const struct {
  const char *what, *before, *after;
} updates[] = {
    {"nothing to do", EVENTS "'expect': [{'at':'1h'}, {'at':'2h'} , {'at':'3h'}] // as it is\n",
     EVENTS "'expect': [{'at':'1h'}, {'at':'2h'} , {'at':'3h'}] // as it is\n"},
    {"values, each where it stands; remarks stay",
     EVENTS "'expect': [ // first\n"
            "  {'at': '30m', /* when */ 'to': 'sql', 'from': 'visitor'}, // one\n"
            "  // two\n"
            "  {'at': '2026-03-02T11:30:00Z', 'move': null, 'queue': null, 'assignee': 'ana'},\n"
            "  {'at': '3h', 'reason': 'no time', /* why */ 'cause': 'timer'}\n"
            "] // all\n",
     EVENTS "'expect': [ // first\n"
            "  {'at': '1h', /* when */ 'to': 'mql', 'from': 'visitor'}, // one\n"
            "  // two\n"
            "  {'at': '2026-03-02T11:00:00.000Z', 'move': 'hand raised', 'queue': 'everyone', 'assignee': 'ana'},\n"
            "  {'at': '3h', 'reason': 'no money', /* why */ 'cause': 'event'}\n"
            "] // all\n"},
    {"scores and criteria that are written are written anew, and no others",
     EVENTS
     "'expect': [{'at':'1h','scores':{ 'interest': 4 /* points */ },'met':['contact'],'missing':['interested']},\n"
     "  {'at':'2h','met_only':[]}, {'at':'3h','scores':{'interest':5}}]\n",
     EVENTS "'expect': [{'at':'1h','scores':{ 'interest': 5 /* points */ },'met':['contact'],'missing':[]},\n"
            "  {'at':'2h','met_only':['contact', 'interested']}, {'at':'3h','scores':{'interest':5}}]\n"},
    {"one that did not come goes, and its remark with it",
     EVENTS "'expect': [\n  // climbs\n  {'at':'1h'},\n  // wrong\n  {'at':'90m','to':'sql'},\n  // asks\n  "
            "{'at':'2h'},\n  {'at':'3h'}\n]\n",
     EVENTS "'expect': [\n  // climbs\n  {'at':'1h'},\n  // asks\n  {'at':'2h'},\n  {'at':'3h'}\n]\n"},
    {"one that came is added, as the others are set",
     EVENTS "'expect': [\n  {'at':'1h'},\n  // no\n  {'at':'3h'}\n  // end\n]\n",
     EVENTS "'expect': [\n  {'at':'1h'},\n  {'at': '2h', 'from': 'mql', 'to': 'sql', 'move': 'hand raised', 'queue': "
            "'everyone'},\n"
            "  // no\n  {'at':'3h'}\n  // end\n]\n"},
    {"in one line", EVENTS "'expect': [{'at':'1h'}, {'at':'3h'}]\n",
     EVENTS "'expect': [{'at':'1h'}, {'at': '2h', 'from': 'mql', 'to': 'sql', 'move': 'hand raised', 'queue': "
            "'everyone'}, {'at':'3h'}]\n"},
    {"the first and the last", EVENTS "'expect': [{'at':'2h'}]\n",
     EVENTS "'expect': [ {'at': '1h', 'from': 'visitor', 'to': 'mql'},{'at':'2h'}, {'at': '3h', 'from': 'sql', 'to': "
            "'visitor', "
            "'move': 'sales said no', 'reason': 'no money'}]\n"},
    {"from nothing", "'events':[{'at':'0s','name':'Demo Requested','lead':'ben'}],'expect': []\n",
     "'events':[{'at':'0s','name':'Demo Requested','lead':'ben'}],'expect': [\n"
     "        {'at': '0s', 'lead': 'ben', 'from': 'visitor', 'to': 'sql', 'move': 'hand raised', 'queue': "
     "'everyone'}\n      ]\n"},
    {"to nothing", "'expect': [{'at':'1h'}, {'at':'2h'}]\n", "'expect': []\n"},
    {"a breach is another kind",
     "'events':[{'at':'0s','name':'Demo Requested'}],'until':'5h','expect': [{'at':'0s'},\n  /* late */ "
     "{'at':'4h','to':'mql'}]\n",
     "'events':[{'at':'0s','name':'Demo Requested'}],'until':'5h','expect': [{'at':'0s'},\n"
     "  /* late */ {'at': '4h', 'breach': 'sales answers', 'queue': 'everyone'}]\n"},
    {"probes, wherever they stand",
     "'probes': [{'at':'30m','stage':'mql' /* ? */,'missing':['contact']},\n "
     "{'at':'90m','scores':{'interest':1},'met':['contact']},\n"
     " {'at':'4h','lead':'nobody','stage':'mql','scores':{'interest':1},'met':['contact']}],\n" EVENTS
     "'expect': [{'at':'1h'},{'at':'2h'}]\n",
     "'probes': [{'at':'30m','stage':'visitor' /* ? */,'missing':['interested']},\n "
     "{'at':'90m','scores':{'interest':5},'met':['contact']},\n"
     " {'at':'4h','lead':'nobody','stage':null,'scores':{},'met':[]}],\n" EVENTS
     "'expect': [{'at':'1h'},{'at':'2h'}, {'at': '3h', 'from': 'sql', 'to': 'visitor', 'move': 'sales said no', "
     "'reason': 'no money'}]\n"},
};

static char *body(const char *text) {
  static char whole[4096];
  snprintf(whole, sizeof whole, "%s%s}]} // end\n", HEAD, text);
  return whole;
}

static void test_updates(void **state) {
  (void)state;
  struct suites s;
  suites_init(&s);
  for (size_t i = 0; i < sizeof updates / sizeof *updates; i++) {
    suites_run(&s, body(updates[i].before));
    assert_true(suite_update(&s.suite, s.entries, s.count));
    char *text = suites_text(&s);
    if (strcmp(text, body(updates[i].after)) != 0) fail_msg("%s:\n%s", updates[i].what, text);
    memory_free(text);
    suites_clear(&s);
    suites_run(&s, body(updates[i].after)); /* and now it passes */
    if (s.entries[0].result.failed) fail_msg("%s fails", updates[i].what);
    suites_clear(&s);
  }
  suites_fini(&s, NULL);
}

/* An event that cannot be used is no matter of what is expected. */
static void test_broken_event(void **state) {
  (void)state;
  const char *text = body("'events':[{'at':'0s','with':{'timestamp':'soon'}}],'expect': []");
  struct suites s;
  suites_init(&s);
  suites_run(&s, text);
  assert_true(s.entries[0].result.failed);
  assert_true(suite_update(&s.suite, s.entries, s.count));
  char *is = suites_text(&s);
  assert_string_equal(is, text);
  memory_free(is);
  suites_fini(&s, NULL);
}

static void test_folder_refuses(void **state) {
  (void)state;
  struct suites s;
  suites_init(&s);
  suites_run(&s, body("'expect': [{'at':'1h'}]"));
  suites_write(&s, "t.json.new", "", 0); /* somebody else is at it */
  assert_false(suite_update(&s.suite, s.entries, s.count));
  char *text = suites_text(&s);
  assert_string_equal(text, body("'expect': [{'at':'1h'}]"));
  memory_free(text);
  suites_fini(&s, (const char *const[]){"t.json.new", NULL});
}

static void test_coverage(void **state) {
  (void)state;
  struct suites s;
  struct buffer out = {0};
  suites_init(&s);
  suites_run(
      &s,
      body("'events':[{'at':'0s','name':'Guide Read'},{'at':'1h','name':'Demo Requested'}],'expect': [{'at':'1h'}]"));
  assert_int_equal(suite_coverage_report(&out, s.suite.definition, &s.coverage), 50);
  buffer_append(&out, "", 1);
  assert_string_equal(out.at,
                      "coverage of made: 7 of 14, 50 %\n"
                      "  no test reaches: stage \"mql\"\n"
                      "  no test reaches: move \"sales said no\"\n"
                      "  no test reaches: criterion \"contact\" met\n"
                      "  no test reaches: criterion \"interested\" missing\n"
                      "  no test reaches: rule \"page\"\n"
                      "  no test reaches: SLA \"sales answers\" breached\n"
                      "  no test reaches: queue \"nobody\"\n");
  buffer_fini(&out);
  suites_fini(&s, NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_updates), cmocka_unit_test(test_broken_event),
                                     cmocka_unit_test(test_folder_refuses), cmocka_unit_test(test_coverage)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
