/* SPDX-License-Identifier: Apache-2.0 */
/* GDB's remote serial protocol, without any socket: bytes from the debugger go in by
 * semo_gdb_feed, bytes for it come out of `send`. Any bytes are survived. A violation stops the
 * target just before the instruction that would commit it, with everything as it was. */
#ifndef SEMO_GDB_H
#define SEMO_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <semo/machine.h>
#include "machine/debug/symbols.h"

struct semo_gdb;

struct semo_gdb_config {
    struct semo_machine *machine;       /* stays the caller's; watch is the debugger's */
    const struct semo_symbols *symbols; /* NULL = none */
    uint64_t max_cycles;                /* the target ends there */
    bool stop_at_violation;             /* it ends once a violation was reported and gone on from */
    void (*send)(void *context, const uint8_t *bytes, size_t len);
    void (*violated)(void *context); /* a violation has happened; NULL = nobody cares */
    void *context;
};

enum semo_gdb_state {
    SEMO_GDB_STOPPED, /* waits for the debugger */
    SEMO_GDB_RUNNING, /* wants semo_gdb_run */
    SEMO_GDB_ENDED,   /* the program has: semo_gdb_end says how */
    SEMO_GDB_DETACHED,
    SEMO_GDB_KILLED
};

struct semo_gdb *semo_gdb_new(const struct semo_gdb_config *config); /* NULL: no memory */
void semo_gdb_free(struct semo_gdb *g);
void semo_gdb_feed(struct semo_gdb *g, const uint8_t *bytes, size_t len);
/* Running: at most this many instructions; tells the debugger when the target stops. */
void semo_gdb_run(struct semo_gdb *g, unsigned instructions);
enum semo_gdb_state semo_gdb_state(const struct semo_gdb *g);
enum semo_stop semo_gdb_end(const struct semo_gdb *g);

#endif
