// Tells when a Redis said that it is a master, and when an address was announced.
//
//   watch
//
// Lines are ‘master NANOSECONDS’ for the answer of ROLE as it arrives over the loopback, and ‘arp
// NANOSECONDS ADDRESS’ for a gratuitous ARP as it leaves; the stamps are the kernel's, of
// CLOCK_REALTIME. It looks for packets 50 times a second and never waits for one, so that no
// packet wakes it beside the program that is watched.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char promoted[] = "*3\r\n$6\r\nmaster\r\n";

static void look(const unsigned char *frame, size_t length, int type, long long stamp) {
  if (type != PACKET_OUTGOING && memmem(frame, length, promoted, sizeof promoted - 1) != NULL)
    printf("master %lld\n", stamp);
  // RFC 826: of a gratuitous ARP sender and target are the same.
  if (type == PACKET_OUTGOING && length >= 42 && frame[12] == 0x08 && frame[13] == 0x06 &&
      memcmp(frame + 28, frame + 38, 4) == 0) {
    char text[INET_ADDRSTRLEN];
    printf("arp %lld %s\n", stamp, inet_ntop(AF_INET, frame + 28, text, sizeof text));
  }
}

int main(void) {
  int packets = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), one = 1, size = 1 << 24;
  if (packets < 0) {
    perror("socket");
    return 1;
  }
  setsockopt(packets, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  setsockopt(packets, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  for (;; usleep(20000)) {
    static unsigned char frame[65536];
    union {
      struct cmsghdr header;
      char bytes[CMSG_SPACE(sizeof(struct timespec))];
    } control;
    struct sockaddr_ll from;
    struct iovec vector = {frame, sizeof frame};
    struct msghdr message = {.msg_name = &from,
                             .msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = &control};
    for (;;) {
      message.msg_namelen = sizeof from;
      message.msg_controllen = sizeof control;
      ssize_t length = recvmsg(packets, &message, MSG_DONTWAIT);
      if (length < 0) break;
      struct cmsghdr *header = CMSG_FIRSTHDR(&message);
      if (header == NULL || header->cmsg_type != SCM_TIMESTAMPNS) continue;
      struct timespec time;
      memcpy(&time, CMSG_DATA(header), sizeof time);
      look(frame, length, from.sll_pkttype, time.tv_sec * 1000000000LL + time.tv_nsec);
    }
  }
}
