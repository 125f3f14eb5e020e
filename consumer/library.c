/* library.c: a table of versions, the first row that holds counts. Numbers behind # are issues of librdkafka. */
#include "library.h"

#include <stddef.h>
#include <strings.h>

#define VERSION(major, minor, patch) ((major) << 24 | (minor) << 16 | (patch) << 8)

enum { PATCH_BITS = 8 };

static const struct {
  int from, below;
  enum library_verdict verdict;
  const char *text;
} table[] = {
    {0, VERSION(2, 0, 2), LIBRARY_REFUSED,
     "older than 2.0.2, with which no transaction was ever tested: install a newer one"},
    {VERSION(2, 2, 0), VERSION(2, 5, 0), LIBRARY_WARNING,
     "from 2.2 to 2.4 a batch that is sent again may differ from what was sent first (#4750): 2.14.2 or later is "
     "better"},
    {VERSION(2, 5, 0), VERSION(2, 5, 1), LIBRARY_WARNING,
     "2.5.0 may end the process by an assertion (#4826): 2.14.2 or later is better"},
    {VERSION(2, 10, 0), VERSION(2, 10, 1), LIBRARY_WARNING,
     "2.10.0 may reconnect for ever (#5088): 2.10.1 or later, best 2.14.2 or later"},
    {VERSION(2, 0, 2), VERSION(2, 10, 1), LIBRARY_ADVICE,
     "handover works around what is known of it; from 2.10.1 on, best from 2.14.2, it is mended"},
    {VERSION(2, 10, 1), VERSION(2, 14, 2), LIBRARY_ADVICE, "2.14.2 or later has fewer known faults"},
};

enum library_verdict library_judge(int version, const char **text) {
  int release = version >> PATCH_BITS << PATCH_BITS;
  *text = "";
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (release < table[i].from || release >= table[i].below) continue;
    *text = table[i].text;
    return table[i].verdict;
  }
  return LIBRARY_GOOD;
}

const char *library_scram_trouble(int version, const char *mechanism) {
  if (strncasecmp(mechanism, "SCRAM-", sizeof "SCRAM-" - 1) != 0 || version >= VERSION(2, 6, 1)) return NULL;
  return "before 2.6.1 librdkafka cannot log in to Kafka 4 by SCRAM (#4895): its brokers call the credentials invalid";
}

bool library_looks_again(int version) { return version >= VERSION(2, 2, 0); } /* #2879 */

bool library_destroys_unassigned(int version) { return version >= VERSION(2, 3, 0); }
