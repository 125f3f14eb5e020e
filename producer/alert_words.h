/* alert_words.h: the templates that are built in. They are what `handover alert template` prints, and where people begin who change one. */
#ifndef HANDOVER_PRODUCER_ALERT_WORDS_H
#define HANDOVER_PRODUCER_ALERT_WORDS_H

#include "../config/receiver.h"

/* Of a webhook it is the event itself. */
const char *alert_words_of(enum receiver_kind kind);

#endif
