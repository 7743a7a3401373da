/* SPDX-License-Identifier: Apache-2.0 */
/* The peripherals of section 2. A read shows the registers as they stand in the cycle; a write and
 * the side effect of a read take place at its end, after the peripheral's own step. */
#include <string.h>
#include "tests/oracle/oracle.h"

enum { WDT_HOLD = 0x80, WDT_INTERVAL = 0x10, WDT_CLEAR = 8, WDT_ACLK = 4 };
enum { TA_INTERRUPT = 2, TA_FLAG = 1, TA_CLEAR = 4, CCIE = 0x10, CCIFG = 1 };

void oracle_periph_reset(struct oracle *o)
{
    memset(&o->p, 0, sizeof o->p);
    o->p.smclk = true;
}

/* --- timer A --- */

static uint16_t taiv(const struct oracle_periph *p)
{
    for (uint16_t n = 1; n <= 2; n++)
        if ((p->tacctl[n] & (CCIE | CCIFG)) == (CCIE | CCIFG))
            return (uint16_t)(2 * n);
    return (p->tactl & (TA_INTERRUPT | TA_FLAG)) == (TA_INTERRUPT | TA_FLAG) ? 10 : 0;
}

static void take_taiv(struct oracle_periph *p, uint16_t value)
{
    if (value == 2 || value == 4)
        p->tacctl[value / 2] &= (uint16_t)~CCIFG;
    if (value == 10)
        p->tactl &= (uint16_t)~TA_FLAG;
}

/* From above CCR0 there is no flag (from the hardware description: section 2 is short for it). */
static uint16_t ta_up(struct oracle_periph *p, bool *flag)
{
    if (p->tar < p->taccr[0])
        return (uint16_t)(p->tar + 1);
    *flag = p->tar == p->taccr[0];
    return 0;
}

static uint16_t ta_up_down(struct oracle_periph *p, bool *flag)
{
    if (p->taccr[0] == 0)
        return 0;
    if (p->tar >= p->taccr[0])
        p->ta_down = true;
    else if (p->tar == 0)
        p->ta_down = false;
    if (!p->ta_down)
        return (uint16_t)(p->tar + 1);
    *flag = p->tar == 1;
    return (uint16_t)(p->tar - 1);
}

static void ta_step(struct oracle_periph *p)
{
    bool flag = false;
    uint16_t next = p->tar;
    switch (p->tactl >> 4 & 3) {
    case 1:
        next = ta_up(p, &flag);
        break;
    case 2:
        next = (uint16_t)(p->tar + 1);
        flag = next == 0;
        break;
    case 3:
        next = ta_up_down(p, &flag);
        break;
    }
    for (unsigned n = 0; n < 3; n++)
        if (next == p->taccr[n] && next != p->tar) {
            p->tacctl[n] |= CCIFG;
            p->ta_set |= 1U << n;
        }
    if (flag) {
        p->tactl |= TA_FLAG;
        p->ta_set |= 8;
    }
    p->tar = next;
}

static void note_overshoot(struct oracle *o)
{
    if ((o->p.tactl >> 4 & 3) == 3 && (o->p.tar > o->p.taccr[0] || !o->p.taccr[0]))
        o->undetermined = "timer A up/down from above CCR0, or with CCR0 = 0 (section 6)";
}

/* The divider is a counter that fires when its low bits are all ones, also when the division has
 * changed meanwhile (from the hardware description). */
static void ta_tick(struct oracle_periph *p, bool smclk)
{
    bool clocked = (p->tactl >> 8 & 3) == 2 && smclk; /* TACLK, INCLK: 0; ACLK never ticks */
    unsigned last = (1U << (p->tactl >> 6 & 3)) - 1;
    bool fires = (p->ta_divider & last) == last, runs = p->tactl >> 4 & 3;
    if (!clocked)
        return;
    p->ta_divider = fires ? 0 : p->ta_divider + runs;
    if (fires && runs)
        ta_step(p);
}

