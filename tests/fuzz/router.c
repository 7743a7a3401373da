/* SPDX-License-Identifier: Apache-2.0 */
/* The network between nodes: frames from nodes and clients in any order and at any time. Input:
 * orders, each a byte (order in the low bits, node in the high ones) and what it needs. */
#include "lib/wire/wire.h"
#include "node/host/slip.h"
#include "node/host/world.h"
#include "tests/fuzz/fuzz.h"

enum { NODES = 3, ORDERS = 8 };

static struct semo_config config;
static struct semo_world world;
static struct semo_slip wire[NODES];
static uint64_t shown; /* time of what was shown last */

/* ---- nodes that only look ---- */

static void apply(struct semo_node *n, const struct semo_item *item)
{
    FUZZ_MUST(!n->lost && item->kind == SEMO_ITEM_FRAME);
    FUZZ_MUST(item->packet->len && item->packet->len <= SEMO_FRAME_MAX);
}

static const struct semo_node_class class = {.apply = apply};

/* ---- who looks on ---- */

static void see(void *context, const struct semo_item *item)
{
    (void)context;
    FUZZ_MUST(item->time >= shown && item->time <= world.now);
    FUZZ_MUST(item->to < NODES || item->to == SEMO_CONTROL_CLIENT ||
              (item->to == SEMO_ROUTE_AWAY && semo_frame_is_event(item->packet)));
    shown = item->time;
}

/* Whatever a node sends as a print: bounded, printable, not too often. */
static void see_print(void *context, const struct semo_item *item)
{
    const struct semo_packet *text = item->packet;
    see(context, item);
    FUZZ_MUST(text->len <= SEMO_PRINT_SHOWN);
    FUZZ_MUST(world.nodes[item->from].prints <= SEMO_PRINT_RATE + 1);
    for (unsigned i = 0; i < text->len; i++)
        FUZZ_MUST(text->bytes[i] >= ' ' && text->bytes[i] <= '~');
}

static void see_lost(void *context, uint64_t time, const struct semo_node *n, const char *reason)
{
    (void)context, (void)time, (void)n;
    FUZZ_MUST(reason);
}

static const struct semo_onlooker onlooker = {
    .frame = see, .pin = see, .han = see, .print = see_print, .lost = see_lost};

/* ---- orders ---- */

static void slip(struct semo_node *n, const uint8_t *bytes, unsigned len)
{
    struct semo_slip *s = &wire[n->index];
    for (unsigned i = 0; i < len; i++)
        if (semo_slip_take(s, bytes[i]) == SEMO_SLIP_FRAME)
            semo_router_from_node(n, s->frame, s->len, world.now);
}

static void from_somebody(struct semo_cursor *in, struct semo_node *n, unsigned order)
{
    unsigned len, more = semo_cursor_u8(in);
    uint8_t *bytes = fuzz_take(in, more == 0xFF ? SEMO_FRAME_MAX + 9 : more, &len);
    if (order == 0)
        semo_router_from_node(n, bytes, len, world.now + more);
    else if (order == 1)
        semo_router_from_client(n, more % 4, bytes, len);
    else
        slip(n, bytes, len);
    free(bytes);
}

static void obey(struct semo_cursor *in)
{
    unsigned byte = semo_cursor_u8(in), order = byte % ORDERS;
    struct semo_node *n = &world.nodes[byte / ORDERS % NODES];
    if (order < 3)
        from_somebody(in, n, order);
    else if (order == 3)
        semo_world_step(&world, world.now + 1 + semo_cursor_u32(in) % 100000);
    else if (order == 4)
        world.route[semo_cursor_u16(in)] =
            (uint8_t)(byte / ORDERS % 5 < NODES ? n->index : 0xFD + byte / 64 % 3);
    else if (order == 5)
        semo_world_cut(n);
    else if (order == 6)
        semo_world_contact(n, byte & 64, world.now + semo_cursor_u8(in));
    else
        n->lost = byte & 64;
}

static void open_world(void)
{
    static const char *const names[NODES] = {"utility", "home", "meter"};
    memset(&world, 0, sizeof world);
    memset(wire, 0, sizeof wire);
    memset(world.route, SEMO_CONTROL_FORGET, sizeof world.route);
    shown = 0;
    world.config = &config;
    world.onlooker = onlooker;
    world.count = NODES;
    world.seen.limit = 64;
    world.lookahead = 1736;
    for (unsigned i = 0; i < NODES; i++) {
        struct semo_node *n = &world.nodes[i];
        strcpy(config.nodes[i].name, names[i]);
        config.nodes[i].latency_cycles = 1736 + 1000 * i;
        *n = (struct semo_node){.config = &config.nodes[i], .world = &world, .class = &class};
        n->index = n->rank = (uint8_t)i;
        n->inbox.limit = 32;
        n->due = UINT64_MAX;
        n->state = n;
        world.order[i] = n;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_cursor in = semo_cursor_from(input, (unsigned)len);
    open_world();
    while (in.left && !in.bad)
        obey(&in);
    semo_world_step(&world, world.now + 1000000);
    semo_world_close(&world);
    return 0;
}
