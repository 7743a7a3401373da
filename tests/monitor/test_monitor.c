/* SPDX-License-Identifier: Apache-2.0 */
/* The real monitor with a real module, an attacker's module and an attacker's event manager. */
#include <dirent.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <semo/map.h>
#include "lib/bytes/cursor.h"
#include "lib/channel/channel.h"
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "tests/monitor/rig.h"
#include "toolchain/toolchain.h"

#define LANDLOCK_CREATE_RULESET 444 /* with these arguments: its version */
#define EVIL                    "build/tests/monitor/evil.elf"
#define VENDOR                  0x1234
#define PATIENT                 20000 /* ms for calls that shall succeed, also on a busy machine */
#define HASTY                   100   /* ms where the limit is what is tested */

/* RIG_WEAK where the kernel of the test machine refuses namespaces. */
static unsigned leave;
static bool is_root; /* and nobody exists */
static uint8_t *echo, *evil;
static size_t echo_len, evil_len;

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u; /* splitmix64 */
    uint64_t z = *state;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

static unsigned count_of(unsigned usual)
{
    const char *count = getenv("SEMO_COUNT");
    return count ? (unsigned)atoi(count) : getenv("SOAK") ? 20 * usual : usual;
}

static void module_key(const uint8_t *image, size_t len, uint16_t vendor, uint8_t *key)
{
    static const struct semo_layout nowhere;
    uint8_t vendor_key[SEMO_KEY_LEN], *padded = calloc(1, len + 1);
    memcpy(padded, image, len);
    semo_kdf_vendor(SEMO_SECURITY, rig_node_key, vendor, vendor_key);
    semo_kdf_module(SEMO_SECURITY, vendor_key, padded, (uint32_t)(len + len % 2), &nowhere, key);
    free(padded);
}

static const uint8_t node_hash[SEMO_NODE_HASH_LEN] = "node3..";

/* Attests and compares the tag with what `key` would make; *epoch is set when it is right. */
static bool attests(struct rig *r, uint16_t module, const uint8_t *key, uint64_t *epoch)
{
    uint8_t ad[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST}, tag[SEMO_TAG_LEN];
    memcpy(ad + 2, node_hash, sizeof node_hash);
    memcpy(ad + 10, "a random challenge", SEMO_CHALLENGE_LEN);
    if (rig_call(r, module, SEMO_ENTRY_ATTEST, ad + 2, SEMO_ATTEST_LEN) != SEMO_OK)
        return false;
    if (r->len != 1 + SEMO_ATTEST_ANSWER_LEN)
        return false;
    memcpy(ad + 2 + SEMO_ATTEST_LEN, r->frame + 1, 14);
    assert_int_equal(semo_crypto_mac(key, ad, sizeof ad, tag), SEMO_OK);
    if (memcmp(tag, r->frame + 15, SEMO_TAG_LEN) != 0)
        return false;
    memcpy(epoch, r->frame + 1, 8);
    return true;
}

/* The payload is behind the two bytes of its domain. */
static void wrap_key(uint8_t p[2 + SEMO_SET_KEY_LEN], const uint8_t *key, uint64_t epoch,
                     const struct semo_channel *end, uint32_t serial)
{
    struct semo_cursor c = semo_cursor_over(p, 2 + SEMO_SET_KEY_LEN);
    semo_cursor_put_u16(&c, SEMO_DOMAIN_SET_KEY);
    semo_cursor_put(&c, node_hash, sizeof node_hash);
    semo_cursor_put_u64(&c, epoch);
    semo_cursor_put_u16(&c, end->connection);
    semo_cursor_put_u8(&c, end->io);
    semo_cursor_put_u8(&c, end->kind);
    semo_cursor_put_u32(&c, serial);
    semo_cursor_put(&c, "never used twice", 16);
    assert_int_equal(semo_crypto_wrap(key, p, 2 + SEMO_SET_KEY_HEAD_LEN, end->key, SEMO_KEY_LEN,
                                      c.at, c.at + SEMO_KEY_LEN),
                     SEMO_OK);
}

static enum semo_status set_key(struct rig *r, uint16_t module, const uint8_t *key, uint64_t epoch,
                                const struct semo_channel *end, uint32_t serial)
{
    uint8_t p[2 + SEMO_SET_KEY_LEN];
    wrap_key(p, key, epoch, end, serial);
    return rig_call(r, module, SEMO_ENTRY_SET_KEY, p + 2, SEMO_SET_KEY_LEN);
}

static void assert_alive(struct rig *r, uint16_t module)
{
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_USER, "\1\2\3", 3), SEMO_OK);
    assert_int_equal(r->len, 4);
    assert_memory_equal(r->frame + 1, "\2\4\6", 3);
}

static unsigned count_entries(pid_t pid, const char *what)
{
    char path[64];
    unsigned n = 0;
    snprintf(path, sizeof path, "/proc/%d/%s", pid, what);
    DIR *d = opendir(path);
    assert_non_null(d);
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

/* --- one module, the way of the paper --- */

static void an_event_passes(struct rig *r)
{
    uint8_t key[SEMO_KEY_LEN], sealed[2 + SEMO_SEALED_LEN(5)], body[6];
    uint16_t module;
    uint64_t epoch;
    unsigned len;
    struct semo_channel to = {.connection = 7, .kind = SEMO_RECEIVER, .key = "to the module..."};
    struct semo_channel from = {.connection = 9, .kind = SEMO_SENDER, .key = "from the module"};
    module_key(echo, echo_len, VENDOR, key);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_true(attests(r, module, key, &epoch));
    assert_true(epoch > 0);
    assert_int_equal(set_key(r, module, key, epoch, &to, 1), SEMO_OK);
    assert_int_equal(set_key(r, module, key, epoch, &from, 2), SEMO_OK);
    memcpy(sealed, &to.connection, 2);
    assert_int_equal(semo_channel_seal(&to, 0, "hello", 5, sealed + 2), SEMO_OK);
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_INPUT, sealed, sizeof sealed), SEMO_OK);
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_INPUT, sealed, sizeof sealed), SEMO_STALE);
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_TAKE, "", 0), SEMO_OK);
    assert_int_equal(r->len, 1 + sizeof sealed);
    assert_memory_equal(r->frame + 1, &from.connection, 2);
    memcpy(sealed, r->frame + 1, sizeof sealed);
    assert_int_equal(semo_channel_open(&from, sealed + 2, sizeof sealed - 2, body, 5, &len),
                     SEMO_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(body, "hello", 5);
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_TAKE, "", 0), SEMO_EMPTY);
}

static void with_rig(unsigned flags, unsigned limit_ms, void (*test)(struct rig *))
{
    struct rig r;
    rig_prepare(&r);
    rig_start(&r, flags | leave, limit_ms);
    test(&r);
    assert_int_equal(rig_stop(&r), 0);
    rig_remove(&r);
}

static void put_call(struct semo_cursor *c, uint16_t entry, const void *payload, size_t len)
{
    struct semo_gate_call head = {.entry = entry, .len = (uint16_t)len};
    memset(&head.ahead, SEMO_GATE_OPEN, sizeof head.ahead);
    semo_cursor_put(c, &head, sizeof head);
    semo_cursor_put(c, payload, (unsigned)len);
}

/* The old key still holds when the module asks ahead what it will open, and no more when it does.
 */
