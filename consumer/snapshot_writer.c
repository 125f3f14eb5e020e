/* snapshot_writer.c: chunks in a queue between two threads.
 *
 * Who owns what: what stands down to `lost` is the task's thread's; `file` and `sum` the writer's own thread's; the rest is under the
 * mutex. A state other than ON is left by the task's thread alone, ON by the writer's own alone. */
#include "snapshot_writer.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "crash.h"
#include "engine/memory.h"
#include "snapshot_file.h"

enum {
  CHUNK = 256 << 10,
  AHEAD = SNAPSHOT_WRITER_AHEAD / CHUNK, /* chunks */
  MOST = SNAPSHOT_WRITER_MOST / CHUNK,
  SPARE = AHEAD,
  LEADS = 64, /* between two looks at the clock */
};

struct chunk {
  struct chunk *next;
  size_t length;
  char bytes[CHUNK];
};

struct snapshot_writer {
  const char *folder;
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t work, progress; /* for the writer's thread, for the task's */

  struct task *task;   /* NULL: none, or it has been saved to its end */
  struct chunk *chunk; /* the one that is filled */
  uint64_t head_bytes, bytes;
  bool lost; /* a chunk */

  struct snapshot_file file;
  struct snapshot_sum *sum; /* NULL: nothing has been written yet */

  enum snapshot_writing state, becomes; /* … becomes: when what is given up has been cleaned up */
  bool ended, given_up, stopping;
  int32_t partition;
  uint64_t state_bytes;
  struct chunk *first, *last, *spare;
  int32_t waiting, spares;
  struct snapshot_written written;
};

/* --- the queue; under the mutex --- */

static void chunk_done(struct snapshot_writer *w, struct chunk *chunk) {
  if (w->spares == SPARE) {
    memory_free(chunk);
    return;
  }
  chunk->next = w->spare;
  w->spare = chunk;
  w->spares++;
}

static struct chunk *queue_take(struct snapshot_writer *w) {
  struct chunk *chunk = w->first;
  if (!chunk) return NULL;
  w->first = chunk->next;
  w->waiting--;
  return chunk;
}

static void queue_clear(struct snapshot_writer *w) {
  for (struct chunk *chunk; (chunk = queue_take(w));) chunk_done(w, chunk);
}

static void queue_add(struct snapshot_writer *w, struct chunk *chunk) {
  chunk->next = NULL;
  if (w->first) w->last->next = chunk;
  else w->first = chunk;
  w->last = chunk;
  w->waiting++;
}

static struct chunk *chunk_new(struct snapshot_writer *w) {
  struct chunk *chunk = w->spare;
  if (chunk) {
    w->spare = chunk->next;
    w->spares--;
  } else {
    chunk = memory_grown(NULL, sizeof *chunk);
  }
  chunk->length = 0;
  return chunk;
}

/* --- the writer's thread --- */

static bool file_put(struct snapshot_writer *w, const void *bytes, size_t length, char *why) {
  if (!w->sum) {
    w->sum = snapshot_sum_create();
    if (!snapshot_file_begin(&w->file, w->folder, w->partition, why, SNAPSHOT_WHY)) return false;
  }
  snapshot_sum_add(w->sum, bytes, length);
  return snapshot_file_append(&w->file, bytes, length, why, SNAPSHOT_WHY);
}

static bool file_end(struct snapshot_writer *w, char *why) {
  char tail[SNAPSHOT_TAIL];
  snapshot_sum_tail(w->sum, w->state_bytes, tail);
  return snapshot_file_append(&w->file, tail, sizeof tail, why, SNAPSHOT_WHY) &&
         snapshot_file_commit(&w->file, why, SNAPSHOT_WHY);
}

static void file_forget(struct snapshot_writer *w) {
  snapshot_sum_destroy(w->sum);
  w->sum = NULL;
  w->file.descriptor = -1;
}

/* The state that ON becomes. */
static void leave(struct snapshot_writer *w, enum snapshot_writing state) {
  w->written.descriptor = state == SNAPSHOT_WRITING_DONE ? w->file.descriptor : -1;
  if (state != SNAPSHOT_WRITING_DONE) snapshot_file_abandon(&w->file);
  file_forget(w);
  queue_clear(w);
  w->state = state;
}

