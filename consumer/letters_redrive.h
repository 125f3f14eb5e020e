/* letters_redrive.h: `handover letters redrive`: which letters there are to be sent, whether somebody wants that, and the sending. */
#ifndef HANDOVER_CONSUMER_LETTERS_REDRIVE_H
#define HANDOVER_CONSUMER_LETTERS_REDRIVE_H

#include "letters.h"

struct letters_redrive_order {
  const struct settings *settings;
  const struct letters_asked *asked;
  uint64_t most; /* letters; 0: all of them */
  bool dry, yes, json;
};

/* Says everything there is to say; the exit status. `reader` stays the caller's. */
int letters_redrive(const struct letters_redrive_order *order, struct topic_reader *reader);

#endif
