/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the machine, shared by the files of machine/ and nobody else. */
#ifndef SEMO_STATE_H
#define SEMO_STATE_H

#include <semo/machine.h>
#include <semo/map.h>
#include "machine/access.h"
#include "machine/crypto_unit.h"
#include <semo/device.h>
#include "machine/memory.h"

#define SEMO_NEVER UINT64_MAX

enum { SEMO_C = 1, SEMO_Z = 2, SEMO_N = 4, SEMO_GIE = 8, SEMO_CPUOFF = 0x10, SEMO_OSCOFF = 0x20 };
enum { SEMO_SCG1 = 0x80, SEMO_V = 0x100, SEMO_SR_VIOLATION = 0x4000, SEMO_SR_MODULE = 0x8000 };
enum { SEMO_SR_WRITABLE = 0x01BF, SEMO_SR_HARDWARE = 0xC000 };
enum { SEMO_ID_RESET = 0xFFFF, SEMO_ID_IRQ = 0xFFF0 };
#define SEMO_CPUOFF_TAIL                                                                           \
    10 /* cycles from the instruction after CPUOFF to the end of a golden run */

/* What was refused, as far as the rule does not say it. */
enum semo_violating {
    SEMO_NO_ACCESS,
    SEMO_WORD_READ,
    SEMO_BYTE_READ,
    SEMO_WORD_WRITE,
    SEMO_BYTE_WRITE
};

/* Everything a run depends on, but for the memories and devices. */
struct semo_core {
    uint64_t cycle;
    uint16_t r[16];
    uint16_t pc_now, pc_before; /* start of the executing instruction and of the one before it */
    uint16_t id_now, id_before; /* what the hardware calls current and previous module id */
    uint16_t guard;             /* lowest stack pointer allowed, 0 = off */
    uint16_t bus_word;          /* last word on the port of data memory */
    uint16_t crypto_word;       /* last word the sponge was fed */
    uint16_t next_id;
    uint16_t fetch_word; /* last opcode fetched: what code outside program memory sees */
    /* program-memory erratum: wrong words to be fetched once */
    uint16_t spoiled_word, spoiled_opcode_word;
    bool spoiled_extension, spoiled_opcode;
    bool delayed; /* RRC, RRA, SWPB or SXT of PC: one more instruction is executed first */
    uint16_t delayed_pc;
    uint16_t source_extension; /* compat: see semo_source_extension() */
    uint8_t stall;             /* atomicity monitor: a refused CPUOFF delays the next instruction */
    bool asleep, hung;         /* hung: the core waits for ever (cpu.c) */
    bool dma_listens;          /* every access is to be seen by the DMA port (devices/dma.c) */
    bool read_masked;          /* compat: reads give 0 until data memory answers (bus.c) */
    bool violated;             /* interrupt 13 is due */
    bool reset_due;            /* a device asked for a reset */
    uint32_t violations;
    uint64_t confidential;        /* hardened: slots whose text was decrypted here, a bit each */
    uint64_t end;                 /* of the program, shortly after CPUOFF (stop_at_cpuoff) */
    uint64_t clix_end, entry_end; /* atomicity monitor: periods without interrupts, end exclusive */
    uint64_t violation_cycle;
    uint16_t violation_pc, violation_address, violation_module;
    uint8_t violation_rule;
    uint8_t violation_access;         /* enum semo_violating */
    struct semo_access_state *access; /* has room for `count` slots only; more when needed */
};

struct semo_family;

