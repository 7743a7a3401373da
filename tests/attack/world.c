/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <semo/map.h>
#include "host/file.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"
#include "machine/devices/devices.h"

enum {
    CODE = 0xE300,
    STAY = 0x3FFF,
    RETURN = 0xE100,
    BUFFER = 0x2800,
    CAPACITY = 1200,
    TEXT_STEP = 0x2C00, /* from one place to the next */
    STACK = 0x3F00,
    PATIENCE = 20000000,
    STUB_STATE = 6,
    FRAME_TIME = 1000
};

static struct world *the_world; /* behind the control socket */

int fsync(int fd) /* files that nobody will need after a power cut */
{
    (void)fd;
    return 0;
}

/* ---- a node ---- */

static uint64_t next_epoch(void *context)
{
    struct world_node *n = context;
    return ++n->epoch;
}

static void switch_on(struct world *w, unsigned node)
{
    struct world_node *n = &w->nodes[node];
    struct semo_machine_config config = {.profile = SEMO_HARDENED, .security = 128};
    struct semo_chip_state chip;
    char *path = semo_state_file(w->state, w->d->nodes[node].name, ".chip");
    assert_int_equal(semo_chip_peek(path, &chip), SEMO_OK);
    free(path);
    memcpy(config.master_key, chip.node_key, sizeof config.master_key);
    n->machine = semo_machine_new(&config);
    assert_non_null(n->machine);
    semo_machine_attach(n->machine, semo_epoch_new(next_epoch, n));
    semo_machine_reset(n->machine);
}

static void run_code(struct world_node *n, uint16_t at)
{
    static const uint16_t code[] = {0x40B2, 0x5A80, 0x0120, 0x1381, STAY}, stay = STAY;
    semo_machine_poke(n->machine, CODE, code, sizeof code); /* watchdog; enable */
    semo_machine_poke(n->machine, RETURN, &stay, 2);
    semo_machine_set_register(n->machine, 2, 0);
    semo_machine_set_register(n->machine, 0, at);
}

void world_enable(struct world_node *n)
{
    for (unsigned i = 0; i < 5; i++)
        semo_machine_set_register(n->machine, 11 + i, n->enabled[i]);
    semo_machine_poke(n->machine, BUFFER, n->seal + 2, SEMO_TAG_LEN);
    semo_machine_set_register(n->machine, 9, BUFFER | 1);
    semo_machine_set_register(n->machine, 10, (uint16_t)(n->seal[0] | n->seal[1] << 8));
    run_code(n, CODE);
    for (unsigned i = 0; i < 2; i++)
        semo_machine_run(n->machine, semo_machine_cycle(n->machine) + 1);
    n->module = semo_machine_register(n->machine, 15);
    n->ps = n->enabled[1];
    if (n->module) /* it may be one whose answer was lost, from further up, after a reset */
        n->count = (unsigned)(n->ps - SEMO_PROGRAM_START) / TEXT_STEP + 1;
}

void world_reset(struct world *w, unsigned node)
{
    struct world_node *n = &w->nodes[node];
    semo_machine_reset(n->machine);
    n->module = 0;
    n->count = 0;
}

void world_reload(struct world *w, unsigned node)
{
    struct world_node *n = &w->nodes[node];
    world_reset(w, node);
    semo_machine_poke(n->machine, n->enabled[1], n->text, n->text_len);
    world_enable(n); /* unless the text was not all there */
}

enum semo_status world_call(struct world *w, unsigned node, unsigned entry, const void *payload,
                            unsigned len, uint8_t *answer, unsigned *answer_len)
{
    struct world_node *n = &w->nodes[node];
    const uint16_t registers[] = {CAPACITY, (uint16_t)entry, BUFFER, (uint16_t)len, RETURN};
    uint64_t limit = semo_machine_cycle(n->machine) + PATIENCE;
    if (!n->module || semo_machine_module_at(n->machine, n->ps) != n->module)
        return SEMO_UNKNOWN;
    semo_machine_poke(n->machine, BUFFER, payload, len);
    for (unsigned i = 0; i < 5; i++)
        semo_machine_set_register(n->machine, 11 + i, registers[i]);
    semo_machine_set_register(n->machine, 1, STACK);
    run_code(n, n->ps);
    while (semo_machine_register(n->machine, 0) != RETURN) {
        assert_true(semo_machine_cycle(n->machine) < limit);
        semo_machine_run(n->machine, semo_machine_cycle(n->machine) + 1);
    }
    *answer_len = semo_machine_register(n->machine, 13);
    semo_machine_peek(n->machine, BUFFER, answer, *answer_len);
    return (enum semo_status)semo_machine_register(n->machine, 12);
}

