/* alert_http.c: curl's multi interface. */
#include "alert_http.h"

#include <assert.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../consumer/clock.h"
#include "../consumer/engine/memory.h"
#include "alert_address.h"
#include "alert_verdict.h"

enum { ANSWER_MOST = 65536, CONNECT_MS = 10000, SOCKETS_MOST = 8, HOST = 64 };

struct alert_http {
  CURLM *multi;
  struct call *calls; /* that are under way */
};

struct call {
  struct call *next;
  CURL *easy;
  struct curl_slist *headers;
  void *context;
  bool allow_private;
  int64_t start_ns, retry_ms;
  size_t taken; /* bytes of the answer */
  char blocked[ALERT_REASON];
  char error[CURL_ERROR_SIZE];
  char beginning[ALERT_ANSWER];
  size_t beginning_length;
};

struct alert_http *alert_http_open(void) {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return NULL;
  struct alert_http *http = memory_zeroed(1, sizeof *http);
  http->multi = curl_multi_init();
  if (http->multi) return http;
  memory_free(http);
  return NULL;
}

static void call_free(struct alert_http *http, struct call *call) {
  struct call **at = &http->calls;
  while (*at != call) at = &(*at)->next;
  *at = call->next;
  curl_multi_remove_handle(http->multi, call->easy);
  curl_easy_cleanup(call->easy);
  curl_slist_free_all(call->headers);
  memory_free(call);
}

/* --- what curl calls back --- */

/* An address that is not public is never connected to, whatever name led there. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  struct call *call = context;
  const char *private = purpose == CURLSOCKTYPE_IPCXN ? alert_address_private(&address->addr) : "no connection";
  if (call->allow_private || !private)
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  char host[HOST] = "?";
  getnameinfo(&address->addr, address->addrlen, host, sizeof host, NULL, 0, NI_NUMERICHOST);
  snprintf(call->blocked, sizeof call->blocked, "blocked: %s is %s; allow_private lets it be", host, private);
  return CURL_SOCKET_BAD;
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *context) {
  struct call *call = context;
  size_t length = size * count, room = sizeof call->beginning - 1 - call->beginning_length;
  size_t kept = length < room ? length : room;
  memcpy(call->beginning + call->beginning_length, bytes, kept);
  call->beginning_length += kept;
  call->taken += length;
  return call->taken > ANSWER_MOST ? 0 : length; /* 0: curl ends the transfer */
}

static size_t take_header(char *bytes, size_t size, size_t count, void *context) {
  static const char name[] = "retry-after:";
  struct call *call = context;
  size_t length = size * count, head = sizeof name - 1;
  char value[64];
  if (length > head && length - head < sizeof value && strncasecmp(bytes, name, head) == 0) {
    size_t from = head, to = length;
    while (from < to && (bytes[from] == ' ' || bytes[from] == '\t')) from++;
    while (to > from && (unsigned char)bytes[to - 1] <= ' ') to--;
    memcpy(value, bytes + from, to - from);
    value[to - from] = 0;
    call->retry_ms = alert_retry_after(value, clock_wall_ms());
  }
  return length;
}

/* --- calls --- */

static void add_header(struct call *call, const char *text) {
  struct curl_slist *longer = curl_slist_append(call->headers, text);
  assert(longer); /* nothing but memory can be missing */
  call->headers = longer;
}

/* An option that libcurl does not take is a bug. */
static void set_number(const struct call *call, CURLoption option, long number) {
  CURLcode code = curl_easy_setopt(call->easy, option, number);
  assert(code == CURLE_OK);
}

static void set_pointer(const struct call *call, CURLoption option, const void *pointer) {
  CURLcode code = curl_easy_setopt(call->easy, option, pointer);
  assert(code == CURLE_OK);
}

static void set_callbacks(struct call *call) {
  curl_easy_setopt(call->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, take_answer);
  curl_easy_setopt(call->easy, CURLOPT_HEADERFUNCTION, take_header);
  set_pointer(call, CURLOPT_OPENSOCKETDATA, call);
  set_pointer(call, CURLOPT_WRITEDATA, call);
  set_pointer(call, CURLOPT_HEADERDATA, call);
  set_pointer(call, CURLOPT_ERRORBUFFER, call->error);
  set_pointer(call, CURLOPT_PRIVATE, call);
}

