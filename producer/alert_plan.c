/* alert_plan.c: filters, and incidents that begin and end. PagerDuty is told of a breach, and that it is over when the lead leaves the stage
 * that it was late in; the state file knows which breaches it was told of. */
#include "alert_plan.h"

#include <string.h>

#include "alert_event.h"
#include "alert_message.h"

static bool is_breach(const cJSON *event) { return strcmp(alert_event_text(event, "/type"), "lead.sla.breached") == 0; }

/* Is there something to be said, and what? */
static bool is_for(struct alert_state *state, const struct receiver *receiver, const cJSON *event,
                   enum alert_action *action) {
  char incident[ALERT_INCIDENT];
  *action = ALERT_TELL;
  if (receiver->kind != RECEIVER_PAGERDUTY) return alert_event_passes(event, &receiver->filter);
  alert_message_incident(event, incident);
  if (is_breach(event)) {
    bool passes = alert_event_passes(event, &receiver->filter);
    if (passes) alert_state_incident_begin(state, receiver->name, incident);
    return passes;
  }
  *action = ALERT_RESOLVE;
  return alert_state_incident_end(state, receiver->name, incident);
}

bool alert_plan(struct alert_state *state, const struct receivers *receivers, const struct alert_record *record,
                int64_t now_ms) {
  cJSON *event = record->value.at ? cJSON_ParseWithLength(record->value.at, record->value.length) : NULL;
  const char *event_id = alert_event_text(event, "/id");
  bool good = *event_id && *alert_event_text(event, "/type");
  for (int32_t i = 0; i < receivers->count && good; i++) {
    const struct receiver *receiver = &receivers->at[i];
    enum alert_action action;
    char id[ALERT_ID];
    if (!is_for(state, receiver, event, &action)) continue;
    alert_message_id(id, event_id, receiver->name);
    const struct alert_delivery delivery = {.receiver = receiver->name,
                                            .id = id,
                                            .lead = record->key,
                                            .topic = record->topic,
                                            .partition = record->partition,
                                            .offset = record->offset,
                                            .holds = true,
                                            .action = action,
                                            .event = record->value};
    alert_state_put(state, &delivery, now_ms);
  }
  cJSON_Delete(event);
  return good;
}
