#!/usr/bin/env python3
"""bugs.py: bugs that are planted one at a time into copies of the sources, and that the simulation has to find.

bugs.py --list            the names
bugs.py --make NAME OUT   the copy of the source with this bug in it
bugs.py --run FOLDER      runs FOLDER/simulation_bug_NAME for each of them until a seed fails"""

import pathlib
import subprocess
import sys
import time

SEEDS = 5000  # a bug that is not found within so many is not found
# One that is found once in tens of thousands of seeds is searched for from here on. Where plans or steps change: to be found anew.
FIRST = {"hasty_refusal": 54000}

ROOT = pathlib.Path(__file__).resolve().parents[2]

# name, what is wrong, source, before, after
BUGS = [
    ("late_end", "a second EndTxn is not counted, and the producer goes on (KAFKA-17754)", "producer/sink_producer.c",
     "if (api_key == END_TXN) atomic_fetch_add(&sink->end_txn, 1);", "if (api_key == END_TXN) atomic_store(&sink->end_txn, 1);"),
    ("drop_an_undo", "of an undone commit, tasks that have published since are not restored", "consumer/transaction.c",
     "if (p && (p->committing || p->awaited)) t->handlers", "if (p && p->committing) t->handlers"),
    ("kept_is_sent", "what was kept while a commit was undone is sent", "producer/sink_kafka.c",
     "if (sink->outcome != SINK_COMMITTED) kept_clear(&sink->kept);", ""),
    ("no_member", "who is no member of the group any more commits", "consumer/membership.c",
     "if (is_member(m)) return metadata;", "return metadata;"),
    ("stale_generation", "the group's metadata of the first commit is used again", "consumer/membership.c",
     "  rd_kafka_consumer_group_metadata_t *metadata = rd_kafka_consumer_group_metadata(m->client);\n",
     "  if (!m->errors) m->errors = (uint64_t)(uintptr_t)rd_kafka_consumer_group_metadata(m->client);\n"
     "  rd_kafka_consumer_group_metadata_t *metadata = (void *)(uintptr_t)m->errors;\n"),
    ("lost_is_kept", "a task that was lost stays in the open transaction", "consumer/worker.c",
     "\n  transaction_undo(w->transaction);", ""),
    ("revoked_uncommitted", "a task is given up with work that is not committed", "consumer/worker.c",
     "\n  transaction_commit(w->transaction);", ""),
    ("skip_a_mark", "a clock mark is not written into the journal", "consumer/partition.c",
     "  journal_clock(&p->journal, mark_ms);\n", ""),
    ("mark_not_replayed", "a restore leaves clock marks out", "consumer/restore.c",
     "case JOURNAL_CLOCK: partition_mark(r->partition, entry->mark_ms); break;", "case JOURNAL_CLOCK: break;"),
    ("stable_end", "the log's end is taken from a client that reads committed", "consumer/source_kafka.c",
     "source->probe = open_client(source, false, why, room);", "source->probe = open_client(source, true, why, room);"),
    ("any_end", "the first end that is told counts as the journal's end", "consumer/restore.c",
     "r->journal_done = message->offset >= r->journal_end;", "r->journal_done = true;"),
    ("hasty_refusal", "a restore does not ask again where group and journal do not agree", "consumer/restore.c",
     "if (memcmp(before, r->committed, sizeof before) != 0) {", "if (false) {"),
    ("open_snapshot", "a snapshot is taken of what is not committed", "consumer/worker.c",
     "keep_step(w->keeper) || !transaction_idle(w->transaction)) return;\n"
     "  for (int32_t i = 0; i < w->shared->partitions; i++) {\n"
     "    int32_t number = (w->keep_next + i) % w->shared->partitions;\n"
     "    if (!w->partitions[number] || !keep_due(",
     "keep_step(w->keeper)) return;\n"
     "  for (int32_t i = 0; i < w->shared->partitions; i++) {\n"
     "    int32_t number = (w->keep_next + i) % w->shared->partitions;\n"
     "    if (!w->partitions[number] || !keep_wanted("),
    ("unwritten_version", "a version that becomes known is not written into the journal", "consumer/partition.c",
     "    journal_definition(&p->journal, definition->version, definition->digest, definition->agreed);\n", ""),
    ("passed_not_kept", "a snapshot has the latest event's time for what has passed", "consumer/engine/save.c",
     "put_i(put_i(at, task->stream_ms), task->passed_ms)", "put_i(put_i(at, task->stream_ms), task->stream_ms)"),
    ("late_breach", "an SLA that was over before a version took over has no moment", "consumer/engine/deadline.c",
     "least = earlier(least, moment < floor_ms ? floor_ms : moment);", "if (moment >= floor_ms) least = earlier(least, moment);"),
]


def make(name, target):
    _, _, source, before, after = next(bug for bug in BUGS if bug[0] == name)
    text = (ROOT / source).read_text()
    if text.count(before) != 1:
        sys.exit(f"bugs.py: {name}: {source} does not have this exactly once, but {text.count(before)} times:\n{before}")
    pathlib.Path(target).write_text(text.replace(before, after))


def run(folder):
    missed = []
    for name, what, _, _, _ in BUGS:
        begin, first = time.monotonic(), FIRST.get(name, 1)
        command = [f"{folder}/simulation_bug_{name}", "--seeds", f"{first}:{first + SEEDS - 1}", "--no-shrink"]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        found = done.returncode == 1
        print(f"{name}: {what}\n    {time.monotonic() - begin:.1f} s: {(done.stdout.splitlines() or [''])[0][:160]}", flush=True)
        if not found:
            missed.append(name)
    if missed:
        sys.exit(f"not found: {', '.join(missed)}")


def main():
    if sys.argv[1:] == ["--list"]:
        print(";".join(f"{name}={source}" for name, _, source, _, _ in BUGS), end="")
    elif sys.argv[1:2] == ["--make"] and len(sys.argv) == 4:
        make(*sys.argv[2:])
    elif sys.argv[1:2] == ["--run"] and len(sys.argv) == 3:
        run(sys.argv[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
