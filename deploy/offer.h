/* SPDX-License-Identifier: Apache-2.0 */
/* What goes from one owner of a shared connection to the other: as secret as the keys in it. */
#ifndef SEMO_OFFER_H
#define SEMO_OFFER_H

#include <stdbool.h>
#include <stdint.h>
#include "host/error.h"
#include "lib/wire/wire.h"

#define SEMO_OFFER_LINE_MAX  240
#define SEMO_OFFER_CHECK_LEN 8 /* digits */

struct semo_offer {
    bool sends; /* the end of who offers */
    unsigned number;
    unsigned kind;                 /* as of a set-key, without the direction */
    char node[SEMO_NAME_MAX + 1];  /* where that end is */
    uint8_t keys[2][SEMO_KEY_LEN]; /* of the connection, of its back channel */
};

/* malloced: "semo-offer sends|receives NUMBER NODE KIND KEYS CHECK" */
char *semo_offer_write(const struct semo_offer *o);
/* Whatever differs from a line that was written, in one place or a few, is refused; *o is zero. */
enum semo_status semo_offer_read(const char *line, struct semo_offer *o,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* malloced: "acknowledged aes lasts" */
char *semo_offer_kind(unsigned kind);

#endif
