/* keep.c: the file first, then the upload, which goes on by itself. The file says which generation of the topic was whole before
 * it, so that the upload after a restart never overwrites the only whole one. */
#include "keep.h"

#include <string.h>

#include "../producer/state_topic.h"
#include "log.h"
#include "snapshot.h"
#include "snapshot_file.h"

/* Where a version is known that the journal does not know of, a record has to come first. */
bool keep_wanted(const struct partition *p, int64_t now_ns) {
  const struct settings *settings = p->shared->settings;
  if (p->state != PARTITION_RUNNING || p->records_since_snapshot == 0) return false;
  if (!p->touched && !journal_empty(&p->journal)) return false;
  return p->records_since_snapshot >= (uint64_t)settings->snapshot_records ||
         now_ns - p->snapshot_ns >= settings->snapshot_interval_ms * INT64_C(1000000);
}

bool keep_due(const struct partition *p, int64_t now_ns) {
  return !p->touched && !p->committing && keep_wanted(p, now_ns);
}

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

/* What became of the upload before. */
static void settle_upload(struct partition *p) {
  if (!p->upload) return;
  enum upload_state state = upload_state(p->upload);
  if (state == UPLOAD_MOVING) return;
  if (state == UPLOAD_DONE) {
    snapshot_chunks_uploaded(&p->chunks, snapshot_chunks_free(&p->chunks), p->upload_count);
  } else {
    metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOT_FAILURES, 1);
  }
  upload_release(p->upload);
  p->upload = NULL;
}

static void upload(struct partition *p, const struct buffer *bytes) {
  int32_t generation = snapshot_chunks_free(&p->chunks);
  uint32_t count = snapshot_chunk_count(bytes->length), end = snapshot_chunks_end(&p->chunks, generation);
  struct buffer value = {0};
  char key[SNAPSHOT_CHUNK_KEY];
  p->upload = upload_begin(p->shared->state_topic);
  p->upload_count = count;
  snapshot_chunks_begin(&p->chunks, generation, count);
  for (uint32_t i = 0; i < count; i++) {
    value.length = 0;
    snapshot_chunk_key(key, p->number, generation, i);
    snapshot_chunk_encode(&value, p->journal.sequence, bytes->at, bytes->length, i);
    upload_put(p->upload, p->number, slice_of(key), (struct slice){value.at, (uint32_t)value.length});
  }
  for (uint32_t i = count; i < end; i++) {
    snapshot_chunk_key(key, p->number, generation, i);
    upload_put(p->upload, p->number, slice_of(key), (struct slice){0});
  }
  upload_end(p->upload);
  buffer_fini(&value);
}

static bool save(struct partition *p, struct buffer *bytes) {
  struct snapshot_head head;
  char why[SNAPSHOT_WHY];
  if (!fill_head(p, &head)) {
    log_warning("snapshot", "the task knows more versions than a snapshot takes", log_number("partition", p->number));
    return false;
  }
  snapshot_encode(&head, lane_task(p->lane), bytes);
  if (snapshot_file_write(p->shared->settings->state_dir, p->number, bytes->at, bytes->length, why, sizeof why))
    return true;
  log_warning("snapshot not written", why, log_number("partition", p->number));
  metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOT_FAILURES, 1);
  return false;
}

void keep_task(struct partition *p) {
  struct buffer bytes = {0};
  int64_t start_ns = clock_monotonic_ns();
  if (!journal_empty(&p->journal)) return; /* it knows a version that the journal does not know of yet */
  settle_upload(p);
  bool saved = save(p, &bytes);
  if (bytes.length > 0 && !p->upload) upload(p, &bytes);
  if (saved) {
    p->records_since_snapshot = 0;
    metrics_add(p->shared->metrics, p->slot, METRIC_SNAPSHOTS, 1);
    log_debug("snapshot", "taken", log_number("partition", p->number), log_number("bytes", (int64_t)bytes.length),
              log_number("ms", (clock_monotonic_ns() - start_ns) / 1000000));
  }
  p->snapshot_ns = clock_monotonic_ns();
  buffer_fini(&bytes);
}
