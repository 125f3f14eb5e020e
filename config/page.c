/* page.c: the two ways of writing a page, side by side. */
#include "page.h"

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;color:#1c2430;max-width:50rem;margin:0 auto;padding:1.5rem 1rem}"
    "h1{font-size:1.7rem;line-height:1.2;border-bottom:3px solid #2b5c8a;padding-bottom:.4rem}"
    "h2{font-size:1.25rem;color:#2b5c8a;margin-top:2.2rem;border-bottom:1px solid #d4dbe3}"
    "h3{font-size:1.05rem;margin:1.4rem 0 .2rem}p{margin:.5rem 0}ul{margin:.3rem 0;padding-left:1.4rem}"
    "*{overflow-wrap:anywhere}.t{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.8rem 0}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid "
    "#d4dbe3}th{background:#eef3f8}"
    "td,th{overflow-wrap:break-word}.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
    ".s{margin-top:2.6rem;border-top:1px solid "
    "#1c2430;padding-top:.2rem;max-width:28rem}"
    "@media "
    "print{body{font-size:10.5pt;max-width:none;padding:0}h2,h3{break-after:avoid}tr,li,svg,.s{break-inside:avoid}"
    "@page{margin:2cm}}";

/* Where the window is narrower than that, a row of a table is a card: each cell with its head above it. */
static const char card_style[] =
    "@media screen and (max-width:%s){.c table,.c tbody{display:block}.c tr:first-child{display:none}"
    ".c tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(6.4rem,1fr));gap:.3rem .6rem;padding:.5rem 0;"
    "border-bottom:1px solid #d4dbe3}.c "
    "td{display:block;border:0;padding:0;text-align:left;white-space:normal;font-size:.95rem}"
    ".c td:empty{display:none}.c td:not(.n){font-weight:600}.c td::before{content:attr(data-head);display:block;"
    "font-size:.75rem;font-weight:400;color:#566373}.c:not(.w) tr:not(:first-child){display:block}"
    ".c:not(.w) td:nth-child(n+3){font-weight:400}}";

/* For tables of many columns and drawings. */
static const char wide_style[] =
    ".w{max-width:76rem}.w td,.w th{font-size:.85rem;padding:.3rem .4rem}.w th{white-space:normal}"
    "svg{display:block;width:100%;max-width:34rem;height:auto;margin:.8rem 0}"
    "@media print{.w{page:wide}@page wide{size:A4 landscape;margin:1.2cm}.w td,.w th{font-size:8pt;padding:1pt 3pt}"
    ".w .t{overflow:visible}svg{max-width:12cm}}";

size_t page_hidden(const unsigned char *s) {
  if (s[0] < 0x20 || s[0] == 0x7f) return 1;
  if (s[0] == 0xc2 && s[1] < 0xa0) return 2;
  if (s[0] == 0xd8 && s[1] == 0x9c) return 2;
  if (s[0] != 0xe2) return 0;
  if (s[1] == 0x80 && (s[2] == 0x8e || s[2] == 0x8f || (s[2] >= 0xa8 && s[2] <= 0xae))) return 3;
  return s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9 ? 3 : 0;
}

void page_plain(struct buffer *out, const char *text) {
  while (*text) {
    size_t hidden = page_hidden((const unsigned char *)text);
    if (hidden) buffer_append_text(out, "\xef\xbf\xbd");
    else buffer_append(out, text, 1);
    text += hidden ? hidden : 1;
  }
}

static void html_character(struct buffer *out, char c) {
  switch (c) {
    case '<': buffer_append_text(out, "&lt;"); break;
    case '>': buffer_append_text(out, "&gt;"); break;
    case '&': buffer_append_text(out, "&amp;"); break;
    case '"': buffer_append_text(out, "&quot;"); break;
    case '\'': buffer_append_text(out, "&#39;"); break;
    default: buffer_append(out, &c, 1);
  }
}

/* At the start of a line a sign or a number with a dot would begin a list. */
static void markdown_character(struct buffer *out, const char *text, size_t i) {
  bool first = i == 0 || strspn(text, " ") == i;
  bool number = i > 0 && i == strspn(text, "0123456789") && strchr(".)", text[i]);
  if (strchr("\\`*_[]<>|&~#$", text[i]) || (first && strchr("+-=", text[i])) || number) buffer_append_text(out, "\\");
  buffer_append(out, text + i, 1);
}

