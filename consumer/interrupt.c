/* interrupt.c: the handlers. May use: libc. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

enum { AGAIN_S = 1 };

static volatile sig_atomic_t seen;

/* The alarm closes the gap between a look at the flag and the call that blocks. */
static void note(int signal_number) {
  if (signal_number != SIGALRM) seen = 1;
  alarm(AGAIN_S);
}

/* What the parent has ignored (nohup, a shell's background) stays ignored. */
static void watch(int signal_number, const struct sigaction *action) {
  struct sigaction before;
  if (sigaction(signal_number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(signal_number, action, NULL);
}

void interrupt_watch(void) {
  struct sigaction action = {.sa_handler = note};
  sigemptyset(&action.sa_mask);
  sigaction(SIGALRM, &action, NULL);
  action.sa_flags = (int)SA_RESETHAND;
  watch(SIGINT, &action);
  watch(SIGTERM, &action);
}

bool interrupt_seen(void) { return seen != 0; }
