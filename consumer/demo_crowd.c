/* demo_crowd.c: whoever leaves a trace and is no lead for sales (yet): visitors without a name, students, small firms, other trades.
 *
 * By the sample definition none of them is in the target market, so that the few who have a story are easily seen. May use: libc. */
#include <stdio.h>

#include "demo_maker.h"

enum {
  CROWD = 137,
  CROWD_FIRST = 2001,    /* u-2001 */
  CLOSING = 16,          /* who are there on the last night, so that time passes in every partition */
  LATE_ONE_IN = 70,      /* events of somebody who was offline */
  LATE_MINUTES = 9 * 60, /* at most */
  TEXT = 64,
};

#define PICK(maker, list) ((list)[demo_draw(maker, sizeof(list) / sizeof *(list))])

enum kind { VISITOR, STUDENT, SMALL, OTHER, KINDS };

struct member { /* of the crowd; the texts that `person` points to */
  struct demo_person person;
  enum kind kind;
  char lead[DEMO_KEY], name[TEXT], email[3 * TEXT], company[TEXT];
};

static const char *const firsts[] = {"Alice",  "Amir", "Bella", "Carlos",  "Dana",  "Emil", "Fatima",
                                     "George", "Hana", "Igor",  "Julia",   "Kofi",  "Lena", "Marcus",
                                     "Nadia",  "Omar", "Paula", "Quentin", "Rosa",  "Sven", "Tara",
                                     "Umar",   "Vera", "Wilma", "Xenia",   "Yusuf", "Zara"};
static const char *const lasts[] = {"Abel",   "Bianchi", "Costa", "Dubois", "Eriksen", "Fischer", "Green", "Horvat",
                                    "Ivanov", "Jansen",  "Kowal", "Larsen", "Moreau",  "Nagy",    "Olsen", "Petrov",
                                    "Quinn",  "Russo",   "Silva", "Tanaka", "Unger",   "Vidal",   "Wood",  "Young"};
static const char *const places[] = {"North", "South", "River", "Hill",   "Lake",
                                     "Stone", "Green", "Oak",   "Silver", "Old"};
static const char *const small_trades[] = {"Apps", "Studio", "Store", "Couriers", "Workshop"};
static const char *const small_industries[] = {"software", "software", "retail", "logistics", "manufacturing"};
static const char *const other_trades[] = {"College", "Clinic", "Council", "Farms", "Theatre", "Law"};
static const char *const other_industries[] = {"education",   "health care", "public sector",
                                               "agriculture", "arts",        "legal"};
static const char *const titles[] = {"Manager", "Assistant", "Owner", "Analyst", "Consultant", "Head of Office"};
static const char *const regions[] = {"emea", "emea", "americas", "apac"};
static const char *const sources[] = {"search", "search", "ad", "newsletter", "referral", "social"};

static const char *const pages[] = {"path=/",
                                    "path=/blog/month-end-in-a-day",
                                    "path=/blog/what-is-a-lead",
                                    "path=/blog/spreadsheets",
                                    "path=/blog/who-calls-whom",
                                    "path=/docs/import",
                                    "path=/docs/api",
                                    "path=/product",
                                    "path=/product/planning",
                                    "path=/product/payments",
                                    "path=/customers",
                                    "path=/customers/retail",
                                    "path=/about",
                                    "path=/pricing"};
static const char *const student_pages[] = {"path=/careers", "path=/careers/internships", "path=/about",
                                            "path=/blog/what-is-a-lead", "path=/docs/api"};
static const char *const others[] = {"campaign=October news", "campaign=Month end in a day", "campaign=Try it out"};
static const char *const titles_of_guides[] = {"title=Planning in twelve steps", "title=Freight without spreadsheets"};
static const char *const features[] = {"feature=import; minutes=12", "feature=import; minutes=3",
                                       "feature=schedule; minutes=25", "feature=forecast; minutes=41",
                                       "feature=export; minutes=2"};

#define LIST(name) \
  { name, sizeof(name) / sizeof *(name) }
const struct demo_list demo_firsts = LIST(firsts), demo_lasts = LIST(lasts), demo_titles = LIST(titles),
                       demo_regions = LIST(regions), demo_sources = LIST(sources), demo_pages = LIST(pages),
                       demo_guides = LIST(titles_of_guides), demo_features = LIST(features);

/* "Rosa Silva" at "Hill Farms": "rosa.silva@hill-farms.example" */
static void write_email(struct member *member, const char *first, const char *last) {
  char domain[TEXT];
  size_t length = 0;
  for (const char *c = *member->company ? member->company : "mail"; *c && length < sizeof domain - 1; c++) {
    domain[length++] = (char)(*c == ' ' ? '-' : *c >= 'A' && *c <= 'Z' ? *c + 'a' - 'A' : *c);
  }
  domain[length] = 0;
  snprintf(member->email, sizeof member->email, "%c%s.%s@%s.example", *first + 'a' - 'A', first + 1, last, domain);
}

