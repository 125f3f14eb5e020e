/* ask.h: the questions of `handover init` on a terminal. May use: answers.h, interrupt.h, libc. */
#ifndef HANDOVER_CONSUMER_ASK_H
#define HANDOVER_CONSUMER_ASK_H

#include "answers.h"

/* Asks what is not answered yet, on standard error, and reads standard input; what is of no use is asked again. False: a signal came
 * or the input ended, as a sentence in `why`. */
bool ask_all(struct answers *answers, char *why, size_t room);

#endif
