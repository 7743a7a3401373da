/* SPDX-License-Identifier: Apache-2.0 */
/* Places, links, loads and attests. */
#include <stdlib.h>
#include <string.h>
#include <openssl/crypto.h>
#include <semo/map.h>
#include "deploy/steps.h"
#include "host/file.h"
#include "lib/bytes/cursor.h"

#define CHUNK_MAX 1000

/* Elsewhere, a module would lie where the map of the chip has devices or code. */
static bool is_free_memory(const struct semo_node_info *i)
{
    return i->text_start >= SEMO_PROGRAM_START && i->text_end <= SEMO_VECTORS &&
           i->data_start >= SEMO_DATA_START && i->data_end <= SEMO_DATA_END;
}

static enum semo_status check_node(const struct semo_deploy *p, unsigned n, struct semo_error *e)
{
    const struct semo_node_spec *node = &p->d->nodes[n];
    const struct semo_state_node *state = &p->state->nodes[n];
    const struct semo_node_info *info = &p->infos[n];
    if (!state->provisioned && !state->imported && !node->has_vendor_key)
        return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, node->name, 0, 0,
                              "no vendor key; its holder has it from semo vendor-key %s %u, give "
                              "it to semo import-key",
                              node->name, node->vendor);
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
    return SEMO_OK;
}

static enum semo_status ask_nodes(struct semo_deploy *p, struct semo_error *e)
{
    for (unsigned n = 0; n < p->d->node_count; n++) {
        struct semo_node_info *info = &p->infos[n];
        enum semo_status status = semo_link_info(p->link, n, p->d->nodes[n].name, info, e);
        if (status == SEMO_OK)
            status = check_node(p, n, e);
        if (status != SEMO_OK)
            return status;
        p->state->nodes[n].asked = true;
        p->state->nodes[n].weak = info->weak;
        p->state->nodes[n].landlock = info->landlock;
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
    if (!semo_deploy_spec(p, i)->provisioned)
        return SEMO_OK;
    semo_kdf_module(SEMO_SECURITY, zero, image->text, image->text_len, &image->layout, measurement);
    if (o->set && memcmp(o->measurement, measurement, sizeof measurement) == 0)
        return SEMO_OK;
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, semo_deploy_spec(p, i)->name, 0, 0,
                          "not what %s was provisioned with; bring the old source back, or "
                          "deliver new nodes with semo provision",
                          semo_deploy_node_name(p, i));
}

enum semo_status semo_deploy_check_owners(struct semo_deploy *p, struct semo_error *e)
{
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    enum semo_status status = SEMO_OK;
    for (unsigned n = 0; n < p->d->node_count; n++)
        semo_plan_provisioned(p->d, p->units, n, places);
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_image image;
        if (!semo_deploy_spec(p, i)->provisioned)
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

/* An emulated node has a chip of ours, whatever key the descriptor has. */
static const uint8_t *vendor_key(const struct semo_deploy *p, unsigned i)
{
    const unsigned n = semo_deploy_spec(p, i)->node;
    const struct semo_node_spec *node = &p->d->nodes[n];
    return node->has_vendor_key && !node->emulated ? node->vendor_key
                                                   : p->state->nodes[n].vendor_key;
}

static void derive_key(const struct semo_deploy *p, unsigned i, const struct semo_image *image,
                       uint8_t *key)
{
    semo_kdf_module(SEMO_SECURITY, vendor_key(p, i), image->text, image->text_len, &image->layout,
                    key);
}

enum semo_status semo_deploy_check_source(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_state_module *m = &p->state->modules[i];
    struct semo_image image;
    uint8_t key[SEMO_KEY_LEN];
    if (semo_deploy_spec(p, i)->confidential && !m->confidential)
        return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, semo_deploy_spec(p, i)->name, 0, 0,
                              "was loaded before it was confidential, for everybody to read; "
                              "end it with semo disable, and deploy it with new secrets");
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
    return semo_error_set(e, SEMO_REFUSED, SEMO_EXIT_FAILED, semo_deploy_spec(p, i)->name, 0, 0,
                          "another source was loaded; switch the nodes on anew with semo up");
}

static enum semo_status link_module(struct semo_deploy *p, unsigned i,
                                    const struct semo_place *place, struct semo_image *image,
                                    struct semo_error *e)
{
    enum semo_status status = semo_deploy_reach(p, i, SEMO_STEP_PLACED, e);
    if (status == SEMO_OK)
        status = semo_toolchain_link(p->units[i], place->ps, place->ss, image, e);
    if (status != SEMO_OK)
        return status;
    status = check_owner(p, i, image, e);
    if (status != SEMO_OK) {
        semo_image_free(image);
        return status;
    }
    p->state->modules[i].room = p->state->modules[i].built;
    p->state->modules[i].layout = image->layout;
    derive_key(p, i, image, p->state->modules[i].key);
    p->state->modules[i].confidential = semo_deploy_spec(p, i)->confidential;
    p->linked_now[i] = true;
    return semo_deploy_reach(p, i, SEMO_STEP_LINKED, e);
}

