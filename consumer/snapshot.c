/* snapshot.c: head and state of a task in one piece of bytes, with a checksum at its end.
 *
 * Layout, little endian (u: unsigned, i: signed, number: bits; text: u32 length, bytes):
 *   at 0   8 bytes "HANDSNAP"
 *   at 8   u32 format (3)
 *   at 12  u32 bytes of the head
 *   at 16  the head: text cluster, text group, i32 partition,
 *                    u32 inputs, then each: text topic, i64 next offset
 *                    i64 journal offset, u64 sequence, 32 bytes chain, i32 generation (-1: none),
 *                    u32 versions, then each: u32 version, text digest, u32 agreed (0 or 1)
 *          the state: as engine/save.c lays it out
 *          u64 bytes of the state
 *          u64 XXH3-64 of everything before it
 * What is not known before the state has been written stands behind it: a snapshot is written from its beginning to its end, once. A
 * byte may be believed when the magic, the format and the three lengths fit what is there and the checksum is right; then the head
 * is read, with every length checked once more. To change it: raise the format; a snapshot of another format is set
 * aside, and the log is replayed. */
#include "snapshot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "engine/memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are written as they lie in memory");

enum { FORMAT = 3, MAGIC = 8, BEGIN = 16, CHECKSUM = 8, NO_GENERATION = -1, GENERATIONS = 2 };

/* XXH3's own state, in whole cache lines. */
#define SUM_BYTES ((sizeof(XXH3_state_t) + 63) / 64 * 64)

static const char magic[MAGIC + 1] = "HANDSNAP";

static void text_set(char *to, size_t room, struct slice text) {
  assert(text.length < room);
  if (text.length) memcpy(to, text.at, text.length);
  memset(to + text.length, 0, room - text.length);
}

void snapshot_head_init(struct snapshot_head *head, const char *cluster, const char *group, int32_t partition) {
  memset(head, 0, sizeof *head);
  text_set(head->cluster, sizeof head->cluster, slice_of(cluster));
  text_set(head->group, sizeof head->group, slice_of(group));
  head->partition = partition;
  head->generation = NO_GENERATION;
}

void snapshot_head_input(struct snapshot_head *head, const char *topic, int64_t next) {
  assert(head->input_count < SETTINGS_INPUTS && next >= 0);
  struct snapshot_input *input = &head->inputs[head->input_count++];
  text_set(input->topic, sizeof input->topic, slice_of(topic));
  input->next = next;
}

bool snapshot_head_version(struct snapshot_head *head, uint32_t version, struct slice digest, bool agreed) {
  if (head->version_count == SNAPSHOT_VERSIONS) return false;
  int32_t at = head->version_count++;
  for (; at > 0 && head->versions[at - 1].version > version; at--) head->versions[at] = head->versions[at - 1];
  assert(at == 0 || head->versions[at - 1].version != version);
  head->versions[at].version = version;
  head->versions[at].agreed = agreed;
  text_set(head->versions[at].digest, sizeof head->versions[at].digest, digest);
  return true;
}

/* --- to bytes --- */

static void put(struct buffer *buffer, const void *bytes, size_t length) { buffer_append(buffer, bytes, length); }
static void put_u32(struct buffer *buffer, uint32_t value) { put(buffer, &value, sizeof value); }
static void put_u64(struct buffer *buffer, uint64_t value) { put(buffer, &value, sizeof value); }

static void put_text(struct buffer *buffer, const char *text) {
  put_u32(buffer, (uint32_t)strlen(text));
  buffer_append_text(buffer, text);
}

