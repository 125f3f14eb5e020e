/* check_print.c: what `handover check` found out: text for people, annotations for GitHub, JUnit's XML for CI servers.
 *
 * The three say the same remarks: problems, advice, differences, each file's in this order. */
#include "check.h"

#include <inttypes.h>

#include "../config/page.h"

enum severity { ERROR, ADVICE, NOTE };

struct remark {
  enum severity severity;
  int line, column; /* 0: of the whole file */
  const char *pointer, *what, *remedy;
};

static size_t remark_count(const struct answer *answer) {
  return answer->problems.count + answer->advices.count + answer->difference_count;
}

static struct remark remark_at(const struct answer *answer, size_t i) {
  if (i < answer->problems.count) {
    const struct problem *p = &answer->problems.at[i];
    return (struct remark){ERROR, p->line, p->column, p->pointer, p->message, ""};
  }
  i -= answer->problems.count;
  if (i < answer->advices.count) {
    const struct advice *advice = &answer->advices.at[i];
    return (struct remark){ADVICE, advice->line, advice->column, advice->pointer, advice->why, advice->remedy};
  }
  const struct difference *difference = &answer->differences[i - answer->advices.count];
  return (struct remark){difference->breaks ? ERROR : NOTE, 0, 0, "", difference->why, ""};
}

/* Names in it may be anybody's. */
static void append_what(struct buffer *out, const struct remark *remark) {
  page_plain(out, remark->pointer);
  buffer_append_text(out, *remark->pointer ? ": " : "");
  if (remark->severity == ADVICE) buffer_append_text(out, "advice: ");
  page_plain(out, remark->what);
  buffer_append_text(out, *remark->remedy ? "; " : "");
  page_plain(out, remark->remedy);
}

/* Text */

static void append_text_remark(struct buffer *out, const struct check *check, const char *file,
                               const struct remark *remark) {
  buffer_append_text(out, file);
  if (remark->line) buffer_printf(out, ":%d:%d: ", remark->line, remark->column);
  else {
    buffer_append_text(out, remark->severity == ERROR ? ": cannot follow " : ": after ");
    buffer_append_text(out, check->against ? check->against : "");
    buffer_append_text(out, ": ");
  }
  append_what(out, remark);
  buffer_append_text(out, "\n");
}

static void append_text(struct buffer *out, const struct check *check, const struct answer *answer) {
  const struct definition *d = answer->definition;
  if (answer->problems.count && answer->problems.at[0].line == 0) return;
  for (size_t i = 0; i < remark_count(answer); i++) {
    struct remark remark = remark_at(answer, i);
    append_text_remark(out, check, answer->file, &remark);
  }
  buffer_append_text(out, answer->file);
  if (!d) {
    buffer_append_text(out, ": not good\n");
    return;
  }
  buffer_append_text(out, ": ");
  buffer_append(out, d->name.at, d->name.length);
  buffer_printf(out, " version %" PRIu32 ": good, ", d->version);
  buffer_append(out, d->digest.at, d->digest.length);
  buffer_append_text(out, "\n");
}

/* GitHub's workflow commands */

static void append_escaped(struct buffer *out, const char *text, const char *special) {
  for (; *text; text++) {
    if (strchr(special, *text)) buffer_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    else buffer_append(out, text, 1);
  }
}

static void append_github(struct buffer *out, const struct answer *answer) {
  static const char *const commands[] = {[ERROR] = "error", [ADVICE] = "warning", [NOTE] = "notice"};
  for (size_t i = 0; i < remark_count(answer); i++) {
    struct remark remark = remark_at(answer, i);
    struct buffer what = {0};
    append_what(&what, &remark);
    buffer_append(&what, "", 1);
    buffer_printf(out, "::%s file=", commands[remark.severity]);
    append_escaped(out, answer->file, "%\r\n:,");
    if (remark.line) buffer_printf(out, ",line=%d,col=%d", remark.line, remark.column);
    buffer_append_text(out, "::");
    append_escaped(out, what.at, "%\r\n");
    buffer_append_text(out, "\n");
    buffer_fini(&what);
  }
}

