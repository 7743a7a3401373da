/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the debugger's end, shared by machine/debug/gdb*.c and nobody else. */
#ifndef SEMO_GDB_STATE_H
#define SEMO_GDB_STATE_H

#include "machine/debug/gdb.h"
#include "machine/state.h"

enum { SEMO_GDB_PACKET = 4096, SEMO_GDB_POINTS = 128, SEMO_GDB_REGISTERS = 16 };
enum { SEMO_GDB_INT = 2, SEMO_GDB_TRAP = 5, SEMO_GDB_SEGV = 11 }; /* signals of the protocol */

enum { /* what an address is marked with; Z packets: 0, 1 break, 2 write, 3 read, 4 both */
       SEMO_GDB_BREAK = 1,
       SEMO_GDB_WRITE = 2,
       SEMO_GDB_READ = 4
};

struct semo_gdb_point {
    uint8_t type; /* of its Z packet */
    uint16_t address;
    uint32_t len;
};

struct semo_gdb {
    struct semo_gdb_config config;
    struct semo_machine *m;
    enum semo_gdb_state state;
    enum semo_stop end;
    /* framing */
    enum { SEMO_GDB_IDLE, SEMO_GDB_BODY, SEMO_GDB_SUM_HIGH, SEMO_GDB_SUM_LOW } framing;
    uint8_t packet[SEMO_GDB_PACKET];
    uint8_t sum, sent_sum;
    size_t packet_len; /* more than fits: too long */
    bool no_ack;
    char reply[2 * SEMO_GDB_PACKET];
    size_t reply_len;
    /* running */
    bool stepping;
    bool foreseen;   /* the next instruction violates, as was reported and traced already */
    uint8_t *before; /* snapshot at the beginning of the slice */
    struct semo_gdb_point points[SEMO_GDB_POINTS];
    unsigned point_count;
    uint8_t marks[0x10000];
    int watch_type; /* point that was hit, -1 = none */
    uint16_t watch_address;
    /* why it stands */
    uint8_t signal;
    char reason[640];    /* a sentence, or "" */
    char violation[512]; /* the last one, or "" */
};

/* gdb.c: replies and numbers */
void semo_gdb_add(struct semo_gdb *g, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void semo_gdb_add_hex(struct semo_gdb *g, const void *bytes, size_t len);
void semo_gdb_say(struct semo_gdb *g, const char *text); /* on the debugger's console */
/* Packets are text with a 0 behind it. Reads hexadecimal digits, moves on, false: there are none
 * or too many. */
bool semo_gdb_number(const char **at, uint32_t max, uint32_t *value);
void semo_gdb_stop_reply(struct semo_gdb *g);
void semo_gdb_send(struct semo_gdb *g); /* what was added */

/* gdb_query.c: fills the reply to a packet that begins with q or Q */
void semo_gdb_query(struct semo_gdb *g, const char *packet);

/* gdb_run.c */
bool semo_gdb_point_set(struct semo_gdb *g, const struct semo_gdb_point *p, bool on);
void semo_gdb_resume(struct semo_gdb *g, bool step);
void semo_gdb_stopped(struct semo_gdb *g, unsigned signal, const char *reason);
void semo_gdb_poke_register(struct semo_gdb *g, unsigned n, uint16_t value);
void semo_gdb_poke(struct semo_gdb *g, uint16_t address, const uint8_t *bytes, size_t len);
void semo_gdb_peek(struct semo_gdb *g, uint16_t address, uint8_t *bytes, size_t len);

#endif
