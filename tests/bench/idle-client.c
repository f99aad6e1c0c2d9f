// Holds idle TLS 1.3 connections for tests/bench/idle: opens them one after the other, says "ready" when all are there, and when
// its input ends asks something on each, so that one that was lost meanwhile is noticed.
//
//   idle-client PORT COUNT none|http1|http2     none: nothing is sent after the handshake
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *context;

static void die(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static SSL *open_connection(int port, int number) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    // Some thousand connections from each address: there are not enough ports for all on one.
    struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number / 5000)};
    int socket_fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct timeval patience = {.tv_sec = 30};
    if (socket_fd < 0) die("socket");
    setsockopt(socket_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(socket_fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(socket_fd, (struct sockaddr *)&from, sizeof from)) die("bind");
    if (connect(socket_fd, (struct sockaddr *)&to, sizeof to)) die("connect");
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, socket_fd);
    SSL_set_tlsext_host_name(ssl, "localhost");
    if (SSL_connect(ssl) != 1) die("SSL_connect");
    return ssl;
}

static bool ask(SSL *ssl, bool http2, bool first) {
    static const char text[] = "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n";
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    // HPACK (RFC 7541 A): :method GET, :scheme https, :path /small, :authority localhost
    static const char get[] = "\x82\x87\x04\x06/small\x01\x09localhost";
    static unsigned stream = 1;
    char out[256], in[16384];
    int length = 0;
    if (!http2) {
        length = sizeof text - 1;
        memcpy(out, text, length);
    } else {
        if (first) {
            memcpy(out, preface, length = sizeof preface - 1);
            stream = 1;
        } else {
            stream = 3;
        }
        char header[9] = {0, 0, sizeof get - 1, 1, 5, 0, 0, 0, stream};
        memcpy(out + length, header, 9);
        memcpy(out + length + 9, get, sizeof get - 1);
        length += 9 + sizeof get - 1;
    }
    if (SSL_write(ssl, out, length) != length) return false;
    for (int have = 0; have < (int)sizeof in - 1;) {
        int got = SSL_read(ssl, in + have, sizeof in - 1 - have);
        if (got <= 0) return false;
        have += got;
        if (memmem(in, have, "ok\n", 3)) return true; // the body's end
    }
    return false;
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: idle-client PORT COUNT none|http1|http2\n");
        return 2;
    }
    int port = atoi(argv[1]), count = atoi(argv[2]), lost = 0;
    bool http2 = !strcmp(argv[3], "http2"), requests = strcmp(argv[3], "none");
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (http2) SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\2h2", 3);
    SSL **all = calloc(count, sizeof *all);
    for (int i = 0; i < count; i++) {
        all[i] = open_connection(port, i);
        if (requests && !ask(all[i], http2, true)) die("no answer");
    }
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    for (int i = 0; i < count; i++) {
        if (!ask(all[i], http2, !requests)) lost++;
        SSL_shutdown(all[i]);
        close(SSL_get_fd(all[i]));
        SSL_free(all[i]);
    }
    printf("lost %d\n", lost);
    return lost ? 1 : 0;
}
