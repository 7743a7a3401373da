/* SPDX-License-Identifier: Apache-2.0 */
/* A web server inside a module of a Linux node: TLS ends in the module, and whoever carries the
 * bytes to and from a browser sees records of it. The descriptor says "ldflags": ["-lbearssl"] for
 * such a module. TLS 1.2, ECDHE-ECDSA on P-256; the key is made in the module, never leaves it, and
 * is another one each time that the module begins.
 *
 *   SM_ENTRY_MAX(WEB, carry, data, len, SEMO_HTTPS_CALL_MAX)      for the carrier
 *   {
 *       unsigned n = semo_https_carry(data, len);
 *       while (semo_https_asked())
 *           semo_https_answer(page, page_len);
 *       return n;
 *   }
 *   SM_HANDLER_MAX(WEB, certificate, data, len, SEMO_HTTPS_CERTIFICATE_MAX)    for who pins it
 *   {
 *       return semo_https_certificate(data);
 *   }
 *
 * The carrier calls with   connection u32 | bytes that came      (0: a connection that is new)
 * and gets                 connection u32 | state u8 | taken u16 | bytes to go; */
#ifndef SEMO_HTTPS_H
#define SEMO_HTTPS_H

#include <stdint.h>

enum semo_https_state {
    SEMO_HTTPS_OPEN,  /* call when bytes came; what was not taken comes again */
    SEMO_HTTPS_MORE,  /* call again now, with bytes or without: there is more to go */
    SEMO_HTTPS_LATER, /* call again soon: somebody waits for a page */
    SEMO_HTTPS_CLOSED /* the last: after these bytes the connection ends */
};

#define SEMO_HTTPS_CALL_MAX        1024
#define SEMO_HTTPS_CALL_HEAD       4
#define SEMO_HTTPS_ANSWER_HEAD     7
#define SEMO_HTTPS_PAGE_MAX        1536 /* less for a browser that negotiates short records */
#define SEMO_HTTPS_PATH_MAX        64
#define SEMO_HTTPS_CERTIFICATE_MAX 320
#define SEMO_HTTPS_CONNECTIONS     64 /* one more ends the one that was quiet for longest */

/* One call of the carrier, in its buffer of SEMO_HTTPS_CALL_MAX bytes; length of the answer. */
unsigned semo_https_carry(uint8_t *data, unsigned len);
/* The path, "/" for instance, that was asked for first; NULL: nobody waits for a page. */
const char *semo_https_asked(void);
/* Gives a page of HTML, at most SEMO_HTTPS_PAGE_MAX bytes, to who asked for that path; length 0:
 * there is no such page. Only after semo_https_asked() named one; else the module ends. */
void semo_https_answer(const uint8_t *page, unsigned len);
/* X.509, DER, signed by itself; its length. */
unsigned semo_https_certificate(uint8_t *at);

#endif
