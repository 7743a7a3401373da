/* SPDX-License-Identifier: Apache-2.0 */
/* ESME: the meter core. Integer registers with carry: the front end counts watt-seconds, this
 * module adds what was counted since the last reading to Wh and a remainder, so a lost reading
 * loses nothing. It asks the load switch for its state and can do nothing else to it. */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define WS_PER_WH    3600
#define REPORT_EVERY 10 /* s; the HAN needs an update at least that often (paper section 5) */

SM_OUTPUT(ESME, ls_out);
SM_OUTPUT(ESME, cs_out);
SM_OUTPUT(ESME, han_out);

static SM_DATA(ESME) uint16_t last_ws[3]; /* the front end's counter at the last reading */
static SM_DATA(ESME) uint32_t import_wh;
static SM_DATA(ESME) uint32_t remainder_ws; /* < WS_PER_WH */
static SM_DATA(ESME) uint32_t utc, power_w;
static SM_DATA(ESME) uint16_t voltage_10mv, current_10ma;
static SM_DATA(ESME) uint8_t supply_known, sply_state, report_due;
static SM_DATA(ESME) uint16_t asked, refused, since_report_s;

static uint8_t SM_FUNC(ESME) restarted(const uint16_t *now)
{
    uint8_t i;
    for (i = 3; i-- > 0;)
        if (now[i] != last_ws[i])
            return now[i] < last_ws[i];
    return 0;
}

/* The front end is read each second: less than 2^32 Ws pass between two readings. */
static void SM_FUNC(ESME) accumulate(const uint16_t *now)
{
    uint32_t was = (uint32_t)last_ws[1] << 16 | last_ws[0];
    uint32_t is = (uint32_t)now[1] << 16 | now[0];
    if (restarted(now))
        was = 0; /* the driver was enabled anew and counts from 0 */
    remainder_ws += is - was;
    if (remainder_ws >= WS_PER_WH) {
        import_wh += remainder_ws / WS_PER_WH;
        remainder_ws %= WS_PER_WH;
    }
    last_ws[0] = now[0];
    last_ws[1] = now[1];
    last_ws[2] = now[2];
}

static uint8_t SM_FUNC(ESME) supply(void)
{
    return supply_known ? sply_state : SPLY_UNKNOWN;
}

static void SM_FUNC(ESME) report_cs(uint16_t number)
{
    uint8_t m[REPORT_LEN];
    put_head(m, number, GET_CONSUMPTION);
    put_u32(m + 3, utc);
    m[7] = supply();
    put_u32(m + 8, power_w);
    put_u32(m + 12, import_wh);
    put_u16(m + 16, (uint16_t)remainder_ws);
    put_u16(m + 18, voltage_10mv);
    put_u16(m + 20, current_10ma);
    cs_out(m, sizeof m);
}

static void SM_FUNC(ESME) report_han(void)
{
    uint8_t m[HAN_REPORT_LEN];
    m[0] = GET_CONSUMPTION;
    put_u32(m + 1, utc);
    m[5] = supply();
    put_u16(m + 6, (uint16_t)power_w);
    m[8] = (uint8_t)(power_w >> 16);
    put_u32(m + 9, import_wh);
    put_u16(m + 13, (uint16_t)remainder_ws);
    han_out(m, sizeof m);
}

SM_INPUT_MAX(ESME, reading_in, data, len, METERING_READING_LEN)
{
    uint16_t now[3];
    if (len != METERING_READING_LEN) {
        refused++;
        return;
    }
    now[0] = get_u16(data);
    now[1] = get_u16(data + 2);
    now[2] = get_u16(data + 4);
    accumulate(now);
    power_w = get_u32(data + 6);
    voltage_10mv = get_u16(data + 10);
    current_10ma = get_u16(data + 12);
    if (report_due) {
        report_due = 0;
        report_cs(0);
        report_han();
    }
}

SM_INPUT_MAX(ESME, tick_in, data, len, CLOCK_TICK_LEN)
{
    uint8_t m[COMMAND_LEN];
    if (len != CLOCK_TICK_LEN) {
        refused++;
        return;
    }
    utc = get_u32(data);
    if (++since_report_s < REPORT_EVERY)
        return;
    since_report_s = 0;
    report_due = 1;
    put_head(m, ++asked, GET_SPLY_STAT);
    ls_out(m, sizeof m);
}

SM_INPUT_MAX(ESME, ls_in, data, len, STATE_LEN)
{
    if (len != STATE_LEN || data[2] != GET_SPLY_STAT || data[3] > SPLY_UNKNOWN) {
        refused++;
        return;
    }
    if (data[3] == supply())
        return;
    supply_known = data[3] != SPLY_UNKNOWN;
    sply_state = data[3];
    report_due = 1; /* with the next reading, which was measured after the change */
}

SM_INPUT_MAX(ESME, cs_in, data, len, COMMAND_LEN)
{
    if (len == COMMAND_LEN && data[2] == GET_CONSUMPTION)
        report_cs(get_u16(data));
    else
        refused++;
}
