/* setting_table.c: the table, and what is written from it. A new setting is a row here and a member of struct settings.
 * May use: settings.h, kafka_table.h, encode.h (buffer). */
#include "setting_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kafka_table.h"

#define AT(member) offsetof(struct settings, member)
#define DAY_MS INT64_C(86400000)

const char *const setting_type_names[SETTING_TYPES] = {"text",      "topic",     "number", "true or false",
                                                       "word",      "texts",     "topics", "properties",
                                                       "receivers", "durations", "filter"};

const struct setting setting_table[] = {
    {"bootstrap", SETTING_TEXT, AT(bootstrap), "", 1, SETTINGS_TEXT, "",
     "Kafka's addresses, `host:port`, with commas between them. Required."},
    {"definitions", SETTING_TEXTS, AT(definitions), "", 0, SETTINGS_LIST, "",
     "Files of definitions; of a folder all `.json` but `.test.json`. SIGHUP reads them again."},
    {"definition_name", SETTING_TEXT, AT(definition_name), "", 0, LIMIT_TEXT, "",
     "Which definition of `definitions_topic` to follow. If empty: the one that the files hold, or the only one "
     "there."},
    {"trust", SETTING_TEXTS, AT(trust), "", 0, SETTINGS_LIST, "",
     "Files of the public keys whose signatures make a definition agreed."},
    {"draft", SETTING_SWITCH, AT(draft), "false", 0, 0, "", "Whether definitions that are not agreed may run."},
    {"inputs", SETTING_TOPICS, AT(inputs), "engagement", 1, SETTINGS_INPUTS, "",
     "Topics of events; all have the same number of partitions."},
    {"stage_changes", SETTING_TOPIC, AT(stage_changes), "stage-changes", 1, 249, "", "Topic for what is published."},
    {"dead_letters", SETTING_TOPIC, AT(dead_letters), "handover-dead-letters", 1, 249, "",
     "Topic for records that are no events."},
    {"state", SETTING_TOPIC, AT(state), "handover-state", 1, 249, "", "Topic for snapshots."},
    {"journal", SETTING_TOPIC, AT(journal), "handover-journal", 1, 249, "", "Topic for what the inputs do not say."},
    {"journal_inputs", SETTING_CHOICE, AT(journal_inputs), "xxh3", 0, 0, "xxh3 or sha256",
     "The journal's fingerprint of what was read: `xxh3` finds what happened by accident, `sha256` forgeries too, at "
     "more cost."},
    {"definitions_topic", SETTING_TOPIC, AT(definitions_topic), "handover-definitions", 1, 249, "",
     "Topic for definitions that are published."},
    {"undelivered", SETTING_TOPIC, AT(undelivered), "handover-undelivered", 1, 249, "",
     "Topic for what `handover alert` could not deliver; it is needed where there are `alerts`."},
    {"group", SETTING_TEXT, AT(group), "handover", 1, 200, "",
     "Consumer group; instances of one group share the partitions."},
    {"instance", SETTING_TEXT, AT(instance), "", 0, 200, "",
     "What tells this instance from the others of its group; it must stay the same over a restart. If empty: the "
     "host's name."},
    {"state_dir", SETTING_TEXT, AT(state_dir), "/var/lib/handover", 1, SETTINGS_TEXT, "",
     "Folder for local snapshots."},
    {"threads", SETTING_NUMBER, AT(threads), "1", 1, SETTINGS_THREADS, "",
     "Workers; more than there are partitions help nothing."},
    {"commit_interval_ms", SETTING_NUMBER, AT(commit_interval_ms), "500", 1, 5000, "ms",
     "How long a transaction gathers at most. What readers wait for is committed within milliseconds, unless the log "
     "is "
     "being caught up with."},
    {"snapshot_records", SETTING_NUMBER, AT(snapshot_records), "2000000", 1000, INT64_C(1000000000000), "records",
     "A task is saved after so many records, or after snapshot_interval_ms, whichever is first."},
    {"snapshot_interval_ms", SETTING_NUMBER, AT(snapshot_interval_ms), "600000", 1000, DAY_MS, "ms",
     "A task is saved after so long, or after snapshot_records; inputs must be kept longer."},
    {"clock_grace_ms", SETTING_NUMBER, AT(clock_grace_ms), "10000", 0, DAY_MS, "ms",
     "How far behind the wall clock, beyond the definition's lateness, time passes where nothing is read."},
    {"event_bytes_max", SETTING_NUMBER, AT(event_bytes_max), "1048576", 64, 64 << 20, "bytes",
     "Larger records go to the dead letters as `too_large`."},
    {"buffers_mb", SETTING_NUMBER, AT(buffers_mb), "512", 32, 1 << 20, "MiB",
     "Memory for records on their way, in and out, of all workers together; leads come on top. Where it is used up, "
     "reading waits."},
    {"http", SETTING_TEXT, AT(http), "127.0.0.1:9464", 0, 255, "",
     "Address of the metrics and probes; empty for none."},
    {"http_public", SETTING_SWITCH, AT(http_public), "false", 0, 0, "",
     "Whether `http` may be an address that other machines reach."},
    {"sasl.password_file", SETTING_TEXT, AT(sasl_password_file), "", 0, SETTINGS_TEXT, "",
     "File that holds the SASL password; others must not be able to read it."},
    {"ssl.key.password_file", SETTING_TEXT, AT(ssl_key_password_file), "", 0, SETTINGS_TEXT, "",
     "File that holds the password of `ssl.key.location`; others must not be able to read it."},
    {"insecure", SETTING_SWITCH, AT(insecure), "false", 0, 0, "",
     "Whether a password may cross the network in the clear (SASL PLAIN without TLS), and TLS be weaker than OpenSSL "
     "has it."},
    {"kafka", SETTING_KAFKA, AT(kafka), "", 0, SETTINGS_KAFKA, "",
     "Properties of librdkafka, those that docs/settings.md lists; also as `-X property=value`."},
    {"alerts", SETTING_RECEIVERS, AT(receivers), "", 0, RECEIVERS_MOST, "",
     "Whom `handover alert` tells of what is published; see below. In the file alone."},
    {"alert_group", SETTING_TEXT, AT(alert_group), "handover-alert", 1, 200, "", "Consumer group of `handover alert`."},
    {"alert_state", SETTING_TEXT, AT(alert_state), "/var/lib/handover/alert.sqlite", 1, SETTINGS_TEXT, "",
     "File in which `handover alert` keeps what is still to be delivered."},
    {"alert_start", SETTING_CHOICE, AT(alert_start), "end", 0, 0, "end or beginning",
     "Where `handover alert` begins to read when it runs for the first time."},
    {"alert_pending", SETTING_NUMBER, AT(alert_pending), "100000", 1, INT64_C(100000000), "deliveries",
     "With so many that wait to be delivered `handover alert` reads on only when there are fewer."},
    {"alert_http", SETTING_TEXT, AT(alert_http), "127.0.0.1:9465", 0, 255, "",
     "Address of the metrics and probes of `handover alert`; empty for none."},
};

