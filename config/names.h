/* names.h: which of the known names was meant? May use: libc. */
#ifndef HANDOVER_CONFIG_NAMES_H
#define HANDOVER_CONFIG_NAMES_H

#include <stddef.h>

/* The nearest of `count` names, where it is near enough to be meant (a third of the letters, case apart, may differ); else
 * NULL. Of equally near ones the first. */
const char *name_nearest(const char *name, const char *const *names, size_t count);

#endif
