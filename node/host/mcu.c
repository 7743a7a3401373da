/* SPDX-License-Identifier: Apache-2.0 */
/* An emulated microcontroller with its chip, its devices and its end of the link. The machine
 * counts cycles from its power-on, `base` in virtual time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/machine.h>
#include "host/file.h"
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "machine/chip.h"
#include "node/host/drbg.h"
#include "node/host/slip.h"
#include "node/host/world.h"

#define IMAGE_MAX (1 << 20)
#define SR_CPUOFF 0x10
#define WARM      4 /* entry of an image that keeps the tables of the one before */
#define HAN_BATCH 64
/* The physical world tells the metering front end this much in advance: no instruction is longer,
 * so none ends past a change that it has not been told of. */
#define FORESIGHT (SEMO_CLOCK_HZ / 5)

struct mcu {
    struct semo_machine *machine;
    struct semo_device *link, *metering, *clock, *relay, *han, *buttons, *panel;
    struct semo_chip *chip;
    struct semo_chip_state kept; /* as stored */
    struct semo_drbg drbg;
    uint64_t base;
    struct semo_slip wire;
    uint8_t *firmware;
    size_t firmware_len;
    /* The world, beyond a power cycle. */
    struct semo_queue supplies, presses;
    struct semo_supply supply;
    bool gate, closed, stuck;
    uint8_t held; /* buttons */
    uint8_t face[1 + SEMO_PANEL_CHARACTERS];
    uint32_t utc; /* at power-on */
    /* Program memory that replaces the running image as soon as it sleeps. */
    uint8_t *manager;
    unsigned han_len;
    uint64_t han_at;
    uint8_t han_bytes[HAN_BATCH];
};

/* ---- what the chip tells us ---- */

static void on_link(void *context, uint8_t byte, uint64_t at)
{
    struct semo_node *n = context;
    struct mcu *m = n->state;
    switch (semo_slip_take(&m->wire, byte)) {
    case SEMO_SLIP_FRAME:
        semo_router_from_node(n, m->wire.frame, m->wire.len, m->base + at);
        break;
    case SEMO_SLIP_BROKEN:
        n->malformed++;
        break;
    case SEMO_SLIP_MORE:
        break;
    }
}

static void flush_han(struct semo_node *n)
{
    struct mcu *m = n->state;
    struct semo_item item = {.time = m->han_at,
                             .kind = SEMO_ITEM_HAN,
                             .rank = n->rank,
                             .from = (uint8_t)n->index,
                             .packet = semo_packet_new(m->han_bytes, m->han_len)};
    if (!semo_queue_push(&n->world->seen, &item))
        semo_packet_drop(item.packet);
    m->han_len = 0;
}

static void on_han(void *context, uint8_t byte, uint64_t at)
{
    struct semo_node *n = context;
    struct mcu *m = n->state;
    m->han_bytes[m->han_len++] = byte;
    m->han_at = m->base + at;
    if (m->han_len == HAN_BATCH)
        flush_han(n);
}

static void store(struct semo_node *n);

static void on_contact(void *context, bool closed, uint64_t at)
{
    struct semo_node *n = context;
    struct mcu *m = n->state;
    m->closed = closed;
    store(n);
    semo_world_contact(n, closed, m->base + at);
}

static void on_shown(void *context, uint8_t lamps, const char *text, uint64_t at)
{
    struct semo_node *n = context;
    struct mcu *m = n->state;
    m->face[0] = lamps;
    memcpy(m->face + 1, text, SEMO_PANEL_CHARACTERS);
    struct semo_item item = {.time = m->base + at,
                             .kind = SEMO_ITEM_SHOW,
                             .rank = n->rank,
                             .from = (uint8_t)n->index,
                             .packet = semo_packet_new(m->face, sizeof m->face)};
    if (!semo_queue_push(&n->world->seen, &item))
        semo_packet_drop(item.packet);
}

