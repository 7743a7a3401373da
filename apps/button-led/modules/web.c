/* SPDX-License-Identifier: Apache-2.0 */
/* WEB: the page that shows how often the button was pressed. TLS ends here: a carrier that nobody
 * trusts brings the bytes of browsers to the entry `carry`. Who asks for the page has COUNTER
 * asked, and gets what it says. The owner pins the certificate over a direct request. */
#include <semo/https.h>
#include <semo/module.h>
#include "presses.h"

#define PAGE_MAX     160
#define DIGITS_MAX   10
#define BEFORE_COUNT "<!doctype html><title>Button</title><p>The button was pressed <b>"
#define AFTER_COUNT  "</b> times.</p>\n"

static const uint8_t before[] = BEFORE_COUNT, after[] = AFTER_COUNT;
static const uint32_t tens[DIGITS_MAX] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                          10000,      1000,      100,      10,      1};

static SM_DATA(WEB) uint32_t total;
static SM_DATA(WEB) uint8_t known; /* total is what COUNTER said last */

static unsigned SM_FUNC(WEB) put_total(uint8_t *at)
{
    uint32_t n = total;
    unsigned len = 0;
    for (unsigned i = 0; i < DIGITS_MAX; i++) {
        uint8_t digit = '0';
        for (; n >= tens[i]; n -= tens[i])
            digit++;
        if (len || digit != '0' || i + 1 == DIGITS_MAX)
            at[len++] = digit;
    }
    return len;
}

static unsigned SM_FUNC(WEB) put_page(uint8_t *at)
{
    unsigned len = 0;
    for (unsigned i = 0; i < sizeof before - 1; i++)
        at[len++] = before[i];
    if (known)
        len += put_total(at + len);
    else
        at[len++] = '?';
    for (unsigned i = 0; i < sizeof after - 1; i++)
        at[len++] = after[i];
    return len;
}

/* All who asked so far. */
static void SM_FUNC(WEB) answer(void)
{
    uint8_t page[PAGE_MAX];
    const char *path;
    while ((path = semo_https_asked()))
        semo_https_answer(page, path[0] == '/' && !path[1] ? put_page(page) : 0);
}

SM_REQUEST_MAX(WEB, ask_presses, status, data, len, TOTAL_LEN)
{
    known = status == SEMO_OK && len == TOTAL_LEN;
    if (known)
        total = get_u32(data);
    answer();
}

SM_ENTRY_MAX(WEB, carry, data, len, SEMO_HTTPS_CALL_MAX)
{
    unsigned n = semo_https_carry(data, len);
    if (semo_https_asked() && ask_presses(0, 0) == SEMO_MISSING)
        answer();
    return n;
}

SM_ENTRY(WEB, refresh, data, len)
{
    (void)data, (void)len;
    (void)ask_presses(0, 0);
    return 0;
}

SM_HANDLER_MAX(WEB, read_page, data, len, PAGE_MAX)
{
    (void)len;
    return put_page(data);
}

SM_HANDLER_MAX(WEB, certificate, data, len, SEMO_HTTPS_CERTIFICATE_MAX)
{
    (void)len;
    return semo_https_certificate(data);
}
