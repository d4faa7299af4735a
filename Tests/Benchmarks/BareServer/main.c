/* A minimal HTTP server, as the baseline of `make load`: libuv, one read and one write per loop iteration, and the same
 * 200 bytes for every request. It finds the end of a request by its empty line only, which is enough for wrk.
 *
 * Usage: bare-server PORT
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define READ_BYTES 65536
#define ANSWERS_A_WRITE 64

#define BODY "{\"key\":\"item-00000000\",\"item\":{\"name\":\"bare\",\"fill\":" \
             "\"ffffffffffffffffffffffffffffffffffffffffffffffffff\"}}\n"
_Static_assert(sizeof BODY - 1 == 107, "Content-Length must say what the body has");

static const char answer[] =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json\r\n"
    "Content-Length: 107\r\n"
    "X-Request-ID: 00000000-0000-4000-8000-000000000000\r\n"
    "\r\n" BODY;

static char answers[ANSWERS_A_WRITE * sizeof answer];
static char received[READ_BYTES];

typedef struct {
    uv_tcp_t socket;
    unsigned matched; /* the number of bytes of CR LF CR LF that were received last */
} client;

static void must(int status, const char *what) {
    if (status < 0) {
        fprintf(stderr, "bare-server: %s: %s\n", what, uv_strerror(status));
        exit(1);
    }
}

static void on_closed(uv_handle_t *handle) { free(handle->data); }

static void close_client(client *client) {
    if (!uv_is_closing((uv_handle_t *)&client->socket)) uv_close((uv_handle_t *)&client->socket, on_closed);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
    (void)handle;
    (void)suggested;
    *buffer = uv_buf_init(received, sizeof received);
}

static unsigned ends_of_requests(client *client, const char *bytes, ssize_t count) {
    static const char end[] = "\r\n\r\n";
    unsigned found = 0;
    for (ssize_t index = 0; index < count; index++) {
        if (bytes[index] == end[client->matched]) {
            client->matched++;
        } else {
            client->matched = bytes[index] == '\r';
        }
        if (client->matched == 4) {
            found++;
            client->matched = 0;
        }
    }
    return found;
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer) {
    client *client = stream->data;
    if (count < 0) {
        close_client(client);
        return;
    }
    unsigned due = ends_of_requests(client, buffer->base, count);
    while (due > 0) {
        unsigned now = due < ANSWERS_A_WRITE ? due : ANSWERS_A_WRITE;
        size_t length = now * (sizeof answer - 1);
        uv_buf_t output = uv_buf_init(answers, (unsigned)length);
        /* A benchmark has no slow readers, so a partial write closes the connection. */
        if (uv_try_write(stream, &output, 1) != (ssize_t)length) {
            close_client(client);
            return;
        }
        due -= now;
    }
}

static void on_connection(uv_stream_t *listener, int status) {
    must(status, "accept");
    client *client = calloc(1, sizeof *client);
    if (client == NULL) abort();
    client->socket.data = client;
    must(uv_tcp_init(listener->loop, &client->socket), "uv_tcp_init");
    must(uv_accept(listener, (uv_stream_t *)&client->socket), "uv_accept");
    must(uv_tcp_nodelay(&client->socket, 1), "uv_tcp_nodelay");
    must(uv_read_start((uv_stream_t *)&client->socket, on_alloc, on_read), "uv_read_start");
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: bare-server PORT\n");
        return 2;
    }
    for (unsigned copy = 0; copy < ANSWERS_A_WRITE; copy++) {
        memcpy(answers + copy * (sizeof answer - 1), answer, sizeof answer - 1);
    }
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address;
    must(uv_ip4_addr("127.0.0.1", atoi(arguments[1]), &address), "port");
    must(uv_tcp_init(loop, &listener), "uv_tcp_init");
    must(uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0), "bind");
    must(uv_listen((uv_stream_t *)&listener, 512, on_connection), "listen");
    return uv_run(loop, UV_RUN_DEFAULT);
}
