/* group.c: generations, and cooperative-sticky: what moves is first given up by the one, then given to the other, a generation later.
 *
 *   tick (heartbeat) ─ no seat any more → lost: the application is told, then it joins anew
 *                    ─ a round goes on  → it joins, unless the application has yet to be told of the one before
 *   all have joined, or the time is over ─ finish: a new generation, everybody learns of it at a time of its own */
#include "group.h"

#include <string.h>

enum { SEATS = 32, LOOK_MS = 100 };

struct seat {
  rd_kafka_t *client;
  int32_t id, generation;
  uint32_t claimed, target; /* a bit a partition */
  bool joined, learned;
  int64_t heard_ns;
};

static struct {
  struct seat seats[SEATS];
  int32_t count, ids, generation;
  bool preparing;
  int64_t round;
} group;

static struct seat *seat_of(int32_t id) {
  for (int32_t i = 0; i < group.count; i++)
    if (id > 0 && group.seats[i].id == id) return &group.seats[i];
  return NULL;
}

bool group_knows(const rd_kafka_consumer_group_metadata_t *metadata) {
  if (metadata->member == 0 && metadata->generation < 0) return true;
  return seat_of(metadata->member) && metadata->generation == group.generation;
}

/* --- a round --- */

/* Until when its process can neither send nor take anything. */
static int64_t away_until_ns(const rd_kafka_t *client) {
  const struct process *process = client->process;
  return process->frozen_until_ns > process->cut_until_ns ? process->frozen_until_ns : process->cut_until_ns;
}

static bool retry_when_back(rd_kafka_t *client, void (*run)(void *, int64_t), int64_t argument) {
  int64_t left_ns = away_until_ns(client) - machine_now_ns();
  if (left_ns <= 0) return false;
  if (left_ns > HEARTBEAT_MS * MS) left_ns = HEARTBEAT_MS * MS; /* it may be back sooner */
  machine_after(left_ns + draw_ns(10 * US, 5 * MS), run, client, argument);
  return true;
}

static void learn(void *context, int64_t id) {
  rd_kafka_t *client = context;
  struct membering *m = &client->member;
  struct seat *seat = seat_of((int32_t)id);
  if (client->process->dead || !seat || m->id != id || retry_when_back(client, learn, id)) return;
  if (seat->joined || seat->learned) return; /* the next round has begun: of this one it never hears */
  seat->learned = true;
  m->generation = seat->generation;
  m->revoke = m->owned & ~seat->target;
  m->assign = seat->target & ~m->owned;
  m->revoking = m->revoke != 0;
  m->assigning = m->assign != 0 || !m->revoking;
}

static int32_t bits(uint32_t set) { return __builtin_popcount(set); }

static struct seat *least_loaded(void) {
  struct seat *least = &group.seats[0];
  for (int32_t i = 1; i < group.count; i++)
    if (bits(group.seats[i].target) < bits(least->target)) least = &group.seats[i];
  return least;
}

static struct seat *claimant(int32_t partition) {
  for (int32_t i = 0; i < group.count; i++)
    if (group.seats[i].claimed >> partition & 1) return &group.seats[i];
  return NULL;
}

/* What stays first, as far as it is fair. What has to move is nobody's in this generation. */
static void deal_out(void) {
  const int32_t partitions = broker_partitions(TOPIC_FIRST), most = (partitions + group.count - 1) / group.count;
  uint32_t left = 0, moving = 0;
  for (int32_t i = 0; i < group.count; i++) group.seats[i].target = 0;
  for (int32_t p = 0; p < partitions; p++) {
    struct seat *seat = claimant(p);
    if (seat && bits(seat->target) < most) seat->target |= UINT32_C(1) << p;
    else left |= UINT32_C(1) << p;
  }
  for (int32_t p = 0; p < partitions; p++) {
    if (!(left >> p & 1)) continue;
    least_loaded()->target |= UINT32_C(1) << p;
    if (claimant(p)) moving |= UINT32_C(1) << p;
  }
  for (int32_t i = 0; i < group.count; i++) group.seats[i].target &= ~(moving & ~group.seats[i].claimed);
}

static void finish(void) {
  group.preparing = false;
  if (group.count == 0) return;
  group.generation++;
  deal_out();
  machine_say("group: generation %d of %d members", (int)group.generation, (int)group.count);
  for (int32_t i = 0; i < group.count; i++) {
    struct seat *seat = &group.seats[i];
    seat->joined = seat->learned = false;
    seat->generation = group.generation;
    machine_after(draw_ns(50 * US, 20 * MS), learn, seat->client, seat->id);
  }
}

static void finish_if_all_joined(void) {
  for (int32_t i = 0; i < group.count; i++)
    if (!group.seats[i].joined) return;
  if (group.preparing) finish();
}

static void round_over(void *context, int64_t round) {
  (void)context;
  if (!group.preparing || round != group.round) return;
  for (int32_t i = group.count; i-- > 0;)
    if (!group.seats[i].joined) group.seats[i] = group.seats[--group.count];
  finish();
}

static void prepare(void) {
  if (group.preparing) return;
  group.preparing = true;
  machine_after(REJOIN_MS * MS, round_over, NULL, ++group.round);
}

/* Where others joined in time, each of them is heard of. */
static void join(rd_kafka_t *client) {
  struct membering *m = &client->member;
  struct seat *seat = seat_of(m->id);
  if (!seat) {
    if (group.count == SEATS) machine_fail("too many members");
    seat = &group.seats[group.count++];
    *seat = (struct seat){.client = client, .id = ++group.ids};
    m->id = seat->id;
    m->generation = -1;
  } else if (seat->generation > 0) {
    m->generation = seat->generation; /* that it is told when a round ends; what it owns, later */
  }
  seat->joined = true;
  seat->claimed = m->owned;
  seat->heard_ns = machine_now_ns();
  m->rejoins = false;
  prepare();
  finish_if_all_joined();
}

