/* audit_report.c: first what does not hold, then the sums. */
#include "audit_report.h"

#include <inttypes.h>
#include <string.h>

#include "../producer/dead_letter.h"
#include "../producer/encode.h"
#include "engine/memory.h"
#include "terminal.h"

static const char *const kind_names[AUDIT_KINDS] = {[AUDIT_MISSING] = "missing",
                                                    [AUDIT_UNEXPECTED] = "unexpected",
                                                    [AUDIT_TWICE] = "twice",
                                                    [AUDIT_DIFFERENT] = "different",
                                                    [AUDIT_MOVED] = "out of order"};

bool audit_proven(const struct audit *audit) {
  bool proven = audit->count > 0;
  for (int32_t i = 0; i < audit->count; i++) proven = proven && audit->partitions[i].proven;
  return proven;
}

/* --- sums --- */

/* What was there at the beginning of a stage's account is what came into it from nowhere: leads that began in it. */
static int64_t began(const struct audit_stage *stage) {
  return (int64_t)(stage->left + stage->inside) - (int64_t)stage->entered;
}

/* The sums over all partitions, in a partition of its own. */
static struct audit_partition *sum_of(const struct audit *audit) {
  struct audit_partition *sum = memory_zeroed(1, sizeof *sum);
  for (int32_t i = 0; i < audit->count; i++) {
    const struct audit_partition *p = &audit->partitions[i];
    sum->journal_records += p->journal_records;
    sum->events += p->events;
    sum->duplicates += p->duplicates;
    sum->dead_letters += p->dead_letters;
    sum->behind += p->behind;
    sum->decided += p->decided;
    sum->verified += p->verified;
    sum->leads += p->leads;
    sum->letters = sum->letters || p->letters;
    sum->letters_verified += p->letters_verified;
    sum->letters_gone += p->letters_gone;
    for (int of = 0; of < AUDIT_SIDES; of++)
      for (int kind = 0; kind < AUDIT_KINDS; kind++) sum->kinds[of][kind] += p->kinds[of][kind];
    for (int32_t s = 0; s < p->stage_count; s++) {
      int32_t at = 0;
      while (at < sum->stage_count && strcmp(sum->stages[at].name, p->stages[s].name) != 0) at++;
      if (at == AUDIT_STAGES) continue;
      if (at == sum->stage_count) memcpy(sum->stages[sum->stage_count++].name, p->stages[s].name, LIMIT_TEXT + 1);
      sum->stages[at].entered += p->stages[s].entered;
      sum->stages[at].left += p->stages[s].left;
      sum->stages[at].inside += p->stages[s].inside;
    }
  }
  return sum;
}

/* --- text --- */

/* Names come from strangers. */
static void append_safe(struct buffer *out, const char *text) {
  struct terminal terminal = {.buffer = out};
  terminal_text(&terminal, slice_of(text), AUDIT_SAY);
}

static void text_partition(struct buffer *out, const struct audit_partition *p) {
  uint64_t told = 0, found = 0;
  if (*p->why) {
    buffer_printf(out, "partition %" PRId32 ": NOT PROVEN: ", p->number);
    append_safe(out, p->why);
    buffer_append_text(out, "\n");
  }
  for (int32_t i = 0; i < p->note_count; i++, told++) {
    const struct audit_note *note = &p->notes[i];
    buffer_printf(out, "partition %" PRId32 ": %s", p->number, kind_names[note->kind]);
    if (note->offset >= 0) buffer_printf(out, ", at offset %" PRId64, note->offset);
    buffer_append_text(out, ": ");
    append_safe(out, note->text);
    buffer_append_text(out, "\n");
  }
  for (int of = 0; of < AUDIT_SIDES; of++)
    for (int kind = 0; kind < AUDIT_KINDS; kind++) found += p->kinds[of][kind];
  if (found > told) buffer_printf(out, "partition %" PRId32 ": and %" PRIu64 " more\n", p->number, found - told);
}

static void row(struct buffer *out, const char *name, uint64_t number) {
  buffer_printf(out, "%-32s %12" PRIu64 "\n", name, number);
}

static void text_kinds(struct buffer *out, const uint64_t *kinds) {
  for (int kind = 0; kind < AUDIT_KINDS; kind++)
    if (kinds[kind] > 0) buffer_printf(out, "  %-30s %12" PRIu64 "\n", kind_names[kind], kinds[kind]);
}

