/* The least that a WebSocket server can do: epoll, unmask, answer a fixed frame. No library, one thread, level
 * triggered. It answers every text frame with a 33-byte text frame and is the unit in which docs/performance.md counts.
 *
 *   echo <port, 0 for any>      prints "READY <port>"
 *
 * RFC 6455. Frames with 7- and 16-bit lengths, whole or cut anywhere; anything else ends the connection.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM 8192
#define MAX_FD 65536
#define EVENTS 512

typedef struct {
  int open;       /* the handshake is done */
  size_t used;    /* bytes in `buffer` */
  unsigned char *buffer;
} Connection;

static Connection *connections[MAX_FD];
/* A result as long as those of an OCPP server to the benchmark's calls: 2 bytes of header, 31 of text. */
static const unsigned char ANSWER[33] = "\x81\x1f[3,\"0000000000000000000000\",{}]";

static uint32_t rotate(uint32_t x, int n) { return (x << n) | (x >> (32 - n)); }

static void sha1_block(uint32_t h[5], const unsigned char *p) {
  uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)p[4 * i] << 24 | p[4 * i + 1] << 16 | p[4 * i + 2] << 8 | p[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f, k;
    if (i < 20) f = (b & c) | (~b & d), k = 0x5A827999;
    else if (i < 40) f = b ^ c ^ d, k = 0x6ED9EBA1;
    else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8F1BBCDC;
    else f = b ^ c ^ d, k = 0xCA62C1D6;
    uint32_t t = rotate(a, 5) + f + e + k + w[i];
    e = d, d = c, c = rotate(b, 30), b = a, a = t;
  }
  h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
}

/* SHA-1 of a text shorter than 120 bytes. */
static void sha1(const char *text, unsigned char digest[20]) {
  unsigned char padded[128] = {0};
  size_t length = strlen(text), total = length < 56 ? 64 : 128;
  uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  memcpy(padded, text, length);
  padded[length] = 0x80;
  padded[total - 2] = (unsigned char)(length * 8 >> 8);
  padded[total - 1] = (unsigned char)(length * 8);
  for (size_t at = 0; at < total; at += 64) sha1_block(h, padded + at);
  for (int i = 0; i < 20; i++) digest[i] = (unsigned char)(h[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const unsigned char *in, char out[29]) {
  static const char *SET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char *to = out;
  for (int i = 0; i < 20; i += 3) {
    int rest = 20 - i;
    uint32_t v = (uint32_t)in[i] << 16 | (rest > 1 ? in[i + 1] << 8 : 0) | (rest > 2 ? in[i + 2] : 0);
    *to++ = SET[v >> 18 & 63];
    *to++ = SET[v >> 12 & 63];
    *to++ = rest > 1 ? SET[v >> 6 & 63] : '=';
    *to++ = rest > 2 ? SET[v & 63] : '=';
  }
  *to = 0;
}

/* The value of a header line, copied; 0 when it is missing. */
static int header(const char *head, const char *name, char *value, size_t room) {
  const char *line = strcasestr(head, name);
  if (!line) return 0;
  line += strlen(name);
  while (*line == ' ') line++;
  size_t length = strcspn(line, "\r\n,");
  if (length >= room) return 0;
  memcpy(value, line, length);
  value[length] = 0;
  return 1;
}

static void forget(int fd) {
  if (connections[fd]) {
    free(connections[fd]->buffer);
    free(connections[fd]);
    connections[fd] = NULL;
  }
  close(fd);
}

/* Answer the upgrade. 0: not complete yet, -1: refuse. */
static int shake(int fd, Connection *c) {
  char key[96], joined[160], protocol[32] = "", accept[29], reply[512];
  unsigned char digest[20];
  c->buffer[c->used] = 0;
  if (!strstr((char *)c->buffer, "\r\n\r\n")) return c->used < ROOM - 1 ? 0 : -1;
  if (!header((char *)c->buffer, "\r\nSec-WebSocket-Key:", key, sizeof key)) return -1;
  header((char *)c->buffer, "\r\nSec-WebSocket-Protocol:", protocol, sizeof protocol);
  snprintf(joined, sizeof joined, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
  sha1(joined, digest);
  base64(digest, accept);
  int length = snprintf(reply, sizeof reply,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n%s%s%s\r\n",
                        accept, *protocol ? "Sec-WebSocket-Protocol: " : "", protocol, *protocol ? "\r\n" : "");
  if (write(fd, reply, (size_t)length) != length) return -1;
  c->open = 1;
  c->used = 0;
  return 0;
}

/* Take every whole frame from the buffer. -1: end the connection. */
static int frames(int fd, Connection *c) {
  size_t at = 0;
  while (c->used - at >= 8) {
    unsigned char *p = c->buffer + at;
    size_t size = p[1] & 0x7f, head = 6;
    if (p[0] != 0x81 || !(p[1] & 0x80) || size == 127) return -1;
    if (size == 126) size = (size_t)p[2] << 8 | p[3], head = 8;
    if (head + size > ROOM - 1) return -1;
    if (c->used - at < head + size) break;
    const unsigned char *mask = p + head - 4;
    for (size_t i = 0; i < size; i++) p[head + i] ^= mask[i & 3];
    if (write(fd, ANSWER, sizeof ANSWER) != (ssize_t)sizeof ANSWER) return -1;
    at += head + size;
  }
  memmove(c->buffer, c->buffer + at, c->used - at);
  c->used -= at;
  return 0;
}

static void readable(int fd) {
  Connection *c = connections[fd];
  ssize_t got = read(fd, c->buffer + c->used, ROOM - 1 - c->used);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) forget(fd);
    return;
  }
  c->used += (size_t)got;
  if ((c->open ? frames(fd, c) : shake(fd, c)) < 0) forget(fd);
}

static void admit(int poll, int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    int on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (fd >= MAX_FD) {
      close(fd);
      continue;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections[fd] = calloc(1, sizeof(Connection));
    connections[fd]->buffer = malloc(ROOM);
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct epoll_event events[EVENTS], event = {.events = EPOLLIN};
  struct rlimit files;
  socklen_t size = sizeof address;
  int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0);
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  address.sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  event.data.fd = listener;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  printf("READY %d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int count = epoll_wait(poll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == listener) admit(poll, listener);
      else readable(events[i].data.fd);
    }
  }
}
