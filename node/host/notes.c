/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to nodes, for semo logs (host/log.h). Nothing here changes a run. */
#include <semo/map.h>
#include "host/log.h"
#include "node/host/daemon.h"

void semo_note(const struct semo_daemon *d, uint64_t time, const struct semo_node *n,
               const char *text)
{
    semo_log_add(d->config.log, (double)time / SEMO_CLOCK_HZ, n ? n->config->name : "semo-node",
                 "%s", text);
}

/* Without a log it is for whoever started semo-node. */
void semo_note_print(const struct semo_daemon *d, const struct semo_item *item)
{
    const char *node = d->world.nodes[item->from].config->name;
    const int len = item->packet->len;
    const char *text = (const char *)item->packet->bytes;
    semo_log_add(d->config.log, (double)item->time / SEMO_CLOCK_HZ, node, "print %.*s", len, text);
    if (!d->config.log)
        fprintf(stderr, "print %s %.*s\n", node, len, text);
}

static void note_last(const struct semo_daemon *d, const struct semo_node *n,
                      const struct semo_mcu_view *v)
{
    semo_log_add(d->config.log, (double)d->world.now / SEMO_CLOCK_HZ, n->config->name,
                 "violation %u: %s, pc 0x%04x, address 0x%04x, module %u", v->violations,
                 v->violation_rule, v->violation_pc, v->violation_address, v->violation_module);
}

void semo_note_violations(struct semo_daemon *d)
{
    for (unsigned i = 0; d->config.log && i < d->world.count; i++) {
        const struct semo_node *n = &d->world.nodes[i];
        struct semo_mcu_view v;
        if (n->config->type != SEMO_TYPE_MCU || n->lost)
            continue;
        semo_mcu_look(n, &v);
        if (v.violations != d->violations[i] && v.violation_rule)
            note_last(d, n, &v);
        d->violations[i] = v.violations;
    }
}
