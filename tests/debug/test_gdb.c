/* SPDX-License-Identifier: Apache-2.0 */
/* GDB's remote protocol without a socket: packets in, packets out. */
#include "machine/debug/gdb.h"
#include "machine/debug/symbols.h"
#include "tests/debug/random.h"
#include "tests/machine/rig.h"

enum { TEXT = 0x7000, END = 0x7020, PRIVATE = 0x2000, PRIVATE_END = 0x2020 };

static const struct rig_module module_at = {TEXT, END, PRIVATE, PRIVATE_END};

struct end { /* the debugger's */
    struct semo_machine *m;
    struct semo_gdb *g;
    char out[20000];
    size_t len;
    unsigned violations;
};

static void receive(void *context, const uint8_t *bytes, size_t len)
{
    struct end *e = context;
    assert_true(e->len + len < sizeof e->out);
    memcpy(e->out + e->len, bytes, len);
    e->len += len;
    e->out[e->len] = 0;
}

static void violated(void *context)
{
    ((struct end *)context)->violations++;
}

static struct end *start(struct semo_machine *m, uint64_t max_cycles, bool stop_at_violation)
{
    struct end *e = calloc(1, sizeof *e);
    assert_non_null(e);
    e->m = m;
    e->g = semo_gdb_new(&(struct semo_gdb_config){.machine = m,
                                                  .max_cycles = max_cycles,
                                                  .stop_at_violation = stop_at_violation,
                                                  .send = receive,
                                                  .violated = violated,
                                                  .context = e});
    assert_non_null(e->g);
    return e;
}

static struct end *start_simple(void)
{
    return start(rig_machine(SEMO_COMPAT, 64), UINT64_MAX, false);
}

static void stop(struct end *e)
{
    semo_gdb_free(e->g);
    semo_machine_free(e->m);
    free(e);
}

static void feed(struct end *e, const char *body, size_t len)
{
    uint8_t packet[8192], sum = 0;
    for (size_t i = 0; i < len; i++)
        sum += (uint8_t)body[i];
    packet[0] = '$';
    memcpy(packet + 1, body, len);
    sprintf((char *)packet + 1 + len, "#%02x", sum);
    semo_gdb_feed(e->g, packet, len + 4);
}

/* Sends, runs while the target runs, returns everything that came back. */
static const char *ask(struct end *e, const char *body)
{
    e->len = 0;
    e->out[0] = 0;
    feed(e, body, strlen(body));
    for (unsigned i = 0; i < 100 && semo_gdb_state(e->g) == SEMO_GDB_RUNNING; i++)
        semo_gdb_run(e->g, 1000);
    return e->out;
}

static bool says(struct end *e, const char *body, const char *part)
{
    bool good = strstr(ask(e, body), part) != NULL;
    if (!good)
        printf("# %s: %s instead of %s\n", body, e->out, part);
    return good;
}

static bool answers(struct end *e, const char *body, const char *wanted)
{
    char part[300];
    snprintf(part, sizeof part, "+$%s#", wanted);
    return says(e, body, part);
}

/* ---- */

static void framing(void **state)
{
    (void)state;
    struct end *e = start_simple();
    semo_gdb_feed(e->g, (const uint8_t *)"+-junk$?#00", 11); /* wrong sum */
    assert_string_equal(e->out, "-");
    e->len = 0;
    semo_gdb_feed(e->g, (const uint8_t *)"$p0", 3); /* cut short by the next one, in pieces */
    semo_gdb_feed(e->g, (const uint8_t *)"$q", 2);
    semo_gdb_feed(e->g, (const uint8_t *)"C#b4", 4);
    assert_string_equal(e->out, "+$QC1#c5");
    assert_true(answers(e, "unknown", ""));
    char *longer = malloc(6001);
    memset(longer, 'm', 6000);
    longer[6000] = 0;
    assert_string_equal(ask(e, longer), "-");
    free(longer);
    assert_true(answers(e, "QStartNoAckMode", "OK"));
    assert_string_equal(ask(e, "qC"), "$QC1#c5");
    e->len = 0;
    semo_gdb_feed(e->g, (const uint8_t *)"$qC#00", 6); /* sums are not looked at any more */
    assert_string_equal(e->out, "$QC1#c5");
    stop(e);
}