void page_escape(struct page *page, const char *text) {
  for (size_t i = 0; text[i];) {
    size_t length = page_hidden((const unsigned char *)text + i);
    if (length) {
      bool blank = text[i] == '\n' || text[i] == '\t' || text[i] == '\r';
      buffer_append_text(page->out, blank ? " " : "\xef\xbf\xbd");
      i += length;
      continue;
    }
    if (page->html) html_character(page->out, text[i]);
    else markdown_character(page->out, text, i);
    i++;
  }
}

static void put(struct page *page, const char *html, const char *markdown) {
  buffer_append_text(page->out, page->html ? html : markdown);
}

/* Ends the list or the table that is open. */
static void close_block(struct page *page) {
  if (page->depth) put(page, "", "\n");
  for (; page->depth; page->depth--) put(page, "</li></ul>\n", "");
  if (page->in_table) put(page, "</table></div>\n", "\n");
  page->in_table = false;
  buffer_fini(&page->heads);
}

/* A cell of a card knows its head, for windows in which the head's row is not shown. */
static void put_head_of(struct page *page, size_t column) {
  const char *head = page->heads.at;
  for (size_t i = 0; i < column; i++) head += strlen(head) + 1;
  put(page, " data-head=\"", "");
  page_escape(page, head);
  put(page, "\"", "");
}

void page_begin(struct page *page, const char *title) {
  put(page,
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>",
      "# ");
  page_escape(page, title);
  if (page->html) {
    buffer_append_text(page->out, "</title>\n<style>");
    buffer_append_text(page->out, style);
    if (page->wide) buffer_append_text(page->out, wide_style);
    if (page->cards || page->wide) buffer_printf(page->out, card_style, page->wide ? "70rem" : "40rem");
    buffer_append_text(page->out, "</style>\n</head>\n");
    buffer_append_text(page->out, page->wide    ? "<body class=\"c w\">\n<h1>"
                                  : page->cards ? "<body class=\"c\">\n<h1>"
                                                : "<body>\n<h1>");
    page_escape(page, title);
  }
  put(page, "</h1>\n", "\n\n");
}

void page_end(struct page *page) {
  close_block(page);
  put(page, "</body>\n</html>\n", "");
}

void page_heading(struct page *page, int level, const char *text) {
  close_block(page);
  if (page->html) buffer_printf(page->out, "<h%d>", level);
  else buffer_append_text(page->out, level == 2 ? "## " : "### ");
  page_escape(page, text);
  if (page->html) buffer_printf(page->out, "</h%d>\n", level);
  else buffer_append_text(page->out, "\n\n");
}

void page_text(struct page *page, const char *text) {
  close_block(page);
  put(page, "<p>", "");
  page_escape(page, text);
  put(page, "</p>\n", "\n\n");
}

void page_item(struct page *page, int depth, const char *text) {
  if (page->in_table) close_block(page);
  for (; page->depth > depth; page->depth--) put(page, "</li></ul>", "");
  if (page->depth == depth) put(page, "</li>\n<li>", "");
  for (; page->depth < depth; page->depth++) put(page, "<ul><li>", "");
  if (!page->html) buffer_printf(page->out, "%*s- ", 2 * (depth - 1), "");
  page_escape(page, text);
  put(page, "", "\n");
}

void page_table(struct page *page) { close_block(page); }

void page_row(struct page *page, const char *const *cells, size_t count) {
  bool head = !page->in_table;
  bool cards = page->html && (page->cards || page->wide);
  if (head) {
    close_block(page);
    put(page, "<div class=\"t\"><table>\n", "");
  }
  page->in_table = true;
  put(page, "<tr>", "|");
  for (size_t i = 0; i < count; i++) {
    bool number = page->numbers_from && i >= page->numbers_from;
    put(page, head ? "<th" : "<td", " ");
    if (number) put(page, " class=\"n\"", "");
    if (head && cards) buffer_append(&page->heads, cells[i], strlen(cells[i]) + 1);
    else if (cards) put_head_of(page, i);
    put(page, ">", "");
    page_escape(page, cells[i]);
    put(page, head ? "</th>" : "</td>", " |");
  }
  put(page, "</tr>\n", "\n");
  if (!head || page->html) return;
  for (size_t i = 0; i < count; i++) buffer_append_text(page->out, i ? "---|" : "|---|");
  buffer_append_text(page->out, "\n");
}

void page_drawing(struct page *page, const struct buffer *svg) {
  close_block(page);
  buffer_append_text(page->out, "<div class=\"t\">\n");
  buffer_append(page->out, svg->at, svg->length);
  buffer_append_text(page->out, "</div>\n");
}

void page_signature(struct page *page, const char *text) {
  close_block(page);
  put(page, "<p class=\"s\">", "\n\n\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_  \n");
  page_escape(page, text);
  put(page, "</p>\n", "\n\n");
}
