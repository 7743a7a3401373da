/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors, JSON and YAML. A refused one gets one line; an accepted one is whole. The first byte
 * is the kind: '{' or '[' for JSON, anything else for YAML. */
#include "deploy/descriptor.h"
#include "tests/fuzz/scratch.h"

enum { BYTES_MAX = 8192 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_make_folder();
    fuzz_file("m.c", "", 0);
    fuzz_file("empty.yaml", "{}\n", 3);
    return 0;
}

static void check_text(const char *text)
{
    for (const char *p = text; *p; p++)
        FUZZ_MUST((unsigned char)*p >= ' ' && *p != 0x7F);
}

static void check_line(const struct semo_error *e)
{
    FUZZ_MUST(e->text[0] && strlen(e->text) < sizeof e->text);
    check_text(e->text);
}

static bool computes_aes(const struct semo_descriptor *d, int module)
{
    return module == SEMO_DEPLOYER || d->modules[module].kind == SEMO_NODE_LINUX;
}

static void check_nodes(const struct semo_descriptor *d)
{
    for (unsigned i = 0; i < d->node_count; i++) {
        const struct semo_node_spec *n = &d->nodes[i];
        FUZZ_MUST(n->name[0] && strlen(n->name) <= SEMO_NAME_MAX && n->vendor);
        FUZZ_MUST(!n->host || !n->serial);
        FUZZ_MUST(n->emulated || n->host || n->serial);
        FUZZ_MUST(!n->serial || n->kind == SEMO_NODE_MCU);
    }
}

static void check_modules(const struct semo_descriptor *d)
{
    for (unsigned i = 0; i < d->module_count; i++) {
        const struct semo_module_spec *m = &d->modules[i];
        FUZZ_MUST(m->node < d->node_count && m->file_count && m->kind == d->nodes[m->node].kind);
        for (unsigned k = 0; k < m->flag_count; k++)
            FUZZ_MUST(m->flags[k][0] == '-' && strchr("DUI", m->flags[k][1]));
    }
}

static void check_connections(const struct semo_descriptor *d)
{
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        FUZZ_MUST(c->name && c->from < (int)d->module_count && c->to < (int)d->module_count);
        FUZZ_MUST(c->from >= SEMO_DEPLOYER && c->to >= SEMO_DEPLOYER);
        FUZZ_MUST((c->from < 0) == !semo_connection_io(c, true));
        FUZZ_MUST((c->to < 0) == !semo_connection_io(c, false));
        FUZZ_MUST(!c->aes || (computes_aes(d, c->from) && computes_aes(d, c->to)));
    }
}

static void check_whole(const struct semo_descriptor *d)
{
    FUZZ_MUST(d->name[0]);
    check_nodes(d);
    check_modules(d);
    check_connections(d);
    for (unsigned i = 0; i < d->warning_count; i++)
        check_text(d->warnings[i]);
    for (unsigned i = 0; i < d->periodic_count; i++)
        FUZZ_MUST(d->periodic[i].module < d->module_count);
    for (unsigned i = 0; i < d->wire_count; i++)
        FUZZ_MUST(d->wires[i].from < d->node_count && d->wires[i].to < d->node_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_error e = {{0}, 0};
    struct semo_descriptor *d;
    if (len > BYTES_MAX)
        return 0;
    bool json = len && (input[0] == '{' || input[0] == '[');
    char *path = (char *)fuzz_file(json ? "d.json" : "d.yaml", input, len);
    if (semo_descriptor_load(&path, 1, &d, &e) == SEMO_OK) {
        check_whole(d);
        semo_descriptor_free(d);
    } else {
        check_line(&e);
    }
    return 0;
}
