/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes that no semo-node on this machine runs are reached at their addresses, with the admin key
 * that follows from the vendor key. */
#include "deploy/deploy.h"

enum semo_status semo_deploy_elsewhere(struct semo_deploy *p, struct semo_link *l,
                                       struct semo_error *e)
{
    for (unsigned n = 0; n < p->d->node_count; n++) {
        const struct semo_node_spec *spec = &p->d->nodes[n];
        const struct semo_state_node *state = &p->state->nodes[n];
        if (!l->elsewhere[n])
            continue;
        if (!spec->has_vendor_key && !state->imported)
            return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_FAILED, spec->name, 0, 0,
                                  "no vendor key; its holder has it from semo vendor-key %s %u, "
                                  "give it to semo import-key",
                                  spec->name, spec->vendor);
        semo_link_add_remote(l, n, spec,
                             spec->has_vendor_key ? spec->vendor_key : state->vendor_key);
    }
    return SEMO_OK;
}

static enum semo_status expect(struct semo_deploy *p, int module, unsigned number,
                               struct semo_error *e)
{
    return semo_link_expect(p->link, p->d->modules[module].node, number, e);
}

enum semo_status semo_deploy_listen(struct semo_deploy *p, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    if (p->link->listening)
        return SEMO_OK;
    for (unsigned i = 0; i < p->d->connection_count && status == SEMO_OK; i++) {
        const struct semo_connection_spec *c = &p->d->connections[i];
        unsigned number = p->state->connections[i].number;
        if (!p->state->connections[i].connected || c->shared)
            continue;
        if (c->to == SEMO_DEPLOYER)
            status = expect(p, c->from, number, e);
        else if (c->from == SEMO_DEPLOYER && c->policy != SEMO_NEWEST)
            status = expect(p, c->to, number | SEMO_BACK, e);
    }
    p->link->listening = status == SEMO_OK;
    return status;
}
