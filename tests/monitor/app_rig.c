/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/monitor/app_rig.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"

void app_rig_turn(struct app_rig *a, const void *frames, unsigned len)
{
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX];
    struct semo_cursor c = semo_cursor_over(message, sizeof message);
    semo_cursor_put_u64(&c, a->r.time);
    semo_cursor_put(&c, frames, len);
    assert_false(c.bad);
    rig_turn(&a->r, SEMO_MONITOR_FRAME, message, (size_t)(c.at - message));
}

void app_rig_frame(struct app_rig *a, const void *frame, unsigned len)
{
    uint8_t bytes[2 + SEMO_FRAME_MAX];
    struct semo_cursor c = semo_cursor_over(bytes, sizeof bytes);
    semo_cursor_put_u16(&c, (uint16_t)len);
    semo_cursor_put(&c, frame, len);
    assert_false(c.bad);
    app_rig_turn(a, bytes, 2 + len);
}

/* The port comes first in its rig. */
static enum semo_status ask(struct app_port *p, uint8_t type, const void *body, unsigned len)
{
    struct app_rig *a = (struct app_rig *)p;
    uint8_t frame[SEMO_FRAME_MAX] = {type, 0xA5, 0x5A};
    assert_true(len <= sizeof frame - 3);
    memcpy(frame + 3, body, len);
    app_rig_frame(a, frame, 3 + len);
    assert_int_equal(a->r.died + a->r.killed, 0);
    assert_int_equal(a->r.frames, 1);
    assert_true(a->r.len >= 4);
    assert_int_equal(a->r.frame[0], type | SEMO_FRAME_ANSWER);
    assert_memory_equal(a->r.frame + 1, "\xA5\x5A", 2);
    p->answer = a->r.frame + 4;
    p->len = a->r.len - 4;
    return (enum semo_status)a->r.frame[3];
}

void app_rig_start(struct app_rig *a, unsigned flags, unsigned limit_ms)
{
    memset(a, 0, sizeof *a);
    rig_prepare(&a->r);
    strcpy(a->r.em, "build/bin/semo-em");
    a->port.ask = ask;
    memcpy(a->port.node_key, rig_node_key, sizeof rig_node_key);
    rig_start(&a->r, flags, limit_ms);
}

void app_rig_stop(struct app_rig *a)
{
    assert_int_equal(rig_stop(&a->r), 0);
    snprintf(a->r.em, sizeof a->r.em, "%s/puppet", a->r.folder);
    rig_remove(&a->r);
}
