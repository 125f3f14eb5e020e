/* fuzz_journal.c: journal_record_parse on every text, against cJSON on what it takes: the same members, as many entries, the same
 * numbers (as far as doubles go). */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/journal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DIGEST "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define XXH3 "xxh3:00112233445566778899aabbccddeeff"

#define CHECK(truth) \
  if (!(truth)) (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #truth), abort())

static void check_number(const cJSON *object, const char *name, uint64_t number) {
  const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
  CHECK(cJSON_IsNumber(member) && member->valuedouble >= (double)number && member->valuedouble <= (double)number);
}

static void check_run(const cJSON *item, const struct journal_record *record, const struct journal_entry *entry) {
  CHECK(cJSON_IsArray(item) && cJSON_GetArraySize(item) == 3);
  CHECK(entry->topic >= 0 && entry->topic < record->topic_count);
  CHECK(strcmp(cJSON_GetArrayItem(item, 0)->valuestring, record->topics[entry->topic]) == 0);
  CHECK(entry->first >= 0 && entry->count >= 1 && entry->first <= INT64_MAX - entry->count);
  double first = cJSON_GetArrayItem(item, 1)->valuedouble, count = cJSON_GetArrayItem(item, 2)->valuedouble;
  CHECK(first >= (double)entry->first && first <= (double)entry->first);
  CHECK(count >= (double)entry->count && count <= (double)entry->count);
}

static void check_entry(const cJSON *item, const struct journal_record *record, const struct journal_entry *entry) {
  switch (entry->kind) {
    case JOURNAL_RUN: check_run(item, record, entry); break;
    case JOURNAL_CLOCK:
      CHECK(cJSON_GetArraySize(item) == 1);
      check_number(item, "clock", (uint64_t)entry->mark_ms);
      break;
    case JOURNAL_DEFINITION:
      CHECK(cJSON_GetArraySize(item) == 3 && entry->version >= 1);
      check_number(item, "definition", entry->version);
      CHECK(strcmp(cJSON_GetObjectItemCaseSensitive(item, "digest")->valuestring, entry->digest) == 0);
      CHECK(cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(item, "agreed")));
      CHECK(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "agreed")) == entry->agreed);
      break;
  }
}

static void check_record(const cJSON *root, const struct journal_record *record) {
  const cJSON *entries = cJSON_GetObjectItemCaseSensitive(root, "entries");
  const cJSON *chain = cJSON_GetObjectItemCaseSensitive(root, "chain");
  const cJSON *inputs = cJSON_GetObjectItemCaseSensitive(root, "inputs");
  char hex[2 * JOURNAL_CHAIN + 1];
  CHECK(cJSON_GetArraySize(root) == 8);
  check_number(root, "journal", 2);
  check_number(root, "partition", (uint64_t)record->partition);
  check_number(root, "sequence", record->sequence);
  check_number(root, "published", record->published);
  check_number(root, "dead_letters", record->dead_letters);
  for (size_t i = 0; i < JOURNAL_CHAIN; i++) snprintf(hex + 2 * i, 3, "%02x", record->chain[i]);
  CHECK(cJSON_IsString(chain) && strcmp(chain->valuestring, hex) == 0);
  CHECK(cJSON_IsString(inputs) && strcmp(inputs->valuestring, record->inputs) == 0);
  CHECK(strlen(record->inputs) == (record->inputs_kind == FINGERPRINT_XXH3 ? strlen(XXH3) : strlen(DIGEST)));
  CHECK(cJSON_IsArray(entries) && cJSON_GetArraySize(entries) == record->entry_count);
  const cJSON *item = entries->child;
  for (int32_t i = 0; i < record->entry_count; i++, item = item->next) check_entry(item, record, &record->entries[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct journal_record record = {0};
  char why[256] = "";
  if (journal_record_parse(&record, (const char *)data, size, why, sizeof why)) {
    cJSON *root = cJSON_ParseWithLength((const char *)data, size);
    CHECK(root);
    check_record(root, &record);
    cJSON_Delete(root);
  } else {
    CHECK(why[0]);
  }
  journal_record_fini(&record);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "journal", .count = 60000};
  return standalone_run(&run, argc, argv);
}
#endif
