#include <curl/curl.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

// Swift can neither call variadic C functions nor read an anonymous union. Each use that the HTTP client makes of one
// has a typed inline function here.

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

/// The type of CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION, which have the same parameters.
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

/// Opens a socket as curl would, except that child processes do not inherit it.
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

/// Closes the connection at once and puts a stream that has already ended under its descriptor number, which curl then
/// reads as an end of stream and closes. Shutting the socket down instead would leave received bytes readable.
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
