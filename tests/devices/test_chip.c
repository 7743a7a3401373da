/* SPDX-License-Identifier: Apache-2.0 */
/* The state file of a chip under power cuts, damage and a second user. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "machine/chip.h"

static char folder[] = "build/chip-XXXXXX";
static char path[64], draft[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/chip", folder);
    snprintf(draft, sizeof draft, "%s/chip.new", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static int remove_chip(void **state)
{
    (void)state;
    unlink(path);
    unlink(draft);
    return 0;
}

static struct semo_chip_state sample(uint32_t utc)
{
    struct semo_chip_state s = {.relay_closed = true, .utc = utc};
    for (unsigned i = 0; i < sizeof s.node_key; i++)
        s.node_key[i] = (uint8_t)(0xA0 + i);
    s.owned[SEMO_WINDOW_RELAY] = true;
    s.owner[SEMO_WINDOW_RELAY][15] = 0x5A;
    return s;
}

static struct semo_chip *open_chip(void)
{
    struct semo_chip *c = NULL;
    assert_int_equal(semo_chip_open(path, &c), SEMO_OK);
    return c;
}

/* The file as bytes, with the holes filled. */
struct bytes {
    uint8_t at[8192];
    size_t len;
};

static struct bytes slurp(void)
{
    struct bytes b;
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    b.len = fread(b.at, 1, sizeof b.at, f);
    fclose(f);
    return b;
}

static void spill(const struct bytes *b)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->at, 1, b->len, f), b->len);
    fclose(f);
}

static void test_values_survive(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(1166286240);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    struct semo_chip *c = open_chip();
    const struct semo_chip_state *g = semo_chip_state(c);
    assert_memory_equal(g->node_key, s.node_key, 16);
    assert_memory_equal(g->owner, s.owner, sizeof s.owner);
    assert_true(g->relay_closed && g->owned[SEMO_WINDOW_RELAY] && !g->owned[SEMO_WINDOW_HAN]);
    struct semo_chip_state t = *g;
    t.relay_closed = false;
    t.utc++;
    assert_int_equal(semo_chip_store(c, &t), SEMO_OK);
    semo_chip_close(c);
    c = open_chip();
    assert_false(semo_chip_state(c)->relay_closed);
    assert_int_equal(semo_chip_state(c)->utc, 1166286241);
    semo_chip_close(c);
}

static void test_file_is_private_and_never_overwritten(void **state)
{
    (void)state;
    struct semo_chip_state s = sample(1);
    const mode_t old = umask(0);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    umask(old);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(access(draft, F_OK), -1);
    /* also not when a creation died between its last two steps */
    assert_int_equal(link(path, draft), 0);
    s.utc = 2;
    assert_int_equal(semo_chip_create(path, &s), SEMO_SYSTEM);
    struct semo_chip *c = open_chip();
    assert_int_equal(semo_chip_state(c)->utc, 1);
    semo_chip_close(c);
}

static void test_second_user_is_refused(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(1);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    struct semo_chip *c = open_chip(), *other = NULL;
    assert_int_equal(semo_chip_open(path, &other), SEMO_BUSY);
    assert_null(other);
    semo_chip_close(c);
    c = open_chip();
    semo_chip_close(c);
}

static void test_missing(void **state)
{
    (void)state;
    struct semo_chip *c = NULL;
    assert_int_equal(semo_chip_open(path, &c), SEMO_MISSING);
}

static void test_epochs_skip_and_never_repeat(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(1);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    uint64_t last = 0;
    for (unsigned run = 0; run < 5; run++) {
        struct semo_chip *c = open_chip();
        struct semo_chip_state stale = *semo_chip_state(c);
        for (unsigned i = 0; i < 100; i++) {
            const uint64_t e = semo_chip_epoch(c);
            assert_true(e > last);
            assert_true(e < semo_chip_state(c)->epoch_limit);
            last = e;
        }
        /* a caller with an old copy does not turn the counter back */
        assert_int_equal(semo_chip_store(c, &stale), SEMO_OK);
        semo_chip_close(c);
    }
    assert_true(last <= 5 * 128);
}

/* A store cut short after any number of bytes leaves the old state or the new one. */
static void test_cut_at_every_byte(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(10);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    for (uint32_t utc = 11; utc < 13; utc++) { /* once into each slot */
        const struct bytes before = slurp();
        struct semo_chip *c = open_chip();
        struct semo_chip_state t = sample(utc);
        assert_int_equal(semo_chip_store(c, &t), SEMO_OK);
        semo_chip_close(c);
        const struct bytes after = slurp();
        assert_int_equal(before.len, after.len);
        unsigned olds = 0, news = 0;
        for (size_t cut = 0; cut <= after.len; cut++) {
            if (cut > 0 && cut < after.len && before.at[cut - 1] == after.at[cut - 1])
                continue; /* the same file as with one byte less */
            struct bytes torn = before;
            memcpy(torn.at, after.at, cut);
            spill(&torn);
            c = open_chip();
            const uint32_t found = semo_chip_state(c)->utc;
            assert_true(found == utc - 1 || found == utc);
            olds += found == utc - 1;
            news += found == utc;
            assert_memory_equal(semo_chip_state(c)->node_key, s.node_key, 16);
            semo_chip_close(c);
        }
        assert_true(olds > 1 && news >= 1);
        spill(&after);
    }
}

