/* SPDX-License-Identifier: Apache-2.0 */
/* semo-web carries bytes between browsers and a module. Nobody trusts it: it sees TLS records. */
#ifndef BUTTON_LED_WEB_H
#define BUTTON_LED_WEB_H

#include <stdbool.h>
#include <stdint.h>
#include "host/socket.h"

#define PATIENCE_MS 5000 /* with nodes */
#define LATER_MS    20   /* until somebody who waits for a page is looked after again */

struct web_target {
    const char *folder; /* of the application's state */
    const char *module;
    struct semo_address node; /* of its node, where that is elsewhere; len 0: it is here */
};

/* link.c: to the node, for the moment of a few calls: who stays would keep the clock. */
struct web_link;
struct web_link *web_link_open(const struct web_target *t); /* NULL: it does not run there */
/* Length of the answer, at most SEMO_HTTPS_CALL_MAX bytes; -1: none. */
int web_link_call(struct web_link *l, const uint8_t *payload, unsigned len, uint8_t *answer);
/* Lets modules talk where nobody else moves the clock; false: somebody does. */
bool web_link_wait(struct web_link *l);
void web_link_close(struct web_link *l);

/* readers.c: serves who connects to that listening socket, for ever. */
void web_readers_serve(int listening, const struct web_target *t);

#endif
