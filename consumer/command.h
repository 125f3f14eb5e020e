/* command.h: the commands of `handover`: one table of name, summary and function (command.c), which the help follows from.
 *
 * A command gets its own arguments, argv[0] being its name, and returns the exit status: 0 done; 1 the answer is no; 2 wrong usage or
 * unusable input; 3 something outside failed. Each has --help. */
#ifndef HANDOVER_CONSUMER_COMMAND_H
#define HANDOVER_CONSUMER_COMMAND_H

int cmd_demo(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_audit(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_keygen(int argc, char **argv);
int cmd_approve(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_publish(int argc, char **argv);
int cmd_describe(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_calendar(int argc, char **argv);
int cmd_topics(int argc, char **argv);
int cmd_backtest(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_tap(int argc, char **argv);
int cmd_letters(int argc, char **argv);
int cmd_generate(int argc, char **argv);
int cmd_alert(int argc, char **argv);
int cmd_bench(int argc, char **argv);

/* The program: finds the command that argv names and runs it. */
int command_run(int argc, char **argv);

#endif
