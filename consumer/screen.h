/* screen.h: a terminal taken over for pictures, and given back as it was, however the process ends but by a signal that cannot be caught.
 *
 * The alternate screen, no cursor, keys as they are pressed; ^C still sends SIGINT, ^Z does nothing. One at a time. */
#ifndef HANDOVER_CONSUMER_SCREEN_H
#define HANDOVER_CONSUMER_SCREEN_H

#include <stdbool.h>

#include "../producer/buffer.h"

/* False: standard output is no terminal. Keys are taken where standard input is one, too. */
bool screen_open(void);
void screen_close(void);

/* As many columns and rows as there are; 80 and 24 where nobody knows. */
void screen_size(int *columns, int *rows);

/* Shows lines that end with LF, no more than there are rows; what was there goes. False: it cannot be written. */
bool screen_show(const struct buffer *lines);

/* Waits for a key, a signal (a new size, too), or wait_ms. The key, or 0. */
char screen_wait(int wait_ms);

#endif
