/* journal.c: gathers a transaction's entries, hashes what it took and what it publishes. */
#include "journal.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "../producer/encode.h"
#include "engine/memory.h"

static void done(int result) {
  if (result != 1) abort(); /* libcrypto without SHA-256, or without memory: nothing could be proven any more */
}

static EVP_MD_CTX *context_new(void) {
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  if (!context) abort();
  return context;
}

static void gather_anew(struct journal *journal) {
  journal->entry_count = 0;
  journal->published = journal->dead_letters = 0;
  done(EVP_DigestInit_ex(journal->hash, EVP_sha256(), NULL));
  done(EVP_DigestUpdate(journal->hash, journal->chain, JOURNAL_CHAIN));
  fingerprint_start(&journal->inputs, journal->inputs.kind);
}

void journal_init(struct journal *journal, int32_t partition, const char *const *topics, int32_t topic_count) {
  assert(topic_count >= 1 && topic_count <= SETTINGS_INPUTS);
  *journal = (struct journal){.partition = partition, .topics = topics, .topic_count = topic_count};
  journal->hash = context_new();
  journal->copy = context_new();
  fingerprint_init(&journal->inputs);
  gather_anew(journal);
}

void journal_fini(struct journal *journal) {
  EVP_MD_CTX_free(journal->hash);
  EVP_MD_CTX_free(journal->copy);
  fingerprint_fini(&journal->inputs);
  memory_free(journal->entries);
  *journal = (struct journal){0};
}

void journal_resume(struct journal *journal, uint64_t sequence, const uint8_t chain[JOURNAL_CHAIN]) {
  assert(sequence < INT64_MAX); /* what a record can say */
  journal->sequence = sequence;
  memcpy(journal->chain, chain, JOURNAL_CHAIN);
  gather_anew(journal);
}

void journal_use(struct journal *journal, enum fingerprint_kind kind) { fingerprint_start(&journal->inputs, kind); }

/* --- entries --- */

static struct journal_entry *entry_add(struct journal *journal, enum journal_kind kind) {
  if (journal->entry_count == journal->entry_room) {
    journal->entry_room = journal->entry_room ? journal->entry_room * 2 : 16;
    journal->entries = memory_grown(journal->entries, (size_t)journal->entry_room * sizeof *journal->entries);
  }
  assert(journal->entries);
  struct journal_entry *entry = &journal->entries[journal->entry_count++];
  *entry = (struct journal_entry){.kind = kind};
  return entry;
}

void journal_run(struct journal *journal, int32_t input, int64_t first, int64_t count) {
  assert(input >= 0 && input < journal->topic_count && first >= 0 && count >= 1);
  struct journal_entry *last = journal->entry_count ? &journal->entries[journal->entry_count - 1] : NULL;
  if (last && last->kind == JOURNAL_RUN && last->topic == input) {
    assert(first >= last->first + last->count); /* an input is read forward */
    last->count += count;
    return;
  }
  struct journal_entry *run = entry_add(journal, JOURNAL_RUN);
  run->topic = input;
  run->first = first;
  run->count = count;
}

void journal_clock(struct journal *journal, int64_t mark_ms) {
  assert(mark_ms >= 0);
  entry_add(journal, JOURNAL_CLOCK)->mark_ms = mark_ms;
}

void journal_definition(struct journal *journal, uint32_t version, struct slice digest, bool agreed) {
  assert(version >= 1 && digest.length == DIGEST_TEXT - 1);
  struct journal_entry *entry = entry_add(journal, JOURNAL_DEFINITION);
  entry->version = version;
  entry->agreed = agreed;
  memcpy(entry->digest, digest.at, digest.length);
}

void journal_taken(struct journal *journal, const struct record *records, int32_t count) {
  fingerprint_take(&journal->inputs, records, count);
}

void journal_published(struct journal *journal, struct slice bytes) {
  done(EVP_DigestUpdate(journal->hash, bytes.at, bytes.length));
  journal->published++;
}

