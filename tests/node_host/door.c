/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/node_host/door.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"

void door_derive(unsigned node, unsigned vendor, uint8_t key[SEMO_KEY_LEN])
{
    uint8_t node_key[SEMO_KEY_LEN], vendor_key[SEMO_KEY_LEN];
    memset(node_key, (int)node + 1, sizeof node_key);
    semo_kdf_vendor(SEMO_SECURITY, node_key, (uint16_t)vendor, vendor_key);
    semo_kdf_admin(SEMO_SECURITY, vendor_key, key);
}

int door_connect(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

void door_say(struct door *d, const uint8_t *frame, unsigned len)
{
    const uint8_t head[2] = {(uint8_t)len, (uint8_t)(len >> 8)};
    assert_int_equal(send(d->fd, head, 2, MSG_NOSIGNAL | MSG_MORE), 2);
    assert_int_equal(send(d->fd, frame, len, MSG_NOSIGNAL), len);
}

unsigned door_hear(struct door *d)
{
    uint8_t head[2];
    while (d->rig && recv(d->fd, head, 2, MSG_PEEK | MSG_DONTWAIT) != 2)
        rig_run(d->rig, d->rig->now + SECOND / 100, 0);
    assert_int_equal(recv(d->fd, head, 2, MSG_WAITALL), 2);
    d->answer_len = head[0] | (unsigned)head[1] << 8;
    assert_in_range(d->answer_len, 4, sizeof d->answer);
    assert_int_equal(recv(d->fd, d->answer, d->answer_len, MSG_WAITALL), d->answer_len);
    return d->answer[3];
}

struct door door_open(struct rig *r, unsigned node, int fd)
{
    static const uint8_t ask[] = {SEMO_FRAME_CHALLENGE, 7, 8};
    struct door d = {.rig = r, .node = node, .fd = fd};
    door_derive(node, DOOR_VENDOR, d.key);
    door_say(&d, ask, sizeof ask);
    assert_int_equal(door_hear(&d), SEMO_OK);
    assert_int_equal(d.answer_len, 4 + SEMO_CHALLENGE_LEN);
    memcpy(d.admin.challenge, d.answer + 4, SEMO_CHALLENGE_LEN);
    return d;
}

struct door door_knock(struct rig *r, unsigned node)
{
    char name[8];
    snprintf(name, sizeof name, "node%u", node + 1);
    return door_open(r, node, rig_door(r, name));
}

unsigned door_request(uint8_t *frame, unsigned type, const void *body, unsigned len)
{
    struct semo_cursor w = semo_cursor_over(frame, SEMO_FRAME_MAX);
    semo_cursor_put_u8(&w, (uint8_t)type);
    semo_cursor_put_u16(&w, 0x0201);
    semo_cursor_put(&w, body, len);
    return (unsigned)(w.at - frame);
}

void door_say_admin(struct door *d, unsigned type, const void *body, unsigned len)
{
    uint8_t inner[SEMO_FRAME_MAX], whole[SEMO_ADMIN_FRAME_MAX];
    unsigned inner_len = door_request(inner, type, body, len);
    door_say(d, whole, semo_admin_wrap(&d->admin, d->key, DOOR_VENDOR, inner, inner_len, whole));
}

unsigned door_ask_admin(struct door *d, unsigned type, const void *body, unsigned len)
{
    door_say_admin(d, type, body, len);
    unsigned status = door_hear(d);
    assert_int_equal(d->answer[0], type | SEMO_FRAME_ANSWER);
    assert_int_equal(d->answer[1] | d->answer[2] << 8, 0x0201);
    return status;
}