static void a_key_counts_from_its_call_on(struct rig *r)
{
    struct semo_channel before = {.connection = 7,
                                  .kind = SEMO_RECEIVER,
                                  .key = "the key before.."},
                        after = {.connection = 7, .kind = SEMO_RECEIVER, .key = "the key after..."};
    uint8_t key[SEMO_KEY_LEN], p[2 + SEMO_SET_KEY_LEN], calls[1024];
    uint8_t events[2][2 + SEMO_SEALED_LEN(5)] = {{7}, {7}};
    static const enum semo_status wanted[] = {SEMO_OK, SEMO_REFUSED, SEMO_OK};
    uint16_t module;
    uint64_t epoch;
    module_key(echo, echo_len, VENDOR, key);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_true(attests(r, module, key, &epoch));
    assert_int_equal(set_key(r, module, key, epoch, &before, 1), SEMO_OK);
    wrap_key(p, key, epoch, &after, 2);
    assert_int_equal(semo_channel_seal(&before, 0, "hello", 5, events[0] + 2), SEMO_OK);
    assert_int_equal(semo_channel_seal(&after, 0, "hello", 5, events[1] + 2), SEMO_OK);
    struct semo_cursor c = semo_cursor_over(calls, sizeof calls);
    put_call(&c, SEMO_ENTRY_SET_KEY, p + 2, SEMO_SET_KEY_LEN);
    put_call(&c, SEMO_ENTRY_INPUT, events[0], sizeof events[0]);
    put_call(&c, SEMO_ENTRY_INPUT, events[1], sizeof events[1]);
    assert_int_equal(rig_calls(r, module, calls, (size_t)(c.at - calls)), SEMO_OK);
    c = semo_cursor_over(r->frame + 1, r->len - 1);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(semo_cursor_u8(&c), wanted[i]);
        semo_cursor_take(&c, semo_cursor_u16(&c));
    }
    assert_false(c.bad || c.left > 0);
}

static void test_key_among_calls(void **state)
{
    (void)state;
    with_rig(0, PATIENT, a_key_counts_from_its_call_on);
}

static void test_event(void **state)
{
    (void)state;
    with_rig(0, PATIENT, an_event_passes);
}

static void test_event_unprivileged(void **state)
{
    (void)state;
    with_rig(is_root ? RIG_NOBODY : 0, PATIENT, an_event_passes);
}

/* Of a request; what the lengths in it say may be a lie. */
static unsigned put_request(uint8_t *at, uint8_t type, uint8_t suite, unsigned ad_len, unsigned len,
                            const void *rest, unsigned rest_len)
{
    const struct semo_gate_request head = {type, suite, (uint16_t)ad_len, (uint16_t)len,
                                           "keykeykeykeykey"};
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, rest, rest_len);
    return (unsigned)sizeof head + rest_len;
}

static void seals_are_told(struct rig *r)
{
    uint8_t request[64];
    unsigned len = put_request(request, SEMO_GATE_SEAL, SEMO_SUITE_SPONGENT, 2, 4, "adBODY", 6);
    uint16_t module;
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_int_equal(rig_call(r, module, EVIL_REQUEST, request, len), SEMO_OK);
    assert_int_equal(r->seals, 1);
    assert_int_equal(r->seal_len, 2 + 16 + 2);
    assert_memory_equal(r->seal + 2, "keykeykeykeykey\0ad", 18);
    len = put_request(request, SEMO_GATE_SEAL, SEMO_SUITE_SPONGENT, 2, 0, "ad", 2); /* a MAC */
    assert_int_equal(rig_call(r, module, EVIL_REQUEST, request, len), SEMO_OK);
    len = put_request(request, SEMO_GATE_SEAL, SEMO_SUITE_SPONGENT, 2, 3, "adBOD", 5);
    assert_int_equal(rig_call(r, module, EVIL_REQUEST, request, len), SEMO_OK);
    assert_int_equal(r->frame[1], SEMO_LENGTH);
    assert_int_equal(r->seals, 0);
}

static void test_seal_log(void **state)
{
    (void)state;
    with_rig(RIG_SEAL_LOG, PATIENT, seals_are_told);
}

static void test_epochs_never_repeat(void **state)
{
    struct rig r;
    uint8_t key[SEMO_KEY_LEN];
    uint64_t last = 0;
    (void)state;
    module_key(echo, echo_len, VENDOR, key);
    rig_prepare(&r);
    for (unsigned i = 0; i < 9; i++) {
        uint16_t module;
        uint64_t epoch;
        if (i % 3 == 0)
            rig_start(&r, leave, PATIENT);
        else
            rig_turn(&r, SEMO_MONITOR_RESET, "", 0);
        assert_int_equal(rig_enable(&r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
        assert_true(attests(&r, module, key, &epoch));
        assert_true(epoch > last);
        last = epoch;
        if (i % 3 == 2)
            assert_int_equal(rig_stop(&r), 0);
    }
    rig_remove(&r);
}

/* --- a lying loader --- */

static void flips_show(struct rig *r)
{
    uint64_t seed = 20261121;
    uint8_t key[SEMO_KEY_LEN], *bad = malloc(echo_len);
    module_key(echo, echo_len, VENDOR, key);
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (unsigned i = count_of(100); i > 0; i--) {
        uint16_t module;
        uint64_t epoch, bit = next_random(&seed) % (8 * echo_len);
        memcpy(bad, echo, echo_len);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (rig_enable(r, bad, echo_len, VENDOR, SEAL_ALL, &module) == SEMO_OK)
            assert_false(attests(r, module, key, &epoch));
        if (i % 8 == 0)
            rig_turn(r, SEMO_MONITOR_RESET, "", 0); /* makes room */
    }
    free(bad);
}

static void test_bit_flips(void **state)
{
    (void)state;
    with_rig(0, PATIENT, flips_show);
}

/* By whatever cause: nobody starts it again, and one that is loaded in its place is another. */
static void the_dead_stay_dead(struct rig *r)
{
    uint8_t key[SEMO_KEY_LEN];
    uint16_t module, next;
    uint64_t epoch, later;
    pid_t pids[3];
    module_key(echo, echo_len, VENDOR, key);
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_int_equal(rig_children(r, pids, 3), 1);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_true(attests(r, module, key, &epoch));
    assert_int_equal(rig_children(r, pids, 3), 2);
    assert_int_equal(kill(pids[1], SIGKILL), 0);
    assert_false(attests(r, module, key, &later));
    assert_int_equal(r->frame[0], SEMO_UNKNOWN);
    assert_int_equal(r->died, 1);
    assert_int_equal(rig_children(r, pids, 3), 1);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &next), SEMO_OK);
    assert_true(next > module);
    assert_false(attests(r, module, key, &later));
    assert_int_equal(r->died, 0); /* told once */
    assert_true(attests(r, next, key, &later));
    assert_true(later > epoch);
}

static void test_dead(void **state)
{
    (void)state;
    with_rig(0, PATIENT, the_dead_stay_dead);
}

static void other_vendor_shows(struct rig *r)
{
    uint8_t key[SEMO_KEY_LEN];
    uint16_t module;
    uint64_t epoch;
    module_key(echo, echo_len, VENDOR, key);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR + 1, SEAL_ALL, &module), SEMO_OK);
    assert_false(attests(r, module, key, &epoch));
    module_key(echo, echo_len, VENDOR + 1, key);
    assert_true(attests(r, module, key, &epoch));
}

