#ifndef DINO_CCurl_H
#define DINO_CCurl_H
#include <curl/curl.h>

// Swift does not import functions with variable arguments, so each kind of option has a function.
// The parentheses keep curl's macros away, which check types that are fixed here.

static inline CURLcode dino_curl_set_number(CURL *handle, CURLoption option, long value) {
  return (curl_easy_setopt)(handle, option, value);
}
/// Sets an option of type `curl_off_t`, such as `CURLOPT_MAXFILESIZE_LARGE`.
static inline CURLcode dino_curl_set_large(CURL *handle, CURLoption option, long long value) {
  return (curl_easy_setopt)(handle, option, (curl_off_t)value);
}
/// Sets a text, which curl copies.
static inline CURLcode dino_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return (curl_easy_setopt)(handle, option, value);
}
/// Sets a list, which has to live as long as the transfer.
static inline CURLcode dino_curl_set_list(CURL *handle, CURLoption option,
                                          struct curl_slist *value) {
  return (curl_easy_setopt)(handle, option, value);
}
/// Sets what a callback is given.
static inline CURLcode dino_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return (curl_easy_setopt)(handle, option, value);
}

/// Takes bytes of a header or a body; any result but the number of bytes ends the transfer.
typedef size_t (*dino_curl_bytes)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode dino_curl_set_bytes(CURL *handle, CURLoption option,
                                           dino_curl_bytes function) {
  return (curl_easy_setopt)(handle, option, function);
}
/// Opens a socket for an address, or refuses it with `CURL_SOCKET_BAD`.
typedef curl_socket_t (*dino_curl_socket)(void *context, curlsocktype purpose,
                                          struct curl_sockaddr *address);
static inline CURLcode dino_curl_set_socket(CURL *handle, dino_curl_socket function) {
  return (curl_easy_setopt)(handle, CURLOPT_OPENSOCKETFUNCTION, function);
}

static inline long dino_curl_number(CURL *handle, CURLINFO info) {
  long value = 0;
  (curl_easy_getinfo)(handle, info, &value);
  return value;
}
/// Returns a length or time of type `curl_off_t`; -1 if it is not known.
static inline long long dino_curl_large(CURL *handle, CURLINFO info) {
  curl_off_t value = -1;
  (curl_easy_getinfo)(handle, info, &value);
  return value;
}
/// Returns the transfer that a message is about, and its result.
static inline CURLcode dino_curl_result(const CURLMsg *message) { return message->data.result; }

static inline CURLMcode dino_curl_multi_number(CURLM *multi, CURLMoption option, long value) {
  return (curl_multi_setopt)(multi, option, value);
}
#endif