static enum semo_status write_text(struct semo_deploy *p, unsigned i,
                                   const struct semo_image *image, struct semo_error *e)
{
    const struct semo_node_info *info = &p->infos[semo_deploy_spec(p, i)->node];
    uint32_t chunk = info->frame_max > 64 && info->frame_max - 16 < CHUNK_MAX
                         ? (info->frame_max - 16) & ~1u
                         : CHUNK_MAX;
    for (uint32_t done = 0; done < image->text_len;) {
        uint8_t body[4 + CHUNK_MAX];
        uint32_t n = image->text_len - done < chunk ? image->text_len - done : chunk;
        struct semo_cursor c = semo_cursor_over(body, sizeof body);
        semo_cursor_put_u32(&c, image->layout.ps + done);
        semo_cursor_put(&c, image->text + done, n);
        enum semo_status status =
            semo_link_request(p->link, semo_deploy_spec(p, i)->node, semo_deploy_spec(p, i)->name,
                              SEMO_FRAME_WRITE, body, 4 + n, NULL, e);
        if (status != SEMO_OK)
            return status;
        done += n;
    }
    return semo_deploy_reach(p, i, SEMO_STEP_LOADED, e);
}

/* The chip opens an encrypted text or does nothing. */
static enum semo_status ask_to_enable(struct semo_deploy *p, unsigned i, const uint8_t *body,
                                      unsigned body_len, unsigned *len, struct semo_error *e)
{
    const struct semo_module_spec *m = semo_deploy_spec(p, i);
    enum semo_status status =
        semo_link_request(p->link, m->node, m->name, SEMO_FRAME_ENABLE, body, body_len, len, e);
    if (status == SEMO_REFUSED && m->confidential && !p->link->denied)
        semo_error_set(
            e, status, SEMO_EXIT_FAILED, m->name, 0, 0,
            "%s cannot open its encrypted text: it was changed on its way, or the vendor "
            "key here is not that of the node; deploy again, or see semo import-key",
            semo_deploy_node_name(p, i));
    return status;
}

/* seal: of a confidential module. */
static enum semo_status enable(struct semo_deploy *p, unsigned i, const struct semo_image *image,
                               const uint8_t *seal, struct semo_error *e)
{
    const struct semo_layout *l = &image->layout;
    const struct semo_module_spec *m = semo_deploy_spec(p, i);
    uint8_t body[SEMO_ENABLE_LEN + SEMO_CONCEALED_LEN];
    unsigned len;
    struct semo_cursor c = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&c, (uint16_t)p->d->nodes[m->node].vendor);
    semo_cursor_put_u32(&c, l->ps);
    semo_cursor_put_u32(&c, m->kind == SEMO_NODE_MCU ? l->pe : image->text_len);
    semo_cursor_put_u32(&c, l->ss);
    semo_cursor_put_u32(&c, l->se);
    if (m->confidential)
        semo_cursor_put(&c, seal, SEMO_CONCEALED_LEN);
    enum semo_status status = ask_to_enable(p, i, body, (unsigned)(c.at - body), &len, e);
    if (status != SEMO_OK)
        return status;
    if (len != 2)
        return semo_error_set(e, SEMO_MALFORMED, SEMO_EXIT_FAILED, m->name, 0, 0,
                              "ENABLE: the answer of %s has not its shape",
                              semo_deploy_node_name(p, i));
    p->state->modules[i].id = (unsigned)(p->link->answer[1] | p->link->answer[2] << 8);
    semo_deploy_progress(p, "load     %-8s on %s at %04x, protected%s", m->name,
                         semo_deploy_node_name(p, i), l->ps,
                         m->confidential ? ", confidential" : "");
    return semo_deploy_reach(p, i, SEMO_STEP_ENABLED, e);
}

/* The module began another life, which knows none of the keys of the one before. */
static void lose_keys(struct semo_deploy *p, unsigned module)
{
    for (unsigned i = 0; i < p->d->connection_count; i++)
        if (p->d->connections[i].from == (int)module || p->d->connections[i].to == (int)module)
            semo_state_lose_connection(&p->state->connections[i]);
    if (p->state->modules[module].step > SEMO_STEP_ATTESTED)
        p->state->modules[module].step = SEMO_STEP_ATTESTED;
}