static void on_random(void *context, void *out, unsigned len)
{
    semo_drbg_fill(&((struct mcu *)context)->drbg, out, len);
}

/* From the chip's counter with a seed, too: on a new chip it is as reproducible, and on an old one
 * it still never repeats. */
static uint64_t on_epoch(void *context)
{
    return semo_chip_epoch(((struct mcu *)context)->chip);
}

static void on_seal(void *context, uint16_t module, const uint8_t *key, const uint8_t *ad,
                    unsigned ad_len)
{
    struct semo_node *n = context;
    struct mcu *m = n->state;
    struct semo_onlooker *o = &n->world->onlooker;
    o->seal(o->context, m->base + semo_machine_cycle(m->machine), n, module, key, ad, ad_len);
}

/* ---- power ---- */

/* What people see and hold down outlives the power; what the chip knows of it does not. */
static void attach_front(struct semo_node *n)
{
    struct mcu *m = n->state;
    uint8_t dark[sizeof m->face] = {0};
    memset(dark + 1, ' ', SEMO_PANEL_CHARACTERS);
    semo_machine_attach(m->machine, m->buttons = semo_buttons_new());
    semo_machine_attach(m->machine, m->panel = semo_panel_new(on_shown, n));
    for (unsigned i = 0; i < SEMO_BUTTONS_COUNT; i++)
        if (m->held >> i & 1)
            semo_buttons_press(m->buttons, i, true, 0);
    if (m->face[1] && memcmp(m->face, dark, sizeof dark) != 0)
        on_shown(n, 0, (const char *)dark + 1, 0);
}

static const char *power_on(struct semo_node *n)
{
    struct mcu *m = n->state;
    const struct semo_chip_state *chip = semo_chip_state(m->chip);
    struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    const char *why = "no memory";
    memcpy(config.master_key, chip->node_key, sizeof config.master_key);
    m->machine = semo_machine_new(&config);
    if (!m->machine)
        return why;
    m->base = n->world->now;
    semo_machine_attach(m->machine, m->link = semo_link_new(on_link, n));
    semo_machine_attach(m->machine, semo_random_new(on_random, m));
    semo_machine_attach(m->machine, semo_epoch_new(on_epoch, m));
    semo_machine_attach(m->machine, semo_events_new());
    semo_machine_attach(m->machine, m->metering = semo_metering_new());
    semo_machine_attach(m->machine, m->clock = semo_clock_new(m->utc));
    semo_machine_attach(m->machine, m->relay = semo_relay_new(m->closed, on_contact, n));
    semo_machine_attach(m->machine, m->han = semo_han_new(on_han, n));
    attach_front(n);
    for (unsigned i = 0; i < SEMO_WINDOW_COUNT; i++)
        if (chip->owned[i])
            semo_machine_set_owner(m->machine, i, chip->owner[i]);
    if (n->world->config->seal_log)
        semo_machine_on_seal(m->machine, on_seal, n);
    semo_relay_stick(m->relay, m->stuck);
    semo_metering_supply(m->metering, &m->supply, 0);
    semo_metering_contact(m->metering, m->gate, 0);
    memset(&m->wire, 0, sizeof m->wire);
    if (semo_machine_load_elf(m->machine, m->firmware, m->firmware_len, &why) != SEMO_OK)
        return why;
    semo_machine_reset(m->machine);
    return NULL;
}

/* ---- time ---- */

static uint64_t next(const struct semo_node *n)
{
    const struct mcu *m = n->state;
    uint64_t event = semo_machine_next_event(m->machine), press = semo_queue_time(&m->presses);
    event = event == UINT64_MAX ? event : m->base + event;
    return event < press ? event : press;
}

static void tell_supplies(struct mcu *m, uint64_t until)
{
    while (semo_queue_time(&m->supplies) <= until + FORESIGHT) {
        struct semo_item item = semo_queue_pop(&m->supplies);
        m->supply = item.supply;
        semo_metering_supply(m->metering, &item.supply,
                             item.time > m->base ? item.time - m->base : 0);
    }
}

