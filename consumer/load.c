/* load.c: who, what and when, each by dice of the event's own. May use: demo_maker.h, encode.h. */
#include "load.h"

#include <inttypes.h>
#include <stdio.h>

#include "../producer/encode.h"
#include "demo_maker.h"

enum { SHARES = 1000, NAME = 64, LATENCY_MS = 400 };

/* Each number has dice that have nothing to do with its neighbours'. */
#define APART UINT64_C(0x2545F4914F6CDD1D)
#define PICK(maker, list) ((list).at[demo_draw(maker, (list).count)])
#define LIST(name) \
  { name, sizeof(name) / sizeof *(name) }

static const char *const campaigns[] = {"campaign=October news", "campaign=Month end in a day",
                                        "campaign=Who calls whom", "campaign=Freight without spreadsheets"};
static const char *const webinars[] = {"title=Planning live; minutes=45", "title=Who calls whom; minutes=60"};
static const char *const calculators[] = {"saves=12000; employees=80", "saves=3500; employees=25"};
static const char *const trials[] = {"plan=team", "plan=company"};
static const char *const demos[] = {
    "problem=month end takes a week; budget=25000; decides=true; timeframe=this quarter",
    "problem=nobody knows who calls whom; budget=12000; decides=false; timeframe=this month",
    "problem=freight in spreadsheets; timeframe=this year"};
static const char *const unsubscribed[] = {"list=news"};
static const char *const accepted[] = {"by=ana", "by=chloe", "by=eli"};
static const char *const rejected[] = {"reason=not now", "reason=no answer", "reason=wrong person", "reason=too small"};
static const char *const opportunities[] = {"value=24000", "value=9000"};
static const char *const industries[] = {"software",      "fintech",   "retail",     "logistics",
                                         "manufacturing", "education", "health care"};
static const struct demo_list trades = LIST(industries);
static const uint32_t sizes[] = {5, 30, 120, 400, 2500};

static const char *const identified[] = {"name email title company region source", "name title company region source",
                                         "name email phone title company region source"};

/* Of a thousand events. */
static const struct {
  const char *event;
  uint32_t share;
  const struct demo_list *says; /* NULL: `list` */
  struct demo_list list;
} kinds[] = {{"Page Viewed", 520, &demo_pages, {0}},         {"Email Opened", 130, NULL, LIST(campaigns)},
             {"identify", 80, NULL, LIST(identified)},       {"Email Clicked", 80, NULL, LIST(campaigns)},
             {"Feature Used", 60, &demo_features, {0}},      {"Content Downloaded", 50, &demo_guides, {0}},
             {"Webinar Attended", 20, NULL, LIST(webinars)}, {"Calculator Used", 20, NULL, LIST(calculators)},
             {"Lead Accepted", 8, NULL, LIST(accepted)},     {"Lead Rejected", 7, NULL, LIST(rejected)},
             {"Trial Started", 5, NULL, LIST(trials)},       {"Demo Requested", 5, NULL, LIST(demos)},
             {"Unsubscribed", 5, NULL, LIST(unsubscribed)},  {"Opportunity Created", 4, NULL, LIST(opportunities)},
             {"Meeting Booked", 2, NULL, LIST(accepted)},    {"Opportunity Won", 2, NULL, LIST(opportunities)},
             {"Opportunity Lost", 2, NULL, LIST(rejected)}};

static struct demo_maker dice_of(uint64_t seed, uint64_t number) {
  struct demo_maker maker = {.dice = seed + number * APART};
  maker.dice = demo_number(&maker);
  return maker;
}

/* P(rank) in proportion to 1/rank, exactly and without a table: every octave of ranks is as likely as any other, a rank within it as any
 * other of it, and octave/rank of them are kept, which is more than half. */
static uint32_t draw_rank(struct demo_maker *maker, uint32_t leads) {
  uint32_t octaves = 1;
  while (octaves < 31 && UINT32_C(1) << octaves <= leads) octaves++;
  for (;;) {
    uint32_t octave = UINT32_C(1) << demo_draw(maker, octaves);
    uint32_t rank = octave + demo_draw(maker, octave);
    if (rank <= leads && demo_draw(maker, rank) < octave) return rank;
  }
}

