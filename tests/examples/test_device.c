/* SPDX-License-Identifier: Apache-2.0 */
/* A device by somebody who has only include/: an egg timer. A write says in how many cycles it is
 * to ring; it then asks for interrupt 4 until it is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <semo/device.h>
#include <semo/machine.h>

enum { EGG = 0x00C0, LINE = 4, DELAY = 1000, CODE = 0x6000, HANDLER = 0x6100 };

struct egg {
    uint64_t rings; /* UINT64_MAX: not wound up */
    bool ringing;
    uint16_t wound; /* how often */
};

static uint16_t egg_read(struct semo_device *d, uint16_t offset, unsigned mask, uint64_t now,
                         uint16_t module)
{
    struct egg *e = d->state;
    (void)offset, (void)mask, (void)now, (void)module;
    e->ringing = false;
    return e->wound;
}

static void egg_write(struct semo_device *d, uint16_t offset, uint16_t value, unsigned mask,
                      uint64_t now, uint16_t module)
{
    struct egg *e = d->state;
    (void)offset, (void)mask, (void)module;
    e->rings = now + value;
    e->wound++;
}

static void egg_reset(struct semo_device *d, uint64_t now)
{
    (void)now;
    *(struct egg *)d->state = (struct egg){.rings = UINT64_MAX};
}

static uint64_t egg_next(const struct semo_device *d)
{
    return ((const struct egg *)d->state)->rings;
}

static void egg_tick(struct semo_device *d, uint64_t now)
{
    struct egg *e = d->state;
    (void)now;
    e->ringing = true;
    e->rings = UINT64_MAX;
    (*(unsigned *)d->host)++;
}

static uint16_t egg_interrupts(const struct semo_device *d)
{
    return ((const struct egg *)d->state)->ringing ? 1 << LINE : 0;
}

static void egg_free(struct semo_device *d)
{
    free(d->state);
    free(d);
}

static const struct semo_device_class egg_class = {
    "egg timer", sizeof(struct egg), egg_read,       egg_write, egg_reset,
    egg_next,    egg_tick,           egg_interrupts, NULL,      egg_free};

static void attach_egg(struct semo_machine *m, unsigned *rung)
{
    struct semo_device *d = calloc(1, sizeof *d);
    assert_non_null(d);
    *d = (struct semo_device){.class = &egg_class, .base = EGG, .size = 2, .window = -1};
    d->state = calloc(1, sizeof(struct egg));
    d->host = rung;
    assert_non_null(d->state);
    semo_machine_attach(m, d);
}

static struct semo_machine *kitchen(unsigned *rung)
{
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    /* mov #0x5A80, &0x120; mov #0x400, sp; mov #DELAY, &EGG; bis #0x18, sr; jmp $ */
    static const uint16_t code[] = {0x40B2, 0x5A80, 0x0120, 0x4031, 0x0400, 0x40B2,
                                    DELAY,  EGG,    0xD032, 0x0018, 0x3FFF};
    static const uint16_t handler[] = {0x4216, EGG, 0x1300}; /* mov &EGG, r6; reti */
    const uint16_t start = CODE, at = HANDLER;
    struct semo_machine *m = semo_machine_new(&config);
    assert_non_null(m);
    attach_egg(m, rung);
    semo_machine_poke(m, CODE, code, sizeof code);
    semo_machine_poke(m, HANDLER, handler, sizeof handler);
    semo_machine_poke(m, 0xFFE0 + 2 * LINE, &at, sizeof at);
    semo_machine_poke(m, 0xFFFE, &start, sizeof start);
    return m;
}

static void wakes_the_machine_once(void **state)
{
    (void)state;
    unsigned rung = 0;
    struct semo_machine *m = kitchen(&rung);
    assert_int_equal(semo_machine_run(m, 900), SEMO_STOP_ASLEEP);
    assert_in_range(semo_machine_next_event(m), DELAY, DELAY + 50);
    assert_int_equal(rung, 0);
    assert_int_equal(semo_machine_run(m, 5000), SEMO_STOP_ASLEEP);
    assert_int_equal(rung, 1);
    assert_int_equal(semo_machine_register(m, 6), 1);
    assert_int_equal(semo_machine_next_event(m), UINT64_MAX);
    semo_machine_free(m);
}

static void is_part_of_a_snapshot(void **state)
{
    (void)state;
    unsigned rung = 0, rung_there = 0;
    struct semo_machine *m = kitchen(&rung), *like = kitchen(&rung_there);
    semo_machine_run(m, 500);
    void *snapshot = malloc(semo_machine_snapshot_size(m));
    assert_non_null(snapshot);
    semo_machine_snapshot(m, snapshot);
    semo_machine_restore(like, snapshot);
    semo_machine_run(like, 5000);
    assert_int_equal(rung_there, 1);
    assert_int_equal(rung, 0);
    semo_machine_free(m);
    semo_machine_free(like);
    free(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wakes_the_machine_once),
        cmocka_unit_test(is_part_of_a_snapshot),
    };
    return cmocka_run_group_tests_name("device from outside", tests, NULL, NULL);
}