static enum semo_status attest(struct semo_deploy *p, unsigned i, struct semo_error *e)
{
    const struct semo_module_spec *m = semo_deploy_spec(p, i);
    uint64_t epoch = p->state->modules[i].epoch;
    p->attested_now[i] = false;
    enum semo_status status = semo_attest_module(p->link, m->node, semo_deploy_node_name(p, i),
                                                 m->name, &p->state->modules[i], e);
    if (status != SEMO_OK)
        return status;
    p->attested_now[i] = true;
    p->state->modules[i].failed = false;
    if (p->state->modules[i].epoch != epoch)
        lose_keys(p, i);
    p->state->modules[i].reborn = epoch != 0 && p->state->modules[i].epoch != epoch;
    semo_deploy_progress(p, "attest   %-8s on %s: it is this code in this place, epoch %llu%s",
                         m->name, semo_deploy_node_name(p, i),
                         (unsigned long long)p->state->modules[i].epoch,
                         p->state->modules[i].reborn ? ", epoch changed" : "");
    if (p->state->modules[i].step >= SEMO_STEP_ATTESTED)
        return SEMO_OK;
    return semo_deploy_reach(p, i, SEMO_STEP_ATTESTED, e);
}

static enum semo_status load_module(struct semo_deploy *p, unsigned i,
                                    const struct semo_place *place, struct semo_error *e)
{
    struct semo_image image;
    uint8_t seal[SEMO_CONCEALED_LEN];
    enum semo_status status = link_module(p, i, place, &image, e);
    if (status != SEMO_OK)
        return status;
    if (semo_deploy_spec(p, i)->confidential)
        semo_kdf_conceal(SEMO_SECURITY, vendor_key(p, i), &image.layout, image.text, image.text_len,
                         seal);
    status = write_text(p, i, &image, e);
    if (status == SEMO_OK)
        status = enable(p, i, &image, seal, e);
    semo_image_free(&image);
    return status == SEMO_OK ? attest(p, i, e) : status;
}

/* Loaded by an earlier command into these nodes: it only has to prove it. */
static bool is_there(struct semo_deploy *p, unsigned i)
{
    struct semo_error ignored;
    return p->state->modules[i].step >= SEMO_STEP_ENABLED && attest(p, i, &ignored) == SEMO_OK;
}

void semo_deploy_note_failure(struct semo_deploy *p, unsigned i, const struct semo_error *why,
                              enum semo_status *worst, enum semo_status status,
                              struct semo_error *e)
{
    struct semo_state_module *m = &p->state->modules[i];
    m->failed = true;
    snprintf(m->problem, sizeof m->problem, "%.*s", (int)sizeof m->problem - 1, why->text);
    semo_deploy_progress(p, "FAILED   %s", why->text);
    if (*worst == SEMO_OK) {
        *worst = status;
        *e = *why;
    }
}

/* It has more connections by now than its table has room for, and its table is part of what it is.
 */
static enum semo_status end_outgrown(struct semo_deploy *p, unsigned i, bool *there,
                                     struct semo_error *e)
{
    const struct semo_module_spec *m = semo_deploy_spec(p, i);
    if (!*there || semo_deploy_has_room(p, i))
        return SEMO_OK;
    semo_deploy_progress(
        p, "rebuild  %-8s: its connections have outgrown it; it ends and begins anew", m->name);
    *there = false;
    return semo_deploy_disable(p, i, e);
}

/* Which modules run already, and leave room for the others to be placed. */
static enum semo_status look_around(struct semo_deploy *p, bool *there, struct semo_place *places,
                                    struct semo_error *e)
{
    enum semo_status status = ask_nodes(p, e);
    bool ended = false;
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        bool was = there[i] = is_there(p, i);
        status = end_outgrown(p, i, &there[i], e);
        ended |= was != there[i];
    }
    if (status == SEMO_OK && ended)
        status = ask_nodes(p, e);
    return status == SEMO_OK ? semo_plan_place(p->d, p->units, p->infos, there, places, e) : status;
}

static enum semo_status load_all(struct semo_deploy *p, const bool *there,
                                 const struct semo_place *places, enum semo_status *worst,
                                 struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < p->d->module_count && status == SEMO_OK; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one =
            there[i] ? semo_deploy_check_source(p, i, &why) : load_module(p, i, &places[i], &why);
        if (one != SEMO_OK)
            semo_deploy_note_failure(p, i, &why, worst, one, e);
        if (!there[i])
            status = semo_state_write_run(p->state, p->d, e);
    }
    return status;
}

enum semo_status semo_deploy_load(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status status = semo_deploy_build(p, e), worst = SEMO_OK;
    struct semo_place *places = semo_allocate(p->d->module_count, sizeof *places);
    bool *there = semo_allocate(p->d->module_count, sizeof *there);
    if (status == SEMO_OK)
        status = look_around(p, there, places, e);
    if (status == SEMO_OK)
        status = load_all(p, there, places, &worst, e);
    free(there);
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
                : semo_error_set(&why, SEMO_MISSING, SEMO_EXIT_FAILED, semo_deploy_spec(p, i)->name,
                                 0, 0, "not loaded; run semo deploy");
        if (one != SEMO_OK)
            semo_deploy_note_failure(p, i, &why, &worst, one, e);
    }
    status = semo_state_write_run(p->state, p->d, e);
    if (status == SEMO_OK)
        status = semo_state_write_status(p->state, p->d, e);
    return status == SEMO_OK ? worst : status;
}