static void put_head(struct buffer *buffer, const struct snapshot_head *head) {
  put_text(buffer, head->cluster);
  put_text(buffer, head->group);
  put_u32(buffer, (uint32_t)head->partition);
  put_u32(buffer, (uint32_t)head->input_count);
  for (int32_t i = 0; i < head->input_count; i++) {
    put_text(buffer, head->inputs[i].topic);
    put_u64(buffer, (uint64_t)head->inputs[i].next);
  }
  put_u64(buffer, (uint64_t)head->journal_offset);
  put_u64(buffer, head->sequence);
  put(buffer, head->chain, sizeof head->chain);
  put_u32(buffer, (uint32_t)head->generation);
  put_u32(buffer, (uint32_t)head->version_count);
  for (int32_t i = 0; i < head->version_count; i++) {
    put_u32(buffer, head->versions[i].version);
    put_text(buffer, head->versions[i].digest);
    put_u32(buffer, head->versions[i].agreed);
  }
}

void snapshot_encode_head(const struct snapshot_head *head, struct buffer *buffer) {
  assert(buffer->length == 0);
  put(buffer, magic, MAGIC);
  put_u32(buffer, FORMAT);
  put_u32(buffer, 0);
  put_head(buffer, head);
  const uint32_t head_bytes = (uint32_t)(buffer->length - BEGIN);
  memcpy(buffer->at + 12, &head_bytes, sizeof head_bytes);
}

struct snapshot_sum *snapshot_sum_create(void) {
  XXH3_state_t *sum = memory_lines(SUM_BYTES);
  XXH3_64bits_reset(sum);
  return (struct snapshot_sum *)(void *)sum;
}

void snapshot_sum_add(struct snapshot_sum *sum, const void *bytes, size_t length) {
  XXH3_64bits_update((XXH3_state_t *)(void *)sum, bytes, length);
}

void snapshot_sum_tail(struct snapshot_sum *sum, uint64_t state_bytes, char tail[SNAPSHOT_TAIL]) {
  snapshot_sum_add(sum, &state_bytes, sizeof state_bytes);
  const uint64_t checksum = XXH3_64bits_digest((XXH3_state_t *)(void *)sum);
  memcpy(tail, &state_bytes, sizeof state_bytes);
  memcpy(tail + sizeof state_bytes, &checksum, sizeof checksum);
}

void snapshot_sum_destroy(struct snapshot_sum *sum) { memory_free(sum); }

/* --- and back: every length is checked; the first thing wrong makes all that follows fail --- */

struct in {
  const char *at;
  size_t left;
  bool good;
};

static void take(struct in *in, void *to, size_t length) {
  if (!in->good || length > in->left) {
    in->good = false;
    return;
  }
  memcpy(to, in->at, length);
  in->at += length;
  in->left -= length;
}

static uint32_t take_u32(struct in *in) {
  uint32_t value = 0;
  take(in, &value, sizeof value);
  return value;
}

static uint64_t take_u64(struct in *in) {
  uint64_t value = 0;
  take(in, &value, sizeof value);
  return value;
}

/* Number from 0 on: an offset, a sequence. */
static int64_t take_offset(struct in *in) {
  uint64_t value = take_u64(in);
  if (value >= INT64_MAX) in->good = false;
  return in->good ? (int64_t)value : 0;
}

static int32_t take_count(struct in *in, uint32_t most) {
  uint32_t count = take_u32(in);
  if (count > most) in->good = false;
  return in->good ? (int32_t)count : 0;
}

/* Without a NUL in it, and with one behind it. */
static void take_text(struct in *in, char *text, size_t room) {
  uint32_t length = take_u32(in);
  if (length >= room) in->good = false;
  take(in, text, length);
  text[in->good ? length : 0] = 0;
  if (in->good && strlen(text) != length) in->good = false;
}

