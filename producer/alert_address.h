/* alert_address.h: is an address one of the public internet's? Asked of what is really connected to, so no name can point elsewhere
 * afterwards. */
#ifndef HANDOVER_PRODUCER_ALERT_ADDRESS_H
#define HANDOVER_PRODUCER_ALERT_ADDRESS_H

#include <sys/socket.h>

/* NULL: it is public. Else what it is, a static word: "loopback", "private", "link-local" … Families other than IPv4 and IPv6 are "of no
 * known family". */
const char *alert_address_private(const struct sockaddr *address);

#endif