static void registers(void **state)
{
    (void)state;
    struct end *e = start_simple();
    for (unsigned n = 4; n < 16; n++)
        rig_set(e->m, n, (uint16_t)(0x1100 * (n - 3) + n));
    assert_true(says(e, "g", "$00600006000000000411052206330744"));
    assert_true(answers(e, "p5", "0522"));
    assert_true(answers(e, "pf", "0fcc"));
    assert_true(answers(e, "p10", "E01"));
    assert_true(answers(e, "P7=3412", "OK"));
    assert_int_equal(rig_reg(e->m, 7), 0x1234);
    assert_true(answers(e, "P0=0170", "OK")); /* instructions are even */
    assert_int_equal(rig_reg(e->m, 0), 0x7000);
    assert_true(answers(e, "P7=34", "E01"));
    assert_true(answers(e, "P7", "E01"));
    assert_true(answers(e, "P7=341256", "E01"));
    assert_true(
        answers(e, "G0061000700000000040005000600070008000900a000b000c000d000e000f0ff", "OK"));
    assert_int_equal(rig_reg(e->m, 0), 0x6100);
    assert_int_equal(rig_reg(e->m, 15), 0xFFF0);
    assert_true(answers(e, "G0061", "E01"));
    stop(e);
}

static void memory(void **state)
{
    (void)state;
    struct end *e = start(rig_machine(SEMO_HARDENED, 64), UINT64_MAX, false);
    rig_enable(e->m, &module_at);
    assert_true(answers(e, "M2004,3:0a0b0c", "OK")); /* private data, past all protection */
    assert_true(answers(e, "m2003,5", "000a0b0c00"));
    assert_int_equal(rig_get(e->m, 0x2004), 0x0B0A);
    static const char binary[] = "X2010,5:a}\x03}\x04\0}]";
    e->len = 0;
    feed(e, binary, sizeof binary - 1);
    assert_string_equal(e->out, "+$OK#9a");
    assert_true(answers(e, "m2010,5", "612324007d"));
    assert_true(answers(e, "X2010,0:", "OK"));
    assert_true(answers(e, "X2010,2:a", "E01"));
    assert_true(answers(e, "m200", "E01"));
    assert_true(answers(e, "mffff,2", "E01"));
    assert_true(answers(e, "m10000,1", "E01"));
    assert_true(answers(e, "mffff,1", "5c"));
    assert_true(answers(e, "M2004,2:0a", "E01"));
    assert_true(answers(e, "M2004,1:xy", "E01"));
    assert_true(strlen(ask(e, "m0,10000")) < 4200); /* as much as fits */
    rig_set(e->m, 0, RIG_CODE);
    RIG_WORDS(e->m, RIG_CODE, 0x40F2, 0x005A, 0x0021); /* mov.b #0x5a, &P1OUT */
    assert_true(says(e, "s", "$T05"));
    assert_true(answers(e, "m21,1", "5a")); /* a register of a device */
    stop(e);
}

/* A loop in a module: entered by a call of unprotected code. */
static struct end *start_module(enum semo_profile profile, bool stop_at_violation)
{
    struct semo_machine *m = rig_machine(profile, 64);
    RIG_WORDS(m, TEXT, 0x434F, 0x531F, 0x4F82, PRIVATE + 4, 0x4214, PRIVATE + 4, 0x3FFA);
    assert_int_equal(rig_enable(m, &module_at), 1);
    RIG_WORDS(m, RIG_CODE, 0x4030, TEXT); /* br #TEXT, by rig_enable's place */
    rig_set(m, 0, RIG_CODE);
    return start(m, UINT64_MAX, stop_at_violation);
}

