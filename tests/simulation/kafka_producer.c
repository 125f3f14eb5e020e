/* kafka_producer.c: of librdkafka's interface what writes: messages to partitions in order, delivery reports, transactions.
 *
 *   producev → a queue for each partition ─ pump: AddPartitionsToTxn, Produce → the broker's log → report → poll, flush, commit
 *   commit, abort → EndTxn, which may be late or its answer lost; what is not answered is sent again (and the interceptor counts)
 *
 * What has been sent arrives even where its process has died meanwhile, by chance. */
#include <stdarg.h>
#include <string.h>

#include "client.h"

enum { END_TXN = 26 };

/* --- reports --- */

static bool has_reports(const void *context) { return ((const rd_kafka_t *)context)->reports != NULL; }

static void report(void *context, int64_t argument) {
  struct message *message = context;
  rd_kafka_t *client = message->client;
  (void)argument;
  message->next = NULL;
  if (client->reports) client->last_report->next = message;
  else client->reports = message;
  client->last_report = message;
}

void client_serve(rd_kafka_t *client) {
  for (struct message *message; (message = client->reports);) {
    client->reports = message->next;
    client->unreported--;
    client->conf.report(client, &message->public, client->conf.opaque);
  }
}

static void report_later(struct message *message, rd_kafka_resp_err_t code, int64_t offset) {
  message->public.err = code;
  message->public.offset = offset;
  machine_after(client_travel_ns(message->client), report, message, 0);
}

int rd_kafka_poll(rd_kafka_t *client, int wait_ms) {
  machine_step();
  if (!client->reports && wait_ms > 0) machine_wait(machine_now_ns() + wait_ms * MS, has_reports, client);
  client_serve(client);
  return 0;
}

int rd_kafka_outq_len(rd_kafka_t *client) { return client->unreported; }

/* False: the time is over. */
static bool flush(rd_kafka_t *client, int64_t until_ns) {
  machine_step();
  while (client->unreported > 0) {
    if (machine_now_ns() >= until_ns) return false;
    machine_wait(until_ns, has_reports, client);
    client_serve(client);
  }
  return true;
}

rd_kafka_resp_err_t rd_kafka_flush(rd_kafka_t *client, int wait_ms) {
  return flush(client, machine_now_ns() + wait_ms * MS) ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__TIMED_OUT;
}

/* --- messages on their way --- */

static void pump(void *context, int64_t place);

static void pump_later(rd_kafka_t *client, int64_t place, int64_t delay_ns) {
  int64_t frozen_ns = client->process->frozen_until_ns - machine_now_ns();
  client->outgoing[place / PARTITIONS][place % PARTITIONS].moving = true;
  machine_after(delay_ns + (frozen_ns > 0 ? frozen_ns : 0), pump, client, place);
}

static void give_up_all(struct outgoing *out, rd_kafka_resp_err_t code) {
  for (struct message *message; (message = out->first);) {
    out->first = message->next;
    report_later(message, code, -1);
  }
}

static void note_failure(rd_kafka_t *client, enum answer answer) {
  if (answer == ANSWER_FENCED) client->state = PRODUCING_FATAL;
  else if (client->state == PRODUCING_OPEN) client->state = PRODUCING_ABORTABLE;
}

static enum answer add(rd_kafka_t *client, struct outgoing *out, const struct log *log) {
  enum answer answer = broker_add_partition(client->producer, client->epoch, log);
  out->added = answer == ANSWER_OK;
  client->entered |= out->added;
  return answer;
}

static enum answer send_one(rd_kafka_t *client, struct log *log, struct message *message) {
  struct record_in record = {.state = RECORD_COMMITTED,
                             .producer = NO_PRODUCER,
                             .timestamp_ms = message->timestamp_ms ? message->timestamp_ms : machine_wall_ms(),
                             .key = message->public.key,
                             .key_length = message->public.key_len,
                             .value = message->public.payload,
                             .value_length = message->public.len,
                             .headers = message->headers};
  int32_t offset = -1;
  enum answer answer = ANSWER_OK;
  if (client->state == PRODUCING_NEW) {
    offset = log_append(log, &record);
  } else {
    record.state = RECORD_OPEN;
    record.producer = client->producer;
    answer = broker_produce(client->producer, client->epoch, log, &record, &offset);
  }
  if (answer == ANSWER_OK) report_later(message, RD_KAFKA_RESP_ERR_NO_ERROR, offset);
  return answer;
}

