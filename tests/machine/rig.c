/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/machine/rig.h"

json_t *rig_golden(const char *name)
{
    char path[128];
    json_error_t error;
    snprintf(path, sizeof path, "tests/golden/%s", name);
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    return root;
}

struct rig_bytes rig_hex(const char *text)
{
    struct rig_bytes b = {.len = 0};
    for (unsigned value; text && sscanf(text, "%2x", &value) == 1; text += 2)
        b.at[b.len++] = (uint8_t)value;
    return b;
}

uint8_t *rig_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s: cannot be opened", path);
    uint8_t *bytes = malloc(1 << 20);
    *len = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

static void master_key(struct semo_machine_config *config)
{
    static const uint8_t key[8] = {0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe};
    for (unsigned i = 0; i < config->security / 8; i++)
        config->master_key[i] = config->security == 64 ? key[i] : (uint8_t)i;
}

struct semo_machine_config rig_golden_config(const char *name)
{
    if (!strncmp(name, "sec", 3))
        name += 3;
    struct semo_machine_config config = {.security = (unsigned)atoi(name),
                                         .atomicity = strstr(name, "atom") != NULL,
                                         .stop_at_cpuoff = true};
    master_key(&config);
    return config;
}

struct semo_machine *rig_configured(const struct semo_machine_config *config)
{
    struct semo_machine *m = semo_machine_new(config);
    assert_non_null(m);
    rig_put(m, RIG_CODE, 0x3FFF); /* jmp $ */
    rig_put(m, RIG_HANDLER, 0x3FFF);
    for (unsigned n = 0; n < 15; n++)
        rig_put(m, (uint16_t)(SEMO_VECTORS + 2 * n), RIG_HANDLER);
    rig_put(m, 0xFFFE, 0x5C00);
    RIG_WORDS(m, 0x5C00, 0x40B2, 0x5A80, 0x0120); /* mov #0x5a80, &WDTCTL */
    RIG_WORDS(m, 0x5C06, 0x4031, RIG_STACK, 0x4030, RIG_CODE);
    semo_machine_run(m, 10);
    assert_int_equal(rig_reg(m, 0), RIG_CODE);
    return m;
}

struct semo_machine *rig_machine(enum semo_profile profile, unsigned security)
{
    struct semo_machine_config config = {.profile = profile, .security = security};
    master_key(&config);
    return rig_configured(&config);
}

void rig_load(struct semo_machine *m, const char *path)
{
    size_t len;
    uint8_t *elf = rig_file(path, &len);
    const char *why = "";
    if (semo_machine_load_elf(m, elf, len, &why) != SEMO_OK)
        fail_msg("%s: %s", path, why);
    free(elf);
}

void rig_put(struct semo_machine *m, uint16_t address, uint16_t word)
{
    uint8_t bytes[2] = {(uint8_t)word, (uint8_t)(word >> 8)};
    semo_machine_poke(m, address, bytes, 2);
}

void rig_put_words(struct semo_machine *m, uint16_t address, const uint16_t *words, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        rig_put(m, (uint16_t)(address + 2 * i), words[i]);
}

uint16_t rig_get(const struct semo_machine *m, uint16_t address)
{
    uint8_t bytes[2];
    semo_machine_peek(m, address, bytes, 2);
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

unsigned rig_step(struct semo_machine *m, uint16_t pc)
{
    uint64_t start = semo_machine_cycle(m);
    semo_machine_set_register(m, 0, pc);
    semo_machine_run(m, start + 1);
    return (unsigned)(semo_machine_cycle(m) - start);
}

unsigned rig_instruction(struct semo_machine *m, uint16_t word)
{
    rig_put(m, RIG_CODE, word);
    return rig_step(m, RIG_CODE);
}

void rig_set(struct semo_machine *m, unsigned n, uint16_t value)
{
    semo_machine_set_register(m, n, value);
}

uint16_t rig_reg(const struct semo_machine *m, unsigned n)
{
    return semo_machine_register(m, n);
}

uint16_t rig_enable(struct semo_machine *m, const struct rig_module *module)
{
    rig_set(m, 10, 0);
    rig_set(m, 11, 0x1234);
    rig_set(m, 12, module->ps);
    rig_set(m, 13, module->pe);
    rig_set(m, 14, module->ss);
    rig_set(m, 15, module->se);
    rig_instruction(m, RIG_ENABLE);
    return rig_reg(m, 15);
}
