/* explain.c: reading.c → lanes → the story (explain_story.h).
 *
 * A lead's events are all in one partition. Until it is seen every partition is decided, for each may be the one; from then on only
 * its own. All of a partition has to be decided, for any record may let the lead's deadlines pass. */
#include "explain.h"

#include "engine/memory.h"
#include "explain_story.h"

enum { STATUS_OK = 0, STATUS_NO = 1 };

struct explain {
  struct explain_story story;
  struct lane *lane; /* the lead's; NULL: not seen yet */
};

static void on_lane(void *context, struct lane *lane) {
  struct explain *explain = context;
  explain_story_follow(&explain->story, lane);
}

static bool is_wanted(void *context, int32_t partition) {
  const struct explain *explain = context;
  return explain->story.partition == NONE || explain->story.partition == partition;
}

static struct lane **all_lanes(const struct reading *reading) {
  struct lane **lanes = memory_zeroed((size_t)reading_lane_count(reading) + 1, sizeof *lanes);
  for (int32_t i = 0; i < reading_lane_count(reading); i++) lanes[i] = reading_lane(reading, i);
  return lanes;
}

static enum reading_next on_batch(void *context, struct reading *reading) {
  struct explain *explain = context;
  for (int32_t i = 0; !explain->lane && i < reading_lane_count(reading); i++) {
    struct lane *lane = reading_lane(reading, i);
    explain->lane = explain_story_lane(&explain->story, &lane, 1);
  }
  return explain->lane && lane_ended(explain->lane) ? READING_ENOUGH : READING_ON;
}

int explain_run(const struct explain_order *order, struct buffer *out) {
  struct explain explain = {0};
  struct reading_user user = {"explain", &explain, &explain.story.sink, on_lane, is_wanted, NULL, on_batch};
  explain_story_init(&explain.story, order->lead, order->at_ms);
  struct reading *reading = reading_create(&order->log, &user);
  int status = reading_run(reading);
  struct lane **lanes = all_lanes(reading),
              *lane = explain_story_lane(&explain.story, lanes, reading_lane_count(reading));
  if (status == STATUS_OK && lane) explain_story_tell(&explain.story, lane, out);
  if (status == STATUS_OK && !lane) {
    explain_story_absent(&explain.story, lanes, reading_lane_count(reading));
    status = STATUS_NO;
  }
  memory_free(lanes);
  explain_story_fini(&explain.story);
  reading_destroy(reading);
  return status;
}