/* Some of what waits, in order. */
static enum answer send_some(rd_kafka_t *client, struct outgoing *out, struct log *log) {
  enum answer answer = ANSWER_OK;
  for (uint32_t left = 1 + draw(32); left > 0 && out->first && answer == ANSWER_OK; left--) {
    struct message *message = out->first;
    out->first = message->next;
    answer = send_one(client, log, message);
    if (answer != ANSWER_OK) report_later(message, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, -1);
  }
  return answer;
}

/* A request arrives; what follows it is sent by a process that lives. */
static void pump(void *context, int64_t place) {
  rd_kafka_t *client = context;
  struct outgoing *out = &client->outgoing[place / PARTITIONS][place % PARTITIONS];
  struct log *log = broker_log((enum topic)(place / PARTITIONS), (int32_t)(place % PARTITIONS));
  bool gone = client->process->dead || client->closed;
  out->moving = false;
  if (!out->first || (gone && one_in(2))) return;
  bool adds = client->state != PRODUCING_NEW && !out->added;
  enum answer answer = adds ? add(client, out, log) : send_some(client, out, log);
  if (gone) return;
  if (answer == ANSWER_BUSY) {
    pump_later(client, place, BUSY_MS * MS);
  } else if (answer != ANSWER_OK) {
    note_failure(client, answer);
    give_up_all(out, answer == ANSWER_FENCED ? RD_KAFKA_RESP_ERR__FATAL : RD_KAFKA_RESP_ERR__PURGE_QUEUE);
  } else if (out->first) {
    pump_later(client, place, client_travel_ns(client));
  }
}

static void enqueue(rd_kafka_t *client, struct message *message) {
  enum topic topic = message->public.rkt->topic;
  struct outgoing *out = &client->outgoing[topic][message->public.partition];
  client->unreported++;
  if (out->first) out->last->next = message;
  else out->first = message;
  out->last = message;
  if (!out->moving)
    pump_later(client, (int32_t)topic * PARTITIONS + message->public.partition, client_travel_ns(client));
}

/* One of producev's arguments. */
static void take_argument(struct message *message, rd_kafka_vtype_t type, va_list *arguments) {
  const void *bytes;
  switch (type) {
    case RD_KAFKA_VTYPE_RKT: message->public.rkt = va_arg(*arguments, rd_kafka_topic_t *); break;
    case RD_KAFKA_VTYPE_PARTITION: message->public.partition = va_arg(*arguments, int32_t); break;
    case RD_KAFKA_VTYPE_MSGFLAGS: (void)va_arg(*arguments, int); break;
    case RD_KAFKA_VTYPE_TIMESTAMP: message->timestamp_ms = va_arg(*arguments, int64_t); break;
    case RD_KAFKA_VTYPE_HEADERS: message->headers = va_arg(*arguments, rd_kafka_headers_t *); break;
    case RD_KAFKA_VTYPE_OPAQUE: message->public._private = va_arg(*arguments, void *); break;
    case RD_KAFKA_VTYPE_KEY:
      bytes = va_arg(*arguments, const void *);
      message->public.key_len = va_arg(*arguments, size_t);
      message->public.key = arena_copy(bytes, message->public.key_len);
      break;
    case RD_KAFKA_VTYPE_VALUE:
      bytes = va_arg(*arguments, const void *);
      message->public.len = va_arg(*arguments, size_t);
      message->public.payload = arena_copy(bytes, message->public.len);
      break;
    default: machine_fail("producev: argument %d", (int)type);
  }
}

