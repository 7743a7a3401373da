/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <openssl/crypto.h>
#include <semo/map.h>
#include "deploy/deploy.h"
#include "host/file.h"
#include "host/random.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"

#define CHUNK_MAX    1000
#define KEY_ATTEMPTS 3

static const struct semo_module_spec *spec(const struct semo_deploy *p, unsigned module)
{
    return &p->d->modules[module];
}

static const char *node_name(const struct semo_deploy *p, unsigned module)
{
    return p->d->nodes[spec(p, module)->node].name;
}

static void __attribute__((format(printf, 2, 3)))
progress(struct semo_deploy *p, const char *format, ...)
{
    char line[256];
    va_list arguments;
    if (!p->progress)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    p->progress(p->progress_context, line);
}

/* status.json follows each step, so that semo status and the reader of a crash see it. */
static enum semo_status reach(struct semo_deploy *p, unsigned module, enum semo_step step,
                              struct semo_error *e)
{
    p->state->modules[module].step = step;
    return semo_state_write_status(p->state, p->d, e);
}

struct semo_deploy *semo_deploy_new(const struct semo_descriptor *d, struct semo_state *s,
                                    const char *root)
{
    struct semo_deploy *p = semo_allocate(1, sizeof *p);
    p->d = d;
    p->state = s;
    p->root = root;
    p->units = semo_allocate(d->module_count, sizeof(struct semo_unit *));
    p->infos = semo_allocate(d->node_count, sizeof *p->infos);
    return p;
}

void semo_deploy_free(struct semo_deploy *p)
{
    if (!p)
        return;
    for (unsigned i = 0; i < p->d->module_count; i++)
        if (p->units[i])
            semo_unit_free(p->units[i]);
    free(p->units);
    free(p->infos);
    free(p);
}

/* ---- build ---- */

static enum semo_status build_module(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_module_spec *m = spec(p, i);
    char *objects = semo_format("%s/objects/%s", p->state->folder, m->name);
    struct semo_module_source source = {
        .name = m->name,
        .files = (const char *const *)m->files,
        .file_count = m->file_count,
        .target = m->kind == SEMO_NODE_MCU ? SEMO_TARGET_MCU : SEMO_TARGET_LINUX,
        .security = SEMO_SECURITY,
        .connections = m->ends ? m->ends : 1,
        .root = p->root,
        .objects = objects,
    };
    enum semo_status status = semo_toolchain_compile(&source, &p->units[i], e);
    free(objects);
    if (status != SEMO_OK)
        return status;
    struct semo_state_module *state = &p->state->modules[i];
    state->text_len = p->units[i]->text_len;
    state->data_len = p->units[i]->data_len;
    progress(p, "build    %-8s %5u bytes text, %4u bytes data, %u connection ends", m->name,
             (unsigned)state->text_len, (unsigned)state->data_len, m->ends);
    for (unsigned k = 0; k < p->units[i]->io_count; k++)
        if (p->units[i]->io[k].kind == SEMO_IO_ENTRY)
            progress(p, "warning  %-8s entry %s can be called by any stranger", m->name,
                     p->units[i]->io[k].name);
    return state->step < SEMO_STEP_BUILT ? reach(p, i, SEMO_STEP_BUILT, e) : SEMO_OK;
}