static void text_stages(struct buffer *out, const struct audit_partition *sum) {
  buffer_printf(out, "\n%-24s %12s %12s %12s %12s\n", "stage", "began in it", "entered", "left", "inside");
  for (int32_t i = 0; i < sum->stage_count; i++) {
    const struct audit_stage *stage = &sum->stages[i];
    size_t before = out->length;
    append_safe(out, stage->name);
    for (size_t width = out->length - before; width < 24; width++) buffer_append_text(out, " ");
    buffer_printf(out, " %12" PRId64 " %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n", began(stage), stage->entered,
                  stage->left, stage->inside);
  }
}

static void text_scope(struct buffer *out, const struct audit_scope *scope) {
  if (audit_scope_is_whole(scope)) return;
  buffer_append_text(out, "asked about published events only");
  if (scope->lead.at) buffer_append_text(out, " of the lead ");
  if (scope->lead.at) append_safe(out, scope->lead.at);
  if (scope->from_ms != TIME_NONE) buffer_append_text(out, " from ");
  if (scope->from_ms != TIME_NONE) time_append(out, scope->from_ms);
  if (scope->to_ms != TIME_NONE) buffer_append_text(out, " before ");
  if (scope->to_ms != TIME_NONE) time_append(out, scope->to_ms);
  buffer_append_text(out, "; inputs, journal, leads and stages below are all of them\n");
}

static const char *const key_texts[] = {
    [AUDIT_KEYS_NONE] = "signatures were not checked: no keys are given\n",
    [AUDIT_KEYS_GIVEN] = "signatures were checked with the keys that were given\n",
    [AUDIT_KEYS_BUNDLE] =
        "signatures were checked with the bundle's own keys: whoever trusts them trusts the bundle\n"};

static const char *verdict(const struct audit *audit) {
  if (!audit_proven(audit)) return "NOT PROVEN\n";
  if (!audit_scope_is_whole(&audit->scope)) return "proven: what was asked about follows from the inputs\n";
  return "proven: what was published is what follows from the inputs, and nothing else\n";
}

void audit_report_text(struct buffer *out, const struct audit *audit) {
  struct audit_partition *sum = sum_of(audit);
  int32_t proven = 0;
  for (int32_t i = 0; i < audit->count; i++) {
    text_partition(out, &audit->partitions[i]);
    proven += audit->partitions[i].proven;
  }
  if (out->length > 0) buffer_append_text(out, "\n");
  text_scope(out, &audit->scope);
  buffer_printf(out, "%-32s %12" PRId32 " of %" PRId32 "\n", "partitions proven", proven, audit->count);
  row(out, "journal records that hold", sum->journal_records);
  row(out, "input records", sum->events + sum->dead_letters);
  row(out, "  events", sum->events);
  row(out, "    of them duplicates", sum->duplicates);
  row(out, "  dead letters", sum->dead_letters);
  row(out, "  not decided yet", sum->behind);
  row(out, "published, as decided again", sum->decided);
  row(out, "  verified byte for byte", sum->verified);
  text_kinds(out, sum->kinds[AUDIT_CHANGES]);
  if (sum->letters) {
    row(out, "dead letters", sum->dead_letters);
    row(out, "  as decided, to the byte", sum->letters_verified);
    row(out, "  no longer there", sum->letters_gone);
    text_kinds(out, sum->kinds[AUDIT_LETTERS]);
  }
  row(out, "leads", sum->leads);
  text_stages(out, sum);
  buffer_append_text(out, "\n");
  buffer_append_text(out, key_texts[audit->keys]);
  buffer_append_text(out, verdict(audit));
  memory_free(sum);
}

/* --- JSON --- */

static void member(struct buffer *out, const char *name, uint64_t number) {
  buffer_printf(out, "\"%s\":%" PRIu64 ",", name, number);
}

static const char *json_name(enum audit_kind kind) { return kind == AUDIT_MOVED ? "out_of_order" : kind_names[kind]; }

static void json_kinds(struct buffer *out, const uint64_t *kinds) {
  for (int kind = 0; kind < AUDIT_KINDS; kind++) member(out, json_name((enum audit_kind)kind), kinds[kind]);
}

