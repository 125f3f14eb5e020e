/* signoff_write.c: a new signoff into the text of a document. The text is not written anew: pieces are put into it, so that
 * comments and layout stay as people made them.
 *
 * Where: a stale signoff of the same team and key makes room; else behind the last one; else in the empty list; else in a list of its own
 * behind the last member. What goes behind something needs a comma right there, and stands on a line of its own above
 * the closing bracket: so a remark at the end of a line stays with what it remarks on. */
#include <string.h>

#include "../producer/encode.h"
#include "signoff.h"
#include "signoff_text.h"

/* Bytes `at` to `behind` of the text give way to `with`. */
struct edit {
  size_t at, behind;
  struct buffer with;
};

struct edits { /* in the order of the text */
  struct edit at[2];
  size_t count;
};

static struct edit *edit_add(struct edits *edits, size_t at, size_t behind) {
  struct edit *edit = &edits->at[edits->count++];
  *edit = (struct edit){.at = at, .behind = behind};
  return edit;
}

static void append_member(struct buffer *out, const char *name, const char *value) {
  buffer_append_text(out, name);
  json_append_string(out, slice_of(value));
}

static void append_signoff(struct buffer *out, const char *digest, const struct signature_order *order) {
  uint8_t key[SIGNATURE_KEY], signature[SIGNATURE_BYTES];
  char key_text[SIGNATURE_KEY_TEXT], signature_text[SIGNATURE_TEXT];
  struct buffer text = {0};
  signoff_text_append(&text, digest, order->team, order->by, order->at);
  signature_sign(order->key, text.at, text.length, signature);
  buffer_fini(&text);
  (void)signature_public(order->key, key);
  signature_encode(key, sizeof key, key_text);
  signature_encode(signature, sizeof signature, signature_text);
  append_member(out, "{\"team\": ", order->team);
  append_member(out, ", \"by\": ", order->by);
  append_member(out, ", \"at\": ", order->at);
  append_member(out, ", \"key\": ", key_text);
  append_member(out, ", \"signature\": ", signature_text);
  buffer_append_text(out, "}");
}

/* Where a line can be put above the closing bracket at `at`: where the bracket's line begins, unless more stands on it. */
static size_t line_above(const char *text, size_t at, bool *own_line) {
  size_t start = at;
  while (start > 0 && (text[start - 1] == ' ' || text[start - 1] == '\t')) start--;
  *own_line = start > 0 && text[start - 1] == '\n';
  return *own_line ? start : at;
}

/* `content`, between `before` and `after`, as lines above the closing bracket at `bracket`. */
static void put_above(struct edits *edits, const char *text, size_t bracket, const char *before,
                      const struct buffer *content, const char *after, const char *indent) {
  bool own_line;
  size_t at = line_above(text, bracket, &own_line);
  struct edit *edit = edit_add(edits, at, at);
  if (!own_line) buffer_append_text(&edit->with, "\n");
  buffer_append_text(&edit->with, before);
  buffer_append(&edit->with, content->at, content->length);
  buffer_append_text(&edit->with, after);
  buffer_append_text(&edit->with, "\n");
  if (!own_line) buffer_append_text(&edit->with, indent);
}

static const cJSON *last_child(const cJSON *node) {
  const cJSON *child = node->child;
  while (child && child->next) child = child->next;
  return child;
}

static void put_comma(struct edits *edits, const struct document *document, const cJSON *last) {
  size_t at = document_behind(document, last);
  buffer_append_text(&edit_add(edits, at, at)->with, ",");
}

static void put_new(struct edits *edits, const struct document *document, const char *text,
                    const struct buffer *content) {
  const cJSON *list = cJSON_GetObjectItemCaseSensitive(document->root, "signoffs");
  const cJSON *last = last_child(list ? list : document->root);
  size_t bracket = document_behind(document, list ? list : document->root) - 1;
  if (last) put_comma(edits, document, last);
  if (list) put_above(edits, text, bracket, "    ", content, "", "  ");
  else put_above(edits, text, bracket, "  \"signoffs\": [\n    ", content, "\n  ]", "");
}

/* The signoff of the same team by the same key, or NULL. */
static const cJSON *find_same(const struct document *document, const char *digest, const struct signature_order *order,
                              bool *valid) {
  uint8_t key[SIGNATURE_KEY];
  (void)signature_public(order->key, key);
  const cJSON *stale = NULL;
  *valid = false;
  for (const cJSON *node = signoff_first(document->root); node && !*valid; node = node->next) {
    struct signoff signoff;
    signoff_read(&signoff, document->root, node, digest, NULL);
    if (strcmp(signoff.team, order->team) != 0 || memcmp(signoff.key, key, sizeof key) != 0) continue;
    *valid = signoff.state == SIGNOFF_VALID;
    stale = node;
  }
  return stale;
}

static void apply(struct buffer *out, const char *text, size_t length, const struct edits *edits) {
  size_t from = 0;
  for (size_t i = 0; i < edits->count; i++) {
    const struct edit *edit = &edits->at[i];
    buffer_append(out, text + from, edit->at - from);
    buffer_append(out, edit->with.at, edit->with.length);
    from = edit->behind;
  }
  buffer_append(out, text + from, length - from);
}

bool signoff_write(struct buffer *out, const struct document *document, const char *text,
                   const struct signature_order *order, const char **why) {
  char digest[DIGEST_TEXT];
  struct edits edits = {0};
  struct buffer content = {0};
  bool valid;
  digest_document(document->root, digest);
  const cJSON *stale = find_same(document, digest, order, &valid);
  if (valid) {
    *why = "this key has already signed this definition for this team";
    return false;
  }
  append_signoff(&content, digest, order);
  if (stale) {
    struct edit *edit = edit_add(&edits, document_value(document, stale), document_behind(document, stale));
    buffer_append(&edit->with, content.at, content.length);
  } else {
    put_new(&edits, document, text, &content);
  }
  apply(out, text, document->length, &edits);
  for (size_t i = 0; i < edits.count; i++) buffer_fini(&edits.at[i].with);
  buffer_fini(&content);
  return true;
}