enum semo_status semo_deploy_build(struct semo_deploy *p, struct semo_error *e)
{
    char *objects = semo_format("%s/objects", p->state->folder);
    enum semo_status status = semo_file_make_folder(objects, 0700, e);
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
    *o = (struct semo_owner){
        .set = true, .window = (unsigned)p->units[i]->window, .layout = image.layout};
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

static enum semo_status provision_node(struct semo_deploy *p, unsigned n,
                                       const struct semo_place *places, struct semo_error *e)
{
    struct semo_state_node *node = &p->state->nodes[n];
    struct semo_chip_state chip = {.relay_closed = true};
    char *path = semo_state_file(p->state, p->d->nodes[n].name, ".chip");
    enum semo_status status = SEMO_OK;
    semo_random_fill(chip.node_key, SEMO_KEY_LEN);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_owner *o = &p->state->owners[i];
        if (spec(p, i)->node != n || !spec(p, i)->provisioned)
            continue;
        status = measure_owner(p, i, &places[i], o, e);
        if (status == SEMO_OK) {
            chip.owned[o->window] = true;
            memcpy(chip.owner[o->window], o->measurement, SEMO_KEY_LEN);
            progress(p, "provision %s: only %s, measured, may drive its actuator",
                     p->d->nodes[n].name, spec(p, i)->name);
        }
    }
    if (status == SEMO_OK)
        status = make_chip(path, &chip, e);
    if (status == SEMO_OK) {
        semo_kdf_vendor(SEMO_SECURITY, chip.node_key, (uint16_t)p->d->nodes[n].vendor,
                        node->vendor_key);
        node->provisioned = true;
        node->imported = false;
        progress(p, "provision %s: new node key", p->d->nodes[n].name);
    }
    OPENSSL_cleanse(&chip, sizeof chip);
    free(path);
    return status;
}

enum semo_status semo_deploy_provision(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status status = semo_deploy_build(p, e);
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    memset(p->state->owners, 0, p->d->module_count * sizeof *p->state->owners);
    for (unsigned n = 0; n < p->d->node_count && status == SEMO_OK; n++) {
        semo_plan_provisioned(p->d, p->units, n, places);
        status = provision_node(p, n, places, e);
    }
    free(places);
    /* Chips without this file count for nothing: the next provisioning makes new ones. */
    if (status == SEMO_OK)
        status = semo_state_write_nodes(p->state, p->d, e);
    return status == SEMO_OK ? semo_state_write_status(p->state, p->d, e) : status;
}

/* ---- load ---- */

/* Elsewhere, a module would lie where the map of the chip has devices or code. */
static bool is_free_memory(const struct semo_node_info *i)
{
    return i->text_start >= SEMO_PROGRAM_START && i->text_end <= SEMO_VECTORS &&
           i->data_start >= SEMO_DATA_START && i->data_end <= SEMO_DATA_END;
}

static enum semo_status ask_nodes(struct semo_deploy *p, struct semo_error *e)
{
    for (unsigned n = 0; n < p->d->node_count; n++) {
        const struct semo_node_spec *node = &p->d->nodes[n];
        struct semo_node_info *info = &p->infos[n];
        enum semo_status status = semo_link_info(p->link, n, node->name, info, e);
        if (status != SEMO_OK)
            return status;
        if (info->kind != (unsigned)node->kind || info->security != SEMO_SECURITY)
            return semo_error_set(e, SEMO_UNSUPPORTED, SEMO_EXIT_FAILED, node->name, 0, 0,
                                  "another kind of node, or %u-bit keys; correct its type",
                                  info->security);
        if (node->kind == SEMO_NODE_MCU && !is_free_memory(info))
            return semo_error_set(e, SEMO_PLACE, SEMO_EXIT_FAILED, node->name, 0, 0,
                                  "offers memory that it has not; its event manager lies");
        if (!info->fresh)
            return semo_error_set(e, SEMO_UNFRESH, SEMO_EXIT_FAILED, node->name, 0, 0,
                                  "no source of fresh epochs; connections cannot be placed on it");
        p->state->nodes[n].weak = info->weak;
        p->state->nodes[n].fresh = info->fresh;
        p->state->nodes[n].slots = info->slots;
    }
    return SEMO_OK;
}

/* A provisioned module must be what its chip was told: else the chip refuses it, with less words.
 */
static enum semo_status check_owner(struct semo_deploy *p, unsigned i,
                                    const struct semo_image *image, struct semo_error *e)
{
    static const uint8_t zero[SEMO_KEY_LEN];
    const struct semo_owner *o = &p->state->owners[i];
    uint8_t measurement[SEMO_KEY_LEN];
    if (!spec(p, i)->provisioned)
        return SEMO_OK;
    semo_kdf_module(SEMO_SECURITY, zero, image->text, image->text_len, &image->layout, measurement);
    if (o->set && memcmp(o->measurement, measurement, sizeof measurement) == 0)
        return SEMO_OK;
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, spec(p, i)->name, 0, 0,
                          "not what %s was provisioned with; bring the old source back, or "
                          "deliver new nodes with semo provision",
                          node_name(p, i));
}

