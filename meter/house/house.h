/* SPDX-License-Identifier: Apache-2.0 */
/* The house behind the meter: a CSV file of what it draws, and the exact energy that must have been
 * counted. Integers throughout: W, var, 10 mV, 10 mA, seconds, cycles. */
#ifndef SEMO_HOUSE_H
#define SEMO_HOUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <semo/map.h>
#include <semo/status.h>
#include "host/error.h"

#define SEMO_HOUSE_HEADER          "local_time,active_kw,reactive_kvar,voltage_v,current_a"
#define SEMO_HOUSE_ZONE            "Europe/Paris" /* of the shipped file */
#define SEMO_HOUSE_STEP_S          60   /* the last row holds this long; a longer step is a gap */
#define SEMO_HOUSE_FREQUENCY_10MHZ 5000 /* the file has none */

struct semo_house_row { /* drawn from utc on for hold_s seconds: until the next row */
    uint32_t utc, hold_s;
    uint32_t power_w;
    int16_t reactive_var;
    uint16_t voltage_10mv, current_10ma;
};

/* What was found and left as it is: nothing is filled in. */
enum semo_house_finding {
    SEMO_HOUSE_GAP,       /* more than SEMO_HOUSE_STEP_S to the row before, which holds on */
    SEMO_HOUSE_BACKWARD,  /* rows not later than one before them: left out */
    SEMO_HOUSE_AMBIGUOUS, /* rows in an hour that the zone has twice: the first that is later */
    SEMO_HOUSE_SKIPPED,   /* rows in an hour that the zone skips: left out */
    SEMO_HOUSE_EMPTY      /* rows without values: left out */
};
struct semo_house_note {
    enum semo_house_finding finding;
    unsigned line; /* first */
    unsigned rows;
    uint32_t seconds; /* of a gap */
};

struct semo_house {
    struct semo_house_row *row; /* at least one; utc rises */
    size_t rows;
    struct semo_house_note *note;
    size_t notes;
};

/* zone: a name of the system's tzdata, NULL = SEMO_HOUSE_ZONE. On failure *e is one line with file,
 * line, column, word and what to do. Not to be called beside other threads (it borrows TZ). */
enum semo_status semo_house_load(const char *path, const char *zone, struct semo_house *house,
                                 struct semo_error *e) SEMO_MUST_CHECK;
void semo_house_free(struct semo_house *house);
/* One sentence without newline; at least 160 bytes. */
void semo_house_note_text(const struct semo_house_note *note, char *text, size_t room);

/* Cycle at which a row begins when the first begins at `start`; row = rows: when the last ends. */
uint64_t semo_house_cycle(const struct semo_house *house, size_t row, uint64_t start);

struct semo_house_contact { /* a change of the relay's contact, in order of `at` */
    uint64_t at;
    bool closed;
};
struct semo_house_energy {
    uint64_t wh;
    uint32_t ws; /* beyond them, whole ones, less than 3600 */
};
/* What the front end must have counted: the rows' power while its line was closed, where a change
 * of the contact reaches the line one byte time later (design section 9). */
struct semo_house_energy semo_house_integrate(const struct semo_house *house, uint64_t start,
                                              bool closed, const struct semo_house_contact *changes,
                                              size_t count);

#endif
