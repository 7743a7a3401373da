/* SPDX-License-Identifier: Apache-2.0 */
#include <getopt.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "host/file.h"
#include "machine/mcu/options.h"

#ifndef SEMO_VERSION
#define SEMO_VERSION "0.1"
#endif
#define KEY_FILE_MAX 4096

void semo_mcu_fail(const char *subject, const char *what)
{
    struct semo_error e;
    semo_error_set(&e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0, "semo-mcu: %s: %s", subject, what);
    fprintf(stderr, "%s\n", e.text);
    exit(SEMO_EXIT_USAGE);
}

/* Decimal, or hexadecimal behind 0x; never octal. */
static uint64_t number(const char *text, uint64_t max, const char *what)
{
    char *end;
    int base = text[0] == '0' && (text[1] | 0x20) == 'x' ? 16 : 10;
    errno = 0;
    uint64_t v = strtoull(text, &end, base);
    if (*text < '0' || *text > '9' || *end || v > max || errno)
        semo_mcu_fail(text, what);
    return v;
}

/* ---- one function for each option with an argument ---- */

static void take_profile(struct semo_mcu_options *o, const char *text)
{
    if (strcmp(text, "compat") && strcmp(text, "hardened"))
        semo_mcu_fail(text, "--profile is compat or hardened");
    o->config.profile = *text == 'c' ? SEMO_COMPAT : SEMO_HARDENED;
}

static void take_security(struct semo_mcu_options *o, const char *text)
{
    o->config.security = (unsigned)number(text, 128, "--security is 64 or 128");
    if (o->config.security != 64 && o->config.security != 128)
        semo_mcu_fail(text, "--security is 64 or 128");
}

static void take_modules(struct semo_mcu_options *o, const char *text)
{
    o->config.modules = (unsigned)number(text, 64, "--modules is 1 to 64");
    if (!o->config.modules)
        semo_mcu_fail(text, "--modules is 1 to 64");
}

static void take_max(struct semo_mcu_options *o, const char *text)
{
    o->max_cycles = number(text, UINT64_MAX, "--max-cycles is a number");
}

static void take_base(struct semo_mcu_options *o, const char *text)
{
    o->base = (uint16_t)number(text, 0xFFFF, "--base is an address, 0 to 0xffff");
    o->flat = true;
}

static void take_gdb(struct semo_mcu_options *o, const char *text)
{
    o->gdb_port = (uint16_t)number(text, 0xFFFF, "--gdb is a port, 0 to 65535");
    o->gdb = true;
}

static void take_dump(struct semo_mcu_options *o, const char *text)
{
    const char *comma = strchr(text, ',');
    char address[16];
    if (!comma || comma - text >= (long)sizeof address || o->dumps == SEMO_MCU_DUMPS_MAX)
        semo_mcu_fail(text, "--dump takes ADDR,LEN, 64 times at most");
    snprintf(address, sizeof address, "%.*s", (int)(comma - text), text);
    uint32_t at = (uint32_t)number(address, 0xFFFF, "not an address");
    o->dump[o->dumps].address = (uint16_t)at;
    o->dump[o->dumps++].len =
        (uint32_t)number(comma + 1, 0x10000 - at, "not a length that ends in memory");
}

#define FILE_OPTION(name)                                                                          \
    static void take_##name(struct semo_mcu_options *o, const char *text)                          \
    {                                                                                              \
        o->name = text;                                                                            \
    }
FILE_OPTION(key_file)
FILE_OPTION(trace)
FILE_OPTION(vcd)
FILE_OPTION(fileio_in)
FILE_OPTION(fileio_out)

#define FLAG_OPTION(name, field)                                                                   \
    static void take_##name(struct semo_mcu_options *o, const char *text)                          \
    {                                                                                              \
        (void)text;                                                                                \
        o->field = true;                                                                           \
    }
FLAG_OPTION(atomicity, config.atomicity)
FLAG_OPTION(reset, config.reset_on_violation)
FLAG_OPTION(stop, stop)
FLAG_OPTION(bus, bus)
FLAG_OPTION(json, json)

static void help(struct semo_mcu_options *o, const char *text);

static void version(struct semo_mcu_options *o, const char *text)
{
    (void)o, (void)text;
    puts("semo-mcu " SEMO_VERSION);
    exit(SEMO_EXIT_DONE);
}

