/* backtest_gate.c: the figures by name, and what is asked of them. */
#include "backtest_gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../config/names.h"

enum { NAME = 300, DECIMALS = 6 };

/* --- figures --- */

enum figure {
  HANDOVERS,
  HANDOVERS_PER_WEEK,
  LEADS,
  LATE,
  WON,
  REJECTED,
  OPEN,
  PRECISION,
  RECALL,
  LIFT,
  BUSIEST_WEEK,
  WEEKS_OVER,
  BREACHES,
  BREACHES_PER_WEEK,
  COMPARED, /* and the others of enum backtest_how */
  FIGURES = COMPARED + HOW_COUNT,
  STAGE_ENTERED = FIGURES,
  STAGE_PER_WEEK,
};

static const char *const figure_names[FIGURES] = {
    "handovers", "handovers_per_week", "leads",  "late",    "won",          "rejected",
    "open",      "precision",          "recall", "lift",    "busiest_week", "weeks_over",
    "breaches",  "breaches_per_week",  "same",   "earlier", "later",        "new",
    "gone"};

static struct ratio whole(uint64_t count) { return (struct ratio){count, 1}; }

/* Of a side alone. */
static struct ratio side_figure(const struct backtest *b, int32_t at, int32_t figure) {
  const struct ledger_side *noted = &b->ledger.sides[at];
  const struct backtest_side *side = &b->sides[at];
  switch (figure) {
    case HANDOVERS: return whole(noted->handovers);
    case HANDOVERS_PER_WEEK: return backtest_per_week(b, noted->handovers);
    case LEADS: return whole(side->count.leads + side->late);
    case LATE: return whole(side->late);
    case WON: return whole(side->count.won);
    case REJECTED: return whole(side->count.rejected);
    case OPEN: return whole(side->count.open);
    case PRECISION: return backtest_precision(&side->count);
    case RECALL: return backtest_recall(b, &side->count);
    case LIFT: return backtest_lift(b, &side->count);
    case BUSIEST_WEEK: return whole(side->busiest);
    case WEEKS_OVER: return whole(side->weeks_over);
    case BREACHES: return whole(noted->breaches);
    case BREACHES_PER_WEEK: return backtest_per_week(b, noted->breaches);
    default: return whole(b->compared[figure - COMPARED].count.leads);
  }
}

static struct ratio figure_value(const struct gate *gate, const struct backtest *b, int32_t side) {
  if (gate->stage == NONE) return side_figure(b, side, gate->figure);
  const struct definition *new_one = b->ledger.sides[BACKTEST_NEW].definition;
  int32_t stage = ledger_stage(b->ledger.sides[side].definition, new_one->stages[gate->stage].name);
  if (stage == NONE) return (struct ratio){0, 0};
  uint64_t entered = b->ledger.sides[side].entered[stage];
  return gate->figure == STAGE_ENTERED ? whole(entered) : backtest_per_week(b, entered);
}

/* --- what was said --- */

static bool say(const char *command, const char *text, const char *why) {
  fprintf(stderr, "handover %s: --fail-if \"%.200s\": %s\n", command, text, why);
  return false;
}

static bool ends_in(const char *name, const char *end, struct slice *before) {
  size_t length = strlen(name), behind = strlen(end);
  *before = (struct slice){name, (uint32_t)(length - behind)};
  return length > behind && strcmp(name + length - behind, end) == 0;
}

static bool find_figure(struct gate *gate, const char *name, const struct definition *d) {
  struct slice stage;
  gate->stage = NONE;
  for (gate->figure = 0; gate->figure < FIGURES; gate->figure++)
    if (strcmp(figure_names[gate->figure], name) == 0) return true;
  gate->figure = STAGE_ENTERED;
  if (ends_in(name, "_entered", &stage) && (gate->stage = ledger_stage(d, stage)) != NONE) return true;
  gate->figure = STAGE_PER_WEEK;
  return ends_in(name, "_per_week", &stage) && (gate->stage = ledger_stage(d, stage)) != NONE;
}

static bool say_figure(const char *command, const char *text, const char *name, const struct definition *d) {
  char entered[LIMIT_STAGES][NAME], per_week[LIMIT_STAGES][NAME], why[2 * NAME];
  const char *names[FIGURES + 2 * LIMIT_STAGES];
  size_t count = 0;
  for (int32_t i = 0; i < FIGURES; i++) names[count++] = figure_names[i];
  for (int32_t i = 0; i < d->stage_count; i++) {
    struct slice stage = d->stages[i].name;
    snprintf(entered[i], NAME, "%.*s_entered", (int)stage.length, stage.at);
    snprintf(per_week[i], NAME, "%.*s_per_week", (int)stage.length, stage.at);
    names[count++] = per_week[i];
    names[count++] = entered[i];
  }
  const char *near = name_nearest(name, names, count);
  snprintf(why, sizeof why, "there is no figure \"%.100s\"%s%.200s%s", name, near ? "; did you mean \"" : "",
           near ? near : "; `handover backtest --help` names them", near ? "\"?" : "");
  return say(command, text, why);
}

