/* SPDX-License-Identifier: Apache-2.0 */
/* Family E of docs/attacks.md, the deployer's part: two modules in two machines, the deployer of
 * the semo command, and an attacker that is everything in between. SEMO_SEED, SOAK=1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "host/random.h"
#include "lib/bytes/cursor.h"
#include "tests/attack/world.h"
#include "tests/lib/support.h"

enum { PLAIN, ASK, KEYS = 512 }; /* connections of the descriptor */

static struct world world;
static uint64_t seed;

static unsigned any(unsigned below)
{
    return (unsigned)(test_random(&seed) % below);
}

/* ---- the linker is a program, and says the same of the same ---- */

enum semo_status __real_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e);
enum semo_status __wrap_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e);

enum semo_status __wrap_semo_toolchain_link(const struct semo_unit *unit, uint16_t ps, uint16_t ss,
                                            struct semo_image *image, struct semo_error *e)
{
    static struct {
        char name[32];
        uint16_t ps, ss;
        struct semo_image image;
    } known[8];
    unsigned i = 0;
    while (known[i].ps &&
           (strcmp(known[i].name, unit->name) != 0 || known[i].ps != ps || known[i].ss != ss))
        assert_true(++i < 8);
    if (!known[i].ps) {
        const enum semo_status status =
            __real_semo_toolchain_link(unit, ps, ss, &known[i].image, e);
        if (status != SEMO_OK)
            return status;
        snprintf(known[i].name, sizeof known[i].name, "%s", unit->name);
        known[i].ps = ps;
        known[i].ss = ss;
    }
    *image = known[i].image;
    image->text = malloc(image->text_len);
    memcpy(image->text, known[i].image.text, image->text_len);
    return SEMO_OK;
}

/* ---- steps ---- */

static bool load(struct world *w)
{
    return semo_deploy_load(w->deploy, &w->e) == SEMO_OK;
}

static bool attest(struct world *w)
{
    return semo_deploy_attest(w->deploy, &w->e) == SEMO_OK;
}

static bool connect(struct world *w)
{
    return semo_deploy_connect(w->deploy, &w->e) == SEMO_OK;
}

/* ---- E07 ---- */

struct used {
    uint8_t all[KEYS][SEMO_KEY_LEN];
    unsigned count;
};

/* Another one, when who forgot finds his old ones in use. */
static unsigned number_of(const struct world *w, unsigned connection)
{
    return w->state->connections[connection].number;
}

/* A key of the forward or back channel is at its two ends, and was never seen before. */
static void use_keys(struct used *u, struct world *w)
{
    const unsigned plain = number_of(w, PLAIN), ask = number_of(w, ASK);
    const unsigned numbers[] = {plain, ask, ask | SEMO_BACK};
    for (unsigned i = 0; i < 3; i++) {
        struct semo_channel left = world_slot(w, LEFT, numbers[i]),
                            right = world_slot(w, RIGHT, numbers[i]);
        assert_int_equal(left.connection, numbers[i]);
        assert_memory_equal(left.key, right.key, SEMO_KEY_LEN);
        for (unsigned k = 0; k < u->count; k++)
            assert_memory_not_equal(u->all[k], left.key, SEMO_KEY_LEN);
        assert_true(u->count < KEYS);
        memcpy(u->all[u->count++], left.key, SEMO_KEY_LEN);
    }
}

/* Each order under a module key has associated data of its own. */
struct orders {
    uint8_t all[KEYS][SEMO_SET_KEY_HEAD_LEN];
    unsigned count;
};

static bool note_orders(struct world *w, struct world_frame *f)
{
    struct orders *o = w->context;
    if (f->at[0] != SEMO_FRAME_CALL || f->at[5] != SEMO_ENTRY_SET_KEY)
        return true;
    assert_true(o->count < KEYS);
    for (unsigned k = 0; k < o->count; k++)
        assert_memory_not_equal(o->all[k], f->at + 7, SEMO_SET_KEY_HEAD_LEN);
    memcpy(o->all[o->count++], f->at + 7, SEMO_SET_KEY_HEAD_LEN);
    return true;
}