const size_t setting_table_rows = sizeof setting_table / sizeof *setting_table;
_Static_assert(sizeof setting_table / sizeof *setting_table <= SETTING_ROWS_MAX, "raise SETTING_ROWS_MAX");

const struct setting *setting_find(const char *name) {
  for (size_t i = 0; i < setting_table_rows; i++) {
    if (strcmp(setting_table[i].name, name) == 0) return &setting_table[i];
  }
  return NULL;
}

/* "1 to 64 ms", or "". */
static void range_format(char *text, size_t room, const struct setting *setting) {
  static const char *const units[SETTING_TYPES] = {[SETTING_TEXT] = "bytes",
                                                   [SETTING_TEXTS] = "entries",
                                                   [SETTING_TOPICS] = "entries",
                                                   [SETTING_RECEIVERS] = "entries"};
  snprintf(text, room, "%s", setting->type == SETTING_CHOICE ? setting->unit : "");
  if (setting->max == 0 || setting->type == SETTING_KAFKA || setting->type == SETTING_TOPIC) return;
  const char *unit = setting->type == SETTING_NUMBER ? setting->unit : units[setting->type];
  snprintf(text, room, "%" PRId64 " to %" PRId64 "%s%s", setting->min, setting->max, *unit ? " " : "", unit);
}

static void document_setting(struct buffer *buffer, const struct setting *setting) {
  char range[96];
  range_format(range, sizeof range, setting);
  buffer_printf(buffer, "| `%s` | %s | ", setting->name, setting_type_names[setting->type]);
  if (*setting->initial) buffer_printf(buffer, "`%s`", setting->initial);
  buffer_printf(buffer, " | %s | %s |\n", range, setting->help);
}

