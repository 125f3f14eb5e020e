/* memory.c: what a process has allocated is known, so that it can be freed when the process is killed: memory, and what OpenSSL and
 * xxHash make for it. A table by address; what the simulation itself allocates is not in it. */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "machine.h"

enum { PLACES = 1 << 16 };

enum kind { KIND_MEMORY, KIND_DIGEST, KIND_XXH3 };

static struct entry {
  void *at;
  struct process *process;
  enum kind kind;
} table[PLACES];
static uint32_t used;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
char *__real_strdup(const char *text);
void __real_free(void *memory);
EVP_MD_CTX *__real_EVP_MD_CTX_new(void);
void __real_EVP_MD_CTX_free(EVP_MD_CTX *digest);
XXH3_state_t *__real_XXH3_createState(void);
XXH_errorcode __real_XXH3_freeState(XXH3_state_t *state);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
char *__wrap_strdup(const char *text);
void __wrap_free(void *memory);
EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void);
void __wrap_EVP_MD_CTX_free(EVP_MD_CTX *digest);
XXH3_state_t *__wrap_XXH3_createState(void);
XXH_errorcode __wrap_XXH3_freeState(XXH3_state_t *state);

/* --- the table: open addressing; what follows a place that is freed moves up --- */

static uint32_t home_of(const void *at) {
  return (uint32_t)(((uintptr_t)at >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 48);
}

static uint32_t place_of(const void *at) {
  uint32_t place = home_of(at);
  while (table[place].at && table[place].at != at) place = (place + 1) & (PLACES - 1);
  return place;
}

static void *note(void *at, enum kind kind) {
  struct process *process = process_current();
  if (!at || !process) return at;
  if (++used > PLACES / 2) abort();
  process->allocated++;
  table[place_of(at)] = (struct entry){at, process, kind};
  return at;
}

static void forget(const void *at) {
  uint32_t gap = at ? place_of(at) : 0;
  if (!at || !table[gap].at) return;
  used--;
  table[gap].process->allocated--;
  for (uint32_t next = (gap + 1) & (PLACES - 1); table[next].at; next = (next + 1) & (PLACES - 1)) {
    uint32_t distance = (next - home_of(table[next].at)) & (PLACES - 1);
    if (distance < ((next - gap) & (PLACES - 1))) continue;
    table[gap] = table[next];
    gap = next;
  }
  table[gap].at = NULL;
}

/* --- what is called instead --- */

void *__wrap_malloc(size_t bytes) { return note(__real_malloc(bytes), KIND_MEMORY); }
void *__wrap_calloc(size_t count, size_t bytes) { return note(__real_calloc(count, bytes), KIND_MEMORY); }
char *__wrap_strdup(const char *text) { return note(__real_strdup(text), KIND_MEMORY); }

void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return note(__real_aligned_alloc(alignment, bytes), KIND_MEMORY);
}

void *__wrap_realloc(void *memory, size_t bytes) {
  forget(memory);
  return note(__real_realloc(memory, bytes), KIND_MEMORY);
}

void __wrap_free(void *memory) {
  forget(memory);
  __real_free(memory);
}

EVP_MD_CTX *__wrap_EVP_MD_CTX_new(void) { return note(__real_EVP_MD_CTX_new(), KIND_DIGEST); }

void __wrap_EVP_MD_CTX_free(EVP_MD_CTX *digest) {
  forget(digest);
  __real_EVP_MD_CTX_free(digest);
}

XXH3_state_t *__wrap_XXH3_createState(void) { return note(__real_XXH3_createState(), KIND_XXH3); }

XXH_errorcode __wrap_XXH3_freeState(XXH3_state_t *state) {
  forget(state);
  return __real_XXH3_freeState(state);
}

static void give_back(struct entry entry) {
  switch (entry.kind) {
    case KIND_MEMORY: __wrap_free(entry.at); break;
    case KIND_DIGEST: __wrap_EVP_MD_CTX_free(entry.at); break;
    case KIND_XXH3: __wrap_XXH3_freeState(entry.at); break;
  }
}

void memory_release(const struct process *process) {
  for (uint32_t i = 0; i < PLACES && process->allocated > 0; i++)
    while (table[i].at && table[i].process == process) give_back(table[i]);
  /* what an entry at the table's end was moved to its beginning by */
  if (process->allocated > 0) memory_release(process);
}
