/* SPDX-License-Identifier: Apache-2.0 */
/* Every golden vector, by every variant of the permutation; then all variants and the bit loop
 * against each other. */
#include "lib/crypto/aead.h"
#include "lib/crypto/permutation.h"
#include "lib/kdf/kdf.h"
#include "tests/lib/bitloop.h"
#include "tests/lib/support.h"

#include <unistd.h>

static const char *const variants[] = {"portable", "bmi2", "avx512"};

/* Runs `check` under each variant that this CPU has. */
static void each_variant(void (*check)(void))
{
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        if (semo_sponge_force(variants[i])) {
            assert_string_equal(semo_sponge_variant(), variants[i]);
            check();
        } else {
            print_message("# %s skipped: this CPU does not run it\n", variants[i]);
        }
    }
}

static void state_of(const struct test_bytes *big_endian, uint64_t *state)
{
    memset(state, 0, 6 * sizeof *state);
    for (unsigned i = 0; i < big_endian->len; i++)
        state[i / 8] |= (uint64_t)big_endian->at[big_endian->len - 1 - i] << 8 * (i % 8);
}

static void check_permutations(void)
{
    json_t *all = test_golden("permutation.json"), *v;
    unsigned checked = 0;
    size_t i;
    json_array_foreach(all, i, v)
    {
        struct test_bytes in = test_hex(v, "state_in"), out = test_hex(v, "state_out");
        struct semo_sponge s;
        uint64_t expected[6];
        if (test_number(v, "sec") > 128)
            continue;
        semo_sponge_init(&s, test_number(v, "sec"));
        state_of(&in, s.state);
        state_of(&out, expected);
        semo_sponge_duplex(&s, 0);
        assert_memory_equal(s.state, expected, sizeof expected);
        checked++;
    }
    json_decref(all);
    assert_int_equal(checked, 60);
}

static void golden_permutations(void **state)
{
    (void)state;
    each_variant(check_permutations);
}

/* The odd shapes, which only the crypto unit of the machine has. */
static int is_odd(const struct test_bytes *ad, const struct test_bytes *body, int unwrap)
{
    return ad->len == 0 || ad->len % 2 || body->len % 2 || (unwrap && body->len == 0);
}

static void check_wrap(const json_t *v, const struct semo_aead *a, const struct test_bytes *ad,
                       const struct test_bytes *body)
{
    struct test_bytes out = test_hex(v, "out"), tag = test_hex(v, "tag");
    uint8_t got[TEST_BYTES_MAX], got_tag[16];
    if (body->len)
        semo_aead_wrap(a, ad->at, ad->len, body->at, body->len, got, got_tag);
    else
        semo_aead_mac(a, ad->at, ad->len, got_tag);
    assert_memory_equal(got, out.at, body->len);
    assert_memory_equal(got_tag, tag.at, tag.len);
}

static void check_unwrap(const json_t *v, const struct semo_aead *a, const struct test_bytes *ad,
                         const struct test_bytes *body)
{
    struct test_bytes out = test_hex(v, "out"), tag = test_hex(v, "tag");
    static const uint8_t zeros[TEST_BYTES_MAX];
    uint8_t got[TEST_BYTES_MAX];
    memset(got, 0xAA, sizeof got);
    enum semo_status status =
        semo_aead_unwrap(a, ad->at, ad->len, body->at, body->len, tag.at, got);
    int accepted = test_number(v, "r15") == 1;
    assert_int_equal(status, accepted ? SEMO_OK : SEMO_REFUSED);
    assert_memory_equal(got, accepted ? out.at : zeros, body->len);
}