static void tell_presses(struct mcu *m, uint64_t until)
{
    while (semo_queue_time(&m->presses) <= until + FORESIGHT) {
        struct semo_item item = semo_queue_pop(&m->presses);
        m->held = (uint8_t)((m->held & ~(1u << item.to)) | (unsigned)item.closed << item.to);
        semo_buttons_press(m->buttons, item.to, item.closed,
                           item.time > m->base ? item.time - m->base : 0);
    }
}

static void change_manager(struct mcu *m);

static void run(struct semo_node *n, uint64_t until)
{
    struct mcu *m = n->state;
    if (m->supplies.count)
        tell_supplies(m, until);
    if (m->presses.count)
        tell_presses(m, until);
    uint64_t local = until - m->base;
    while (semo_machine_cycle(m->machine) < local)
        if (semo_machine_run(m->machine, local) == SEMO_STOP_ASLEEP)
            break;
    if (m->han_len)
        flush_han(n);
    if (m->manager)
        change_manager(m);
}

/* What the line has no room for is lost, as on any line whose reader does not read. */
static void apply(struct semo_node *n, const struct semo_item *item)
{
    struct mcu *m = n->state;
    uint8_t coded[SEMO_SLIP_MAX];
    unsigned len = semo_slip_encode(item->packet->bytes, item->packet->len, coded);
    if (semo_link_receive(m->link, coded, len, item->time - m->base) < len)
        n->dropped++;
}

/* ---- hands from outside: first the machine is brought to the present ---- */

static void catch_up(struct semo_node *n)
{
    run(n, n->world->now);
}

bool semo_mcu_supply(struct semo_node *n, const struct semo_supply *s, uint64_t at)
{
    struct mcu *m = n->state;
    struct semo_item item = {
        .time = at > n->world->now ? at : n->world->now, .kind = SEMO_ITEM_SUPPLY, .supply = *s};
    if (!semo_queue_push(&m->supplies, &item))
        return false;
    tell_supplies(m, n->world->now);
    return true;
}

bool semo_mcu_press(struct semo_node *n, unsigned button, bool down, uint64_t at)
{
    struct mcu *m = n->state;
    struct semo_item item = {.time = at > n->world->now ? at : n->world->now,
                             .kind = SEMO_ITEM_PRESS,
                             .to = (uint8_t)button,
                             .closed = down};
    if (!semo_queue_push(&m->presses, &item))
        return false;
    semo_node_touch(n);
    return true;
}

void semo_mcu_gate(struct semo_node *n, bool closed, uint64_t at)
{
    struct mcu *m = n->state;
    m->gate = closed;
    semo_metering_contact(m->metering, closed, at > m->base ? at - m->base : 0);
}

void semo_mcu_clock(struct semo_node *n, uint32_t utc)
{
    struct mcu *m = n->state;
    catch_up(n);
    semo_clock_set(m->clock, utc, n->world->now - m->base);
    semo_node_touch(n);
}

void semo_mcu_stick(struct semo_node *n, bool stuck)
{
    struct mcu *m = n->state;
    catch_up(n);
    m->stuck = stuck;
    semo_relay_stick(m->relay, stuck);
    semo_node_touch(n);
}

static void power_cycle(struct semo_node *n)
{
    struct mcu *m = n->state;
    m->utc = semo_clock_utc(m->clock, n->world->now - m->base);
    semo_world_cut(n);
    semo_machine_free(m->machine);
    m->han_len = 0;
    const char *why = power_on(n);
    if (why)
        semo_node_lose(n, why);
}

static void reset(struct semo_node *n, unsigned kind)
{
    struct mcu *m = n->state;
    catch_up(n);
    if (kind == 0)
        power_cycle(n);
    else
        semo_machine_reset(m->machine);
    semo_node_touch(n);
}

