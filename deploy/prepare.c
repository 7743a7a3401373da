/* SPDX-License-Identifier: Apache-2.0 */
/* Before any node runs: modules compiled, chips provisioned. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include "deploy/steps.h"
#include "host/file.h"
#include "host/random.h"
#include "machine/chip.h"

/* What the descriptor's connections need of one module. */
static struct semo_room need_of(const struct semo_descriptor *d, unsigned module)
{
    struct semo_room need = {.slots = d->modules[module].ends};
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        unsigned level = c->expires ? 2 : c->policy != SEMO_NEWEST;
        if (c->from != (int)module && c->to != (int)module)
            continue;
        if (level > need.policies)
            need.policies = level;
        need.opens += c->from == (int)module && c->policy > SEMO_STRICT;
    }
    return need;
}

static bool fits(const struct semo_room *need, const struct semo_room *have)
{
    return need->slots <= have->slots && need->opens <= have->opens &&
           need->policies <= have->policies;
}

bool semo_deploy_has_room(const struct semo_deploy *p, unsigned i)
{
    struct semo_room need = need_of(p->d, i);
    return fits(&need, &p->state->modules[i].room);
}

/* What runs, or what a chip was told of, stays what it is as long as its connections find room. */
static struct semo_room room_for(const struct semo_deploy *p, unsigned i)
{
    const struct semo_state_module *m = &p->state->modules[i];
    const struct semo_owner *o = &p->state->owners[i];
    struct semo_room need = need_of(p->d, i);
    if (m->step >= SEMO_STEP_ENABLED && fits(&need, &m->room))
        return m->room;
    if (o->set && fits(&need, &o->room))
        return o->room;
    need.slots += p->d->modules[i].spare;
    if (need.slots == 0)
        need.slots = 1;
    return need;
}

static enum semo_status build_module(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_module_spec *m = semo_deploy_spec(p, i);
    char *shared = semo_format("%s/objects", p->state->folder);
    char *objects = semo_format("%s/%s", shared, m->name);
    struct semo_room room = room_for(p, i);
    struct semo_module_source source = {
        .name = m->name,
        .files = (const char *const *)m->files,
        .file_count = m->file_count,
        .flags = (const char *const *)m->flags,
        .flag_count = m->flag_count,
        .https = m->https,
        .target = m->kind == SEMO_NODE_MCU ? SEMO_TARGET_MCU : SEMO_TARGET_LINUX,
        .security = SEMO_SECURITY,
        .connections = room.slots,
        .policies = room.policies,
        .opens = room.opens,
        .root = p->root,
        .objects = objects,
        .runtime_objects = shared,
    };
    enum semo_status status = semo_toolchain_compile(&source, &p->units[i], e);
    free(objects);
    free(shared);
    if (status != SEMO_OK)
        return status;
    struct semo_state_module *state = &p->state->modules[i];
    state->built = room;
    state->text_len = p->units[i]->text_len;
    state->data_len = p->units[i]->data_len;
    semo_deploy_progress(p, "build    %-8s %5u bytes text, %4u bytes data, %u connection ends",
                         m->name, (unsigned)state->text_len, (unsigned)state->data_len, room.slots);
    for (unsigned k = 0; k < p->units[i]->io_count; k++)
        if (p->units[i]->io[k].kind == SEMO_IO_ENTRY)
            semo_deploy_progress(p, "warning  %-8s entry %s can be called by any stranger", m->name,
                                 p->units[i]->io[k].name);
    return state->step < SEMO_STEP_BUILT ? semo_deploy_reach(p, i, SEMO_STEP_BUILT, e) : SEMO_OK;
}

enum semo_status semo_deploy_build(struct semo_deploy *p, struct semo_error *e)
{
    char *objects = semo_format("%s/objects", p->state->folder);
    enum semo_status status = semo_plan_limits(p->d, e);
    if (status == SEMO_OK)
        status = semo_file_make_folder(objects, 0700, e);
    free(objects);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++)
        if (!p->units[i])
            status = build_module(p, i, e);
    return status == SEMO_OK ? semo_plan_check(p->d, p->units, e) : status;
}

/* ---- provision ---- */

/* What the chip computes over a module that claims the window: the key hierarchy's last step under
 * a key of zeros. */
