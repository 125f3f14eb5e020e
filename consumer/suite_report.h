/* suite_report.h: results of test files as text, JSON, TAP, JUnit's XML, and annotations of GitHub. */
#ifndef HANDOVER_CONSUMER_SUITE_REPORT_H
#define HANDOVER_CONSUMER_SUITE_REPORT_H

#include "suite.h"

enum suite_form { SUITE_TEXT, SUITE_JSON, SUITE_TAP, SUITE_JUNIT, SUITE_GITHUB, SUITE_FORMS };

struct suite_entry { /* a test that was run, and its file */
  const struct suite *suite;
  struct suite_result result;
};

void suite_report(struct buffer *out, enum suite_form form, struct suite_entry *entries, int32_t count);

/* Returns how many percent of what the definition has some test reached; appends what none reached. */
int suite_coverage_report(struct buffer *out, const struct definition *definition,
                          const struct suite_coverage *coverage);

/* Writes what came into the file, where `expect` and `probes` of failed tests say otherwise. False: the file cannot be written. */
bool suite_update(const struct suite *suite, const struct suite_entry *entries, int32_t count);

#endif
