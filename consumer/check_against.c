/* check_against.c: can this version follow that one? What would be refused, and what changes without anyone seeing it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "check.h"
#include "engine/memory.h"

#define NAMED(slice) (int)(slice).length, (slice).at

static void note(struct answer *answer, bool breaks, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void note(struct answer *answer, bool breaks, const char *format, ...) {
  struct difference difference = {.breaks = breaks};
  va_list values;
  va_start(values, format);
  vsnprintf(difference.why, sizeof difference.why, format, values);
  va_end(values);
  size_t bytes = (answer->difference_count + 1) * sizeof difference;
  answer->differences = memory_grown(answer->differences, bytes);
  answer->differences[answer->difference_count++] = difference;
}

static bool has_stage(const struct definition *d, struct slice name) {
  for (int32_t i = 0; i < d->stage_count; i++)
    if (slice_equal(d->stages[i].name, name)) return true;
  for (int32_t i = 0; i < d->replace_count; i++)
    if (slice_equal(d->replaces[i].from, name)) return true;
  return false;
}

static void compare_heads(struct answer *answer, const struct definition *old) {
  const struct definition *d = answer->definition;
  if (!slice_equal(d->name, old->name))
    note(answer, true, "its name is \"%.*s\" and was \"%.*s\"; versions of one definition have one name",
         NAMED(d->name), NAMED(old->name));
  if (d->version < old->version)
    note(answer, true, "its version %" PRIu32 " is lower than %" PRIu32 "; give it a higher one", d->version,
         old->version);
  if (d->version == old->version && !slice_equal(d->digest, old->digest))
    note(answer, true, "it says something else under the same version %" PRIu32 "; give it a higher one", d->version);
  if (d->effective_from_ms < old->effective_from_ms)
    note(answer, true, "it takes effect before the version that it follows; make \"effective_from\" later");
}

static void compare_stages(struct answer *answer, const struct definition *old) {
  for (int32_t i = 0; i < old->stage_count; i++)
    if (!has_stage(answer->definition, old->stages[i].name))
      note(answer, true, "the stage \"%.*s\" is gone; say in \"replaces\" which stage takes its leads",
           NAMED(old->stages[i].name));
}

static void compare_settings(struct answer *answer, const struct definition *old) {
  const struct definition *d = answer->definition;
  if (d->deduplicate < old->deduplicate)
    note(answer, false, "\"deduplicate\" falls from %d to %d: a message that comes again late may count twice",
         old->deduplicate, d->deduplicate);
  if (d->lateness_ms < old->lateness_ms)
    note(answer, false,
         "\"lateness\" falls from %" PRId64 " s to %" PRId64
         " s: events that come late are no longer waited for as long",
         old->lateness_ms / 1000, d->lateness_ms / 1000);
  if (d->lateness_ms > old->lateness_ms)
    note(answer, false,
         "\"lateness\" grows from %" PRId64 " s to %" PRId64 " s: missed deadlines are said that much later",
         old->lateness_ms / 1000, d->lateness_ms / 1000);
}

bool check_differences(struct answer *answer, const struct definition *old) {
  compare_heads(answer, old);
  compare_stages(answer, old);
  compare_settings(answer, old);
  for (size_t i = 0; i < answer->difference_count; i++)
    if (answer->differences[i].breaks) return false;
  return true;
}