static void breakpoints(void **state)
{
    (void)state;
    struct end *e = start_module(SEMO_COMPAT, false);
    assert_true(answers(e, "Z0,7004,2", "OK")); /* inside the module */
    assert_true(says(e, "c", "$T05thread:1;00:0470;"));
    assert_int_equal(rig_reg(e->m, 15), 1);
    assert_true(says(e, "vCont;c", "$T05thread:1;00:0470;")); /* around once more */
    assert_int_equal(rig_reg(e->m, 15), 2);
    assert_true(answers(e, "z0,7004,2", "OK"));
    assert_true(answers(e, "z0,7004,2", "OK"));
    assert_true(answers(e, "Z1,7002,2", "OK"));
    assert_true(says(e, "vCont;s:1", "00:0870;"));
    assert_true(says(e, "C05", "00:0270;"));
    assert_true(says(e, "s", "00:0470;"));
    assert_true(says(e, "S05", "00:0870;"));
    assert_true(answers(e, "Z5,7002,2", ""));
    assert_true(answers(e, "Z0,10000,2", "E01"));
    assert_true(answers(e, "Z2,7002,0", "E01"));
    assert_true(answers(e, "vCont?", "vCont;c;C;s;S"));
    assert_true(answers(e, "vCont;x", "E01"));
    assert_true(answers(e, "c12345", "E01"));
    assert_true(says(e, "s7002", "00:0470;")); /* somewhere else, within the module */
    char point[32];
    unsigned taken = 1; /* one is set */
    for (unsigned i = 0; i < 200; i++) {
        sprintf(point, "Z0,%x,2", 0x8000 + 2 * i);
        taken += strstr(ask(e, point), "OK") != NULL;
    }
    assert_int_equal(taken, 128);
    assert_int_equal(semo_machine_violations(e->m), 0);
    stop(e);
}

static void watchpoints(void **state)
{
    (void)state;
    struct end *e = start_module(SEMO_COMPAT, false);
    assert_true(answers(e, "Z2,2005,1", "OK")); /* the upper byte of what is written */
    assert_true(says(e, "c", "watch:2005;"));
    assert_int_equal(rig_reg(e->m, 0), 0x7008); /* after the write */
    assert_true(answers(e, "z2,2005,1", "OK"));
    assert_true(answers(e, "Z3,2000,10", "OK"));
    assert_true(says(e, "c", "rwatch:2004;"));
    assert_int_equal(rig_reg(e->m, 0), 0x700C);
    assert_true(answers(e, "Z4,2004,2", "OK"));
    assert_true(answers(e, "z3,2000,10", "OK"));
    assert_true(says(e, "c", "awatch:2004;"));
    assert_int_equal(rig_reg(e->m, 0), 0x7008);
    assert_true(says(e, "c", "awatch:2004;"));
    assert_int_equal(rig_reg(e->m, 0), 0x700C);
    assert_true(answers(e, "z4,2004,2", "OK"));
    assert_true(answers(e, "Z2,2006,2", "OK")); /* nobody touches it */
    assert_true(answers(e, "Z0,7002,2", "OK"));
    assert_true(says(e, "c", "00:0270;"));
    assert_null(strstr(e->out, "watch"));
    stop(e);
}

/* The module reads the private data of another one; hardened would wipe it. */
static void violation_stops_before(void **state)
{
    (void)state;
    for (int profile = SEMO_COMPAT; profile <= SEMO_HARDENED; profile++) {
        struct end *e = start_module(profile, false);
        const struct rig_module other = {0x7100, 0x7120, 0x2100, 0x2120};
        assert_int_equal(rig_enable(e->m, &other), 2);
        RIG_WORDS(e->m, RIG_CODE, 0x4030, TEXT);
        rig_set(e->m, 0, RIG_CODE);
        rig_set(e->m, 15, 0);
        rig_put(e->m, 0x700A, 0x2104); /* mov &2104, r4 */
        uint64_t from = semo_machine_cycle(e->m);
        assert_true(says(e, "c", "$O"));
        assert_non_null(strstr(e->out, "$T0b"));
        assert_non_null(strstr(e->out, "00:0870;"));
        assert_non_null(strstr(e->out, "reason:exception;description:76696f6c6174696f6e"));
        assert_int_equal(e->violations, 1);
        assert_int_equal(semo_machine_violations(e->m), 0);
        assert_int_equal(rig_get(e->m, PRIVATE + 4), 1);
        assert_true(semo_machine_cycle(e->m) > from);
        assert_true(
            says(e, "qRcmd,76696f6c6174696f6e", "$O3020736f206661723b20")); /* "0 so far; " */
        assert_true(says(e, "s", "$T05thread:1;00:005d;"));                 /* interrupt 13 */
        assert_int_equal(semo_machine_violations(e->m), 1);
        assert_int_equal(e->violations, 1);
        assert_int_equal(rig_get(e->m, PRIVATE + 4), profile == SEMO_COMPAT);
        stop(e);
    }
}

