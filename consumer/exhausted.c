/* exhausted.c: the allocation that cannot fail for everybody, and its last words. May use: libc, memory.h, cJSON, libcrypto. */
#include "exhausted.h"

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include "engine/memory.h"

enum { STATUS_OUTSIDE = 3 };

/* Nothing in here may want memory, and nothing that is half done be completed: no stdio, no exit handlers. */
static void say_and_end(void) {
  static const char words[] = "handover: out of memory\n";
  ssize_t count = write(STDERR_FILENO, words, sizeof words - 1);
  (void)count;
  _exit(STATUS_OUTSIDE);
}

static void *take(size_t size) { return memory_grown(NULL, size); }

static void *crypto_take(size_t size, const char *file, int line) {
  (void)file, (void)line;
  return size ? take(size) : NULL;
}

static void *crypto_grow(void *memory, size_t size, const char *file, int line) {
  (void)file, (void)line;
  if (size) return memory_grown(memory, size);
  memory_free(memory);
  return NULL;
}

static void crypto_free(void *memory, const char *file, int line) {
  (void)file, (void)line;
  memory_free(memory);
}

void exhausted_watch(void) {
  cJSON_Hooks hooks = {take, memory_free};
  memory_ends_by(say_and_end);
  cJSON_InitHooks(&hooks);
  CRYPTO_set_mem_functions(crypto_take, crypto_grow, crypto_free);
}