enum semo_status semo_deploy_check_owners(struct semo_deploy *p, struct semo_error *e)
{
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    enum semo_status status = SEMO_OK;
    for (unsigned n = 0; n < p->d->node_count; n++)
        semo_plan_provisioned(p->d, p->units, n, places);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_image image;
        if (!spec(p, i)->provisioned)
            continue;
        status = semo_toolchain_link(p->units[i], places[i].ps, places[i].ss, &image, e);
        if (status == SEMO_OK) {
            status = check_owner(p, i, &image, e);
            semo_image_free(&image);
        }
    }
    free(places);
    return status;
}

static void derive_key(const struct semo_deploy *p, unsigned i, const struct semo_image *image,
                       uint8_t *key)
{
    const struct semo_node_spec *node = &p->d->nodes[spec(p, i)->node];
    const uint8_t *vendor =
        node->has_vendor_key ? node->vendor_key : p->state->nodes[spec(p, i)->node].vendor_key;
    semo_kdf_module(SEMO_SECURITY, vendor, image->text, image->text_len, &image->layout, key);
}

/* What an earlier command loaded is judged by the key of that time: it may be of another source by
 * now, with other inputs under the same numbers. */
static enum semo_status check_source(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_state_module *m = &p->state->modules[i];
    struct semo_image image;
    uint8_t key[SEMO_KEY_LEN];
    if (p->linked_now[i])
        return SEMO_OK;
    enum semo_status status =
        semo_toolchain_link(p->units[i], m->layout.ps, m->layout.ss, &image, e);
    if (status != SEMO_OK)
        return status;
    derive_key(p, i, &image, key);
    semo_image_free(&image);
    p->linked_now[i] = memcmp(key, m->key, sizeof key) == 0;
    OPENSSL_cleanse(key, sizeof key);
    if (p->linked_now[i])
        return SEMO_OK;
    p->attested_now[i] = false;
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, spec(p, i)->name, 0, 0,
                          "another source was loaded; switch the nodes on anew with semo up");
}

static enum semo_status link_module(struct semo_deploy *p, unsigned i,
                                    const struct semo_place *place, struct semo_image *image,
                                    struct semo_error *e)
{
    enum semo_status status = reach(p, i, SEMO_STEP_PLACED, e);
    if (status == SEMO_OK)
        status = semo_toolchain_link(p->units[i], place->ps, place->ss, image, e);
    if (status != SEMO_OK)
        return status;
    status = check_owner(p, i, image, e);
    if (status != SEMO_OK) {
        semo_image_free(image);
        return status;
    }
    p->state->modules[i].layout = image->layout;
    derive_key(p, i, image, p->state->modules[i].key);
    p->linked_now[i] = true;
    return reach(p, i, SEMO_STEP_LINKED, e);
}

static enum semo_status write_text(struct semo_deploy *p, unsigned i,
                                   const struct semo_image *image, struct semo_error *e)
{
    const struct semo_node_info *info = &p->infos[spec(p, i)->node];
    uint32_t chunk = info->frame_max > 64 && info->frame_max - 16 < CHUNK_MAX
                         ? (info->frame_max - 16) & ~1u
                         : CHUNK_MAX;
    for (uint32_t done = 0; done < image->text_len;) {
        uint8_t body[4 + CHUNK_MAX];
        uint32_t n = image->text_len - done < chunk ? image->text_len - done : chunk;
        struct semo_cursor c = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u32(&c, image->layout.ps + done);
        semo_cursor_put(&c, image->text + done, n);
        enum semo_status status = semo_link_request(p->link, spec(p, i)->node, spec(p, i)->name,
                                                    SEMO_FRAME_WRITE, body, 4 + n, NULL, e);
        if (status != SEMO_OK)
            return status;
        done += n;
    }
    return reach(p, i, SEMO_STEP_LOADED, e);
}

