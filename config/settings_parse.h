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
};

/* A problem at parse->place, named parse->pointer. */
void settings_complain(struct parse *parse, const char *format, ...) __attribute__((format(printf, 2, 3)));
void settings_complain_unknown(struct parse *parse, const char *name);

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
