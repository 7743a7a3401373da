/* SPDX-License-Identifier: Apache-2.0 */
/* The line that one owner gives to another: what is copied wrong is noticed at once. SEMO_SEED. */
#include "deploy/offer.h"
#include "tests/lib/support.h"

enum { KINDS = 16 };

static uint64_t seed;

static unsigned any(unsigned below)
{
    return (unsigned)(test_random(&seed) % below);
}

/* Policy, suite, expiry: all there are. */
static struct semo_offer an_offer(unsigned i)
{
    struct semo_offer o = {.sends = any(2),
                           .number = 1 + any(SEMO_BACK - 1),
                           .kind =
                               SEMO_KIND(0U, i % 4, i / 4 % 2) | (i / 8 ? SEMO_KIND_EXPIRES : 0U)};
    for (unsigned k = 0; k < 1 + any(SEMO_NAME_MAX); k++)
        o.node[k] = (char)('a' + any(26));
    for (unsigned k = 0; k < sizeof o.keys; k++)
        o.keys[k / SEMO_KEY_LEN][k % SEMO_KEY_LEN] = (uint8_t)any(256);
    return o;
}

static bool reads(const char *line, struct semo_offer *o)
{
    struct semo_error e;
    return semo_offer_read(line, o, &e) == SEMO_OK;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        struct semo_offer o = an_offer(i), again;
        char *line = semo_offer_write(&o);
        assert_true(strlen(line) < SEMO_OFFER_LINE_MAX);
        assert_true(reads(line, &again));
        assert_memory_equal(&again, &o, sizeof o);
        free(line);
    }
}

static unsigned refused;

static void refuse(const char *line)
{
    static const struct semo_offer none;
    struct semo_offer o;
    if (reads(line, &o))
        fail_msg("accepted: %s", line);
    assert_memory_equal(&o, &none, sizeof o);
    refused++;
}

static void try_all_at(const char *line, size_t at)
{
    static const char wrong[] = "0123456789abcdefghijklmnopqrstuvwxyz -";
    char changed[SEMO_OFFER_LINE_MAX + 2];
    for (const char *c = wrong; *c; c++) {
        strcpy(changed, line);
        changed[at] = *c;
        if (*c != line[at])
            refuse(changed);
        memmove(changed + at + 1, line + at, strlen(line + at) + 1);
        refuse(changed);
    }
    strcpy(changed, line);
    memmove(changed + at, line + at + 1, strlen(line + at));
    refuse(changed);
    strcpy(changed, line);
    changed[at] = 0;
    refuse(changed);
    strcpy(changed, line);
    if (!line[at + 1] || line[at] == line[at + 1])
        return;
    changed[at] = line[at + 1];
    changed[at + 1] = line[at];
    refuse(changed);
}

/* Another character, one more, one less, the rest missing, two that changed places. */
static void every_slip_is_noticed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        struct semo_offer o = an_offer(i);
        char *line = semo_offer_write(&o);
        for (size_t at = 0; at < strlen(line); at++)
            try_all_at(line, at);
        free(line);
    }
    printf("# %u lines refused\n", refused);
}

static void a_key_of_one_offer_in_another(void **state)
{
    (void)state;
    for (unsigned i = 0; i < KINDS; i++) {
        struct semo_offer o = an_offer(i), p = o;
        p.keys[1][any(SEMO_KEY_LEN)] ^= 1U << any(8);
        char *line = semo_offer_write(&o), *other = semo_offer_write(&p);
        strcpy(strrchr(line, ' '), strrchr(other, ' '));
        refuse(line);
        free(line);
        free(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(every_slip_is_noticed),
        cmocka_unit_test(a_key_of_one_offer_in_another),
    };
    seed = test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
