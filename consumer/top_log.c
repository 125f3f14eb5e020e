/* top_log.c: a lead's deadlines by its number; its numbers are kept, its deadlines go with the next change. */
#include "top_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "decode.h"
#include "engine/limits.h"
#include "engine/memory.h"
#include "report_texts.h"
#include "story.h"
#include "story_words.h"

struct due {
  uint32_t sla, owner; /* texts */
  int64_t by_ms;
  bool missed;
};

struct standing { /* of one lead */
  struct due *at;
  uint8_t count;
};

struct top_log {
  struct report_texts texts; /* names of leads, SLAs and teams */
  struct standing *leads;    /* by text; those of other texts stay empty */
  uint32_t lead_room, lead_count;
  struct last {
    cJSON *event;
    int64_t time_ms;
    uint64_t order;
  } last[TOP_LAST]; /* ascending by time; of equal ones as they came */
  int32_t last_count;
  uint64_t taken;
  bool cut;
};

_Static_assert(LIMIT_SLAS <= UINT8_MAX, "a lead's deadlines are counted by a byte");

struct top_log *top_log_create(void) {
  struct top_log *log = memory_zeroed(1, sizeof *log);
  report_texts_init(&log->texts);
  return log;
}

void top_log_destroy(struct top_log *log) {
  if (!log) return;
  for (int32_t i = 0; i < log->last_count; i++) cJSON_Delete(log->last[i].event);
  for (uint32_t i = 0; i < log->lead_room; i++) memory_free(log->leads[i].at);
  memory_free(log->leads);
  report_texts_fini(&log->texts);
  memory_free(log);
}

/* --- the last ones --- */

/* Takes the event. Several partitions do not come in the order of their times. */
static void keep_last(struct top_log *log, cJSON *event, int64_t time_ms) {
  int32_t at = log->last_count;
  while (at > 0 && log->last[at - 1].time_ms > time_ms) at--;
  if (log->last_count == TOP_LAST) {
    if (at == 0) {
      cJSON_Delete(event);
      return;
    }
    cJSON_Delete(log->last[0].event);
    memmove(&log->last[0], &log->last[1], (size_t)--at * sizeof *log->last);
  } else {
    memmove(&log->last[at + 1], &log->last[at], (size_t)(log->last_count - at) * sizeof *log->last);
    log->last_count++;
  }
  log->last[at] = (struct last){event, time_ms, log->taken};
}

const cJSON *top_log_last(const struct top_log *log, int32_t index) {
  return index < log->last_count ? log->last[log->last_count - 1 - index].event : NULL;
}

uint64_t top_log_changes(const struct top_log *log) { return log->taken; }
bool top_log_cut(const struct top_log *log) { return log->cut; }

/* --- deadlines --- */

static struct standing *standing_at(struct top_log *log, uint32_t number) {
  if (number >= log->lead_room) {
    uint32_t room = log->lead_room ? log->lead_room : 1024;
    while (room <= number) room *= 2;
    log->leads = memory_grown(log->leads, room * sizeof *log->leads);
    memset(log->leads + log->lead_room, 0, (room - log->lead_room) * sizeof *log->leads);
    log->lead_room = room;
  }
  return &log->leads[number];
}

/* A lead of which nothing is due is not noted. */
static struct standing *find(struct top_log *log, struct slice lead, bool add) {
  int32_t number = lead.at ? table_find(&log->texts.table, lead, table_hash(lead)) : -1;
  if (number >= 0) return standing_at(log, (uint32_t)number);
  if (!add || !lead.at) return NULL;
  if (log->lead_count == TOP_LEADS) {
    log->cut = true;
    return NULL;
  }
  log->lead_count++;
  return standing_at(log, report_texts_number(&log->texts, lead));
}

static void clear(struct standing *standing) {
  memory_free(standing->at);
  *standing = (struct standing){0};
}

