/* child.c: fork and /proc/self/exe; getrusage of the child when it has ended, /proc before. */
#define _GNU_SOURCE /* wait4 */
#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"

enum { TAIL = 4096, LOOK_US = 20000, USER = 14, SYSTEM = 15 /* of proc(5)'s stat */ };

void child_word(struct child *child, const char *word) {
  assert(child->word_count < CHILD_WORDS);
  child->words[child->word_count++] = word;
}

/* Only what is allowed between fork and exec of a process with threads. */
static void become(const struct child *child, const char *output, pid_t parent) {
  int nothing = open("/dev/null", O_RDWR);
  int out = output ? open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600) : nothing;
  int errors = open(child->errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() == parent && dup2(nothing, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
      dup2(errors, STDERR_FILENO) >= 0)
    execv("/proc/self/exe", (char *const *)(uintptr_t)child->words);
  _exit(3);
}

bool child_start(struct child *child, const char *output, const char *errors, char *why, size_t room) {
  pid_t parent = getpid();
  snprintf(child->errors, sizeof child->errors, "%s", errors);
  unlink(child->errors); /* who looks into it finds nothing of another run */
  child->words[child->word_count] = NULL;
  child->start_ns = clock_monotonic_ns();
  child->pid = fork();
  if (child->pid == 0) become(child, output, parent);
  if (child->pid > 0) return true;
  snprintf(why, room, "a process: %s", strerror(errno));
  child->pid = 0;
  return false;
}

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

/* The last line of its standard error that says something. */
static void say_last(const struct child *child, int status, char *why, size_t room) {
  char tail[TAIL + 1];
  FILE *file = fopen(child->errors, "r");
  size_t length = 0;
  if (file) {
    if (fseek(file, -TAIL, SEEK_END) != 0) rewind(file);
    length = fread(tail, 1, TAIL, file);
    fclose(file);
  }
  while (length > 0 && tail[length - 1] == '\n') length--;
  tail[length] = 0;
  const char *line = strrchr(tail, '\n'), *how = WIFEXITED(status) ? "with status" : "by signal";
  int number = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
  snprintf(why, room, "`%s` ended %s %d%s%.700s", child->words[1], how, number, length > 0 ? ": " : "",
           line ? line + 1 : tail);
}

/* Notes that it has ended. */
static int take_end(struct child *child, int status, char *why, size_t room) {
  bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  child->pid = 0;
  if (!good) say_last(child, status, why, room);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int child_wait(struct child *child, struct child_use *use, char *why, size_t room) {
  struct rusage usage;
  int status;
  pid_t ended;
  while ((ended = wait4(child->pid, &status, 0, &usage)) < 0 && errno == EINTR && !interrupt_seen()) {
  }
  if (ended < 0) {
    child_kill(child);
    snprintf(why, room, "interrupted");
    return -1;
  }
  *use = (struct child_use){.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
                            .wall_s = (double)(clock_monotonic_ns() - child->start_ns) / 1e9,
                            .rss_mb = (double)usage.ru_maxrss / 1024};
  return take_end(child, status, why, room);
}

static size_t read_proc(const struct child *child, const char *name, char *text, size_t room) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%" PRIdMAX "/%s", (intmax_t)child->pid, name);
  FILE *file = fopen(path, "r");
  size_t length = file ? fread(text, 1, room - 1, file) : 0;
  if (file) fclose(file);
  text[length] = 0;
  return length;
}

/* "pid (name) state …": fields are counted from the last ')'. */
static double cpu_so_far(const struct child *child) {
  char text[TAIL];
  read_proc(child, "stat", text, sizeof text);
  char *at = strrchr(text, ')');
  if (!at || strlen(at) < 4) return 0;
  at += 3;
  int64_t ticks = 0;
  for (int field = 4; field <= SYSTEM; field++) {
    int64_t number = strtoll(at, &at, 10);
    if (field >= USER) ticks += number;
  }
  return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

static double peak_mb(const struct child *child) {
  char text[TAIL];
  read_proc(child, "status", text, sizeof text);
  const char *line = strstr(text, "\nVmHWM:");
  return line ? (double)strtoll(line + 7, NULL, 10) / 1024 : 0;
}

bool child_look(struct child *child, struct child_use *use, char *why, size_t room) {
  int status;
  if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
    take_end(child, status, why, room);
    if (!*why) snprintf(why, room, "`%s` ended by itself", child->words[1]);
    return false;
  }
  *use = (struct child_use){.cpu_s = cpu_so_far(child),
                            .wall_s = (double)(clock_monotonic_ns() - child->start_ns) / 1e9,
                            .rss_mb = peak_mb(child)};
  return true;
}

bool child_stop(struct child *child, char *why, size_t room) {
  int64_t end_ns = clock_monotonic_ns() + CHILD_WAIT_S * INT64_C(1000000000);
  int status;
  kill(child->pid, SIGTERM);
  while (clock_monotonic_ns() < end_ns) {
    if (waitpid(child->pid, &status, WNOHANG) == child->pid) return take_end(child, status, why, room) == 0;
    usleep(LOOK_US);
  }
  child_kill(child);
  snprintf(why, room, "`%s` did not end within %d s", child->words[1], CHILD_WAIT_S);
  return false;
}

void child_kill(struct child *child) {
  if (child->pid <= 0) return;
  kill(child->pid, SIGKILL);
  while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR) {
  }
  child->pid = 0;
}
