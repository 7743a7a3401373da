/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include <semo/device.h>
#include "machine/devices/devices.h"
#include <semo/map.h>
#include "tests/runtime/rig.h"

enum { ENABLE = 0xF000, SETUP = 0xF010, SETUP_END = 0xF016, PAINT = 0x5A };

const uint8_t rig_node[SEMO_NODE_HASH_LEN] = {1, 2, 3, 4, 5, 6, 7, 8};

static void die(const char *why)
{
    printf("not ok - rig: %s\n", why);
    fflush(stdout);
    abort();
}

static uint64_t next_epoch(void *context)
{
    struct rig *r = context;
    return ++r->epoch;
}

static void poke_word(struct rig *r, unsigned at, unsigned value)
{
    const uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};
    semo_machine_poke(r->machine, (uint16_t)at, bytes, 2);
}

static bool run_to(struct rig *r, unsigned at, uint64_t limit)
{
    uint64_t end = semo_machine_cycle(r->machine) + limit;
    while (semo_machine_register(r->machine, 0) != at) {
        if (semo_machine_cycle(r->machine) >= end)
            return false;
        semo_machine_run(r->machine, semo_machine_cycle(r->machine) + 1);
    }
    return true;
}

static void set(struct rig *r, unsigned n, unsigned value)
{
    semo_machine_set_register(r->machine, n, (uint16_t)value);
}

/* The caller's code: hold the watchdog; enable; two places to stand still. */
static void write_caller(struct rig *r)
{
    poke_word(r, SETUP, 0x40B2);
    poke_word(r, SETUP + 2, 0x5A80);
    poke_word(r, SETUP + 4, 0x0120);
    poke_word(r, SETUP_END, 0x3FFF);
    poke_word(r, ENABLE, 0x1381);
    poke_word(r, ENABLE + 2, 0x3FFF);
    poke_word(r, RIG_RETURN, 0x3FFF);
    poke_word(r, RIG_RESET, 0x3FFF);
    poke_word(r, SEMO_VECTORS + 2 * SEMO_IRQ_VIOLATION, RIG_RESET);
    poke_word(r, 0xFFFE, SETUP);
}

static void enable(struct rig *r)
{
    const struct semo_layout *l = &r->image.layout;
    write_caller(r);
    semo_machine_reset(r->machine);
    set(r, 0, SETUP);
    if (!run_to(r, SETUP_END, 100))
        die("the watchdog cannot be held");
    poke_word(r, 0xFFFE, RIG_RESET);
    if (l->pe > ENABLE)
        die("the text does not fit");
    semo_machine_poke(r->machine, l->ps, r->image.text, r->image.text_len);
    set(r, 9, 0);
    set(r, 10, 0);
    set(r, 11, RIG_VENDOR);
    set(r, 12, l->ps);
    set(r, 13, l->pe);
    set(r, 14, l->ss);
    set(r, 15, l->se);
    set(r, 0, ENABLE);
    if (!run_to(r, ENABLE + 2, 10000000))
        die("enable does not end");
    r->id = semo_machine_register(r->machine, 15);
    if (r->id == 0)
        die("the machine refuses the module");
}

struct rig *rig_new(const struct rig_options *o)
{
    struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = o->security};
    const struct semo_module_source source = {.name = o->module,
                                              .files = &o->source,
                                              .file_count = 1,
                                              .target = SEMO_TARGET_MCU,
                                              .security = o->security,
                                              .connections = o->connections,
                                              .policies = o->policies,
                                              .opens = o->opens,
                                              .root = ".",
                                              .objects = "build/tests/modules"};
    struct rig *r = calloc(1, sizeof *r);
    struct semo_error e = {.text = ""};
    uint8_t vendor_key[16];
    if (!r || semo_toolchain_compile(&source, &r->unit, &e) != SEMO_OK ||
        semo_toolchain_link(r->unit, RIG_TEXT, RIG_DATA, &r->image, &e) != SEMO_OK)
        die(e.text);
    for (unsigned i = 0; i < sizeof config.master_key; i++)
        config.master_key[i] = (uint8_t)(i * 7 + 1);
    r->security = o->security;
    r->tag_len = o->security / 8;
    r->machine = semo_machine_new(&config);
    if (!r->machine)
        die("no machine");
    if (!o->without_epoch)
        semo_machine_attach(r->machine, semo_epoch_new(next_epoch, r));
    semo_kdf_vendor(o->security, config.master_key, RIG_VENDOR, vendor_key);
    semo_kdf_module(o->security, vendor_key, r->image.text, r->image.text_len, &r->image.layout,
                    r->module_key);
    enable(r);
    return r;
}

