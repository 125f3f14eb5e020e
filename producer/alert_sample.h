/* alert_sample.h: made-up events, for `handover alert test`. */
#ifndef HANDOVER_PRODUCER_ALERT_SAMPLE_H
#define HANDOVER_PRODUCER_ALERT_SAMPLE_H

extern const char alert_sample_change[], alert_sample_breach[];

#endif