static void check_aead_file(const char *name, unsigned expected)
{
    json_t *all = test_golden(name), *v;
    unsigned checked = 0;
    size_t i;
    json_array_foreach(all, i, v)
    {
        const char *op = json_string_value(json_object_get(v, "op"));
        int unwrap = strcmp(op, "unwrap") == 0;
        struct test_bytes ad = test_hex(v, "ad"), body = test_hex(v, "body");
        struct test_bytes key = test_hex(v, "key");
        struct semo_aead a;
        if (is_odd(&ad, &body, unwrap))
            continue;
        if (key.len == 0)
            key = test_hex(v, "sm_key");
        assert_int_equal(key.len * 8, test_number(v, "sec"));
        semo_aead_key(&a, test_number(v, "sec"), key.at);
        (unwrap ? check_unwrap : check_wrap)(v, &a, &ad, &body);
        checked++;
    }
    json_decref(all);
    assert_int_equal(checked, expected);
}

static void check_aead(void)
{
    check_aead_file("aead_sec64.json", 214);
    check_aead_file("aead_sec80.json", 6);
    check_aead_file("aead_sec112.json", 6);
    check_aead_file("aead_sec128.json", 214);
}

static void golden_aead(void **state)
{
    (void)state;
    each_variant(check_aead);
}

static void check_macs(void)
{
    json_t *all = test_golden("mac_model.json"), *v;
    size_t i;
    json_array_foreach(all, i, v)
    {
        struct test_bytes key = test_hex(v, "key"), m = test_hex(v, "msg"),
                          mac = test_hex(v, "mac");
        struct semo_aead a;
        uint8_t tag[16];
        semo_aead_key(&a, test_number(v, "sec"), key.at);
        semo_aead_mac(&a, m.at, m.len, tag);
        assert_memory_equal(tag, mac.at, mac.len);
        for (unsigned split = 0; split <= m.len; split += 2) {
            memset(tag, 0, sizeof tag);
            semo_aead_mac_pair(&a, m.at, split, m.at + split, m.len - split, tag);
            assert_memory_equal(tag, mac.at, mac.len);
        }
    }
    assert_int_equal(json_array_size(all), 48);
    json_decref(all);
}

static void golden_macs(void **state)
{
    (void)state;
    each_variant(check_macs);
}

static void golden_software_library(void **state)
{
    (void)state;
    json_t *all = test_golden("libspongent.json"), *v;
    unsigned checked = 0;
    size_t i;
    json_array_foreach(json_object_get(all, "wrap"), i, v)
    {
        struct test_bytes key = test_hex(v, "key"), ad = test_hex(v, "ad");
        struct test_bytes body = test_hex(v, "body"), cipher = test_hex(v, "cipher");
        struct test_bytes tag = test_hex(v, "tag");
        uint8_t got[TEST_BYTES_MAX], got_tag[16];
        struct semo_aead a;
        if (!json_is_true(json_object_get(v, "same_as_hardware")))
            continue;
        semo_aead_key(&a, test_number(v, "sec"), key.at);
        if (body.len)
            semo_aead_wrap(&a, ad.at, ad.len, body.at, body.len, got, got_tag);
        else
            semo_aead_mac(&a, ad.at, ad.len, got_tag);
        assert_memory_equal(got, cipher.at, cipher.len);
        assert_memory_equal(got_tag, tag.at, tag.len);
        checked++;
    }
    json_decref(all);
    assert_int_equal(checked, 40);
}

/* A confidentially loaded module is measured in its plaintext. */
static void check_keys_of(const json_t *v)
{
    unsigned security = test_number(v, "sec");
    struct test_bytes master = test_hex(v, "master"), module = test_hex(v, "module_key");
    struct test_bytes text = test_hex(v, "text"), vendor = test_hex(v, "vendor_key");
    struct semo_layout layout = {
        .ps = (uint16_t)test_number(v, "ps"),
        .pe = (uint16_t)test_number(v, "pe"),
        .ss = (uint16_t)test_number(v, "ss"),
        .se = (uint16_t)test_number(v, "se"),
    };
    uint8_t vendor_key[16], key[16];
    if (text.len == 0)
        text = test_hex(v, "plaintext");
    semo_kdf_vendor(security, master.at, (uint16_t)test_number(v, "vendor_id"), vendor_key);
    assert_memory_equal(vendor_key, vendor.at, vendor.len);
    semo_kdf_module(security, vendor_key, text.at, text.len, &layout, key);
    assert_memory_equal(key, module.at, module.len);
}