static void note_dues(struct top_log *log, const cJSON *data) {
  const cJSON *due = story_member(data, "due"), *item;
  int count = cJSON_GetArraySize(due);
  struct standing *standing = find(log, story_text(data, "lead"), count > 0);
  if (!standing) return;
  clear(standing);
  if (count == 0) return;
  uint32_t owner = report_texts_number(&log->texts, story_text(data, "owner"));
  struct due *dues = memory_zeroed(LIMIT_SLAS, sizeof *dues);
  uint8_t noted = 0;
  cJSON_ArrayForEach(item, due) {
    struct slice name = story_text(item, "sla");
    int64_t by_ms;
    if (noted == LIMIT_SLAS || name.length == 0 || !time_parse(story_text(item, "by"), &by_ms)) continue;
    dues[noted++] = (struct due){report_texts_number(&log->texts, name), owner, by_ms, false};
  }
  standing = find(log, story_text(data, "lead"), false); /* the texts may have grown */
  standing->at = memory_grown(dues, (noted ? noted : 1u) * sizeof *dues);
  standing->count = noted;
}

static void note_breach(struct top_log *log, const cJSON *data) {
  struct standing *standing = find(log, story_text(data, "lead"), false);
  struct slice name = story_text(data, "sla");
  for (uint8_t i = 0; standing && i < standing->count; i++)
    if (slice_equal(report_texts_at(&log->texts, standing->at[i].sla), name)) standing->at[i].missed = true;
}

bool top_log_take(struct top_log *log, struct slice bytes) {
  cJSON *event = bytes.at ? cJSON_ParseWithLength(bytes.at, bytes.length) : NULL;
  const cJSON *data = story_member(event, "data");
  int64_t time_ms;
  bool change = story_is(event, "lead.stage.changed"), breach = story_is(event, "lead.sla.breached");
  if (!cJSON_IsObject(data) || !(change || breach) || !time_parse(story_text(event, "time"), &time_ms)) {
    cJSON_Delete(event);
    return false;
  }
  log->taken++;
  if (change) note_dues(log, data);
  else note_breach(log, data);
  keep_last(log, event, time_ms);
  return true;
}

/* --- by SLA --- */

static void name_of(char to[TOP_SLA_NAME], struct slice text) {
  snprintf(to, TOP_SLA_NAME, "%.*s", (int)text.length, text.at ? text.at : "");
}

static struct top_sla *sla_of(const struct top_log *log, const struct due *due, struct top_sla *slas, int32_t *count,
                              struct due *firsts) {
  for (int32_t i = 0; i < *count; i++)
    if (firsts[i].sla == due->sla && firsts[i].owner == due->owner) return &slas[i];
  if (*count == TOP_SLAS) return NULL;
  firsts[*count] = *due;
  struct top_sla *added = &slas[(*count)++];
  *added = (struct top_sla){.next_ms = TIME_NONE};
  name_of(added->name, report_texts_at(&log->texts, due->sla));
  name_of(added->owner, report_texts_at(&log->texts, due->owner));
  return added;
}

static int worse(const void *a, const void *b) {
  const struct top_sla *x = a, *y = b;
  if (x->missed != y->missed) return x->missed < y->missed ? 1 : -1;
  if (x->ahead != y->ahead) return x->ahead < y->ahead ? 1 : -1;
  int names = strcmp(x->name, y->name);
  return names ? names : strcmp(x->owner, y->owner);
}

int32_t top_log_slas(const struct top_log *log, int64_t now_ms, struct top_sla *slas) {
  struct due firsts[TOP_SLAS];
  int32_t count = 0;
  for (uint32_t lead = 0; lead < log->lead_room; lead++) {
    for (uint8_t i = 0; i < log->leads[lead].count; i++) {
      const struct due *due = &log->leads[lead].at[i];
      bool ahead = !due->missed && due->by_ms > now_ms;
      struct top_sla *sla = ahead || due->missed ? sla_of(log, due, slas, &count, firsts) : NULL;
      if (!sla) continue;
      sla->ahead += ahead;
      sla->missed += due->missed;
      if (ahead && (sla->next_ms == TIME_NONE || due->by_ms < sla->next_ms)) sla->next_ms = due->by_ms;
    }
  }
  qsort(slas, (size_t)count, sizeof *slas, worse);
  return count;
}
