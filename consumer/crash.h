/* crash.h: places at which a step of the protocol ends and the next begins. In the program that is built for tests/broker/test_crash_points.py
 * alone (HANDOVER_CRASH_POINTS) the process can be killed at each of them; everywhere else there is nothing. */
#ifndef HANDOVER_CRASH_H
#define HANDOVER_CRASH_H

#ifdef HANDOVER_CRASH_POINTS

/* Ends the process by SIGKILL at the n-th pass of the point that the environment names: HANDOVER_CRASH=NAME:N. Any thread. */
void crash_point(const char *name);

#define CRASH_POINT(name) crash_point("crash point " name)
#else
#define CRASH_POINT(name) ((void)0)
#endif

#endif
