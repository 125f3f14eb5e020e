/* ask.c: prompt, line, check, again. */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"

enum line { LINE_READ, LINE_TOO_LONG, LINE_END, LINE_INTERRUPTED };

/* Byte by byte: a terminal gives a line at a time, and nothing may be read beyond it. A NUL becomes a byte that no answer may have. */
static enum line read_line(char *line, size_t room) {
  for (size_t length = 0;;) {
    char byte;
    if (interrupt_seen()) return LINE_INTERRUPTED;
    ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return LINE_END;
    if (byte == '\n') {
      line[length < room ? length : 0] = 0;
      return length < room ? LINE_READ : LINE_TOO_LONG;
    }
    if (length < room) line[length++] = byte ? byte : 1;
  }
}

/* Asks until `take` is content; `take` says why it is not. */
static enum line ask(const char *question, const char *fallback, struct answers *answers, enum answer which,
                     bool (*take)(struct answers *, enum answer, const char *, char *, size_t)) {
  char line[ANSWER_MOST + 2], why[400];
  for (;;) {
    fprintf(stderr, "%s [%s]: ", question, fallback);
    enum line outcome = read_line(line, sizeof line);
    if (outcome == LINE_END || outcome == LINE_INTERRUPTED) return outcome;
    if (outcome == LINE_TOO_LONG) fputs("  is too long\n", stderr);
    else if (take(answers, which, line, why, sizeof why)) return LINE_READ;
    else fprintf(stderr, "  %s\n", why);
  }
}

/* Five questions in one: "yes" takes the usual names, with "no" each is asked. */
static bool take_usual(struct answers *answers, enum answer which, const char *text, char *why, size_t room) {
  bool yes = !*text || strcmp(text, "yes") == 0;
  if (!yes && strcmp(text, "no") != 0) {
    snprintf(why, room, "must be yes or no");
    return false;
  }
  for (int i = (int)which; i <= ANSWER_DEMO && yes; i++)
    if (!answers_set(answers, (enum answer)i, "", why, room)) return false;
  return true;
}

static bool are_usual_asked(const struct answers *answers) {
  for (int i = ANSWER_PAGE; i <= ANSWER_DEMO; i++)
    if (answers->text[i]) return false;
  return true;
}

static enum line ask_usual(struct answers *answers) {
  char question[300];
  size_t length = (size_t)snprintf(question, sizeof question, "Are your events called ");
  for (int i = ANSWER_PAGE; i <= ANSWER_DEMO; i++)
    length += (size_t)snprintf(question + length, sizeof question - length, "%s%s", questions[i].fallback,
                               i < ANSWER_DEMO ? ", " : "");
  return ask(question, "yes", answers, ANSWER_PAGE, take_usual);
}

static enum line ask_one(struct answers *answers, enum answer which) {
  enum line outcome = which == ANSWER_PAGE && are_usual_asked(answers) ? ask_usual(answers) : LINE_READ;
  if (outcome != LINE_READ || answers->text[which]) return outcome;
  return ask(questions[which].ask, answers_fallback(answers, which), answers, which, answers_set);
}

bool ask_all(struct answers *answers, char *why, size_t room) {
  fputs("Enter takes what stands in brackets; - leaves it out. Nothing is written before the last answer.\n\n", stderr);
  for (int i = 0; i < ANSWERS; i++) {
    if (answers->text[i]) continue;
    enum line outcome = ask_one(answers, (enum answer)i);
    if (outcome == LINE_READ) continue;
    fputs("\n", stderr);
    snprintf(why, room, "%s before the last answer: nothing was written",
             outcome == LINE_END ? "the input ended" : "a signal came");
    return false;
  }
  fputs("\n", stderr);
  return true;
}
