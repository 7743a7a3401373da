/* SPDX-License-Identifier: Apache-2.0 */
/* The recorded vectors of instruction costs, authenticated encryption and keys, each executed as an
 * instruction of the machine. */
#include "lib/crypto/aead.h"
#include "tests/machine/rig.h"

/* ---- cycles.json ---- */

enum { MEMORY = 0x2000, PROGRAM = 0xE000, PERIPHERAL = 0x0090 };

static const char *const names[16] = {"",    "",    "",     "",    "mov", "add", "addc", "subc",
                                      "sub", "cmp", "dadd", "bit", "bic", "bis", "xor",  "and"};
static const char *const ones[8] = {"rrc", "swpb", "rra", "sxt", "push", "call", "reti", ""};
static const char *const jumps[8] = {"jne", "jeq", "jnc", "jc", "jn", "jge", "jl", "jmp"};

static int find(const char *const *table, unsigned n, const char *name, size_t len)
{
    for (unsigned i = 0; i < n; i++)
        if (len && strlen(table[i]) == len && !strncmp(table[i], name, len))
            return (int)i;
    return -1;
}

static uint16_t place(const char *operand)
{
    return strstr(operand, "pmem") ? PROGRAM : strstr(operand, "per") ? PERIPHERAL : MEMORY;
}

/* An operand as As/Ad mode and register; extension words are appended. */
struct coded {
    unsigned mode, reg;
};

struct building {
    uint16_t words[4];
    unsigned count;
};

static void extend(struct building *b, uint16_t word)
{
    b->words[b->count++] = word;
}