static void take_head(struct in *in, struct snapshot_head *head) {
  take_text(in, head->cluster, sizeof head->cluster);
  take_text(in, head->group, sizeof head->group);
  head->partition = take_count(in, INT32_MAX);
  head->input_count = take_count(in, SETTINGS_INPUTS);
  for (int32_t i = 0; i < head->input_count; i++) {
    take_text(in, head->inputs[i].topic, sizeof head->inputs[i].topic);
    head->inputs[i].next = take_offset(in);
  }
  head->journal_offset = take_offset(in);
  head->sequence = (uint64_t)take_offset(in);
  take(in, head->chain, sizeof head->chain);
  take(in, &head->generation, sizeof head->generation);
  if (head->generation < NO_GENERATION || head->generation >= GENERATIONS) in->good = false;
  head->version_count = take_count(in, SNAPSHOT_VERSIONS);
  for (int32_t i = 0; i < head->version_count; i++) {
    head->versions[i].version = take_u32(in);
    take_text(in, head->versions[i].digest, sizeof head->versions[i].digest);
    head->versions[i].agreed = take_count(in, 1) == 1;
    if (i > 0 && head->versions[i].version <= head->versions[i - 1].version) in->good = false;
  }
}

/* Magic, format, lengths, checksum; NULL where they are right. */
static const char *envelope_wrong(const char *bytes, size_t length, uint32_t head_bytes, uint64_t state_bytes) {
  uint32_t format;
  uint64_t checksum;
  if (memcmp(bytes, magic, MAGIC) != 0) return "it is no snapshot";
  memcpy(&format, bytes + MAGIC, sizeof format);
  if (format != FORMAT) return "it is of another format, written by another release";
  const size_t rest = length - BEGIN - SNAPSHOT_TAIL;
  if (head_bytes > rest || state_bytes != rest - head_bytes) return "it is torn: its length is not what it says";
  memcpy(&checksum, bytes + length - CHECKSUM, sizeof checksum);
  return checksum == XXH3_64bits(bytes, length - CHECKSUM) ? NULL : "it is damaged: the checksum does not fit";
}

bool snapshot_decode(const void *bytes, size_t length, struct snapshot_head *head, struct snapshot_state *state,
                     char *why, size_t room) {
  uint32_t head_bytes = 0;
  uint64_t state_bytes = 0;
  const char *wrong = "it is torn: it ends within its head";
  memset(head, 0, sizeof *head);
  *state = (struct snapshot_state){0};
  if (length >= BEGIN + SNAPSHOT_TAIL) {
    memcpy(&head_bytes, (const char *)bytes + 12, sizeof head_bytes);
    memcpy(&state_bytes, (const char *)bytes + length - SNAPSHOT_TAIL, sizeof state_bytes);
    wrong = envelope_wrong(bytes, length, head_bytes, state_bytes);
  }
  if (!wrong) {
    struct in in = {(const char *)bytes + BEGIN, head_bytes, true};
    take_head(&in, head);
    if (!in.good || in.left != 0) wrong = "its head makes no sense";
    *state = (struct snapshot_state){(const char *)bytes + BEGIN + head_bytes, (size_t)state_bytes};
  }
  if (!wrong) return true;
  snprintf(why, room, "%s", wrong);
  return false;
}

/* --- is it ours? --- */

static bool same(const char *what, const char *ours, const char *its, char *why, size_t room) {
  if (strcmp(ours, its) == 0) return true;
  snprintf(why, room, "it is of %s \"%.180s\", not of \"%.180s\"", what, its, ours);
  return false;
}

static bool same_number(const char *what, int32_t ours, int32_t its, char *why, size_t room) {
  if (ours == its) return true;
  snprintf(why, room, "it is of %s %" PRId32 ", not of %" PRId32, what, its, ours);
  return false;
}

bool snapshot_fits(const struct snapshot_head *head, const struct snapshot_head *expected, char *why, size_t room) {
  if (!same("the cluster", expected->cluster, head->cluster, why, room)) return false;
  if (!same("the group", expected->group, head->group, why, room)) return false;
  if (!same_number("partition", expected->partition, head->partition, why, room)) return false;
  if (head->input_count != expected->input_count) {
    snprintf(why, room, "it has %" PRId32 " inputs, not %" PRId32, head->input_count, expected->input_count);
    return false;
  }
  for (int32_t i = 0; i < expected->input_count; i++)
    if (!same("the input", expected->inputs[i].topic, head->inputs[i].topic, why, room)) return false;
  return true;
}