/* One piece of work, without the mutex. */
static void work(struct snapshot_writer *w) {
  struct chunk *chunk = queue_take(w);
  char why[SNAPSHOT_WHY] = "";
  pthread_mutex_unlock(&w->mutex);
  bool good = chunk ? file_put(w, chunk->bytes, chunk->length, why) : file_end(w, why);
  pthread_mutex_lock(&w->mutex);
  if (chunk) chunk_done(w, chunk);
  if (w->given_up || (good && chunk)) return;
  if (!good) memcpy(w->written.why, why, sizeof why);
  leave(w, good ? SNAPSHOT_WRITING_DONE : SNAPSHOT_WRITING_FAILED);
}

static void *run(void *context) {
  struct snapshot_writer *w = context;
  pthread_mutex_lock(&w->mutex);
  while (!w->stopping || w->state == SNAPSHOT_WRITING_ON) {
    if (w->state != SNAPSHOT_WRITING_ON || (!w->given_up && !w->first && !w->ended)) {
      pthread_cond_wait(&w->work, &w->mutex);
      continue;
    }
    if (w->given_up) leave(w, w->becomes);
    else work(w);
    pthread_cond_signal(&w->progress);
  }
  pthread_mutex_unlock(&w->mutex);
  return NULL;
}

/* --- the task's thread --- */

struct snapshot_writer *snapshot_writer_create(const char *folder) {
  pthread_condattr_t clock;
  struct snapshot_writer *w = memory_zeroed(1, sizeof *w);
  w->folder = folder;
  w->file.descriptor = w->written.descriptor = -1;
  pthread_mutex_init(&w->mutex, NULL);
  pthread_condattr_init(&clock);
  pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
  pthread_cond_init(&w->work, NULL);
  pthread_cond_init(&w->progress, &clock);
  pthread_condattr_destroy(&clock);
  if (pthread_create(&w->thread, NULL, run, w) == 0) return w;
  memory_free(w);
  return NULL;
}

void snapshot_writer_destroy(struct snapshot_writer *w) {
  if (!w) return;
  snapshot_writer_give_up(w);
  pthread_mutex_lock(&w->mutex);
  w->stopping = true;
  pthread_cond_signal(&w->work);
  pthread_mutex_unlock(&w->mutex);
  pthread_join(w->thread, NULL);
  for (struct chunk *chunk = w->spare, *next; chunk; chunk = next) {
    next = chunk->next;
    memory_free(chunk);
  }
  memory_free(w->chunk);
  pthread_cond_destroy(&w->work);
  pthread_cond_destroy(&w->progress);
  pthread_mutex_destroy(&w->mutex);
  memory_free(w);
}

/* A full chunk goes to the other thread, unless nobody wants it any more, or too many wait already: then it is overwritten, and
 * the snapshot is lost. */
static void hand_over(struct snapshot_writer *w) {
  pthread_mutex_lock(&w->mutex);
  if (w->chunk && w->state == SNAPSHOT_WRITING_ON && w->waiting < MOST) {
    queue_add(w, w->chunk);
    w->chunk = NULL;
    pthread_cond_signal(&w->work);
  }
  if (w->chunk) w->lost = true;
  else w->chunk = chunk_new(w);
  pthread_mutex_unlock(&w->mutex);
  w->chunk->length = 0;
}

static void put(void *context, const void *bytes, size_t length) {
  struct snapshot_writer *w = context;
  w->bytes += length;
  for (size_t some; length > 0; length -= some) {
    if (!w->chunk || w->chunk->length == CHUNK) hand_over(w);
    some = CHUNK - w->chunk->length < length ? CHUNK - w->chunk->length : length;
    memcpy(w->chunk->bytes + w->chunk->length, bytes, some);
    w->chunk->length += some;
    bytes = (const char *)bytes + some;
  }
}

void snapshot_writer_begin(struct snapshot_writer *w, const struct snapshot_head *head, struct task *task) {
  struct buffer bytes = {0};
  snapshot_encode_head(head, &bytes);
  pthread_mutex_lock(&w->mutex);
  assert(w->state == SNAPSHOT_WRITING_NONE);
  w->state = SNAPSHOT_WRITING_ON;
  w->ended = w->given_up = false;
  w->partition = head->partition;
  pthread_mutex_unlock(&w->mutex);
  if (w->chunk) w->chunk->length = 0;
  w->lost = false;
  put(w, bytes.at, bytes.length);
  w->bytes = 0;
  w->head_bytes = bytes.length;
  w->task = task;
  task_save_begin(task, put, w);
  buffer_fini(&bytes);
}

