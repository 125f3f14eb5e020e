/* receiver.c: what can be said of a receiver without the settings' parser. */
#include "receiver.h"

#include <string.h>
#include <strings.h>

#include "../consumer/engine/memory.h"

const char receiver_kinds[] = "slack or webhook or pagerduty or stdout";

const struct receiver *receiver_find(const struct receivers *receivers, const char *name) {
  for (int32_t i = 0; i < receivers->count; i++) {
    if (strcmp(receivers->at[i].name, name) == 0) return &receivers->at[i];
  }
  return NULL;
}

bool receiver_url_good(const char *url, bool allow_http, const char **why) {
  bool secure = strncasecmp(url, "https://", 8) == 0, clear = strncasecmp(url, "http://", 7) == 0;
  const char *host = url + (secure ? 8 : 7);
  *why = NULL;
  if (!secure && !clear) {
    *why = "wants an address that begins with https://";
  } else if (clear && !allow_http) {
    *why = "is not https: what is sent could be read and changed on its way; allow_http lets it be";
  } else if (strcspn(host, "/?#") == 0 || *host == ':') {
    *why = "names no host";
  } else if (memchr(host, '@', strcspn(host, "/?#"))) {
    *why = "must not hold a user or a password";
  }
  for (const unsigned char *at = (const unsigned char *)url; *at && !*why; at++) {
    if (*at <= ' ' || *at >= 0x7F) *why = "must hold nothing but printable ASCII, without spaces";
    if (*at == '#') *why = "must not hold a fragment (#)";
  }
  return !*why;
}

static void filter_fini(struct receiver_filter *filter) {
  for (int32_t i = 0; i < filter->count; i++) {
    struct receiver_test *test = &filter->tests[i];
    for (int32_t j = 0; j < test->count; j++) memory_free(test->values[j]);
    memory_free(test->values);
    memory_free(test->pointer);
  }
  memory_free(filter->tests);
}

void receivers_fini(struct receivers *receivers) {
  for (int32_t i = 0; i < receivers->count; i++) {
    struct receiver *r = &receivers->at[i];
    char *texts[] = {r->name,          r->url,  r->url_file, r->secret_file, r->old_secret_file,
                     r->template_file, r->link, r->ca_file};
    for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) memory_free(texts[j]);
    filter_fini(&r->filter);
  }
  receivers->count = 0;
}