static const struct choice {
    const char *name, *argument;
    void (*take)(struct semo_mcu_options *o, const char *text);
    const char *help;
} choices[] = {
    {"profile", "compat|hardened", take_profile,
     "bit for bit the upstream core, or without its holes (compat)"},
    {"security", "64|128", take_security, "bits of keys and tags (64)"},
    {"master-key-file", "FILE", take_key_file,
     "node key as hexadecimal digits (default: the golden key)"},
    {"modules", "N", take_modules, "module slots (compat 4, hardened 16)"},
    {"atomicity", NULL, take_atomicity, "with the atomicity monitor"},
    {"reset-on-violation", NULL, take_reset, "a violation resets the core"},
    {"stop-on-violation", NULL, take_stop, "a violation ends the run"},
    {"max-cycles", "N", take_max, "end after N cycles"},
    {"base", "ADDR", take_base,
     "the image is a flat binary for ADDR; without a reset vector it starts there"},
    {"trace", "FILE", take_trace, "a line for each instruction, interrupt, violation (- = stdout)"},
    {"bus", NULL, take_bus, "the trace has bus accesses too"},
    {"vcd", "FILE", take_vcd, "pins, module, interrupts, violations for GTKWave"},
    {"fileio-in", "FILE", take_fileio_in, "what the file device reads (default: nothing)"},
    {"fileio-out", "FILE", take_fileio_out,
     "where it writes (- = stdout; default: bytes are dropped)"},
    {"dump", "ADDR,LEN", take_dump, "print LEN bytes of memory at the end (may be repeated)"},
    {"gdb", "PORT", take_gdb, "wait for a debugger on this port of 127.0.0.1 (0 = any free one)"},
    {"json", NULL, take_json, "print the result as one JSON object; program output to stderr"},
    {"help", NULL, help, "this text"},
    {"version", NULL, version, "the version"},
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static void help(struct semo_mcu_options *o, const char *text)
{
    (void)o, (void)text;
    puts("usage: semo-mcu run IMAGE.elf [options]\n"
         "       semo-mcu frames IMAGE.elf    call frames for lldb, as assembly "
         "(docs/debugging.md)\n"
         "Runs an MSP430 program on the emulated openMSP430 with the Sancus extensions until it "
         "sets\nCPUOFF. The defaults are those of the reference simulation. What the program "
         "prints (UART)\ngoes to stdout, with --json to stderr.\n");
    for (unsigned i = 0; i < CHOICES; i++) {
        char left[48];
        snprintf(left, sizeof left, "--%s %s", choices[i].name,
                 choices[i].argument ? choices[i].argument : "");
        printf("  %-26s %s\n", left, choices[i].help);
    }
    puts("\naddresses and numbers: decimal, or hexadecimal behind 0x\n"
         "exit status: 0 CPUOFF, 1 killed by the debugger, 2 bad usage or image, 4 cycle limit or\n"
         "asleep for ever, 5 stopped at a violation\n"
         "example: semo-mcu run build/examples/debug/counter.elf --trace - --dump 0x200,32");
    exit(SEMO_EXIT_DONE);
}

/* ---- the key ---- */

static void read_key(const char *path, struct semo_machine_config *config)
{
    size_t len, digits = 0;
    uint8_t *text;
    struct semo_error e;
    if (semo_file_read(path, KEY_FILE_MAX, &text, &len, &e) != SEMO_OK)
        semo_mcu_fail("--master-key-file", e.text);
    for (size_t i = 0; i < len; i++) {
        static const char hex[] = "0123456789abcdef";
        const char *at = memchr(hex, tolower(text[i]), 16);
        if (memchr(" \n\r\t", text[i], 4))
            continue;
        if (!at || digits >= 32)
            semo_mcu_fail(path, "the key is not 16 or 32 hexadecimal digits");
        config->master_key[digits / 2] |= (uint8_t)((at - hex) << (digits % 2 ? 0 : 4));
        digits++;
    }
    free(text);
    if (digits != config->security / 4)
        semo_mcu_fail(path, "the key has not as many bits as --security says");
}

static void golden_key(struct semo_machine_config *config)
{
    static const uint8_t key64[8] = {0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe};
    for (unsigned i = 0; i < config->security / 8; i++)
        config->master_key[i] = config->security == 64 ? key64[i] : (uint8_t)i;
}

/* ---- all together ---- */

static bool is_stdout(const char *file)
{
    return file && strcmp(file, "-") == 0;
}

static void check(const struct semo_mcu_options *o)
{
    if (o->json && (is_stdout(o->trace) || is_stdout(o->fileio_out)))
        semo_mcu_fail("--json", "has standard output for itself; give the others a file");
    if (is_stdout(o->vcd))
        semo_mcu_fail("--vcd", "give a file, not -");
    if (o->bus && !o->trace)
        semo_mcu_fail("--bus", "adds lines to a trace; give --trace too");
}

void semo_mcu_parse(struct semo_mcu_options *o, int argc, char **argv)
{
    struct option table[CHOICES + 1] = {{NULL, 0, NULL, 0}};
    int which;
    *o = (struct semo_mcu_options){.config = {.security = 64}, .max_cycles = UINT64_MAX};
    for (unsigned i = 0; i < CHOICES; i++)
        table[i] = (struct option){choices[i].name, choices[i].argument != NULL, NULL, (int)i};
    while ((which = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (which == '?') {
            fprintf(stderr, "semo-mcu: see semo-mcu --help\n");
            exit(SEMO_EXIT_USAGE);
        }
        choices[which].take(o, optarg);
    }
    o->frames = optind < argc && strcmp(argv[optind], "frames") == 0;
    if (optind + 2 != argc || (!o->frames && strcmp(argv[optind], "run")))
        semo_mcu_fail("run", "exactly one IMAGE.elf after it, please; see semo-mcu --help");
    o->image = argv[optind + 1];
    o->config.stop_at_cpuoff = o->config.stop_at_violation = true;
    check(o);
    if (o->key_file)
        read_key(o->key_file, &o->config);
    else
        golden_key(&o->config);
}
