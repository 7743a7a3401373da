/* SPDX-License-Identifier: Apache-2.0 */
/* semo graph: the application as a picture. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/verbs.h"
#include "deploy/graph.h"

static enum semo_status fail(const char *path, struct semo_error *e)
{
    return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0, "%s", strerror(errno));
}

static enum semo_status draw(const struct semo_descriptor *d, const char *path,
                             struct semo_error *e)
{
    char *svg = NULL;
    size_t len;
    FILE *out = path ? fopen(path, "w") : open_memstream(&svg, &len);
    if (!out)
        return fail(path ? path : "svg", e);
    enum semo_status status = semo_graph_write(d, out);
    if (fclose(out) != 0)
        status = SEMO_SYSTEM;
    if (status == SEMO_OK && svg)
        fputs(svg, stdout);
    json_object_set_new(semo_reply(), path ? "file" : "svg", json_string(path ? path : svg));
    free(svg);
    return status == SEMO_OK ? SEMO_OK : fail(path ? path : "svg", e);
}

int semo_verb_graph(const struct semo_options *o)
{
    struct semo_descriptor *d;
    struct semo_error e = {{0}, 0};
    enum semo_status status = semo_descriptor_load(o->files, o->file_count, &d, &e);
    if (status == SEMO_OK) {
        status = draw(d, o->out, &e);
        semo_descriptor_free(d);
    }
    return status == SEMO_OK ? SEMO_EXIT_DONE : semo_reply_error("graph", &e);
}