static enum semo_status enable(struct semo_deploy *p, unsigned i, const struct semo_image *image,
                               struct semo_error *e)
{
    const struct semo_layout *l = &image->layout;
    bool mcu = spec(p, i)->kind == SEMO_NODE_MCU;
    uint8_t body[18];
    unsigned len;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)p->d->nodes[spec(p, i)->node].vendor);
    semo_cursor_put_u32(&c, l->ps);
    semo_cursor_put_u32(&c, mcu ? l->pe : image->text_len);
    semo_cursor_put_u32(&c, l->ss);
    semo_cursor_put_u32(&c, l->se);
    enum semo_status status = semo_link_request(p->link, spec(p, i)->node, spec(p, i)->name,
                                                SEMO_FRAME_ENABLE, body, sizeof body, &len, e);
    if (status != SEMO_OK)
        return status;
    if (len != 2)
        return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, spec(p, i)->name, 0, 0,
                              "ENABLE: the answer of %s has not its shape", node_name(p, i));
    p->state->modules[i].id = (unsigned)(p->link->answer[1] | p->link->answer[2] << 8);
    progress(p, "load     %-8s on %s at %04x, protected", spec(p, i)->name, node_name(p, i), l->ps);
    return reach(p, i, SEMO_STEP_ENABLED, e);
}

/* The module began another life, which knows none of the keys of the one before. */
static void lose_keys(struct semo_deploy *p, unsigned module)
{
    for (unsigned i = 0; i < p->d->connection_count; i++)
        if (p->d->connections[i].from == (int)module || p->d->connections[i].to == (int)module)
            OPENSSL_cleanse(&p->state->connections[i], sizeof p->state->connections[i]);
    if (p->state->modules[module].step > SEMO_STEP_ATTESTED)
        p->state->modules[module].step = SEMO_STEP_ATTESTED;
}

static enum semo_status attest(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_module_spec *m = spec(p, i);
    uint64_t epoch = p->state->modules[i].epoch;
    p->attested_now[i] = false;
    enum semo_status status =
        semo_attest_module(p->link, m->node, node_name(p, i), m->name, &p->state->modules[i], e);
    if (status != SEMO_OK)
        return status;
    p->attested_now[i] = true;
    p->state->modules[i].failed = false;
    if (p->state->modules[i].epoch != epoch)
        lose_keys(p, i);
    progress(p, "attest   %-8s on %s: it is this code in this place", m->name, node_name(p, i));
    if (p->state->modules[i].step >= SEMO_STEP_ATTESTED)
        return SEMO_OK;
    return reach(p, i, SEMO_STEP_ATTESTED, e);
}

static enum semo_status load_module(struct semo_deploy *p, unsigned i,
                                    const struct semo_place *place, struct semo_error *e)
{
    struct semo_image image;
    enum semo_status status = link_module(p, i, place, &image, e);
    if (status != SEMO_OK)
        return status;
    status = write_text(p, i, &image, e);
    if (status == SEMO_OK)
        status = enable(p, i, &image, e);
    semo_image_free(&image);
    return status == SEMO_OK ? attest(p, i, e) : status;
}

/* Loaded by an earlier command into these nodes: it only has to prove it. */
static bool is_there(struct semo_deploy *p, unsigned i)
{
    struct semo_error ignored;
    return p->state->modules[i].step >= SEMO_STEP_ENABLED && attest(p, i, &ignored) == SEMO_OK;
}

/* One bad module must not hide the others; the first is the one that *e names. */
static void note_failure(struct semo_deploy *p, unsigned i, const struct semo_error *why,
                         enum semo_status *worst, enum semo_status status, struct semo_error *e)
{
    struct semo_state_module *m = &p->state->modules[i];
    m->failed = true;
    snprintf(m->problem, sizeof m->problem, "%.*s", (int)sizeof m->problem - 1, why->text);
    progress(p, "FAILED   %s", why->text);
    if (*worst == SEMO_OK) {
        *worst = status;
        *e = *why;
    }
}

