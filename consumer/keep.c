/* keep.c: the file first, then the upload of it. The file says which generation of the topic was whole before it, so that the upload
 * after a restart never overwrites the only whole one. */
#include "keep.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "../producer/state_topic.h"
#include "crash.h"
#include "engine/memory.h"
#include "log.h"
#include "snapshot_writer.h"

#define MS INT64_C(1000000) /* nanoseconds */

enum {
  WAIT_MS = 5,      /* for the disk, where the task itself waits for it */
  AGAIN_MS = 10000, /* after a failure */
};

struct keeper {
  const struct shared *shared;
  struct snapshot_writer *writer;
  struct partition *partition; /* whose snapshot is going on; NULL: none, but the writer may still be cleaning up */
  uint64_t records;            /* of its records since the last snapshot, those that are in it */
  uint64_t sequence;
  int64_t begun_ns;
};

struct keeper *keeper_create(const struct shared *shared) {
  struct keeper *k = memory_zeroed(1, sizeof *k);
  k->shared = shared;
  k->writer = snapshot_writer_create(shared->settings->state_dir);
  if (k->writer) return k;
  memory_free(k);
  return NULL;
}

void keeper_destroy(struct keeper *k) {
  if (!k) return;
  snapshot_writer_destroy(k->writer);
  memory_free(k);
}

/* Where a version is known that the journal does not know of, a record has to come first. */
bool keep_wanted(const struct partition *p, int64_t now_ns) {
  const struct settings *settings = p->shared->settings;
  if (p->state != PARTITION_RUNNING || p->records_since_snapshot == 0 || now_ns < p->snapshot_again_ns) return false;
  if (!p->touched && !journal_empty(&p->journal)) return false;
  return p->records_since_snapshot >= (uint64_t)settings->snapshot_records ||
         now_ns - p->snapshot_ns >= settings->snapshot_interval_ms * MS;
}

bool keep_due(const struct partition *p, int64_t now_ns) {
  return !p->touched && !p->committing && keep_wanted(p, now_ns);
}

bool keeper_busy(const struct keeper *k) { return k->partition != NULL; }

/* --- the upload --- */

static void settle_upload(struct partition *p) {
  if (!p->upload) return;
  enum upload_state state = upload_state(p->upload);
  if (state == UPLOAD_MOVING) return;
  if (state == UPLOAD_DONE) {
    CRASH_POINT("upload-settled");
    snapshot_chunks_uploaded(&p->chunks, snapshot_chunks_free(&p->chunks), p->upload_count);
  } else {
    metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOT_FAILURES, 1);
  }
  upload_release(p->upload);
  p->upload = NULL;
}

/* Where the one before is still on its way, this one is left out: the next will do. */
static void upload(struct keeper *k, const struct snapshot_written *written) {
  struct partition *p = k->partition;
  settle_upload(p);
  if (p->upload) {
    close(written->descriptor);
    return;
  }
  int32_t generation = snapshot_chunks_free(&p->chunks);
  const struct upload_order order = {.descriptor = written->descriptor,
                                     .bytes = written->bytes,
                                     .id = k->sequence,
                                     .partition = p->number,
                                     .generation = generation,
                                     .end = snapshot_chunks_end(&p->chunks, generation)};
  p->upload_count = snapshot_chunk_count(written->bytes);
  snapshot_chunks_begin(&p->chunks, generation, p->upload_count);
  p->upload = upload_begin(p->shared->state_topic, &order);
  CRASH_POINT("upload-ordered");
}

/* --- beginning --- */

/* False: there are more versions than a snapshot takes. */
static bool fill_head(const struct partition *p, struct snapshot_head *head) {
  const struct settings *settings = p->shared->settings;
  snapshot_head_init(head, p->shared->cluster, settings->group, p->number);
  for (int32_t i = 0; i < settings->inputs.count; i++)
    snapshot_head_input(head, settings->inputs.at[i], p->next[i] > 0 ? p->next[i] : 0);
  head->journal_offset = p->journal_offset; /* not the end of the log: another owner may have written since */
  head->sequence = p->journal.sequence;
  memcpy(head->chain, p->journal.chain, sizeof head->chain);
  head->generation = p->chunks.kept;
  bool good = true;
  for (int32_t i = 0; i < p->known_count && good; i++)
    good = snapshot_head_version(head, p->known[i]->version, p->known[i]->digest, p->known[i]->agreed);
  return good;
}

static void fail(struct partition *p, const char *why) {
  log_warning("snapshot not written", why, log_number("partition", p->number));
  metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOT_FAILURES, 1);
  p->snapshot_again_ns = clock_monotonic_ns() + AGAIN_MS * MS;
}

void keep_begin(struct keeper *k, struct partition *p) {
  struct snapshot_head head;
  settle_upload(p);
  if (!fill_head(p, &head)) {
    fail(p, "the task knows more versions than a snapshot takes");
    return;
  }
  k->partition = p;
  k->records = p->records_since_snapshot;
  k->sequence = p->journal.sequence;
  k->begun_ns = clock_monotonic_ns();
  snapshot_writer_begin(k->writer, &head, lane_task(p->lane));
  CRASH_POINT("snapshot-begun");
}

/* --- going on --- */

static void finish(struct keeper *k, const struct snapshot_written *written) {
  struct partition *p = k->partition;
  CRASH_POINT("snapshot-not-noted");
  p->records_since_snapshot -= k->records;
  p->snapshot_ns = k->begun_ns;
  metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOTS, 1);
  log_debug("snapshot", "taken", log_number("partition", p->number), log_number("bytes", (int64_t)written->bytes),
            log_number("ms", (clock_monotonic_ns() - k->begun_ns) / MS));
  upload(k, written);
}

/* Whether it is still going on. */
static bool step(struct keeper *k, int64_t budget_ns) {
  struct snapshot_written written;
  enum snapshot_writing state = snapshot_writer_step(k->writer, budget_ns);
  if (state == SNAPSHOT_WRITING_ON) return true;
  if (!k->partition) return false; /* what was given up has been cleaned up */
  snapshot_writer_take(k->writer, &written);
  if (state == SNAPSHOT_WRITING_DONE) finish(k, &written);
  if (state == SNAPSHOT_WRITING_FAILED) fail(k->partition, written.why);
  k->partition = NULL;
  return false;
}

bool keep_step(struct keeper *k) { return step(k, SNAPSHOT_STEP_MS * MS); }

static void give_up(struct keeper *k) {
  snapshot_writer_give_up(k->writer);
  k->partition = NULL;
}

void keep_drop(struct keeper *k, const struct partition *p) {
  if (k->partition == p) give_up(k);
}

/* Until nothing is going on; false: there is no time left. */
static bool drain(struct keeper *k) {
  while (step(k, INT64_MAX / 2)) {
    if (shutdown_over(&k->shared->shutdown)) return false;
    snapshot_writer_wait(k->writer, WAIT_MS * MS);
  }
  return true;
}

void keep_now(struct keeper *k, struct partition *p) {
  if (!journal_empty(&p->journal)) return; /* it knows a version that the journal does not know of yet */
  give_up(k);
  if (!drain(k)) return;
  keep_begin(k, p);
  if (drain(k)) return;
  fail(p, "the daemon ends");
  give_up(k);
}