/* Its input is the supply for CCIS = 3, else 0 (from the hardware description). */
static uint16_t ccr_control(uint16_t control)
{
    return control | ((control >> 12 & 3) == 3 ? 8 : 0);
}

static uint16_t ta_read(const struct oracle_periph *p, uint16_t address)
{
    if (address == 0x160)
        return p->tactl;
    if (address <= 0x166)
        return ccr_control(p->tacctl[(address - 0x162) / 2]);
    if (address == 0x170)
        return p->tar;
    return p->taccr[(address - 0x172) / 2];
}

/* A flag that is set in the cycle of the write stays (from the hardware description). */
static void ta_write(struct oracle_periph *p, uint16_t address, uint16_t data)
{
    if (address == 0x160) {
        p->tactl = (data & 0x03F3) | (p->ta_set >> 3 & TA_FLAG);
        if (data & TA_CLEAR) {
            p->tar = 0;
            p->ta_divider = 0;
            p->ta_down = false;
        }
    } else if (address <= 0x166) {
        unsigned n = (address - 0x162U) / 2;
        p->tacctl[n] = (uint16_t)((data & 0xF9F7) | (p->ta_set >> n & CCIFG));
    } else if (address == 0x170) {
        p->tar = data;
    } else {
        p->taccr[(address - 0x172) / 2] = data;
    }
}

static bool is_ta(uint16_t address)
{
    return (address >= 0x160 && address <= 0x166) || (address >= 0x170 && address <= 0x176);
}

/* --- watchdog --- */

/* True when the interval is over. */
static bool wdt_tick(struct oracle_periph *p, bool smclk)
{
    static const unsigned interval[4] = {15, 13, 9, 6};
    if (!smclk || (p->wdt_control & (WDT_HOLD | WDT_ACLK)))
        return false;
    if (++p->wdt_count & ((1U << interval[p->wdt_control & 3]) - 1))
        return false;
    p->wdt_count = 0;
    p->ifg1 |= 1;
    if (!(p->wdt_control & WDT_INTERVAL))
        p->reset = p->expired = true;
    return true;
}

static void wdt_write(struct oracle_periph *p, uint16_t data)
{
    if (data >> 8 != 0x5A) {
        p->reset = true;
        return;
    }
    p->wdt_control = data & 0xF7;
    if (data & WDT_CLEAR)
        p->wdt_count = 0;
}

/* --- multiplier --- */

static void multiply(struct oracle_periph *p)
{
    bool is_signed = p->mpy_mode & 1, accumulate = p->mpy_mode & 2;
    uint32_t product = is_signed ? (uint32_t)((int32_t)(int16_t)p->mpy_op1 * (int16_t)p->mpy_op2)
                                 : (uint32_t)p->mpy_op1 * p->mpy_op2;
    uint64_t sum = product;
    if (accumulate)
        sum += (uint64_t)p->mpy_high << 16 | p->mpy_low;
    p->mpy_low = (uint16_t)sum;
    p->mpy_high = (uint16_t)(sum >> 16);
    if (is_signed)
        p->mpy_ext = p->mpy_high & 0x8000 ? 0xFFFF : 0;
    else
        p->mpy_ext = sum >> 32 & 1;
}

static uint16_t mpy_read(const struct oracle_periph *p, uint16_t address)
{
    switch (address) {
    case 0x138:
        return p->mpy_op2;
    case 0x13A:
        return p->mpy_low;
    case 0x13C:
        return p->mpy_high;
    case 0x13E:
        return p->mpy_ext;
    default:
        return p->mpy_op1;
    }
}

static void mpy_write(struct oracle_periph *p, uint16_t address, uint16_t data)
{
    switch (address) {
    case 0x138:
        p->mpy_op2 = data;
        multiply(p);
        break;
    case 0x13A:
        p->mpy_low = data;
        break;
    case 0x13C:
        p->mpy_high = data;
        break;
    case 0x13E:
        break;
    default:
        p->mpy_op1 = data;
        p->mpy_mode = (address - 0x130U) / 2;
    }
}

