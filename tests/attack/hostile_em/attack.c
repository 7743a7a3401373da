/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/hostile_em/attack.h"

#define HEAD     2 /* connection */
#define FLAGS    (HEAD + 1)
#define SEQUENCE (HEAD + 2)
#define SHORTEST (HEAD + SEMO_EVENT_AD_LEN + 2)

/* Never 0, and so never stuck. */
static uint16_t draw(struct semo_attack *a)
{
    a->random ^= (uint16_t)(a->random << 7);
    a->random ^= a->random >> 9;
    a->random ^= (uint16_t)(a->random << 8);
    return a->random;
}

static void copy(uint8_t *to, const uint8_t *from, unsigned len)
{
    while (len--)
        *to++ = *from++;
}

static void keep(struct semo_attack_event *e, const uint8_t *event, unsigned len)
{
    e->len = 0;
    if (len > SEMO_ATTACK_EVENT_MAX)
        return;
    copy(e->bytes, event, len);
    e->len = (uint16_t)len;
}

/* As an honest one would; what arrived can be replayed from now on. */
static void behave(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    const enum semo_status status = pass(event, len);
    if (status != SEMO_OK && status != SEMO_EMPTY)
        return;
    keep(&a->kept[a->next], event, len);
    a->next = (a->next + 1) & (SEMO_ATTACK_KEPT - 1);
}

static void inject(enum semo_counter how, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    semo_em_count(how);
    if (pass(event, len) == SEMO_OK)
        semo_em_count(SEMO_COUNT_ACCEPTED);
}

/* The buffer of an event is as long as any that was kept: it is where events are taken to. */
static void replay(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    behave(a, event, len, pass);
    const struct semo_attack_event *old = &a->kept[draw(a) & (SEMO_ATTACK_KEPT - 1)];
    copy(event, old->bytes, old->len);
    if (old->len)
        inject(SEMO_COUNT_REPLAYED, event, old->len, pass);
}

static void forge(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    behave(a, event, len, pass);
    event[HEAD] = SEMO_DOMAIN_EVENT;
    event[FLAGS] = 0;
    event[SEQUENCE + 5] |= 1; /* 2^40 ahead */
    for (unsigned i = HEAD + SEMO_EVENT_AD_LEN; i < len; i++)
        event[i] = (uint8_t)draw(a);
    inject(SEMO_COUNT_FORGED, event, len, pass);
}

static void corrupt(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    unsigned at = draw(a) & 1023;
    while (at >= len - HEAD)
        at -= len - HEAD;
    const uint8_t bit = (a->inbound ? 2 : 1) << (draw(a) & 6);
    event[HEAD + at] ^= bit;
    inject(SEMO_COUNT_CORRUPTED, event, len, pass);
    event[HEAD + at] ^= bit;
    behave(a, event, len, pass);
}

/* Out: to the neighbour. In: to one that is in use here, but not back. */
static uint8_t wrong_connection(struct semo_attack *a, uint8_t connection)
{
    const struct semo_attack_event *other = &a->kept[draw(a) & (SEMO_ATTACK_KEPT - 1)];
    const uint8_t difference = other->bytes[0] ^ connection;
    if (!a->inbound)
        return connection ^ 1;
    return other->len && difference > 1 ? other->bytes[0] : connection ^ 2;
}

static void misdirect(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    const uint8_t connection = event[0];
    event[0] = wrong_connection(a, connection);
    inject(SEMO_COUNT_CORRUPTED, event, len, pass);
    event[0] = connection;
    behave(a, event, len, pass);
}

/* The one that was held comes after this one: late, not twice. */
static void release(struct semo_attack *a, uint8_t *event, semo_attack_pass *pass)
{
    const unsigned len = a->held.len;
    if (!len)
        return;
    copy(event, a->held.bytes, len);
    a->held.len = 0;
    behave(a, event, len, pass);
}

static void overtake(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    if (!a->held.len)
        keep(&a->held, event, len);
    else
        behave(a, event, len, pass);
    semo_em_count(SEMO_COUNT_REPLAYED);
}

static void drop(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    (void)a, (void)event, (void)len, (void)pass;
    semo_em_count(SEMO_COUNT_DROPPED);
}

void semo_attack_start(struct semo_attack *a, uint16_t budget, uint16_t seed)
{
    a->budget = budget;
    a->made = 0;
    a->random = seed ? seed : 1;
}

static void choose(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    static void (*const attacks[8])(struct semo_attack *, uint8_t *, unsigned,
                                    semo_attack_pass *) = {drop,  replay,  replay,    forge,
                                                           forge, corrupt, misdirect, overtake};
    a->made++;
    attacks[draw(a) & 7](a, event, len, pass);
}

/* Every other event is attacked, so that a patient application gets on. */
void semo_attack_event(struct semo_attack *a, uint8_t *event, unsigned len, semo_attack_pass *pass)
{
    const uint16_t held = a->held.len;
    if ((a->budget && a->made >= a->budget) || len < SHORTEST || (draw(a) & 1))
        behave(a, event, len, pass);
    else
        choose(a, event, len, pass);
    if (held)
        release(a, event, pass);
}