static void violation_can_be_mended(void **state)
{
    (void)state;
    struct end *e = start_module(SEMO_COMPAT, true);
    rig_put(e->m, 0x700A, 0x7FFE);
    rig_put(e->m, 0x700A, TEXT + 2);
    assert_true(answers(e, "Z0,700c,2", "OK"));
    assert_true(says(e, "c", "00:0c70;")); /* own text may be read */
    assert_true(answers(e, "z0,700c,2", "OK"));
    assert_true(answers(e, "M7006,2:0070", "OK")); /* mov r15, &7000: written by nobody */
    assert_true(says(e, "c", "$T0b"));
    assert_true(answers(e, "M7006,2:0420", "OK"));
    assert_true(answers(e, "Z0,700c,2", "OK"));
    assert_true(says(e, "c", "00:0c70;"));
    assert_int_equal(semo_machine_violations(e->m), 0);
    assert_true(answers(e, "M7006,2:0070", "OK"));
    assert_true(says(e, "c", "$T0b"));
    assert_true(says(e, "c", "$W05")); /* as asked for: it ends there */
    assert_int_equal(semo_gdb_state(e->g), SEMO_GDB_ENDED);
    assert_int_equal(semo_gdb_end(e->g), SEMO_STOP_VIOLATION);
    stop(e);
}

static void one_step_for_enable(void **state)
{
    (void)state;
    struct semo_machine *m = rig_machine(SEMO_COMPAT, 64);
    RIG_WORDS(m, RIG_CODE, RIG_ENABLE, 0x3FFF);
    struct end *e = start(m, UINT64_MAX, false);
    static const uint16_t values[16] = {[12] = TEXT, END, PRIVATE, PRIVATE_END};
    for (unsigned n = 9; n < 16; n++)
        rig_set(m, n, values[n]);
    assert_true(says(e, "s", "00:0260;"));
    assert_int_equal(rig_reg(m, 15), 1);
    assert_true(says(e, "qRcmd,6d6f64756c6573", "$O")); /* modules */
    assert_true(says(e, "qRcmd,6379636c6573", "$O"));   /* cycles */
    assert_true(says(e, "qRcmd,7265736574", "$OK#"));   /* reset */
    assert_int_equal(semo_machine_module_at(m, TEXT), 0);
    assert_true(says(e, "qRcmd,7a7a", "$OK#"));
    assert_true(says(e, "qRcmd,7", "$OK#"));
    stop(e);
}

static void ends(void **state)
{
    (void)state;
    struct semo_machine_config config = rig_golden_config("64");
    config.stop_at_cpuoff = true;
    struct end *e = start(rig_configured(&config), UINT64_MAX, false);
    RIG_WORDS(e->m, RIG_CODE, 0xD032, 0x0010, 0x3FFF);
    assert_true(says(e, "c", "$W00#"));
    assert_int_equal(semo_gdb_end(e->g), SEMO_STOP_CPUOFF);
    assert_string_equal(ask(e, "?"), ""); /* nobody is there any more */
    stop(e);
    e = start(rig_machine(SEMO_COMPAT, 64), 5000, false);
    RIG_WORDS(e->m, RIG_CODE, 0x3FFF);
    assert_true(says(e, "c", "$W04#"));
    stop(e);
    e = start_simple();
    RIG_WORDS(e->m, RIG_CODE, 0xD032, 0x0010, 0x3FFF); /* asleep, not the end */
    assert_true(says(e, "c", "$T02"));
    assert_true(answers(e, "D", "OK"));
    assert_int_equal(semo_gdb_state(e->g), SEMO_GDB_DETACHED);
    stop(e);
    e = start_simple();
    assert_string_equal(ask(e, "k"), "+");
    assert_int_equal(semo_gdb_state(e->g), SEMO_GDB_KILLED);
    stop(e);
}

static void interrupted(void **state)
{
    (void)state;
    struct end *e = start_simple();
    RIG_WORDS(e->m, RIG_CODE, 0x3FFF);
    feed(e, "c", 1);
    semo_gdb_run(e->g, 1000);
    assert_int_equal(semo_gdb_state(e->g), SEMO_GDB_RUNNING);
    e->len = 0;
    feed(e, "g", 1); /* not now */
    assert_string_equal(e->out, "+");
    semo_gdb_feed(e->g, (const uint8_t *)"\x03", 1);
    assert_non_null(strstr(e->out, "$T02"));
    assert_int_equal(semo_gdb_state(e->g), SEMO_GDB_STOPPED);
    e->len = 0;
    semo_gdb_feed(e->g, (const uint8_t *)"\x03", 1);
    assert_int_equal(e->len, 0);
    stop(e);
}