/* ---- another event manager ---- */

/* An image starts with a branch, so its base is the first word that is not 0. */
static unsigned image_base(const uint8_t *program)
{
    unsigned at = 0;
    while (at < 0x10000 - SEMO_PROGRAM_START && !program[at] && !program[at + 1])
        at += 2;
    return at;
}

static bool is_replaceable(const struct semo_machine *machine, unsigned base)
{
    if (!(semo_machine_register(machine, 2) & SR_CPUOFF) ||
        semo_machine_module_at(machine, semo_machine_register(machine, 0)))
        return false;
    for (unsigned at = base; at < 0x10000; at += 2)
        if (semo_machine_module_at(machine, (uint16_t)at))
            return false;
    return true;
}

/* As if somebody had used the node's debug port: the old image's text is gone, its tables stay. */
static void change_manager(struct mcu *m)
{
    unsigned offset = image_base(m->manager), base = SEMO_PROGRAM_START + offset;
    if (!is_replaceable(m->machine, base))
        return;
    semo_machine_poke(m->machine, (uint16_t)base, m->manager + offset, 0x10000 - base);
    for (unsigned r = 1; r < 16; r++)
        semo_machine_set_register(m->machine, r, 0);
    semo_machine_set_register(m->machine, 0, (uint16_t)(base + WARM));
    free(m->manager);
    m->manager = NULL;
}

/* The program memory of a machine that was loaded with this file; NULL and *why otherwise. */
static uint8_t *program_of(const uint8_t *elf, size_t len, const char **why)
{
    const struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct semo_machine *scratch = semo_machine_new(&config);
    uint8_t *program = malloc(0x10000 - SEMO_PROGRAM_START);
    if (!scratch || !program)
        abort();
    if (semo_machine_load_elf(scratch, elf, len, why) == SEMO_OK) {
        semo_machine_peek(scratch, SEMO_PROGRAM_START, program, 0x10000 - SEMO_PROGRAM_START);
    } else {
        free(program);
        program = NULL;
    }
    semo_machine_free(scratch);
    return program;
}

static enum semo_status manager(struct semo_node *n, const char *path, const char **why)
{
    struct mcu *m = n->state;
    uint8_t *elf, *own, *new;
    size_t len;
    struct semo_error ignored;
    *why = "cannot read the image";
    if (semo_file_read(*path ? path : n->config->firmware, IMAGE_MAX, &elf, &len, &ignored) !=
        SEMO_OK)
        return SEMO_MISSING;
    new = program_of(elf, len, why);
    free(elf);
    if (!new)
        return SEMO_INPUT;
    own = program_of(m->firmware, m->firmware_len, why);
    bool same = own && image_base(own) == image_base(new);
    free(own);
    if (!same) {
        free(new);
        *why = "the image starts at another address than the node's own";
        return SEMO_PLACE;
    }
    free(m->manager);
    m->manager = new;
    catch_up(n);
    semo_node_touch(n);
    return SEMO_OK;
}

/* ---- life ---- */

/* A chip that cannot remember must not go on: what was not stored would be undone by a crash. */
static void store(struct semo_node *n)
{
    struct mcu *m = n->state;
    struct semo_chip_state s = *semo_chip_state(m->chip);
    s.relay_closed = m->closed;
    s.utc = semo_clock_utc(m->clock, n->world->now - m->base);
    if (s.relay_closed == m->kept.relay_closed && s.utc == m->kept.utc)
        return;
    if (semo_chip_store(m->chip, &s) != SEMO_OK) {
        fprintf(stderr, "semo-node: %s: cannot store the chip's state; is the disk full?\n",
                n->config->chip);
        exit(SEMO_EXIT_RESOURCE);
    }
    m->kept = s;
}

