/* audit_scope.h: which published events an audit is asked about; decided again are all of them. May use: change.h, cJSON. */
#ifndef HANDOVER_CONSUMER_AUDIT_SCOPE_H
#define HANDOVER_CONSUMER_AUDIT_SCOPE_H

#include "engine/change.h"

struct audit_scope {
  int64_t from_ms, to_ms; /* [from, to); TIME_NONE: from the first, to the last */
  struct slice lead;      /* at == NULL: of any lead */
};

bool audit_scope_is_whole(const struct audit_scope *scope);
bool audit_scope_has_change(const struct audit_scope *scope, const struct change *change);
/* A published event's bytes. What is no event belongs nowhere, so it counts. */
bool audit_scope_has_event(const struct audit_scope *scope, struct slice bytes);

#endif