static void descriptions(void **state)
{
    (void)state;
    struct end *e = start_simple();
    char xml[8000] = "", query[80];
    for (char more = 'm'; more == 'm';) {
        sprintf(query, "qXfer:features:read:target.xml:%zx,100", strlen(xml));
        const char *reply = ask(e, query);
        more = reply[2];
        assert_true(more == 'm' || more == 'l');
        strncat(xml, reply + 3, strcspn(reply + 3, "#"));
    }
    unsigned count = 0;
    for (const char *at = xml; (at = strstr(at, "<reg ")); at++)
        count++;
    assert_int_equal(count, 16);
    assert_non_null(strstr(xml, "<architecture>msp430</architecture>"));
    assert_string_equal(xml + strlen(xml) - 10, "</target>\n");
    assert_true(answers(e, "qXfer:features:read:target.xml:ffff,10", "l"));
    assert_true(answers(e, "qXfer:features:read:target.xml:0", "E01"));
    assert_true(answers(e, "qXfer:features:read:other.xml:0,10", ""));
    assert_true(says(e, "qRegisterInfo0", "$name:pc;"));
    assert_true(says(e, "qRegisterInfof", "$name:r15;"));
    assert_true(answers(e, "qRegisterInfo10", "E45"));
    assert_true(says(e, "qHostInfo", "ptrsize:2;"));
    assert_true(says(e, "qSupported:xmlRegisters=i386", "PacketSize=fff;"));
    assert_true(answers(e, "qMemoryRegionInfo:300", "start:200;size:4000;permissions:rw;"));
    assert_true(answers(e, "qMemoryRegionInfo:ffff", "start:5c00;size:a400;permissions:rwx;"));
    assert_true(says(e, "qMemoryRegionInfo:10000", "start:10000;"));
    assert_true(answers(e, "qfThreadInfo", "m1"));
    assert_true(answers(e, "qsThreadInfo", "l"));
    assert_true(answers(e, "Hg0", "OK"));
    stop(e);
}

/* ---- anything at all ---- */

static size_t random_bytes(uint8_t *out, size_t room)
{
    static const char *const parts[] = {"$",
                                        "#00",
                                        "m",
                                        "M200,4:",
                                        "X6000,10:",
                                        "Z0,6000,2",
                                        "Z4,0,10000",
                                        "vCont;s",
                                        "c",
                                        "s",
                                        "P0=",
                                        "G",
                                        "qRcmd,",
                                        "qXfer:features:read:",
                                        "target.xml:",
                                        "0,fff",
                                        "?",
                                        "}",
                                        "ffffffffffff",
                                        ";",
                                        "\x03",
                                        "z"};
    size_t len = 0;
    unsigned count = debug_random() % 12;
    for (unsigned i = 0; i < count; i++) {
        const char *part = parts[debug_random() % (sizeof parts / sizeof parts[0])];
        if (debug_random() % 3 == 0)
            out[len++] = (uint8_t)debug_random();
        memcpy(out + len, part, strlen(part));
        len += strlen(part);
        assert_true(len + 64 < room);
    }
    return len;
}

static void any_bytes(void **state)
{
    (void)state;
    unsigned count = debug_count(3000);
    for (unsigned i = 0; i < count; i++) {
        struct end *e = start_simple();
        if (debug_random() % 2)
            assert_true(answers(e, "QStartNoAckMode", "OK"));
        for (unsigned n = 0; n < 8 && semo_gdb_state(e->g) <= SEMO_GDB_RUNNING; n++) {
            uint8_t bytes[1024];
            e->len = 0;
            if (debug_random() % 2) {
                size_t len = random_bytes(bytes, sizeof bytes);
                feed(e, (const char *)bytes, len);
            } else {
                semo_gdb_feed(e->g, bytes, random_bytes(bytes, sizeof bytes));
            }
            semo_gdb_run(e->g, 20);
        }
        e->len = 0;
        semo_gdb_feed(e->g, (const uint8_t *)"\x03", 1);
        if (semo_gdb_state(e->g) == SEMO_GDB_STOPPED)
            assert_true(says(e, "?", "$T"));
        stop(e);
    }
    printf("# %u streams of bytes\n", count);
}

