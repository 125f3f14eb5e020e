/* metric_table.c: the table. A new metric is a row here (and where it is a plain number a name in enum metric), nothing else.
 * May use: metrics.h, process.h. */
#include "metric_table.h"

#include "../producer/alert_metrics.h"
#include "metrics.h"
#include "process.h"

#define NUMBER(name, type, index, help) \
  { name, type, "", SOURCE_NUMBER, index, help }
#define ALERT(name, type, index, help) \
  { name, type, "receiver", SOURCE_ALERT, index, help }
#define PROCESS(name, type, index, help) \
  { name, type, "", SOURCE_PROCESS, index, help }

const struct metric_row metric_table[] = {
    {"handover_build_info", "gauge", "version, librdkafka", SOURCE_BUILD, 0, "Always 1; the labels say what runs."},
    {"handover_definition_info", "gauge", "name, version, sha256, agreed", SOURCE_DEFINITIONS, 0,
     "Always 1; a definition that this process knows."},
    NUMBER("handover_definitions_refused_total", "counter", METRIC_DEFINITIONS_REFUSED,
           "Definitions that were published or read again, and could not be taken."),
    NUMBER("handover_events_consumed_total", "counter", METRIC_EVENTS_CONSUMED,
           "Records read from the inputs, good or not."),
    NUMBER("handover_event_bytes_total", "counter", METRIC_EVENT_BYTES, "Bytes of the payloads of the records read."),
    {"handover_events_rejected_total", "counter", "reason", SOURCE_REJECTS, 0,
     "Records that were no events and went to the dead letters."},
    NUMBER("handover_events_duplicate_total", "counter", METRIC_EVENTS_DUPLICATE,
           "Events that had been seen before, by their id, and changed nothing."),
    NUMBER("handover_attributes_ignored_total", "counter", METRIC_ATTRIBUTES_IGNORED,
           "Values of a wrong type that no attribute took."),
    {"handover_transitions_total", "counter", "from, to, kind", SOURCE_TRANSITIONS, 0,
     "Stage changes published, by stages and by what caused them."},
    {"handover_sla_breaches_total", "counter", "stage, sla", SOURCE_BREACHES, 0,
     "Breached deadlines published, by the stage that the lead is in and the SLA."},
    NUMBER("handover_timers_total", "counter", METRIC_TIMERS, "Timers that fired as time passed."),
    NUMBER("handover_clock_marks_total", "counter", METRIC_CLOCK_MARKS,
           "Times the wall clock let time pass on a quiet partition."),
    {"handover_leads", "gauge", "stage", SOURCE_STAGES, 0,
     "Leads that stand in a stage now, over the tasks of this process."},
    NUMBER("handover_state_leads", "gauge", METRIC_LEADS, "Leads kept in memory."),
    NUMBER("handover_state_bytes", "gauge", METRIC_STATE_BYTES, "Memory that the leads take."),
    NUMBER("handover_tasks", "gauge", METRIC_TASKS, "Tasks (partitions) that this process owns."),
    NUMBER("handover_tasks_restoring", "gauge", METRIC_TASKS_RESTORING,
           "Tasks that replay the log and do not publish yet."),
    {"handover_input_lag_records", "gauge", "topic, partition", SOURCE_LAG, 0,
     "Records between the last commit and the end of the log that readers of committed records see."},
    {"handover_last_event_timestamp_seconds", "gauge", "topic, partition", SOURCE_EVENT_TIME, 0,
     "Latest event time of the task that reads the partition, as Unix time."},
    {"handover_state_restore_remaining_records", "gauge", "topic, partition", SOURCE_RESTORE, 0,
     "Records that a restore has still to replay; 0 once the task runs."},
    {"handover_transactions_total", "counter", "result", SOURCE_RESULTS, 0, "Kafka transactions, by how they ended."},
    {"handover_transaction_duration_seconds", "histogram", "", SOURCE_DURATION, 0,
     "From the first record of a transaction to the end of its commit or abort."},
    NUMBER("handover_producers_recreated_total", "counter", METRIC_PRODUCERS_RECREATED,
           "Producers made anew after a fatal error or an uncertain commit."),
    NUMBER("handover_rebalances_total", "counter", METRIC_REBALANCES,
           "Times that partitions were assigned, revoked or lost."),
    NUMBER("handover_kafka_errors_total", "counter", METRIC_KAFKA_ERRORS, "Errors that librdkafka reported."),
    NUMBER("handover_snapshots_total", "counter", METRIC_SNAPSHOTS, "Snapshots written whole."),
    NUMBER("handover_snapshot_failures_total", "counter", METRIC_SNAPSHOT_FAILURES,
           "Snapshots that could not be written."),
    ALERT("handover_alert_delivered_total", "counter", ALERT_METRIC_DELIVERED, "Alerts that a receiver has taken."),
    ALERT("handover_alert_failed_attempts_total", "counter", ALERT_METRIC_FAILED,
          "Attempts that failed; most are tried again."),
    ALERT("handover_alert_undelivered_total", "counter", ALERT_METRIC_UNDELIVERED,
          "Alerts that were given up, and went to the topic of what is undelivered."),
    ALERT("handover_alert_pending", "gauge", ALERT_METRIC_PENDING, "Alerts that wait to be delivered."),
    ALERT("handover_alert_disabled", "gauge", ALERT_METRIC_DISABLED,
          "1 where the receiver answered 410 and is told of nothing more."),
    {"handover_alert_cut_records_total", "counter", "", SOURCE_ALERT_CUT, 0,
     "Records of published events that retention had cut before they were read: nobody was told of them."},
    PROCESS("process_cpu_seconds_total", "counter", PROCESS_CPU_MS, "User and system CPU time."),
    PROCESS("process_resident_memory_bytes", "gauge", PROCESS_RESIDENT_BYTES, "Resident memory."),
    PROCESS("process_virtual_memory_bytes", "gauge", PROCESS_VIRTUAL_BYTES, "Virtual memory."),
    PROCESS("process_threads", "gauge", PROCESS_THREADS, "Threads of the process."),
    PROCESS("process_open_fds", "gauge", PROCESS_OPEN_FDS, "Open file descriptors."),
    PROCESS("process_max_fds", "gauge", PROCESS_MAX_FDS, "Most file descriptors that may be open."),
    PROCESS("process_start_time_seconds", "gauge", PROCESS_START_MS, "When the process started, as Unix time."),
};

