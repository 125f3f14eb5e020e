/* screen.c: termios, and a few of the sequences that every terminal of today obeys. */
#include "screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define REST_OF_LINE "\033[K"
#define REST_OF_SCREEN "\033[J"

static struct {
  bool open, keys;
  struct termios before;
} screen;

static bool write_all(const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, length);
    if (written < 0 && errno != EINTR) return false;
    if (written < 0) continue;
    bytes += written;
    length -= (size_t)written;
  }
  return true;
}

/* Its being caught is what it is for: poll comes back. */
static void note_size(int number) { (void)number; }

static void take_keys(void) {
  screen.keys = isatty(STDIN_FILENO) && tcgetattr(STDIN_FILENO, &screen.before) == 0;
  if (!screen.keys) return;
  struct termios raw = screen.before;
  raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

bool screen_open(void) {
  struct sigaction action = {.sa_handler = note_size};
  if (!isatty(STDOUT_FILENO)) return false;
  sigemptyset(&action.sa_mask);
  sigaction(SIGWINCH, &action, NULL);
  take_keys();
  screen.open = true;
  atexit(screen_close);
  return write_all(ENTER, sizeof ENTER - 1);
}

void screen_close(void) {
  if (!screen.open) return;
  screen.open = false;
  write_all(LEAVE, sizeof LEAVE - 1);
  if (screen.keys) tcsetattr(STDIN_FILENO, TCSANOW, &screen.before);
}

void screen_size(int *columns, int *rows) {
  struct winsize size;
  bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  *columns = known ? size.ws_col : 80;
  *rows = known ? size.ws_row : 24;
}

bool screen_show(const struct buffer *lines) {
  struct buffer out = {0};
  buffer_append_text(&out, HOME);
  for (const char *at = lines->at, *end = at + lines->length; at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    buffer_append(&out, at, (size_t)(stop - at));
    at = stop + 1;
    buffer_append_text(
        &out, at < end ? REST_OF_LINE "\r\n" : REST_OF_LINE); /* no line break behind the last: it would scroll */
  }
  buffer_append_text(&out, REST_OF_SCREEN);
  bool good = write_all(out.at, out.length);
  buffer_fini(&out);
  return good;
}

char screen_wait(int wait_ms) {
  struct pollfd keys = {.fd = screen.keys ? STDIN_FILENO : -1, .events = POLLIN};
  char key = 0;
  if (poll(&keys, 1, wait_ms) <= 0) return 0;
  ssize_t got = read(STDIN_FILENO, &key, 1);
  if (got <= 0) screen.keys = false; /* the terminal has gone: SIGHUP comes, or it does not matter */
  return got == 1 ? key : 0;
}
