/* sink_kept.c: see sink_kept.h. */
#include "sink_kept.h"

#include "../consumer/engine/memory.h"

struct kept_message {
  struct sink_message message; /* its slices have no pointers but NULL: the bytes may move */
  size_t place;                /* of the key; the value follows */
};

void kept_add(struct kept *kept, const struct sink_message *message) {
  if (kept->count == kept->room) {
    kept->room = kept->room ? kept->room * 2 : 64;
    kept->at = memory_grown(kept->at, (size_t)kept->room * sizeof *kept->at);
  }
  kept->at[kept->count++] = (struct kept_message){*message, kept->bytes.length};
  buffer_append(&kept->bytes, message->key.at, message->key.length);
  buffer_append(&kept->bytes, message->value.at, message->value.length);
}

struct sink_message kept_take(struct kept *kept, int32_t index) {
  struct kept_message *at = &kept->at[index];
  struct sink_message message = at->message;
  const char *bytes = kept->bytes.length ? kept->bytes.at + at->place : "";
  if (message.key.at) message.key.at = bytes;
  if (message.value.at) message.value.at = bytes + message.key.length;
  at->message.headers = NULL;
  return message;
}

void kept_clear(struct kept *kept) {
  for (int32_t i = 0; i < kept->count; i++)
    if (kept->at[i].message.headers) rd_kafka_headers_destroy(kept->at[i].message.headers);
  kept->count = 0;
  kept->bytes.length = 0;
}

void kept_fini(struct kept *kept) {
  kept_clear(kept);
  buffer_fini(&kept->bytes);
  memory_free(kept->at);
  *kept = (struct kept){0};
}