/* ---- its loader and event manager ---- */

static void put_info(const struct world_node *n, struct semo_cursor *out)
{
    const uint16_t text = (uint16_t)(SEMO_PROGRAM_START + TEXT_STEP * n->count),
                   data = (uint16_t)(0x0400 + 0x0C00 * n->count);
    semo_cursor_put_u8(out, SEMO_VERSION);
    semo_cursor_put_u8(out, 0);
    semo_cursor_put_u16(out, 128);
    semo_cursor_put_u8(out, 16);
    semo_cursor_put_u8(out, n->module != 0);
    semo_cursor_put_u8(out, 2);
    semo_cursor_put_u16(out, text);
    semo_cursor_put_u16(out, 0xE000);
    semo_cursor_put_u16(out, data);
    semo_cursor_put_u16(out, BUFFER);
    semo_cursor_put_u16(out, SEMO_FRAME_MAX);
}

static enum semo_status store(struct world_node *n, struct semo_cursor *in)
{
    const uint32_t at = semo_cursor_u32(in);
    if (!n->text_len || at != n->enabled[1] + n->text_len) {
        n->enabled[1] = (uint16_t)at; /* the first of a new text */
        n->text_len = 0;
    }
    assert_true(n->text_len + in->left <= sizeof n->text);
    memcpy(n->text + n->text_len, in->at, in->left);
    n->text_len += in->left;
    semo_machine_poke(n->machine, (uint16_t)at, in->at, in->left);
    return SEMO_OK;
}

static enum semo_status start(struct world_node *n, struct semo_cursor *in, struct semo_cursor *out)
{
    n->enabled[0] = semo_cursor_u16(in);
    for (unsigned i = 1; i < 5; i++)
        n->enabled[i] = (uint16_t)semo_cursor_u32(in);
    memset(n->seal, 0, sizeof n->seal);
    memcpy(n->seal, in->at, in->left);
    world_enable(n);
    semo_cursor_put_u16(out, n->module);
    return n->module ? SEMO_OK : SEMO_PLACE;
}

static enum semo_status serve(struct world *w, unsigned node, unsigned type, struct semo_cursor *in,
                              struct semo_cursor *out)
{
    struct world_node *n = &w->nodes[node];
    uint8_t answer[CAPACITY];
    unsigned len = 0;
    if (type == SEMO_FRAME_INFO)
        put_info(n, out);
    if (type == SEMO_FRAME_WRITE)
        return store(n, in);
    if (type == SEMO_FRAME_ENABLE)
        return start(n, in, out);
    if (type != SEMO_FRAME_CALL)
        return SEMO_OK;
    semo_cursor_u16(in); /* who it is for: there is one */
    const unsigned entry = semo_cursor_u16(in);
    const enum semo_status status = world_call(w, node, entry, in->at, in->left, answer, &len);
    semo_cursor_put(out, answer, len);
    return status;
}

static void hear_frame(struct world *w, struct world_frame *f)
{
    struct world_frame a = {.node = f->node};
    struct semo_cursor in = semo_cursor_over(f->at, f->len),
                       out = semo_cursor_over(a.at, sizeof a.at);
    uint8_t *status;
    if (w->request && !w->request(w, f))
        return;
    const unsigned type = semo_cursor_u8(&in);
    if (type == SEMO_FRAME_EVENT)
        return;
    semo_cursor_put_u8(&out, (uint8_t)(type | SEMO_FRAME_ANSWER));
    semo_cursor_put_u16(&out, semo_cursor_u16(&in));
    status = out.at;
    semo_cursor_put_u8(&out, 0);
    *status = (uint8_t)serve(w, f->node, type, &in, &out);
    a.len = (unsigned)(out.at - a.at);
    if (w->answer && !w->answer(w, &a))
        return;
    assert_true(w->waiting_count < WORLD_FRAMES);
    w->waiting[w->waiting_count++] = a;
}

/* ---- host/control.h ---- */

enum semo_status semo_control_connect(const char *path, struct semo_control_client **out)
{
    (void)path;
    *out = (struct semo_control_client *)the_world;
    return SEMO_OK;
}

void semo_control_close(struct semo_control_client *c)
{
    (void)c;
}

enum semo_status semo_control_send(struct semo_control_client *c, unsigned node,
                                   const uint8_t *frame, unsigned len)
{
    struct world_frame f = {.node = node, .len = len};
    (void)c;
    memcpy(f.at, frame, len);
    hear_frame(the_world, &f);
    return SEMO_OK;
}