static enum semo_status measure_owner(struct semo_deploy *p, unsigned i,
                                      const struct semo_place *place, struct semo_owner *o,
                                      struct semo_error *e)
{
    static const uint8_t zero[SEMO_KEY_LEN];
    struct semo_image image;
    enum semo_status status = semo_toolchain_link(p->units[i], place->ps, place->ss, &image, e);
    if (status != SEMO_OK)
        return status;
    *o = (struct semo_owner){.set = true,
                             .window = (unsigned)p->units[i]->window,
                             .room = p->state->modules[i].built,
                             .layout = image.layout};
    semo_kdf_module(SEMO_SECURITY, zero, image.text, image.text_len, &image.layout, o->measurement);
    semo_image_free(&image);
    return SEMO_OK;
}

/* The old chip, if any, goes to the bin: its key is nobody's any more. */
static enum semo_status make_chip(const char *path, const struct semo_chip_state *chip,
                                  struct semo_error *e)
{
    enum semo_status status;
    unlink(path);
    status = semo_chip_create(path, chip);
    if (status == SEMO_OK)
        return SEMO_OK;
    return semo_error_set(e, status, SEMO_EXIT_RESOURCE, path, 0, 0, "cannot create the chip: %s",
                          semo_status_text(status));
}

static enum semo_status plan_chip(struct semo_deploy *p, unsigned n, struct semo_chip_state *chip,
                                  struct semo_error *e)
{
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    enum semo_status status = SEMO_OK;
    *chip = (struct semo_chip_state){.relay_closed = true};
    semo_random_fill(chip->node_key, SEMO_KEY_LEN);
    semo_plan_provisioned(p->d, p->units, n, places);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_owner *o = &p->state->owners[i];
        if (semo_deploy_spec(p, i)->node != n || !semo_deploy_spec(p, i)->provisioned)
            continue;
        status = measure_owner(p, i, &places[i], o, e);
        if (status != SEMO_OK)
            break;
        chip->owned[o->window] = true;
        memcpy(chip->owner[o->window], o->measurement, SEMO_KEY_LEN);
        semo_deploy_progress(p, "provision %s: only %s, measured, may drive its actuator",
                             p->d->nodes[n].name, semo_deploy_spec(p, i)->name);
    }
    free(places);
    return status;
}

static enum semo_status deliver_chip(struct semo_deploy *p, unsigned n,
                                     const struct semo_chip_state *chip, struct semo_error *e)
{
    struct semo_state_node *node = &p->state->nodes[n];
    char *path = semo_state_file(p->state, p->d->nodes[n].name, ".chip");
    enum semo_status status = make_chip(path, chip, e);
    free(path);
    if (status != SEMO_OK)
        return status;
    semo_kdf_vendor(SEMO_SECURITY, chip->node_key, (uint16_t)p->d->nodes[n].vendor,
                    node->vendor_key);
    node->provisioned = true;
    node->imported = false;
    semo_deploy_progress(p, "provision %s: new node key", p->d->nodes[n].name);
    return SEMO_OK;
}

/* Everything that may fail or take its time comes first: until then the old chips stay in force.
 * Chips without nodes.sealed, written last, count for nothing: the next provisioning makes new
 * ones. What is not emulated is somebody's hardware. */
enum semo_status semo_deploy_provision(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status status = semo_deploy_build(p, e);
    struct semo_chip_state *chips = semo_allocate(p->d->node_count, sizeof *chips);
    memset(p->state->owners, 0, p->d->module_count * sizeof *p->state->owners);
    for (unsigned n = 0; n < p->d->node_count && status == SEMO_OK; n++)
        if (p->d->nodes[n].emulated)
            status = plan_chip(p, n, &chips[n], e);
    if (status == SEMO_OK)
        semo_state_forget_nodes(p->state);
    for (unsigned n = 0; n < p->d->node_count && status == SEMO_OK; n++)
        if (p->d->nodes[n].emulated)
            status = deliver_chip(p, n, &chips[n], e);
    OPENSSL_cleanse(chips, p->d->node_count * sizeof *chips);
    free(chips);
    if (status == SEMO_OK)
        status = semo_state_write_nodes(p->state, p->d, e);
    return status == SEMO_OK ? semo_state_write_status(p->state, p->d, e) : status;
}
