/* audit_scope.c: by an event's `time`, and by its lead. */
#include "audit_scope.h"

#include <cjson/cJSON.h>

#include "decode.h"

bool audit_scope_is_whole(const struct audit_scope *scope) {
  return scope->from_ms == TIME_NONE && scope->to_ms == TIME_NONE && !scope->lead.at;
}

static bool has(const struct audit_scope *scope, int64_t time_ms, struct slice lead) {
  return (scope->from_ms == TIME_NONE || time_ms >= scope->from_ms) &&
         (scope->to_ms == TIME_NONE || time_ms < scope->to_ms) && (!scope->lead.at || slice_equal(scope->lead, lead));
}

bool audit_scope_has_change(const struct audit_scope *scope, const struct change *change) {
  return has(scope, change->time_ms, change->lead);
}

bool audit_scope_has_event(const struct audit_scope *scope, struct slice bytes) {
  if (audit_scope_is_whole(scope)) return true;
  int64_t time_ms;
  cJSON *root = cJSON_ParseWithLength(bytes.at, bytes.length);
  const cJSON *time = cJSON_GetObjectItemCaseSensitive(root, "time");
  const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
  const cJSON *lead = cJSON_GetObjectItemCaseSensitive(data, "lead");
  bool event = cJSON_IsString(time) && cJSON_IsString(lead) && time_parse(slice_of(time->valuestring), &time_ms);
  bool counts = !event || has(scope, time_ms, slice_of(lead->valuestring));
  cJSON_Delete(root);
  return counts;
}
