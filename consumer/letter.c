/* letter.c: headers, strictly: whoever may write to the topic may have put anything there. */
#include "letter.h"

#include <inttypes.h>
#include <stdio.h>

#include "../producer/sink_kafka.h"
#include "message.h"

enum { DIGITS = 18, ATTEMPTS_MOST = 1000000000 };

/* A number as it is written, without sign or leading zeros. */
static bool take_number(struct slice text, int64_t most, int64_t *number) {
  int64_t sum = 0;
  if (text.length == 0 || text.length > DIGITS || (*text.at == '0' && text.length > 1)) return false;
  for (uint32_t i = 0; i < text.length; i++) {
    if (text.at[i] < '0' || text.at[i] > '9') return false;
    sum = sum * 10 + (text.at[i] - '0');
  }
  *number = sum;
  return sum <= most;
}

static bool take_place(const rd_kafka_message_t *message, struct position *place) {
  int64_t partition, offset;
  place->topic = message_header(message, "topic");
  if (place->topic.length == 0 || !take_number(message_header(message, "partition"), INT32_MAX, &partition) ||
      !take_number(message_header(message, "offset"), INT64_MAX, &offset))
    return false;
  place->partition = (int32_t)partition;
  place->offset = offset;
  return true;
}

enum letter_kind letter_read(const rd_kafka_message_t *message, struct letter *letter, int64_t *marked) {
  const struct record record = message_record(message, (struct slice){NULL, 0});
  *letter = (struct letter){.partition = message->partition,
                            .offset = message->offset,
                            .timestamp_ms = record.timestamp_ms,
                            .key = record.key,
                            .value = record.payload,
                            .reason = message_header(message, "reason"),
                            .detail = message_header(message, "detail")};
  struct slice mark = message_header(message, LETTER_MARK_HEADER);
  int64_t attempts;
  if (letter->reason.length == 0 && mark.at)
    return take_number(mark, INT64_MAX, marked) ? LETTER_IS_MARK : LETTER_IS_NONE;
  if (letter->reason.length == 0 || !take_place(message, &letter->record)) return LETTER_IS_NONE;
  if (take_number(message_header(message, SINK_HEADER LETTER_ATTEMPT_HEADER), ATTEMPTS_MOST, &attempts))
    letter->attempts = (int32_t)attempts;
  return LETTER_IS;
}

static bool is_ours(struct slice name) {
  return slice_equal(name, SLICE(LETTER_OF_HEADER)) || slice_equal(name, SLICE(LETTER_ATTEMPT_HEADER));
}

bool letter_header(const rd_kafka_message_t *message, size_t *at, struct slice *name, struct slice *value) {
  enum { PREFIX = sizeof SINK_HEADER - 1 };
  rd_kafka_headers_t *headers;
  const char *text;
  const void *bytes;
  size_t length;
  if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  while (rd_kafka_header_get_all(headers, (*at)++, &text, &bytes, &length) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (strncmp(text, SINK_HEADER, PREFIX) != 0) continue;
    *name = slice_of(text + PREFIX);
    *value = (struct slice){bytes, bytes ? (uint32_t)length : 0};
    return true;
  }
  return false;
}

rd_kafka_headers_t *letter_headers(const rd_kafka_message_t *message, const struct letter *letter) {
  rd_kafka_headers_t *made = rd_kafka_headers_new(8);
  struct slice name, value;
  char text[64];
  for (size_t at = 0; letter_header(message, &at, &name, &value);) {
    if (!is_ours(name)) rd_kafka_header_add(made, name.at, (ssize_t)name.length, value.at, (ssize_t)value.length);
  }
  snprintf(text, sizeof text, "%" PRId32 "/%" PRId64, letter->partition, letter->offset);
  rd_kafka_header_add(made, LETTER_OF_HEADER, -1, text, -1);
  snprintf(text, sizeof text, "%" PRId32, letter->attempts + 1);
  rd_kafka_header_add(made, LETTER_ATTEMPT_HEADER, -1, text, -1);
  return made;
}
