/* letters_redrive.c: fence, marks, what is to be done, a question, the sending. See producer/redrive.h for why in this order. */
#include "letters_redrive.h"

#include <inttypes.h>
#include <stdio.h>

#include "../producer/json_write.h"
#include "../producer/redrive.h"
#include "client.h"
#include "connect.h"
#include "interrupt.h"
#include "letters_print.h"
#include "question.h"
#include "terminal.h"

enum { STATUS_OK = 0, STATUS_NO = 1, STATUS_USAGE = 2, STATUS_OUTSIDE = 3, WHY = 700, TOLD = 10 };

struct work {
  const struct letters_redrive_order *order;
  struct topic_reader *reader;
  struct letters *letters;
  struct redrive redrive;
  int32_t input_partitions[SETTINGS_INPUTS];
  struct letters_sums sums; /* of those that are to be sent */
  uint64_t wanted, before, refused, sent;
  uint64_t by_input[SETTINGS_INPUTS];
};

static bool say(const char *what, const char *why) {
  fprintf(stderr, "handover letters: %.300s: %s\n", what, why);
  return false;
}

/* --- which --- */

/* -1: none of the inputs, or not one of its partitions: who may write dead letters must not choose where we write. */
static int32_t input_of(const struct work *work, const struct letter *letter) {
  const struct settings_list *inputs = &work->order->settings->inputs;
  for (int32_t i = 0; i < inputs->count; i++) {
    if (!slice_equal(letter->record.topic, slice_of(inputs->at[i]))) continue;
    return letter->record.partition < work->input_partitions[i] ? i : -1;
  }
  return -1;
}

static void refuse(struct work *work, const struct letter *letter) {
  struct buffer safe = {0};
  struct terminal terminal = {.buffer = &safe};
  if (++work->refused > TOLD) return;
  terminal_text(&terminal, letter->record.topic, 80);
  fprintf(stderr, "handover letters: %" PRId32 ":%" PRId64 ": %.*s/%" PRId32 " is no partition of an input\n",
          letter->partition, letter->offset, (int)safe.length, safe.at, letter->record.partition);
  buffer_fini(&safe);
}

static bool is_full(const struct work *work, uint64_t count) {
  return work->order->most > 0 && count >= work->order->most;
}

static void show(const struct work *work, const struct letter *letter) {
  struct buffer out = {0};
  if (!work->order->dry || work->order->json) return;
  letters_print_row(&out, letter, false, terminal_colour(1));
  fwrite(out.at, 1, out.length, stdout);
  buffer_fini(&out);
}

static bool count_letter(void *context, const struct letter *letter, const rd_kafka_message_t *message) {
  struct work *work = context;
  (void)message;
  int32_t input = input_of(work, letter);
  if (letters_is_redriven(work->letters, letter->partition, letter->offset)) {
    work->before++;
  } else if (input < 0) {
    refuse(work, letter);
  } else {
    work->wanted++;
    work->by_input[input]++;
    letters_sums_add(&work->sums, letter, false);
    show(work, letter);
  }
  return !is_full(work, work->wanted);
}

static bool find_inputs(struct work *work) {
  const struct settings_list *inputs = &work->order->settings->inputs;
  char why[TOPIC_READER_WHY];
  for (int32_t i = 0; i < inputs->count; i++) {
    work->input_partitions[i] = topic_reader_partitions(work->reader, inputs->at[i], why, sizeof why);
    if (work->input_partitions[i] < 0) return say(work->order->settings->bootstrap, why);
  }
  return true;
}

static bool count_all(struct work *work) {
  const struct letters_asked *asked = work->order->asked;
  bool good = find_inputs(work);
  if (!good) return false;
  enum letters_outcome outcome = letters_read_marks(work->letters, asked, !work->order->dry);
  if (outcome == LETTERS_DONE) outcome = letters_each(work->letters, asked, count_letter, work);
  return outcome != LETTERS_FAILED || say(work->order->settings->bootstrap, letters_why(work->letters));
}

/* --- does somebody want it --- */