void rig_free(struct rig *r)
{
    semo_machine_free(r->machine);
    semo_image_free(&r->image);
    semo_unit_free(r->unit);
    free(r);
}

struct rig_registers rig_registers(unsigned entry, unsigned len)
{
    return (struct rig_registers){.entry = (uint16_t)entry,
                                  .buffer = RIG_BUFFER,
                                  .len = (uint16_t)len,
                                  .capacity = RIG_CAPACITY,
                                  .back = RIG_RETURN,
                                  .sp = RIG_STACK};
}

struct rig_result rig_jump(struct rig *r, const struct rig_registers *g, uint64_t limit)
{
    struct rig_result result = {.returned = false};
    uint64_t start = semo_machine_cycle(r->machine);
    for (unsigned n = 4; n < 16; n++)
        set(r, n, 0xA500 + n);
    set(r, 1, g->sp);
    set(r, 2, g->sr);
    set(r, 11, g->capacity);
    set(r, 12, g->entry);
    set(r, 13, g->buffer);
    set(r, 14, g->len);
    set(r, 15, g->back);
    set(r, 0, g->start ? g->start : r->image.layout.ps);
    result.returned = run_to(r, g->stop ? g->stop : g->back, limit);
    result.cycles = semo_machine_cycle(r->machine) - start;
    for (unsigned n = 0; n < 16; n++)
        result.registers[n] = semo_machine_register(r->machine, n);
    result.at = result.registers[0];
    result.status = (enum semo_status)result.registers[12];
    result.len = result.registers[13];
    if (result.len <= RIG_CAPACITY)
        semo_machine_peek(r->machine, g->buffer, result.answer, result.len);
    return result;
}

struct rig_result rig_call(struct rig *r, unsigned entry, const void *payload, unsigned len)
{
    struct rig_registers g = rig_registers(entry, len);
    struct rig_result result;
    semo_machine_poke(r->machine, RIG_BUFFER, payload, len);
    result = rig_jump(r, &g, 10000000);
    if (!result.returned)
        die("the module does not return");
    return result;
}

/* --- the other end --- */