static void close_node(struct semo_node *n)
{
    struct mcu *m = n->state;
    semo_machine_free(m->machine);
    semo_chip_close(m->chip);
    semo_queue_free(&m->supplies);
    semo_queue_free(&m->presses);
    free(m->firmware);
    free(m->manager);
    free(m);
    n->state = NULL;
}

/* By whoever stands for the silicon: the node key does not leave this function. */
static enum semo_status admin(struct semo_node *n, uint16_t vendor, uint8_t key[SEMO_KEY_LEN])
{
    const struct mcu *m = n->state;
    uint8_t vendor_key[SEMO_KEY_LEN];
    semo_kdf_vendor(SEMO_SECURITY, semo_chip_state(m->chip)->node_key, vendor, vendor_key);
    semo_kdf_admin(SEMO_SECURITY, vendor_key, key);
    semo_bytes_wipe(vendor_key, sizeof vendor_key);
    return SEMO_OK;
}

static const struct semo_node_class class = {next,    run,   apply,      reset,
                                             manager, store, close_node, admin};

static enum semo_status open_chip(struct semo_node *n, struct semo_error *e)
{
    struct mcu *m = n->state;
    const char *path = n->config->chip;
    enum semo_status status = semo_chip_open(path, &m->chip);
    if (status == SEMO_BUSY)
        return semo_error_set(e, status, SEMO_EXIT_RESOURCE, path, 0, 0,
                              "chip in use by another run; stop that one first");
    if (status != SEMO_OK)
        return semo_error_set(
            e, status, SEMO_EXIT_RESOURCE, path, 0, 0,
            "not a readable chip state file; deliver a new one by semo provision");
    m->kept = *semo_chip_state(m->chip);
    m->closed = m->kept.relay_closed;
    m->utc = m->kept.utc;
    return SEMO_OK;
}

static enum semo_status open_node(struct semo_node *n, struct semo_error *e)
{
    struct mcu *m = n->state;
    enum semo_status status = open_chip(n, e);
    if (status != SEMO_OK)
        return status;
    status = semo_file_read(n->config->firmware, IMAGE_MAX, &m->firmware, &m->firmware_len, e);
    if (status != SEMO_OK) {
        e->code = SEMO_EXIT_USAGE; /* a file that the configuration names */
        return status;
    }
    const char *why = power_on(n);
    if (why)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, n->config->firmware, 0, 0,
                              "not a firmware image: %s", why);
    return SEMO_OK;
}

enum semo_status semo_mcu_open(struct semo_node *n, struct semo_error *e)
{
    struct mcu *m = semo_allocate(1, sizeof *m);
    n->class = &class;
    n->state = m;
    m->gate = true;
    m->supplies.limit = m->presses.limit = SEMO_SUPPLIES_MAX;
    m->drbg.seeded = n->world->config->seeded;
    m->drbg.seed = n->world->config->seed;
    memcpy(m->drbg.name, n->config->name, sizeof m->drbg.name);
    enum semo_status status = open_node(n, e);
    if (status != SEMO_OK)
        close_node(n);
    return status;
}

bool semo_mcu_contact(const struct semo_node *n)
{
    return ((const struct mcu *)n->state)->closed;
}

void semo_mcu_look(const struct semo_node *n, struct semo_mcu_view *v)
{
    const struct mcu *m = n->state;
    const struct semo_violation *last = semo_machine_violation(m->machine);
    *v = (struct semo_mcu_view){
        .cycle = m->base + semo_machine_cycle(m->machine),
        .asleep = semo_machine_register(m->machine, 2) & SR_CPUOFF,
        .violations = semo_machine_violations(m->machine),
        .closed = m->closed,
        .held = m->held,
        .face = m->face,
        .utc = semo_clock_utc(m->clock, n->world->now - m->base),
    };
    if (last) {
        v->violation_rule = last->rule;
        v->violation_pc = last->pc;
        v->violation_address = last->address;
        v->violation_module = last->module;
    }
}
