// Declarations of the C library that Swift's Glibc module leaves out; no code.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
