/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about the target, and the monitor commands. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "machine/debug/gdb_state.h"
#include "machine/debug/report.h"

static const char *const names[SEMO_GDB_REGISTERS] = {"pc",  "sp",  "sr",  "r3", "r4",  "r5",
                                                      "r6",  "r7",  "r8",  "r9", "r10", "r11",
                                                      "r12", "r13", "r14", "r15"};
static const char *const generic[SEMO_GDB_REGISTERS] = {"pc", "sp", "flags"};
static const char triple[] = "msp430-unknown-unknown";

/* ---- monitor commands ---- */

static void print_cycles(struct semo_gdb *g, const char *argument)
{
    (void)argument;
    char line[64];
    snprintf(line, sizeof line, "%" PRIu64 " cycles\n", semo_machine_cycle(g->m));
    semo_gdb_say(g, line);
}

static void print_modules(struct semo_gdb *g, const char *argument)
{
    (void)argument;
    const struct semo_access_state *a = g->m->core.access;
    char line[160];
    unsigned count = 0;
    for (unsigned i = 0; i < a->count; i++) {
        const struct semo_slot *s = &a->slots[i];
        if (!s->enabled)
            continue;
        bool here = s->id == semo_machine_module_at(g->m, semo_machine_register(g->m, 0));
        snprintf(line, sizeof line, "module %u: text %04x-%04x, private data %04x-%04x%s\n", s->id,
                 s->ps, s->pe - 1, s->ss, s->se - 1, here ? ", executing" : "");
        semo_gdb_say(g, line);
        count++;
    }
    if (!count)
        semo_gdb_say(g, "no module is enabled\n");
}

static void print_violation(struct semo_gdb *g, const char *argument)
{
    (void)argument;
    char line[640] = "no violation so far\n";
    if (*g->violation)
        snprintf(line, sizeof line, "%u so far; %s: %s\n", semo_machine_violations(g->m),
                 g->foreseen ? "the next instruction" : "the last", g->violation);
    semo_gdb_say(g, line);
}

static void reset(struct semo_gdb *g, const char *argument)
{
    (void)argument;
    g->foreseen = false;
    semo_machine_reset(g->m);
    semo_gdb_say(g, "reset\n");
}

/* lldb 19 cannot find static variables of MSP430, the symbols can. */
static void print_variable(struct semo_gdb *g, const char *name)
{
    char line[256], region[64];
    uint16_t address, size;
    if (!semo_symbols_find(g->config.symbols, name, &address, &size)) {
        semo_gdb_say(g, "no such symbol\n");
        return;
    }
    uint8_t bytes[32];
    unsigned len = size < sizeof bytes ? size : sizeof bytes;
    semo_gdb_peek(g, address, bytes, len);
    int n = snprintf(line, sizeof line, "%04x (%s):", address,
                     semo_report_region(g->m, address, region, sizeof region));
    if (len == 2)
        n += snprintf(line + n, sizeof line - (size_t)n, " %u =", bytes[0] | bytes[1] << 8);
    for (unsigned i = 0; i < len; i++)
        n += snprintf(line + n, sizeof line - (size_t)n, " %02x", bytes[i]);
    snprintf(line + n, sizeof line - (size_t)n, "%s\n", len < size ? " ..." : "");
    semo_gdb_say(g, line);
}

static void print_help(struct semo_gdb *g, const char *argument);

static const struct {
    const char *name;
    void (*run)(struct semo_gdb *g, const char *argument);
    const char *help;
} monitor[] = {
    {"cycles", print_cycles, "how many there were"},
    {"modules", print_modules, "the enabled modules and their sections"},
    {"violation", print_violation, "who, what, where, which rule"},
    {"print", print_variable, "NAME: a variable, by its symbol"},
    {"reset", reset, "as by the reset pin"},
    {"help", print_help, "this list"},
};
enum { MONITOR = sizeof monitor / sizeof monitor[0] };

static void print_help(struct semo_gdb *g, const char *argument)
{
    (void)argument;
    char line[128];
    for (unsigned i = 0; i < MONITOR; i++) {
        snprintf(line, sizeof line, "%-10s %s\n", monitor[i].name, monitor[i].help);
        semo_gdb_say(g, line);
    }
}

/* "NAME ARGUMENT" in hexadecimal digits */
static void run_monitor(struct semo_gdb *g, const char *hex)
{
    char text[96] = "";
    for (unsigned n = 0; n + 1 < sizeof text && hex[0] && hex[1]; n++, hex += 2) {
        char pair[3] = {hex[0], hex[1], 0};
        const char *at = pair;
        uint32_t byte;
        if (!semo_gdb_number(&at, 0xFF, &byte) || *at)
            break;
        text[n] = (char)byte;
    }
    char *argument = text + strcspn(text, " ");
    if (*argument)
        *argument++ = 0;
    unsigned i = 0;
    while (i < MONITOR && strcmp(text, monitor[i].name) != 0)
        i++;
    if (i < MONITOR)
        monitor[i].run(g, argument);
    else
        print_help(g, "");
    semo_gdb_add(g, "OK");
}

/* ---- descriptions ---- */

