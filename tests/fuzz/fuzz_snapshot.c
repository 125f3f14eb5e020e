/* fuzz_snapshot.c: what comes from a disk or from `handover-state`, byte by byte hostile. The first byte says which:
 *
 *   0  a snapshot, as it is, and once more with its checksum put right, so that what lies behind it is reached
 *   1  a task's state: where it loads, it is saved and loaded to the same bytes, and the task goes on without harm
 *   2  records of `handover-state`: what is assembled has the bytes of an upload */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../../consumer/snapshot.h"
#include "../../consumer/snapshot_chunk.h"
#include "../unit/made_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(truth) \
  if (!(truth)) (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #truth), abort())

static struct made made; /* its definitions serve all inputs */

static void made_once(void) {
  if (!made.lane) made_init(&made, 1);
}

/* --- a state --- */

/* Events and marks of 2026; a state that says it is 2199 would only take long. */
static void go_on(struct made *other) {
  struct task *task = lane_task(other->lane);
  const int64_t late_ms = MADE_BEGIN + INT64_C(800) * 86400000;
  if (task_stream(task) > late_ms || task_passed(task) > late_ms) return;
  lane_reload(other->lane);
  made_events(other, 8, 3, 80000000);
  lane_mark(other->lane, other->now_ms + INT64_C(40) * 86400000);
}

static bool load(struct made *other, const char *bytes, size_t length) {
  *other = made;
  other->published = (struct buffer){0};
  made_lane(other, 2);
  return task_load(lane_task(other->lane), bytes, length);
}

static void other_fini(struct made *other) {
  lane_destroy(other->lane);
  buffer_fini(&other->published);
}

static void try_state(const char *bytes, size_t length) {
  struct made once, twice;
  if (load(&once, bytes, length)) {
    struct buffer saved = made_save(&once);
    CHECK(load(&twice, saved.at, saved.length));
    struct buffer again = made_save(&twice);
    CHECK(saved.length == again.length && memcmp(saved.at, again.at, saved.length) == 0);
    go_on(&twice);
    other_fini(&twice);
    buffer_fini(&saved);
    buffer_fini(&again);
  }
  other_fini(&once);
}

/* --- a snapshot --- */

static bool try_snapshot(const char *bytes, size_t length) {
  struct snapshot_head head;
  struct snapshot_state state;
  char why[SNAPSHOT_WHY] = "";
  if (!snapshot_decode(bytes, length, &head, &state, why, sizeof why)) {
    CHECK(why[0]);
    return false;
  }
  CHECK(head.input_count >= 0 && head.input_count <= SETTINGS_INPUTS);
  CHECK(head.version_count >= 0 && head.version_count <= SNAPSHOT_VERSIONS);
  CHECK(state.at >= bytes && state.length <= length && (size_t)(state.at - bytes) <= length - state.length);
  CHECK(snapshot_fits(&head, &head, why, sizeof why));
  try_state(state.at, state.length);
  return true;
}

static void try_snapshot_put_right(const char *bytes, size_t length) {
  if (try_snapshot(bytes, length) || length < sizeof(uint64_t)) return;
  char *copy = malloc(length);
  CHECK(copy);
  memcpy(copy, bytes, length);
  uint64_t checksum = XXH3_64bits(copy, length - sizeof checksum);
  memcpy(copy + length - sizeof checksum, &checksum, sizeof checksum);
  try_snapshot(copy, length);
  free(copy);
}

/* --- records --- */

enum { PIECE = 700 };

/* What an upload has at a place. */
static char byte_of(uint64_t id, size_t at) { return (char)((id * 2654435761u + at * 40503u) >> 8); }

static struct buffer upload_of(uint64_t id) {
  struct buffer bytes = {0};
  size_t length = 1 + (size_t)(id * 7919 % 3 * SNAPSHOT_CHUNK_BYTES) + (size_t)id % PIECE;
  char *at = buffer_reserve(&bytes, length);
  for (size_t i = 0; i < length; i++) at[i] = byte_of(id, i);
  buffer_used(&bytes, length);
  return bytes;
}

/* One chunk of upload `id`; or that chunk with a bit turned, or cut; or a null value. */
static void add_chunk(struct snapshot_chunks *chunks, uint8_t what, uint64_t id, uint8_t harm) {
  struct buffer bytes = upload_of(id), value = {0};
  char key[SNAPSHOT_CHUNK_KEY];
  uint32_t index = (what >> 1 & 3) % snapshot_chunk_count(bytes.length);
  snapshot_chunk_key(key, 3, what & 1, index);
  snapshot_chunk_encode(&value, id, bytes.length, index, bytes.at + snapshot_chunk_piece(bytes.length, index).at);
  if (harm & 1) value.at[(size_t)(harm >> 1) * 7 % value.length] ^= 16;
  if (harm & 2) value.length = (size_t)harm * 13 % value.length;
  snapshot_chunks_add(chunks, slice_of(key), (struct slice){harm == 4 ? NULL : value.at, (uint32_t)value.length});
  buffer_fini(&bytes);
  buffer_fini(&value);
}

static void check_best(const struct snapshot_chunks *chunks) {
  int32_t best = snapshot_chunks_best(chunks);
  if (best < 0) return;
  struct buffer buffer = {0};
  snapshot_chunks_assemble(chunks, best, &buffer);
  struct buffer wanted = upload_of(chunks->generations[best].chunks->id);
  CHECK(buffer.length == wanted.length && memcmp(buffer.at, wanted.at, wanted.length) == 0);
  CHECK(snapshot_chunks_free(chunks) == 1 - best);
  buffer_fini(&buffer);
  buffer_fini(&wanted);
}

/* Raw keys and values come where a record begins with 255: lengths of both, then the bytes. */
static size_t add_raw(struct snapshot_chunks *chunks, const uint8_t *data, size_t size) {
  size_t key = data[1], value = data[2];
  if (key > size - 3) key = size - 3;
  if (value > size - 3 - key) value = size - 3 - key;
  const char *at = (const char *)data + 3;
  snapshot_chunks_add(chunks, (struct slice){at, (uint32_t)key}, (struct slice){at + key, (uint32_t)value});
  return 3 + key + value;
}

static void try_records(const uint8_t *data, size_t size) {
  struct snapshot_chunks chunks;
  snapshot_chunks_init(&chunks, 3);
  for (int most = 24; size >= 3 && most > 0; most--) {
    size_t used = 3;
    if (data[0] == 255) used = add_raw(&chunks, data, size);
    else add_chunk(&chunks, data[0], data[1] % 8, data[2]);
    data += used;
    size -= used;
  }
  check_best(&chunks);
  int32_t best = snapshot_chunks_best(&chunks);
  if (best >= 0) snapshot_chunks_drop(&chunks, best);
  check_best(&chunks);
  snapshot_chunks_forget(&chunks);
  snapshot_chunks_fini(&chunks);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  made_once();
  if (size == 0) return 0;
  switch (data[0] % 3) {
    case 0: try_snapshot_put_right((const char *)data + 1, size - 1); break;
    case 1: try_state((const char *)data + 1, size - 1); break;
    default: try_records(data + 1, size - 1); break;
  }
  return 0;
}

/* Not standalone.h: its seeds are texts. Each input is a good one that was changed a few times. */
#ifdef FUZZ_STANDALONE
enum { RUNS = 3000 };

static uint64_t random_state;

static size_t below(size_t most) {
  random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (size_t)(random_state >> 33) % (most ? most : 1);
}

static void seed_make(struct buffer *input, struct snapshot_head *head) {
  const uint8_t kind = (uint8_t)below(3);
  buffer_append(input, (const char *)&kind, 1);
  if (kind == 0) {
    struct buffer bytes = {0};
    made_snapshot(&made, head, &bytes);
    buffer_append(input, bytes.at, bytes.length);
    buffer_fini(&bytes);
  } else if (kind == 1) {
    task_save(lane_task(made.lane), made_write, input);
  } else {
    static const uint8_t uploads[] = {0, 1, 0, 2, 1, 0, 4, 1, 0, 1, 2, 0, 3, 2, 0, 5, 2, 0};
    buffer_append(input, (const char *)uploads, sizeof uploads);
    buffer_append_text(input,
                       "\xff\x05\x10"
                       "3/0/1HANDCHK1xxxxxxxx");
  }
}

static void change(struct buffer *input) {
  static const uint8_t bytes[] = {0, 1, 2, 3, 4, 127, 128, 254, 255};
  if (input->length < 2) return;
  size_t at = 1 + below(input->length - 1), length = 1 + below(8);
  if (length > input->length - at) length = input->length - at;
  switch (below(5)) {
    case 0: input->at[at] = (char)(input->at[at] ^ (1 << below(8))); break;
    case 1: memset(input->at + at, bytes[below(sizeof bytes)], length); break;
    case 2: input->length = at; break;
    case 3: memmove(input->at + at, input->at + 1 + below(input->length - length), length); break;
    default:
      memmove(input->at + at, input->at + at + length, input->length - at - length);
      input->length -= length;
      break;
  }
}

int main(int argc, char **argv) {
  long count = argc > 1 ? strtol(argv[1], NULL, 10) : RUNS;
  struct snapshot_head head;
  struct buffer input = {0};
  random_state = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
  made_once();
  snapshot_head_init(&head, "cluster", "group", 3);
  snapshot_head_input(&head, "engagement", 17);
  for (uint32_t i = 0; i < 2; i++) CHECK(snapshot_head_version(&head, i + 1, made.definitions[i]->digest, i % 2));
  for (long i = 0; i < count; i++) {
    if (i % 64 == 0) made_events(&made, 5, 2, 40000000);
    input.length = 0;
    seed_make(&input, &head);
    for (size_t changes = below(5); changes > 0; changes--) change(&input);
    LLVMFuzzerTestOneInput((const uint8_t *)input.at, input.length);
  }
  buffer_fini(&input);
  made_fini(&made);
  printf("%ld inputs\n", count);
  return 0;
}
#endif