static bool is_wanted(const struct work *work) {
  const struct settings_list *inputs = &work->order->settings->inputs;
  struct buffer question = {0};
  if (work->order->yes) return true;
  letters_sums_print(&question, &work->sums);
  buffer_printf(&question, "\nSend %" PRIu64 " of them again, to", work->wanted);
  const char *between = " ";
  for (int32_t i = 0; i < inputs->count; i++) {
    if (work->by_input[i] == 0) continue;
    buffer_printf(&question, "%s%s", between, inputs->at[i]);
    between = " and ";
  }
  buffer_append(&question, "? yes or no: ", sizeof "? yes or no: ");
  enum answer_given answer = question_ask(question.at);
  buffer_fini(&question);
  if (answer == ANSWER_NOBODY) return say("redrive", "there is nobody to ask: --yes says yes");
  return answer == ANSWER_YES || say("redrive", "nothing was sent");
}

/* --- sending --- */

static bool send_letter(void *context, const struct letter *letter, const rd_kafka_message_t *message) {
  struct work *work = context;
  int32_t input = input_of(work, letter);
  if (letters_is_redriven(work->letters, letter->partition, letter->offset) || input < 0) return true;
  work->sent++;
  return redrive_send(&work->redrive, letter, work->order->settings->inputs.at[input],
                      letter_headers(message, letter)) &&
         !is_full(work, work->sent);
}

/* Whole pairs that were sent before a signal came are committed, too. */
static int send_all(struct work *work) {
  enum letters_outcome outcome = letters_each(work->letters, work->order->asked, send_letter, work);
  if (!*work->redrive.why) redrive_commit(&work->redrive);
  const char *why = *work->redrive.why ? work->redrive.why : letters_why(work->letters);
  if (!*work->redrive.why && outcome != LETTERS_FAILED) return work->refused > 0 ? STATUS_NO : STATUS_OK;
  say(interrupt_seen() ? "redrive" : work->order->settings->bootstrap, why);
  fprintf(stderr, "what is left can be redriven by the same call; nothing is sent twice\n");
  return STATUS_OUTSIDE;
}

/* --- the result --- */

static void print(const struct work *work) {
  uint64_t done = work->redrive.committed;
  struct buffer out = {0};
  if (work->order->json) {
    json_open(&out, NULL, "{");
    json_write_flag(&out, "dry_run", work->order->dry);
    json_write_count(&out, "wanted", work->wanted);
    json_write_count(&out, "redriven", done);
    json_write_count(&out, "redriven_before", work->before);
    json_write_count(&out, "refused", work->refused);
    json_close(&out, "}\n");
  } else if (work->order->dry) {
    buffer_printf(&out, "%" PRIu64 " would be redriven", work->wanted);
  } else {
    buffer_printf(&out, "%" PRIu64 " redriven", done);
  }
  if (!work->order->json) {
    if (work->before > 0) buffer_printf(&out, ", %" PRIu64 " had been before", work->before);
    if (work->refused > 0) buffer_printf(&out, ", %" PRIu64 " refused", work->refused);
    buffer_append_text(&out, "\n");
  }
  fwrite(out.at, 1, out.length, stdout);
  fflush(stdout); /* what goes wrong with it the caller sees */
  buffer_fini(&out);
}

static int redrive(struct work *work) {
  if (!work->order->dry && !redrive_fence(&work->redrive)) {
    say(work->order->settings->bootstrap, work->redrive.why);
    return STATUS_OUTSIDE;
  }
  if (!count_all(work)) return STATUS_OUTSIDE;
  int status = work->refused > 0 ? STATUS_NO : STATUS_OK;
  if (!work->order->dry && work->wanted > 0) {
    if (!is_wanted(work)) return STATUS_NO;
    status = send_all(work);
  }
  print(work);
  return status;
}

static bool connect_producer(struct work *work, int *status) {
  char why[WHY];
  rd_kafka_conf_t *conf = client_conf(work->order->settings, RD_KAFKA_PRODUCER, why, sizeof why);
  *status = STATUS_USAGE;
  if (!conf) return say("settings", why);
  redrive_configure(&work->redrive, conf);
  work->redrive.producer = connect_client("letters", work->order->settings, conf, status);
  return work->redrive.producer != NULL;
}

int letters_redrive(const struct letters_redrive_order *order, struct topic_reader *reader) {
  struct work work = {.order = order, .reader = reader, .redrive = {.settings = order->settings}};
  int status = STATUS_OUTSIDE;
  if (!order->dry && !connect_producer(&work, &status)) return status;
  work.letters = letters_create(reader, order->settings);
  status = redrive(&work);
  letters_destroy(work.letters);
  if (work.redrive.producer) rd_kafka_destroy(work.redrive.producer);
  return status;
}