void journal_dead_letter(struct journal *journal) { journal->dead_letters++; }

bool journal_empty(const struct journal *journal) { return journal->entry_count == 0; }
bool journal_full(const struct journal *journal) { return journal->entry_count >= JOURNAL_ENTRIES; }

/* --- the record --- */

void journal_chain(struct journal *journal, uint8_t chain[JOURNAL_CHAIN]) {
  unsigned length = 0;
  done(EVP_MD_CTX_copy_ex(journal->copy, journal->hash));
  done(EVP_DigestFinal_ex(journal->copy, chain, &length));
  assert(length == JOURNAL_CHAIN);
}

static void append_named(struct buffer *buffer, const char *name, uint64_t number) {
  buffer_append_text(buffer, name);
  json_append_integer(buffer, (int64_t)number);
}

static void append_run(const struct journal *journal, const struct journal_entry *run, struct buffer *buffer) {
  buffer_append_text(buffer, "[");
  json_append_string(buffer, slice_of(journal->topics[run->topic]));
  append_named(buffer, ",", (uint64_t)run->first);
  append_named(buffer, ",", (uint64_t)run->count);
  buffer_append_text(buffer, "]");
}

static void append_entry(const struct journal *journal, const struct journal_entry *entry, struct buffer *buffer) {
  switch (entry->kind) {
    case JOURNAL_RUN: append_run(journal, entry, buffer); break;
    case JOURNAL_CLOCK:
      append_named(buffer, "{\"clock\":", (uint64_t)entry->mark_ms);
      buffer_append_text(buffer, "}");
      break;
    case JOURNAL_DEFINITION:
      append_named(buffer, "{\"definition\":", entry->version);
      buffer_append_text(buffer, ",\"digest\":");
      json_append_string(buffer, slice_of(entry->digest));
      buffer_append_text(buffer, entry->agreed ? ",\"agreed\":true}" : ",\"agreed\":false}");
      break;
  }
}

static void append_chain(struct journal *journal, struct buffer *buffer) {
  static const char digits[] = "0123456789abcdef";
  uint8_t chain[JOURNAL_CHAIN];
  journal_chain(journal, chain);
  char *hex = buffer_reserve(buffer, 2 * (size_t)JOURNAL_CHAIN);
  for (size_t i = 0; i < JOURNAL_CHAIN; i++) {
    hex[2 * i] = digits[chain[i] >> 4];
    hex[2 * i + 1] = digits[chain[i] & 15];
  }
  buffer_used(buffer, 2 * (size_t)JOURNAL_CHAIN);
}

bool journal_inputs_fit(struct journal *journal, const struct journal_record *record) {
  char text[FINGERPRINT_TEXT];
  fingerprint_format(&journal->inputs, text);
  return strcmp(text, record->inputs) == 0;
}

void journal_encode(struct journal *journal, struct buffer *buffer) {
  char inputs[FINGERPRINT_TEXT];
  fingerprint_format(&journal->inputs, inputs);
  append_named(buffer, "{\"journal\":", JOURNAL_FORM);
  append_named(buffer, ",\"partition\":", (uint64_t)journal->partition);
  append_named(buffer, ",\"sequence\":", journal->sequence);
  buffer_append_text(buffer, ",\"entries\":[");
  for (int32_t i = 0; i < journal->entry_count; i++) {
    if (i) buffer_append_text(buffer, ",");
    append_entry(journal, &journal->entries[i], buffer);
  }
  buffer_append_text(buffer, "],\"inputs\":");
  json_append_string(buffer, slice_of(inputs));
  append_named(buffer, ",\"published\":", journal->published);
  append_named(buffer, ",\"dead_letters\":", journal->dead_letters);
  buffer_append_text(buffer, ",\"chain\":\"");
  append_chain(journal, buffer);
  buffer_append_text(buffer, "\"}");
}

void journal_next(struct journal *journal) {
  journal_chain(journal, journal->chain);
  journal->sequence++;
  gather_anew(journal);
}
