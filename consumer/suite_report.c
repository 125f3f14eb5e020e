/* suite_report.c: one function a form; a new form is a row more in the table. */
#include "suite_report.h"

#include "../producer/encode.h"

static struct slice why_of(const struct suite_result *result) {
  return (struct slice){result->why.at, (uint32_t)result->why.length};
}

static int32_t failures(const struct suite_entry *entries, int32_t count) {
  int32_t failed = 0;
  for (int32_t i = 0; i < count; i++) failed += entries[i].result.failed;
  return failed;
}

/* Each line of `text` behind `before`. */
static void append_lines(struct buffer *out, const char *before, struct slice text) {
  bool begins = true;
  for (uint32_t i = 0; i < text.length; i++) {
    if (begins) buffer_append_text(out, before);
    buffer_append(out, text.at + i, 1);
    begins = text.at[i] == '\n';
  }
}

static void report_text(struct buffer *out, const struct suite_entry *entries, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    buffer_printf(out, "%s  %s\n", r->failed ? "FAIL" : "ok  ", r->name);
    if (!r->failed) continue;
    buffer_printf(out, "      %s:%d\n", entries[i].suite->path, r->line);
    append_lines(out, "      ", why_of(r));
  }
  buffer_printf(out, "%d tests, %d failed\n", count, failures(entries, count));
}

static void report_json(struct buffer *out, const struct suite_entry *entries, int32_t count) {
  buffer_printf(out, "{\"tests\":%d,\"failed\":%d,\"results\":[", count, failures(entries, count));
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    buffer_append_text(out, i ? ",{\"file\":" : "{\"file\":");
    json_append_string(out, slice_of(entries[i].suite->path));
    buffer_append_text(out, ",\"name\":");
    json_append_string(out, slice_of(r->name));
    buffer_printf(out, ",\"line\":%d,\"passed\":%s,\"why\":", r->line, r->failed ? "false" : "true");
    json_append_string(out, why_of(r));
    char *got = cJSON_PrintUnformatted(r->got);
    buffer_printf(out, ",\"changes\":%s}", got ? got : "[]");
    cJSON_free(got);
  }
  buffer_append_text(out, "]}\n");
}

static void report_tap(struct buffer *out, const struct suite_entry *entries, int32_t count) {
  buffer_printf(out, "TAP version 13\n1..%d\n", count);
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    buffer_printf(out, "%sok %d - ", r->failed ? "not " : "", i + 1);
    for (const char *c = r->name; *c; c++) {
      if (*c == '#' || *c == '\\') buffer_append_text(out, "\\");
      buffer_append(out, *c == '\n' ? " " : c, 1);
    }
    buffer_append_text(out, "\n");
    append_lines(out, "# ", why_of(r));
  }
}

static void append_xml(struct buffer *out, struct slice text) {
  static const char special[] = "<>&\"";
  static const char *const words[] = {"&lt;", "&gt;", "&amp;", "&quot;"};
  for (uint32_t i = 0; i < text.length; i++) {
    unsigned char c = (unsigned char)text.at[i];
    const char *found = c ? strchr(special, c) : NULL;
    if (found) buffer_append_text(out, words[found - special]);
    else if (c >= ' ' || c == '\n' || c == '\t') buffer_append(out, text.at + i, 1);
    else buffer_append_text(out, "?"); /* XML 1.0 has no way to say it */
  }
}

static void report_junit(struct buffer *out, const struct suite_entry *entries, int32_t count) {
  buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  buffer_printf(out, "<testsuite name=\"handover test\" tests=\"%d\" failures=\"%d\">\n", count,
                failures(entries, count));
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    buffer_append_text(out, "  <testcase classname=\"");
    append_xml(out, slice_of(entries[i].suite->path));
    buffer_append_text(out, "\" name=\"");
    append_xml(out, slice_of(r->name));
    buffer_append_text(out, r->failed ? "\">\n" : "\"/>\n");
    if (!r->failed) continue;
    buffer_printf(out, "    <failure message=\"line %d\">", r->line);
    append_xml(out, why_of(r));
    buffer_append_text(out, "</failure>\n  </testcase>\n");
  }
  buffer_append_text(out, "</testsuite>\n");
}

/* Workflow commands: %, line ends, and in properties also : and , have to be quoted. */
static void append_command(struct buffer *out, struct slice text, bool property) {
  for (uint32_t i = 0; i < text.length; i++) {
    char c = text.at[i];
    bool quote = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (quote) buffer_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    else buffer_append(out, &text.at[i], 1);
  }
}

static void report_github(struct buffer *out, const struct suite_entry *entries, int32_t count) {
  for (int32_t i = 0; i < count; i++) {
    const struct suite_result *r = &entries[i].result;
    if (!r->failed) continue;
    buffer_append_text(out, "::error file=");
    append_command(out, slice_of(entries[i].suite->path), true);
    buffer_printf(out, ",line=%d,title=", r->line);
    append_command(out, slice_of(r->name), true);
    buffer_append_text(out, "::");
    append_command(out, why_of(r), false);
    buffer_append_text(out, "\n");
  }
}

void suite_report(struct buffer *out, enum suite_form form, struct suite_entry *entries, int32_t count) {
  static void (*const forms[SUITE_FORMS])(struct buffer *, const struct suite_entry *, int32_t) = {
      report_text, report_json, report_tap, report_junit, report_github};
  forms[form](out, entries, count);
}