/* --- byte registers --- */

static const struct {
    uint16_t first;
    uint8_t registers;
} ports[6] = {{0x20, 7}, {0x28, 7}, {0x18, 4}, {0x1C, 4}, {0x30, 4}, {0x34, 4}};

/* The register itself, or NULL where there is none that keeps what is written. */
static uint8_t *byte_register(struct oracle_periph *p, uint16_t address)
{
    if (address == 0x00)
        return &p->ie1;
    if (address == 0x02)
        return &p->ifg1;
    if (address == 0x57)
        return &p->clock1;
    if (address == 0x58)
        return &p->clock2;
    if (address >= 0x90 && address < 0x98)
        return &p->digit[address - 0x90];
    for (unsigned i = 0; i < 6; i++)
        if (address > ports[i].first && address < ports[i].first + ports[i].registers)
            return &p->port[i][address - ports[i].first];
    return NULL;
}

static uint8_t byte_mask(uint16_t address)
{
    if (address == 0x00 || address == 0x02)
        return 1;
    if (address == 0x57)
        return 0x30;
    if (address == 0x58)
        return 0x0E;
    return 0xFF;
}

static uint8_t byte_read(struct oracle_periph *p, uint16_t address)
{
    static const uint8_t cpu_id[4] = {0x02, 0x02, 0x01, 0xA5};
    const uint8_t *at = byte_register(p, address);
    if (address >= 4 && address < 8)
        return cpu_id[address - 4];
    return at ? *at : 0;
}

static void byte_write(struct oracle *o, uint16_t address, uint8_t value)
{
    uint8_t *at = byte_register(&o->p, address);
    if (at)
        *at = value & byte_mask(address);
    if (address == 2)
        o->flag_after_reset = false;
    if (address == 0x84)
        o->printed[o->printed_count++ % 64] = value & 0x7F;
    if (address == 0xC2)
        o->filed[o->filed_count++ % 64] = value;
}

/* --- all --- */

/* Addresses whose behaviour the reference leaves open, or that the project adds to the chip. */
static void note_unknown(struct oracle *o, uint16_t even)
{
    if (even >= 0x70 && even < 0x78)
        o->undetermined = "DMA (section 6)";
    if (even >= 0x150 && even < 0x154)
        o->undetermined = "SPI (section 6)";
    if (even == 0xC2)
        o->undetermined = "file input when there is none (0xFF/0xAB)";
}

static uint16_t word_read(struct oracle *o, uint16_t even)
{
    struct oracle_periph *p = &o->p;
    if (is_ta(even))
        return ta_read(p, even);
    if (even == 0x12E)
        return taiv(p);
    if (even == 0x120)
        return (uint16_t)(0x6900 | p->wdt_control);
    if (even >= 0x130 && even < 0x140)
        return mpy_read(p, even);
    if (even >= 0x190 && even < 0x198)
        return (uint16_t)(p->tsc_snapshot >> 8 * (even - 0x190));
    return (uint16_t)(byte_read(p, even) | byte_read(p, even + 1) << 8);
}

uint16_t oracle_periph_read(struct oracle *o, uint16_t address)
{
    uint16_t even = address & 0xFFFE;
    o->count[ORACLE_PERIPHERALS]++;
    note_unknown(o, even);
    if (even == 0x12E)
        o->p.taiv_taken = taiv(&o->p);
    return word_read(o, even);
}

void oracle_periph_write(struct oracle *o, uint16_t address, uint16_t data, unsigned mask)
{
    uint16_t even = address & 0xFFFE;
    o->count[ORACLE_PERIPHERALS]++;
    if (even != 0xC2)
        note_unknown(o, even);
    if (even == 0x12E)
        o->p.taiv_taken = taiv(&o->p);
    o->p.write = true;
    o->p.write_address = even;
    o->p.write_data = data;
    o->p.write_mask = mask;
}

