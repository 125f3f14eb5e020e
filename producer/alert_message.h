/* alert_message.h: what goes over the wire, for each kind of receiver. Pure. May use: alert_target.h, alert_template.h, sha256. */
#ifndef HANDOVER_PRODUCER_ALERT_MESSAGE_H
#define HANDOVER_PRODUCER_ALERT_MESSAGE_H

#include "alert_delivery.h"
#include "alert_target.h"
#include "alert_template.h"

enum { ALERT_HEADERS = 4, ALERT_HEADER = ALERT_ID + 128, SLACK_SECTION = 3000, SLACK_SECTIONS = 10 };

struct alert_message { /* zero it to start; alert_message_fini frees */
  struct buffer body;
  char headers[ALERT_HEADERS][ALERT_HEADER]; /* "name: value" */
  int32_t header_count;
};

/* The id of a delivery: the event's id and the receiver's name. Whatever could end an HTTP header, or is a full stop, which the
 * Standard Webhooks specification keeps for itself, becomes %XX. */
void alert_message_id(char id[ALERT_ID], const char *event_id, const char *receiver);

/* What an incident is known by: the definition, the lead and the moment it entered its stage; 64 hex digits. */
void alert_message_incident(const cJSON *event, char key[ALERT_INCIDENT]);

/* `event` is delivery->event as a tree. */
void alert_message_make(struct alert_message *message, const struct alert_target *target,
                        const struct alert_delivery *delivery, const cJSON *event, int64_t now_s);
void alert_message_fini(struct alert_message *message);

/* Text for Slack's blocks: the first line is what notifications show; the whole in sections that Slack takes. */
void alert_message_slack(struct buffer *body, struct slice text);

#endif
