/* question.h: a question that somebody at the terminal answers with yes. May use: libc. */
#ifndef HANDOVER_CONSUMER_QUESTION_H
#define HANDOVER_CONSUMER_QUESTION_H

enum answer_given { ANSWER_YES, ANSWER_NO, ANSWER_NOBODY /* there is no terminal */ };

/* Asks on the terminal, not on standard input, which may be a file. Anything but "yes" or "y" is no. */
enum answer_given question_ask(const char *question);

#endif
