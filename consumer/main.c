/* main.c: the program. Files that are opened must never become the standard ones, and a closed pipe is an error of write(2). */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "command.h"
#include "exhausted.h"

int main(int argc, char **argv) {
  int descriptor;
  exhausted_watch();
  do { /* those of 0, 1, 2 that are closed: nothing to read, and writing fails */
    descriptor = open("/dev/null", O_RDONLY);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) close(descriptor);
  signal(SIGPIPE, SIG_IGN);
  return command_run(argc, argv);
}