/* It ends and goes on, or knows nothing any more but its chips' keys; the nodes ran on, or not. */
static void e07_a_deployer_that_forgot(void **state)
{
    (void)state;
    static struct used used;
    static struct orders orders;
    struct world *w = &world;
    used.count = orders.count = 0;
    world_open(w);
    w->request = note_orders;
    w->context = &orders;
    for (unsigned round = 0; round < 12; round++) {
        uint8_t kept[SEMO_FRAME_MAX], none[SEMO_FRAME_MAX];
        unsigned len, ignored;
        if (round % 4 == 3)
            world_reload(w, round / 4 % 2);
        if (round && round % 6 == 0) /* all forgotten: the modules are elsewhere from now on */
            for (unsigned n = 0; n < WORLD_NODES; n++)
                world_reset(w, n);
        if (round)
            world_restart(w, round % 3 == 0);
        if (!load(w) || !connect(w))
            fail_msg("round %u: %s", round, w->e.text);
        use_keys(&used, w);
        assert_true(world_hears(w));
        static const uint8_t say[] = {0, 0x70};
        world_call(w, LEFT, semo_unit_io(w->deploy->units[LEFT], SEMO_IO_ENTRY, "say")->index, say,
                   2, kept, &len);
        assert_int_equal(world_call(w, LEFT, SEMO_ENTRY_TAKE, "", 0, kept, &len), SEMO_OK);
        assert_true(connect(w)); /* and again, with an event under the old key on its way */
        use_keys(&used, w);
        assert_int_not_equal(world_call(w, RIGHT, SEMO_ENTRY_INPUT, kept, len, none, &ignored),
                             SEMO_OK);
        assert_true(world_hears(w));
    }
    printf("# e07: %u keys, %u orders, none twice\n", used.count, orders.count);
    world_close(w);
}

/* ---- E08 ---- */

static void e08_a_reloaded_module_is_another(void **state)
{
    (void)state;
    struct world *w = &world;
    world_open(w);
    assert_true(load(w) && connect(w) && world_hears(w));
    for (unsigned round = 0; round < 6; round++) {
        const unsigned node = round % 2;
        const uint64_t epoch = w->state->modules[node].epoch;
        assert_true(attest(w));
        assert_false(w->state->modules[node].reborn);
        assert_int_equal(w->state->modules[node].epoch, epoch);
        world_reload(w, node); /* the same code in the same place, under the same key */
        assert_true(attest(w));
        assert_true(w->state->modules[node].reborn);
        assert_int_not_equal(w->state->modules[node].epoch, epoch);
        assert_false(w->state->connections[0].connected);
        assert_false(world_hears(w));
        assert_true(connect(w) && world_hears(w));
    }
    world_close(w);
}

/* ---- E10 ---- */

