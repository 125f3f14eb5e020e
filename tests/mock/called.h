/* called.h: a command of the program, called within a test, which has a process of its own (apart.h): its status, and what it printed. */
#ifndef HANDOVER_TESTS_CALLED_H
#define HANDOVER_TESTS_CALLED_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cluster.h"

static char printed[8192];

/* With these words, NULL at the end, behind settings that name the brokers. */
static inline int called(int command(int argc, char **argv), const char *brokers, const char *const *words) {
  char name[] = "handover", option[] = "--settings", path[] = "/tmp/handover-called-XXXXXX";
  char *argv[24] = {name, option, path};
  int argc = 3, settings = mkstemp(path), before = dup(STDOUT_FILENO);
  FILE *output = tmpfile();
  assert_true(settings >= 0 && output);
  dprintf(settings, "{\"bootstrap\":\"%s\",\"inputs\":[\"in\"],\"instance\":\"test\"}", brokers);
  close(settings);
  while (*words) argv[argc++] = (char *)(uintptr_t)*words++;
  fflush(stdout);
  dup2(fileno(output), STDOUT_FILENO);
  const int status = command(argc, argv);
  fflush(stdout);
  dup2(before, STDOUT_FILENO);
  close(before);
  rewind(output);
  printed[fread(printed, 1, sizeof printed - 1, output)] = 0;
  fclose(output);
  unlink(path);
  return status;
}

#define NOBODY "127.0.0.1:1"
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static inline void expect_lines(int lines) {
  int count = 0;
  for (const char *at = printed; *at; at++) count += *at == '\n';
  if (count != lines) fail_msg("%d lines, not %d: %s", count, lines, printed);
}

/* Wrong usage is said on standard error, with status 2; --help on standard output, with 0. */
static inline void expect_wrong(int command(int argc, char **argv), const char *const (*wrong)[5], size_t count) {
  for (size_t i = 0; i < count; i++) {
    const int status = called(command, NOBODY, wrong[i]);
    if (status != 2) fail_msg("%s %s: %d", wrong[i][0], wrong[i][1] ? wrong[i][1] : "", status);
    assert_string_equal(printed, "");
  }
  assert_int_equal(called(command, NOBODY, WORDS("--help")), 0);
  assert_memory_equal(printed, "usage: handover ", 16);
}

#endif