static struct coded code(struct semo_machine *m, struct building *b, const char *text, unsigned reg)
{
    static const struct {
        const char *text;
        struct coded coded;
    } fixed[] = {{"Rn", {0, 8}},       {"SR", {0, 2}},       {"PC", {0, 0}},       {"CG", {1, 3}},
                 {"('r', 1)", {0, 1}}, {"('@', 1)", {2, 1}}, {"('@+', 1)", {3, 1}}};
    for (unsigned i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (!strcmp(fixed[i].text, text))
            return fixed[i].coded;
    if (!strcmp(text, "#imm")) {
        extend(b, 0x6100);
        return (struct coded){3, 0};
    }
    if (!strcmp(text, "('x', 0, 1)")) {
        extend(b, 0);
        return (struct coded){1, 1};
    }
    uint16_t address = place(text);
    rig_set(m, reg, address);
    if (!strncmp(text, "@Rn+", 4))
        return (struct coded){3, reg};
    if (!strncmp(text, "@Rn", 3))
        return (struct coded){2, reg};
    if (!strncmp(text, "x(R", 3)) {
        rig_set(m, reg, (uint16_t)(address - 4));
        extend(b, 4);
        return (struct coded){1, reg};
    }
    bool symbolic = !strncmp(text, "sym", 3);
    extend(b, symbolic ? (uint16_t)(address - (RIG_CODE + 2 * b->count)) : address);
    return (struct coded){1, symbolic ? 0 : 2};
}

static unsigned cost(struct semo_machine *m, const char *op, const char *src, const char *dst)
{
    struct building b = {.count = 1};
    size_t len = strcspn(op, ".");
    unsigned byte = op[len] ? 0x40 : 0;
    int two = find(names, 16, op, len), one = find(ones, 8, op, len),
        jump = find(jumps, 8, op, len);
    rig_set(m, 1, 0x2800);
    rig_set(m, 8, 0x6100);
    if (!strncmp(op, "sancus", 6))
        b.words[0] = (uint16_t)strtoul(op + 7, NULL, 16);
    else if (!strcmp(op, "ret"))
        b.words[0] = 0x4130;
    else if (!strcmp(op, "reti"))
        b.words[0] = 0x1300;
    else if (jump >= 0) {
        rig_set(m, 2, (uint16_t)strtoul(src + 3, NULL, 16));
        b.words[0] = (uint16_t)(0x2000 | jump << 10 | 4);
    } else if (two >= 0) {
        struct coded s = code(m, &b, src, 5), d = code(m, &b, dst, 6);
        b.words[0] = (uint16_t)(two << 12 | s.reg << 8 | d.mode << 7 | byte | s.mode << 4 | d.reg);
    } else {
        assert_true(one >= 0);
        struct coded s = code(m, &b, src, 5);
        b.words[0] = (uint16_t)(0x1000 | one << 7 | byte | s.mode << 4 | s.reg);
    }
    rig_put_words(m, RIG_CODE, b.words, b.count);
    return rig_step(m, RIG_CODE);
}

static void instruction_costs(void **state)
{
    (void)state;
    json_t *all = rig_golden("cycles.json"), *entry;
    size_t i;
    unsigned wrong = 0;
    json_array_foreach(all, i, entry)
    {
        const char *op = json_string_value(json_object_get(entry, "op"));
        const char *src = json_string_value(json_object_get(entry, "src"));
        const char *dst = json_string_value(json_object_get(entry, "dst"));
        unsigned expected = (unsigned)json_integer_value(json_object_get(entry, "cycles"));
        struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
        unsigned got = cost(m, op, src, dst ? dst : "");
        if (got != expected && wrong++ < 10)
            print_message("# %s %s, %s: %u cycles, recorded %u\n", op, src, dst ? dst : "", got,
                          expected);
        semo_machine_free(m);
    }
    assert_int_equal(json_array_size(all), 1082);
    assert_int_equal(wrong, 0);
    json_decref(all);
}

/* ---- aead_sec*.json ---- */

enum { KEY = 0x2000, AD = 0x2100, BODY = 0x2200, OUT = 0x2400, TAG = 0x2600 };

static struct rig_bytes field(json_t *entry, const char *name)
{
    return rig_hex(json_string_value(json_object_get(entry, name)));
}

static void put_operand(struct semo_machine *m, uint16_t address, const struct rig_bytes *b,
                        unsigned start, unsigned end)
{
    uint8_t after = 0xEE;
    semo_machine_poke(m, address, b->at, b->len);
    semo_machine_poke(m, (uint16_t)(address + b->len), &after, 1);
    rig_set(m, start, address);
    rig_set(m, end, (uint16_t)(address + b->len));
}

static bool aead_vector(json_t *entry, unsigned security)
{
    bool unwrap = !strcmp(json_string_value(json_object_get(entry, "op")), "unwrap");
    bool own = json_is_null(json_object_get(entry, "key"));
    struct rig_bytes ad = field(entry, "ad"), body = field(entry, "body"),
                     tag = field(entry, "tag");
    struct rig_bytes out = field(entry, "out"), key = field(entry, own ? "sm_key" : "key");
    struct semo_machine *m = rig_machine(SEMO_COMPAT, security);
    struct rig_bytes fill = {.len = out.len}, got;
    memset(fill.at, 0xCC, sizeof fill.at);
    semo_machine_poke(m, OUT, fill.at, fill.len);
    semo_machine_poke(m, KEY, key.at, key.len);
    if (unwrap)
        semo_machine_poke(m, TAG, tag.at, tag.len);
    put_operand(m, AD, &ad, 10, 11);
    put_operand(m, BODY, &body, 12, 13);
    rig_set(m, 9, KEY);
    rig_set(m, 14, OUT);
    rig_set(m, 15, TAG);
    unsigned cycles = rig_instruction(m, unwrap ? RIG_UNWRAP : RIG_WRAP);
    unsigned expected = (unsigned)json_integer_value(json_object_get(entry, "cycles")) +
                        (own ? security / 8 : 0); /* fetching the key that is in memory here */
    bool good = cycles == expected && !(rig_reg(m, 2) & 2) &&
                rig_reg(m, 15) == json_integer_value(json_object_get(entry, "r15"));
    semo_machine_peek(m, OUT, got.at, out.len);
    good = good && !memcmp(got.at, out.at, out.len);
    semo_machine_peek(m, TAG, got.at, tag.len);
    good = good && !memcmp(got.at, tag.at, tag.len);
    semo_machine_free(m);
    return good;
}

static void aead_file(const char *name, unsigned security)
{
    json_t *all = rig_golden(name), *entry;
    size_t i;
    unsigned passed = 0, skipped = 0;
    json_array_foreach(all, i, entry)
    {
        struct rig_bytes ad = field(entry, "ad"), body = field(entry, "body");
        if (!ad.len && !body.len)
            skipped++; /* depends on the operation before it */
        else
            passed += aead_vector(entry, security);
    }
    assert_int_equal(skipped, 1);
    assert_int_equal(passed + skipped, json_array_size(all));
    json_decref(all);
}

static void aead_64(void **state)
{
    (void)state;
    aead_file("aead_sec64.json", 64);
}

static void aead_128(void **state)
{
    (void)state;
    aead_file("aead_sec128.json", 128);
}

/* ---- keys.json ---- */

static void keep_key(void *context, uint16_t module, const uint8_t *key, const uint8_t *ad,
                     unsigned ad_len)
{
    (void)module, (void)ad, (void)ad_len;
    memcpy(context, key, 16);
}

/* The key of the module at ps, as a wrap executed inside shows it. */
static void module_key(struct semo_machine *m, uint16_t ps, uint8_t *key)
{
    semo_machine_on_seal(m, keep_key, key);
    rig_put(m, ps, RIG_WRAP);
    for (unsigned n = 9; n < 16; n++)
        rig_set(m, n, 0);
    rig_set(m, 10, MEMORY + 0x1000);
    rig_set(m, 11, MEMORY + 0x1002);
    rig_set(m, 15, MEMORY + 0x1100);
    rig_step(m, ps);
}

static long number(json_t *entry, const char *name)
{
    return (long)json_integer_value(json_object_get(entry, name));
}

static void load_module(struct semo_machine *m, json_t *entry, const char *text_field)
{
    struct rig_bytes text = field(entry, text_field);
    uint16_t ps = (uint16_t)number(entry, "ps"), pe = (uint16_t)number(entry, "pe");
    semo_machine_poke(m, ps, text.at, text.len);
    rig_set(m, 11, (uint16_t)number(entry, "vendor_id"));
    rig_set(m, 12, ps);
    rig_set(m, 13, pe);
    rig_set(m, 14, (uint16_t)number(entry, "ss"));
    rig_set(m, 15, (uint16_t)number(entry, "se"));
}

static void check_verify(struct semo_machine *m, json_t *entry)
{
    struct rig_bytes tag = field(entry, "verify_tag");
    for (unsigned bad = 0; bad < 2; bad++) {
        tag.at[0] ^= (uint8_t)bad;
        semo_machine_poke(m, TAG, tag.at, tag.len);
        rig_set(m, 14, (uint16_t)number(entry, "ps"));
        rig_set(m, 15, TAG);
        assert_int_equal(rig_instruction(m, RIG_VERIFY),
                         number(entry, bad ? "cycles_verify_bad" : "cycles_verify"));
        assert_int_equal(rig_reg(m, 15) != 0, !bad);
    }
}

static void check_key(struct semo_machine *m, json_t *entry)
{
    struct rig_bytes expected = field(entry, "module_key");
    uint8_t key[16] = {0};
    module_key(m, (uint16_t)number(entry, "ps"), key);
    assert_memory_equal(key, expected.at, expected.len);
}

static void keys(void **state)
{
    (void)state;
    json_t *all = rig_golden("keys.json"), *entry;
    size_t i;
    json_array_foreach(all, i, entry)
    {
        struct semo_machine_config config = {.security = (unsigned)number(entry, "sec")};
        struct rig_bytes master = field(entry, "master");
        memcpy(config.master_key, master.at, master.len);
        struct semo_machine *m = rig_configured(&config);
        bool secret = json_object_get(entry, "ciphertext");
        load_module(m, entry, secret ? "ciphertext" : "text");
        if (secret) {
            struct rig_bytes tag = field(entry, "tag");
            semo_machine_poke(m, TAG, tag.at, tag.len);
            rig_set(m, 9, TAG);
            rig_set(m, 10, (uint16_t)number(entry, "nonce"));
        }
        assert_int_equal(rig_instruction(m, RIG_ENABLE), number(entry, "cycles_enable"));
        assert_int_equal(rig_reg(m, 15) != 0, number(entry, "r15_enable") != 0);
        if (secret) {
            struct rig_bytes after = field(entry, "text_after"), got;
            semo_machine_peek(m, (uint16_t)number(entry, "ps"), got.at, after.len);
            assert_memory_equal(got.at, after.at, after.len);
            assert_int_equal(semo_machine_module_at(m, (uint16_t)number(entry, "ps")),
                             number(entry, "id_lookup_after"));
        } else {
            check_verify(m, entry);
        }
        if (!json_is_null(json_object_get(entry, "module_key")))
            check_key(m, entry);
        semo_machine_free(m);
    }
    assert_int_equal(json_array_size(all), 32);
    json_decref(all);
}

/* R9 = 0 inside a module seals with the module's key: 8 (16) cycles less, the same result. */
static void module_key_wraps(void **state)
{
    (void)state;
    const struct rig_module module = {0x7000, 0x7010, 0x2800, 0x2820};
    for (unsigned security = 64; security <= 128; security += 64) {
        struct semo_machine *m = rig_machine(SEMO_COMPAT, security);
        uint8_t key[16], out[2][16], tag[2][16];
        unsigned cycles[2];
        assert_int_equal(rig_enable(m, &module), 1);
        module_key(m, module.ps, key);
        semo_machine_poke(m, KEY, key, sizeof key);
        for (unsigned own = 0; own < 2; own++) {
            rig_set(m, 9, own ? 0 : KEY);
            rig_set(m, 10, AD);
            rig_set(m, 11, AD + 10);
            rig_set(m, 12, BODY);
            rig_set(m, 13, BODY + 16);
            rig_set(m, 14, OUT);
            rig_set(m, 15, TAG);
            cycles[own] = rig_step(m, module.ps);
            semo_machine_peek(m, OUT, out[own], 16);
            semo_machine_peek(m, TAG, tag[own], 16);
        }
        assert_int_equal(cycles[0] - cycles[1], security / 8);
        assert_memory_equal(out[0], out[1], 16);
        assert_memory_equal(tag[0], tag[1], security / 8);
        semo_machine_free(m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(instruction_costs),
                                       cmocka_unit_test(aead_64), cmocka_unit_test(aead_128),
                                       cmocka_unit_test(keys), cmocka_unit_test(module_key_wraps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