rd_kafka_resp_err_t rd_kafka_producev(rd_kafka_t *client, ...) {
  struct message *message = arena_zeroed(sizeof *message);
  va_list arguments;
  machine_step();
  if (client->state == PRODUCING_FATAL) return RD_KAFKA_RESP_ERR__FATAL;
  if (*client->conf.transactional && client->state != PRODUCING_OPEN) return RD_KAFKA_RESP_ERR__STATE;
  if (client->unreported > 0 && one_in(400)) return RD_KAFKA_RESP_ERR__QUEUE_FULL;
  message->client = client;
  va_start(arguments, client);
  for (rd_kafka_vtype_t type; (type = (rd_kafka_vtype_t)va_arg(arguments, int)) != RD_KAFKA_VTYPE_END;)
    take_argument(message, type, &arguments);
  va_end(arguments);
  enqueue(client, message);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t rd_kafka_purge(rd_kafka_t *client, int flags) {
  (void)flags;
  machine_step();
  for (int t = 0; t < TOPIC_COUNT; t++)
    for (int32_t p = 0; p < PARTITIONS; p++) give_up_all(&client->outgoing[t][p], RD_KAFKA_RESP_ERR__PURGE_QUEUE);
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* What the application gives up without waiting may arrive all the same. */
void rd_kafka_destroy(rd_kafka_t *client) {
  machine_step();
  client->closed = true;
  client->member.subscribed = false;
}

/* --- transactions --- */

static rd_kafka_error_t *timed_out(void) { return client_error(RD_KAFKA_RESP_ERR__TIMED_OUT, true, false); }

/* What the state says where it is not OPEN. */
static rd_kafka_error_t *state_error(const rd_kafka_t *client) {
  if (client->state == PRODUCING_FATAL) return client_error(RD_KAFKA_RESP_ERR__FATAL, false, false);
  if (client->state == PRODUCING_ABORTABLE) return client_error(RD_KAFKA_RESP_ERR__PURGE_QUEUE, false, true);
  return client_error(RD_KAFKA_RESP_ERR__STATE, false, false);
}

static rd_kafka_error_t *refusal(rd_kafka_t *client, enum answer answer) {
  note_failure(client, answer);
  return state_error(client);
}

rd_kafka_error_t *rd_kafka_init_transactions(rd_kafka_t *client, int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  while (client_travel(client, until_ns)) {
    enum answer answer = broker_init_producer(client->conf.transactional, &client->producer, &client->epoch);
    if (answer == ANSWER_OK && client_travel(client, until_ns)) {
      client->state = PRODUCING_READY;
      return NULL;
    }
    machine_wait(machine_now_ns() + BUSY_MS * MS, NULL, NULL);
  }
  return timed_out();
}

rd_kafka_error_t *rd_kafka_begin_transaction(rd_kafka_t *client) {
  machine_step();
  if (client->state != PRODUCING_READY) return state_error(client);
  client->state = PRODUCING_OPEN;
  client->ending = ENDING_NONE;
  client->entered = false;
  for (int t = 0; t < TOPIC_COUNT; t++)
    for (int32_t p = 0; p < PARTITIONS; p++) client->outgoing[t][p].added = false;
  return NULL;
}

static rd_kafka_error_t *add_offsets(rd_kafka_t *client, int64_t until_ns) {
  while (client_travel(client, until_ns)) {
    enum answer answer = broker_add_offsets(client->producer, client->epoch);
    client->entered |= answer == ANSWER_OK;
    if (answer == ANSWER_OK) return NULL;
    if (answer != ANSWER_BUSY) return refusal(client, answer);
    machine_sleep(BUSY_MS * MS / 4);
  }
  return timed_out();
}

rd_kafka_error_t *rd_kafka_send_offsets_to_transaction(rd_kafka_t *client,
                                                       const rd_kafka_topic_partition_list_t *offsets,
                                                       const rd_kafka_consumer_group_metadata_t *metadata,
                                                       int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  if (client->state != PRODUCING_OPEN) return state_error(client);
  rd_kafka_error_t *error = add_offsets(client, until_ns);
  if (error) return error;
  if (!client_travel(client, until_ns)) return timed_out();
  enum answer answer = broker_send_offsets(client->producer, client->epoch, offsets, metadata);
  if (answer != ANSWER_OK) return refusal(client, answer);
  return client_travel(client, until_ns) ? NULL : timed_out();
}

/* --- the end of one --- */

struct request {
  rd_kafka_t *client;
  int32_t producer, epoch;
  bool commit;
  uint64_t number, transaction;
  int64_t late_until_ns; /* 0: it is not late */
  enum answer answer;
};

static void take_answer(void *context, int64_t argument) {
  const struct request *request = context;
  rd_kafka_t *client = request->client;
  (void)argument;
  if (client->ending != ENDING_SENT || client->request != request->number) return;
  client->ending = ENDING_ANSWERED;
  client->answer = request->answer;
}

/* What is late comes at the worst of times: during the next transaction, whose process may well die of it. */
static bool waits_for_the_next(const struct request *request) {
  struct process *process = request->client->process;
  if (request->late_until_ns <= machine_now_ns()) return false;
  if (!broker_is_behind(request->producer, request->transaction)) return true;
  if (one_in(2)) process->doomed_steps = (int32_t)draw(60);
  return false;
}

static void arrive(void *context, int64_t argument) {
  struct request *request = context;
  (void)argument;
  if (waits_for_the_next(request)) {
    machine_after(draw_ns(50 * US, 1 * MS), arrive, request, 0);
    return;
  }
  request->answer = broker_end(request->producer, request->epoch, request->commit);
  machine_say("EndTxn(%s) of producer %d, epoch %d: answer %d", request->commit ? "commit" : "abort",
              (int)request->producer, (int)request->epoch, (int)request->answer);
  if (fault_takes(&faults.lost_answers)) return;
  machine_after(client_travel_ns(request->client), take_answer, request, 0);
}

static void send_end(rd_kafka_t *client, bool commit) {
  struct request *request = arena_zeroed(sizeof *request);
  int64_t delay_ns = client_travel_ns(client);
  *request = (struct request){.client = client,
                              .producer = client->producer,
                              .epoch = client->epoch,
                              .commit = commit,
                              .number = ++client->request,
                              .transaction = broker_last(client->producer)};
  if (fault_takes(&faults.late_ends)) {
    delay_ns += draw_ns(0, INT64_C(2) * REQUEST_MS * MS);
    request->late_until_ns = machine_now_ns() + REQUEST_MS * MS + faults.late_ns;
  }
  client->ending = ENDING_SENT;
  client->sent_ns = machine_now_ns();
  if (client->sent) client->sent(client, 0, "", 0, END_TXN, 1, 0, 0, client->sent_context);
  machine_after(delay_ns, arrive, request, 0);
}

static bool is_answered(const void *context) { return ((const rd_kafka_t *)context)->ending == ENDING_ANSWERED; }

static rd_kafka_error_t *end(rd_kafka_t *client, bool commit, int64_t until_ns) {
  while (client->entered) {
    if (client->ending == ENDING_NONE) send_end(client, commit);
    int64_t patience_ns = client->sent_ns + REQUEST_MS * MS;
    machine_wait(patience_ns < until_ns ? patience_ns : until_ns, is_answered, client);
    if (client->ending == ENDING_ANSWERED) {
      client->ending = ENDING_NONE;
      if (client->answer == ANSWER_OK) break;
      if (client->answer != ANSWER_BUSY) return refusal(client, ANSWER_FENCED);
      machine_sleep(BUSY_MS * MS);
    } else if (machine_now_ns() >= patience_ns) {
      client->ending = ENDING_NONE;
    } else {
      return timed_out();
    }
  }
  client->state = PRODUCING_READY;
  return NULL;
}

rd_kafka_error_t *rd_kafka_commit_transaction(rd_kafka_t *client, int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  bool flushed = flush(client, until_ns);
  if (client->state != PRODUCING_OPEN) return state_error(client);
  return flushed ? end(client, true, until_ns) : timed_out();
}

rd_kafka_error_t *rd_kafka_abort_transaction(rd_kafka_t *client, int wait_ms) {
  int64_t until_ns = machine_now_ns() + wait_ms * MS;
  rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE);
  bool flushed = flush(client, until_ns);
  if (client->state != PRODUCING_OPEN && client->state != PRODUCING_ABORTABLE) return state_error(client);
  return flushed ? end(client, false, until_ns) : timed_out();
}
