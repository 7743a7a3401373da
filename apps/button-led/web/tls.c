/* SPDX-License-Identifier: Apache-2.0 */
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <semo/status.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "apps/button-led/web/web.h"

#define REQUEST_MAX 4096
#define LIFE_S      86400

/* ---- the certificate ---- */

static X509 *sign(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509_NAME *name = x ? X509_get_subject_name(x) : NULL;
    if (!x)
        return NULL;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), 0);
    X509_gmtime_adj(X509_getm_notAfter(x), LIFE_S);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"localhost", -1, -1, 0);
    X509_set_issuer_name(x, name);
    if (X509_sign(x, key, EVP_sha256()))
        return x;
    X509_free(x);
    return NULL;
}

static bool digest(const X509 *x, uint8_t print[PRINT_LEN])
{
    unsigned len = 0;
    return x && X509_digest(x, EVP_sha256(), print, &len) == 1 && len == PRINT_LEN;
}

SSL_CTX *web_tls_server(uint8_t print[PRINT_LEN])
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = key ? sign(key) : NULL;
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    bool good = tls && digest(x, print) && SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION) &&
                SSL_CTX_use_certificate(tls, x) == 1 && SSL_CTX_use_PrivateKey(tls, key) == 1;
    X509_free(x);
    EVP_PKEY_free(key);
    if (good)
        return tls;
    SSL_CTX_free(tls);
    return NULL;
}

/* ---- HTTP over it ---- */

/* Up to the empty line. */
static bool read_request(SSL *s, char *request)
{
    int len = 0, n;
    for (request[0] = 0; !strstr(request, "\r\n\r\n"); request[len += n] = 0)
        if (len == REQUEST_MAX || (n = SSL_read(s, request + len, REQUEST_MAX - len)) <= 0)
            return false;
    return true;
}

static void respond(SSL *s, const char *status, const char *body, int len)
{
    char head[160];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n"
                     "Cache-Control: no-store\r\nConnection: close\r\n\r\n",
                     status, len);
    if (SSL_write(s, head, n) == n && len)
        (void)SSL_write(s, body, len);
    SSL_shutdown(s);
}

static void answer(SSL *s, int (*make)(void *context, char *page), void *context)
{
    char request[REQUEST_MAX + 1], page[PAGE_MAX];
    int len;
    if (!read_request(s, request))
        respond(s, "400 Bad Request", "", 0);
    else if (strncmp(request, "GET ", 4) != 0)
        respond(s, "405 Method Not Allowed", "", 0);
    else if (strncmp(request, "GET / HTTP/1.", 13) != 0)
        respond(s, "404 Not Found", "", 0);
    else if ((len = make(context, page)) < 0)
        respond(s, "503 Service Unavailable", "", 0);
    else
        respond(s, "200 OK", page, len);
}

static void be_patient(int fd)
{
    const struct timeval limit = {.tv_sec = PATIENCE_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

void web_tls_serve(SSL_CTX *tls, int fd, int (*make)(void *context, char *page), void *context)
{
    SSL *s = SSL_new(tls);
    be_patient(fd);
    if (s && SSL_set_fd(s, fd) == 1 && SSL_accept(s) == 1)
        answer(s, make, context);
    SSL_free(s);
}

/* ---- the other end ---- */

static int read_body(SSL *s)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char response[REQUEST_MAX + 1];
    int len = 0, n = SSL_write(s, request, sizeof request - 1);
    while (n > 0 && len < REQUEST_MAX && (n = SSL_read(s, response + len, REQUEST_MAX - len)) > 0)
        len += n;
    response[len] = 0;
    const char *body = strstr(response, "\r\n\r\n");
    if (!body || strncmp(response, "HTTP/1.1 200 ", 13) != 0) {
        fprintf(stderr, "semo-web: no page: %.*s\n", (int)strcspn(response, "\r\n"), response);
        return SEMO_EXIT_FAILED;
    }
    fputs(body + 4, stdout);
    return SEMO_EXIT_DONE;
}

static int check_and_read(SSL *s, const uint8_t print[PRINT_LEN])
{
    uint8_t seen[PRINT_LEN];
    X509 *x = SSL_get1_peer_certificate(s);
    bool same = digest(x, seen) && memcmp(seen, print, PRINT_LEN) == 0;
    X509_free(x);
    if (same)
        return read_body(s);
    fprintf(stderr, "semo-web: another certificate than the one that its owner announced\n");
    return SEMO_EXIT_FAILED;
}

int web_tls_get(unsigned port, const uint8_t print[PRINT_LEN])
{
    const struct sockaddr_in to = {.sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
    SSL *s = tls ? SSL_new(tls) : NULL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), code = SEMO_EXIT_RESOURCE;
    be_patient(fd);
    if (s && connect(fd, (const struct sockaddr *)&to, sizeof to) == 0 && SSL_set_fd(s, fd) == 1 &&
        SSL_connect(s) == 1)
        code = check_and_read(s, print);
    else
        fprintf(stderr, "semo-web: nobody speaks TLS on port %u\n", port);
    SSL_free(s);
    SSL_CTX_free(tls);
    close(fd);
    return code;
}
