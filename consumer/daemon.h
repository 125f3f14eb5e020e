/* daemon.h: `run` as a thing that can be started and stopped: what the command does, and the demo. */
#ifndef HANDOVER_CONSUMER_DAEMON_H
#define HANDOVER_CONSUMER_DAEMON_H

#include "../config/settings.h"
#include "catalog.h"
#include "supervise.h"

enum { DAEMON_STOP_MS = 9500 }; /* a clean stop takes no longer; what is not done by then is given up */

struct daemon_order { /* everything outlives the daemon */
  const struct settings *settings;
  struct catalog *catalog;  /* with the versions to start with; what comes in while it runs is the daemon's */
  bool wall_clock;          /* quiet partitions get clock marks */
  bool follows;             /* definitions are taken from settings.definitions_topic, too */
  bool warns;               /* what is wrong with how the topics are set up is logged */
  const char *const *paths; /* where it follows: files that daemon_reload reads again */
  int32_t path_count;
};

struct daemon;

/* Checks what has to be there (brokers, topics, the state directory) and starts. NULL with sentences in `why`. Workers come last: what ends
 * the process before leaves nothing undone. */
struct daemon *daemon_start(const struct daemon_order *order, char *why, size_t room);

/* Now and then, by the thread that started it: definitions that were published come in. */
void daemon_look(struct daemon *daemon);
/* The files of definitions and keys are read again. */
void daemon_reload(struct daemon *daemon);

bool daemon_failed(const struct daemon *daemon); /* it ends by itself: daemon_stop gives the status */
/* Every worker has come round, or back from waiting for brokers, within so many nanoseconds. */
bool daemon_alive(const struct daemon *daemon, int64_t within_ns);
bool daemon_ready(const struct daemon *daemon); /* every worker is a settled member, and all its tasks run */
/* How it stands, for people: tasks, leads, lag, what is still to be restored. */
void daemon_describe(const struct daemon *daemon, char *text, size_t room);
/* These three for a service manager. */
struct supervised daemon_supervised(const struct daemon *daemon);
/* Records decided and committed so far, over all tasks. */
uint64_t daemon_records(const struct daemon *daemon);

/* Commits what is done, saves the tasks, leaves the group, frees. The exit status: 0; 3: something failed, and the log says
 * what. A daemon that cannot end within DAEMON_STOP_MS ends the process, with status 3. */
int daemon_stop(struct daemon *daemon);

#endif
