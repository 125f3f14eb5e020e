/* duration.h: 90s, 15m, 48h, 14d, 2w, as definitions and settings have them. May use: libc. */
#ifndef HANDOVER_CONFIG_DURATION_H
#define HANDOVER_CONFIG_DURATION_H

#include <stdint.h>

/* In ms: 1 to 999999 of a unit, without a leading zero. 0 where it is none. */
int64_t duration_parse(const char *text);

#endif
