/* SPDX-License-Identifier: Apache-2.0 */
/* semo-mcu: runs a program on the emulated microcontroller. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <semo/machine.h>

#ifndef SEMO_VERSION
#define SEMO_VERSION "0.1"
#endif
#define DUMPS_MAX 16

static const char help[] =
    "usage: semo-mcu run IMAGE.elf [options]\n"
    "Runs an MSP430 program on the emulated openMSP430 with the Sancus extensions until it sets\n"
    "CPUOFF. The defaults are those of the reference simulation (tests/golden/README.md).\n"
    "\n"
    "  --profile compat|hardened   bit for bit the upstream core, or without its holes (compat)\n"
    "  --security 64|128           bits of keys and tags (64)\n"
    "  --master-key-file FILE      node key, as hexadecimal digits (default: the golden key)\n"
    "  --modules N                 module slots (compat 4, hardened 16)\n"
    "  --atomicity                 with the atomicity monitor\n"
    "  --reset-on-violation        a violation resets the core\n"
    "  --stop-on-violation         a violation ends the run\n"
    "  --max-cycles N              end after N cycles\n"
    "  --trace FILE                one line for each instruction, interrupt, violation (- = "
    "stdout)\n"
    "  --bus                       the trace has bus accesses too\n"
    "  --input FILE                what the file input port reads\n"
    "  --dump ADDR,LEN             print LEN bytes of memory at the end (may be repeated)\n"
    "  --json                      print the result as JSON\n"
    "  --help, --version\n"
    "\n"
    "exit status: 0 CPUOFF, 2 bad usage or image, 4 cycle limit, 5 stopped at a violation\n"
    "example: semo-mcu run tests/golden/programs/irq_plain.elf --trace - --dump 0x300,32\n";

struct options {
    struct semo_machine_config config;
    const char *image, *trace, *input;
    uint64_t max_cycles;
    bool bus, json;
    unsigned dump_at[DUMPS_MAX], dump_len[DUMPS_MAX], dumps;
};

static void __attribute__((noreturn)) fail(const char *subject, const char *what)
{
    fprintf(stderr, "semo-mcu: %s: %s\n", subject, what);
    exit(SEMO_EXIT_USAGE);
}

static uint64_t number(const char *text, uint64_t max, const char *what)
{
    char *end;
    uint64_t v = strtoull(text, &end, 0);
    if (!*text || *text == '-' || *end || v > max)
        fail(text, what);
    return v;
}

#define FILE_MAX (16u << 20)

static uint8_t *slurp(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail(path, "cannot be opened");
    size_t room = 1 << 16;
    uint8_t *bytes = malloc(room);
    *len = 0;
    while (bytes) {
        *len += fread(bytes + *len, 1, room - *len, f);
        if (*len < room)
            break;
        if (room == FILE_MAX)
            fail(path, "longer than 16 MiB");
        bytes = realloc(bytes, room *= 2);
    }
    if (!bytes || ferror(f))
        fail(path, "cannot be read");
    fclose(f);
    return bytes;
}

static void read_key(const char *path, struct semo_machine_config *config)
{
    size_t len, digits = 0;
    uint8_t *text = slurp(path, &len);
    memset(config->master_key, 0, sizeof config->master_key);
    for (size_t i = 0; i < len; i++) {
        const char *hex = "0123456789abcdef", *at = strchr(hex, text[i] | 0x20);
        if (strchr(" \n\r\t", text[i]))
            continue;
        if (!text[i] || !at || digits >= 32)
            fail(path, "the key is not 16 or 32 hexadecimal digits");
        config->master_key[digits / 2] |= (uint8_t)((at - hex) << (digits % 2 ? 0 : 4));
        digits++;
    }
    free(text);
    if (digits != config->security / 4)
        fail(path, "the key has not as many bits as --security says");
}

static void golden_key(struct semo_machine_config *config)
{
    static const uint8_t key64[8] = {0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe};
    for (unsigned i = 0; i < config->security / 8; i++)
        config->master_key[i] = config->security == 64 ? key64[i] : (uint8_t)i;
}

static void add_dump(struct options *o, const char *text)
{
    char *comma = strchr(text, ',');
    if (!comma || o->dumps == DUMPS_MAX)
        fail(text, "--dump takes ADDR,LEN, 16 times at most");
    *comma = 0;
    o->dump_at[o->dumps] = (unsigned)number(text, 0xFFFF, "not an address");
    o->dump_len[o->dumps] =
        (unsigned)number(comma + 1, 0x10000 - o->dump_at[o->dumps], "not a length in memory");
    o->dumps++;
}

enum {
    PROFILE = 256,
    SECURITY,
    KEY,
    MODULES,
    ATOMICITY,
    RESET,
    STOP,
    MAX,
    TRACE,
    BUS,
    INPUT,
    DUMP
};
enum { JSON = DUMP + 1, HELP, VERSION };

static void one_option(struct options *o, int which, const char **key)
{
    switch (which) {
    case PROFILE:
        if (strcmp(optarg, "compat") && strcmp(optarg, "hardened"))
            fail(optarg, "--profile is compat or hardened");
        o->config.profile = *optarg == 'c' ? SEMO_COMPAT : SEMO_HARDENED;
        break;
    case SECURITY:
        o->config.security = (unsigned)number(optarg, 128, "--security is 64 or 128");
        if (o->config.security != 64 && o->config.security != 128)
            fail(optarg, "--security is 64 or 128");
        break;
    case KEY:
        *key = optarg;
        break;
    case MODULES:
        o->config.modules = (unsigned)number(optarg, 64, "--modules is 1 to 64");
        if (!o->config.modules)
            fail(optarg, "--modules is 1 to 64");
        break;
    case ATOMICITY:
        o->config.atomicity = true;
        break;
    case RESET:
        o->config.reset_on_violation = true;
        break;
    case STOP:
        o->config.stop_at_violation = true;
        break;
    case MAX:
        o->max_cycles = number(optarg, UINT64_MAX, "--max-cycles is a number");
        break;
    case TRACE:
        o->trace = optarg;
        break;
    case BUS:
        o->bus = true;
        break;
    case INPUT:
        o->input = optarg;
        break;
    case DUMP:
        add_dump(o, optarg);
        break;
    case JSON:
        o->json = true;
        break;
    case HELP:
        fputs(help, stdout);
        exit(0);
    case VERSION:
        puts("semo-mcu " SEMO_VERSION);
        exit(0);
    default:
        fprintf(stderr, "semo-mcu: see semo-mcu --help\n");
        exit(SEMO_EXIT_USAGE);
    }
}

static struct options parse(int argc, char **argv)
{
    static const struct option table[] = {{"profile", 1, NULL, PROFILE},
                                          {"security", 1, NULL, SECURITY},
                                          {"master-key-file", 1, NULL, KEY},
                                          {"modules", 1, NULL, MODULES},
                                          {"atomicity", 0, NULL, ATOMICITY},
                                          {"reset-on-violation", 0, NULL, RESET},
                                          {"stop-on-violation", 0, NULL, STOP},
                                          {"max-cycles", 1, NULL, MAX},
                                          {"trace", 1, NULL, TRACE},
                                          {"bus", 0, NULL, BUS},
                                          {"input", 1, NULL, INPUT},
                                          {"dump", 1, NULL, DUMP},
                                          {"json", 0, NULL, JSON},
                                          {"help", 0, NULL, HELP},
                                          {"version", 0, NULL, VERSION},
                                          {NULL, 0, NULL, 0}};
    struct options o = {.config = {.security = 64, .stop_at_cpuoff = true},
                        .max_cycles = UINT64_MAX};
    const char *key = NULL;
    int which;
    while ((which = getopt_long(argc, argv, "", table, NULL)) != -1)
        one_option(&o, which, &key);
    if (optind + 2 != argc || strcmp(argv[optind], "run"))
        fail("run", "exactly one IMAGE.elf after it, please; see semo-mcu --help");
    o.image = argv[optind + 1];
    if (key)
        read_key(key, &o.config);
    else
        golden_key(&o.config);
    return o;
}

static void put_byte(void *context, enum semo_port port, uint8_t byte)
{
    (void)port;
    putc(byte, context);
}

static void put_line(void *context, const char *line)
{
    fprintf(context, "%s\n", line);
}

static const char *const ends[] = {"cycle-limit", "asleep", "cpuoff", "violation", "device"};

static void print_dumps(const struct options *o, struct semo_machine *m)
{
    for (unsigned i = 0; i < o->dumps; i++) {
        printf(o->json ? "%s\"0x%04x\":\"" : "%s%04x: ", o->json && i ? "," : "", o->dump_at[i]);
        for (unsigned n = 0; n < o->dump_len[i]; n++) {
            uint8_t byte;
            semo_machine_peek(m, (uint16_t)(o->dump_at[i] + n), &byte, 1);
            printf("%02x", byte);
        }
        printf(o->json ? "\"" : "\n");
    }
}

static void print_json(const struct options *o, struct semo_machine *m, enum semo_stop why)
{
    const struct semo_violation *v = semo_machine_violation(m);
    printf("{\"end\":\"%s\",\"cycles\":%" PRIu64 ",\"violations\":%u,\"registers\":[", ends[why],
           semo_machine_cycle(m), semo_machine_violations(m));
    for (unsigned n = 0; n < 16; n++)
        printf("%s%u", n ? "," : "", semo_machine_register(m, n));
    printf("],\"violation\":");
    if (v)
        printf("{\"cycle\":%" PRIu64 ",\"pc\":%u,\"address\":%u,\"module\":%u,\"rule\":\"%s\"}",
               v->cycle, v->pc, v->address, v->module, v->rule);
    else
        printf("null");
    printf(",\"memory\":{");
    print_dumps(o, m);
    printf("}}\n");
}

static void print_text(const struct options *o, struct semo_machine *m, enum semo_stop why)
{
    const struct semo_violation *v = semo_machine_violation(m);
    printf("end=%s cycles=%" PRIu64 " violations=%u\n", ends[why], semo_machine_cycle(m),
           semo_machine_violations(m));
    for (unsigned n = 0; n < 16; n++)
        printf("r%u=%04x%c", n, semo_machine_register(m, n), n == 15 ? '\n' : ' ');
    if (v)
        printf("violation: cycle %" PRIu64 ": code at %04x (module %u), address %04x: %s\n",
               v->cycle, v->pc, v->module, v->address, v->rule);
    print_dumps(o, m);
}

int main(int argc, char **argv)
{
    struct options o = parse(argc, argv);
    size_t len, input_len = 0;
    const char *why = NULL;
    struct semo_machine *m = semo_machine_new(&o.config);
    uint8_t *elf = slurp(o.image, &len), *input = o.input ? slurp(o.input, &input_len) : NULL;
    if (!m)
        fail("machine", "no memory");
    if (semo_machine_load_elf(m, elf, len, &why) != SEMO_OK)
        fail(o.image, why);
    FILE *trace = !o.trace ? NULL : strcmp(o.trace, "-") ? fopen(o.trace, "w") : stdout;
    if (o.trace && !trace)
        fail(o.trace, "cannot be written");
    if (trace)
        semo_machine_trace(m, put_line, trace, o.bus);
    semo_machine_on_put(m, put_byte, stdout);
    semo_machine_input(m, input, input_len);
    enum semo_stop end = semo_machine_run(m, o.max_cycles);
    (o.json ? print_json : print_text)(&o, m, end);
    if (trace && trace != stdout && fclose(trace))
        fail(o.trace, "cannot be written");
    semo_machine_free(m);
    free(elf);
    free(input);
    return end == SEMO_STOP_CPUOFF      ? SEMO_EXIT_DONE
           : end == SEMO_STOP_VIOLATION ? SEMO_EXIT_VIOLATION
                                        : SEMO_EXIT_TIMEOUT;
}