static struct semo_unit *compiled(const struct semo_module_spec *m)
{
    const struct semo_module_source source = {.name = m->name,
                                              .files = (const char *const *)m->files,
                                              .file_count = m->file_count,
                                              .target = SEMO_TARGET_MCU,
                                              .security = SEMO_SECURITY,
                                              .connections = 1,
                                              .root = ".",
                                              .objects = "build/tests/attack-world/handles"};
    struct semo_unit *unit;
    struct semo_error e = {.text = ""};
    if (semo_toolchain_compile(&source, &unit, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return unit;
}

/* What a descriptor alone cannot tell (tests/deploy/test_descriptor.c does the rest of the row). */
static void e10_handles_that_are_not_there(void **state)
{
    static const char *const files[] = {"unknown-input", "unknown-output", "unknown-request",
                                        "unknown-handler", "output-for-request"};
    (void)state;
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        struct semo_unit *units[2];
        struct semo_descriptor *d;
        struct semo_error e = {.text = ""};
        char path[64], *paths[] = {path};
        snprintf(path, sizeof path, "tests/reject/deploy/%s.json", files[i]);
        assert_int_equal(semo_descriptor_load(paths, 1, &d, &e), SEMO_OK);
        assert_int_equal(d->module_count, 2);
        for (unsigned m = 0; m < 2; m++)
            units[m] = compiled(&d->modules[m]);
        assert_int_not_equal(semo_plan_check(d, units, &e), SEMO_OK);
        assert_non_null(strstr(e.text, "of this name; it has"));
        for (unsigned m = 0; m < 2; m++)
            semo_unit_free(units[m]);
        semo_descriptor_free(d);
    }
}

/* ---- E11 ---- */

/* What follows from the steps alone. */
struct account {
    uint64_t attested[WORLD_NODES]; /* epoch in which the deployer has seen it; 0 = not seen */
    uint64_t known[WORLD_NODES];    /* the same, by its folder */
    uint64_t now[WORLD_NODES];      /* epoch in which it is; 0 = not there */
    bool open;
};

static void see(struct account *a)
{
    for (unsigned n = 0; n < WORLD_NODES; n++)
        a->attested[n] = a->known[n] = a->now[n];
}

static void reborn(struct account *a, struct world *w, unsigned node)
{
    if (!a->now[node])
        return;
    world_reload(w, node);
    a->now[node] = w->nodes[node].epoch + 1; /* drawn at its first call */
    a->open = false;
}

/* One step; what it must do to the account. */
static void take_step(struct world *w, struct account *a, char step)
{
    switch (step) {
    case 'L':
        assert_true(load(w));
        for (unsigned n = 0; n < WORLD_NODES; n++)
            a->now[n] = w->nodes[n].epoch;
        see(a);
        break;
    case 'A':
        assert_int_equal(attest(w), a->now[LEFT] != 0);
        if (a->now[LEFT])
            see(a);
        break;
    case 'C':
        if (a->attested[LEFT] && a->attested[RIGHT]) {
            bool right = a->attested[RIGHT] == a->now[RIGHT],
                 both = right && a->attested[LEFT] == a->now[LEFT];
            a->open = both || (a->open && !right);
        }
        (void)connect(w);
        break;
    case 'N': /* the deployer ends, and another begins */
        memset(w->deploy->attested_now, 0, sizeof w->deploy->attested_now);
        memset(w->deploy->linked_now, 0, sizeof w->deploy->linked_now);
        a->attested[LEFT] = a->attested[RIGHT] = 0;
        break;
    case '0':
    case '1':
        reborn(a, w, step == '1');
    }
}

static void blank(struct world *w, struct account *a)
{
    for (unsigned n = 0; n < WORLD_NODES; n++)
        world_reset(w, n);
    for (unsigned i = 0; i < w->state->module_count; i++)
        w->state->modules[i] = (struct semo_state_module){.step = SEMO_STEP_BUILT,
                                                          .built = w->state->modules[i].built};
    memset(w->deploy->attested_now, 0, sizeof w->deploy->attested_now);
    memset(w->deploy->linked_now, 0, sizeof w->deploy->linked_now);
    for (unsigned i = 0; i < w->state->connection_count; i++)
        w->state->connections[i].connected = false;
    memset(a, 0, sizeof *a);
}

/* Every order of four steps, each also left out or repeated: the output is open when, and only
 * when, both ends were attested by this deployer in the life that they live, and keyed after it. */
static void e11_steps_in_any_order(void **state)
{
    (void)state;
    static const char steps[] = "LAC01N";
    struct world *w = &world;
    unsigned opened = 0, tried = 0;
    world_open(w);
    for (unsigned n = 0; n < 6 * 6 * 6; n++) {
        const char order[] = {'L', steps[n % 6], steps[n / 6 % 6], steps[n / 36], 0};
        struct account a;
        if (!strchr(order, 'C'))
            continue; /* before L, and without C, nothing follows: below */
        blank(w, &a);
        for (const char *s = order; *s; s++) {
            take_step(w, &a, *s);
            if (world_hears(w) != a.open)
                fail_msg("%s: the output is %s after %c", order, a.open ? "not open" : "open", *s);
        }
        opened += a.open;
        tried++;
    }
    struct account a;
    blank(w, &a);
    for (const char *s = "CACNA01LA0A1N"; *s; s++) {
        take_step(w, &a, *s);
        assert_false(world_hears(w));
    }
    printf("# e11: %u orders of steps, %u open the output\n", tried, opened);
    assert_true(opened > 20 && opened < tried);
    world_close(w);
}

static bool more(unsigned run)
{
    const char *soak = getenv("SOAK"), *end = getenv("SOAK_END");
    if (!soak || *soak != '1')
        return run < 12;
    return run < 2000 && (!end || (uint64_t)time(NULL) < strtoull(end, NULL, 0));
}

/* Requests and answers get lost, and come twice. */
struct loss {
    unsigned lost, twice;
};

static bool lose(struct world *w, struct world_frame *f)
{
    struct loss *l = w->context;
    (void)f;
    if (any(25) != 0)
        return true;
    l->lost++;
    return false;
}

static bool repeat(struct world *w, struct world_frame *f)
{
    struct loss *l = w->context;
    struct world_frame again = *f;
    uint8_t ignored[SEMO_FRAME_MAX];
    unsigned len;
    if (f->at[0] == SEMO_FRAME_CALL && any(2) == 0) {
        (void)world_call(w, again.node, again.at[5], again.at + 7, again.len - 7, ignored, &len);
        l->twice++;
    }
    return lose(w, f);
}

static void e11_steps_lost_and_repeated(void **state)
{
    (void)state;
    static const char steps[] = "LACACN01";
    struct world *w = &world;
    struct loss l = {0, 0};
    unsigned opened = 0;
    world_open(w);
    w->context = &l;
    for (unsigned run = 0; more(run); run++) {
        struct account a;
        blank(w, &a);
        w->request = repeat;
        w->answer = lose;
        for (unsigned n = 0; n < 14; n++) {
            const char step = n ? steps[any(8)] : 'L';
            memset(w->deploy->silent, 0, sizeof w->deploy->silent); /* another command */
            if (step == '0' || step == '1') {
                if (w->nodes[step == '1'].module)
                    world_reload(w, step == '1');
            } else if (step == 'N') {
                memset(w->deploy->attested_now, 0, sizeof w->deploy->attested_now);
            } else {
                (void)(step == 'L' ? load(w) : step == 'A' ? attest(w) : connect(w));
            }
            if (!world_hears(w))
                continue;
            opened++; /* only with a key that both ends were given by the deployer */
            struct semo_channel left = world_slot(w, LEFT, number_of(w, PLAIN)),
                                right = world_slot(w, RIGHT, number_of(w, PLAIN));
            assert_memory_equal(left.key, right.key, SEMO_KEY_LEN);
        }
        w->request = w->answer = NULL; /* then the right order does it */
        memset(w->deploy->silent, 0, sizeof w->deploy->silent);
        if (!load(w) || !connect(w))
            fail_msg("run %u: %s", run, w->e.text);
        assert_true(world_hears(w));
    }
    printf("# e11: %u lost, %u twice, the output was open %u times\n", l.lost, l.twice, opened);
    assert_true(l.lost > 20 && l.twice > 20);
    world_close(w);
}

/* ---- E12 ---- */

/* What LEFT's node answers to a challenge is what the attacker has. */
struct fraud {
    uint8_t kept[64][SEMO_FRAME_MAX], challenge[64][SEMO_CHALLENGE_LEN];
    unsigned len[64], count, offer;
    enum { KEEP, REPLAY, RELAY } way;
};

static bool is_attest(const struct world_frame *f)
{
    return f->at[0] == SEMO_FRAME_CALL && f->at[5] == SEMO_ENTRY_ATTEST;
}

static bool note_challenge(struct world *w, struct world_frame *f)
{
    struct fraud *x = w->context;
    uint8_t answer[SEMO_FRAME_MAX];
    unsigned len;
    if (!is_attest(f) || f->node != LEFT)
        return true;
    const uint8_t *challenge = f->at + 7 + SEMO_NODE_HASH_LEN;
    for (unsigned i = 0; i < x->count; i++)
        assert_memory_not_equal(x->challenge[i], challenge, SEMO_CHALLENGE_LEN);
    if (x->way == RELAY &&
        world_call(w, RIGHT, SEMO_ENTRY_ATTEST, f->at + 7, f->len - 7, answer, &len) == SEMO_OK) {
        memcpy(x->kept[0], answer, len);
        x->len[0] = len;
    }
    if (x->way == KEEP && x->count < 64)
        memcpy(x->challenge[x->count], challenge, SEMO_CHALLENGE_LEN);
    return true;
}

static bool swap_answer(struct world *w, struct world_frame *f)
{
    struct fraud *x = w->context;
    if (f->at[0] != (SEMO_FRAME_CALL | SEMO_FRAME_ANSWER) || f->node != LEFT)
        return true;
    if (x->way == KEEP) {
        memcpy(x->kept[x->count], f->at + 4, f->len - 4);
        x->len[x->count++] = f->len - 4;
        return true;
    }
    memcpy(f->at + 4, x->kept[x->offer], x->len[x->offer]);
    f->len = 4 + x->len[x->offer];
    return true;
}

static void refused(struct world *w)
{
    assert_false(attest(w));
    assert_false(w->deploy->attested_now[LEFT]);
    assert_false(connect(w));
}

static void e12_attestations_relayed_and_replayed(void **state)
{
    (void)state;
    static struct fraud x;
    struct world *w = &world;
    uint8_t request[SEMO_ATTEST_LEN] = {0};
    memset(&x, 0, sizeof x);
    world_open(w);
    assert_true(load(w) && connect(w) && world_hears(w));
    w->context = &x;
    w->request = note_challenge;
    w->answer = swap_answer;
    for (unsigned i = 0; i < 30; i++)
        assert_true(attest(w));
    semo_node_hash("a", request); /* guesses: all the same byte */
    for (unsigned i = 0; i < 32; i++) {
        memset(request + SEMO_NODE_HASH_LEN, (int)(i * 8), SEMO_CHALLENGE_LEN);
        assert_int_equal(world_call(w, LEFT, SEMO_ENTRY_ATTEST, request, sizeof request,
                                    x.kept[x.count], &x.len[x.count]),
                         SEMO_OK);
        x.count++;
    }
    x.way = REPLAY;
    for (x.offer = 0; x.offer < x.count; x.offer++)
        refused(w);
    x.way = RELAY;
    x.offer = 0;
    refused(w);
    w->request = w->answer = NULL;
    assert_true(attest(w) && connect(w) && world_hears(w));
    world_close(w);
}

/* Two that were one process a moment ago ask differently. */
static void e12_challenges_are_not_foreseen(void **state)
{
    (void)state;
    uint8_t own[4][SEMO_CHALLENGE_LEN], other[4][SEMO_CHALLENGE_LEN];
    int ends[2], status;
    semo_random_fill(own, 1);
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    semo_random_fill(own, sizeof own);
    if (child == 0)
        _exit(write(ends[1], own, sizeof own) != sizeof own);
    assert_int_equal(read(ends[0], other, sizeof other), sizeof other);
    assert_int_equal(waitpid(child, &status, 0), child);
    for (unsigned i = 0; i < 4; i++)
        for (unsigned k = 0; k < 4; k++)
            assert_memory_not_equal(own[i], other[k], SEMO_CHALLENGE_LEN);
    assert_false(semo_random_is_seeded());
}

/* ---- M19: a text that nobody between the deployer and the chip may read ---- */

enum { RUN = 8, FLIPS = 60 };

struct eavesdropper {
    uint8_t heard[2][0x8000]; /* of all WRITE frames, by node */
    unsigned len[2];
};

static bool eavesdrop(struct world *w, struct world_frame *f)
{
    struct eavesdropper *x = w->context;
    if (f->at[0] != SEMO_FRAME_WRITE)
        return true;
    assert_true(x->len[f->node] + f->len <= sizeof x->heard[0]);
    memcpy(x->heard[f->node] + x->len[f->node], f->at + 7, f->len - 7);
    x->len[f->node] += f->len - 7;
    return true;
}

static struct semo_image text_of(struct world *w, unsigned node)
{
    struct semo_image image;
    const struct semo_layout *l = &w->state->modules[node].layout;
    assert_int_equal(semo_toolchain_link(w->deploy->units[node], l->ps, l->ss, &image, &w->e),
                     SEMO_OK);
    return image;
}

static bool is_telling(const uint8_t *run)
{
    unsigned different = 0;
    for (unsigned i = 0; i < RUN; i++)
        different += !memchr(run, run[i], i);
    return different > RUN / 2;
}

/* Runs of the text that stand in `bytes`. */
static unsigned runs_in(const struct semo_image *image, const uint8_t *bytes, unsigned len)
{
    unsigned found = 0;
    for (unsigned at = 0; at + RUN <= image->text_len; at += RUN)
        found += is_telling(image->text + at) && memmem(bytes, len, image->text + at, RUN);
    return found;
}

static unsigned runs_in_memory(struct world *w, const struct semo_image *image)
{
    static uint8_t memory[0x10000];
    semo_machine_peek(w->nodes[LEFT].machine, 0, memory, sizeof memory);
    return runs_in(image, memory, sizeof memory);
}

/* Code outside reads every word of the text. */
static unsigned words_read(struct world_node *n)
{
    static const uint16_t code[] = {0x4425}; /* mov @r4, r5 */
    const uint16_t at = 0xE200;
    unsigned got = 0;
    semo_machine_poke(n->machine, at, code, sizeof code);
    for (uint16_t word = n->enabled[1]; word < n->enabled[2]; word += 2) {
        semo_machine_set_register(n->machine, 4, word);
        semo_machine_set_register(n->machine, 5, 0);
        semo_machine_set_register(n->machine, 0, at);
        semo_machine_run(n->machine, semo_machine_cycle(n->machine) + 1);
        got += semo_machine_register(n->machine, 5) != 0;
    }
    return got;
}

/* The loader enables it with something changed. */
static void refuses_changed(struct world *w, const struct semo_image *image)
{
    struct world_node *n = &w->nodes[LEFT];
    const struct world_node kept = *n;
    for (unsigned i = 0; i < FLIPS; i++) {
        uint8_t *what[] = {n->text, n->seal, (uint8_t *)n->enabled};
        const unsigned len[] = {n->text_len, sizeof n->seal, sizeof n->enabled};
        const unsigned which = i % 3, at = any(len[which]);
        what[which][at] ^= (uint8_t)(1 << any(8));
        world_reset(w, LEFT);
        semo_machine_poke(n->machine, kept.enabled[1], n->text, n->text_len);
        if (n->seal[0] | n->seal[1]) /* else it is cipher text, enabled as it is */
            world_enable(n);
        if (n->module || runs_in_memory(w, image))
            fail_msg("byte %u of %u was changed, and nobody has noticed", at, which);
        memcpy(n->text, kept.text, sizeof n->text);
        memcpy(n->seal, kept.seal, sizeof n->seal);
        memcpy(n->enabled, kept.enabled, sizeof n->enabled);
    }
    for (unsigned i = 1; i < 5; i++) { /* the text as it is, around it other limits */
        world_reset(w, LEFT);
        semo_machine_poke(n->machine, kept.enabled[1], n->text, n->text_len);
        n->enabled[i] = (uint16_t)(n->enabled[i] + (i < 3 ? -2 : 2));
        world_enable(n);
        assert_int_equal(n->module, 0);
        memcpy(n->enabled, kept.enabled, sizeof n->enabled);
    }
    n->enabled[3] += 0x400, n->enabled[4] += 0x400; /* private data that is not what it works on */
    world_enable(n);
    assert_int_equal(n->module, 0);
    memcpy(n->enabled, kept.enabled, sizeof n->enabled);
}

static void m19_a_text_that_only_the_chip_reads(void **state)
{
    (void)state;
    static struct eavesdropper x;
    struct world *w = &world;
    memset(&x, 0, sizeof x);
    world_open(w);
    w->d->modules[LEFT].confidential = true; /* RIGHT goes in clear */
    w->context = &x;
    w->request = eavesdrop;
    assert_true(load(w) && connect(w) && world_hears(w));
    struct semo_image left = text_of(w, LEFT), right = text_of(w, RIGHT);
    assert_true(x.len[LEFT] == left.text_len && x.len[RIGHT] == right.text_len);
    assert_memory_equal(x.heard[RIGHT], right.text, right.text_len);
    assert_int_equal(runs_in(&left, x.heard[LEFT], x.len[LEFT]), 0);
    const unsigned all = runs_in(&left, left.text, left.text_len);
    assert_true(all > left.text_len / RUN / 2);
    assert_int_equal(runs_in_memory(w, &left), all);
    assert_int_equal(words_read(&w->nodes[LEFT]), 0);
    refuses_changed(w, &left);
    world_reload(w, LEFT); /* what was recorded is the same module again, in another life */
    assert_int_equal(w->nodes[LEFT].module, 1);
    assert_true(attest(w) && w->state->modules[LEFT].reborn && !world_hears(w));
    assert_true(connect(w) && world_hears(w));
    assert_int_equal(semo_deploy_disable(w->deploy, LEFT, &w->e), SEMO_OK);
    assert_int_equal(runs_in_memory(w, &left), 0);
    world_reload(w, LEFT);
    assert_int_equal(runs_in_memory(w, &left), all);
    world_reset(w, LEFT);
    assert_int_equal(runs_in_memory(w, &left), 0);
    semo_image_free(&left);
    semo_image_free(&right);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(e07_a_deployer_that_forgot),
        cmocka_unit_test(e08_a_reloaded_module_is_another),
        cmocka_unit_test(e10_handles_that_are_not_there),
        cmocka_unit_test(e11_steps_in_any_order),
        cmocka_unit_test(e11_steps_lost_and_repeated),
        cmocka_unit_test(e12_attestations_relayed_and_replayed),
        cmocka_unit_test(e12_challenges_are_not_foreseen),
        cmocka_unit_test(m19_a_text_that_only_the_chip_reads),
    };
    seed = test_seed();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
