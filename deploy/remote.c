/* SPDX-License-Identifier: Apache-2.0 */
#include "deploy/remote.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "host/admin.h"
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"

#define PATIENCE_S 10 /* host time: to connect, to send, for the challenge */

struct semo_remote {
    const struct semo_node_spec *spec;
    int fd;
    bool silent; /* once, and it is not waited for again */
    struct semo_admin admin;
    uint8_t key[SEMO_KEY_LEN];
    unsigned in_len;
    uint8_t in[2 + SEMO_ADMIN_FRAME_MAX];
};

struct semo_remote *semo_remote_new(const struct semo_node_spec *spec,
                                    const uint8_t vendor_key[SEMO_KEY_LEN])
{
    struct semo_remote *r = semo_allocate(1, sizeof *r);
    r->spec = spec;
    r->fd = -1;
    semo_kdf_admin(SEMO_SECURITY, vendor_key, r->key);
    return r;
}

static void hang_up(struct semo_remote *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    r->in_len = 0;
}

void semo_remote_free(struct semo_remote *r)
{
    if (!r)
        return;
    hang_up(r);
    OPENSSL_cleanse(r->key, sizeof r->key);
    free(r);
}

const char *semo_remote_name(const struct semo_remote *r)
{
    return r->spec->name;
}

int semo_remote_fd(const struct semo_remote *r)
{
    return r->fd;
}

unsigned semo_remote_port(const struct semo_remote *r)
{
    return r->spec->reactive_port ? r->spec->reactive_port : r->spec->deploy_port;
}

/* ---- frames ---- */

static bool put(struct semo_remote *r, const uint8_t *frame, unsigned len)
{
    uint8_t bytes[2 + SEMO_ADMIN_FRAME_MAX] = {(uint8_t)len, (uint8_t)(len >> 8)};
    memcpy(bytes + 2, frame, len);
    for (unsigned done = 0; done < 2 + len;) {
        ssize_t n = send(r->fd, bytes + done, 2 + len - done, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (unsigned)n;
    }
    return true;
}

/* One read. False: it has gone, or was silent for too long. */
static bool fill(struct semo_remote *r, int flags)
{
    ssize_t n = recv(r->fd, r->in + r->in_len, sizeof r->in - r->in_len, flags);
    if (n > 0)
        r->in_len += (unsigned)n;
    return n > 0 || (n < 0 && (errno == EINTR || (flags && errno == EAGAIN)));
}

static enum semo_status first_frame(struct semo_remote *r, uint8_t *frame, unsigned *len)
{
    unsigned size = r->in[0] | (unsigned)r->in[1] << 8;
    if (r->in_len < 2 || (size <= SEMO_FRAME_MAX && r->in_len < 2 + size))
        return SEMO_EMPTY;
    if (size == 0 || size > SEMO_FRAME_MAX)
        return SEMO_MISSING; /* out of step */
    memcpy(frame, r->in + 2, size);
    *len = size;
    r->in_len -= 2 + size;
    memmove(r->in, r->in + 2 + size, r->in_len);
    return SEMO_OK;
}

enum semo_status semo_remote_take(struct semo_remote *r, uint8_t *frame, unsigned *len)
{
    if (r->fd < 0)
        return SEMO_EMPTY;
    enum semo_status status = first_frame(r, frame, len);
    if (status == SEMO_EMPTY)
        status = fill(r, MSG_DONTWAIT) ? first_frame(r, frame, len) : SEMO_MISSING;
    if (status == SEMO_MISSING)
        hang_up(r);
    return status;
}

/* ---- connecting ---- */

static int connect_to(const struct addrinfo *a)
{
    const struct timeval patience = {PATIENCE_S, 0};
    const int yes = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static enum semo_status dial(struct semo_remote *r, struct semo_error *e)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    char port[16];
    const char *host = r->spec->host;
    if (!r->spec->deploy_port)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, r->spec->name, 0, 0,
                              "is at %s, but at which port? add deploy_port", host);
    snprintf(port, sizeof port, "%u", r->spec->deploy_port);
    int bad = getaddrinfo(host, port, &hints, &found);
    if (bad)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, r->spec->name, 0, 0, "%s: %s",
                              host, gai_strerror(bad));
    for (const struct addrinfo *a = found; a && r->fd < 0; a = a->ai_next)
        r->fd = connect_to(a);
    freeaddrinfo(found);
    if (r->fd >= 0)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, r->spec->name, 0, 0,
                          "nobody answers at %s port %s: %s", host, port, strerror(errno));
}

