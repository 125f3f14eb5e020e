/* backtest_gate.h: --fail-if: FIGURE OP VALUE, of exact figures. */
#ifndef HANDOVER_CONSUMER_BACKTEST_GATE_H
#define HANDOVER_CONSUMER_BACKTEST_GATE_H

#include "backtest.h"

enum { GATES = 64, GATE_WHY = 200 };

enum gate_op { GATE_ABOVE, GATE_AT_LEAST, GATE_BELOW, GATE_AT_MOST };

struct gate {
  const char *text;
  int32_t figure, stage; /* stage: of NEW, where the figure is one of a stage; else NONE */
  enum gate_op op;
  int64_t number; /* millionths */
  bool times;     /* so many times OLD's figure */
  /* judged: */
  struct ratio value, limit;
  bool fails;
  char why[GATE_WHY];
};

/* False: said what is wrong with it. The text outlives the gate. capacity: 0: none was said. */
bool gate_parse(struct gate *gate, const char *command, const char *text, const struct definition *new_one,
                int64_t capacity);
void gate_judge(struct gate *gate, const struct backtest *backtest);

#endif
