/* topic_tail.c: a stream a partition, looked at in turn. */
#include "topic_tail.h"

#include <stdio.h>

#include "engine/memory.h"

enum { READ = 250 };

struct topic_tail {
  struct topic_stream **streams;
  int32_t count;
  char why[TOPIC_READER_WHY];
};

static int64_t offset_of(struct topic_reader *reader, const char *topic, int32_t partition, int64_t from_ms, char *why,
                         size_t room) {
  if (from_ms == TOPIC_TAIL_BEGINNING) return 0;
  if (from_ms == TOPIC_TAIL_NOW) return TOPIC_END;
  return topic_reader_offset(reader, topic, partition, from_ms, why, room);
}

struct topic_tail *topic_tail_open(struct topic_reader *reader, const char *topic, int64_t from_ms, bool follow,
                                   char *why, size_t room) {
  int32_t count = topic_reader_partitions(reader, topic, why, room);
  if (count < 0) return NULL;
  if (count == 0) {
    snprintf(why, room, "%.200s: there is no such topic: has a daemon ever run here?", topic);
    return NULL;
  }
  struct topic_tail *tail = memory_zeroed(1, sizeof *tail);
  tail->streams = memory_zeroed((size_t)count, sizeof *tail->streams);
  for (tail->count = 0; tail->count < count; tail->count++) {
    int64_t from = offset_of(reader, topic, tail->count, from_ms, why, room);
    struct topic_stream *stream =
        from < 0 ? NULL : topic_stream_start_at(reader, topic, tail->count, from, follow, why, room);
    if (!stream) {
      topic_tail_close(tail);
      return NULL;
    }
    tail->streams[tail->count] = stream;
  }
  return tail;
}

void topic_tail_close(struct topic_tail *tail) {
  if (!tail) return;
  for (int32_t i = 0; i < tail->count; i++) topic_stream_end(tail->streams[i]);
  memory_free(tail->streams);
  memory_free(tail);
}

int32_t topic_tail_read(struct topic_tail *tail, topic_tail_take *take, void *context) {
  struct record records[READ];
  int32_t all = 0;
  for (int32_t i = 0; i < tail->count; i++) {
    int32_t count = topic_stream_read(tail->streams[i], records, READ, 0);
    for (int32_t at = 0; at < count; at++, all++)
      if (!take(context, &records[at])) return all;
    const char *why = topic_stream_why(tail->streams[i]);
    if (!*why) continue;
    snprintf(tail->why, sizeof tail->why, "%s", why);
    return -1;
  }
  return all;
}

bool topic_tail_over(const struct topic_tail *tail) {
  for (int32_t i = 0; i < tail->count; i++)
    if (!topic_stream_over(tail->streams[i])) return false;
  return true;
}

const char *topic_tail_why(const struct topic_tail *tail) { return tail->why; }

int64_t topic_tail_left(const struct topic_tail *tail) {
  int64_t left = 0;
  for (int32_t i = 0; i < tail->count; i++) {
    int64_t more = topic_stream_limit(tail->streams[i]) - topic_stream_position(tail->streams[i]);
    if (more > 0) left += more;
  }
  return left;
}