enum semo_status semo_deploy_load(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status status = semo_deploy_build(p, e), worst = SEMO_OK;
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    if (status == SEMO_OK)
        status = ask_nodes(p, e);
    if (status == SEMO_OK)
        status = semo_plan_place(p->d, p->units, p->infos, places, e);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        bool there = is_there(p, i);
        enum semo_status one =
            there ? check_source(p, i, &why) : load_module(p, i, &places[i], &why);
        if (one != SEMO_OK)
            note_failure(p, i, &why, &worst, one, e);
        if (there)
            continue;
        status = semo_state_write_run(p->state, p->d, e);
    }
    free(places);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}

enum semo_status semo_deploy_attest(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status worst = SEMO_OK, status;
    for (unsigned i = 0; i < p->d->module_count; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one =
            p->state->modules[i].step >= SEMO_STEP_ENABLED
                ? attest(p, i, &why)
                : semo_error_set(&why, SEMO_MISSING, SEMO_EXIT_FAILED, spec(p, i)->name, 0, 0,
                                 "not loaded; run semo deploy");
        if (one != SEMO_OK)
            note_failure(p, i, &why, &worst, one, e);
    }
    status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}

/* ---- connect ---- */

static enum semo_status set_end(struct semo_deploy *p, int module, unsigned connection,
                                enum semo_io_kind kind, const char *io, const uint8_t *key,
                                struct semo_error *e)
{
    if (module == SEMO_DEPLOYER)
        return SEMO_OK;
    const struct semo_io *found = semo_unit_io(p->units[module], kind, io);
    const struct semo_module_spec *m = spec(p, (unsigned)module);
    unsigned direction = kind == SEMO_IO_OUTPUT ? SEMO_SENDER : SEMO_RECEIVER;
    return semo_set_key(p->link, m->node, node_name(p, (unsigned)module), m->name,
                        &p->state->modules[module], connection, found->index, direction, key, e);
}

/* The event manager learns the receiving module, the router the receiving node. */
static enum semo_status set_routes(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    unsigned node = c->to < 0 ? SEMO_CONTROL_CLIENT : spec(p, (unsigned)c->to)->node;
    enum semo_status status = SEMO_OK;
    if (c->to >= 0) {
        uint8_t body[4];
        struct semo_cursor w = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u16(&w, (uint16_t)(index + 1));
        semo_cursor_put_u16(&w, (uint16_t)p->state->modules[c->to].id);
        status = semo_link_request(p->link, node, node_name(p, (unsigned)c->to), SEMO_FRAME_ROUTE,
                                   body, sizeof body, NULL, e);
    }
    if (status == SEMO_OK && semo_control_route(p->link->client, index + 1, node) != SEMO_OK)
        status = semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, "semo-node", 0, 0, "gone");
    return status;
}

/* A new key for each attempt, for both ends: no key is ever sent twice. */
static enum semo_status connect_once(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    struct semo_state_connection *s = &p->state->connections[index];
    uint8_t key[SEMO_KEY_LEN];
    semo_random_fill(key, sizeof key);
    enum semo_status status = set_end(p, c->to, index + 1, SEMO_IO_INPUT, c->to_input, key, e);
    if (status == SEMO_OK)
        status = set_end(p, c->from, index + 1, SEMO_IO_OUTPUT, c->from_output, key, e);
    memset(s, 0, sizeof *s);
    if (status == SEMO_OK && (c->from == SEMO_DEPLOYER || c->to == SEMO_DEPLOYER)) {
        s->channel.connection = (uint16_t)(index + 1);
        s->channel.direction = c->from == SEMO_DEPLOYER ? SEMO_SENDER : SEMO_RECEIVER;
        memcpy(s->channel.key, key, sizeof key);
    }
    OPENSSL_cleanse(key, sizeof key);
    return status;
}

static bool end_attested(const struct semo_deploy *p, int module)
{
    return module == SEMO_DEPLOYER || p->attested_now[module];
}

static enum semo_status connect_one(struct semo_deploy *p, unsigned index, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[index];
    enum semo_status status = SEMO_REFUSED;
    if (!end_attested(p, c->from) || !end_attested(p, c->to)) {
        p->state->connections[index].connected = false; /* whatever it was in an earlier life */
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, c->name, 0, 0,
                              "not connected: an end is not attested");
    }
    for (unsigned attempt = 0; attempt < KEY_ATTEMPTS && status != SEMO_OK; attempt++)
        status = connect_once(p, index, e);
    if (status == SEMO_OK)
        status = set_routes(p, index, e);
    if (status != SEMO_OK)
        return status;
    p->state->connections[index].connected = true;
    progress(p, "connect  %s", c->name);
    return SEMO_OK;
}