static void test_vendor(void **state)
{
    (void)state;
    with_rig(0, PATIENT, other_vendor_shows);
}

static void images_are_checked(struct rig *r)
{
    static const enum seal bad[] = {SEAL_NONE, SEAL_NO_WRITE, SEAL_PIPE};
    uint8_t *big = calloc(1, SEMO_MONITOR_IMAGE_MAX + 1);
    uint16_t module, last;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(rig_enable(r, echo, echo_len, 1, bad[i], &module), SEMO_PLACE);
    assert_int_equal(rig_enable(r, echo, echo_len, 1, SEAL_NO_FD, &module), SEMO_MALFORMED);
    assert_int_equal(rig_enable(r, echo, 0, 1, SEAL_ALL, &module), SEMO_LENGTH);
    memcpy(big, echo, echo_len);
    assert_int_equal(rig_enable(r, big, SEMO_MONITOR_IMAGE_MAX + 1, 1, SEAL_ALL, &module),
                     SEMO_LENGTH);
    assert_int_equal(rig_enable(r, "#!/bin/sh\n", 10, 1, SEAL_ALL, &module), SEMO_INPUT);
    assert_int_equal(rig_enable(r, echo, echo_len, 1, SEAL_ALL, &last), SEMO_OK);
    /* an odd length is padded */
    assert_int_equal(rig_enable(r, big, echo_len + 1 - echo_len % 2, 1, SEAL_ALL, &module),
                     SEMO_OK);
    assert_int_equal(module, last + 1);
    assert_alive(r, module);
    assert_alive(r, last);
    assert_int_equal(rig_call(r, 0, SEMO_ENTRY_USER, "", 0), SEMO_UNKNOWN);
    assert_int_equal(rig_call(r, 999, SEMO_ENTRY_USER, "", 0), SEMO_UNKNOWN);
    free(big);
}

static void test_images(void **state)
{
    (void)state;
    with_rig(0, PATIENT, images_are_checked);
}

/* --- an attacker's module --- */

static void evil_dies(struct rig *r)
{
    uint16_t good, bad, last = 0;
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &good), SEMO_OK);
    for (uint16_t attempt = EVIL_OPEN; attempt <= EVIL_LAST_FATAL; attempt++) {
        assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &bad), SEMO_OK);
        assert_true(bad > last); /* an id is never given twice */
        last = bad;
        assert_int_equal(rig_call(r, bad, EVIL_NOTHING_BAD, "", 0), SEMO_OK);
        assert_int_equal(r->died, 0);
        if (rig_call(r, bad, attempt, "", 0) != SEMO_UNKNOWN)
            fail_msg("attempt %u: status %u", attempt, r->frame[0]);
        assert_int_equal(r->died, 1);
        assert_int_equal(r->killed, 0);
        assert_int_equal(rig_call(r, bad, EVIL_NOTHING_BAD, "", 0), SEMO_UNKNOWN);
        assert_alive(r, good);
    }
}

static void test_evil(void **state)
{
    (void)state;
    with_rig(0, PATIENT, evil_dies);
}

static void test_evil_weak(void **state)
{
    (void)state;
    with_rig(RIG_WEAK | RIG_NO_NAMESPACES, PATIENT, evil_dies);
}

static void silence_ends(struct rig *r)
{
    static const uint16_t attempts[] = {EVIL_LOOP, EVIL_WAIT};
    uint16_t bad;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &bad), SEMO_OK);
        assert_int_equal(rig_call(r, bad, attempts[i], "", 0), SEMO_TIMEOUT);
        assert_int_equal(r->killed, 1);
        assert_int_equal(r->died, 0);
        assert_int_equal(rig_call(r, bad, attempts[i], "", 0), SEMO_UNKNOWN);
    }
}

static void test_silent_module(void **state)
{
    (void)state;
    with_rig(0, HASTY, silence_ends);
}

/* The next child that ends, within a minute. */
static bool one_ends(const pid_t *pids, unsigned count)
{
    struct pollfd children[4];
    for (unsigned i = 0; i < count; i++)
        children[i] = (struct pollfd){(int)syscall(SYS_pidfd_open, pids[i], 0), POLLIN, 0};
    bool ended = poll(children, count, 60000) == 1;
    for (unsigned i = 0; i < count; i++)
        close(children[i].fd);
    return ended;
}

/* Outside of calls and turns no time limit runs but that of the processor. */
static void lingering_ends(struct rig *r)
{
    uint16_t module;
    pid_t pids[4];
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_int_equal(rig_call(r, module, EVIL_LINGER, "", 0), SEMO_OK);
    assert_true(one_ends(pids, rig_children(r, pids, 4)));
    assert_int_equal(rig_call(r, module, EVIL_NOTHING_BAD, "", 0), SEMO_UNKNOWN);
    assert_int_equal(r->died, 1);
    rig_puppet(r, PUPPET_LINGER, "", 0);
    assert_int_equal(r->died, 0);
    assert_true(one_ends(pids, rig_children(r, pids, 4)));
    rig_puppet(r, PUPPET_RECALL, "", 0); /* it is noticed as it gets no frame */
    assert_int_equal(r->died, 1);
    rig_puppet(r, PUPPET_RECALL, "", 0); /* and its successor answers */
    assert_int_equal(r->died, 0);
    assert_int_equal(r->frames, 1);
}

static void test_lingering(void **state)
{
    (void)state;
    with_rig(0, HASTY, lingering_ends);
}

static void evil_gains_nothing(struct rig *r)
{
    uint16_t module;
    int64_t got;
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_int_equal(rig_call(r, module, EVIL_EXECUTE_AGAIN, "", 0), SEMO_OK);
    assert_int_equal(r->len, 9);
    memcpy(&got, r->frame + 1, 8);
    assert_int_equal(got, -9); /* EBADF: the descriptor of its own program is gone */
    /* what it says too early answers its own next call, nobody else's */
    assert_int_equal(rig_call(r, module, EVIL_RETURN_TWICE, "", 0), SEMO_OK);
    assert_int_equal(rig_call(r, module, EVIL_NOTHING_BAD, "", 0), SEMO_OK);
    assert_int_equal(r->len, 6);
}

static void test_evil_in_vain(void **state)
{
    (void)state;
    with_rig(0, PATIENT, evil_gains_nothing);
}