/* 1.25, 20% or 1.2x. */
static bool value_parse(struct gate *gate, const char *text) {
  char *end;
  int decimals = 0;
  const char *point = strchr(text, '.');
  size_t digits = strspn(text, "0123456789.");
  if (digits == 0 || digits > 15 || strtoll(text, NULL, 10) > 1000000000 || (point && strchr(point + 1, '.')) ||
      *text == '.')
    return false;
  int64_t number = strtoll(text, &end, 10);
  if (*end == '.') {
    for (end++; *end >= '0' && *end <= '9'; end++, decimals++) {
      if (decimals == DECIMALS) return false;
      number = number * 10 + (*end - '0');
    }
    if (decimals == 0) return false;
  }
  for (; decimals < DECIMALS; decimals++) number *= 10;
  gate->times = *end == 'x';
  gate->number = *end == '%' ? number / 100 : number;
  end += gate->times || *end == '%';
  return end[strspn(end, " ")] == 0;
}

/* The last operator, for a stage's name may have one. Of its text, or NULL. */
static const char *find_op(const char *text, enum gate_op *op, const char **behind) {
  for (const char *at = text + strlen(text); at-- > text;) {
    if (*at != '<' && *at != '>') continue;
    bool equal = at[1] == '=';
    *op = *at == '>' ? (equal ? GATE_AT_LEAST : GATE_ABOVE) : (equal ? GATE_AT_MOST : GATE_BELOW);
    *behind = at + 1 + equal;
    return at;
  }
  return NULL;
}

bool gate_parse(struct gate *gate, const char *command, const char *text, const struct definition *new_one,
                int64_t capacity) {
  char name[NAME];
  const char *value, *begin = text + strspn(text, " ");
  *gate = (struct gate){.text = text};
  const char *end = find_op(begin, &gate->op, &value);
  if (!end) return say(command, text, "is FIGURE OP VALUE, like \"sql_per_week > 1.2x\"; OP is >, >=, < or <=");
  while (end > begin && end[-1] == ' ') end--;
  snprintf(name, sizeof name, "%.*s", (int)(end - begin), begin);
  if (!find_figure(gate, name, new_one)) return say_figure(command, text, name, new_one);
  if (!value_parse(gate, value + strspn(value, " ")))
    return say(command, text,
               "VALUE is a number of at most six decimals, a share like 20%, or so many times OLD's figure, like 1.2x");
  if (gate->times && gate->stage == NONE && gate->figure >= COMPARED)
    return say(command, text, "compares OLD and NEW already: say a number");
  if (gate->stage == NONE && gate->figure == WEEKS_OVER && !capacity) return say(command, text, "needs --capacity");
  return true;
}

/* --- the judgement --- */

/* `difference`: of the value from the limit, by its sign. */
static bool holds(enum gate_op op, int difference) {
  switch (op) {
    case GATE_ABOVE: return difference > 0;
    case GATE_AT_LEAST: return difference >= 0;
    case GATE_BELOW: return difference < 0;
    case GATE_AT_MOST: break;
  }
  return difference <= 0;
}

/* The number is below 2⁵⁰, and OLD's figure has no part or whole of more than 2⁷⁷: the products fit. */
static struct ratio limit_of(const struct gate *gate, const struct backtest *b) {
  struct ratio limit = gate->times ? figure_value(gate, b, BACKTEST_OLD) : whole(1);
  limit.part *= (uint64_t)gate->number;
  limit.whole *= (uint64_t)BACKTEST_ONE;
  return limit;
}

void gate_judge(struct gate *gate, const struct backtest *b) {
  gate->value = figure_value(gate, b, BACKTEST_NEW);
  gate->limit = limit_of(gate, b);
  bool known = gate->value.whole != 0 && gate->limit.whole != 0;
  gate->fails = !known || holds(gate->op, ratio_compare(gate->value, gate->limit));
  if (known) return;
  snprintf(gate->why, sizeof gate->why, "cannot be judged: %s has no such figure", gate->value.whole ? "OLD" : "NEW");
}