static void describe_target(struct semo_gdb *g, const char *range)
{
    char xml[4096];
    uint32_t offset, len;
    int n = snprintf(xml, sizeof xml,
                     "<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n"
                     "<target version=\"1.0\">\n<architecture>msp430</architecture>\n"
                     "<feature name=\"org.gnu.gdb.msp430.cpu\">\n");
    for (unsigned i = 0; i < SEMO_GDB_REGISTERS; i++) {
        const char *type = i == 0 ? "code_ptr" : i == 1 ? "data_ptr" : "uint16";
        n += snprintf(xml + n, sizeof xml - (size_t)n,
                      "<reg name=\"%s\" altname=\"r%u\" bitsize=\"16\" type=\"%s\" "
                      "regnum=\"%u\" dwarf_regnum=\"%u\" ehframe_regnum=\"%u\"",
                      names[i], i, type, i, i, i);
        n += snprintf(xml + n, sizeof xml - (size_t)n, generic[i] ? " generic=\"%s\"/>\n" : "/>\n",
                      generic[i]);
    }
    n += snprintf(xml + n, sizeof xml - (size_t)n, "</feature>\n</target>\n");
    if (!semo_gdb_number(&range, 0xFFFF, &offset) || *range++ != ',' ||
        !semo_gdb_number(&range, 0xFFFFFF, &len) || *range) {
        semo_gdb_add(g, "E01");
        return;
    }
    unsigned left = offset < (unsigned)n ? (unsigned)n - offset : 0;
    unsigned now = left < len ? left : len;
    now = now < SEMO_GDB_PACKET - 8 ? now : SEMO_GDB_PACKET - 8;
    semo_gdb_add(g, "%c%.*s", now < left ? 'm' : 'l', (int)now, xml + offset * (left > 0));
}

static void register_info(struct semo_gdb *g, const char *at)
{
    uint32_t n;
    if (!semo_gdb_number(&at, SEMO_GDB_REGISTERS - 1, &n) || *at) {
        semo_gdb_add(g, "E45");
        return;
    }
    semo_gdb_add(g,
                 "name:%s;alt-name:r%u;bitsize:16;offset:%u;encoding:uint;format:hex;"
                 "set:General Purpose Registers;ehframe:%u;dwarf:%u;",
                 names[n], n, 2 * n, n, n);
    if (generic[n])
        semo_gdb_add(g, "generic:%s;", generic[n]);
}

static void machine_info(struct semo_gdb *g, const char *head)
{
    semo_gdb_add(g, "%striple:", head);
    semo_gdb_add_hex(g, triple, strlen(triple));
    semo_gdb_add(g, ";endian:little;ptrsize:2;");
}

static void host_info(struct semo_gdb *g, const char *at)
{
    (void)at;
    machine_info(g, "watchpoint_exceptions_received:after;");
}

static void process_info(struct semo_gdb *g, const char *at)
{
    (void)at;
    machine_info(g, "pid:1;");
}

static void memory_region(struct semo_gdb *g, const char *at)
{
    static const uint32_t limits[] = {0, SEMO_DATA_START, SEMO_DATA_END, SEMO_PROGRAM_START,
                                      0x10000};
    uint32_t address;
    unsigned i = 1;
    if (!semo_gdb_number(&at, UINT32_MAX, &address) || *at) {
        semo_gdb_add(g, "E01");
        return;
    }
    while (i < 4 && address >= limits[i])
        i++;
    if (address >= limits[4])
        semo_gdb_add(g, "start:10000;size:ffffffffffff0000;");
    else
        semo_gdb_add(g, "start:%x;size:%x;permissions:%s;", limits[i - 1],
                     limits[i] - limits[i - 1], i == 4 ? "rwx" : "rw");
}

/* ---- all questions ---- */

static void no_ack(struct semo_gdb *g, const char *at)
{
    (void)at;
    g->no_ack = true;
    semo_gdb_add(g, "OK");
}

static void supported(struct semo_gdb *g, const char *at)
{
    (void)at;
    semo_gdb_add(g, "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;vContSupported+",
                 SEMO_GDB_PACKET - 1);
}

static void stop_info(struct semo_gdb *g, const char *at)
{
    (void)at;
    semo_gdb_stop_reply(g);
}

/* Either a function or a fixed text; matched by the beginning, in this order. */
static const struct {
    const char *begins;
    void (*run)(struct semo_gdb *g, const char *rest);
    const char *text;
} questions[] = {
    {"qSupported", supported, NULL},
    {"QStartNoAckMode", no_ack, NULL},
    {"qXfer:features:read:target.xml:", describe_target, NULL},
    {"qRegisterInfo", register_info, NULL},
    {"qHostInfo", host_info, NULL},
    {"qProcessInfo", process_info, NULL},
    {"qMemoryRegionInfo:", memory_region, NULL},
    {"qThreadStopInfo", stop_info, NULL},
    {"qRcmd,", run_monitor, NULL},
    {"qfThreadInfo", NULL, "m1"},
    {"qsThreadInfo", NULL, "l"},
    {"qCRC:", NULL, ""},
    {"qC", NULL, "QC1"},
    {"qAttached", NULL, "1"},
    {"qOffsets", NULL, "Text=0;Data=0;Bss=0"},
    {"qSymbol", NULL, "OK"},
    {"qWatchpointSupportInfo", NULL, "num:64;"},
};

void semo_gdb_query(struct semo_gdb *g, const char *packet)
{
    for (unsigned i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        size_t len = strlen(questions[i].begins);
        if (strncmp(packet, questions[i].begins, len) != 0)
            continue;
        if (questions[i].run)
            questions[i].run(g, packet + len);
        else
            semo_gdb_add(g, "%s", questions[i].text);
        return;
    }
}
