/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <jansson.h>
#include "host/file.h"
#include "machine/debug/report.h"
#include "machine/mcu/output.h"

enum { REPORT_ROOM = 1024 };

static const struct {
    const char *name;
    enum semo_exit status;
} ends[] = {
    [SEMO_MCU_CYCLES] = {"cycle-limit", SEMO_EXIT_TIMEOUT},
    [SEMO_MCU_ASLEEP] = {"asleep", SEMO_EXIT_TIMEOUT},
    [SEMO_MCU_CPUOFF] = {"cpuoff", SEMO_EXIT_DONE},
    [SEMO_MCU_VIOLATION] = {"violation", SEMO_EXIT_VIOLATION},
    [SEMO_MCU_KILLED] = {"killed", SEMO_EXIT_FAILED},
};

int semo_mcu_status(enum semo_mcu_end end)
{
    return ends[end].status;
}

static void note_json(struct semo_mcu_reports *r, const struct semo_machine *m,
                      const struct semo_symbols *s)
{
    json_decref(r->last);
    r->last = semo_report_json(m, s);
    if (r->count < SEMO_MCU_REPORTS_MAX)
        r->json[r->count++] = json_incref(r->last);
}

void semo_mcu_note(struct semo_mcu_reports *r, const struct semo_machine *m,
                   const struct semo_symbols *s)
{
    char text[REPORT_ROOM];
    if (r->wanted_json)
        note_json(r, m, s);
    else if (r->count < SEMO_MCU_REPORTS_MAX)
        r->text[r->count++] = semo_format("%s", semo_report_violation(m, s, text, sizeof text));
}

/* Two hexadecimal digits a byte; malloced. */
static char *memory_text(const struct semo_machine *m, uint16_t address, uint32_t len)
{
    char *text = semo_allocate(len + 1, 2);
    for (uint32_t n = 0; n < len; n++) {
        uint8_t byte;
        semo_machine_peek(m, (uint16_t)(address + n), &byte, 1);
        sprintf(text + 2 * n, "%02x", byte);
    }
    return text;
}

static json_t *memory_json(const struct semo_mcu_options *o, const struct semo_machine *m)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < o->dumps; i++) {
        char *text = memory_text(m, o->dump[i].address, o->dump[i].len);
        json_array_append_new(list,
                              json_pack("{s:i,s:s}", "address", o->dump[i].address, "bytes", text));
        free(text);
    }
    return list;
}

static void print_json(const struct semo_mcu_options *o, struct semo_mcu_reports *r,
                       const struct semo_machine *m, enum semo_mcu_end end)
{
    json_t *registers = json_array(), *reports = json_array();
    for (unsigned n = 0; n < 16; n++)
        json_array_append_new(registers, json_integer(semo_machine_register(m, n)));
    for (unsigned i = 0; i < r->count; i++)
        json_array_append(reports, r->json[i]);
    json_t *last = r->last ? json_incref(r->last) : json_null();
    json_t *all = json_pack("{s:s,s:I,s:i,s:o,s:o,s:o,s:o}", "end", ends[end].name, "cycles",
                            (json_int_t)semo_machine_cycle(m), "violations",
                            semo_machine_violations(m), "registers", registers, "violation", last,
                            "reports", reports, "memory", memory_json(o, m));
    json_dumpf(all, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(all);
}

static void print_text(const struct semo_mcu_options *o, struct semo_mcu_reports *r,
                       const struct semo_machine *m, enum semo_mcu_end end)
{
    unsigned violations = semo_machine_violations(m);
    printf("end=%s cycles=%" PRIu64 " violations=%u\n", ends[end].name, semo_machine_cycle(m),
           violations);
    for (unsigned n = 0; n < 16; n++)
        printf("r%u=%04x%c", n, semo_machine_register(m, n), n == 15 ? '\n' : ' ');
    for (unsigned i = 0; i < r->count; i++)
        printf("violation: %s\n", r->text[i]);
    if (violations > r->count)
        printf("and %u more violations\n", violations - r->count);
    for (unsigned i = 0; i < o->dumps; i++) {
        char *text = memory_text(m, o->dump[i].address, o->dump[i].len);
        printf("DUMP %04x %s\n", o->dump[i].address, text);
        free(text);
    }
}

void semo_mcu_print(const struct semo_mcu_options *o, struct semo_mcu_reports *r,
                    const struct semo_machine *m, enum semo_mcu_end end)
{
    if (o->json)
        print_json(o, r, m, end);
    else
        print_text(o, r, m, end);
    for (unsigned i = 0; i < r->count; i++) {
        free(r->text[i]);
        json_decref(r->json[i]);
    }
    json_decref(r->last);
    *r = (struct semo_mcu_reports){.count = 0};
}
