/* report_model.h: the read model of a report: one SQLite file with the facts, what they come to, and the figures as views.
 * docs/read-model.md is its contract; the schema is report_model.sql, within the binary. May use: report.h, report_judge.h, replace.h, sqlite3. */
#ifndef HANDOVER_CONSUMER_REPORT_MODEL_H
#define HANDOVER_CONSUMER_REPORT_MODEL_H

#include "report.h"

extern const char report_model_schema[];

/* Writes the file as a whole or not at all: a new one, or, with `force`, in place of one that is there. `by`: what is grouped by, may be NULL.
 * False with a sentence in `why`. */
bool report_model_write(const struct report *report, const char *by, const char *path, bool force, char *why,
                        size_t room);

#endif