static void document_receivers(struct buffer *buffer) {
  buffer_append_text(
      buffer,
      "\n## Receivers\n\n"
      "`alerts` is a list of objects, one a receiver, with these members. [alerts.md](alerts.md) shows each kind.\n\n"
      "| member | type | default | range, or the kinds that it is for | what |\n|---|---|---|---|---|\n");
  for (size_t i = 0; i < receiver_table_rows; i++) {
    const struct setting *row = &receiver_table[i];
    if (row->type == SETTING_NUMBER || row->type == SETTING_CHOICE) {
      document_setting(buffer, row);
      continue;
    }
    buffer_printf(buffer, "| `%s` | %s | ", row->name, setting_type_names[row->type]);
    if (*row->initial) buffer_printf(buffer, "`%s`", row->initial);
    buffer_printf(buffer, " | %s | %s |\n", row->unit, row->help);
  }
  buffer_append_text(
      buffer,
      "\n`filter` is an object. An event passes where every member holds; a member holds where the event "
      "has one of its\nvalues there: a text, or a list of texts.\n\n"
      "| member | looks at | which is |\n|---|---|---|\n");
  for (size_t i = 0; i < filter_table_rows; i++) {
    const struct filter_member *member = &filter_table[i];
    buffer_printf(buffer, "| `%s` | `%s` | %s |\n", member->name, member->pointer, member->help);
  }
}

static void document_kafka(struct buffer *buffer) {
  static const char *const scopes[] = {"reading and publishing", "reading", "publishing"};
  buffer_append_text(
      buffer,
      "\n## Kafka's own properties\n\n"
      "These of librdkafka may be set, in `kafka` or by `-X`. librdkafka's CONFIGURATION.md says what they mean.\n\n"
      "| property | used for |\n|---|---|\n");
  for (size_t i = 0; i < kafka_property_count; i++) {
    buffer_printf(buffer, "| `%s` | %s |\n", kafka_properties[i].name, scopes[kafka_properties[i].scope]);
  }
  buffer_append_text(
      buffer,
      "\nAll others are refused. Of these people ask why (a name that ends in a dot stands for all that begin so):\n\n"
      "| property | why not |\n|---|---|\n");
  for (size_t i = 0; i < kafka_refusal_count; i++) {
    buffer_printf(buffer, "| `%s` | %s |\n", kafka_refusals[i].name, kafka_refusals[i].why);
  }
}

void setting_table_document(struct buffer *buffer) {
  buffer_append_text(
      buffer,
      "# Settings\n\n"
      "What an installation says about itself: one JSON file, with comments if you like, `--settings FILE`. On the "
      "command line\n"
      "`--set name=value` comes after the file and wins; lists have commas between their entries. A name that is\n"
      "not known is an error. This page is made from the tables in config/setting_table.c and config/kafka_table.c.\n\n"
      "    {\n"
      "      \"bootstrap\": \"kafka-1:9093,kafka-2:9093\",\n"
      "      \"inputs\": [\"engagement\", \"crm\"],\n"
      "      \"definitions\": [\"/etc/handover/sample.json\"],\n"
      "      \"sasl.password_file\": \"/run/credentials/handover.service/password\",\n"
      "      \"kafka\": { \"security.protocol\": \"sasl_ssl\", \"sasl.mechanism\": \"SCRAM-SHA-512\", "
      "\"sasl.username\": \"handover\" }\n"
      "    }\n\n"
      "| setting | type | default | range | what |\n|---|---|---|---|---|\n");
  for (size_t i = 0; i < setting_table_rows; i++) document_setting(buffer, &setting_table[i]);
  buffer_append_text(buffer,
                     "\n## Secrets\n\n"
                     "No secret stands in the settings, on the command line or in the environment, but in files. The "
                     "first line counts.\n"
                     "Others must not be able to read the file, nor its group; where the file belongs to another user "
                     "(a cluster or a\n"
                     "service manager hands it out) the group may read it.\n");
  document_receivers(buffer);
  document_kafka(buffer);
}

void setting_table_help(struct buffer *buffer) {
  buffer_append_text(buffer, "Settings, in FILE or as --set name=value:\n");
  for (size_t i = 0; i < setting_table_rows; i++) {
    const struct setting *setting = &setting_table[i];
    buffer_printf(buffer, "  %s", setting->name);
    if (*setting->initial) buffer_printf(buffer, " = %s", setting->initial);
    if (*setting->unit) buffer_printf(buffer, setting->type == SETTING_CHOICE ? " (%s)" : " %s", setting->unit);
    buffer_printf(buffer, "\n      %s\n", setting->help);
  }
}