/* Whatever else comes before it is not for this life of the connection. */
static bool hear_challenge(struct semo_remote *r)
{
    static const uint8_t ask[] = {SEMO_FRAME_CHALLENGE, 0, 0};
    uint8_t frame[SEMO_FRAME_MAX];
    unsigned len;
    enum semo_status status = SEMO_EMPTY;
    if (!put(r, ask, sizeof ask))
        return false;
    for (;;) {
        while ((status = first_frame(r, frame, &len)) == SEMO_EMPTY)
            if (!fill(r, 0))
                return false;
        if (status != SEMO_OK)
            return false;
        if (frame[0] == (SEMO_FRAME_CHALLENGE | SEMO_FRAME_ANSWER))
            break;
    }
    if (len != 4 + SEMO_CHALLENGE_LEN || frame[3] != SEMO_OK)
        return false;
    r->admin.counter = 0;
    memcpy(r->admin.challenge, frame + 4, SEMO_CHALLENGE_LEN);
    return true;
}

static enum semo_status fail_silent(const struct semo_remote *r, struct semo_error *e)
{
    return semo_error_set(e, SEMO_TIMEOUT, SEMO_EXIT_TIMEOUT, r->spec->name, 0, 0,
                          "nothing came from %s port %u for %d s", r->spec->host,
                          r->spec->deploy_port, PATIENCE_S);
}

static enum semo_status reach(struct semo_remote *r, struct semo_error *e)
{
    if (r->fd >= 0)
        return SEMO_OK;
    if (r->silent)
        return fail_silent(r, e);
    enum semo_status status = dial(r, e);
    if (status != SEMO_OK)
        return status;
    errno = 0;
    if (hear_challenge(r))
        return SEMO_OK;
    r->silent = errno == EAGAIN;
    hang_up(r);
    if (r->silent)
        return fail_silent(r, e);
    return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, r->spec->name, 0, 0,
                          "what answers at %s port %u is no semo-node", r->spec->host,
                          r->spec->deploy_port);
}

enum semo_status semo_remote_send(struct semo_remote *r, const uint8_t *frame, unsigned len,
                                  struct semo_error *e)
{
    uint8_t whole[SEMO_ADMIN_FRAME_MAX];
    enum semo_status status = reach(r, e);
    if (status != SEMO_OK)
        return status;
    if (semo_admin_is_needed(frame, len)) {
        len = semo_admin_wrap(&r->admin, r->key, r->spec->vendor, frame, len, whole);
        frame = whole;
    }
    if (put(r, frame, len))
        return SEMO_OK;
    hang_up(r);
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, r->spec->name, 0, 0,
                          "the connection to %s port %u broke", r->spec->host,
                          r->spec->deploy_port);
}

enum semo_status semo_remote_address(struct semo_remote *r, bool here,
                                     char address[SEMO_REMOTE_ADDRESS_LEN], struct semo_error *e)
{
    struct sockaddr_storage a;
    socklen_t len = sizeof a;
    enum semo_status status = reach(r, e);
    if (status != SEMO_OK)
        return status;
    int bad = here ? getsockname(r->fd, (struct sockaddr *)&a, &len)
                   : getpeername(r->fd, (struct sockaddr *)&a, &len);
    if (bad || getnameinfo((struct sockaddr *)&a, len, address, SEMO_REMOTE_ADDRESS_LEN, NULL, 0,
                           NI_NUMERICHOST) != 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_FAILED, r->spec->name, 0, 0,
                              "its address cannot be told");
    return SEMO_OK;
}
