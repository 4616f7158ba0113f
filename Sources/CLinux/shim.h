// Declarations of the C library that Swift's Glibc module leaves out; no code.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timex.h>

// memfd_create(2): <sys/mman.h> has it under _GNU_SOURCE alone, which the importer does not set.
int memfd_create(const char *name, unsigned int flags);
