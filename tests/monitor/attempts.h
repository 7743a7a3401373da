/* SPDX-License-Identifier: Apache-2.0 */
/* What the attacker's module and event manager can be told to do. */
#ifndef SEMO_ATTEMPTS_H
#define SEMO_ATTEMPTS_H

#include <stdint.h>

enum evil { /* entries of the module */
            /* the kernel ends it */
            EVIL_OPEN = 100,
            EVIL_SOCKET,
            EVIL_PTRACE,
            EVIL_FORK,
            EVIL_KILL,
            EVIL_MAP,
            EVIL_PROTECT,
            EVIL_READ_OTHER,
            EVIL_EXECUTE_OTHER,
            EVIL_SET_OTHER_REGISTER,
            EVIL_STACK,
            EVIL_WRITE_TEXT,
            EVIL_CRASH,
            /* the monitor ends it */
            EVIL_END,
            EVIL_NONSENSE,
            EVIL_NOTHING,
            EVIL_TOO_LONG,
            EVIL_FLOOD,
            EVIL_LAST_FATAL = EVIL_FLOOD,
            /* out of time */
            EVIL_LOOP,
            EVIL_WAIT,
            /* it lives */
            EVIL_REQUEST,
            EVIL_EXECUTE_AGAIN,
            EVIL_RETURN_TWICE,
            EVIL_LINGER, /* and computes for ever when it has returned */
            EVIL_NOTHING_BAD
};

enum puppet {                   /* first byte of a frame for the event manager */
              PUPPET_STAGE = 1, /* bytes: behind what is staged */
              PUPPET_ENABLE,    /* vendor u16 | enum seal u8 -> RESULT */
              PUPPET_CALL,      /* module u16 | entry u16 | payload -> RESULT */
              PUPPET_COUNT,     /* the same -> status u8 | answers u16, FFFF = not a list */
              PUPPET_RAW,       /* a message to the monitor, as it is */
              PUPPET_ASK,       /* the same -> RESULT */
              PUPPET_ARGUMENT,  /* -> argv[1] argv[2] */
              PUPPET_REMEMBER,  /* bytes: into the table memory */
              PUPPET_RECALL,    /* -> 16 bytes of the table memory */
              PUPPET_SHRINK,    /* the table memory */
              PUPPET_TWO_FILES, /* with one message */
              PUPPET_TRY,       /* -> u8 for each forbidden system call: 1 if it was refused */
              PUPPET_SILENT,
              PUPPET_DIE,
              PUPPET_FLOOD,       /* with frames */
              PUPPET_FLOOD_CALLS, /* without reading results */
              PUPPET_LINGER       /* asks for the next frame and computes for ever */
};

enum seal { SEAL_ALL, SEAL_NONE, SEAL_NO_WRITE, SEAL_PIPE, SEAL_NO_FD };

#endif