static void golden_keys(void **state)
{
    (void)state;
    json_t *all = test_golden("keys.json"), *v;
    unsigned checked = 0;
    size_t i;
    json_array_foreach(all, i, v)
    {
        if (!json_is_string(json_object_get(v, "module_key")))
            continue;
        check_keys_of(v);
        checked++;
    }
    json_decref(all);
    print_message("# %u keys\n", checked);
    assert_true(checked >= 24);
}

static const unsigned securities[] = {64, 80, 96, 112, 128};

static void each_equals_the_bit_loop(unsigned security, uint64_t *seed)
{
    unsigned width = semo_bitloop_width(security);
    uint64_t input[6] = {0}, expected[6];
    test_fill(seed, input, width / 8);
    memcpy(expected, input, sizeof input);
    semo_bitloop_permute(width, expected);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        struct semo_sponge s;
        if (!semo_sponge_force(variants[i]))
            continue;
        semo_sponge_init(&s, security);
        memcpy(s.state, input, sizeof input);
        semo_sponge_duplex(&s, 0);
        if (memcmp(s.state, expected, sizeof expected) != 0)
            fail_msg("%s differs from the bit loop at security %u", variants[i], security);
    }
}

static void variants_equal_the_bit_loop(void **state)
{
    (void)state;
    uint64_t seed = test_seed(), count = test_count();
    for (uint64_t n = 0; n < count; n++)
        each_equals_the_bit_loop(securities[n % 5], &seed);
    print_message("# %llu random states, all variants equal to the bit loop\n",
                  (unsigned long long)count);
}

#define BATCH 500

/* Random states, as many for each width. */
static void fill_batch(struct semo_sponge *batch, uint64_t *seed)
{
    for (unsigned n = 0; n < BATCH; n++) {
        unsigned width = semo_bitloop_width(securities[n % 5]);
        semo_sponge_init(&batch[n], securities[n % 5]);
        for (unsigned word = 0; word < 6; word++)
            batch[n].state[word] = test_random(seed);
        for (unsigned bit = width; bit < 384; bit++)
            batch[n].state[bit / 64] &= ~(UINT64_C(1) << bit % 64);
    }
}

/* 1 when the CPU runs the variant; the results of the first one are what the others must give. */
static unsigned batch_agrees(const struct semo_sponge *in, struct semo_sponge *expected,
                             unsigned variant)
{
    static struct semo_sponge out[BATCH];
    if (!semo_sponge_force(variants[variant]))
        return 0;
    memcpy(out, in, sizeof out);
    for (unsigned n = 0; n < BATCH; n++)
        semo_sponge_duplex(&out[n], 0);
    if (variant == 0)
        memcpy(expected, out, sizeof out);
    if (memcmp(out, expected, sizeof out) != 0)
        fail_msg("%s differs from %s", variants[variant], variants[0]);
    return 1;
}

static void variants_equal_each_other(void **state)
{
    (void)state;
    static struct semo_sponge in[BATCH], expected[BATCH];
    const uint64_t otherwise = getenv("SOAK") ? 4000000 : 1000000;
    uint64_t seed = test_seed(), count = test_env("SEMO_COUNT", otherwise), done = 0;
    unsigned compared = 0;
    for (; done < count; done += BATCH) {
        fill_batch(in, &seed);
        compared = 0;
        for (unsigned v = 0; v < sizeof variants / sizeof *variants; v++)
            compared += batch_agrees(in, expected, v);
    }
    print_message("# %u variants equal on %llu random states\n", compared,
                  (unsigned long long)done);
}

