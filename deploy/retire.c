/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a module, and of all ways to it and from it. */
#include "deploy/retire.h"
#include "deploy/steps.h"
#include "lib/bytes/cursor.h"

/* The event manager forgets who receives. */
static enum semo_status forget_receiver(struct semo_deploy *p, unsigned number, int to,
                                        struct semo_error *e)
{
    uint8_t body[4];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, (uint16_t)number);
    semo_cursor_put_u16(&w, 0);
    if (to == SEMO_DEPLOYER)
        return SEMO_OK;
    return semo_link_request(p->link, semo_deploy_spec(p, (unsigned)to)->node,
                             semo_deploy_node_name(p, (unsigned)to), SEMO_FRAME_ROUTE, body,
                             sizeof body, NULL, e);
}

/* Does the other end still have a slot for the number? Then nobody else may take it. */
static bool is_used(const struct semo_deploy *p, const struct semo_connection_spec *c,
                    unsigned module)
{
    int other = c->from == (int)module ? c->to : c->from;
    return c->shared ||
           (other != SEMO_DEPLOYER && p->state->modules[other].step >= SEMO_STEP_ENABLED);
}

static enum semo_status free_number(struct semo_deploy *p, unsigned connection,
                                    struct semo_error *e)
{
    unsigned *number = &p->state->connections[connection].number;
    enum semo_status status = semo_link_route(p->link, *number, SEMO_CONTROL_FORGET, e);
    if (status == SEMO_OK && p->d->connections[connection].policy != SEMO_NEWEST)
        status = semo_link_route(p->link, *number | SEMO_BACK, SEMO_CONTROL_FORGET, e);
    if (status == SEMO_OK)
        *number = 0;
    return status;
}

static enum semo_status forget_ways(struct semo_deploy *p, unsigned module, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        unsigned number = p->state->connections[i].number;
        if (!number || (c->from != (int)module && c->to != (int)module))
            continue;
        status = forget_receiver(p, number, c->to, e);
        if (status == SEMO_OK && c->policy != SEMO_NEWEST)
            status = forget_receiver(p, number | SEMO_BACK, c->from, e);
        if (status == SEMO_OK && !is_used(p, c, module))
            status = free_number(p, i, e);
    }
    return status == SEMO_OK ? semo_state_write_run(p->state, p->d, e) : status;
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
