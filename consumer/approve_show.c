/* approve_show.c: what strangers wrote stands in quotes, escaped. */
#include "approve_show.h"

#include <inttypes.h>
#include <string.h>

#include "../config/signoff.h"
#include "../producer/encode.h"

void show_definition(struct buffer *out, const struct definition *definition) {
  buffer_append_text(out, "signing ");
  buffer_append(out, definition->name.at, definition->name.length);
  buffer_printf(out, " version %" PRIu32 "\n        ", definition->version);
  buffer_append(out, definition->digest.at, definition->digest.length);
  buffer_append_text(out, "\n");
}

void show_changes(struct buffer *out, const struct diff_side *before, const struct diff_side *after) {
  struct diff diff = {0};
  (void)diff_find(&diff, before, after);
  diff_append_text(out, &diff, before, after);
  diff_fini(&diff);
}

static void show_signoff(struct buffer *out, const struct signoff *signoff) {
  buffer_append_text(out, "  ");
  json_append_string(out, slice_of(signoff->team));
  buffer_append_text(out, signoff->state == SIGNOFF_VALID ? " signed by " : " no longer signed by ");
  json_append_string(out, slice_of(signoff->by));
  buffer_append_text(out, " at ");
  json_append_string(out, slice_of(signoff->at));
  if (signoff->state != SIGNOFF_VALID) buffer_printf(out, ": %s", signoff_why(signoff->state));
  buffer_append_text(out, "\n");
}

void show_signoffs(struct buffer *out, const cJSON *root, const char *digest) {
  buffer_append_text(out, "signatures so far\n");
  for (const cJSON *node = signoff_first(root); node; node = node->next) {
    struct signoff signoff;
    signoff_read(&signoff, root, node, digest, NULL);
    show_signoff(out, &signoff);
  }
  for (const cJSON *team = signoff_teams(root); team; team = team->next) {
    if (signoff_team_agreed(root, digest, team->valuestring, NULL)) continue;
    buffer_append_text(out, "  ");
    json_append_string(out, slice_of(team->valuestring));
    buffer_append_text(out, " is missing\n");
  }
}

void show_missing(struct buffer *out, const cJSON *root, const char *digest) {
  bool some = false;
  for (const cJSON *team = signoff_teams(root); team; team = team->next) {
    if (signoff_team_agreed(root, digest, team->valuestring, NULL)) continue;
    buffer_append_text(out, some ? ", " : "missing ");
    json_append_string(out, slice_of(team->valuestring));
    some = true;
  }
  if (!some)
    buffer_append_text(out, "every team has signed; `handover verify --trust FILE` says whether by keys that count");
  buffer_append_text(out, "\n");
}
