/* oracle.c: docs/engine.md, word for word, for the family: one record, clock marks, timers, steps, a version that takes over, and
 * what is published. All durations and times are in ms, points are whole. */
#include "oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

enum { LEADS = 64, HAPPENED = 2, TEXT = 2000 };
enum stage { NEW, WARM, ASKED, STAGES };
enum move { NO_MOVE, ANSWERED, COOLED, RESTED };

static const char *const stage_names[] = {"new", "warm", "asked"};
static const char *const owners[] = {"marketing", "marketing", "sales"};
static const char *const move_names[] = {"", "answered", "cooled", "rested"};

struct lead {
  const char *name, *mail; /* mail: NULL where it is not set */
  enum stage stage;
  int64_t entered, now, created, activity, deadline; /* activity: −1, there was none; deadline: NEVER */
  int64_t entries[STAGES];
  int64_t visits, left;       /* points */
  int64_t happened[HAPPENED]; /* ascending */
  int32_t happened_count;
  const char *ids[FAMILY_IDS];
  int32_t id_count;
  bool met, breached;
};

struct cause {
  const char *topic;
  int64_t offset; /* of a mark: its time */
  bool mark;
  int32_t published;
};

struct oracle {
  int32_t partition;
  const struct family_version *versions, *active; /* active: NULL before the first is known */
  bool known[FAMILY_VERSIONS];
  int64_t stream, passed; /* −1: −∞ */
  struct lead leads[LEADS];
  int32_t lead_count;
  struct cause cause;
  struct oracle_text *first, *last;
};

/* --- what holds --- */

static int64_t score(const struct lead *l) {
  int64_t sum = l->visits + l->left;
  return sum < 0 ? 0 : sum;
}

static bool engaged(const struct oracle *o, const struct lead *l) { return score(l) >= o->active->engaged_at; }

static bool fresh(const struct oracle *o, const struct lead *l, int64_t now) {
  int32_t count = 0;
  for (int32_t i = 0; i < l->happened_count; i++)
    count += l->happened[i] > now - o->active->fresh_ms && l->happened[i] <= now;
  return count >= 2;
}

static bool quiet(const struct oracle *o, const struct lead *l, int64_t now) {
  return now - (l->activity >= 0 ? l->activity : l->created) >= o->active->quiet_ms;
}

static bool is(const struct family_event *event, const char *name) { return event && strcmp(event->name, name) == 0; }

/* --- what is published --- */

static void publish(struct oracle *o, const char *text) {
  struct oracle_text *made = arena_zeroed(sizeof *made);
  made->length = strlen(text);
  made->bytes = arena_copy(text, made->length);
  if (o->first) o->last->next = made;
  else o->first = made;
  o->last = made;
}

static const char *quoted(const char *text) { return text ? arena_format("\"%s\"", text) : "null"; }

static const char *when(int64_t time_ms) {
  char text[32];
  family_time(text, time_ms);
  return arena_format("\"%s\"", text);
}

static const char *where_from(const struct oracle *o) {
  const char *offset = o->cause.mark ? "" : arena_format(",\"offset\":%" PRId64, o->cause.offset);
  return arena_format("\"topic\":\"%s\",\"partition\":%d%s}", o->cause.topic, (int)o->partition, offset);
}

static const char *attributes(const struct lead *l) {
  return l->mail ? arena_format("{\"mail\":\"%s\"}", l->mail) : "{}";
}

static void publish_event(struct oracle *o, const struct lead *l, const char *type, int64_t time, const char *data) {
  const struct family_version *v = o->active;
  const char *head = arena_format("{\"specversion\":\"1.0\",\"id\":\"%s/%d/%" PRId64
                                  "/%d\",\"source\":\"handover/simulated\",\"type\":\"lead.%s\","
                                  "\"dataschema\":\"urn:handover:lead.%s:1\",\"subject\":\"%s\",\"time\":%s,"
                                  "\"datacontenttype\":\"application/json\","
                                  "\"data\":{\"lead\":\"%s\",",
                                  o->cause.topic, (int)o->partition, o->cause.offset, (int)o->cause.published++, type,
                                  type, l->name, when(time), l->name);
  publish(o,
          arena_format("%s%s,\"attributes\":%s,\"definition\":{\"name\":\"simulated\",\"version\":%d,\"digest\":\"%s\","
                       "\"agreed\":false}}}",
                       head, data, attributes(l), (int)v->number, v->digest));
}

static void publish_breach(struct oracle *o, const struct lead *l, int64_t deadline) {
  const char *data = arena_format(
      "\"stage\":\"asked\",\"owner\":\"sales\",\"sla\":\"answer\",\"since\":%s,\"deadline\":%s,"
      "\"cause\":{\"kind\":\"timer\",%s,\"scores\":{\"interest\":%" PRId64 "},\"route\":null",
      when(l->entered), when(deadline), where_from(o), score(l));
  publish_event(o, l, "sla.breached", deadline, data);
}

