/* SPDX-License-Identifier: Apache-2.0 */
#include "machine/crypto_bus.h"

const struct semo_crypto_costs *semo_crypto_costs(const struct semo_machine *m)
{
    static const struct semo_crypto_costs at64 = {93,   745,  836,  654, 8,
                                                  1950, 1581, 1118, 837, 1295};
    static const struct semo_crypto_costs at128 = {173,  2761, 2932, 2590, 16,
                                                   6382, 5693, 3454, 2933, 4475};
    return m->config.security == 128 ? &at128 : &at64;
}

static unsigned words_of_key(const struct semo_machine *m)
{
    return m->config.security / 16;
}

/* The lines of a read in from..to, each of them a violation when it is refused. */
static void lines(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address,
                  bool refused)
{
    if (!m->trace && !m->core.dma_listens)
        return;
    semo_trace_flush_early(m, from);
    for (uint64_t t = from; t <= to && t < m->cut; t++) {
        if (m->core.dma_listens)
            semo_dma_wait(m, t, address);
        semo_trace_bus(m, t, address);
        if (refused)
            semo_trace_violation(m, t);
    }
}

/* The monitor ends an instruction that violates in the cycle behind. */
static void violated(struct semo_machine *m, uint64_t when)
{
    if (m->config.atomicity && m->cut > when + 1)
        m->cut = when + 1;
}

uint16_t semo_crypto_hold(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address)
{
    semo_monitor_advance(m, from);
    if (from >= m->cut)
        return 0;
    bool refused = semo_bus_check(m, address, false, false) != SEMO_ALLOWED;
    m->quiet = true;
    uint16_t word = semo_bus_read(m, from, address, false);
    m->quiet = false;
    if (refused)
        violated(m, from);
    semo_monitor_advance(m, to);
    lines(m, from, to, address, refused);
    return word;
}

void semo_crypto_ahead(struct semo_machine *m, uint64_t from, uint64_t to, uint16_t address)
{
    if (m->config.profile == SEMO_HARDENED)
        lines(m, from, to, address, false);
    else
        semo_crypto_hold(m, from, to, address);
}

void semo_crypto_write(struct semo_machine *m, uint64_t when, uint16_t address, uint16_t word)
{
    semo_monitor_advance(m, when);
    if (when >= m->cut)
        return;
    bool refused = semo_bus_check(m, address, true, false) != SEMO_ALLOWED;
    semo_bus_write(m, when, address, word, false);
    if (refused)
        violated(m, when);
}

uint64_t semo_crypto_message(struct semo_machine *m, uint64_t c, uint16_t start, unsigned count,
                             uint16_t *words)
{
    unsigned z = semo_crypto_costs(m)->permutation, n = words_of_key(m);
    uint64_t end = c + (n + 1) * (uint64_t)z - 2 * n, from = c + 2;
    if (!count) {
        semo_crypto_ahead(m, c, c, start);
        return c;
    }
    words[0] = semo_crypto_hold(m, c, c, start);
    for (unsigned k = 1; k < count; k++, from = end + 2, end += z)
        words[k] = semo_crypto_hold(m, from, end, (uint16_t)(start + 2 * k));
    semo_crypto_ahead(m, from, end, (uint16_t)(start + 2 * count));
    return end;
}

bool semo_crypto_tag_equal(struct semo_machine *m, unsigned cost, uint16_t address,
                           const uint16_t *tag)
{
    unsigned z = semo_crypto_costs(m)->permutation, n = words_of_key(m), difference = 0;
    uint64_t from = m->at + cost - 5 - (uint64_t)(n - 1) * z, to = from + 2;
    for (unsigned k = 0; k < n; k++, from = to + 1, to += z)
        difference |= semo_crypto_hold(m, from, to, (uint16_t)(address + 2 * k)) ^ tag[k];
    return difference == 0;
}