/* ---- symbols and lines ---- */

static uint8_t *example(size_t *len)
{
    return rig_file("build/examples/debug/counter.elf", len);
}

static void positions(void **state)
{
    (void)state;
    size_t len;
    char text[300];
    uint8_t *elf = example(&len);
    struct semo_symbols *s = semo_symbols_read(elf, len);
    uint16_t program, size;
    assert_true(semo_symbols_find(s, "program", &program, &size));
    struct semo_position p = semo_symbols_at(s, (uint16_t)(program + 68));
    assert_string_equal(semo_position_print(&p, text, sizeof text),
                        "program+68, examples/debug/main.c:34");
    p = semo_symbols_at(s, (uint16_t)(program + size)); /* the next function, not its end */
    assert_string_not_equal(p.symbol, "program");
    p = semo_symbols_at(s, 0x41FE);
    assert_string_equal(semo_position_print(&p, text, sizeof text), "");
    p = semo_symbols_at(NULL, 0x6000);
    assert_null(p.symbol);
    assert_false(semo_symbols_find(s, "no_such", &program, &size));
    semo_symbols_free(s);
    for (size_t i = 0; i + 8 < len; i++)
        if (memcmp(elf + i, "\0program", 9) == 0)
            elf[i + 1] = '\033';
    s = semo_symbols_read(elf, len);
    p = semo_symbols_at(s, program);
    assert_string_equal(semo_position_print(&p, text, sizeof text),
                        "?rogram, examples/debug/main.c:29");
    semo_symbols_free(s);
    free(elf);
}

static const uint8_t *line_section(const uint8_t *elf, size_t len, size_t *section_len)
{
    uint32_t table = (uint32_t)(elf[32] | elf[33] << 8 | elf[34] << 16);
    unsigned entries = elf[48] | elf[49] << 8;
    *section_len = 0;
    const uint8_t *best = NULL;
    for (unsigned i = 0; i < entries; i++) { /* the one that begins like a line table */
        const uint8_t *h = elf + table + 40 * i;
        size_t offset = (size_t)(h[16] | h[17] << 8 | h[18] << 16);
        size_t size = (size_t)(h[20] | h[21] << 8 | h[22] << 16);
        bool lines = h[4] == 1 && size > 100 && offset + size <= len && elf[offset + 4] == 4 &&
                     elf[offset + 5] == 0 && elf[offset + 10] == 1 && elf[offset + 11] == 1;
        if (lines && size > *section_len) {
            best = elf + offset;
            *section_len = size;
        }
    }
    return best;
}

/* Whatever the section says: no crash, and every answer is a string that ends. */
static void any_line_table(void **state)
{
    (void)state;
    size_t elf_len, len;
    uint8_t *elf = example(&elf_len);
    const uint8_t *section = line_section(elf, elf_len, &len);
    assert_non_null(section);
    uint8_t *bytes = malloc(len);
    unsigned count = debug_count(300);
    for (unsigned i = 0; i < count; i++) {
        memcpy(bytes, section, len);
        for (unsigned n = debug_random() % 20; n > 0; n--)
            bytes[debug_random() % len] = (uint8_t)debug_random();
        uint32_t taken = debug_random() % 4 ? (uint32_t)len : (uint32_t)(debug_random() % len);
        struct semo_lines *l = semo_lines_read(bytes, taken);
        for (unsigned address = 0; address < 0x10000; address += 0x3FB) {
            struct semo_line at = semo_lines_at(l, (uint16_t)address);
            assert_true(!at.file || strlen(at.file) <= len);
            assert_true(!at.folder || strlen(at.folder) <= len);
        }
        semo_lines_free(l);
    }
    printf("# %u line tables\n", count);
    free(bytes);
    free(elf);
}

int main(void)
{
    debug_seed();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing),
        cmocka_unit_test(registers),
        cmocka_unit_test(memory),
        cmocka_unit_test(breakpoints),
        cmocka_unit_test(watchpoints),
        cmocka_unit_test(violation_stops_before),
        cmocka_unit_test(violation_can_be_mended),
        cmocka_unit_test(one_step_for_enable),
        cmocka_unit_test(ends),
        cmocka_unit_test(interrupted),
        cmocka_unit_test(descriptions),
        cmocka_unit_test(any_bytes),
        cmocka_unit_test(positions),
        cmocka_unit_test(any_line_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