static const char *contributions(const struct lead *l) {
  static const char form[] = "{\"score\":\"interest\",\"rule\":\"%s\",\"points\":%" PRId64 "}";
  const char *visits = l->visits ? arena_format(form, "visit", l->visits) : "";
  const char *left = l->left ? arena_format(form, "left", l->left) : "";
  return arena_format("[%s%s%s]", visits, *visits && *left ? "," : "", left);
}

static const char *names(const char *first, const char *second) {
  return arena_format("[%s%s%s]", first ? quoted(first) : "", first && second ? "," : "", second ? quoted(second) : "");
}

static const char *next_of(enum stage to, bool is_engaged, bool is_fresh) {
  if (to == ASKED) return "null";
  if (to == WARM) return "{\"stage\":\"asked\",\"missing\":[]}";
  return arena_format("{\"stage\":\"warm\",\"missing\":%s}",
                      names(is_engaged ? NULL : "engaged", is_fresh ? NULL : "fresh"));
}

static const char *cause_of(const struct oracle *o, enum move move, int64_t now, const struct family_event *event) {
  const char *named = move ? arena_format("\"%s\",", move_names[move]) : "";
  if (event)
    return arena_format("{\"kind\":\"event\",%s%s\"name\":\"%s\",\"id\":%s,\"time\":%s,%s", move ? "\"move\":" : "",
                        named, event->name, quoted(event->id), when(event->time_ms), where_from(o));
  return arena_format("{\"kind\":\"%s\",%s%s\"time\":%s,%s", move ? "move" : "climb", move ? "\"name\":" : "", named,
                      when(now), where_from(o));
}

static void go(struct oracle *o, struct lead *l, enum stage to, enum move move, int64_t now,
               const struct family_event *event) {
  bool e = engaged(o, l), f = fresh(o, l, now);
  const char *reason = move == ANSWERED && event ? event->reason : NULL;
  const char *due =
      to == ASKED ? arena_format("[{\"sla\":\"answer\",\"by\":%s}]", when(now + o->active->answer_ms)) : "[]";
  const char *standing = arena_format("\"scores\":{\"interest\":%" PRId64
                                      "},\"contributions\":%s,\"criteria\":{\"met\":%s,\"missing\":%s},\"next\":%s,"
                                      "\"route\":null,\"due\":%s",
                                      score(l), contributions(l), names(e ? "engaged" : NULL, f ? "fresh" : NULL),
                                      names(e ? NULL : "engaged", f ? NULL : "fresh"), next_of(to, e, f), due);
  const char *data = arena_format("\"from\":\"%s\",\"to\":\"%s\",\"entry\":%" PRId64
                                  ",\"skipped\":[],\"owner\":\"%s\",\"since\":%s,\"cause\":%s,\"reason\":%s,%s",
                                  stage_names[l->stage], stage_names[to], ++l->entries[to], owners[to],
                                  when(l->entered), cause_of(o, move, now, event), quoted(reason), standing);
  publish_event(o, l, "stage.changed", now, data);
  l->stage = to;
  l->entered = now;
  l->met = l->breached = false;
  if (move == ANSWERED) l->visits = l->left = 0;
}

/* --- deadlines and steps --- */

static void earliest(int64_t *least, int64_t moment, int64_t after) {
  if (moment > after && moment < *least) *least = moment;
}

static int64_t next_deadline(const struct oracle *o, const struct lead *l, int64_t after, int64_t floor) {
  int64_t least = NEVER, answer = l->entered + o->active->answer_ms;
  if (l->stage == ASKED) {
    if (!l->met && !l->breached) earliest(&least, answer > floor ? answer : floor, after);
    earliest(&least, l->entered + o->active->rested_ms, after);
  } else {
    earliest(&least, (after / o->active->review_ms + 1) * o->active->review_ms, after);
  }
  return least;
}

static bool climbs(const struct oracle *o, const struct lead *l, int64_t now, const struct family_event *event) {
  if (l->stage == NEW) return engaged(o, l) && fresh(o, l, now);
  return l->stage == WARM && is(event, "Asked");
}

static enum move move_of(const struct oracle *o, const struct lead *l, int64_t now, const struct family_event *event) {
  if (l->stage == ASKED && is(event, "Answered")) return ANSWERED;
  if (l->stage == WARM && (!fresh(o, l, now) || quiet(o, l, now))) return COOLED;
  if (l->stage == ASKED && l->entered + o->active->rested_ms <= now) return RESTED;
  return NO_MOVE;
}

static void step(struct oracle *o, struct lead *l, int64_t now, const struct family_event *event) {
  const int32_t before = o->cause.published;
  int64_t answer = l->entered + o->active->answer_ms;
  if (l->stage == ASKED && !l->met && !l->breached && answer <= now) {
    l->breached = true;
    publish_breach(o, l, answer);
  }
  enum move move = move_of(o, l, now, event);
  if (move) go(o, l, move == RESTED ? WARM : NEW, move, now, event);
  while (climbs(o, l, now, event)) go(o, l, l->stage + 1, NO_MOVE, now, event);
  if (o->cause.published > before) l->now = now;
  l->deadline = next_deadline(o, l, now, 0);
}

