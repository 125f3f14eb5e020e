/* test_demo_cluster.c: the cluster of the demo does not hear signals: one that interrupted it would take it down. May use: everything. */
#include <dirent.h>
#include <signal.h>
#include <unistd.h>

#include "cluster.h"
#include "consumer/demo_cluster.h"

/* Which signals a thread of this process has blocked, one bit each, as /proc says it. */
static unsigned long long blocked(const char *thread) {
  char path[300], line[256];
  unsigned long long mask = 0;
  snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
  FILE *status = fopen(path, "r");
  assert_non_null(status);
  while (fgets(line, sizeof line, status))
    if (strncmp(line, "SigBlk:", 7) == 0) mask = strtoull(line + 7, NULL, 16);
  assert_int_equal(fclose(status), 0);
  return mask;
}

/* How many threads there are besides this one; each has to be deaf. */
static int deaf_threads(void) {
  int count = 0;
  char own[24];
  snprintf(own, sizeof own, "%d", (int)getpid());
  DIR *tasks = opendir("/proc/self/task");
  assert_non_null(tasks);
  for (const struct dirent *task; (task = readdir(tasks));) {
    if (task->d_name[0] == '.' || strcmp(task->d_name, own) == 0) continue;
    unsigned long long mask = blocked(task->d_name);
    for (size_t i = 0; i < 3; i++) assert_true(mask >> ((const int[]){SIGINT, SIGTERM, SIGALRM}[i] - 1) & 1);
    count++;
  }
  closedir(tasks);
  return count;
}

static void test_deaf(void **state) {
  (void)state;
  char why[600];
  struct demo_cluster *cluster = demo_cluster_start(why, sizeof why);
  assert_non_null(cluster);
  assert_true(deaf_threads() >= 3); /* the client's, the broker's, the mock's */
  demo_cluster_stop(cluster);
}

/* Who started it hears them as before. */
static void test_starter_hears(void **state) {
  (void)state;
  char why[600], own[24];
  snprintf(own, sizeof own, "%d", (int)getpid());
  unsigned long long before = blocked(own);
  struct demo_cluster *cluster = demo_cluster_start(why, sizeof why);
  assert_non_null(cluster);
  assert_int_equal(blocked(own), before);
  demo_cluster_stop(cluster);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_deaf), cmocka_unit_test(test_starter_hears)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
