/* settings_parse.h: what settings.c (reads) and settings_value.c (checks and stores) share; for these two alone. */
#ifndef HANDOVER_CONFIG_SETTINGS_PARSE_H
#define HANDOVER_CONFIG_SETTINGS_PARSE_H

#include "reader.h"
#include "setting_table.h"

struct place {
  int line, column; /* 0: not from the file */
};

struct parse {
  struct settings *settings;
  struct problems *problems;
  struct reader reader;
  struct place place;                 /* of what is looked at now */
  const char *pointer;                /* and its name: "/threads", or the override */
  struct place set[SETTING_ROWS_MAX]; /* where each row was set in the file */
  bool seen[SETTING_ROWS_MAX];
  struct receiver *receiver; /* whose members are read */
  bool receiver_seen[SETTING_ROWS_MAX];
};

/* A problem at parse->place, named parse->pointer. */
void settings_complain(struct parse *parse, const char *format, ...) __attribute__((format(printf, 2, 3)));
void settings_complain_unknown(struct parse *parse, const char *name);
/* The same of names in another table of `count` rows of `stride` bytes, each of which begins with its name. */
void settings_complain_unlisted(struct parse *parse, const char *what, const char *name, const void *table,
                                size_t count, size_t stride);

/* The next token; parse->place is where it stands. */
enum token settings_next(struct parse *parse);
/* What was read is no JSON, or not where it should be. Always false. */
bool settings_broken(struct parse *parse, const char *wanted);
/* A value of a wrong type: said, and read past. False: no JSON. */
bool settings_mistyped(struct parse *parse, const struct setting *setting, enum token token);
/* The members of an object, or the entries of a list, up to its end. Of a member `read` finds the name in the reader; an entry's first token
 * is its own to take. False: no JSON. */
typedef bool settings_read(struct parse *parse, const struct setting *setting);
bool settings_read_members(struct parse *parse, const struct setting *setting, settings_read *read);
typedef bool settings_read_entry(struct parse *parse, const struct setting *setting, enum token token);
bool settings_read_entries(struct parse *parse, const struct setting *setting, settings_read_entry *read);
/* A value by its row's type. */
bool settings_read_value(struct parse *parse, const struct setting *setting);
/* The entries of "alerts". */
bool settings_read_receivers(struct parse *parse, const struct setting *setting);
bool settings_read_schedule(struct parse *parse, const struct setting *setting);
bool settings_read_filter(struct parse *parse, const struct setting *setting);

void *setting_member(struct settings *settings, const struct setting *setting);

/* Values into the structure; one that is wrong is a problem and changes nothing. */
void setting_put_text(struct parse *parse, const struct setting *setting, const char *text);
void setting_put_number(struct parse *parse, const struct setting *setting, bool whole, int64_t number);
void setting_put_choice(struct parse *parse, const struct setting *setting, const char *text);
void setting_list_clear(struct settings_list *list);
void setting_list_put(struct parse *parse, const struct setting *setting, const char *text);
void setting_list_end(struct parse *parse, const struct setting *setting, size_t problems_before);
void setting_put_pair(struct parse *parse, const char *name, const char *value);
/* As it stands behind --set name=, and in the table's defaults. */
void setting_put_from_text(struct parse *parse, const struct setting *setting, const char *text);

#endif