static void fire(struct oracle *o, int64_t until) {
  for (;;) {
    struct lead *least = NULL;
    for (int32_t i = 0; i < o->lead_count; i++) {
      struct lead *l = &o->leads[i];
      if (l->deadline > until) continue;
      bool before = !least || l->deadline < least->deadline ||
                    (l->deadline == least->deadline && strcmp(l->name, least->name) < 0);
      if (before) least = l;
    }
    if (!least) return;
    step(o, least, least->deadline > least->now ? least->deadline : least->now, NULL);
  }
}

/* --- versions --- */

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

void oracle_know(struct oracle *o, int32_t version) {
  if (version < 1 || version > FAMILY_VERSIONS) machine_fail("the journal knows a version %d", (int)version);
  o->known[version - 1] = true;
  if (!o->active) o->active = &o->versions[version - 1];
}

/* There are two at most. */
static void take_over(struct oracle *o, int64_t until, int64_t before) {
  const struct family_version *later = &o->versions[1];
  if (!o->known[1] || o->active == later || later->effective_from_ms > until) return;
  fire(o, smaller(o->passed, larger(later->effective_from_ms - 1, before)));
  o->active = later;
  for (int32_t i = 0; i < o->lead_count; i++)
    o->leads[i].deadline = next_deadline(o, &o->leads[i], later->effective_from_ms - 1, later->effective_from_ms);
}

/* --- one record, one clock mark --- */

static struct lead *find_or_create(struct oracle *o, const struct family_event *event, int64_t time) {
  for (int32_t i = 0; i < o->lead_count; i++) {
    struct lead *l = &o->leads[i];
    if (strcmp(l->name, event->lead) != 0) continue;
    while (l->deadline <= time) step(o, l, larger(l->deadline, l->now), NULL);
    return l;
  }
  if (o->lead_count == LEADS) machine_fail("too many leads for the oracle");
  struct lead *l = &o->leads[o->lead_count++];
  *l = (struct lead){.name = event->lead, .entered = time, .now = time, .created = time, .activity = -1};
  l->deadline = NEVER;
  l->entries[NEW] = 1;
  return l;
}

static bool is_duplicate(struct lead *l, const char *id) {
  if (!id) return false;
  for (int32_t i = 0; i < l->id_count; i++)
    if (strcmp(l->ids[i], id) == 0) return true;
  if (l->id_count == FAMILY_IDS) memmove(l->ids, l->ids + 1, (size_t)--l->id_count * sizeof *l->ids);
  l->ids[l->id_count++] = id;
  return false;
}

/* Keeps the latest. */
static void note_visit(struct lead *l, int64_t time) {
  int32_t at = l->happened_count;
  int64_t times[HAPPENED + 1];
  memcpy(times, l->happened, sizeof l->happened);
  for (; at > 0 && times[at - 1] > time; at--) times[at] = times[at - 1];
  times[at] = time;
  bool full = l->happened_count == HAPPENED;
  memcpy(l->happened, times + full, sizeof l->happened);
  l->happened_count += !full;
}

static void count(const struct oracle *o, struct lead *l, const struct family_event *event, int64_t time) {
  if (is(event, "Left")) l->left += o->active->left_points;
  if (!is(event, "Visited")) return;
  note_visit(l, time);
  l->visits = smaller(l->visits + o->active->visit_points, o->active->visit_cap);
  if (time > l->activity) l->activity = time;
}

void oracle_event(struct oracle *o, const char *topic, int64_t offset, const struct family_event *given) {
  struct family_event own = *given;
  if (own.time_ms > own.timestamp_ms + FAMILY_MAX_AHEAD_MS) own.time_ms = own.timestamp_ms;
  const struct family_event *event = &own;
  int64_t time = own.time_ms, before = o->passed;
  o->cause = (struct cause){topic, offset, false, 0};
  o->stream = larger(o->stream, time);
  o->passed = larger(o->passed, o->stream - o->active->lateness_ms);
  take_over(o, o->stream, before);
  fire(o, o->passed);
  struct lead *l = find_or_create(o, event, time);
  if (is_duplicate(l, event->id)) return;
  l->now = larger(time, l->now);
  if (event->mail) l->mail = *event->mail ? event->mail : NULL;
  count(o, l, event, time);
  if (l->stage == ASKED && !l->breached && is(event, "Answered")) l->met = true;
  step(o, l, l->now, event);
}

void oracle_mark(struct oracle *o, int64_t mark_ms) {
  int64_t before = o->passed;
  o->cause = (struct cause){"clock", mark_ms, true, 0};
  o->passed = larger(o->passed, mark_ms);
  take_over(o, mark_ms, before);
  fire(o, o->passed);
}

struct oracle *oracle_create(int32_t partition, const struct family_version *versions) {
  struct oracle *o = arena_zeroed(sizeof *o);
  o->partition = partition;
  o->versions = versions;
  o->stream = o->passed = -1;
  return o;
}

const struct oracle_text *oracle_published(const struct oracle *o) { return o->first; }
