/* audit_report.h: what an audit found, for people and for programs. May use: audit, encode. */
#ifndef HANDOVER_CONSUMER_AUDIT_REPORT_H
#define HANDOVER_CONSUMER_AUDIT_REPORT_H

#include "../producer/buffer.h"
#include "audit.h"

bool audit_proven(const struct audit *audit);
void audit_report_text(struct buffer *out, const struct audit *audit);
void audit_report_json(struct buffer *out, const struct audit *audit);

#endif
