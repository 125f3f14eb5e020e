/* alert_trial.c: one call, waited for. */
#include "alert_trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "../consumer/interrupt.h"
#include "../consumer/terminal.h"
#include "alert_http.h"
#include "alert_sample.h"

enum { LOOK_MS = 100 };

static void show(const struct alert_message *message) {
  for (int32_t i = 0; i < message->header_count; i++) printf("%s\n", message->headers[i]);
  if (message->header_count > 0) printf("\n");
  fwrite(message->body.at ? message->body.at : "", 1, message->body.length, stdout);
  if (message->header_count > 0) printf("\n");
}

/* What a stranger has answered holds nothing that a terminal obeys. */
static void tell(const char *action, const struct alert_answer *answer) {
  struct buffer safe = {0};
  struct terminal terminal = {.buffer = &safe};
  terminal_text(&terminal, slice_of(answer->beginning), ALERT_ANSWER);
  printf("%s: %s, %" PRId64 " ms", answer->status ? action : "not sent", answer->reason, answer->took_ms);
  if (safe.length > 0) printf(": %.*s", (int)safe.length, safe.at);
  printf("\n");
  buffer_fini(&safe);
}

static enum alert_trial_end call(const struct alert_target *target, const struct alert_message *message,
                                 const char *action) {
  struct alert_answer answer = {.reason = "interrupted"};
  struct alert_http *http = alert_http_open();
  if (!http) return ALERT_TRIAL_FAILED;
  alert_http_call(http, target, message, NULL);
  while (!alert_http_next(http, &answer) && !interrupt_seen()) alert_http_wait(http, NULL, 0, LOOK_MS);
  alert_http_close(http);
  tell(action, &answer);
  if (answer.status == 0) return ALERT_TRIAL_FAILED;
  return answer.status >= 200 && answer.status < 300 ? ALERT_TRIAL_TAKEN : ALERT_TRIAL_REFUSED;
}

static enum alert_trial_end try_one(const struct alert_target *target, const char *text, enum alert_action action,
                                    bool dry) {
  struct alert_message *message = memory_zeroed(1, sizeof *message);
  cJSON *event = cJSON_Parse(text);
  char id[ALERT_ID], event_id[64];
  enum alert_trial_end end = ALERT_TRIAL_TAKEN;
  snprintf(event_id, sizeof event_id, "test/%" PRId64, clock_wall_ms());
  alert_message_id(id, event_id, target->receiver->name);
  const struct alert_delivery delivery = {
      .receiver = target->receiver->name, .id = id, .action = action, .event = slice_of(text)};
  alert_message_make(message, target, &delivery, event, clock_wall_ms() / 1000);
  if (dry || target->receiver->kind == RECEIVER_STDOUT) show(message);
  else end = call(target, message, action == ALERT_RESOLVE ? "resolved" : "sent");
  cJSON_Delete(event);
  alert_message_fini(message);
  memory_free(message);
  return end;
}

enum alert_trial_end alert_trial(const struct alert_target *target, bool dry) {
  bool incident = target->receiver->kind == RECEIVER_PAGERDUTY;
  if (!incident) return try_one(target, alert_sample_change, ALERT_TELL, dry);
  struct alert_target *copy = memory_zeroed(1, sizeof *copy);
  *copy = *target;
  if (dry) snprintf(copy->routing_key, sizeof copy->routing_key, "(of secret_file)");
  enum alert_trial_end end = try_one(copy, alert_sample_breach, ALERT_TELL, dry);
  if (end == ALERT_TRIAL_TAKEN) end = try_one(copy, alert_sample_breach, ALERT_RESOLVE, dry);
  explicit_bzero(copy, sizeof *copy);
  memory_free(copy);
  return end;
}