static void json_letters(struct buffer *out, const struct audit_partition *p) {
  buffer_append_text(out, "\"letters\":");
  if (p->letters) {
    buffer_append_text(out, "{");
    member(out, "verified", p->letters_verified);
    json_kinds(out, p->kinds[AUDIT_LETTERS]);
    buffer_printf(out, "\"gone\":%" PRIu64 "},", p->letters_gone);
  } else {
    buffer_append_text(out, "null,");
  }
}

/* What is wrong may have the bytes of strangers in it. */
static void json_text(struct buffer *out, const char *text) { dead_letter_append_text(out, slice_of(text)); }

static void json_partition(struct buffer *out, const struct audit_partition *p) {
  buffer_printf(out, "{\"partition\":%" PRId32 ",\"proven\":%s,\"why\":", p->number, p->proven ? "true" : "false");
  json_text(out, p->why);
  buffer_append_text(out, ",");
  member(out, "journal_records", p->journal_records);
  member(out, "events", p->events);
  member(out, "duplicates", p->duplicates);
  member(out, "dead_letters", p->dead_letters);
  member(out, "behind", p->behind);
  member(out, "decided", p->decided);
  member(out, "verified", p->verified);
  json_kinds(out, p->kinds[AUDIT_CHANGES]);
  json_letters(out, p);
  member(out, "leads", p->leads);
  buffer_append_text(out, "\"findings\":[");
  for (int32_t i = 0; i < p->note_count; i++) {
    buffer_printf(out, "%s{\"of\":\"%s\",\"kind\":\"%s\",\"offset\":", i ? "," : "",
                  p->notes[i].of == AUDIT_CHANGES ? "event" : "dead_letter", json_name(p->notes[i].kind));
    if (p->notes[i].offset >= 0) buffer_printf(out, "%" PRId64, p->notes[i].offset);
    else buffer_append_text(out, "null");
    buffer_append_text(out, ",\"what\":");
    json_text(out, p->notes[i].text);
    buffer_append_text(out, "}");
  }
  buffer_append_text(out, "],\"stages\":[");
  for (int32_t i = 0; i < p->stage_count; i++) {
    const struct audit_stage *stage = &p->stages[i];
    buffer_append_text(out, i ? ",{\"stage\":" : "{\"stage\":");
    json_append_string(out, slice_of(stage->name));
    buffer_printf(out, ",\"began\":%" PRId64 ",\"entered\":%" PRIu64 ",\"left\":%" PRIu64 ",\"inside\":%" PRIu64 "}",
                  began(stage), stage->entered, stage->left, stage->inside);
  }
  buffer_append_text(out, "]}");
}

static void json_time(struct buffer *out, const char *name, int64_t time_ms) {
  buffer_printf(out, "\"%s\":", name);
  if (time_ms != TIME_NONE) buffer_append_text(out, "\"");
  if (time_ms != TIME_NONE) time_append(out, time_ms);
  buffer_append_text(out, time_ms != TIME_NONE ? "\"," : "null,");
}

static void json_scope(struct buffer *out, const struct audit_scope *scope) {
  buffer_append_text(out, "\"asked\":");
  if (audit_scope_is_whole(scope)) {
    buffer_append_text(out, "null");
    return;
  }
  buffer_append_text(out, "{");
  json_time(out, "from", scope->from_ms);
  json_time(out, "to", scope->to_ms);
  buffer_append_text(out, "\"lead\":");
  if (scope->lead.at) json_append_string(out, scope->lead);
  else buffer_append_text(out, "null");
  buffer_append_text(out, "}");
}

void audit_report_json(struct buffer *out, const struct audit *audit) {
  static const char *const keys[] = {
      [AUDIT_KEYS_NONE] = "null", [AUDIT_KEYS_GIVEN] = "\"given\"", [AUDIT_KEYS_BUNDLE] = "\"bundle\""};
  buffer_printf(out, "{\"proven\":%s,\"keys\":%s,", audit_proven(audit) ? "true" : "false", keys[audit->keys]);
  json_scope(out, &audit->scope);
  buffer_append_text(out, ",\"partitions\":[");
  for (int32_t i = 0; i < audit->count; i++) {
    if (i) buffer_append_text(out, ",");
    json_partition(out, &audit->partitions[i]);
  }
  buffer_append_text(out, "]}\n");
}
