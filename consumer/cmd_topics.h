/* cmd_topics.h: `handover topics`. */
#ifndef HANDOVER_CONSUMER_CMD_TOPICS_H
#define HANDOVER_CONSUMER_CMD_TOPICS_H

int cmd_topics(int argc, char **argv); /* argv[0]: "topics"; the exit status */

#endif
