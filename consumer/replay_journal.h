/* replay_journal.h: a log from files is decided again as its journal says: in the order in which it was read, with clock marks
 * and versions at their places; and what comes out is compared with what each record of the journal says.
 *
 *   journal files ─→ of each partition its records (replay_task.h), all in memory
 *   input files   ─→ the partition's task
 *
 * A partition goes on as soon as the record is there that its journal wants next: so changes come in the order of the lines that let
 * them be known, and each partition's in the order in which they were published. One that does not fit its journal stops, the others go on.
 * May use: replay_task, catalog, envelope, source_file. */
#ifndef HANDOVER_CONSUMER_REPLAY_JOURNAL_H
#define HANDOVER_CONSUMER_REPLAY_JOURNAL_H

#include "lane.h"
#include "replay.h"

struct replay_journal;

/* Order, sink and summary outlive it. */
struct replay_journal *replay_journal_create(const struct replay_order *order, const struct sink *sink,
                                             struct summary *summary);
void replay_journal_destroy(struct replay_journal *journal);

/* Reads the journal's files, all of them, and replays what comes before any input. Returns the exit status: 0, or another
 * one where they are of no use; standard error says why. */
int replay_journal_read(struct replay_journal *journal);

/* Records of the inputs, up to LANE_BATCH. */
void replay_journal_apply(struct replay_journal *journal, const struct record *records, int32_t count);

/* Says what did not fit, and tells the summary what there was. `complete`: the inputs have been read to their ends, so what the
 * journal still wants is missing. False: something did not fit. */
bool replay_journal_end(struct replay_journal *journal, bool complete);

#endif
