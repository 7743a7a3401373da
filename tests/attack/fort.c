/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/map.h>
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "machine/devices/devices.h"
#include "tests/attack/fort.h"

enum { SECURITY = 128, SETUP = 0xF000, WAIT = 0xF010 };
enum { JUMP_TO_SELF = 0x3FFF, NOP = 0x4303, ENABLE = 0x1381 };
#define SETTLED SEMO_CLOCK_HZ /* by then every device has been quiet for long */

static const struct {
    const char *name, *source;
} plan[FORT_MODULES] = {
    {"HASM_LS", "meter/modules/hasm_ls.c"},    {"RELAY", "meter/modules/relay_driver.c"},
    {"HAN_GW", "meter/modules/han_gw.c"},      {"ESME", "meter/modules/esme.c"},
    {"CLOCK", "meter/modules/clock_driver.c"}, {"METERING", "meter/modules/metering_driver.c"},
};

static void die(const char *what, const char *why)
{
    printf("not ok - fort: %s: %s\n", what, why);
    fflush(stdout);
    abort();
}

uint64_t fort_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

uint64_t fort_seed(void)
{
    const char *text = getenv("SEMO_SEED");
    uint64_t seed = text && *text ? strtoull(text, NULL, 0) : 1;
    printf("# SEMO_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void fill_secret(struct fort *f, uint8_t *out, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        out[i] = (uint8_t)fort_random(&f->secret);
}

/* ---- the world ---- */

static uint64_t next_epoch(void *context)
{
    struct fort *f = context;
    return ++f->epoch;
}

static void fill_public(void *context, void *out, unsigned len)
{
    (void)context;
    memset(out, 0x5A, len);
}

static void sent(void *context, uint8_t byte, uint64_t at)
{
    (void)context, (void)byte, (void)at;
}

static void moved(void *context, bool closed, uint64_t at)
{
    (void)context, (void)closed, (void)at;
}

static void attach_devices(struct fort *f)
{
    struct semo_machine *m = f->machine;
    semo_machine_attach(m, semo_events_new());
    semo_machine_attach(m, semo_link_new(sent, f));
    semo_machine_attach(m, semo_random_new(fill_public, f));
    semo_machine_attach(m, semo_epoch_new(next_epoch, f));
    semo_machine_attach(m, semo_metering_new());
    semo_machine_attach(m, semo_clock_new(1167606000));
    semo_machine_attach(m, semo_relay_new(true, moved, f));
    semo_machine_attach(m, semo_han_new(sent, f));
}

/* ---- the modules ---- */

static struct semo_unit *compiled(unsigned n)
{
    static struct semo_unit *units[FORT_MODULES];
    const struct semo_module_source source = {.name = plan[n].name,
                                              .files = &plan[n].source,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_MCU,
                                              .security = SECURITY,
                                              .connections = FORT_ENDS,
                                              .root = ".",
                                              .objects = "build/tests/modules"};
    struct semo_error e = {.text = ""};
    if (!units[n] && semo_toolchain_compile(&source, &units[n], &e) != SEMO_OK)
        die(plan[n].name, e.text);
    return units[n];
}

/* Texts from the start of program memory on, private data from its own start on. */
static void place(struct fort *f)
{
    uint16_t ps = SEMO_PROGRAM_START + FORT_GAP, ss = SEMO_DATA_START + FORT_GAP;
    uint8_t vendor_key[16];
    semo_kdf_vendor(SECURITY, f->master_key, RIG_VENDOR, vendor_key);
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        struct rig *r = &f->modules[n].rig;
        struct semo_error e = {.text = ""};
        *r = (struct rig){.machine = f->machine, .security = SECURITY, .tag_len = SECURITY / 8};
        r->unit = compiled(n);
        if (semo_toolchain_link(r->unit, ps, ss, &r->image, &e) != SEMO_OK)
            die(plan[n].name, e.text);
        semo_kdf_module(SECURITY, vendor_key, r->image.text, r->image.text_len, &r->image.layout,
                        r->module_key);
        ps = (uint16_t)(r->image.layout.pe + FORT_GAP);
        if (r->unit->window < 0)
            ss = (uint16_t)(r->image.layout.se + FORT_GAP);
        if (ps > SETUP || ss > RIG_BUFFER)
            die(plan[n].name, "does not fit");
    }
}

void fort_poke_words(struct fort *f, uint16_t at, const uint16_t *words, unsigned n)
{
    uint8_t bytes[64];
    for (unsigned i = 0; i < n; i++) {
        bytes[2 * i] = (uint8_t)words[i];
        bytes[2 * i + 1] = (uint8_t)(words[i] >> 8);
    }
    semo_machine_poke(f->machine, at, bytes, 2 * n);
}

