#include <curl/curl.h>

// Swift cannot call C's variadic functions, so each setter that the client uses has a typed inline here.

static inline CURLcode hedgehog_curl_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hedgehog_curl_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hedgehog_curl_set_pointer(CURL *easy, CURLoption option, const void *value) {
    return curl_easy_setopt(easy, option, value);
}

typedef size_t (*hedgehog_curl_write_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode hedgehog_curl_set_write(CURL *easy, CURLoption option, hedgehog_curl_write_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

static inline CURLcode hedgehog_curl_status(CURL *easy, long *status) {
    return curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
}
