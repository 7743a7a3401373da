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

static void check_line(const struct semo_error *e)
{
    FUZZ_MUST(e->text[0] && strlen(e->text) < sizeof e->text);
    for (const char *p = e->text; *p; p++)
        FUZZ_MUST((unsigned char)*p >= ' ' && *p != 0x7F);
}

static void check_whole(const struct semo_descriptor *d)
{
    FUZZ_MUST(d->name[0] && d->module_count);
    for (unsigned i = 0; i < d->node_count; i++)
        FUZZ_MUST(d->nodes[i].name[0] && strlen(d->nodes[i].name) <= SEMO_NAME_MAX);
    for (unsigned i = 0; i < d->module_count; i++)
        FUZZ_MUST(d->modules[i].node < d->node_count && d->modules[i].file_count);
    for (unsigned i = 0; i < d->connection_count; i++) {
        const struct semo_connection_spec *c = &d->connections[i];
        FUZZ_MUST(c->name && c->from < (int)d->module_count && c->to < (int)d->module_count);
        FUZZ_MUST(c->from >= SEMO_DEPLOYER && c->to >= SEMO_DEPLOYER);
    }
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