/* Random shapes: the bit loop's wrap, and that unwrap takes it back, also in place. */
static void wraps_agree(void **state)
{
    (void)state;
    uint64_t seed = test_seed(), count = test_count() / 10;
    for (uint64_t n = 0; n < count; n++) {
        unsigned security = securities[n % 5];
        unsigned ad_len = 2 + 2 * (test_random(&seed) % 12), len = 2 * (test_random(&seed) % 33);
        uint8_t key[16], ad[32], body[64], out[64], tag[16], got[64], got_tag[16];
        struct semo_aead a;
        test_fill(&seed, key, sizeof key);
        test_fill(&seed, ad, sizeof ad);
        test_fill(&seed, body, sizeof body);
        semo_sponge_force(variants[n % 3]);
        semo_bitloop_wrap(security, key, ad, ad_len, body, len, out, tag);
        semo_aead_key(&a, security, key);
        memcpy(got, body, sizeof got);
        if (len)
            semo_aead_wrap(&a, ad, ad_len, got, len, got, got_tag);
        else
            semo_aead_mac(&a, ad, ad_len, got_tag);
        assert_memory_equal(got, out, len);
        assert_memory_equal(got_tag, tag, security / 8);
        if (len == 0)
            continue;
        assert_int_equal(semo_aead_unwrap(&a, ad, ad_len, got, len, tag, got), SEMO_OK);
        assert_memory_equal(got, body, len);
    }
}

static void refuses_what_it_cannot_run(void **state)
{
    (void)state;
    assert_true(semo_sponge_force("portable"));
    assert_false(semo_sponge_force("abacus"));
    assert_string_equal(semo_sponge_variant(), "portable");
}

/* What is printed while a permutation is chosen under SEMO_CPU=wanted. */
static const struct semo_permutation *choose(const char *wanted, char *said, size_t room)
{
    int screen = dup(2);
    FILE *file = tmpfile();
    assert_non_null(file);
    setenv("SEMO_CPU", wanted, 1);
    dup2(fileno(file), 2);
    const struct semo_permutation *chosen = semo_permutation_find(NULL);
    dup2(screen, 2);
    close(screen);
    unsetenv("SEMO_CPU");
    rewind(file);
    said[fread(said, 1, room - 1, file)] = 0;
    fclose(file);
    return chosen;
}

static void environment_forces_a_variant(void **state)
{
    (void)state;
    char said[256];
    assert_string_equal(choose("portable", said, sizeof said)->name, "portable");
    assert_string_equal(said, "");
    assert_ptr_equal(choose("", said, sizeof said), semo_permutation_find(NULL));
    assert_string_equal(said, "");
    assert_ptr_equal(choose("abacus", said, sizeof said), semo_permutation_find(NULL));
    assert_non_null(strstr(said, "SEMO_CPU=abacus: not one of portable, bmi2, avx512"));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void a_mac_is_no_wrap_of_nothing(void **state)
{
    (void)state;
    const uint8_t key[16] = {1}, ad[2] = {2};
    struct semo_aead a;
    uint8_t tag[16], out[2];
    semo_aead_key(&a, 128, key);
    semo_aead_mac(&a, ad, sizeof ad, tag);
    assert_int_equal(semo_aead_unwrap(&a, ad, sizeof ad, ad, 0, tag, out), SEMO_REFUSED);
}

static void helpers_do_what_they_say(void **state)
{
    (void)state;
    uint8_t a[16] = {0}, b[16] = {0};
    for (unsigned bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(semo_bytes_equal(a, b, sizeof a), 0);
        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(semo_bytes_equal(a, b, sizeof a), 1);
    }
    memset(a, 0x5A, sizeof a);
    semo_bytes_wipe(a, 15);
    assert_memory_equal(a, b, 15);
    assert_int_equal(a[15], 0x5A);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_permutations),
        cmocka_unit_test(golden_aead),
        cmocka_unit_test(golden_macs),
        cmocka_unit_test(golden_software_library),
        cmocka_unit_test(golden_keys),
        cmocka_unit_test(variants_equal_the_bit_loop),
        cmocka_unit_test(variants_equal_each_other),
        cmocka_unit_test(wraps_agree),
        cmocka_unit_test(refuses_what_it_cannot_run),
        cmocka_unit_test(environment_forces_a_variant),
        cmocka_unit_test(a_mac_is_no_wrap_of_nothing),
        cmocka_unit_test(helpers_do_what_they_say),
    };
    return cmocka_run_group_tests_name("crypto", tests, NULL, NULL);
}
