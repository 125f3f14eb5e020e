/* plot.c: bars, lines, dots, words. */
#include "plot.h"

#include "terminal.h"

enum { NAME_COLUMNS = 32, ITEM = 98 /* of the legend */ };

void plot_begin(struct plot *plot, struct page *page, int height, const char *title) {
  page_heading(page, 3, title);
  plot->page = (struct page){.out = &plot->svg, .html = true};
  buffer_printf(&plot->svg, "<svg viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"14\" fill=\"" PLOT_INK "\"><title>",
                PLOT_WIDTH, height);
  page_escape(&plot->page, title);
  buffer_append_text(&plot->svg, "</title>\n");
}

void plot_end(struct plot *plot, struct page *page) {
  buffer_append_text(&plot->svg, "</svg>\n");
  page_drawing(page, &plot->svg);
  buffer_fini(&plot->svg);
}

void plot_rect(struct plot *plot, int x, int y, int width, int height, const char *colour) {
  if (width <= 0 || height <= 0) return;
  buffer_printf(&plot->svg, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", x, y, width, height,
                colour);
}

void plot_line(struct plot *plot, int x1, int y1, int x2, int y2, const char *colour) {
  buffer_printf(&plot->svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>\n", x1,
                y1, x2, y2, colour);
}

void plot_dot(struct plot *plot, int x, int y, int radius, const char *colour) {
  buffer_printf(&plot->svg, "<circle cx=\"%d\" cy=\"%d\" r=\"%d\" fill=\"%s\"/>\n", x, y, radius, colour);
}

void plot_say(struct plot *plot, int x, int y, const char *anchor, struct buffer *words) {
  buffer_printf(&plot->svg, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">", x, y, anchor);
  buffer_append(words, "", 1);
  page_escape(&plot->page, words->at);
  buffer_append_text(&plot->svg, "</text>\n");
  buffer_fini(words);
}

void plot_say_plain(struct plot *plot, int x, int y, const char *anchor, const char *text) {
  struct buffer words = {0};
  buffer_append_text(&words, text);
  plot_say(plot, x, y, anchor, &words);
}

void plot_say_row(struct plot *plot, int top, struct slice name, struct buffer *figures) {
  struct buffer words = {0};
  struct terminal terminal = {.buffer = &words};
  terminal_text(&terminal, name.at ? name : SLICE("\u2013"), NAME_COLUMNS);
  plot_say(plot, 0, top + PLOT_BASE, "start", &words);
  if (figures) plot_say(plot, PLOT_WIDTH, top + PLOT_BASE, "end", figures);
}

int plot_scaled(uint64_t part, uint64_t whole, int length) {
  if (part == 0 || whole == 0) return 0;
  int size = (int)((double)part / (double)whole * length);
  return size > 0 ? size : 1;
}

void plot_legend(struct plot *plot, const char *const *names, const char *const *colours, int count) {
  for (int i = 0; i < count; i++) {
    plot_rect(plot, i * ITEM, 2, 12, 12, colours[i]);
    plot_say_plain(plot, i * ITEM + 17, PLOT_BASE, "start", names[i]);
  }
}
