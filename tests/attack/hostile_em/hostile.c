/* SPDX-License-Identifier: Apache-2.0 */
/* The honest event manager with the attacker between its parts: linked with --wrap, so that not a
 * byte of the honest code knows. For the microcontroller (node/mcu) and for Linux (node/host). */
#include "tests/attack/hostile_em/attack.h"
#include "lib/bytes/cursor.h"

#ifndef SEMO_ATTACK_BUDGET
#define SEMO_ATTACK_BUDGET 0
#endif

#ifdef __MSP430__
/* Behind the tables, where a cold start of either image leaves zeros. */
static struct semo_attack attack __attribute__((section(".attack")));
#else
static struct semo_attack attack;
#endif

enum semo_status __real_semo_em_deliver(uint8_t *event, unsigned len);
enum semo_status __real_semo_em_route(uint8_t *event, unsigned len);
void __real_semo_em_frame(uint8_t *frame, unsigned len);
enum semo_status __wrap_semo_em_deliver(uint8_t *event, unsigned len);
enum semo_status __wrap_semo_em_route(uint8_t *event, unsigned len);
void __wrap_semo_em_frame(uint8_t *frame, unsigned len);
#ifdef __MSP430__
static enum semo_status semo_em_settle(void)
{
    return SEMO_OK; /* nothing is posted there */
}
#else
enum semo_status semo_em_settle(void);
#endif
void semo_link_send(const uint8_t *frame, unsigned len);

static enum semo_status run(uint8_t *event, unsigned len, bool inbound, semo_attack_pass *pass)
{
    if (!attack.random)
        semo_attack_start(&attack, SEMO_ATTACK_BUDGET, 0);
    attack.inbound = inbound;
    semo_attack_event(&attack, event, len, pass);
    return SEMO_OK;
}

/* What became of it. */
static enum semo_status settled(enum semo_status status)
{
    return status == SEMO_OK ? semo_em_settle() : status;
}

static enum semo_status deliver(uint8_t *event, unsigned len)
{
    return settled(__real_semo_em_deliver(event, len));
}

static enum semo_status route(uint8_t *event, unsigned len)
{
    return settled(__real_semo_em_route(event, len));
}

enum semo_status __wrap_semo_em_deliver(uint8_t *event, unsigned len)
{
    return run(event, len, true, deliver);
}

enum semo_status __wrap_semo_em_route(uint8_t *event, unsigned len)
{
    return run(event, len, false, route);
}

/* type u8 | tag u16 | attacks u16 | seed u16 -> type u8 | tag u16 | status u8 */
static void start(uint8_t *frame, unsigned len)
{
    struct semo_cursor c = semo_cursor_from(frame + 3, len - 3);
    const uint16_t budget = semo_cursor_u16(&c), seed = semo_cursor_u16(&c);
    semo_attack_start(&attack, budget, seed);
    frame[0] |= SEMO_FRAME_ANSWER;
    frame[3] = SEMO_OK;
    semo_link_send(frame, 4);
}

void __wrap_semo_em_frame(uint8_t *frame, unsigned len)
{
    if (len == 7 && frame[0] == SEMO_FRAME_ATTACK)
        start(frame, len);
    else
        __real_semo_em_frame(frame, len);
}