static uint64_t until;
static bool asked; /* for the state of semo-node */

static char *what_semo_node_says(const struct world *w)
{
    char *text = semo_format("{\"nodes\": [{\"name\": \"a\"}, {\"name\": \"b\"}], \"taken\": [");
    bool first = true;
    for (unsigned i = 0; i < SEMO_BACK; i++) {
        if (!w->crowded || !w->way[i])
            continue;
        char *more = semo_format("%s%s[%u, %u]", text, first ? "" : ", ", i, i);
        free(text);
        text = more;
        first = false;
    }
    char *all = semo_format("%s]}", text);
    free(text);
    return all;
}

enum semo_status semo_control_run(struct semo_control_client *c, uint64_t time, unsigned flags)
{
    (void)c, (void)flags;
    until = time;
    return SEMO_OK;
}

enum semo_status semo_control_next(struct semo_control_client *c,
                                   const struct semo_control_handlers *h, int timeout_ms,
                                   unsigned *type)
{
    struct world *w = the_world;
    unsigned which = SEMO_CONTROL_STOPPED;
    (void)c, (void)timeout_ms;
    if (asked) {
        asked = false;
        which = SEMO_CONTROL_TEXT;
        char *text = what_semo_node_says(w);
        if (h && h->text)
            h->text(h->context, text);
        free(text);
    } else if (w->waiting_count) {
        const struct world_frame f = w->waiting[0];
        memmove(w->waiting, w->waiting + 1, --w->waiting_count * sizeof f);
        w->now += FRAME_TIME;
        until = w->now;
        which = SEMO_CONTROL_FRAME;
        h->frame(h->context, w->now, f.node, f.at, f.len);
    } else {
        w->now = until > w->now ? until : w->now;
        if (h->stopped)
            h->stopped(h->context, w->now, SEMO_CONTROL_UNTIL);
    }
    if (type)
        *type = which;
    return SEMO_OK;
}

enum semo_status semo_control_route(struct semo_control_client *c, unsigned connection,
                                    unsigned node)
{
    (void)c;
    the_world->way[connection % SEMO_BACK] = node != SEMO_CONTROL_FORGET;
    return SEMO_OK;
}

enum semo_status semo_control_timer(struct semo_control_client *c, unsigned node, unsigned module,
                                    unsigned entry, uint32_t period_ms)
{
    (void)c, (void)node, (void)module, (void)entry, (void)period_ms;
    return SEMO_OK;
}

enum semo_status semo_control_reset(struct semo_control_client *c, unsigned node, unsigned kind)
{
    (void)c, (void)node, (void)kind;
    return SEMO_OK;
}

enum semo_status semo_control_status(struct semo_control_client *c)
{
    (void)c;
    asked = true;
    return SEMO_OK;
}

/* ---- life ---- */

static void must(struct world *w, enum semo_status status)
{
    if (status != SEMO_OK)
        fail_msg("status %d: %s", status, w->e.text);
}

static void begin(struct world *w)
{
    char *key = semo_format("%s/operator.key", w->folder);
    must(w, semo_state_open(w->d, w->folder, key, SEMO_STATE_LOCK | SEMO_STATE_MAKE, &w->state,
                            &w->e));
    free(key);
    w->deploy = semo_deploy_new(w->d, w->state, ".");
    must(w, semo_link_open(&w->link, "world", &w->e));
    w->deploy->link = &w->link;
}

static void finish(struct world *w)
{
    semo_link_close(&w->link);
    semo_deploy_free(w->deploy);
    semo_state_close(w->state);
}

static void forget(struct world *w, const char *name)
{
    char *path = semo_format("%s/%s", w->folder, name);
    unlink(path);
    free(path);
}

/* The folder stays: what was compiled in it need not be again. */
void world_open_as(struct world *w, const char *file)
{
    char *files[] = {(char *)(uintptr_t)file};
    static const char *const old[] = {"operator.key", "nodes.sealed", "run.sealed", "status.json",
                                      "offers.sealed"};
    memset(w, 0, sizeof *w);
    the_world = w;
    must(w, semo_descriptor_load(files, 1, &w->d, &w->e));
    w->folder = semo_format("build/tests/attack-%s", w->d->name);
    for (unsigned i = 0; i < sizeof old / sizeof *old; i++)
        forget(w, old[i]);
    begin(w);
    must(w, semo_deploy_provision(w->deploy, &w->e));
    for (unsigned n = 0; n < WORLD_NODES; n++)
        switch_on(w, n);
}