struct semo_machine {
    struct semo_machine_config config;
    struct semo_core core;
    struct semo_family *family;     /* what is shared with forks: family.c */
    uint32_t page[SEMO_PAGE_COUNT]; /* of program memory: memory.c */
    uint8_t ram[SEMO_RAM_SIZE];
    /* of the instruction in progress */
    uint64_t at;                        /* its first cycle */
    uint64_t cut;                       /* cycle from which a crypto instruction does nothing */
    uint64_t look, look_last, look_not; /* crypto instruction: cycles still to be looked at for
                                              what cuts it, and the one that does not count */
    uint64_t monitored, hold_until;     /* atomicity monitor: cycles done; no interrupt before */
    int8_t gie_written;                 /* by the instruction, -1 = not */
    bool masked;                        /* a violation suppresses memory accesses until its end */
    bool jumped;                        /* it does not go on to the next word */
    bool measuring;                     /* enable, disable or verify */
    bool quiet;                         /* bus accesses are traced by the crypto unit itself */
    bool stop;                          /* semo_machine_stop */
    bool stop_violation;
    /* devices */
    uint16_t lines, lines_then; /* interrupt lines requested; and as they were in cycle... */
    uint64_t lines_at;          /* ...of the last access to a device */
    uint64_t next_event;
    struct semo_attached *attached; /* device.c; NULL: nothing */
    /* views */
    struct semo_violation *violation; /* as it was last asked for */
    semo_trace_fn *trace;
    struct semo_tracing *tracing; /* trace.c; NULL: there never was a trace */
    semo_watch_fn *watch;
    void *watch_context;
    semo_put_fn *put; /* print UART and file output */
    void *put_context;
    const uint8_t *input; /* of the file input; the caller's */
    size_t input_len;
    semo_seal_fn *seal;
    void *seal_context;
    /* of the devices of the core, one behind the other: family.c */
    _Alignas(8) uint8_t states[];
};

/* machine.c */
void semo_machine_do_reset(struct semo_machine *m);
/* The lowest slot for a new module, -1 = all taken. */
int semo_machine_free_slot(struct semo_machine *m);

/* device.c: those of the core first, then the attached ones in order */
struct semo_attached { /* from outside, and owners of their windows */
    unsigned count;
    struct semo_device **devices;
    uint8_t *window_ram[SEMO_WINDOW_COUNT]; /* NULL: no device there */
    bool owned[SEMO_WINDOW_COUNT];
    uint8_t owner[SEMO_WINDOW_COUNT][16];
};
unsigned semo_device_count(const struct semo_machine *m);
struct semo_device *semo_device_nth(struct semo_machine *m, unsigned i);
struct semo_device *semo_device_low(struct semo_machine *m, uint16_t address); /* below 0x200 */
struct semo_device *semo_device_in(const struct semo_machine *m, unsigned window);
uint8_t *semo_window_ram(const struct semo_machine *m, unsigned window);
const uint8_t *semo_machine_owner(const struct semo_machine *m, unsigned window); /* NULL: none */
void semo_devices_run(struct semo_machine *m, uint64_t now); /* every event due at `now` */
void semo_devices_refresh(struct semo_machine *m);
void semo_devices_free(struct semo_machine *m);
void semo_devices_inherit(struct semo_machine *m, const struct semo_machine *from);
uint8_t *semo_devices_save(const struct semo_machine *m, uint8_t *out);
const uint8_t *semo_devices_restore(struct semo_machine *m, const uint8_t *from);
size_t semo_devices_size(const struct semo_machine *m);
/* SR changed at the end of a cycle: clocks on or off. */
void semo_machine_clocks(struct semo_machine *m, uint64_t when);
void semo_window_clear(struct semo_machine *m, unsigned window);

/* bus.c: accesses of the executing instruction at cycle `when`, checked, traced, masked */
uint16_t semo_bus_read(struct semo_machine *m, uint64_t when, uint16_t address, bool byte);
/* true when program memory was really written: one more cycle */
bool semo_bus_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t value,
                    bool byte);
bool semo_bus_is_program(uint16_t address);
void semo_dma_wait(struct semo_machine *m, uint64_t when, uint16_t address); /* devices/dma.c */
void semo_violate(struct semo_machine *m, uint64_t when, uint16_t address, enum semo_rule rule);
void semo_violate_access(struct semo_machine *m, uint64_t when, uint16_t address,
                         enum semo_rule rule, bool write, bool byte);
