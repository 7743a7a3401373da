/* SPDX-License-Identifier: Apache-2.0 */
/* One table of results for every target and every program (design section 10). */
#ifndef SEMO_STATUS_H
#define SEMO_STATUS_H

/* name, number on the wire (u8), sentence */
#define SEMO_STATUS_TABLE(X)                                                                       \
    X(OK, 0, "done")                                                                               \
    X(REFUSED, 1, "not authentic: the tag does not match")                                         \
    X(MALFORMED, 2, "the message has not the shape that its type demands")                         \
    X(LENGTH, 3, "a length is outside the declared bound")                                         \
    X(UNKNOWN, 4, "no such module, entry, connection or node")                                     \
    X(STALE, 5, "a sequence, serial or epoch that is not newer than the last one")                 \
    X(FULL, 6, "no room: a queue, table or memory is full")                                        \
    X(EMPTY, 7, "nothing to take")                                                                 \
    X(BUSY, 8, "the module is already running")                                                    \
    X(PLACE, 9, "an address range that is taken, outside memory or inside a protected section")    \
    X(EXHAUSTED, 10, "the sequence space of this connection is used up")                           \
    X(UNFRESH, 11, "no epoch: the machine has no source of freshness")                             \
    X(UNSUPPORTED, 12, "this back end cannot give what was asked for")                             \
    X(SYSTEM, 13, "the operating system refused")                                                  \
    X(TIMEOUT, 14, "no answer in time")                                                            \
    X(MISSING, 15, "something that is needed does not exist")                                      \
    X(INPUT, 16, "bad input from the user")                                                        \
    X(GAP, 17, "an event before this one was lost")                                                \
    X(EXPIRED, 18, "the event's time is over")

enum semo_status {
#define SEMO_STATUS_ENUM(name, number, text) SEMO_##name = number,
    SEMO_STATUS_TABLE(SEMO_STATUS_ENUM)
#undef SEMO_STATUS_ENUM
};

#define SEMO_MUST_CHECK __attribute__((warn_unused_result))

/* Exit codes of all programs (design section 10). */
enum semo_exit {
    SEMO_EXIT_DONE = 0,
    SEMO_EXIT_FAILED = 1,
    SEMO_EXIT_USAGE = 2,
    SEMO_EXIT_RESOURCE = 3,
    SEMO_EXIT_TIMEOUT = 4,
    SEMO_EXIT_VIOLATION = 5
};

#endif
