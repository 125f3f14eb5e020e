/* receiver_table.c: what can be said of a receiver: the parser and docs/settings.md follow from it.
 *
 * `unit` of a text or a switch: the kinds of receivers that it is of use to; "": all. May use: setting_table.h. */
#include "setting_table.h"

#define AT(member) offsetof(struct receiver, member)
#define DAY_MS INT64_C(86400000)

const struct setting receiver_table[] = {
    {"name", SETTING_TEXT, AT(name), "", 1, RECEIVER_NAME, "",
     "What it is called in logs, metrics and ids: a-z, 0-9, `-` and `_`. Required."},
    {"kind", SETTING_CHOICE, AT(kind), "", 0, 0, receiver_kinds, "What is sent, and how. Required."},
    {"url_file", SETTING_TEXT, AT(url_file), "", 0, SETTINGS_TEXT, "slack webhook",
     "File that holds the address, for who knows Slack's can write there; others must not be able to read it."},
    {"url", SETTING_TEXT, AT(url), "", 0, SETTINGS_TEXT, "webhook pagerduty",
     "The address, where it is no secret; PagerDuty's is known."},
    {"secret_file", SETTING_TEXT, AT(secret_file), "", 0, SETTINGS_TEXT, "webhook pagerduty",
     "File that holds the secret to sign with (`whsec_…`), or PagerDuty's routing key."},
    {"old_secret_file", SETTING_TEXT, AT(old_secret_file), "", 0, SETTINGS_TEXT, "webhook",
     "File that holds the secret before it: both sign, until every receiver knows the new one."},
    {"filter", SETTING_FILTER, AT(filter), "", 0, RECEIVER_TESTS, "", "Which events it is told of; without it all."},
    {"template", SETTING_TEXT, AT(template_file), "", 0, SETTINGS_TEXT, "",
     "File of the words; `handover alert template` prints those that are built in."},
    {"link", SETTING_TEXT, AT(link), "", 0, SETTINGS_TEXT, "",
     "Where the lead is found, such as `https://crm.example.com/leads/{{/data/lead}}`."},
    {"retries", SETTING_SCHEDULE, AT(retries), "", 0, RECEIVER_RETRIES, "",
     "Waits before each further attempt; by default 5s 5m 30m 2h 5h 10h 14h 20h 24h."},
    {"timeout_ms", SETTING_NUMBER, AT(timeout_ms), "15000", 100, 60000, "ms", "How long an attempt may take."},
    {"pace_ms", SETTING_NUMBER, AT(pace_ms), "-1", -1, DAY_MS, "ms",
     "From one attempt to the next at the least, over all leads; -1: 1000 for Slack, else 0."},
    {"allow_http", SETTING_SWITCH, AT(allow_http), "false", 0, 0, "slack webhook pagerduty",
     "Whether the address may be http, which everybody on the way can read."},
    {"allow_private", SETTING_SWITCH, AT(allow_private), "false", 0, 0, "slack webhook pagerduty",
     "Whether it may be on this machine or in a private network."},
    {"ca_file", SETTING_TEXT, AT(ca_file), "", 0, SETTINGS_TEXT, "slack webhook pagerduty",
     "File of the certificates to trust, instead of the system's."},
};

const size_t receiver_table_rows = sizeof receiver_table / sizeof *receiver_table;

const struct filter_member filter_table[] = {
    {"type", "/type", "`lead.stage.changed` or `lead.sla.breached`", false},
    {"from", "/data/from", "the stage that it left", false},
    {"to", "/data/to", "the stage that it entered", false},
    {"stage", "/data/stage", "of a breach: the stage that it stands in", false},
    {"sla", "/data/sla", "of a breach: the SLA", false},
    {"owner", "/data/owner", "the team that owns the stage", false},
    {"queue", "/data/route/queue", "", false},
    {"assignee", "/data/route/assignee", "", false},
    {"attribute", "/data/attributes", "an object: attributes by name, such as `{\"region\": [\"emea\"]}`", true},
};

const size_t filter_table_rows = sizeof filter_table / sizeof *filter_table;