/* type | has_key | [key] | ad_len | ad | body in every wrong shape gets an error, nothing else. */
static void requests_are_checked(struct rig *r)
{
    static const struct {
        uint8_t type, suite;
        unsigned ad_len, len;
        const char *rest;
        unsigned rest_len;
        enum semo_status status;
    } requests[] = {
        {SEMO_GATE_SEAL, SEMO_SUITE_SPONGENT, 2, 4, "adBODY", 6, SEMO_OK},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 2, 4, "adBODY", 6, SEMO_OK},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 4, 0, "BODY", 4, SEMO_OK},
        {SEMO_GATE_SEAL, SEMO_SUITE_SPONGENT, 4, 0, "BODY", 4, SEMO_OK},
        {SEMO_GATE_SEAL, SEMO_SUITE_AES, 2, 4, "adBODY", 6, SEMO_OK},
        {SEMO_GATE_SEAL, SEMO_SUITE_AES, 4, 0, "BODY", 4, SEMO_OK},
        {SEMO_GATE_OPEN, SEMO_SUITE_AES, 2, 4, "adBODYtagtagtagtagtag!", 22, SEMO_REFUSED},
        {SEMO_GATE_SEAL, SEMO_SUITE_AES, 2, 3, "adBOD", 5, SEMO_LENGTH},
        {SEMO_GATE_OPEN, SEMO_SUITE_OWN, 2, 4, "adBODYtagtagtagtagtag!", 22, SEMO_REFUSED},
        {SEMO_GATE_OPEN, SEMO_SUITE_SPONGENT, 2, 4, "adBODYtagtagtagtagtag!", 22, SEMO_REFUSED},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 2, 3, "adBOD", 5, SEMO_LENGTH},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 3, 4, "ad!BODY", 7, SEMO_LENGTH},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 0, 4, "BODY", 4, SEMO_LENGTH},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 3, 0, "BOD", 3, SEMO_LENGTH},
        {SEMO_GATE_SEAL, SEMO_SUITE_OWN, 0, 0, "", 0, SEMO_LENGTH},
        {SEMO_GATE_OPEN, SEMO_SUITE_OWN, 2, 0, "adtagtagtagtagtag!", 18, SEMO_LENGTH},
    };
    static const uint8_t zeros[32];
    uint16_t module;
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    for (unsigned i = 0; i < sizeof requests / sizeof *requests; i++) {
        uint8_t bytes[64];
        const unsigned len =
            put_request(bytes, requests[i].type, requests[i].suite, requests[i].ad_len,
                        requests[i].len, requests[i].rest, requests[i].rest_len);
        assert_int_equal(rig_call(r, module, EVIL_REQUEST, bytes, len), SEMO_OK);
        if (r->frame[1] != requests[i].status)
            fail_msg("request %u: status %u", i, r->frame[1]);
        assert_int_equal(r->len,
                         2 + requests[i].len + (requests[i].type == SEMO_GATE_SEAL ? 16 : 0));
        if (requests[i].status != SEMO_OK)
            assert_memory_equal(r->frame + 2, zeros, r->len - 2);
    }
}

static void test_requests(void **state)
{
    (void)state;
    with_rig(0, PATIENT, requests_are_checked);
}

/* A request of the attacker's module that must succeed; the answer is at r->frame + 2. */
static void request(struct rig *r, uint16_t module, const uint8_t *bytes, unsigned len,
                    unsigned answer_len)
{
    assert_int_equal(rig_call(r, module, EVIL_REQUEST, bytes, len), SEMO_OK);
    assert_int_equal(r->frame[1], SEMO_OK);
    assert_int_equal(r->len, 2 + answer_len);
}