/* JUnit's XML: a test case a file; what makes `check` say no is its failure, the rest its output */

static void append_xml(struct buffer *out, const char *text) {
  for (; *text; text++) {
    if (*text == '&') buffer_append_text(out, "&amp;");
    else if (*text == '<') buffer_append_text(out, "&lt;");
    else if (*text == '>') buffer_append_text(out, "&gt;");
    else if (*text == '"') buffer_append_text(out, "&quot;");
    else buffer_append(out, (unsigned char)*text < ' ' && *text != '\n' ? "?" : text, 1);
  }
}

static bool fails(const struct check *check, const struct remark *remark) {
  return remark->severity == ERROR || (check->strict && remark->severity == ADVICE);
}

/* The remarks that fail, or those that do not, a line each, or nothing. */
static void append_junit_part(struct buffer *out, const struct check *check, const struct answer *answer,
                              bool failing) {
  struct buffer lines = {0};
  for (size_t i = 0; i < remark_count(answer); i++) {
    struct remark remark = remark_at(answer, i);
    if (fails(check, &remark) != failing) continue;
    if (remark.line) buffer_printf(&lines, "%d:%d: ", remark.line, remark.column);
    append_what(&lines, &remark);
    buffer_append_text(&lines, "\n");
  }
  if (lines.length) {
    buffer_append(&lines, "", 1);
    buffer_append_text(out, failing ? "      <failure message=\"not good\">" : "      <system-out>");
    append_xml(out, lines.at);
    buffer_append_text(out, failing ? "</failure>\n" : "</system-out>\n");
  }
  buffer_fini(&lines);
}

static bool answer_fails(const struct check *check, const struct answer *answer) {
  for (size_t i = 0; i < remark_count(answer); i++) {
    struct remark remark = remark_at(answer, i);
    if (fails(check, &remark)) return true;
  }
  return false;
}

static void append_junit(struct buffer *out, const struct check *check) {
  int failures = *check->misfit != 0;
  for (int i = 0; i < check->count; i++) failures += answer_fails(check, &check->answers[i]);
  buffer_append_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
  buffer_printf(out, "  <testsuite name=\"handover check\" tests=\"%d\" failures=\"%d\">\n",
                check->count + (*check->misfit != 0), failures);
  for (int i = 0; i < check->count; i++) {
    buffer_append_text(out, "    <testcase classname=\"handover check\" name=\"");
    append_xml(out, check->answers[i].file);
    buffer_append_text(out, "\">\n");
    append_junit_part(out, check, &check->answers[i], true);
    append_junit_part(out, check, &check->answers[i], false);
    buffer_append_text(out, "    </testcase>\n");
  }
  if (*check->misfit) {
    buffer_append_text(out, "    <testcase classname=\"handover check\" name=\"versions\"><failure message=\"");
    append_xml(out, check->misfit);
    buffer_append_text(out, "\"/></testcase>\n");
  }
  buffer_append_text(out, "  </testsuite>\n</testsuites>\n");
}

void check_append(struct buffer *out, const struct check *check) {
  static const char misfits[] = "these versions do not fit together: ";
  if (check->output == CHECK_JSON) check_append_json(out, check);
  if (check->output == CHECK_JUNIT) append_junit(out, check);
  if (check->output == CHECK_JSON || check->output == CHECK_JUNIT) return;
  for (int i = 0; i < check->count; i++) {
    if (check->output == CHECK_TEXT) append_text(out, check, &check->answers[i]);
    else append_github(out, &check->answers[i]);
  }
  if (!*check->misfit) return;
  buffer_append_text(out, check->output == CHECK_GITHUB ? "::error::" : "");
  buffer_append_text(out, misfits);
  if (check->output == CHECK_GITHUB) append_escaped(out, check->misfit, "%\r\n");
  else buffer_append_text(out, check->misfit);
  buffer_append_text(out, "\n");
}
