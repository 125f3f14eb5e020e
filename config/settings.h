/* settings.h: what an installation says about itself: one JSON file (comments allowed), and `--set`, `-X` over it.
 *
 * Every setting is one row of setting_table.c; the parser, the help and docs/settings.md follow from it. No secret stands in
 * the settings or on the command line: only the names of files that hold them (consumer/client.h reads those).
 * May use: libc, reader.h. */
#ifndef HANDOVER_CONFIG_SETTINGS_H
#define HANDOVER_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "definition.h"
#include "receiver.h"

enum {
  SETTINGS_INPUTS = 8,
  SETTINGS_LIST = 64,  /* entries of the longest list */
  SETTINGS_KAFKA = 64, /* librdkafka properties */
  SETTINGS_THREADS = 64,
  SETTINGS_TEXT = 1024,    /* bytes of a text */
  SETTINGS_FILE = 1 << 20, /* bytes of the file */
};

struct settings_list {
  char *at[SETTINGS_LIST];
  int32_t count;
};

struct settings_pair {
  char *name, *value;
};

/* Texts are never NULL: "" is "not set". */
struct settings {
  char *bootstrap;
  struct settings_list inputs; /* 1 to SETTINGS_INPUTS, no name twice; their order is the order of topics */
  int32_t journal_inputs;      /* enum fingerprint_kind */
  char *stage_changes, *dead_letters, *state, *journal, *definitions_topic, *undelivered;
  char *group;
  char *instance; /* "": the host's name; consumer/options.h fills it in */
  char *state_dir;
  int64_t threads, commit_interval_ms, snapshot_records, snapshot_interval_ms, clock_grace_ms, event_bytes_max,
      buffers_mb;
  char *http; /* "": no HTTP */
  bool http_public;
  struct settings_list definitions; /* files */
  char *definition_name;            /* of those that are published; "": the files', or the only one */
  struct settings_list trust;       /* files of public keys */
  bool draft;                       /* definitions without the agreed signatures may run */
  bool insecure;
  char *sasl_password_file, *ssl_key_password_file;
  struct settings_pair kafka[SETTINGS_KAFKA]; /* of the allowlist, no name twice */
  int32_t kafka_count;
  struct receivers receivers;
  char *alert_group, *alert_state, *alert_http;
  int32_t alert_start; /* 0: the end, 1: the beginning */
  int64_t alert_pending;
};

struct settings_override {
  const char *text; /* name=value */
  bool kafka;       /* from -X: a property of librdkafka */
};

/* `text` is the file, or NULL for none; overrides come after it, in order. Fills *settings (defaults first). False with at
 * least one problem; a problem of an override has line 0 and the option's text as pointer. The caller calls settings_fini and
 * problems_fini in any case. */
bool settings_parse(struct settings *settings, const char *text, size_t length,
                    const struct settings_override *overrides, size_t count, struct problems *problems);
void settings_fini(struct settings *settings);

/* Adds a problem; texts are copied and cut at 600 bytes. problems_fini frees them. */
void settings_problem(struct problems *problems, const char *pointer, int line, int column, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* May this property of librdkafka be set? If not *why is a static sentence. */
bool settings_kafka_allowed(const char *name, const char **why);

#endif