/* One damaged byte anywhere: the other record is used; the damaged slot is the next to be written.
 */
static void test_damage_at_every_byte(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(20);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    struct semo_chip *c = open_chip();
    struct semo_chip_state t = sample(21);
    assert_int_equal(semo_chip_store(c, &t), SEMO_OK);
    semo_chip_close(c);
    const struct bytes whole = slurp();
    unsigned fell_back = 0;
    for (size_t i = 0; i < whole.len; i++) {
        if (i >= 256 && i < 4096)
            continue; /* between the slots */
        struct bytes damaged = whole;
        damaged.at[i] ^= (uint8_t)(1u << (i % 8));
        spill(&damaged);
        c = open_chip();
        const uint32_t found = semo_chip_state(c)->utc;
        assert_true(found == 20 || found == 21);
        fell_back += found == 20;
        t.utc = 22;
        assert_int_equal(semo_chip_store(c, &t), SEMO_OK);
        semo_chip_close(c);
        c = open_chip();
        assert_int_equal(semo_chip_state(c)->utc, 22);
        semo_chip_close(c);
    }
    assert_int_equal(fell_back, whole.len - 4096); /* each byte of the newer record is checked */
}

/* The older record knows nothing of the last block that was reserved. */
static void test_damage_repeats_no_epoch(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(20);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    uint64_t last = 0;
    for (unsigned run = 0; run < 8; run++) {
        struct semo_chip *c = open_chip();
        for (unsigned i = 0; i < 40; i++) {
            const uint64_t e = semo_chip_epoch(c);
            assert_true(e > last);
            last = e;
        }
        semo_chip_close(c);
        struct bytes b = slurp();
        b.at[run / 2 % 2 ? 40 : 4096 + 40] ^= 1;
        spill(&b);
    }
}

static void test_truncation_at_every_byte(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(30);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    const struct bytes whole = slurp();
    const size_t record = whole.len - 4096;
    for (size_t len = 0; len < whole.len; len++) {
        struct bytes cut = whole;
        cut.len = len;
        spill(&cut);
        struct semo_chip *c = NULL;
        if (len < record) {
            assert_int_equal(semo_chip_open(path, &c), SEMO_MALFORMED);
            continue;
        }
        assert_int_equal(semo_chip_open(path, &c), SEMO_OK);
        assert_int_equal(semo_chip_state(c)->utc, 30);
        semo_chip_close(c);
    }
}

static void test_both_bad(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(1);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    struct bytes b = slurp();
    b.at[20] ^= 1;
    b.at[4096 + 20] ^= 1;
    spill(&b);
    struct semo_chip *c = NULL;
    assert_int_equal(semo_chip_open(path, &c), SEMO_MALFORMED);
    assert_null(c);
}

static void draw_until_killed(int out)
{
    struct semo_chip *c = NULL;
    if (semo_chip_open(path, &c) != SEMO_OK)
        _exit(1);
    for (;;) {
        const uint64_t e = semo_chip_epoch(c);
        if (write(out, &e, sizeof e) != sizeof e)
            _exit(1);
    }
}

/* Whatever a killed process showed is never shown again. */
static void test_killed_while_drawing(void **state)
{
    (void)state;
    const struct semo_chip_state s = sample(1);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    uint64_t last = 0;
    for (unsigned run = 0; run < 20; run++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            draw_until_killed(ends[1]);
        close(ends[1]);
        uint64_t e = 0;
        for (unsigned i = 0; i < 50 + 17 * run; i++) {
            assert_int_equal(read(ends[0], &e, sizeof e), sizeof e);
            assert_true(e > last);
            last = e;
        }
        kill(pid, SIGKILL);
        while (read(ends[0], &e, sizeof e) == sizeof e) {
            assert_true(e > last);
            last = e;
        }
        close(ends[0]);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_teardown(f, remove_chip)
    const struct CMUnitTest tests[] = {
        CASE(test_values_survive),
        CASE(test_file_is_private_and_never_overwritten),
        CASE(test_second_user_is_refused),
        CASE(test_missing),
        CASE(test_epochs_skip_and_never_repeat),
        CASE(test_cut_at_every_byte),
        CASE(test_damage_at_every_byte),
        CASE(test_damage_repeats_no_epoch),
        CASE(test_truncation_at_every_byte),
        CASE(test_both_bad),
        CASE(test_killed_while_drawing),
    };
    return cmocka_run_group_tests_name("chip", tests, make_folder, remove_folder);
}
