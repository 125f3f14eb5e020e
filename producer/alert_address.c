/* alert_address.c: IANA's special-purpose registries as two tables of prefixes. An IPv4 address in an IPv6 one (mapped, NAT64, 6to4) is
 * looked at as what it stands for. The metadata services of clouds are link-local (169.254.169.254) or unique-local (fd00:ec2::254). */
#include "alert_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const struct {
  uint32_t network;
  int bits;
  const char *what;
} four[] = {
    {0x00000000, 8, "this network"},
    {0x0A000000, 8, "private"},
    {0x64400000, 10, "shared (carrier-grade NAT)"},
    {0x7F000000, 8, "loopback"},
    {0xA9FE0000, 16, "link-local"},
    {0xAC100000, 12, "private"},
    {0xC0000000, 24, "reserved"},
    {0xC0000200, 24, "documentation"},
    {0xC0586300, 24, "reserved"},
    {0xC0A80000, 16, "private"},
    {0xC6120000, 15, "benchmarking"},
    {0xC6336400, 24, "documentation"},
    {0xCB007100, 24, "documentation"},
    {0xE0000000, 4, "multicast"},
    {0xF0000000, 4, "reserved"},
};

static const struct {
  uint8_t network[8];
  int bits;
  const char *what;
} six[] = {
    {{0x01, 0x00, 0, 0, 0, 0, 0, 0}, 64, "discarded"},
    {{0x20, 0x01, 0x00, 0x00}, 23, "reserved"},
    {{0x20, 0x01, 0x0D, 0xB8}, 32, "documentation"},
    {{0x3F, 0xFF, 0x00}, 20, "documentation"},
    {{0x5F, 0x00}, 16, "reserved"},
    {{0xFC}, 7, "unique local"},
    {{0xFE, 0x80}, 10, "link-local"},
    {{0xFE, 0xC0}, 10, "site-local"},
    {{0xFF}, 8, "multicast"},
    {{0x00, 0x64, 0xFF, 0x9B, 0x00, 0x01}, 48, "private"},
};

static const char *four_private(uint32_t address) {
  for (size_t i = 0; i < sizeof four / sizeof *four; i++) {
    if (((address ^ four[i].network) >> (32 - four[i].bits)) == 0) return four[i].what;
  }
  return NULL;
}

static bool begins(const uint8_t *address, const uint8_t *network, int bits) {
  int whole = bits / 8, rest = bits % 8;
  if (memcmp(address, network, (size_t)whole) != 0) return false;
  return rest == 0 || ((address[whole] ^ network[whole]) >> (8 - rest)) == 0;
}

static uint32_t four_of(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static const char *six_private(const uint8_t *address) {
  static const uint8_t zeros[15], mapped[12] = {[10] = 0xFF, [11] = 0xFF}, nat64[12] = {0x00, 0x64, 0xFF, 0x9B};
  if (memcmp(address, zeros, 15) == 0) return address[15] == 1 ? "loopback" : "unspecified";
  if (memcmp(address, mapped, 12) == 0 || memcmp(address, nat64, 12) == 0) return four_private(four_of(address + 12));
  if (memcmp(address, zeros, 12) == 0) return "reserved"; /* IPv4-compatible, long gone */
  if (address[0] == 0x20 && address[1] == 0x02) return four_private(four_of(address + 2));
  for (size_t i = 0; i < sizeof six / sizeof *six; i++) {
    if (begins(address, six[i].network, six[i].bits)) return six[i].what;
  }
  return NULL;
}

const char *alert_address_private(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) {
    struct sockaddr_in in;
    memcpy(&in, address, sizeof in);
    return four_private(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return "of no known family";
  struct sockaddr_in6 in;
  memcpy(&in, address, sizeof in);
  return six_private(in.sin6_addr.s6_addr);
}
