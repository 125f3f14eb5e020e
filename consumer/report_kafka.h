/* report_kafka.h: published events and dead letters from the brokers into a report's log: all that is kept there, up to where the topics
 * end now. May use: report_log.h, topic_reader.h. */
#ifndef HANDOVER_CONSUMER_REPORT_KAFKA_H
#define HANDOVER_CONSUMER_REPORT_KAFKA_H

#include "report_log.h"
#include "topic_reader.h"

/* Reads stage-changes, and the dead letters where that topic is there. What cannot be seen is noted in the log (report_log_unseen).
 * Returns the exit status; errors are said on standard error. */
int report_kafka_read(struct report_log *log, struct topic_reader *reader, const struct settings *settings);

#endif
