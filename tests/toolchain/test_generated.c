/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs: native clang against a module in the machine. SEMO_COUNT functions, SEMO_SEED;
 * toolchain/object.c stands on 10^4 of them, of which clang's own way gets every 200th wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "host/file.h"
#include "tests/runtime/rig.h"
#include "tests/toolchain/generate.h"
#include "toolchain/parts.h"

#define FOLDER "build/tests/generated"

enum { FUNCTIONS = 6, ARGUMENTS = 6 };

static const char head[] = "#pragma clang diagnostic ignored \"-Weverything\"\n"
                           "#include <stdint.h>\n"
                           "struct both { uint8_t x; uint16_t y; uint32_t z; };\n"
                           "static const uint16_t constant[4] = {3, 0x8000, 0xFFFF, 1234};\n";
static const char module_tail[] = "SM_ENTRY(generated, run, data, len)\n{\n"
                                  "uint16_t in[4]; uint32_t r = 0; uint8_t i;\n"
                                  "(void)len;\n"
                                  "for (i = 0; i < 4; i++) in[i] = (uint16_t)(data[2 + 2 * i] | "
                                  "(uint16_t)data[3 + 2 * i] << 8);\n"
                                  "r = run(data[0], in);\n"
                                  "for (i = 0; i < 4; i++) { data[i] = (uint8_t)r; r >>= 8; }\n"
                                  "return 4;\n}\n";

static void write_programs(uint64_t seed)
{
    struct generator g = {.out = fopen(FOLDER "/program.h", "w"), .state = seed};
    FILE *f;
    assert_non_null(g.out);
    fputs(head, g.out);
    while (g.function < FUNCTIONS)
        generate_function(&g);
    fprintf(g.out, "static uint32_t run(uint8_t k, const uint16_t *in)\n{\nswitch (k) {\n");
    for (unsigned k = 0; k < FUNCTIONS; k++)
        fprintf(g.out, "case %u: return f%u(in);\n", k, k);
    fprintf(g.out, "default: return 0;\n}\n}\n");
    fclose(g.out);
    f = fopen(FOLDER "/generated.c", "w");
    fprintf(f, "#include <semo/module.h>\n#include \"program.h\"\n%s", module_tail);
    fclose(f);
    f = fopen(FOLDER "/native.c", "w");
    fprintf(f, "#include \"program.h\"\nuint32_t native_run(uint8_t k, const uint16_t *in);\n"
               "uint32_t native_run(uint8_t k, const uint16_t *in) { return run(k, in); }\n");
    fclose(f);
}

typedef uint32_t run_fn(uint8_t k, const uint16_t *in);

static void *load_native(uint64_t seed, run_fn **run)
{
    static const char *const options[] = {"-shared",          "-fPIC", "-O0", "-w",
                                          FOLDER "/native.c", "-o",    NULL};
    struct tool_command c = {.count = 0};
    struct semo_error e = {.text = ""};
    char *program = tool_find("CLANG", "clang-14", "clang"), path[100];
    void *library, *symbol;
    snprintf(path, sizeof path, FOLDER "/native-%llu.so", (unsigned long long)seed);
    tool_command_add(&c, "%s", program);
    tool_command_add_all(&c, options);
    tool_command_add(&c, "%s", path);
    if (tool_command_run(&c, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    tool_command_free(&c);
    free(program);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    remove(path);
    assert_non_null(library);
    symbol = dlsym(library, "native_run");
    assert_non_null(symbol);
    memcpy(run, &symbol, sizeof *run);
    return library;
}

static uint32_t in_machine(struct rig *r, unsigned k, const uint16_t *in)
{
    uint8_t request[10] = {(uint8_t)k};
    struct rig_result a;
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        request[2 + 2 * i] = (uint8_t)in[i];
        request[3 + 2 * i] = (uint8_t)(in[i] >> 8);
    }
    a = rig_call(r, SEMO_ENTRY_USER, request, sizeof request);
    assert_int_equal(a.len, 4);
    for (unsigned i = 0; i < 4; i++)
        value |= (uint32_t)a.answer[i] << 8 * i;
    return value;
}

static unsigned compare(uint64_t seed)
{
    static const uint16_t arguments[ARGUMENTS][4] = {{0, 0, 0, 0},
                                                     {1, 2, 3, 4},
                                                     {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF},
                                                     {0x8000, 0x7FFF, 1, 0},
                                                     {0x1234, 0xABCD, 7, 99},
                                                     {255, 256, 0x8001, 0x00FF}};
    const struct rig_options o = {"generated", FOLDER "/generated.c", 64, 1, false, 0, 0};
    unsigned wrong = 0;
    run_fn *run;
    void *library;
    struct rig *r;
    write_programs(seed);
    library = load_native(seed, &run);
    r = rig_new(&o);
    for (unsigned k = 0; k < FUNCTIONS; k++)
        for (unsigned i = 0; i < ARGUMENTS; i++) {
            uint32_t machine = in_machine(r, k, arguments[i]), host = run((uint8_t)k, arguments[i]);
            if (machine == host)
                continue;
            print_message("# seed %llu f%u arguments %u: machine %08x, host %08x\n",
                          (unsigned long long)seed, k, i, (unsigned)machine, (unsigned)host);
            wrong++;
        }
    rig_free(r);
    dlclose(library);
    return wrong;
}

static void programs_compute_the_same_on_both(void **state)
{
    const char *count = getenv("SEMO_COUNT"), *seed = getenv("SEMO_SEED");
    unsigned functions = getenv("SOAK") ? 1500 : 30, wrong = 0, programs;
    uint64_t first = (seed ? strtoull(seed, NULL, 10) : 1) * 100000;
    struct semo_error e;
    (void)state;
    if (count)
        functions = (unsigned)strtoul(count, NULL, 10);
    programs = functions / FUNCTIONS + 1;
    assert_int_equal(semo_file_make_folder(FOLDER, 0755, &e), SEMO_OK);
    print_message("# %u functions, seeds from %llu\n", programs * FUNCTIONS,
                  (unsigned long long)first);
    for (unsigned i = 0; i < programs; i++)
        wrong += compare(first + i);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(programs_compute_the_same_on_both)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
