// The hook as one would write it in C: what scripts/bench-hook compares with.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int main(int count, char **words) {
  signal(SIGPIPE, SIG_IGN);
  for (int stream = 0; stream < 3; stream++)
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", O_RDWR);
  struct timespec start;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const char *path = getenv("VIPD_HOOK_SOCKET");
  if (count != 8 || !path) return 2;
  size_t room = 64;
  for (int i = 1; i < count; i++) room += 32 + strlen(words[i]);
  char *request = malloc(room);
  if (!request) return 2;
  int length = sprintf(request, "*%d\r\n$8\r\nRECONFIG\r\n$8\r\nreconfig\r\n", count + 1);
  for (int i = 1; i < count; i++)
    length += sprintf(request + length, "$%zu\r\n%s\r\n", strlen(words[i]), words[i]);
  int daemon = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  if (connect(daemon, (struct sockaddr *)&address, sizeof address) != 0) return 2;
  if (send(daemon, request, length, MSG_NOSIGNAL) != length) return 2;
  char answer[512];
  ssize_t got = recv(daemon, answer, sizeof answer, 0);
  if (got < 0) {
    struct pollfd wait = {.fd = daemon, .events = POLLIN};
    if (poll(&wait, 1, 80) != 1) return 2;
    got = recv(daemon, answer, sizeof answer, 0);
  }
  close(daemon);
  return got == 5 && memcmp(answer, "+OK\r\n", 5) == 0 ? 0 : 2;
}
