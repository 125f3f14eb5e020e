/* disk.h: a host's disk, and what may go wrong with it. */
#ifndef HANDOVER_TESTS_DISK_H
#define HANDOVER_TESTS_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host;

/* `name` is its folder's: "/sim/NAME". */
struct host *host_create(int32_t number);
const char *host_folder(const struct host *host);
/* The machine loses its power: names and bytes that were not brought to the disk are there or not, by chance. */
void host_power_off(struct host *host);
/* So many calls that write fail from here on; each that writes or syncs takes up to so long. */
void host_fail(struct host *host, int32_t calls);
void host_slow(struct host *host, int64_t most_ns);

/* The bytes of a file, or NULL. */
const char *host_file(const struct host *host, const char *name, size_t *length);

#endif