static void end(struct snapshot_writer *w) {
  pthread_mutex_lock(&w->mutex);
  queue_add(w, w->chunk); /* there is one: the head's bytes were put */
  w->chunk = NULL;
  w->ended = true;
  CRASH_POINT("snapshot-saved");
  w->state_bytes = w->bytes;
  w->written.bytes = w->head_bytes + w->bytes + SNAPSHOT_TAIL;
  pthread_cond_signal(&w->work);
  pthread_mutex_unlock(&w->mutex);
}

/* The thread cleans up, and then the state is another one. */
static void give_up(struct snapshot_writer *w, enum snapshot_writing becomes, const char *why) {
  if (w->task) task_save_end(w->task);
  w->task = NULL;
  pthread_mutex_lock(&w->mutex);
  if (w->state == SNAPSHOT_WRITING_ON && !w->given_up) {
    w->given_up = true;
    w->becomes = becomes;
    snprintf(w->written.why, SNAPSHOT_WHY, "%s", why);
    pthread_cond_signal(&w->work);
  }
  pthread_mutex_unlock(&w->mutex);
}

static enum snapshot_writing look(struct snapshot_writer *w, bool *room) {
  pthread_mutex_lock(&w->mutex);
  enum snapshot_writing state = w->state;
  *room = w->waiting < AHEAD;
  pthread_mutex_unlock(&w->mutex);
  return state;
}

static void save_on(struct snapshot_writer *w) {
  switch (task_save_step(w->task, LEADS)) {
    case SAVE_MORE: return;
    case SAVE_DONE:
      w->task = NULL;
      if (!w->lost) end(w);
      return;
    case SAVE_GONE: w->task = NULL; give_up(w, SNAPSHOT_WRITING_GONE, "a version took over");
  }
}

enum snapshot_writing snapshot_writer_step(struct snapshot_writer *w, int64_t budget_ns) {
  const int64_t until_ns = clock_monotonic_ns() + budget_ns;
  bool room;
  enum snapshot_writing state = look(w, &room);
  while (w->task && state == SNAPSHOT_WRITING_ON && room && !w->lost) {
    save_on(w);
    if (clock_monotonic_ns() >= until_ns) break;
    state = look(w, &room);
  }
  if (w->lost || state != SNAPSHOT_WRITING_ON) give_up(w, SNAPSHOT_WRITING_FAILED, "the disk does not keep up");
  return look(w, &room);
}

void snapshot_writer_wait(struct snapshot_writer *w, int64_t most_ns) {
  const int64_t until_ns = clock_monotonic_ns() + most_ns;
  const struct timespec until = {until_ns / 1000000000, until_ns % 1000000000};
  int outcome = 0;
  pthread_mutex_lock(&w->mutex);
  while (w->state == SNAPSHOT_WRITING_ON && !(w->task && w->waiting < AHEAD) && outcome == 0)
    outcome = pthread_cond_timedwait(&w->progress, &w->mutex, &until);
  pthread_mutex_unlock(&w->mutex);
}

void snapshot_writer_take(struct snapshot_writer *w, struct snapshot_written *written) {
  pthread_mutex_lock(&w->mutex);
  assert(w->state != SNAPSHOT_WRITING_NONE && w->state != SNAPSHOT_WRITING_ON);
  *written = w->written;
  w->written.descriptor = -1;
  w->state = SNAPSHOT_WRITING_NONE;
  pthread_mutex_unlock(&w->mutex);
}

void snapshot_writer_give_up(struct snapshot_writer *w) {
  bool room;
  struct snapshot_written written;
  give_up(w, SNAPSHOT_WRITING_NONE, "");
  enum snapshot_writing state = look(w, &room);
  if (state == SNAPSHOT_WRITING_NONE || state == SNAPSHOT_WRITING_ON) return;
  snapshot_writer_take(w, &written);
  if (written.descriptor >= 0) close(written.descriptor);
}
