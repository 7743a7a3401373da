/* SPDX-License-Identifier: Apache-2.0 */
/* semo graph: the application as a picture. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "cli/verbs.h"
#include "deploy/graph.h"

static enum semo_status fail(const char *path, struct semo_error *e)
{
    return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0, "%s", strerror(errno));
}

static enum semo_status write_to(const struct semo_descriptor *d, const char *path,
                                 struct semo_error *e)
{
    FILE *out = path ? fopen(path, "w") : stdout;
    if (!out)
        return fail(path, e);
    enum semo_status status = semo_graph_write(d, out);
    if (out != stdout && fclose(out) != 0)
        status = SEMO_SYSTEM;
    return status == SEMO_OK ? SEMO_OK : fail(path ? path : "stdout", e);
}

int semo_verb_graph(const struct semo_options *o)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    enum semo_status status = semo_descriptor_load(o->files, o->file_count, &d, &e);
    if (status == SEMO_OK) {
        status = write_to(d, o->out, &e);
        semo_descriptor_free(d);
    }
    if (status != SEMO_OK)
        fprintf(stderr, "semo graph: %s\n", e.text);
    return status == SEMO_OK ? SEMO_EXIT_DONE : (int)e.code;
}
