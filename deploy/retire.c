/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a module, and of all ways to it and from it. */
#include "deploy/retire.h"
#include "deploy/steps.h"
#include "lib/bytes/cursor.h"

static enum semo_status forget_way(struct semo_deploy *p, unsigned number, int to,
                                   struct semo_error *e)
{
    uint8_t body[4];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)number);
    semo_cursor_put_u16(&w, 0);
    enum semo_status status = semo_link_route(p->link, number, SEMO_CONTROL_FORGET, e);
    if (status != SEMO_OK || to == SEMO_DEPLOYER)
        return status;
    return semo_link_request(p->link, semo_deploy_spec(p, (unsigned)to)->node,
                             semo_deploy_node_name(p, (unsigned)to), SEMO_FRAME_ROUTE, body,
                             sizeof body, NULL, e);
}

static enum semo_status forget_ways(struct semo_deploy *p, unsigned module, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        unsigned number = p->state->connections[i].number;
        if (!number || (c->from != (int)module && c->to != (int)module))
            continue;
        status = forget_way(p, number, c->to, e);
        if (status == SEMO_OK && c->policy != SEMO_NEWEST)
            status = forget_way(p, number | SEMO_BACK, c->from, e);
    }
    return status;
}

/* After its end the node's loader knows nobody of this id: a tick that is left calls nobody. */
enum semo_status semo_deploy_retire(struct semo_deploy *p, unsigned module, struct semo_error *e)
{
    unsigned id = p->state->modules[module].id;
    enum semo_status status = semo_deploy_disable(p, module, e);
    if (status == SEMO_OK)
        status = forget_ways(p, module, e);
    if (status != SEMO_OK)
        return status;
    return semo_link_timer(p->link, semo_deploy_spec(p, module)->node,
                           semo_deploy_spec(p, module)->name, id, SEMO_ENTRY_TICK, 0, e);
}

/* ---- all of them ---- */

static enum semo_status reset_node(struct semo_deploy *p, unsigned n, struct semo_error *e)
{
    const char *name = p->d->nodes[n].name;
    struct semo_node_info info;
    enum semo_status status = semo_link_info(p->link, n, name, &info, e);
    if (status != SEMO_OK)
        return status;
    if (info.modules > 0) {
        semo_deploy_progress(p,
                             "kept     %s: %u modules run there that are not ours, or did not end",
                             name, info.modules);
        return SEMO_OK;
    }
    status = semo_link_reset(p->link, n, e);
    if (status != SEMO_OK)
        return status;
    semo_deploy_progress(p, "reset    %s", name);
    return SEMO_OK;
}

enum semo_status semo_deploy_reset(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status worst = SEMO_OK;
    for (unsigned i = 0; i < p->d->module_count; i++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = p->state->modules[i].step < SEMO_STEP_ENABLED
                                   ? SEMO_OK
                                   : semo_deploy_retire(p, i, &why);
        if (one != SEMO_OK)
            semo_deploy_note_failure(p, i, &why, &worst, one, e);
    }
    for (unsigned n = 0; n < p->d->node_count; n++) {
        struct semo_error why = {{0}, 0};
        enum semo_status one = reset_node(p, n, &why);
        if (one == SEMO_OK)
            continue;
        semo_deploy_progress(p, "FAILED   %s", why.text);
        if (worst == SEMO_OK)
            *e = why;
        worst = worst == SEMO_OK ? one : worst;
    }
    return worst;
}
