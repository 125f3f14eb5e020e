/* question.c: one line there, one line back. */
#include "question.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LINE = 64 };

enum answer_given question_ask(const char *question) {
  char line[LINE] = "";
  FILE *terminal = fopen("/dev/tty", "r+e");
  if (!terminal) return ANSWER_NOBODY;
  fputs(question, terminal);
  fflush(terminal);
  bool typed = fgets(line, sizeof line, terminal);
  fclose(terminal);
  line[strcspn(line, "\r\n")] = 0;
  return typed && (strcasecmp(line, "yes") == 0 || strcasecmp(line, "y") == 0) ? ANSWER_YES : ANSWER_NO;
}
