/* setting_table.h: every setting; the parser, the help and docs/settings.md follow from it. */
#ifndef HANDOVER_CONFIG_SETTING_TABLE_H
#define HANDOVER_CONFIG_SETTING_TABLE_H

#include "../producer/encode.h"
#include "settings.h"

enum setting_type {                    /* and what stands in struct settings */
                    SETTING_TEXT,      /* char *; min, max: bytes */
                    SETTING_TOPIC,     /* char *: a topic's name */
                    SETTING_NUMBER,    /* int64_t */
                    SETTING_SWITCH,    /* bool */
                    SETTING_CHOICE,    /* int32_t: which of the words in `unit` */
                    SETTING_TEXTS,     /* struct settings_list; min, max: entries */
                    SETTING_TOPICS,    /* the same, of topics' names */
                    SETTING_KAFKA,     /* the pairs */
                    SETTING_RECEIVERS, /* struct receivers */
                    SETTING_SCHEDULE,  /* struct receiver_schedule; of a receiver */
                    SETTING_FILTER,    /* struct receiver_filter; of a receiver */
                    SETTING_TYPES,
};

struct setting {
  const char *name;
  enum setting_type type;
  size_t offset;       /* in struct settings */
  const char *initial; /* as `--set` takes it; "" none */
  int64_t min, max;
  const char *unit; /* "ms", "bytes", ""; of a choice its words, with " or " between them */
  const char *help; /* one sentence */
};

enum { SETTING_ROWS_MAX = 64 };

extern const struct setting setting_table[];
extern const size_t setting_table_rows;
/* The members of a receiver; offsets are in struct receiver. */
extern const struct setting receiver_table[];
extern const size_t receiver_table_rows;
/* The members of its filter: where they look in an event; `prefix`: an object, each member of which is looked for below the pointer. */
struct filter_member {
  const char *name, *pointer, *help;
  bool prefix;
};
extern const struct filter_member filter_table[];
extern const size_t filter_table_rows;
extern const char *const setting_type_names[SETTING_TYPES];

const struct setting *setting_find(const char *name); /* or NULL */

/* docs/settings.md. */
void setting_table_document(struct buffer *buffer);
/* The settings' part of `handover run --help`. */
void setting_table_help(struct buffer *buffer);

#endif