static void set_limits(struct call *call, const struct receiver *receiver) {
  set_pointer(call, CURLOPT_PROTOCOLS_STR, receiver->allow_http ? "http,https" : "https");
  set_number(call, CURLOPT_FOLLOWLOCATION, 0L);
  /* A connection to a private address, which this receiver may have, must not be found by one that may not. */
  set_number(call, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
  if (receiver->allow_private) set_number(call, CURLOPT_FORBID_REUSE, 1L);
  set_pointer(call, CURLOPT_PROXY, "");
  set_number(call, CURLOPT_NOSIGNAL, 1L);
  set_number(call, CURLOPT_TIMEOUT_MS, (long)receiver->timeout_ms);
  set_number(call, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
  set_number(call, CURLOPT_SSL_VERIFYPEER, 1L);
  set_number(call, CURLOPT_SSL_VERIFYHOST, 2L);
  if (*receiver->ca_file) set_pointer(call, CURLOPT_CAINFO, receiver->ca_file);
}

static void set_request(struct call *call, const struct alert_target *target, const struct alert_message *message) {
  for (int32_t i = 0; i < message->header_count; i++) add_header(call, message->headers[i]);
  add_header(call, "Expect:"); /* no question before the body */
  set_pointer(call, CURLOPT_URL, target->url);
  set_pointer(call, CURLOPT_USERAGENT, "handover/" HANDOVER_VERSION);
  set_pointer(call, CURLOPT_HTTPHEADER, call->headers);
  set_number(call, CURLOPT_POSTFIELDSIZE, (long)message->body.length);
  set_pointer(call, CURLOPT_COPYPOSTFIELDS, message->body.at ? message->body.at : "");
}

void alert_http_call(struct alert_http *http, const struct alert_target *target, const struct alert_message *message,
                     void *context) {
  struct call *call = memory_zeroed(1, sizeof *call);
  call->easy = curl_easy_init();
  assert(call->easy); /* nothing but memory can be missing */
  call->context = context;
  call->allow_private = target->receiver->allow_private;
  call->start_ns = clock_monotonic_ns();
  call->retry_ms = -1;
  set_callbacks(call);
  set_limits(call, target->receiver);
  set_request(call, target, message);
  call->next = http->calls;
  http->calls = call;
  CURLMcode code = curl_multi_add_handle(http->multi, call->easy);
  assert(code == CURLM_OK);
}

void alert_http_wait(struct alert_http *http, const int *sockets, unsigned count, int wait_ms) {
  struct curl_waitfd also[SOCKETS_MOST];
  int running;
  assert(count <= SOCKETS_MOST);
  for (unsigned i = 0; i < count; i++) also[i] = (struct curl_waitfd){sockets[i], CURL_WAIT_POLLIN, 0};
  curl_multi_perform(http->multi, &running);
  curl_multi_poll(http->multi, also, count, wait_ms, NULL);
  curl_multi_perform(http->multi, &running);
}

/* Of curl's own errors, words that name no address: curl's quote it, and it may be a secret. */
static const char *words_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT: return "timed out";
    case CURLE_COULDNT_RESOLVE_HOST: return "the host's name is not known";
    case CURLE_COULDNT_CONNECT: return "cannot be connected to";
    case CURLE_PEER_FAILED_VERIFICATION: return "its certificate does not hold";
    case CURLE_SSL_CACERT_BADFILE: return "ca_file cannot be read, or holds no certificate";
    case CURLE_GOT_NOTHING: return "hung up without an answer";
    default: return curl_easy_strerror(code);
  }
}

static void describe(struct alert_answer *answer, const struct call *call, CURLcode code, long status) {
  /* Who has answered has answered, even where the rest of the answer never came. */
  bool answered = status >= 200;
  answer->status = answered ? (int)status : 0;
  if (answered) {
    snprintf(answer->reason, sizeof answer->reason, "status %ld%s", status,
             status >= 300 && status < 400 ? ": redirects are not followed" : "");
  } else {
    snprintf(answer->reason, sizeof answer->reason, "%s", *call->blocked ? call->blocked : words_of(code));
  }
}

bool alert_http_next(struct alert_http *http, struct alert_answer *answer) {
  int left;
  for (CURLMsg *message; (message = curl_multi_info_read(http->multi, &left));) {
    if (message->msg != CURLMSG_DONE) continue;
    char *private = NULL;
    long status = 0;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    struct call *call = (struct call *)(void *)private;
    *answer = (struct alert_answer){.context = call->context, .retry_ms = call->retry_ms};
    answer->took_ms = (clock_monotonic_ns() - call->start_ns) / 1000000;
    describe(answer, call, message->data.result, status);
    memcpy(answer->beginning, call->beginning, call->beginning_length);
    call_free(http, call);
    return true;
  }
  return false;
}

void alert_http_close(struct alert_http *http) {
  if (!http) return;
  while (http->calls) call_free(http, http->calls);
  curl_multi_cleanup(http->multi);
  curl_global_cleanup();
  memory_free(http);
}
