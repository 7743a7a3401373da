/* SPDX-License-Identifier: Apache-2.0 */
/* semo tcb: the paper's Table 1, from the real build. */
#include <stdio.h>
#include <string.h>
#include "cli/reply.h"
#include "cli/session.h"
#include "cli/verbs.h"
#include "deploy/tcb.h"

static void fill_document(const struct semo_tcb *t)
{
    json_t *rows = json_array();
    for (unsigned i = 0; i < t->count; i++) {
        const struct semo_tcb_row *r = &t->row[i];
        json_t *files = json_array();
        for (unsigned k = 0; k < r->file_count; k++)
            json_array_append_new(files, json_string(r->files[k]));
        json_array_append_new(
            rows, json_pack("{s:s,s:s,s:b,s:b,s:i,s:I,s:o}", "component", r->component, "deployed",
                            r->deployed, "trusted", r->trusted, "application", r->application,
                            "lines", (int)r->lines, "bytes", (json_int_t)r->bytes, "files", files));
    }
    json_object_set_new(semo_reply(), "components", rows);
}

static void print_row(const char *component, unsigned lines, unsigned long bytes,
                      const char *deployed, const char *trusted)
{
    char size[24] = "-";
    if (bytes > 0)
        snprintf(size, sizeof size, "%lu", bytes);
    printf("%-60.60s %7u %9s  %-10s %s\n", component, lines, size, deployed, trusted);
}

static void print_table(const struct semo_tcb *t)
{
    unsigned application = 0, trusted = 0, untrusted = 0;
    printf("%-60s %7s %9s  %-10s %s\n", "component", "lines", "bytes", "deployed", "trusted");
    for (unsigned i = 0; i < t->count; i++) {
        const struct semo_tcb_row *r = &t->row[i];
        print_row(r->component, r->lines, r->bytes, r->deployed, r->trusted ? "yes" : "no");
        application += r->application ? r->lines : 0;
        trusted += r->trusted && strcmp(r->deployed, "hardware") != 0 ? r->lines : 0;
        untrusted += r->trusted ? 0 : r->lines;
    }
    printf("\n%-60s %7u   (published meter, without drivers: 291 + 90)\n",
           "written for this application: modules, headers, descriptor", application);
    printf("%-60s %7u\n%-60s %7u\n", "trusted software, everything above", trusted, "not trusted",
           untrusted);
    puts("besides: compilers on the deployer's machine; on a Linux node the kernel and root.");
}

int semo_verb_tcb(const struct semo_options *o)
{
    struct semo_session s;
    struct semo_error e = {{0}, 0};
    struct semo_tcb t;
    enum semo_status status = semo_session_open(&s, o, semo_session_compiles(o), &e);
    if (status == SEMO_OK) {
        s.deploy->progress = semo_session_whisper;
        status = semo_deploy_build(s.deploy, &e);
    }
    if (status == SEMO_OK)
        status = semo_tcb_measure(s.d, s.deploy->units, s.root, &t, &e);
    if (status == SEMO_OK) {
        fill_document(&t);
        print_table(&t);
        semo_tcb_free(&t);
    }
    return semo_session_close(&s, "tcb", status, &e);
}