void fort_step(struct fort *f)
{
    semo_machine_run(f->machine, semo_machine_cycle(f->machine) + 1);
}

void fort_wait(struct fort *f, uint64_t until)
{
    bool odd = (until - semo_machine_cycle(f->machine)) & 1;
    semo_machine_set_register(f->machine, 2, 0);
    semo_machine_set_register(f->machine, 0, odd ? WAIT : WAIT + 2); /* the jump takes 2 cycles */
    while (semo_machine_cycle(f->machine) < until)
        semo_machine_run(f->machine, until);
}

static void enable(struct fort *f, struct fort_module *m)
{
    const struct semo_layout *l = &m->rig.image.layout;
    const uint16_t registers[7] = {0, 0, RIG_VENDOR, l->ps, l->pe, l->ss, l->se};
    semo_machine_poke(f->machine, l->ps, m->rig.image.text, m->rig.image.text_len);
    fort_poke_words(f, FORT_CODE, (const uint16_t[]){ENABLE, JUMP_TO_SELF}, 2);
    for (unsigned n = 0; n < 7; n++)
        semo_machine_set_register(f->machine, 9 + n, registers[n]);
    semo_machine_set_register(f->machine, 0, FORT_CODE);
    fort_step(f);
    m->rig.id = semo_machine_register(f->machine, 15);
    if (m->rig.id == 0)
        die(m->rig.unit->name, "the machine refuses it");
}

/* The firmware's place: all interrupts stand still, the watchdog is held. */
static void start(struct fort *f)
{
    static const uint16_t hold[] = {0x40B2, 0x5A80, 0x0120, JUMP_TO_SELF};
    uint16_t vectors[16];
    for (unsigned n = 0; n < 15; n++)
        vectors[n] = FORT_HANDLER;
    vectors[15] = SETUP;
    fort_poke_words(f, SEMO_VECTORS, vectors, 16);
    fort_poke_words(f, SETUP, hold, 4);
    fort_poke_words(f, RIG_RETURN, hold + 3, 1);
    fort_poke_words(f, WAIT, (const uint16_t[]){NOP, JUMP_TO_SELF}, 2);
    fort_poke_words(f, RIG_RESET, hold + 3, 1);
    fort_poke_words(f, FORT_HANDLER, hold + 3, 1);
    semo_machine_reset(f->machine);
    fort_step(f);
    fort_step(f);
}

struct fort *fort_new(const struct fort_options *o)
{
    struct fort *f = calloc(1, sizeof *f);
    if (!f)
        die("fort", "no memory");
    f->secret = o->secret;
    struct semo_machine_config config = {.profile = o->profile,
                                         .security = SECURITY,
                                         .modules = 16,
                                         .reset_on_violation = o->reset_on_violation};
    fill_secret(f, f->master_key, sizeof f->master_key);
    memcpy(config.master_key, f->master_key, sizeof config.master_key);
    f->epoch = fort_random(&f->secret) >> 16;
    f->machine = semo_machine_new(&config);
    if (!f->machine)
        die("machine", "no memory");
    attach_devices(f);
    place(f);
    start(f);
    for (unsigned n = 0; n < FORT_MODULES; n++)
        enable(f, &f->modules[n]);
    return f;
}

void fort_free(struct fort *f)
{
    for (unsigned n = 0; n < FORT_MODULES; n++)
        semo_image_free(&f->modules[n].rig.image);
    semo_machine_free(f->machine);
    free(f);
}

/* ---- use ---- */

