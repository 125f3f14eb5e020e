/* redrive.h: dead letters go back to the inputs that they came from, each once.
 *
 *     fence → read the dead letters and their marks → send, send, … → commit
 *
 * A record and the mark that its letter has been redriven are one transaction: both are there, or none. All who redrive letters of one
 * topic are the same transactional producer: `redrive_fence` ends what another one has left open and shuts it out, so whoever reads the marks
 * afterwards, up to the topic's end, misses none. May use: librdkafka, settings, client. */
#ifndef HANDOVER_PRODUCER_REDRIVE_H
#define HANDOVER_PRODUCER_REDRIVE_H

#include <librdkafka/rdkafka.h>

#include "../config/settings.h"
#include "../consumer/letter.h"

enum { REDRIVE_WHY = 500 };

struct redrive { /* set `settings` and `producer`, zero the rest */
  const struct settings *settings;
  rd_kafka_t *producer;
  uint64_t committed; /* letters, for good */
  int32_t open;       /* … in the transaction that is open */
  size_t open_bytes;
  char why[REDRIVE_WHY]; /* what went wrong */
};

/* Makes the configuration of its producer out of one of client_conf; delivery reports come to `redrive`, as the client's opaque. */
void redrive_configure(struct redrive *redrive, rd_kafka_conf_t *conf);

/* All return false where nothing more can be sent, and `why` says why; what is in an open transaction is then not there. */
bool redrive_fence(struct redrive *redrive);
/* The letter's record to the partition that it was in, which is where its producer put its lead. `headers` are taken. Commits from time to
 * time. */
bool redrive_send(struct redrive *redrive, const struct letter *letter, const char *input, rd_kafka_headers_t *headers);
bool redrive_commit(struct redrive *redrive);

#endif