void world_open(struct world *w)
{
    world_open_as(w, "tests/attack/world.json");
}

void world_close(struct world *w)
{
    finish(w);
    for (unsigned n = 0; n < WORLD_NODES; n++)
        semo_machine_free(w->nodes[n].machine);
    semo_descriptor_free(w->d);
    free(w->folder);
}

void world_restart(struct world *w, bool all)
{
    finish(w);
    if (all) {
        forget(w, "run.sealed");
        forget(w, "status.json");
    }
    begin(w);
    if (!all && semo_state_read_run(w->state, w->d, &w->e) != SEMO_OK)
        memset(w->state->modules, 0, w->state->module_count * sizeof *w->state->modules);
    must(w, semo_deploy_build(w->deploy, &w->e));
}

/* ---- another owner ---- */

/* What the holder of the nodes gives it. */
static void hand_over(struct world *w, struct world_guest *g, unsigned node)
{
    struct semo_chip_state chip;
    char *path = semo_state_file(w->state, g->d->nodes[node].name, ".chip");
    assert_int_equal(semo_chip_peek(path, &chip), SEMO_OK);
    semo_kdf_vendor(SEMO_SECURITY, chip.node_key, (uint16_t)g->d->nodes[node].vendor,
                    g->state->nodes[node].vendor_key);
    g->state->nodes[node].imported = true;
    free(path);
}

void world_join(struct world *w, struct world_guest *g, const char *file)
{
    static const char folder[] = "build/tests/attack-guest";
    static const char *const old[] = {"operator.key", "run.sealed", "status.json", "offers.sealed",
                                      "nodes.sealed"};
    char *files[] = {(char *)(uintptr_t)file}, *key = semo_format("%s/operator.key", folder);
    memset(g, 0, sizeof *g);
    w->crowded = true;
    must(w, semo_descriptor_load(files, 1, &g->d, &w->e));
    for (unsigned i = 0; i < sizeof old / sizeof *old; i++) {
        char *path = semo_format("%s/%s", folder, old[i]);
        unlink(path);
        free(path);
    }
    must(w,
         semo_state_open(g->d, folder, key, SEMO_STATE_LOCK | SEMO_STATE_MAKE, &g->state, &w->e));
    free(key);
    for (unsigned n = 0; n < WORLD_NODES; n++)
        hand_over(w, g, n);
    g->deploy = semo_deploy_new(g->d, g->state, ".");
    must(w, semo_link_open(&g->link, "world", &w->e));
    g->deploy->link = &g->link;
}

void world_leave(struct world_guest *g)
{
    semo_link_close(&g->link);
    semo_deploy_free(g->deploy);
    semo_state_close(g->state);
    semo_descriptor_free(g->d);
}

/* ---- what the modules say ---- */

static unsigned entry_of(struct world *w, unsigned module, const char *name)
{
    const struct semo_io *io = semo_unit_io(w->deploy->units[module], SEMO_IO_ENTRY, name);
    assert_non_null(io);
    return io->index;
}

static unsigned heard(struct world *w)
{
    uint8_t tally[CAPACITY];
    unsigned len;
    if (world_call(w, RIGHT, entry_of(w, RIGHT, "tally"), "", 0, tally, &len) != SEMO_OK)
        return 0;
    return tally[0];
}

bool world_hears(struct world *w)
{
    static const uint8_t say[] = {0, 0x61};
    uint8_t frame[CAPACITY], none[CAPACITY];
    unsigned len, before = heard(w);
    if (world_call(w, LEFT, entry_of(w, LEFT, "say"), say, sizeof say, frame, &len) != SEMO_OK)
        return false;
    while (world_call(w, LEFT, SEMO_ENTRY_TAKE, "", 0, frame, &len) == SEMO_OK) {
        unsigned none_len;
        (void)world_call(w, RIGHT, SEMO_ENTRY_INPUT, frame, len, none, &none_len);
    }
    return (uint8_t)(heard(w) - before) == 1;
}

struct semo_channel world_slot(struct world *w, unsigned node, unsigned connection)
{
    struct world_node *n = &w->nodes[node];
    const struct semo_unit *u = w->deploy->units[node];
    struct semo_channel c;
    for (unsigned i = 0; i < u->connections && n->module; i++) {
        semo_machine_peek(n->machine,
                          (uint16_t)(n->enabled[3] + u->stack_len + STUB_STATE + i * sizeof c), &c,
                          sizeof c);
        if (c.connection == connection)
            return c;
    }
    return (struct semo_channel){.connection = 0};
}
