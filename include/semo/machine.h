/* SPDX-License-Identifier: Apache-2.0 */
/* The microcontroller as a library: openMSP430 with the Sancus extensions. Deterministic: no wall
 * clock, no I/O, no globals; a run is a function of (image, inputs at cycles). */
#ifndef SEMO_MACHINE_H
#define SEMO_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <semo/status.h>

struct semo_machine;

enum semo_profile { SEMO_COMPAT, SEMO_HARDENED };

struct semo_machine_config {
    enum semo_profile profile;
    unsigned security;      /* 64 or 128: bits of keys; 0 = 64 in compat, 128 in hardened */
    unsigned modules;       /* slots, 1..64; 4 in compat, 16 in hardened by default (0 = default) */
    uint8_t master_key[16]; /* security/8 bytes used */
    bool atomicity;         /* the Aion monitor */
    bool reset_on_violation;
    bool stop_at_cpuoff; /* end of program (golden runs); else CPUOFF sleeps */
    bool stop_at_violation;
};

/* Why a run ended. */
enum semo_stop {
    SEMO_STOP_CYCLE,  /* the cycle asked for was reached */
    SEMO_STOP_ASLEEP, /* CPUOFF and no device will wake it by itself before the cycle asked for */
    SEMO_STOP_CPUOFF, /* end of program (stop_at_cpuoff) */
    SEMO_STOP_VIOLATION, /* stop_at_violation */
    SEMO_STOP_DEVICE     /* a device asked to stop (semo_machine_stop) so that its owner can act */
};

struct semo_violation { /* the last one */
    uint64_t cycle;
    uint16_t pc, address;
    uint16_t module;  /* id executing, 0 = unprotected */
    const char *what; /* "word read", "execution", ... */
    const char *rule; /* sentence of docs/machine.md */
};

/* NULL: no memory, or a security or number of modules that there is not. */
struct semo_machine *semo_machine_new(const struct semo_machine_config *config);
void semo_machine_free(struct semo_machine *m);
/* ELF32 MSP430 executable: PT_LOAD segments at their physical addresses. On failure *why (static
 * string) says which of: not an ELF, wrong machine, segment outside memory, overlapping, truncated.
 */
enum semo_status semo_machine_load_elf(struct semo_machine *m, const void *elf, size_t len,
                                       const char **why) SEMO_MUST_CHECK;
void semo_machine_reset(
    struct semo_machine *m); /* reset pin: as at power-on, memories by profile */
enum semo_stop semo_machine_run(struct semo_machine *m, uint64_t until_cycle);
/* One instruction with the interrupt that it lets in; asleep: to just after the next event, or
 * nowhere when there is none (SEMO_STOP_ASLEEP). Always the exact path, hence slower than run. */
enum semo_stop semo_machine_step(struct semo_machine *m);
void semo_machine_stop(
    struct semo_machine *m); /* from a device: leave run after this instruction */

uint64_t semo_machine_cycle(const struct semo_machine *m);
/* Asleep: the next cycle at which a device does something by itself, UINT64_MAX = never; else now.
 */
uint64_t semo_machine_next_event(const struct semo_machine *m);
uint16_t semo_machine_register(const struct semo_machine *m, unsigned n);
void semo_machine_set_register(struct semo_machine *m, unsigned n, uint16_t v);
/* Raw memory, past all protection (the debugger's and the tests' view); len bytes from address. */
void semo_machine_peek(const struct semo_machine *m, uint16_t address, void *out, size_t len);
void semo_machine_poke(struct semo_machine *m, uint16_t address, const void *bytes, size_t len);
const struct semo_violation *semo_machine_violation(const struct semo_machine *m); /* NULL: none */
unsigned semo_machine_violations(const struct semo_machine *m); /* how many so far */
uint16_t semo_machine_module_at(const struct semo_machine *m, uint16_t address); /* id or 0 */

/* One line of a trace in the format of tests/golden/README.md, without newline. */
typedef void semo_trace_fn(void *context, const char *line);
void semo_machine_trace(struct semo_machine *m, semo_trace_fn *fn, void *context, bool bus);

/* Called for every data access of executing code that is allowed; NULL = no more. Exact and slower.
 */
typedef void semo_watch_fn(void *context, uint16_t address, bool write, bool byte);
void semo_machine_watch(struct semo_machine *m, semo_watch_fn *fn, void *context);

/* Called for every wrap: what was sealed under what (a detector of reuse, for tests). */
typedef void semo_seal_fn(void *context, uint16_t module, const uint8_t *key, const uint8_t *ad,
                          unsigned ad_len);
void semo_machine_on_seal(struct semo_machine *m, semo_seal_fn *fn, void *context);

/* Output of the two simulation-only ports, and what the file input reads (kept by the caller). */
enum semo_port { SEMO_PRINTED, SEMO_FILED };
typedef void semo_put_fn(void *context, enum semo_port port, uint8_t byte);
void semo_machine_on_put(struct semo_machine *m, semo_put_fn *fn, void *context);
void semo_machine_input(struct semo_machine *m, const uint8_t *bytes, size_t len);

/* Levels at the inputs of digital port 1..6 from the present cycle on. */
void semo_machine_set_pins(struct semo_machine *m, unsigned port, uint8_t levels);

/* One word through the DMA port, between two instructions. false: an error response, no data and
 * no effect, because the address is in a section of a module or nothing is there. */
bool semo_machine_dma(struct semo_machine *m, uint16_t address, bool write, uint16_t *word);

/* Snapshot: registers, slots of modules, data and program memory, RAM and state of devices, in one
 * flat buffer of always the same size for a configuration and its attached devices (58 KiB and what
 * these add). It is of this build of the library, in the order of the host's bytes, and has the
 * keys of modules in it. Restored into the same machine, or one of the same configuration and
 * devices, which must not be running. Program memory that does not change stays shared, and
 * decoded. */
size_t semo_machine_snapshot_size(const struct semo_machine *m);
void semo_machine_snapshot(const struct semo_machine *m, void *out);
void semo_machine_restore(struct semo_machine *m, const void *snapshot);

/* A further machine in the present state of m: configuration, memories, registers, modules, owners
 * of windows and the peripherals of the core; NULL = no memory. Program memory is shared until
 * either writes, and neither ever sees what the other does. Not taken over: callbacks, file input,
 * and devices that were attached; for those attach the same kinds in the same order and then
 * restore a snapshot of m. The fork is freed like any machine, in any order. A machine and its
 * forks share what they know of the program, so they belong to one thread. */
struct semo_machine *semo_machine_fork(struct semo_machine *m);

/* A device: see semo/device.h. The machine owns it from here on. */
struct semo_device;
/* A window or a range that there is not aborts: it is a mistake in the program. */
void semo_machine_attach(struct semo_machine *m, struct semo_device *d);

#endif
