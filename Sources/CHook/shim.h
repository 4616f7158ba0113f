// The C library for the hook: Embedded Swift has no Glibc module.
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// open(2) and fcntl(2) are variadic, which Swift can't import.
static inline int chook_open(const char *path, int flags) { return open(path, flags); }
static inline int chook_is_open(int descriptor) { return fcntl(descriptor, F_GETFD) != -1; }

// SIG_IGN is a cast of a number to a function, which Swift can't import.
static inline void chook_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

// capget(2) has no wrapper in glibc, and syscall(2) is variadic.
static inline int chook_has_capability(int capability) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2] = {{0}};
  if (syscall(SYS_capget, &header, data) != 0) return 0;
  return (data[capability / 32].effective >> (capability % 32)) & 1;
}
