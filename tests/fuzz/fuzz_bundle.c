/* fuzz_bundle.c: what a bundle is read with, on every text: a name is taken only where it is written in the one way that there is, and leads
 * nowhere; a manifest is good, or a sentence says why not; records that are taken are the same bytes when they are written again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../consumer/bundle_manifest.h"

#define CHECK(condition) ((condition) ? (void)0 : failed(#condition, __LINE__))

static void failed(const char *condition, int line) {
  fprintf(stderr, "fuzz_bundle.c:%d: not so: %s\n", line, condition);
  abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_name(const char *text) {
  struct bundle_name name;
  char again[BUNDLE_NAME];
  if (!bundle_name_parse(text, &name)) return;
  bundle_name_format(&name, again);
  CHECK(strcmp(text, again) == 0);
  CHECK(*text != '/' && !strstr(text, "//") && !strstr(text, "/../") && !strstr(text, "/./"));
}

static void try_manifest(const char *text, size_t size) {
  struct bundle_manifest manifest = {0};
  char why[400] = "";
  bool good = bundle_manifest_parse(&manifest, (struct slice){text, (uint32_t)size}, why, sizeof why);
  CHECK(good == !*why);
  for (int32_t i = 0; good && i < manifest.stream_count; i++) {
    const struct bundle_stream *stream = &manifest.streams[i];
    CHECK(stream->name.partition >= 0 && stream->name.partition < manifest.partitions);
    CHECK(bundle_manifest_find(&manifest, &stream->name) == stream);
  }
  bundle_manifest_fini(&manifest);
}

static void try_records(const char *text, size_t size) {
  struct slice rest = {text, (uint32_t)size}, headers;
  struct buffer again = {0};
  for (;;) {
    struct record record = {0};
    size_t taken = size - rest.length;
    CHECK(again.length == taken && (taken == 0 || memcmp(again.at, text, taken) == 0));
    if (rest.length == 0 || !bundle_record_take(&rest, &record, &headers)) break;
    bundle_header(headers, "topic");
    bundle_record_append(&again, &record, headers);
  }
  buffer_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *text = calloc(size + 1, 1);
  if (!text) abort();
  if (size) memcpy(text, data, size);
  try_manifest(text, size);
  try_name(text);
  for (size_t i = 0; i < size; i++)
    if (text[i] == ' ') text[i] = 0;     /* seeds have no NULs */
  char *exact = malloc(size ? size : 1); /* what reads beyond is caught */
  if (!exact) abort();
  memcpy(exact, text, size);
  try_records(exact, size);
  free(exact);
  free(text);
  return 0;
}

#ifdef FUZZ_STANDALONE
#include "standalone.h"

int main(int argc, char **argv) {
  static struct standalone run = {.name = "bundle", .count = 60000};
  return standalone_run(&run, argc, argv);
}
#endif
