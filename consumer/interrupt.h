/* interrupt.h: SIGINT and SIGTERM as a flag, for commands that work through a log.
 *
 * After the first signal a blocked read or write returns EINTR, at once and then every second, so nobody who looks at the flag
 * between calls can miss it. A second SIGINT or SIGTERM ends the process. */
#ifndef HANDOVER_CONSUMER_INTERRUPT_H
#define HANDOVER_CONSUMER_INTERRUPT_H

#include <stdbool.h>

void interrupt_watch(void);
bool interrupt_seen(void);

#endif