enum semo_rule semo_bus_check(const struct semo_machine *m, uint16_t address, bool write,
                              bool byte);
uint16_t semo_word(const struct semo_machine *m, uint16_t address); /* memory.c */
void semo_word_put(struct semo_machine *m, uint16_t address, uint16_t value, unsigned mask);

/* cpu.c */
void semo_cpu_step(struct semo_machine *m);
void semo_cpu_set_sp(struct semo_machine *m, uint64_t when, uint16_t value);
void semo_cpu_set_sr(struct semo_machine *m, uint64_t when, uint16_t value);

void semo_cpu_drop_fetched(struct semo_machine *m); /* the next fetch is from memory */
void semo_cpu_doze(
    struct semo_machine *m); /* the first cycle of an instruction that sleep delays */

/* interrupt.c: at the end of an instruction; gie = as its last cycle saw it */
void semo_interrupt_sample(struct semo_machine *m, unsigned cost, bool gie, bool illegal);
/* Asleep: moves time on, to `until` at most, and wakes. */
enum semo_stop semo_interrupt_sleep(struct semo_machine *m, uint64_t until);
/* Asleep: the next cycle in which an interrupt may be possible that is not now. */
uint64_t semo_interrupt_chance(const struct semo_machine *m);

/* sancus.c: returns the cost of instruction 0x1380 | which */
unsigned semo_sancus_execute(struct semo_machine *m, unsigned which);
void semo_sancus_drop(struct semo_machine *m, int slot, bool clear_text);
uint16_t semo_sancus_id(const struct semo_machine *m, uint16_t pc);
bool semo_sancus_privileged(const struct semo_machine *m);

/* monitor.c: start of an instruction; its cycles up to `end` (effective GIE of the last one); an
 * interrupt that cuts a crypto instruction short, except in the cycle of its check; clix; the
 * first cycle in a module (true: refused, within a period); GIE asleep; end of a period, or never
 */
void semo_monitor_start(struct semo_machine *m, bool entered);
bool semo_monitor_enter(struct semo_machine *m, uint64_t when);
bool semo_monitor_asleep(const struct semo_machine *m);
uint64_t semo_monitor_period_end(const struct semo_machine *m);
bool semo_monitor_run(struct semo_machine *m, uint64_t end);
void semo_monitor_advance(struct semo_machine *m, uint64_t until);
void semo_monitor_cut(struct semo_machine *m, unsigned check, unsigned cost);
unsigned semo_monitor_clix(struct semo_machine *m);

/* trace.c */
struct semo_tracing {
    void *context;
    bool bus;
    struct semo_trace_line *lines_out;
    struct semo_trace_registers *files_out;
    unsigned line_count, line_room, file_count, file_room;
    unsigned early; /* so many lines are too many to wait for the end of the instruction */
    uint64_t until; /* end of the run: later cycles are not told yet */
};
void semo_trace_until(struct semo_machine *m, uint64_t end);
void semo_trace_drop(struct semo_machine *m); /* lines of cycles that are not there any more */
void semo_trace_free(struct semo_machine *m);
void semo_trace_decode(struct semo_machine *m);
void semo_trace_interrupt(struct semo_machine *m, unsigned irq);
void semo_trace_bus(struct semo_machine *m, uint64_t when, uint16_t address);
void semo_trace_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t value,
                      unsigned mask);
void semo_trace_violation(struct semo_machine *m, uint64_t when);
void semo_trace_flush(struct semo_machine *m, uint64_t before);
/* Within a long instruction that has told everything before a cycle. */
void semo_trace_flush_early(struct semo_machine *m, uint64_t before);

/* fast.c: plain instructions, until shortly before the cycle or something unusual */
void semo_fast_run(struct semo_machine *m, uint64_t deadline);

#endif
