/* SPDX-License-Identifier: Apache-2.0 */
/* semo-web carries bytes between browsers and the module WEB. Nobody trusts it (README). */
#ifndef BUTTON_LED_WEB_H
#define BUTTON_LED_WEB_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#define PRINT_LEN   32   /* SHA-256 of a certificate */
#define PAGE_MAX    1024 /* more than the module makes */
#define PATIENCE_MS 5000 /* for a peer, host time */

/* tls.c. A new key and a certificate signed by itself, in memory only; NULL: no. */
SSL_CTX *web_tls_server(uint8_t print[PRINT_LEN]);
/* One connection: handshake, answer, end. make: writes the page, returns its length, -1: no page.
 */
void web_tls_serve(SSL_CTX *tls, int fd, int (*make)(void *context, char *page), void *context);
/* Reads / from that port of this machine; the certificate must have that fingerprint. Prints the
 * body; an exit code. */
int web_tls_get(unsigned port, const uint8_t print[PRINT_LEN]);

/* page.c */
struct web_source {
    const char *socket, *node;
    unsigned module;
};
int web_page_make(void *source, char *page); /* context: struct web_source */

#endif