const size_t metric_table_rows = sizeof metric_table / sizeof *metric_table;

void metric_table_document(struct buffer *buffer) {
  buffer_append_text(
      buffer,
      "# Metrics\n\n"
      "`handover run` serves these at `/metrics` on the address of the setting `http`, in Prometheus' text\n"
      "format 0.0.4. No label ever holds a lead. Those named `handover_alert_…` are served by `handover alert`, on "
      "the\n"
      "address of `alert_http`, with `handover_build_info` and `process_…`. This page is made from the table in "
      "consumer/metric_table.c.\n\n"
      "| metric | type | labels | what |\n|---|---|---|---|\n");
  for (size_t i = 0; i < metric_table_rows; i++) {
    const struct metric_row *row = &metric_table[i];
    buffer_printf(buffer, "| `%s` | %s | %s | %s |\n", row->name, row->type, row->labels, row->help);
  }
  buffer_append_text(
      buffer,
      "\n## Lag\n\n"
      "`handover_input_lag_records` is the last stable offset of the partition less the position of the last commit.\n"
      "Tools that read the group's offsets from the broker see the same. librdkafka's own `consumer_lag` does not "
      "know\n"
      "offsets that go through transactions. Readers of `stage-changes` may show a lag of 1 for ever: the last record\n"
      "there is the transaction's end, which no reader sees.\n\n"
      "## Probes\n\n"
      "| path | answers |\n|---|---|\n"
      "| `/livez` | 200 while the process makes progress, else 503 |\n"
      "| `/readyz` | 200 once every task has been restored, else 503; `?verbose` says what is missing |\n"
      "| `/healthz` | the same as `/livez`, for older set-ups |\n"
      "| `/version` | the version, as JSON |\n");
}
