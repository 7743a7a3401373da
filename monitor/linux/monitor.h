/* SPDX-License-Identifier: Apache-2.0 */
/* The state of one Linux node's trusted part. */
#ifndef SEMO_MONITOR_H
#define SEMO_MONITOR_H

#include "machine/chip.h"
#include "monitor/core/service.h"
#include "monitor/linux/packet.h"
#include "monitor/linux/sandbox.h"

struct semo_module {
    uint16_t id;
    struct semo_process process;
    struct semo_identity identity;
};

struct semo_monitor {
    struct semo_chip *chip;
    enum semo_isolation isolation;
    uint8_t landlock; /* version, 0 = none */
    bool seal_log;
    unsigned call_ms;         /* the limit of one call; a turn has five times as much */
    unsigned cpu_s;           /* processor time of a process from one turn to the next */
    int own_program, program; /* of the event manager: what we were started with, what runs */
    int tables;               /* its memory */
    uint8_t *table_bytes;
    struct semo_process manager;
    bool manager_waits;   /* has sent NEXT */
    unsigned lives;       /* times it is started again before the coordinator has to do something */
    uint8_t killed, died; /* since the last DONE */
    uint64_t time;        /* of the turn, SEMO_MONITOR_REAL_TIME included */
    int64_t started_ns;   /* of the host's clock */
    uint16_t last_id;     /* an id is never given twice */
    unsigned count, room; /* of modules */
    struct semo_module *modules[UINT16_MAX + 1]; /* by id; NULL = there is none, or none any more */
};

/* To the coordinator; ends the process when it is gone. */
void semo_monitor_tell(const uint8_t *bytes, unsigned len);
/* A process that broke the rules or the limits: it is ended and counted. */
void semo_monitor_lose(struct semo_monitor *m, struct semo_process *p, enum semo_status why);

/* modules.c. Requests are whole messages of the event manager; the bytes of an OK are put behind
 * answer->bytes[2], answer->len set. */
enum semo_status semo_modules_enable(struct semo_monitor *m, const struct semo_packet *request,
                                     struct semo_packet *answer) SEMO_MUST_CHECK;
/* The request is overwritten. */
enum semo_status semo_modules_call(struct semo_monitor *m, struct semo_packet *request,
                                   struct semo_packet *answer) SEMO_MUST_CHECK;
void semo_modules_end_all(struct semo_monitor *m);

#endif