static enum semo_status set_samples(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_unit *u = p->units[i];
    for (unsigned k = 0; k < u->io_count; k++) {
        uint8_t body[5];
        struct semo_cursor w = semo_cursor_over(body, sizeof body);
        if (u->io[k].kind != SEMO_IO_SAMPLE)
            continue;
        semo_cursor_put_u8(&w, (uint8_t)u->io[k].window);
        semo_cursor_put_u16(&w, (uint16_t)p->state->modules[i].id);
        semo_cursor_put_u16(&w, u->io[k].index);
        enum semo_status status = semo_link_request(p->link, spec(p, i)->node, u->name,
                                                    SEMO_FRAME_SAMPLE, body, sizeof body, NULL, e);
        if (status != SEMO_OK)
            return status;
    }
    return SEMO_OK;
}

static bool all_connected(const struct semo_deploy *p, unsigned module)
{
    for (unsigned i = 0; i < p->d->connection_count; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        if ((c->from == (int)module || c->to == (int)module) && !p->state->connections[i].connected)
            return false;
    }
    return true;
}

enum semo_status semo_deploy_connect(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status worst = SEMO_OK, status = semo_deploy_build(p, e);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = p->attested_now[i] ? check_source(p, i, &why) : SEMO_OK;
        if (one != SEMO_OK)
            note_failure(p, i, &why, &worst, one, e);
    }
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = connect_one(p, i, &why);
        if (one == SEMO_OK)
            continue;
        progress(p, "FAILED   %s", why.text);
        if (worst == SEMO_OK) {
            worst = one;
            *e = why;
        }
    }
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        if (!p->attested_now[i] || !all_connected(p, i))
            continue;
        p->state->modules[i].step = SEMO_STEP_CONNECTED;
        status = set_samples(p, i, e);
    }
    if (status == SEMO_OK)
        status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}

/* ---- direct connections ---- */

enum semo_status semo_deploy_output(struct semo_deploy *p, unsigned connection, const void *body,
                                    unsigned len, struct semo_error *e)
{
    const struct semo_connection_spec *c = &p->d->connections[connection];
    struct semo_channel *channel = &p->state->connections[connection].channel;
    _Alignas(8) uint8_t sealed[SEMO_SEALED_LEN(SEMO_PAYLOAD_MAX)];
    if (!channel->connection || channel->direction != SEMO_SENDER)
        return semo_error_set(
            e, SEMO_MISSING, SEMO_EXIT_FAILED, c->name, 0, 0,
            "not a connected direct connection of the deployer; run semo connect");
    if (len > SEMO_PAYLOAD_MAX)
        return semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, c->name, 0, 0,
                              "a body of %u bytes; at most %d", len, SEMO_PAYLOAD_MAX);
    enum semo_status status = semo_channel_seal(channel, body, len, sealed);
    if (status != SEMO_OK)
        return semo_error_set(e, status, SEMO_EXIT_FAILED, c->name, 0, 0, "%s",
                              semo_status_text(status));
    semo_link_log_seal(p->link, channel->key, sealed, SEMO_EVENT_AD_LEN);
    /* The sequence is on disk before the frame is on the wire: a crash skips, never repeats. */
    status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_link_event(p->link, spec(p, (unsigned)c->to)->node, connection + 1, sealed,
                                 SEMO_SEALED_LEN(len), e);
    return status;
}

enum semo_status semo_deploy_input(struct semo_deploy *p, unsigned connection,
                                   const uint8_t *sealed, unsigned sealed_len, uint8_t *body,
                                   unsigned *len)
{
    struct semo_channel *channel = &p->state->connections[connection].channel;
    if (!channel->connection || channel->direction != SEMO_RECEIVER)
        return SEMO_UNKNOWN;
    return semo_channel_open(channel, sealed, sealed_len, body, SEMO_PAYLOAD_MAX, len);
}