static void name_member(struct demo_maker *maker, struct member *member) {
  const char *first = PICK(maker, firsts), *last = PICK(maker, lasts), *place = PICK(maker, places);
  struct demo_person *person = &member->person;
  snprintf(member->name, sizeof member->name, "%s %s", first, last);
  if (member->kind != STUDENT) {
    bool small = member->kind == SMALL;
    uint32_t trade = demo_draw(maker, small ? 5 : 6);
    snprintf(member->company, sizeof member->company, "%s %s", place, (small ? small_trades : other_trades)[trade]);
    person->industry = (small ? small_industries : other_industries)[trade];
    person->employees = (int32_t)(small ? 1 + demo_draw(maker, 19) : 12 + demo_draw(maker, 900));
  }
  write_email(member, first, last);
  person->name = member->name;
  person->email = member->email;
  person->company = member->company;
  person->title = member->kind == STUDENT ? "Student" : PICK(maker, titles);
  person->region = PICK(maker, regions);
  person->source = PICK(maker, sources);
}

static void make_member(struct demo_maker *maker, struct member *member, int32_t number) {
  static const enum kind kinds[] = {VISITOR, VISITOR, VISITOR, STUDENT, SMALL, SMALL, OTHER, OTHER};
  *member = (struct member){.kind = PICK(maker, kinds)};
  if (member->kind == VISITOR) {
    snprintf(member->lead, sizeof member->lead, "a-%08x", (unsigned)demo_draw(maker, UINT32_C(0x80000000)));
  } else {
    snprintf(member->lead, sizeof member->lead, "u-%d", (int)number);
    name_member(maker, member);
  }
  member->person.lead = member->lead;
}

/* When somebody sits down: mostly on a working day, between six and eleven at night, and most of all around half past two. */
static int64_t session_start(struct demo_maker *maker) {
  uint32_t day = demo_draw(maker, DEMO_DAYS);
  if (day % 7 >= 5 && demo_draw(maker, 4) > 0) day -= 2 + demo_draw(maker, 3);
  uint32_t minutes = demo_draw(maker, 510) + demo_draw(maker, 510);
  return DEMO_START_MS + day * DEMO_DAY_MS + 6 * DEMO_HOUR_MS + minutes * DEMO_MINUTE_MS;
}

static struct demo_draft draw_event(struct demo_maker *maker, const struct member *member) {
  struct demo_draft draft = {.person = &member->person, .event = "Page Viewed"};
  uint32_t dice = demo_draw(maker, 100);
  draft.says = member->kind == STUDENT ? PICK(maker, student_pages) : PICK(maker, pages);
  if (member->kind == SMALL && dice < 35) {
    draft.event = "Feature Used";
    draft.says = PICK(maker, features);
  } else if (member->kind != VISITOR && dice > 94) {
    draft.event = "Email Clicked";
    draft.says = PICK(maker, others);
  } else if (member->kind == OTHER && dice > 91) {
    draft.event = "Content Downloaded";
    draft.says = PICK(maker, titles_of_guides);
  }
  return draft;
}

/* Mostly none; never beyond the fortnight. */
static int64_t draw_delay(struct demo_maker *maker, int64_t time_ms) {
  if (demo_draw(maker, LATE_ONE_IN) > 0) return 0;
  int64_t delay_ms = demo_draw(maker, LATE_MINUTES) * DEMO_MINUTE_MS;
  return time_ms + delay_ms < DEMO_START_MS + DEMO_DAYS * DEMO_DAY_MS - DEMO_HOUR_MS ? delay_ms : 0;
}

static void make_session(struct demo_maker *maker, const struct member *member, int64_t time_ms, bool introduce) {
  uint32_t count = 2 + demo_draw(maker, 6);
  for (uint32_t i = 0; i < count; i++) {
    struct demo_draft draft = draw_event(maker, member);
    if (introduce && i == 1) {
      draft.event = "identify";
      draft.says = member->kind == STUDENT ? "name email title source" : "name email title company region source";
    }
    draft.time_ms = time_ms;
    draft.delay_ms = draw_delay(maker, time_ms);
    demo_make(maker, &draft);
    time_ms += 5000 + demo_draw(maker, 180000);
  }
}

/* Nobody says who they are before they do: the first session is the earliest. */
static void make_sessions(struct demo_maker *maker, const struct member *member) {
  enum { SESSIONS = 13 };
  int64_t starts[SESSIONS];
  uint32_t count = 1 + demo_draw(maker, SESSIONS), first = 0;
  for (uint32_t i = 0; i < count; i++) {
    starts[i] = session_start(maker);
    if (starts[i] < starts[first]) first = i;
  }
  for (uint32_t i = 0; i < count; i++) make_session(maker, member, starts[i], member->person.name && i == first);
}

static void make_closing(struct demo_maker *maker, const struct member *member, int32_t number) {
  struct demo_draft draft = {.person = &member->person, .event = "Page Viewed", .says = "path=/blog/spreadsheets"};
  draft.time_ms = DEMO_START_MS + DEMO_DAYS * DEMO_DAY_MS - (CLOSING - number) * (DEMO_MINUTE_MS / 2) - 25000;
  demo_make(maker, &draft);
}

int32_t demo_crowd(struct demo_maker *maker) {
  for (int32_t i = 0; i < CROWD; i++) {
    struct member member;
    make_member(maker, &member, CROWD_FIRST + i);
    make_sessions(maker, &member);
    if (i < CLOSING) make_closing(maker, &member, i);
  }
  return CROWD;
}