static void take_write(struct oracle *o)
{
    struct oracle_periph *p = &o->p;
    uint16_t at = p->write_address, data = p->write_data;
    if (at >= 0x162 && at <= 0x166 && (data & 0x0100))
        o->undetermined = "capture modes of timer A (section 2: inputs tied 0, no more)";
    if (is_ta(at)) {
        ta_write(p, at, data);
    } else if (at == 0x120) {
        wdt_write(p, data);
    } else if (at >= 0x130 && at < 0x140) {
        mpy_write(p, at, data);
    } else if (at >= 0x190 && at < 0x198) {
        p->tsc_snapshot = p->tsc;
    } else if (at < 0x100) {
        if (p->write_mask & 1)
            byte_write(o, at, (uint8_t)data);
        if (p->write_mask & 2)
            byte_write(o, at + 1, (uint8_t)(data >> 8));
    }
    p->write = false;
}

/* From the hardware description: whether SMCLK ticks is known a cycle before; SCG1 and lfxt, which
 * never ticks, stop it and its divider, and undivided it leaves the divider alone. */
static bool smclk_ticks(struct oracle_periph *p, bool stopped)
{
    unsigned last = (1U << (p->clock2 >> 1 & 3)) - 1;
    bool ticks = p->smclk;
    stopped |= (p->clock2 & 8) != 0;
    p->smclk = !stopped && (p->smclk_divider & last) == last;
    p->smclk_divider += !stopped && last;
    return ticks;
}

static void tick_watchdog(struct oracle *o, bool smclk)
{
    struct oracle_periph *p = &o->p;
    bool touched =
        o->accepting == 10 || (p->write && (p->write_address == 2 || p->write_address == 0x120));
    if (wdt_tick(p, smclk) && touched)
        o->undetermined = "WDTIFG set and written in the same cycle (not in section 2)";
}

void oracle_periph_tick(struct oracle *o)
{
    struct oracle_periph *p = &o->p;
    bool smclk = smclk_ticks(p, o->r[2] & SR_SCG1);
    note_overshoot(o);
    p->ta_set = 0;
    ta_tick(p, smclk);
    take_taiv(p, p->taiv_taken); /* also what this cycle set; so does the acceptance */
    if (o->accepting == 9)
        p->tacctl[0] &= (uint16_t)~CCIFG;
    p->taiv_taken = 0;
    tick_watchdog(o, smclk);
    if (p->write)
        take_write(o);
    if ((p->ifg1 & 1) && !(p->wdt_control & WDT_INTERVAL) && !p->reset && !o->flag_after_reset)
        o->undetermined = "WDTIFG set by software in watchdog mode (not in section 2)";
    o->flag_after_reset &= p->ifg1 & 1;
    o->accepting = 0;
    p->tsc++;
}

/* Requests in this cycle, bit n = interrupt n. */
unsigned oracle_periph_lines(const struct oracle *o)
{
    const struct oracle_periph *p = &o->p;
    unsigned lines = 0;
    if ((p->wdt_control & WDT_INTERVAL) && (p->ifg1 & p->ie1 & 1))
        lines |= 1U << 10;
    if ((p->tacctl[0] & (CCIE | CCIFG)) == (CCIE | CCIFG))
        lines |= 1U << 9;
    if (taiv(p))
        lines |= 1U << 8;
    if (p->port[1][3] & p->port[1][5]) /* IFG, IE */
        lines |= 1U << 3;
    if (p->port[0][3] & p->port[0][5])
        lines |= 1U << 2;
    return lines;
}

void oracle_periph_accept(struct oracle *o, int n)
{
    o->accepting = n;
    if (n == 9)
        o->p.tacctl[0] &= (uint16_t)~CCIFG;
    if (n == 10)
        o->p.ifg1 &= (uint8_t)~1;
}
