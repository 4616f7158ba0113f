// The least that a daemon can do from an event to the wire, to compare vipd with.
//
//   floor ADDRESS INTERFACE ROUNDS
//
// One process sends another the answer of a Redis that was promoted, over TCP on the loopback. The
// other, blocked in read(2), adds the address by netlink, waits for the kernel's word, and sends
// the two announcements of ARP. Nothing is decided, parsed or remembered.
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char promoted[] = "*3\r\n$6\r\nmaster\r\n:2454\r\n*0\r\n";

struct address_request {
  struct nlmsghdr header;
  struct ifaddrmsg address;
  struct rtattr attribute;
  struct in_addr value;
};

static void fail(const char *what) {
  perror(what);
  exit(1);
}

// Adds or removes the address, and waits for the answer.
static void change(int netlink, int type, int flags, struct in_addr address, unsigned interface) {
  struct address_request request = {
      .header = {.nlmsg_len = sizeof request,
                 .nlmsg_type = type,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags},
      .address = {.ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = interface},
      .attribute = {.rta_len = RTA_LENGTH(4), .rta_type = IFA_LOCAL},
      .value = address};
  char answer[1024];
  if (send(netlink, &request, sizeof request, 0) < 0) fail("netlink send");
  if (recv(netlink, answer, sizeof answer, 0) < 0) fail("netlink recv");
  struct nlmsgerr *error = NLMSG_DATA((struct nlmsghdr *)answer);
  if (error->error != 0 && type == RTM_NEWADDR) {
    fprintf(stderr, "floor: the address can't be added: %s\n", strerror(-error->error));
    exit(1);
  }
}

// Sends the announcements of RFC 5227: a request and a reply.
static void announce(int packet, const struct sockaddr_ll *to, const unsigned char *mac,
                     struct in_addr address) {
  unsigned char frame[42] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  memcpy(frame + 6, mac, 6);
  memcpy(frame + 12, "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x01", 10);
  memcpy(frame + 22, mac, 6);
  memcpy(frame + 28, &address, 4);
  memcpy(frame + 38, &address, 4);
  for (int operation = 1; operation <= 2; operation++) {
    frame[21] = operation;
    if (sendto(packet, frame, sizeof frame, 0, (const struct sockaddr *)to, sizeof *to) < 0)
      fail("packet send");
  }
}

// The loop that is measured.
static void follow(int events, struct in_addr address, const char *name) {
  int netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  int packet = socket(AF_PACKET, SOCK_RAW, 0);
  struct ifreq request = {0};
  strncpy(request.ifr_name, name, IFNAMSIZ - 1);
  if (netlink < 0 || packet < 0) fail("socket");
  if (ioctl(packet, SIOCGIFHWADDR, &request) < 0) fail(name);
  unsigned char mac[6];
  memcpy(mac, request.ifr_hwaddr.sa_data, 6);
  unsigned interface = if_nametoindex(name);
  struct sockaddr_ll to = {.sll_family = AF_PACKET,
                           .sll_protocol = htons(ETH_P_ARP),
                           .sll_ifindex = interface,
                           .sll_halen = 6,
                           .sll_addr = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  char event[256];
  while (read(events, event, sizeof event) > 0) {
    if (event[0] == '*') {
      change(netlink, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, address, interface);
      announce(packet, &to, mac, address);
    } else {
      change(netlink, RTM_DELADDR, 0, address, interface);
    }
    if (write(events, "k", 1) != 1) fail("write");
  }
}

int main(int count, char **words) {
  struct in_addr address;
  if (count != 4 || inet_pton(AF_INET, words[1], &address) != 1) {
    fprintf(stderr, "usage: floor ADDRESS INTERFACE ROUNDS\n");
    return 2;
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in place = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t length = sizeof place;
  if (bind(listener, (struct sockaddr *)&place, length) < 0 || listen(listener, 1) < 0) fail("bind");
  getsockname(listener, (struct sockaddr *)&place, &length);
  pid_t child = fork();
  if (child == 0) {
    int events = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(events, (struct sockaddr *)&place, length) < 0) fail("connect");
    close(listener);
    follow(events, address, words[2]);
    return 0;
  }
  int connection = accept(listener, NULL, NULL);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  char answer;
  for (int round = atoi(words[3]); round > 0; round--) {
    // Long enough for the caches to be as cold as a daemon's that waits.
    usleep(40000);
    if (write(connection, promoted, sizeof promoted - 1) < 0) fail("write");
    if (read(connection, &answer, 1) != 1) break;
    usleep(10000);
    if (write(connection, "r", 1) < 0 || read(connection, &answer, 1) != 1) break;
  }
  close(connection);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
