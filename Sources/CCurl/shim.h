#include <curl/curl.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

// Swift can neither call C's variadic functions nor read an anonymous union, so each use that the client makes of one
// has a typed inline here.

static inline CURLcode hedgehog_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hedgehog_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hedgehog_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

static inline const char *hedgehog_curl_version(void) {
    return curl_version_info(CURLVERSION_NOW)->version;
}

/// For CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, which have the same shape.
typedef size_t (*hedgehog_curl_write_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode hedgehog_curl_set_write(CURL *easy, CURLoption option, hedgehog_curl_write_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode hedgehog_curl_set_open_socket(CURL *easy, curl_opensocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline CURLcode hedgehog_curl_set_close_socket(CURL *easy, curl_closesocket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, callback);
}

static inline CURLcode hedgehog_curl_get_long(CURL *easy, CURLINFO name, long *value) {
    return curl_easy_getinfo(easy, name, value);
}

static inline CURLMcode hedgehog_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode hedgehog_curl_multi_set_pointer(CURLM *multi, CURLMoption option, void *value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLMcode hedgehog_curl_multi_set_socket(CURLM *multi, curl_socket_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, callback);
}

static inline CURLMcode hedgehog_curl_multi_set_timer(CURLM *multi, curl_multi_timer_callback callback) {
    return curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, callback);
}

static inline CURLcode hedgehog_curl_message_result(const CURLMsg *message) {
    return message->data.result;
}

/// As curl would open it, but not inherited by child processes.
static inline curl_socket_t hedgehog_curl_open_socket(const struct curl_sockaddr *address) {
    int type = address->socktype;
#ifdef SOCK_CLOEXEC
    type |= SOCK_CLOEXEC;
#endif
    return socket(address->family, type, address->protocol);
}

static inline int hedgehog_curl_close_socket(curl_socket_t descriptor) {
    return close(descriptor);
}

/// Ends the connection at once and leaves under its number a stream that has ended, until curl looks at it and closes
/// it. Shutting it down would not do: what has arrived could still be read.
static inline void hedgehog_curl_sever(curl_socket_t descriptor) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        shutdown(descriptor, SHUT_RDWR);
        return;
    }
    close(pair[1]);
    dup2(pair[0], descriptor);
    close(pair[0]);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}
