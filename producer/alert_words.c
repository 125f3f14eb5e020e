/* alert_words.c: who, why, what is missing, act by when, where. The first line alone has to do on a telephone's lock screen. */
#include "alert_words.h"

static const char slack[] =
    "{{if /data/sla}}\n"
    ":alarm_clock: {{if /data/route/assignee}}*{{/data/route/assignee}}*: {{end}}\"{{/data/sla}}\" is overdue: "
    "*{{/data/lead}}* still waits in {{/data/stage}}\n"
    "{{else}}\n"
    "{{if /data/route/assignee}}*{{/data/route/assignee}}*: {{end}}*{{/data/lead}}* is {{/data/to}} now, was "
    "{{/data/from}}\n"
    "{{end}}\n"
    "*Act by* {{if /data/sla}}{{time /data/deadline}}, which is past{{else}}{{each /data/due}}{{time ./by}} "
    "({{./sla}}){{sep}}, {{else}}no deadline{{end}}{{end}}\n"
    "*Who* {{each 8 /data/attributes}}{{key}} {{.}}{{sep}} · {{else}}{{/data/lead}}{{end}}\n"
    "*For* {{/data/owner}}{{if /data/route}}, queue {{/data/route/queue}}{{end}}\n"
    "{{if /data/sla}}\n"
    "*Since* {{time /data/since}}\n"
    "{{else}}\n"
    "*Why* {{if /data/cause/move}}{{/data/cause/move}}: {{end}}{{if /data/cause/name}}{{/data/cause/name}}{{else}}time "
    "passed{{end}}{{if /data/reason}} ({{/data/reason}}){{end}}{{each 3 /data/contributions}}; {{./rule}} "
    "{{./points}}{{end}}\n"
    "{{if /data/criteria/missing}}\n"
    "*Missing* {{/data/criteria/missing}}\n"
    "{{end}}\n"
    "{{end}}\n"
    "{{if link}}\n"
    "<{{link}}|Open the lead>\n"
    "{{end}}\n";

static const char pagerduty[] =
    "{{/data/sla}} is overdue: {{/data/lead}} waits in {{/data/stage}} since {{time /data/since}}{{if "
    "/data/route/assignee}}, with {{/data/route/assignee}}{{else}}{{if /data/route/queue}}, in the queue "
    "{{/data/route/queue}}{{end}}{{end}}\n";

static const char standard_output[] =
    "{{/time}} {{if /data/sla}}{{/data/lead}} overdue in {{/data/stage}}: {{/data/sla}}{{else}}{{/data/lead}} "
    "{{/data/from}} -> {{/data/to}}{{end}}{{if /data/route/assignee}} for {{/data/route/assignee}}{{end}} ({{id}})\n";

static const char webhook[] = "{{event}}";

const char *alert_words_of(enum receiver_kind kind) {
  static const char *const all[RECEIVER_KINDS] = {slack, webhook, pagerduty, standard_output};
  return all[kind];
}
