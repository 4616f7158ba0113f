// Runs programs in turn and prints the median and the 95th percentile of each, from posix_spawn
// to its reported end, in microseconds: spawn RUNS PROGRAM...
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static int order(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

int main(int count, char **words) {
  int runs = count > 2 ? atoi(words[1]) : 0, programs = count - 2;
  if (runs < 1) return 2;
  double *times = malloc(sizeof(double) * runs * programs);
  if (!times) return 1;
  // In turn, so that what else the machine does falls on all alike.
  for (int run = 0; run < runs; run++)
    for (int program = 0; program < programs; program++) {
      char *arguments[] = {words[2 + program], "mymaster",  "leader", "start", "10.77.0.1",
                           "6379",             "10.77.0.2", "6379",   NULL};
      pid_t child;
      int status;
      double start = now();
      if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) != 0) return 1;
      waitpid(child, &status, 0);
      times[program * runs + run] = now() - start;
      if (status != 0) {
        fprintf(stderr, "%s ended with status %x\n", arguments[0], status);
        return 1;
      }
    }
  for (int program = 0; program < programs; program++) {
    double *own = times + program * runs;
    qsort(own, runs, sizeof *own, order);
    printf("%s %.0f %.0f\n", words[2 + program], own[runs / 2], own[runs * 95 / 100]);
  }
  return 0;
}