static void put(uint8_t *at, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

struct rig_result fort_call(struct fort *f, struct fort_module *m, unsigned entry,
                            const void *payload, unsigned len)
{
    const uint8_t nothing[RIG_CAPACITY] = {0};
    struct rig_result r = rig_call(&m->rig, entry, payload, len);
    semo_machine_poke(f->machine, RIG_BUFFER, nothing, sizeof nothing);
    return r;
}

unsigned fort_set_key_request(struct fort *f, struct fort_module *m, struct fort_end *e,
                              uint8_t *out)
{
    uint8_t ad[2 + SEMO_SET_KEY_HEAD_LEN] = {SEMO_DOMAIN_SET_KEY, 0};
    uint8_t *cipher = out + SEMO_SET_KEY_HEAD_LEN;
    struct semo_aead a;
    memcpy(ad + 2, rig_node, sizeof rig_node);
    put(ad + 10, m->rig.epoch, 8);
    put(ad + 18, e->channel.connection, 2);
    put(ad + 20, e->io->index, 1);
    put(ad + 21, e->io->kind == SEMO_IO_INPUT ? SEMO_RECEIVER : SEMO_SENDER, 1);
    put(ad + 22, ++m->serial, 4);
    fill_secret(f, ad + 26, 16);
    fill_secret(f, e->channel.key, sizeof e->channel.key);
    e->channel.sequence = 0;
    memcpy(out, ad + 2, SEMO_SET_KEY_HEAD_LEN);
    semo_aead_key(&a, SECURITY, m->rig.module_key);
    semo_aead_wrap(&a, ad, sizeof ad, e->channel.key, 16, cipher, cipher + 16);
    return SEMO_SET_KEY_LEN;
}

unsigned fort_event(struct fort *f, struct fort_module *m, struct fort_end *e, unsigned len,
                    uint8_t opcode, uint8_t *out)
{
    fill_secret(f, f->payload, len);
    f->payload_len = len;
    if (len > 2)
        f->payload[2] = opcode;
    return rig_seal(&m->rig, &e->channel, f->payload, len, out);
}

static void connect(struct fort *f, struct fort_module *m)
{
    uint8_t request[RIG_CAPACITY];
    const struct semo_unit *u = m->rig.unit;
    struct rig_result r = rig_attest(&m->rig);
    if (r.status != SEMO_OK)
        die(u->name, "does not attest");
    m->rig.epoch = 0;
    for (unsigned i = 8; i-- > 0;)
        m->rig.epoch = m->rig.epoch << 8 | r.answer[i];
    for (unsigned i = 0; i < u->io_count && m->end_count < FORT_ENDS; i++) {
        struct fort_end *e = &m->ends[m->end_count];
        if (u->io[i].kind != SEMO_IO_INPUT && u->io[i].kind != SEMO_IO_OUTPUT)
            continue;
        e->io = &u->io[i];
        e->channel.connection = (uint16_t)++m->end_count;
        unsigned len = fort_set_key_request(f, m, e, request);
        if (fort_call(f, m, SEMO_ENTRY_SET_KEY, request, len).status != SEMO_OK)
            die(u->name, "refuses a key");
    }
}

/* Payloads of all small lengths: some are the module's messages. Then what it has to say. */
static void talk(struct fort *f, struct fort_module *m)
{
    static const uint8_t opcodes[] = {1, 2, 4, 8, 16, 0};
    uint8_t frame[RIG_CAPACITY];
    for (unsigned i = 0; i < m->end_count; i++) {
        struct fort_end *e = &m->ends[i];
        for (unsigned n = 0; e->io->kind == SEMO_IO_INPUT && n < sizeof opcodes; n++) {
            for (unsigned len = 3; len <= 16 && len <= e->io->max; len++) {
                unsigned frame_len = fort_event(f, m, e, len, opcodes[n], frame);
                if (fort_call(f, m, SEMO_ENTRY_INPUT, frame, frame_len).status != SEMO_OK)
                    die(m->rig.unit->name, "refuses an event");
            }
        }
    }
    for (unsigned i = 0; i < m->rig.unit->io_count; i++)
        if (m->rig.unit->io[i].kind == SEMO_IO_SAMPLE)
            fort_call(f, m, m->rig.unit->io[i].index, NULL, 0);
    fort_call(f, m, SEMO_ENTRY_TAKE, NULL, 0);
}

void fort_use(struct fort *f)
{
    static const uint16_t quiet[] = {0x43B2, SEMO_EVENT_FLAGS, JUMP_TO_SELF}; /* mov #-1, &flags */
    for (unsigned n = 0; n < FORT_MODULES; n++)
        connect(f, &f->modules[n]);
    for (unsigned n = 0; n < FORT_MODULES; n++)
        talk(f, &f->modules[n]);
    fort_wait(f, 2 * SETTLED);
    fort_poke_words(f, FORT_CODE, quiet, 3);
    semo_machine_set_register(f->machine, 0, FORT_CODE);
    fort_step(f);
    fort_wait(f, 2 * SETTLED + 1000);
}

/* ---- looking ---- */

static bool in(uint16_t address, uint16_t start, uint16_t end)
{
    return start <= address && address < end;
}

const struct fort_module *fort_owner(const struct fort *f, uint16_t address)
{
    for (unsigned n = 0; n < FORT_MODULES; n++) {
        const struct semo_layout *l = &f->modules[n].rig.image.layout;
        if (in(address, l->ps, l->pe) || in(address, l->ss, l->se))
            return &f->modules[n];
    }
    return NULL;
}

void fort_peek_all(const struct fort *f, uint8_t memory[FORT_MEMORY])
{
    semo_machine_peek(f->machine, 0, memory, FORT_MEMORY);
}
