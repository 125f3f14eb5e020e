/* calendar.h: working time, as the definition pins it. */
#ifndef HANDOVER_ENGINE_CALENDAR_H
#define HANDOVER_ENGINE_CALENDAR_H

#include "definition.h"

/* The earliest moment by which the calendar has had `within_ms` (> 0) of open time since `start_ms`; TIME_NEVER where it has
 * not within ten years. */
int64_t calendar_deadline(const struct calendar *calendar, int64_t start_ms, int64_t within_ms);

#endif
