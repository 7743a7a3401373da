/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <cmocka.h>
#include "lib/bytes/cursor.h"
#include "tests/node/puppet.h"

const uint32_t puppet_place_a[4] = {0x6000, 0, 0x0300, 0x0320};
const uint32_t puppet_place_b[4] = {0x6200, 0, 0x0320, 0x0340};

static unsigned load_text(struct peer *p, const char *name, const uint32_t place[4])
{
    static uint8_t text[512];
    char path[64];
    snprintf(path, sizeof path, "build/mcu/%s.bin", name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    const unsigned len = (unsigned)fread(text, 1, sizeof text, f);
    fclose(f);
    assert_int_equal(peer_write(p, place[0], text, len), SEMO_OK);
    return len;
}

uint16_t puppet_load(struct peer *p, const char *name, const uint32_t place[4])
{
    uint16_t module = 0;
    const uint32_t range[4] = {place[0], place[0] + load_text(p, name, place), place[2], place[3]};
    assert_int_equal(peer_enable(p, range, &module), SEMO_OK);
    assert_int_not_equal(module, 0);
    return module;
}

enum semo_status puppet_emit(struct peer *p, unsigned module, unsigned connection, unsigned hops,
                             unsigned events)
{
    struct peer_frame a;
    const uint8_t payload[6] = {(uint8_t)connection, 0, (uint8_t)hops, (uint8_t)(hops >> 8),
                                (uint8_t)events,     0};
    return peer_call(p, module, PUPPET_EMIT, payload, sizeof payload, &a);
}

struct puppet_told puppet_tell(struct peer *p, unsigned module)
{
    struct peer_frame a;
    assert_int_equal(peer_call(p, module, PUPPET_TELL, NULL, 0, &a), SEMO_OK);
    assert_int_equal(a.len, 8);
    struct semo_cursor c = semo_cursor_over(a.bytes, a.len);
    struct puppet_told t = {.accepted = semo_cursor_u16(&c)};
    t.last = semo_cursor_u16(&c);
    t.sent = semo_cursor_u16(&c);
    t.sampled = semo_cursor_u16(&c);
    return t;
}