/* What OpenSSL makes of 64 bytes: cipher | tag, or with nothing to encrypt the tag alone. */
static void seal_aes(const uint8_t *key, const uint8_t *ad, unsigned ad_len, const uint8_t *body,
                     unsigned len, uint8_t *out)
{
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t nonce[12] = {0};
    int n;
    memcpy(nonce, ad, 10);
    assert_int_equal(EVP_EncryptInit_ex(c, EVP_aes_128_gcm(), NULL, key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(c, NULL, &n, ad, (int)ad_len), 1);
    assert_int_equal(EVP_EncryptUpdate(c, out, &n, body, (int)len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(c, out + len, &n), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, out + len), 1);
    EVP_CIPHER_CTX_free(c);
}

static const uint8_t aes_ad[] = "ten bytes.and more";
enum {
    HEAD = sizeof(struct semo_gate_request),
    AES_AD = 18,
    AES_BODY = 64,
    AES_TEXT = HEAD + AES_AD
};

static void aes_is_that_of_openssl(struct rig *r)
{
    uint8_t rest[AES_AD + AES_BODY + 16], expected[AES_BODY + 16], bytes[256];
    const uint8_t key[16] = "keykeykeykeykey";
    uint16_t module;
    memcpy(rest, aes_ad, AES_AD);
    memset(rest + AES_AD, 'b', AES_BODY);
    seal_aes(key, aes_ad, AES_AD, rest + AES_AD, AES_BODY, expected);
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    unsigned len = put_request(bytes, SEMO_GATE_SEAL, SEMO_SUITE_AES, AES_AD, AES_BODY, rest,
                               AES_AD + AES_BODY);
    request(r, module, bytes, len, sizeof expected);
    assert_memory_equal(r->frame + 2, expected, sizeof expected);
    len = put_request(bytes, SEMO_GATE_OPEN, SEMO_SUITE_AES, AES_AD, AES_BODY, rest, sizeof rest);
    memcpy(bytes + AES_TEXT, expected, sizeof expected);
    request(r, module, bytes, len, AES_BODY);
    assert_memory_equal(r->frame + 2, rest + AES_AD, AES_BODY);
    bytes[AES_TEXT - AES_AD + 9] ^= 1; /* the associated data, in the nonce */
    assert_int_equal(rig_call(r, module, EVIL_REQUEST, bytes, len), SEMO_OK);
    assert_int_equal(r->frame[1], SEMO_REFUSED);
    for (unsigned i = 0; i < AES_BODY; i++)
        assert_int_equal(r->frame[2 + i], 0); /* nothing of the text */
    seal_aes(key, aes_ad, AES_AD, rest, 0, expected);
    len = put_request(bytes, SEMO_GATE_SEAL, SEMO_SUITE_AES, AES_AD, 0, aes_ad, AES_AD);
    request(r, module, bytes, len, 16);
    assert_memory_equal(r->frame + 2, expected, 16);
}

static void test_aes(void **state)
{
    (void)state;
    with_rig(0, PATIENT, aes_is_that_of_openssl);
}

static uint64_t ask_cycles(struct rig *r, uint16_t module, uint64_t time)
{
    uint64_t cycles = 0;
    uint8_t bytes[64];
    r->time = time;
    request(r, module, bytes, put_request(bytes, SEMO_GATE_CYCLES, 0, 0, 8, &cycles, 8), 8);
    memcpy(&cycles, r->frame + 2, 8);
    return cycles;
}

static void cycles_are_those_of_the_turn(struct rig *r)
{
    uint16_t module;
    assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_int_equal(ask_cycles(r, module, 0), 0);
    assert_int_equal(ask_cycles(r, module, 0x123456789Au), 0x123456789Au);
    uint64_t first = ask_cycles(r, module, SEMO_MONITOR_REAL_TIME);
    uint64_t second = ask_cycles(r, module, SEMO_MONITOR_REAL_TIME);
    assert_true(first > 0 && first < second);
    assert_true(second < 3600ull * SEMO_CLOCK_HZ);
}

static void test_cycles(void **state)
{
    (void)state;
    with_rig(0, PATIENT, cycles_are_those_of_the_turn);
}

static void the_coordinator_gets_admin_keys(struct rig *r)
{
    uint8_t vendor_key[16], expected[16];
    struct semo_aead a;
    semo_kdf_vendor(SEMO_SECURITY, rig_node_key, VENDOR, vendor_key);
    semo_aead_key(&a, SEMO_SECURITY, vendor_key);
    semo_aead_mac(&a, (const uint8_t *)"\x18\0admin", 8, expected);
    rig_turn(r, SEMO_MONITOR_ADMIN, "\x34\x12", 2);
    assert_int_equal(r->admin_keys, 1);
    assert_memory_equal(r->admin_key, "\x34\x12", 2);
    assert_memory_equal(r->admin_key + 2, expected, 16);
    rig_turn(r, SEMO_MONITOR_ADMIN, "\x35\x12", 2);
    assert_memory_not_equal(r->admin_key + 2, expected, 16);
    rig_turn(r, SEMO_MONITOR_ADMIN, "\x35\x12\0", 3);
    assert_int_equal(r->admin_keys, 0);
    rig_turn(r, SEMO_MONITOR_ADMIN, "", 0);
    assert_int_equal(r->admin_keys, 0);
    rig_puppet(r, PUPPET_ASK, "\4\x34\x12", 3); /* not for the event manager */
    assert_int_equal(r->admin_keys, 0);
    assert_int_equal(r->frame[0], SEMO_MALFORMED);
}

static void test_admin(void **state)
{
    (void)state;
    with_rig(0, PATIENT, the_coordinator_gets_admin_keys);
}

/* The shortest are cut: so many bytes of the message are sent. */
static void broken_requests_end_the_module(struct rig *r)
{
    static const struct {
        uint8_t type, suite;
        unsigned ad_len, len, sent;
    } requests[] = {
        {SEMO_GATE_SEAL, 0, 2, 4, 1},
        {SEMO_GATE_SEAL, 0, 2, 4, HEAD - 1},
        {SEMO_GATE_SEAL, 2, 2, 4, HEAD + 6},
        {SEMO_GATE_SEAL, 9, 2, 4, HEAD + 6},
        {SEMO_GATE_SEAL, 0, 2, 4, HEAD + 5},
        {SEMO_GATE_SEAL, 0, 2, 4, HEAD + 7},
        {SEMO_GATE_SEAL, 0, 0xFFFF, 0xFFFF, HEAD + 6},
        {SEMO_GATE_OPEN, 0, 2, 4, HEAD + 21},
        {SEMO_GATE_OPEN, 0, 2, 4, HEAD + 6},
        {SEMO_GATE_EPOCH, 0, 0, 8, 1},
        {SEMO_GATE_EPOCH, 0, 0, 8, HEAD},
        {SEMO_GATE_EPOCH, 0, 0, 9, HEAD + 9},
        {SEMO_GATE_CYCLES, 0, 2, 8, HEAD + 10},
        {SEMO_GATE_RETURN, 0, 0, 0, 1},
        {SEMO_GATE_AHEAD, 0, 0, 0, 2},
        {SEMO_GATE_CALL, 0, 0, 0, HEAD},
        {0x30, 0, 0, 0, 1},
    };
    uint16_t module;
    for (unsigned i = 0; i < sizeof requests / sizeof *requests; i++) {
        uint8_t bytes[64] = {0}, rest[32] = {0};
        put_request(bytes, requests[i].type, requests[i].suite, requests[i].ad_len, requests[i].len,
                    rest, sizeof rest);
        assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
        if (rig_call(r, module, EVIL_REQUEST, bytes, requests[i].sent) != SEMO_UNKNOWN)
            fail_msg("request %u: status %u", i, r->frame[0]);
        assert_int_equal(r->died, 1);
    }
}

static void test_broken_requests(void **state)
{
    (void)state;
    with_rig(0, PATIENT, broken_requests_end_the_module);
}

/* --- an attacker's event manager --- */

static void manager_is_refused(struct rig *r)
{
    static const uint8_t all_refused[15] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    rig_puppet(r, PUPPET_TRY, "", 0);
    assert_int_equal(r->frames, 1);
    assert_int_equal(r->len, sizeof all_refused);
    assert_memory_equal(r->frame, all_refused, sizeof all_refused);
}

static void test_manager_calls(void **state)
{
    (void)state;
    with_rig(0, PATIENT, manager_is_refused);
    with_rig(RIG_WEAK | RIG_NO_NAMESPACES, PATIENT, manager_is_refused);
}

static void manager_falls_and_modules_live(struct rig *r)
{
    static const struct {
        enum puppet order;
        unsigned killed, died;
    } falls[] = {{PUPPET_DIE, 0, 1},
                 {PUPPET_SILENT, 1, 0},
                 {PUPPET_FLOOD, 1, 0},
                 {PUPPET_FLOOD_CALLS, 0, 1}};
    uint16_t module;
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    for (unsigned i = 0; i < sizeof falls / sizeof *falls; i++) {
        rig_puppet(r, PUPPET_REMEMBER, "routes and modules", 16);
        rig_puppet(r, PUPPET_SHRINK, "", 0);
        assert_int_equal(r->died, 0);
        rig_puppet(r, falls[i].order, "", 0);
        assert_int_equal(r->killed, falls[i].killed);
        assert_int_equal(r->died, falls[i].died);
        assert_true(r->frames <= SEMO_MONITOR_TURN_MAX);
        rig_puppet(r, PUPPET_RECALL, "", 0);
        assert_int_equal(r->len, 16);
        assert_memory_equal(r->frame, "routes and modules", 16);
        assert_alive(r, module);
    }
}

static void test_manager_falls(void **state)
{
    (void)state;
    with_rig(0, HASTY, manager_falls_and_modules_live);
}

static void manager_stays_dead(struct rig *r)
{
    unsigned deaths = 0;
    do
        rig_puppet(r, PUPPET_DIE, "", 0);
    while (r->died == 1 && ++deaths < 100);
    assert_in_range(deaths, 2, 20);
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_int_equal(r->frames, 0);
    rig_turn(r, SEMO_MONITOR_MANAGER, "", 0); /* takes it back */
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_int_equal(r->frames, 1);
}

static void test_manager_stays_dead(void **state)
{
    (void)state;
    with_rig(0, PATIENT, manager_stays_dead);
}

static void managers_are_replaced(struct rig *r)
{
    uint16_t module;
    pid_t before[4], after[4];
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    rig_puppet(r, PUPPET_REMEMBER, "handed on, as is", 16);
    assert_int_equal(rig_children(r, before, 4), 2);
    rig_turn(r, SEMO_MONITOR_MANAGER, r->em, strlen(r->em));
    assert_int_equal(rig_children(r, after, 4), 2);
    assert_true(before[0] != after[1] && before[1] == after[0]); /* in the order of their birth */
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_memory_equal(r->frame, "handed on, as is", 16);
    assert_alive(r, module);
    rig_turn(r, SEMO_MONITOR_MANAGER, "/nonexistent", 12); /* the one before stays */
    assert_alive(r, module);
    rig_turn(r, SEMO_MONITOR_RESET, "", 0);
    assert_int_equal(rig_children(r, after, 4), 1);
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_memory_equal(r->frame, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
    assert_int_equal(rig_call(r, module, SEMO_ENTRY_USER, "", 0), SEMO_UNKNOWN);
}

static void test_replace(void **state)
{
    (void)state;
    with_rig(0, PATIENT, managers_are_replaced);
}

static void nonsense_is_answered(struct rig *r)
{
    static const struct {
        const char *bytes;
        unsigned len;
    } messages[] = {{"?", 1},
                    {"\x33", 1},
                    {"\x33\1", 2},
                    {"\x32\1\0", 3},
                    {"\x32", 1},
                    {"\x32\1\0\2", 4},
                    {"\1\2\3\4\5\6\7\1\1\1\1", 11}};
    uint16_t module;
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    for (unsigned i = 0; i < sizeof messages / sizeof *messages; i++) {
        rig_puppet(r, PUPPET_ASK, messages[i].bytes, messages[i].len);
        assert_int_equal(r->frames, 1);
        assert_int_equal(r->len, 1);
        assert_int_equal(r->frame[0], SEMO_MALFORMED);
        assert_int_equal(r->died, 0);
        assert_alive(r, module);
    }
}

static void test_nonsense(void **state)
{
    (void)state;
    with_rig(0, PATIENT, nonsense_is_answered);
}

static void the_monitor_survives_noise(struct rig *r)
{
    uint64_t seed = 4711;
    uint16_t module;
    print_message("# seed %llu\n", (unsigned long long)seed);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    for (unsigned i = count_of(300); i > 0; i--) {
        uint8_t noise[64];
        size_t len = 1 + next_random(&seed) % (sizeof noise - 1);
        for (size_t j = 0; j < len; j++)
            noise[j] = (uint8_t)next_random(&seed);
        if (i % 2)
            noise[0] = (uint8_t)(SEMO_EM_NEXT + noise[0] % 4);
        noise[1] = noise[1] % 3; /* often a module that there is */
        rig_puppet(r, PUPPET_RAW, noise, len);
        rig_turn(r, (uint8_t)next_random(&seed) % 32 + 5, noise, len); /* from the coordinator */
        if (i % 8 == 0)
            rig_turn(r, SEMO_MONITOR_MANAGER, "", 0);
    }
    rig_turn(r, SEMO_MONITOR_RESET, "", 0);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    assert_alive(r, module);
}

/* Random calls, as many as fit in a message at times, the last one often cut; returns how many
 * answers those that are whole get, with that of the first take where there are any. */
static unsigned make_calls(uint64_t *seed, struct semo_cursor *c)
{
    static const uint8_t noise[64] = "noise";
    static const uint16_t entries[] = {SEMO_ENTRY_SET_KEY, SEMO_ENTRY_ATTEST, SEMO_ENTRY_INPUT,
                                       SEMO_ENTRY_TAKE,    SEMO_ENTRY_TICK,   SEMO_ENTRY_USER,
                                       SEMO_ENTRY_USER + 1};
    unsigned answers = 0, longest = (unsigned)(next_random(seed) % (sizeof noise + 1));
    if (next_random(seed) % 2)
        c->left = (unsigned)(next_random(seed) % c->left);
    for (;;) {
        struct semo_gate_call head = {
            .entry = entries[next_random(seed) % (sizeof entries / sizeof *entries)],
            .takes = (uint8_t)(next_random(seed) % 3),
            .len = (uint16_t)(next_random(seed) % (longest + 1))};
        memset(&head.ahead, (int)next_random(seed), sizeof head.ahead);
        semo_cursor_put(c, &head, sizeof head);
        semo_cursor_put(c, noise, head.len);
        if (c->bad)
            return answers;
        answers += 1 + (head.takes > 0);
    }
}

static void calls_are_answered_one_for_one(struct rig *r)
{
    static uint8_t calls[SEMO_MONITOR_MESSAGE_MAX - 64];
    uint64_t seed = (uint64_t)time(NULL);
    uint16_t module;
    const char *given = getenv("SEMO_SEED");
    if (given)
        seed = strtoull(given, NULL, 0);
    print_message("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
    for (unsigned i = count_of(50); i > 0; i--) {
        struct semo_cursor c = semo_cursor_over(calls, sizeof calls);
        semo_cursor_put_u16(&c, module);
        unsigned count = make_calls(&seed, &c);
        rig_puppet(r, PUPPET_COUNT, calls, (size_t)(c.at - calls));
        assert_int_equal(r->frame[0], SEMO_OK);
        assert_int_equal(r->frame[1] | r->frame[2] << 8, count);
    }
    assert_alive(r, module);
}

static void test_calls(void **state)
{
    (void)state;
    with_rig(0, PATIENT, calls_are_answered_one_for_one);
}

/* Of the monitor; they are root's to see. */
static unsigned count_descriptors(const struct rig *r)
{
    return geteuid() == 0 ? count_entries(r->pid, "fd/") : 0;
}

static void no_descriptor_stays(struct rig *r)
{
    uint16_t module;
    rig_puppet(r, PUPPET_TWO_FILES, "", 0);
    unsigned before = count_descriptors(r);
    for (unsigned i = 0; i < 10; i++) {
        rig_puppet(r, PUPPET_TWO_FILES, "", 0);
        assert_int_equal(r->frame[0], SEMO_MALFORMED);
        assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_NONE, &module), SEMO_PLACE);
        assert_int_equal(rig_enable(r, "#!", 2, VENDOR, SEAL_ALL, &module), SEMO_INPUT);
        assert_int_equal(rig_enable(r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
        assert_int_equal(rig_call(r, module, EVIL_CRASH, "", 0), SEMO_UNKNOWN);
        rig_turn(r, SEMO_MONITOR_MANAGER, r->em, strlen(r->em));
        rig_puppet(r, PUPPET_DIE, "", 0);
    }
    rig_turn(r, SEMO_MONITOR_RESET, "", 0);
    rig_turn(r, SEMO_MONITOR_MANAGER, "", 0);
    assert_int_equal(count_descriptors(r), before);
}

static void test_no_leak(void **state)
{
    (void)state;
    with_rig(0, PATIENT, no_descriptor_stays);
}

static void test_noise(void **state)
{
    (void)state;
    with_rig(0, PATIENT, the_monitor_survives_noise);
}

/* --- the event manager that users get --- */

/* One request frame; the status of its answer, whose body is at r->frame + 4. */
static enum semo_status ask(struct rig *r, uint8_t type, const void *body, unsigned len)
{
    uint8_t message[10 + SEMO_FRAME_MAX] = {0}; /* time u64 | len u16 | frame */
    struct semo_cursor c = semo_cursor_over(message + 8, 2 + SEMO_FRAME_MAX);
    semo_cursor_put_u16(&c, (uint16_t)(3 + len));
    semo_cursor_put_u8(&c, type);
    semo_cursor_put_u16(&c, 0x5AA5);
    semo_cursor_put(&c, body, len);
    rig_turn(r, SEMO_MONITOR_FRAME, message, 10 + 3 + len);
    assert_int_equal(r->died + r->killed, 0);
    assert_int_equal(r->frames, 1);
    assert_true(r->len >= 4);
    assert_int_equal(r->frame[0], type | SEMO_FRAME_ANSWER);
    assert_memory_equal(r->frame + 1, "\xA5\x5A", 2);
    return (enum semo_status)r->frame[3];
}

static uint16_t load_by_frames(struct rig *r)
{
    uint8_t body[4 + 1000];
    struct semo_cursor c;
    for (uint32_t at = 0, n; at < echo_len; at += n) {
        n = echo_len - at < 1000 ? (uint32_t)echo_len - at : 1000;
        c = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u32(&c, at);
        semo_cursor_put(&c, echo + at, n);
        assert_int_equal(ask(r, SEMO_FRAME_WRITE, body, 4 + n), SEMO_OK);
    }
    memset(body, 0, 18);
    c = semo_cursor_over(body, 18);
    semo_cursor_put_u16(&c, VENDOR);
    semo_cursor_put_u32(&c, 0);
    semo_cursor_put_u32(&c, (uint32_t)echo_len);
    assert_int_equal(ask(r, SEMO_FRAME_ENABLE, body, 18), SEMO_OK);
    return (uint16_t)(r->frame[4] | r->frame[5] << 8);
}

static void frames_load_and_call(struct rig *r)
{
    uint8_t key[SEMO_KEY_LEN], ad[SEMO_ATTEST_AD_LEN] = {SEMO_DOMAIN_ATTEST}, tag[SEMO_TAG_LEN];
    uint16_t module = load_by_frames(r);
    uint8_t call[4 + SEMO_ATTEST_LEN] = {(uint8_t)module, (uint8_t)(module >> 8),
                                         SEMO_ENTRY_ATTEST};
    memcpy(call + 4, ad + 2, SEMO_ATTEST_LEN);
    assert_int_equal(ask(r, SEMO_FRAME_CALL, call, sizeof call), SEMO_OK);
    assert_int_equal(r->len, 4 + SEMO_ATTEST_ANSWER_LEN);
    module_key(echo, echo_len, VENDOR, key);
    memcpy(ad + 2 + SEMO_ATTEST_LEN, r->frame + 4, 14);
    assert_int_equal(semo_crypto_mac(key, ad, sizeof ad, tag), SEMO_OK);
    assert_memory_equal(tag, r->frame + 18, SEMO_TAG_LEN);
    assert_int_equal(ask(r, SEMO_FRAME_INFO, "", 0), SEMO_OK);
    assert_int_equal(r->len, 4 + SEMO_INFO_LEN);
    assert_int_equal(r->frame[4 + 6] & 1, r->weak);
    assert_int_equal((r->frame[4 + 6] & 4) != 0, r->landlock > 0);
    /* its successor finds the module */
    rig_turn(r, SEMO_MONITOR_MANAGER, "", 0);
    assert_int_equal(ask(r, SEMO_FRAME_CALL, call, sizeof call), SEMO_OK);
    assert_int_equal(ask(r, SEMO_FRAME_INFO, "", 0), SEMO_OK);
    assert_int_equal(r->frame[4 + 5], 1);
}

static void with_real_manager(unsigned flags)
{
    struct rig r;
    rig_prepare(&r);
    strcpy(r.em, "build/bin/semo-em");
    rig_start(&r, flags, PATIENT);
    frames_load_and_call(&r);
    assert_int_equal(rig_stop(&r), 0);
    snprintf(r.em, sizeof r.em, "%s/puppet", r.folder);
    rig_remove(&r);
}

static void test_real_manager(void **state)
{
    (void)state;
    with_real_manager(leave);
    with_real_manager(RIG_WEAK | RIG_NO_NAMESPACES);
}

/* --- isolation, seen from outside --- */

static void read_status(pid_t pid, const char *field, char *value, size_t room)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    value[0] = 0;
    while (fgets(line, sizeof line, f))
        if (strncmp(line, field, strlen(field)) == 0 && line[strlen(field)] == ':')
            snprintf(value, room, "%s", line + strlen(field) + 2);
    value[strcspn(value, "\n")] = 0;
    fclose(f);
}

static void assert_status(pid_t pid, const char *field, const char *expected)
{
    char value[128];
    read_status(pid, field, value, sizeof value);
    if (strcmp(value, expected) != 0)
        fail_msg("process %d: %s is \"%s\", not \"%s\"", pid, field, value, expected);
}

static void assert_confined(pid_t pid)
{
    assert_status(pid, "NoNewPrivs", "1");
    assert_status(pid, "Seccomp", "2");
    assert_status(pid, "CapPrm", "0000000000000000");
    assert_status(pid, "CapEff", "0000000000000000");
    assert_status(pid, "CapAmb", "0000000000000000");
    if (is_root)
        assert_status(pid, "Uid", "65534\t65534\t65534\t65534");
}

static bool is_dumpable(pid_t pid)
{
    char path[64];
    struct stat s; /* what belongs to a process that is not dumpable belongs to root */
    snprintf(path, sizeof path, "/proc/%d/environ", pid);
    assert_int_equal(stat(path, &s), 0);
    return s.st_uid != 0;
}

static bool shares_namespace(pid_t pid, const char *name)
{
    char path[64], ours[64] = "", theirs[64] = "";
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
    assert_true(readlink(path, theirs, sizeof theirs - 1) > 0);
    snprintf(path, sizeof path, "/proc/self/ns/%s", name);
    assert_true(readlink(path, ours, sizeof ours - 1) > 0);
    return strcmp(ours, theirs) == 0;
}

static void assert_isolated(pid_t pid)
{
    assert_status(pid, "CapBnd", "0000000000000000"); /* who has no capability cannot drop it */
    static const char *const namespaces[] = {"pid", "net", "ipc", "uts", "mnt", "cgroup"};
    for (unsigned i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
        if (shares_namespace(pid, namespaces[i]))
            fail_msg("process %d shares our %s namespace", pid, namespaces[i]);
    assert_int_equal(count_entries(pid, "root/"), 0);
}

static void find_children(struct rig *r, pid_t *manager, pid_t *module)
{
    uint16_t id;
    pid_t pids[3];
    rig_puppet(r, PUPPET_RECALL, "", 0);
    assert_int_equal(rig_children(r, manager, 1), 1);
    assert_int_equal(rig_enable(r, echo, echo_len, VENDOR, SEAL_ALL, &id), SEMO_OK);
    assert_alive(r, id);
    assert_int_equal(rig_children(r, pids, 3), 2);
    *module = pids[0] == *manager ? pids[1] : pids[0];
}

static void assert_limit(pid_t pid, const char *name, unsigned long expected)
{
    char path[64], line[256];
    unsigned long soft = 1, hard = 1;
    snprintf(path, sizeof path, "/proc/%d/limits", pid);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, name, strlen(name)) == 0)
            assert_int_equal(sscanf(line + strlen(name), "%lu %lu", &soft, &hard), 2);
    fclose(f);
    if (soft != expected || hard != expected)
        fail_msg("process %d: %s is %lu, %lu", pid, name, soft, hard);
}

static void look_closer(const struct rig *r, pid_t manager, pid_t module)
{
    assert_int_equal(count_entries(module, "fd/"), 1);
    assert_int_equal(count_entries(manager, "fd/"), 5);
    assert_false(is_dumpable(module));
    assert_limit(module, "Max address space", 16 << 20);
    assert_limit(module, "Max open files", 0);
    assert_limit(module, "Max processes", 0);
    assert_limit(module, "Max file size", 0);
    assert_limit(module, "Max core file size", 0);
    assert_limit(manager, "Max address space", 256 << 20);
    assert_limit(manager, "Max processes", 0);
    if (r->weak) {
        assert_true(shares_namespace(module, "net"));
        return;
    }
    assert_isolated(manager);
    assert_isolated(module);
}

static void children_are_confined(struct rig *r)
{
    pid_t manager, module;
    find_children(r, &manager, &module);
    assert_confined(manager);
    assert_confined(module);
    if (is_root) /* the rest is root's to see */
        look_closer(r, manager, module);
    rig_puppet(r, PUPPET_ARGUMENT, "", 0);
    char said[32];
    snprintf(said, sizeof said, "%s %s", r->weak ? "weak" : "isolated",
             r->landlock ? "landlock" : "");
    assert_int_equal(r->len, strlen(said));
    assert_memory_equal(r->frame, said, r->len);
    assert_int_equal(r->landlock > 0, syscall(LANDLOCK_CREATE_RULESET, NULL, 0, 1) > 0);
}

static void isolated(struct rig *r)
{
    children_are_confined(r);
    assert_int_equal(r->weak, 0);
}

static void isolated_by_user(struct rig *r)
{
    pid_t child;
    children_are_confined(r);
    assert_int_equal(r->weak, 0);
    assert_int_equal(rig_children(r, &child, 1), 1);
    assert_false(shares_namespace(child, "user"));
    assert_false(is_dumpable(r->pid)); /* the monitor itself, which is nobody here */
}

static void weak_says_so(struct rig *r)
{
    children_are_confined(r);
    assert_int_equal(r->weak, 1);
}

static void test_isolation(void **state)
{
    (void)state;
    with_rig(RIG_WEAK | RIG_NO_NAMESPACES, PATIENT, weak_says_so);
    if (is_root)
        with_rig(RIG_WEAK | RIG_NO_NAMESPACES | RIG_NOBODY, PATIENT, weak_says_so);
    if (leave) {
        print_message("# SKIP the kernel refuses namespaces here\n");
        skip();
    }
    with_rig(0, PATIENT, isolated);
    with_rig(RIG_WEAK, PATIENT, isolated); /* --weak weakens nothing that is there */
    if (is_root)
        with_rig(RIG_NOBODY, PATIENT, isolated_by_user);
}

static void test_without_landlock(void **state)
{
    struct rig r;
    size_t len;
    (void)state;
    rig_prepare(&r);
    rig_start(&r, RIG_NO_LANDLOCK | leave, PATIENT);
    rig_puppet(&r, PUPPET_ARGUMENT, "", 0);
    assert_int_equal(r.landlock, 0);
    assert_memory_equal(r.frame + r.len - 1, " ", 1); /* argv[2] is empty */
    assert_int_equal(rig_stop(&r), 0);
    char *said = (char *)rig_read(r.says, &len);
    assert_non_null(memmem(said, len, "node node3: no Landlock in this kernel", 38));
    free(said);
    rig_remove(&r);
}

static void assert_does_not_start(struct rig *r, unsigned flags, enum semo_exit code)
{
    char byte;
    rig_start(r, flags, PATIENT);
    assert_true(read(r->socket, &byte, 1) <= 0); /* it ends by itself */
    assert_int_equal(rig_stop(r), code);
}

static void test_not_weak_without_leave(void **state)
{
    struct rig r;
    (void)state;
    rig_prepare(&r);
    assert_does_not_start(&r, RIG_NO_NAMESPACES, SEMO_EXIT_RESOURCE);
    rig_remove(&r);
}

static void test_refusals(void **state)
{
    struct rig r, second;
    (void)state;
    rig_prepare(&r);
    second = r;
    strcpy(second.em, "/bin/true"); /* dynamically linked */
    assert_does_not_start(&second, 0, SEMO_EXIT_RESOURCE);
    strcpy(second.em, "/nonexistent");
    assert_does_not_start(&second, 0, SEMO_EXIT_RESOURCE);
    second = r;
    strcpy(second.chip, r.em); /* not a chip */
    assert_does_not_start(&second, 0, SEMO_EXIT_RESOURCE);
    second = r;
    rig_start(&r, leave, PATIENT);
    rig_puppet(&r, PUPPET_RECALL, "", 0);
    assert_does_not_start(&second, 0, SEMO_EXIT_RESOURCE); /* the chip is in use */
    assert_int_equal(rig_stop(&r), 0);
    rig_start(&r, leave, PATIENT);
    rig_puppet(&r, PUPPET_RECALL, "", 0);
    assert_int_equal(rig_stop(&r), 0);
    rig_remove(&r);
}

/* Children die with the monitor, however it dies: this module would not notice by itself. */
static void test_no_orphans(void **state)
{
    struct rig r;
    pid_t pids[3];
    struct pollfd children[3];
    uint16_t module;
    (void)state;
    rig_prepare(&r);
    rig_start(&r, leave, PATIENT);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(rig_enable(&r, evil, evil_len, VENDOR, SEAL_ALL, &module), SEMO_OK);
        assert_int_equal(rig_call(&r, module, EVIL_LINGER, "", 0), SEMO_OK);
    }
    assert_int_equal(rig_children(&r, pids, 3), 3);
    for (unsigned i = 0; i < 3; i++) {
        children[i] = (struct pollfd){(int)syscall(SYS_pidfd_open, pids[i], 0), POLLIN, 0};
        assert_true(children[i].fd >= 0);
    }
    kill(r.pid, SIGKILL);
    assert_int_equal(rig_stop(&r), 256 + SIGKILL);
    unsigned ended = 0;
    for (unsigned i = 0; i < 3; i++) {
        ended += poll(&children[i], 1, 10000) == 1;
        syscall(SYS_pidfd_send_signal, children[i].fd, SIGKILL, NULL, 0); /* leave nothing behind */
        close(children[i].fd);
    }
    assert_int_equal(ended, 3);
    rig_remove(&r);
}

