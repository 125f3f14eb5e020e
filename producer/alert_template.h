/* alert_template.h: the words of an alert: a text with gaps that people edit.
 *
 *   {{/data/lead}}        what stands there in the event; nothing where there is nothing; a list's entries with commas between them
 *   {{json /data/due}}    the same as JSON; null where there is nothing
 *   {{time /data/since}}  a time for people; in Slack by the reader's own clock
 *   {{id}} {{receiver}} {{link}} {{event}}    of the delivery; the event is the published bytes
 *   {{if /data/route}} … {{else}} … {{end}}   where something is there that is not null, false, "" or empty; `else` can be left
 *                         out. {{if link}}: one is given
 *   {{each /data/due}} … {{sep}}, {{else}} … {{end}}   for each entry of a list, or member of an object; {{each 3 /…}}: three at the most.
 *                         In it {{.}} is the entry, {{./sla}} within it, {{key}} a member's name; what follows {{sep}} stands between
 *                         entries, what follows {{else}} where there are none
 *
 * A tag of if, each, else, sep or end that stands alone in its line takes the line with it. Values are escaped as the place wants it; the
 * template's own text is not. May use: alert_event.h. */
#ifndef HANDOVER_PRODUCER_ALERT_TEMPLATE_H
#define HANDOVER_PRODUCER_ALERT_TEMPLATE_H

#include "alert_event.h"
#include "encode.h"

enum { ALERT_TEMPLATE_BYTES = 65536, ALERT_RENDERED_BYTES = 1 << 20 };

enum alert_escape {
  ALERT_PLAIN, /* control characters become spaces */
  ALERT_SLACK, /* the same; & < > as entities */
  ALERT_JSON,  /* within a JSON string */
  ALERT_URL,   /* within an address */
};

struct alert_words {
  const cJSON *event;
  struct slice bytes; /* of the event, as published */
  const char *id, *receiver;
  const char *link; /* a template, "" for none */
  enum alert_escape escape;
};

/* False with a sentence in `why`, which names the line. */
bool alert_template_check(const char *text, char *why, size_t room);
/* A template that is known to be good. It ends before what would make it longer than ALERT_RENDERED_BYTES, or after 100,000 tags: lists in lists. */
void alert_template_render(struct buffer *out, const char *text, const struct alert_words *words);
/* A value as its place wants it. */
void alert_template_escape(struct buffer *out, enum alert_escape escape, struct slice text);

#endif