uint32_t load_lead(const struct load_order *order, uint64_t number) {
  struct demo_maker maker = dice_of(order->seed, number);
  return order->uniform ? demo_draw(&maker, order->leads) : draw_rank(&maker, order->leads) - 1;
}

/* In two steps, so that no product is too large. */
int64_t load_time(const struct load_order *order, uint64_t number) {
  uint64_t span_ms = order->days * (uint64_t)DEMO_DAY_MS, whole = span_ms / order->events,
           part = span_ms % order->events;
  return LOAD_START_MS + (int64_t)(whole * number + part * number / order->events);
}

struct person { /* the texts that `is` points to */
  struct demo_person is;
  char name[NAME], email[NAME], company[NAME];
};

/* A lead is the same in all of its events. */
static void make_person(const struct load_order *order, uint32_t lead, const char *key, struct person *person) {
  struct demo_maker maker = dice_of(~order->seed, lead);
  struct demo_person *is = &person->is;
  const char *first = PICK(&maker, demo_firsts), *last = PICK(&maker, demo_lasts); /* dice are thrown in this order */
  const char *mail = demo_draw(&maker, 6) ? "company.example" : "gmail.com";
  *is = (struct demo_person){.lead = key, .name = person->name, .email = person->email, .company = person->company};
  is->phone = "+44 20 7946 0000";
  is->industry = PICK(&maker, trades);
  is->title = PICK(&maker, demo_titles);
  is->region = PICK(&maker, demo_regions);
  is->source = PICK(&maker, demo_sources);
  is->employees = (int32_t)sizes[demo_draw(&maker, sizeof sizes / sizeof *sizes)];
  is->employees += (int32_t)demo_draw(&maker, 5);
  snprintf(person->name, NAME, "%s %s", first, last);
  snprintf(person->email, NAME, "%s@%s", key, mail);
  snprintf(person->company, NAME, "Company %" PRIu32, lead);
}

/* Members that every event has and no definition has to ask for. */
static void write_more(struct buffer *more, struct demo_maker *maker, uint32_t lead, int64_t time_ms) {
  const char *page = PICK(maker, demo_pages) + sizeof "path=" - 1;
  uint32_t address = demo_draw(maker, 1U << 24), late_ms = demo_draw(maker, LATENCY_MS);
  buffer_printf(more, "\"anonymousId\":\"a-%08" PRIx32 "\",\"originalTimestamp\":\"", lead * UINT32_C(2654435761));
  time_append(more, time_ms - late_ms);
  buffer_printf(more,
                "\",\"context\":{\"page\":{\"path\":\"%s\"},\"ip\":\"10.%" PRIu32 ".%" PRIu32 ".%" PRIu32
                "\",\"userAgent\":\"Mozilla/5.0 (X11; Linux x86_64)\"},",
                page, address >> 16, address >> 8 & 255, address & 255);
}

void load_make_of(const struct load_order *order, uint64_t number, uint32_t lead, int64_t time_ms,
                  struct load_event *event) {
  struct demo_maker maker = dice_of(order->seed + 1, number);
  size_t kind = 0;
  for (uint32_t left = demo_draw(&maker, SHARES); left >= kinds[kind].share; kind++) left -= kinds[kind].share;
  const struct demo_list *says = kinds[kind].says ? kinds[kind].says : &kinds[kind].list;
  struct person person;
  struct buffer more = {0};
  event->key_length = (uint32_t)snprintf(event->key, sizeof event->key, "lead-%07" PRIu32, lead);
  event->payload.length = 0;
  make_person(order, lead, event->key, &person);
  write_more(&more, &maker, lead, time_ms);
  buffer_append(&more, "", 1);
  const struct demo_draft draft = {.person = &person.is,
                                   .event = kinds[kind].event,
                                   .says = PICK(&maker, *says),
                                   .more = more.at,
                                   .time_ms = time_ms};
  demo_payload(&event->payload, demo_number(&maker) >> 16, &draft);
  buffer_fini(&more);
}

void load_make(const struct load_order *order, uint64_t number, struct load_event *event) {
  load_make_of(order, number, load_lead(order, number), load_time(order, number), event);
}

void load_event_fini(struct load_event *event) { buffer_fini(&event->payload); }
