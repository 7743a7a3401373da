/* SPDX-License-Identifier: Apache-2.0 */
/* WEB: makes the page that shows how often the button was pressed. Anybody may read it in pieces
 * (page) and have the count asked for (refresh); what the owner reads over a direct request is the
 * same page, authentic. It also keeps the fingerprint of the certificate that the owner announced,
 * for those who will connect: the bytes of TLS are carried by a program that nobody trusts. */
#include <semo/module.h>
#include "presses.h"

#define PIECE        SEMO_PAYLOAD_DEFAULT
#define PAGE_MAX     160
#define PRINT_LEN    32 /* SHA-256 of the certificate */
#define DIGITS_MAX   10
#define BEFORE_COUNT "<!doctype html><title>Button</title><p>The button was pressed <b>"
#define AFTER_COUNT  "</b> times.</p>\n"

static const uint8_t before[] = BEFORE_COUNT, after[] = AFTER_COUNT;
static const uint32_t tens[DIGITS_MAX] = {1000000000, 100000000, 10000000, 1000000, 100000,
                                          10000,      1000,      100,      10,      1};

static SM_DATA(WEB) uint32_t total;
static SM_DATA(WEB) uint8_t known; /* total was heard */
static SM_DATA(WEB) uint8_t print[PRINT_LEN], announced;

SM_REQUEST_MAX(WEB, ask_presses, status, data, len, TOTAL_LEN)
{
    if (status != SEMO_OK || len != TOTAL_LEN)
        return;
    total = get_u32(data);
    known = 1;
}

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

/* offset u16 -> what is there of the page, at most PIECE bytes; less: its end. */
SM_ENTRY(WEB, page, data, len)
{
    uint8_t whole[PAGE_MAX];
    unsigned end = put_page(whole), at = get_u16(data), n = 0;
    if (len != 2)
        return 0;
    for (; n < PIECE && at + n < end; n++)
        data[n] = whole[at + n];
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

SM_INPUT_MAX(WEB, announce_in, data, len, PRINT_LEN)
{
    if (len != PRINT_LEN)
        return;
    for (unsigned i = 0; i < PRINT_LEN; i++)
        print[i] = data[i];
    announced = 1;
}

SM_HANDLER_MAX(WEB, certificate, data, len, PRINT_LEN)
{
    (void)len;
    for (unsigned i = 0; announced && i < PRINT_LEN; i++)
        data[i] = print[i];
    return announced ? PRINT_LEN : 0;
}
