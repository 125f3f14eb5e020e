/* describe_parts.h: what the files describe*.c share. For these files alone. */
#ifndef HANDOVER_CONFIG_DESCRIBE_PARTS_H
#define HANDOVER_CONFIG_DESCRIBE_PARTS_H

#include "describe.h"
#include "phrase.h"

/* The text of a buffer, with a zero behind it. */
const char *described(struct buffer *text);
void say_item(struct page *page, int depth, struct buffer *text);
void say_text(struct page *page, struct buffer *text);
void say_description(struct page *page, const cJSON *node);
/* A condition as a list in lists. */
void say_condition(struct page *page, int depth, const cJSON *node);
/* The stages that a move starts from. */
void say_from(struct buffer *text, const cJSON *move);
/* for EACH(member, list): over its children, none where there is no list.
 * NOLINTNEXTLINE(bugprone-macro-parentheses): `item` is declared */
#define EACH(item, list) (const cJSON *item = (list) ? (list)->child : NULL; item; item = item->next)

void describe_scores(struct page *page, const cJSON *root);
void describe_sales(struct page *page, const cJSON *root); /* slas, answers, routes */
void describe_data(struct page *page, const cJSON *root);  /* calendars, attributes, events */
void describe_signatures(struct page *page, const cJSON *root, const struct trust *trust);

#endif
