/* scrape.c: libcurl's multi interface; a handle an address, kept for its connection. */
#include "scrape.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdio.h>

#include "clock.h"
#include "engine/memory.h"

struct target {
  char *url;
  CURL *handle;
  struct scrape_answer answer;
};

struct scrape {
  CURLM *multi;
  struct target targets[SCRAPE_MOST];
  int32_t count;
};

/* A body that grows too large ends its transfer. */
static size_t take(char *bytes, size_t size, size_t count, void *context) {
  struct scrape_answer *answer = context;
  if (answer->text.length + size * count > SCRAPE_BYTES) return 0;
  buffer_append(&answer->text, bytes, size * count);
  return size * count;
}

static char *complete(const char *text) {
  struct buffer url = {0};
  bool scheme = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
  if (!scheme) buffer_append_text(&url, "http://");
  buffer_append_text(&url, text);
  const char *host = scheme ? strstr(text, "://") + 3 : text;
  if (!strchr(host, '/')) buffer_append_text(&url, "/metrics");
  buffer_append(&url, "", 1);
  return url.at;
}

static bool set_up(struct target *target) {
  CURL *handle = target->handle = curl_easy_init();
  if (!handle) return false;
  return curl_easy_setopt(handle, CURLOPT_URL, target->url) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_PROXY, "") == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_WRITEDATA, &target->answer) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_PRIVATE, target) == CURLE_OK;
}

/* Is it a URL at all? Credentials have no place on a command line. */
static bool is_fit(const char *url) {
  CURLU *parts = curl_url();
  char *user = NULL;
  const char *scheme = strstr(url + strlen("http"), "://"); /* of another one that was given: a second */
  bool good = parts && !strstr(scheme + 3, "://") && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_NO_USER;
  curl_free(user);
  curl_url_cleanup(parts);
  return good;
}

struct scrape *scrape_open(const char *const *urls, int32_t count, char *why, size_t room) {
  struct scrape *scrape = memory_zeroed(1, sizeof *scrape);
  const char *what = count > SCRAPE_MOST ? "more than 64 addresses" : NULL;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(scrape->multi = curl_multi_init()))
    what = "libcurl cannot be started";
  for (int32_t i = 0; i < count && !what; i++) {
    struct target *target = &scrape->targets[scrape->count++];
    target->url = complete(urls[i]);
    if (!is_fit(target->url) || !set_up(target)) what = urls[i];
  }
  if (!what) return scrape;
  snprintf(why, room, "%.200s: no address like 127.0.0.1:9464 or http://host:9464/metrics", what);
  scrape_close(scrape);
  return NULL;
}

void scrape_close(struct scrape *scrape) {
  if (!scrape) return;
  for (int32_t i = 0; i < scrape->count; i++) {
    if (scrape->targets[i].handle) curl_easy_cleanup(scrape->targets[i].handle);
    buffer_fini(&scrape->targets[i].answer.text);
    memory_free(scrape->targets[i].url);
  }
  if (scrape->multi) curl_multi_cleanup(scrape->multi);
  curl_global_cleanup();
  memory_free(scrape);
}

static void note_end(const struct CURLMsg *message) {
  struct target *target = NULL;
  long status = 0;
  curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&target);
  curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
  assert(target);
  struct scrape_answer *answer = &target->answer;
  answer->good = message->data.result == CURLE_OK && status == 200;
  if (answer->good) return;
  if (message->data.result == CURLE_OK) snprintf(answer->why, sizeof answer->why, "status %ld", status);
  else snprintf(answer->why, sizeof answer->why, "%s", curl_easy_strerror(message->data.result));
}

static void run(CURLM *multi, int64_t until_ns) {
  int running = 1, left;
  while (running > 0) {
    if (curl_multi_perform(multi, &running) != CURLM_OK) return;
    int64_t left_ms = (until_ns - clock_monotonic_ns()) / 1000000;
    if (running == 0 || left_ms <= 0) break;
    if (curl_multi_poll(multi, NULL, 0, (int)left_ms, NULL) != CURLM_OK) return;
  }
  for (struct CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
    if (message->msg == CURLMSG_DONE) note_end(message);
}

void scrape_fetch(struct scrape *scrape, int wait_ms) {
  for (int32_t i = 0; i < scrape->count; i++) {
    struct target *target = &scrape->targets[i];
    target->answer.good = false;
    target->answer.text.length = 0;
    snprintf(target->answer.why, sizeof target->answer.why, "no answer within %d ms", wait_ms);
    curl_multi_add_handle(scrape->multi, target->handle);
  }
  run(scrape->multi, clock_monotonic_ns() + wait_ms * INT64_C(1000000));
  for (int32_t i = 0; i < scrape->count; i++) curl_multi_remove_handle(scrape->multi, scrape->targets[i].handle);
}

const struct scrape_answer *scrape_answer(const struct scrape *scrape, int32_t index) {
  return &scrape->targets[index].answer;
}

const char *scrape_url(const struct scrape *scrape, int32_t index) { return scrape->targets[index].url; }
