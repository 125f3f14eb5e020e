/* explain_entry.h: what the engine tells of a lead, as the entries of its timeline: JSON objects, each with a `kind`: event, quiet,
 * stage, breach, reset, version (docs/commands.md tells their members).
 *
 * An event's entry is gathered until all of it is known. May use: engine headers, encode.h. */
#ifndef HANDOVER_CONSUMER_EXPLAIN_ENTRY_H
#define HANDOVER_CONSUMER_EXPLAIN_ENTRY_H

#include "../producer/encode.h"
#include "engine/trace.h"

struct explain_entries { /* zero it to start */
  struct buffer out;     /* entries, with commas between them */
  struct buffer counted; /* of the event that is being told */
  bool in_event;
  bool changes_only;                   /* what time alone would do: stage changes and breaches */
  const struct definition *definition; /* of `scores` */
  int64_t scores[LIMIT_SCORES];        /* after the last entry */
};

void explain_entries_fini(struct explain_entries *entries);
void explain_entry_trace(struct explain_entries *entries, const struct trace *trace);
void explain_entry_change(struct explain_entries *entries, const struct change *change);

/* Parts that a standing has too. */
void explain_append_time(struct buffer *out, const char *name, int64_t time_ms); /* ,"name":"2026-…" */
void explain_append_scores(struct buffer *out, const struct definition *definition, const int64_t *scores);
void explain_append_value(struct buffer *out, const struct definition *definition,
                          const struct shared_attribute *value);

#endif
