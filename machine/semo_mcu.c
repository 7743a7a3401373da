/* SPDX-License-Identifier: Apache-2.0 */
/* semo-mcu: runs a program on the emulated microcontroller. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "machine/debug/frames.h"
#include "machine/debug/server.h"
#include "machine/debug/symbols.h"
#include "machine/debug/vcd.h"
#include "machine/mcu/image.h"
#include "machine/mcu/options.h"
#include "machine/mcu/output.h"

struct session {
    struct semo_mcu_options o;
    struct semo_machine *m;
    struct semo_mcu_file image;
    struct semo_symbols *symbols; /* read once somebody asks */
    struct semo_mcu_reports reports;
    FILE *trace, *vcd_file, *printed, *filed;
    struct semo_vcd *vcd;
    bool at_limit; /* see trace_limit() */
};

/* ---- files ---- */

static FILE *open_output(const char *path)
{
    FILE *f = !path ? NULL : strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (path && !f)
        semo_mcu_fail(path, strerror(errno));
    return f;
}

static void close_output(const char *path, FILE *f)
{
    bool lost = f && (ferror(f) || (f == stdout ? fflush(f) : fclose(f)) != 0);
    if (lost)
        semo_mcu_fail(path, "could not be written");
}

/* ---- what comes out of a run ---- */

static void put_byte(void *context, enum semo_port port, uint8_t byte)
{
    struct session *s = context;
    FILE *f = port == SEMO_PRINTED ? s->printed : s->filed;
    if (f && !s->at_limit)
        putc(byte, f);
}

static void put_line(void *context, const char *line)
{
    struct session *s = context;
    bool bus = *line == 'R' || *line == 'W';
    if (s->at_limit && *line != 'D' && *line != 'I')
        return;
    if (s->vcd)
        semo_vcd_line(s->vcd, line);
    if (s->trace && (!bus || s->o.bus))
        fprintf(s->trace, "%s\n", line);
}

static const struct semo_symbols *symbols(struct session *s)
{
    if (!s->symbols && !s->o.flat)
        s->symbols = semo_symbols_read(s->image.bytes, s->image.len);
    return s->symbols;
}

static void note(void *context)
{
    struct session *s = context;
    semo_mcu_note(&s->reports, s->m, symbols(s));
}

/* ---- running ---- */

/* What is decoded, or interrupts, in the very cycle of the limit still has its line, as in the
 * recordings; nothing else of that cycle, and no effect. */
static void trace_limit(struct session *s)
{
    void *here = s->trace ? malloc(semo_machine_snapshot_size(s->m)) : NULL;
    if (!here)
        return;
    semo_machine_snapshot(s->m, here);
    s->at_limit = true;
    semo_machine_run(s->m, s->o.max_cycles + 1);
    semo_machine_restore(s->m, here);
    free(here);
}

static enum semo_mcu_end of(enum semo_stop why)
{
    return why == SEMO_STOP_CPUOFF      ? SEMO_MCU_CPUOFF
           : why == SEMO_STOP_VIOLATION ? SEMO_MCU_VIOLATION
           : why == SEMO_STOP_ASLEEP    ? SEMO_MCU_ASLEEP
                                        : SEMO_MCU_CYCLES;
}

static enum semo_mcu_end run(struct session *s)
{
    enum semo_stop why;
    do {
        why = semo_machine_run(s->m, s->o.max_cycles);
        if (why == SEMO_STOP_VIOLATION)
            note(s);
    } while (why == SEMO_STOP_VIOLATION && !s->o.stop);
    if (why == SEMO_STOP_CYCLE)
        trace_limit(s);
    return of(why);
}

static enum semo_mcu_end debug(struct session *s)
{
    const struct semo_gdb_config config = {.machine = s->m,
                                           .symbols = symbols(s),
                                           .max_cycles = s->o.max_cycles,
                                           .stop_at_violation = s->o.stop,
                                           .violated = note,
                                           .context = s};
    enum semo_gdb_state state;
    enum semo_stop why;
    if (semo_debug_serve(&config, s->o.gdb_port, s->o.json ? stderr : stdout, &state, &why) != 0)
        semo_mcu_fail("--gdb", strerror(errno));
    return state == SEMO_GDB_DETACHED ? run(s)
           : state == SEMO_GDB_KILLED ? SEMO_MCU_KILLED
                                      : of(why);
}

static void start(struct session *s, const struct semo_mcu_file *input)
{
    s->m = semo_machine_new(&s->o.config);
    if (!s->m)
        semo_mcu_fail("machine", "no memory");
    semo_mcu_load(s->m, &s->o, &s->image);
    s->reports.wanted_json = s->o.json;
    s->printed = s->o.json ? stderr : stdout;
    s->filed = open_output(s->o.fileio_out);
    s->trace = open_output(s->o.trace);
    s->vcd_file = open_output(s->o.vcd);
    s->vcd = s->vcd_file ? semo_vcd_new(s->vcd_file, s->m) : NULL;
    if (s->trace || s->vcd)
        semo_machine_trace(s->m, put_line, s, s->vcd || s->o.bus);
    semo_machine_on_put(s->m, put_byte, s);
    semo_machine_input(s->m, input->bytes, input->len);
}

static void finish(struct session *s)
{
    semo_vcd_free(s->vcd);
    close_output(s->o.vcd, s->vcd_file);
    close_output(s->o.trace, s->trace);
    close_output(s->o.fileio_out, s->filed);
    close_output("standard output", stdout);
    semo_symbols_free(s->symbols);
    semo_machine_free(s->m);
    free(s->image.bytes);
}

static int print_frames(const char *path, const struct semo_mcu_file *image)
{
    const char *wrong = semo_frames_print(stdout, image->bytes, image->len);
    if (wrong)
        semo_mcu_fail(path, wrong);
    close_output("standard output", stdout);
    free(image->bytes);
    return SEMO_EXIT_DONE;
}

int main(int argc, char **argv)
{
    static struct session s;
    semo_mcu_parse(&s.o, argc, argv);
    struct semo_mcu_file input = {NULL, 0};
    s.image = semo_mcu_read(s.o.image);
    if (s.o.frames)
        return print_frames(s.o.image, &s.image);
    if (s.o.fileio_in)
        input = semo_mcu_read(s.o.fileio_in);
    start(&s, &input);
    enum semo_mcu_end end = s.o.gdb ? debug(&s) : run(&s);
    semo_mcu_print(&s.o, &s.reports, s.m, end);
    finish(&s);
    free(input.bytes);
    return semo_mcu_status(end);
}
