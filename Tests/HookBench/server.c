// A daemon that answers every connection with +OK, for scripts/bench-hook.
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int count, char **words) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (count != 2) return 2;
  strncpy(address.sun_path, words[1], sizeof address.sun_path - 1);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return 1;
  if (listen(listener, 64) != 0) return 1;
  alarm(300);  // Never outlives a benchmark.
  for (;;) {
    char request[4096];
    int client = accept(listener, 0, 0);
    if (client < 0) continue;
    if (read(client, request, sizeof request) > 0 && write(client, "+OK\r\n", 5) != 5) return 1;
    close(client);
  }
}