static void leave(int32_t id) {
  struct seat *seat = seat_of(id);
  if (!seat) return;
  *seat = group.seats[--group.count];
  if (group.count > 0) prepare();
  finish_if_all_joined();
}

void group_expel(uint32_t which) {
  if (group.count > 0) leave(group.seats[which % (uint32_t)group.count].id);
}

static void look(void *context, int64_t argument) {
  (void)context, (void)argument;
  for (int32_t i = group.count; i-- > 0;)
    if (i < group.count && machine_now_ns() - group.seats[i].heard_ns > SESSION_MS * MS) leave(group.seats[i].id);
  machine_after(LOOK_MS * MS, look, NULL, 0);
}

void group_reset(void) {
  memset(&group, 0, sizeof group);
  machine_after(LOOK_MS * MS, look, NULL, 0);
}

/* --- a member --- */

static void note_lost(struct membering *m) {
  machine_say("member %d is none any more", (int)m->id);
  m->id = 0;
  if (one_in(3)) m->generation = -1; /* it was told first that its generation is not that of the group */
  m->assigning = m->rejoins = false;
  m->assign = 0;
  m->lost = m->owned != 0;
  if (!m->telling) m->revoke = m->owned;
  m->revoking = m->telling || m->owned != 0;
}

static void tick(void *context, int64_t argument) {
  rd_kafka_t *client = context;
  struct membering *m = &client->member;
  if (client->process->dead || !m->subscribed || retry_when_back(client, tick, argument)) return;
  struct seat *seat = seat_of(m->id);
  bool told = !m->revoking && !m->assigning;
  if (m->id != 0 && !seat) note_lost(m);
  else if (m->id == 0 && told) join(client);
  else if (seat) {
    seat->heard_ns = machine_now_ns();
    if (told && ((group.preparing && !seat->joined) || m->rejoins)) join(client);
  }
  machine_after(draw_ns(HEARTBEAT_MS * MS / 4, HEARTBEAT_MS * MS), tick, client, argument);
}

/* --- librdkafka's interface --- */

rd_kafka_resp_err_t rd_kafka_subscribe(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *topics) {
  (void)topics;
  machine_step();
  client->member = (struct membering){.generation = -1, .subscribed = true};
  machine_after(client_travel_ns(client), tick, client, 0);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_topic_partition_list_t *list_of(uint32_t set) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
  for (int32_t p = 0; p < PARTITIONS; p++)
    if (set >> p & 1) rd_kafka_topic_partition_list_add(list, topic_names[TOPIC_FIRST], p);
  return list;
}

static uint32_t set_of(const rd_kafka_topic_partition_list_t *list) {
  uint32_t set = 0;
  for (int i = 0; list && i < list->cnt; i++) set |= UINT32_C(1) << list->elems[i].partition;
  return set;
}

/* After it has been told: what it is told next. */
static void told(struct membering *m, bool revoked) {
  m->telling = false;
  if (revoked) {
    m->revoking = m->lost = false;
    m->rejoins = m->id != 0;
  } else {
    m->assigning = false;
  }
  if (m->id != 0 || m->owned == 0) return;
  m->lost = m->revoking = true; /* lost meanwhile */
  m->revoke = m->owned;
}

static void tell(rd_kafka_t *client) {
  struct membering *m = &client->member;
  bool revoked = m->revoking;
  m->telling = true;
  client->conf.rebalance(client, revoked ? RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS : RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS,
                         list_of(revoked ? m->revoke : m->assign), client->conf.opaque);
  told(m, revoked);
}

rd_kafka_message_t *rd_kafka_consumer_poll(rd_kafka_t *client, int wait_ms) {
  struct membering *m = &client->member;
  machine_step();
  if (m->revoking || m->assigning) tell(client);
  else if (wait_ms > 0) machine_sleep(wait_ms * MS);
  return NULL;
}

rd_kafka_error_t *rd_kafka_incremental_assign(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *list) {
  machine_step();
  client->member.owned |= set_of(list);
  return NULL;
}

rd_kafka_error_t *rd_kafka_incremental_unassign(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *list) {
  machine_step();
  client->member.owned &= ~set_of(list);
  return NULL;
}

rd_kafka_resp_err_t rd_kafka_assign(rd_kafka_t *client, const rd_kafka_topic_partition_list_t *list) {
  client->member.owned = set_of(list);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_assignment(rd_kafka_t *client, rd_kafka_topic_partition_list_t **list) {
  *list = list_of(client->member.owned);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

int rd_kafka_assignment_lost(rd_kafka_t *client) { return client->member.lost; }

rd_kafka_resp_err_t rd_kafka_unsubscribe(rd_kafka_t *client) {
  struct membering *m = &client->member;
  machine_step();
  m->assigning = false;
  m->revoke = m->owned;
  m->revoking = m->owned != 0;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_consumer_close(rd_kafka_t *client) {
  machine_step();
  if (client->member.revoking) tell(client);
  client->member.subscribed = false;
  leave(client->member.id);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_consumer_group_metadata_t *rd_kafka_consumer_group_metadata(rd_kafka_t *client) {
  rd_kafka_consumer_group_metadata_t *metadata = arena_zeroed(sizeof *metadata);
  machine_step();
  metadata->generation = client->member.generation;
  metadata->member = client->member.id;
  return metadata;
}

void rd_kafka_consumer_group_metadata_destroy(rd_kafka_consumer_group_metadata_t *metadata) { (void)metadata; }

char *rd_kafka_memberid(const rd_kafka_t *client) {
  return client->member.id ? arena_format("%d", (int)client->member.id) : arena_zeroed(1);
}