static void build_echo(void)
{
    static const char *const files[] = {"tests/monitor/echo.c"};
    const struct semo_module_source source = {.name = "Echo",
                                              .files = files,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_LINUX,
                                              .security = SEMO_SECURITY,
                                              .connections = 4,
                                              .root = ".",
                                              .objects = "build/tests/monitor/objects"};
    struct semo_error e = {.text = ""};
    struct semo_unit *unit;
    struct semo_image image;
    if (semo_toolchain_compile(&source, &unit, &e) != SEMO_OK ||
        semo_toolchain_link(unit, 0, 0, &image, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    semo_unit_free(unit);
    echo = image.text;
    echo_len = image.text_len;
}

static void find_leave(void)
{
    struct rig r;
    char byte;
    rig_prepare(&r);
    rig_start(&r, 0, PATIENT);
    if (send(r.socket, "?", 1, MSG_NOSIGNAL) != 1 || recv(r.socket, &byte, 1, 0) != 1)
        leave = RIG_WEAK;
    rig_stop(&r);
    rig_remove(&r);
    print_message("# namespaces: %s\n", leave ? "refused here" : "allowed");
}

static void find_root(void)
{
    unsigned first, outside, count;
    FILE *f = fopen("/proc/self/uid_map", "r");
    assert_non_null(f);
    is_root = geteuid() == 0 && fscanf(f, "%u %u %u", &first, &outside, &count) == 3 &&
              first == 0 && count > 65534;
    fclose(f);
}

static int read_images(void **state)
{
    (void)state;
    find_root();
    build_echo();
    find_leave();
    evil = rig_read(EVIL, &evil_len);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event),
        cmocka_unit_test(test_event_unprivileged),
        cmocka_unit_test(test_seal_log),
        cmocka_unit_test(test_epochs_never_repeat),
        cmocka_unit_test(test_bit_flips),
        cmocka_unit_test(test_vendor),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_dead),
        cmocka_unit_test(test_evil),
        cmocka_unit_test(test_evil_weak),
        cmocka_unit_test(test_silent_module),
        cmocka_unit_test(test_lingering),
        cmocka_unit_test(test_evil_in_vain),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_broken_requests),
        cmocka_unit_test(test_aes),
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_admin),
        cmocka_unit_test(test_manager_calls),
        cmocka_unit_test(test_manager_falls),
        cmocka_unit_test(test_manager_stays_dead),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_no_leak),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_key_among_calls),
        cmocka_unit_test(test_real_manager),
        cmocka_unit_test(test_isolation),
        cmocka_unit_test(test_without_landlock),
        cmocka_unit_test(test_not_weak_without_leave),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_no_orphans),
    };
    return cmocka_run_group_tests_name("monitor", tests, read_images, NULL);
}