static void put(uint8_t *at, uint64_t value, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

void rig_mac(const struct rig *r, const uint8_t *message, unsigned len, uint8_t *tag)
{
    struct semo_aead a;
    semo_aead_key(&a, r->security, r->module_key);
    semo_aead_mac(&a, message, len, tag);
}

struct rig_result rig_attest(struct rig *r)
{
    uint8_t request[SEMO_ATTEST_LEN];
    memcpy(request, rig_node, sizeof rig_node);
    memset(request + sizeof rig_node, 0xC4, SEMO_CHALLENGE_LEN);
    return rig_call(r, SEMO_ENTRY_ATTEST, request, sizeof request);
}

unsigned rig_set_key_request(struct rig *r, struct rig_end *e, unsigned io, unsigned direction,
                             uint32_t serial, uint8_t *out)
{
    struct semo_aead a;
    uint8_t ad[2 + SEMO_SET_KEY_HEAD_LEN] = {SEMO_DOMAIN_SET_KEY, 0};
    memcpy(ad + 2, rig_node, sizeof rig_node);
    put(ad + 10, r->epoch, 8);
    put(ad + 18, e->connection, 2);
    put(ad + 20, io, 1);
    put(ad + 21, direction, 1);
    put(ad + 22, serial, 4);
    memset(ad + 26, (int)(0x40 + serial), 16);
    for (unsigned i = 0; i < sizeof e->key; i++)
        e->key[i] = (uint8_t)(e->connection * 16 + serial * 3 + i);
    e->sequence = 0;
    memcpy(out, ad + 2, SEMO_SET_KEY_HEAD_LEN);
    semo_aead_key(&a, r->security, r->module_key);
    semo_aead_wrap(&a, ad, sizeof ad, e->key, r->tag_len, out + SEMO_SET_KEY_HEAD_LEN,
                   out + SEMO_SET_KEY_HEAD_LEN + r->tag_len);
    return SEMO_SET_KEY_HEAD_LEN + 2 * r->tag_len;
}

struct rig_result rig_set_key(struct rig *r, struct rig_end *e, unsigned io, unsigned direction,
                              uint32_t serial)
{
    uint8_t request[SEMO_SET_KEY_LEN];
    unsigned len = rig_set_key_request(r, e, io, direction, serial, request);
    return rig_call(r, SEMO_ENTRY_SET_KEY, request, len);
}

unsigned rig_seal(const struct rig *r, struct rig_end *e, const void *body, unsigned len,
                  uint8_t *out)
{
    unsigned pad = len ? len % 2 : 2;
    uint8_t *cipher = out + 2 + SEMO_EVENT_AD_LEN;
    struct semo_aead a;
    put(out, e->connection, 2);
    out[2] = SEMO_DOMAIN_EVENT;
    out[3] = (uint8_t)pad;
    put(out + 4, ++e->sequence, 8);
    memcpy(cipher, body, len);
    memset(cipher + len, 0, pad);
    semo_aead_key(&a, r->security, e->key);
    semo_aead_wrap(&a, out + 2, SEMO_EVENT_AD_LEN, cipher, len + pad, cipher, cipher + len + pad);
    return 2 + SEMO_EVENT_AD_LEN + len + pad + r->tag_len;
}

bool rig_open(const struct rig *r, struct rig_end *e, const uint8_t *frame, unsigned len,
              uint8_t *body, unsigned *body_len)
{
    uint8_t expected[10] = {SEMO_DOMAIN_EVENT};
    unsigned cipher_len = len - 2 - SEMO_EVENT_AD_LEN - r->tag_len;
    const uint8_t *cipher = frame + 2 + SEMO_EVENT_AD_LEN;
    struct semo_aead a;
    if (len < 2 + SEMO_EVENT_AD_LEN + 2 + r->tag_len || frame[0] + 256 * frame[1] != e->connection)
        return false;
    expected[1] = frame[3];
    put(expected + 2, ++e->sequence, 8);
    if (frame[3] > 2 || memcmp(expected, frame + 2, sizeof expected) != 0)
        return false;
    semo_aead_key(&a, r->security, e->key);
    if (semo_aead_unwrap(&a, frame + 2, SEMO_EVENT_AD_LEN, cipher, cipher_len, cipher + cipher_len,
                         body) != SEMO_OK)
        return false;
    *body_len = cipher_len - frame[3];
    return true;
}

/* --- the stack --- */

void rig_stack_paint(struct rig *r)
{
    uint8_t paint[1024];
    memset(paint, PAINT, sizeof paint);
    semo_machine_poke(r->machine, r->image.layout.ss, paint, r->unit->stack_len);
}

unsigned rig_stack_used(struct rig *r)
{
    uint8_t stack[1024];
    unsigned unused = 0;
    semo_machine_peek(r->machine, r->image.layout.ss, stack, r->unit->stack_len);
    while (unused < r->unit->stack_len && stack[unused] == PAINT)
        unused++;
    return r->unit->stack_len - unused;
}
