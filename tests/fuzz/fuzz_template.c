/* fuzz_template.c: the words of alerts, on every text: a template, a line "===", an event, a line "===", a template for the link. Without an
 * event it is the made-up one.
 *
 *   a template is good, or a sentence says in which of its lines it is not; the same again the second time;
 *   what is good is rendered for each place within the bound, the same again the second time, and as it stands where it has no gap;
 *   what comes from the event cannot leave its place: no <, > or & in Slack, no control character, no byte that an address has not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../producer/alert_sample.h"
#include "../../producer/alert_template.h"

enum { WHY = 200, PARTS = 3 };

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_template.c:%d: not so: %s\n", line, condition);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copies of their own, so that a sanitizer sees a read behind each: template, event, link; "" where one is not there. */
static void split(char *parts[PARTS], const char *at, size_t size) {
  static const char line[] = "\n===\n";
  for (int i = 0; i < PARTS; i++) {
    size_t length = 0;
    while (length < size && (size - length < sizeof line - 1 || memcmp(at + length, line, sizeof line - 1) != 0))
      length++;
    if (!(parts[i] = calloc(1, length + 1))) abort();
    if (length) memcpy(parts[i], at, length);
    size_t taken = length < size ? length + sizeof line - 1 : size;
    at += taken;
    size -= taken;
  }
}

static int lines_of(const char *text) {
  int lines = 1;
  for (; *text; text++) lines += *text == '\n';
  return lines;
}

static bool is_good(const char *text) {
  char why[WHY] = "", again[WHY] = "";
  bool good = alert_template_check(text, why, sizeof why);
  CHECK(good == alert_template_check(text, again, sizeof again) && strcmp(why, again) == 0);
  CHECK(good == !*why);
  char *end = why;
  long line = strncmp(why, "line ", 5) == 0 ? strtol(why + 5, &end, 10) : 0;
  CHECK(good || (line >= 1 && line <= lines_of(text) && strncmp(end, ": ", 2) == 0 && end[2]));
  return good;
}

/* Of the text's own no byte is one of these; and no time is shown, which Slack has a form of its own for. */
static bool lacks(const char *text, const char *bytes) { return !strpbrk(text, bytes) && !strstr(text, "time"); }

static bool controls_in(const char *at, size_t length) {
  for (size_t i = 0; i < length; i++)
    if ((unsigned char)at[i] < ' ') return true;
  return false;
}

static void check_escapes(const struct buffer *out, const char *text, const struct alert_words *words) {
  bool quiet = !controls_in(text, strlen(text)), raw = controls_in(words->bytes.at, words->bytes.length);
  if (words->escape == ALERT_SLACK && lacks(text, "<>"))
    for (size_t i = 0; i < out->length; i++) CHECK(out->at[i] != '<' && out->at[i] != '>');
  if (words->escape == ALERT_URL && lacks(text, "<>\" "))
    for (size_t i = 0; i < out->length; i++) CHECK(!strchr("<>\" ", out->at[i]) || !out->at[i]);
  if (quiet && (words->escape != ALERT_JSON || !raw)) CHECK(!controls_in(out->at, out->length));
}

static void check_rendered(const char *text, const struct alert_words *words) {
  struct buffer out = {0}, again = {0};
  alert_template_render(&out, text, words);
  alert_template_render(&again, text, words);
  CHECK(out.length == again.length && (!out.length || memcmp(out.at, again.at, out.length) == 0));
  CHECK(out.length <= ALERT_RENDERED_BYTES);
  if (!strstr(text, "{{")) CHECK(out.length == strlen(text) && (!out.length || memcmp(out.at, text, out.length) == 0));
  check_escapes(&out, text, words);
  buffer_fini(&out);
  buffer_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *parts[PARTS];
  split(parts, (const char *)data, size);
  const char *event = *parts[1] ? parts[1] : alert_sample_change;
  cJSON *tree = cJSON_Parse(event);
  bool good = is_good(parts[0]), linked = is_good(parts[2]);
  for (int escape = ALERT_PLAIN; good && escape <= ALERT_URL; escape++) {
    const struct alert_words words = {tree,    slice_of(event),        "test/0/1/0",
                                      "sales", linked ? parts[2] : "", (enum alert_escape)escape};
    check_rendered(parts[0], &words);
  }
  cJSON_Delete(tree);
  for (int i = 0; i < PARTS; i++) free(parts[i]);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "template", .count = 400};
  return standalone_run(&run, argc, argv);
}
#endif
