/* SPDX-License-Identifier: Apache-2.0 */
/* A node that another semo-node runs: only events go there (uplink.c). It has its number here, so
 * that numbers are those of the descriptor. */
#include "node/host/world.h"

static void apply(struct semo_node *n, const struct semo_item *item)
{
    (void)item;
    n->dropped++;
}

static void reset(struct semo_node *n, unsigned kind)
{
    (void)n, (void)kind; /* its own coordinator does it, for the holder of the admin key */
}

static enum semo_status manager(struct semo_node *n, const char *path, const char **why)
{
    (void)n, (void)path;
    *why = "this node runs elsewhere";
    return SEMO_UNSUPPORTED;
}

static enum semo_status admin(struct semo_node *n, uint16_t vendor, uint8_t key[SEMO_KEY_LEN])
{
    (void)n, (void)vendor, (void)key;
    return SEMO_UNSUPPORTED;
}

static const struct semo_node_class class = {
    .apply = apply, .reset = reset, .manager = manager, .admin = admin};

enum semo_status semo_remote_open(struct semo_node *n, struct semo_error *e)
{
    (void)e;
    n->class = &class;
    return SEMO_OK;
}
