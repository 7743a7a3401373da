/* SPDX-License-Identifier: Apache-2.0 */
/* Good modules: sizes, indexes, places, reuse of objects, both targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "host/file.h"
#include "lib/wire/wire.h"
#include "toolchain/toolchain.h"
#include <semo/map.h>

static const char *const probe = "tests/runtime/modules/probe.c";
static const char *const device = "tests/runtime/modules/device.c";

static struct semo_unit *build(const char *module, const char *file, enum semo_target target,
                               unsigned security)
{
    struct semo_error e = {.text = ""};
    struct semo_unit *unit;
    const struct semo_module_source m = {.name = module,
                                         .files = &file,
                                         .file_count = 1,
                                         .target = target,
                                         .security = security,
                                         .connections = 3,
                                         .root = ".",
                                         .objects = "build/tests/modules"};
    if (semo_toolchain_compile(&m, &unit, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return unit;
}

static struct semo_image place(const struct semo_unit *u, unsigned ps, unsigned ss)
{
    struct semo_error e = {.text = ""};
    struct semo_image image;
    if (semo_toolchain_link(u, (uint16_t)ps, (uint16_t)ss, &image, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return image;
}

static void check_io(const struct semo_unit *u, enum semo_io_kind kind, const char *name,
                     unsigned index, unsigned max)
{
    const struct semo_io *io = semo_unit_io(u, kind, name);
    assert_non_null(io);
    assert_int_equal(io->index, index);
    assert_int_equal(io->max, max);
}

static void indexes_follow_the_names(void **state)
{
    (void)state;
    for (enum semo_target t = SEMO_TARGET_MCU; t <= SEMO_TARGET_LINUX; t++) {
        struct semo_unit *u = build("probe", probe, t, 128);
        check_io(u, SEMO_IO_INPUT, "echo", 0, 64);
        check_io(u, SEMO_IO_INPUT, "keep", 1, 32);
        check_io(u, SEMO_IO_INPUT, "sink", 2, 2);
        check_io(u, SEMO_IO_OUTPUT, "narrow", 0, 4);
        check_io(u, SEMO_IO_OUTPUT, "out", 1, 64);
        check_io(u, SEMO_IO_ENTRY, "compute", SEMO_ENTRY_USER, 64);
        check_io(u, SEMO_IO_ENTRY, "small", SEMO_ENTRY_USER + 4, 3);
        check_io(u, SEMO_IO_SAMPLE, "tick", SEMO_ENTRY_USER + 5, 0);
        assert_int_equal(semo_unit_io(u, SEMO_IO_SAMPLE, "tick")->window, SEMO_WINDOW_CLOCK);
        assert_null(semo_unit_io(u, SEMO_IO_INPUT, "tick"));
        assert_int_equal(u->io_count, 11);
        semo_unit_free(u);
    }
}

static void a_place_changes_addresses_and_nothing_else(void **state)
{
    struct semo_unit *u = build("probe", probe, SEMO_TARGET_MCU, 64);
    struct semo_image a = place(u, 0x6000, 0x0300), again = place(u, 0x6000, 0x0300),
                      b = place(u, 0x9ABC, 0x1234);
    (void)state;
    assert_int_equal(a.text_len, u->text_len);
    assert_int_equal(b.text_len, u->text_len);
    assert_int_equal(a.text_len, again.text_len);
    assert_memory_equal(a.text, again.text, a.text_len);
    assert_memory_not_equal(a.text, b.text, a.text_len);
    assert_int_equal(a.layout.ps, 0x6000);
    assert_int_equal(a.layout.pe, 0x6000 + u->text_len);
    assert_int_equal(a.layout.ss, 0x0300);
    assert_int_equal(a.layout.se, 0x0300 + u->data_len);
    assert_memory_equal(a.text, "\x32\xC2", 2); /* dint */
    assert_true(u->data_len % 2 == 0 && u->text_len % 2 == 0 && u->stack_len < u->data_len);
    semo_image_free(&a);
    semo_image_free(&again);
    semo_image_free(&b);
    semo_unit_free(u);
}

static void a_drivers_data_is_its_window(void **state)
{
    struct semo_unit *u = build("device", device, SEMO_TARGET_MCU, 128);
    struct semo_image i = place(u, 0x6000, 0x0300);
    (void)state;
    assert_int_equal(u->window, SEMO_WINDOW_RELAY);
    assert_int_equal(i.layout.ss, SEMO_WINDOW(SEMO_WINDOW_RELAY));
    assert_int_equal(i.layout.se, SEMO_WINDOW(SEMO_WINDOW_RELAY + 1));
    assert_in_range(u->data_len, 200, SEMO_WINDOW_REGISTERS);
    semo_image_free(&i);
    semo_unit_free(u);
}

static void a_linux_module_is_one_static_file(void **state)
{
    struct semo_unit *u = build("probe", probe, SEMO_TARGET_LINUX, 128);
    struct semo_image a = place(u, 0, 0), again = place(u, 0, 0);
    const struct semo_layout none = {0, 0, 0, 0};
    (void)state;
    assert_memory_equal(a.text,
                        "\x7F"
                        "ELF",
                        4);
    assert_int_equal(a.text[16], 2); /* ET_EXEC: no interpreter, no relocation */
    assert_int_equal(a.text_len % 2, 0);
    assert_int_equal(a.text_len, again.text_len);
    assert_memory_equal(a.text, again.text, a.text_len);
    assert_memory_equal(&a.layout, &none, sizeof none);
    semo_image_free(&a);
    semo_image_free(&again);
    semo_unit_free(u);
}

/* --- reuse --- */

#define FOLDER "build/tests/reuse"

static void write_text(const char *path, const char *text)
{
    struct semo_error e;
    assert_int_equal(semo_file_write(path, text, strlen(text), 0644, &e), SEMO_OK);
}

static struct semo_unit *build_reuse(unsigned *text_len)
{
    struct semo_error e = {.text = ""};
    const char *file = FOLDER "/reuse.c";
    struct semo_unit *u;
    const struct semo_module_source m = {.name = "reuse",
                                         .files = &file,
                                         .file_count = 1,
                                         .security = 64,
                                         .connections = 1,
                                         .root = ".",
                                         .objects = FOLDER};
    if (semo_toolchain_compile(&m, &u, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    *text_len = u->text_len;
    return u;
}

static struct timespec changed(const char *path)
{
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    return s.st_mtim;
}

static void objects_are_reused_until_an_input_changes(void **state)
{
    const char *object = FOLDER "/reuse-mcu-64/reuse.c.o";
    const char *runtime = FOLDER "/runtime-mcu-64/runtime.c.o";
    struct timespec before, between, runtime_before;
    unsigned small, large;
    struct semo_error e;
    (void)state;
    assert_int_equal(semo_file_make_folder(FOLDER, 0755, &e), SEMO_OK);
    write_text(FOLDER "/reuse.h", "#define GROW 0\n");
    write_text(
        FOLDER "/reuse.c",
        "#include <semo/module.h>\n#include \"reuse.h\"\n"
        "static volatile uint8_t s[2];\n"
        "SM_INPUT(reuse, in, data, len) { s[0] = data[0]; if (GROW) s[1] = (uint8_t)len; }\n");
    semo_unit_free(build_reuse(&small));
    before = changed(object);
    runtime_before = changed(runtime);
    semo_unit_free(build_reuse(&small));
    between = changed(object);
    assert_memory_equal(&before, &between, sizeof before);
    write_text(FOLDER "/reuse.h", "#define GROW 1\n");
    semo_unit_free(build_reuse(&large));
    between = changed(object);
    assert_memory_not_equal(&before, &between, sizeof before);
    between = changed(runtime);
    assert_memory_equal(&runtime_before, &between, sizeof between);
    assert_true(large > small);
}

static char *contents(const char *path)
{
    struct semo_error e;
    uint8_t *bytes;
    size_t len;
    assert_int_equal(semo_file_read(path, 1 << 20, &bytes, &len, &e), SEMO_OK);
    return (char *)bytes;
}

/* By a disk that was full, or by somebody: the code must be that of the source. */
static void damaged_objects_are_made_anew(void **state)
{
    static const char *const files[] = {FOLDER "/reuse-mcu-64/reuse.c.o",
                                        FOLDER "/reuse-mcu-64/reuse.c.o.stamp"};
    unsigned len, again;
    (void)state;
    semo_unit_free(build_reuse(&len));
    for (unsigned i = 0; i < 2; i++) {
        char *whole = contents(files[i]);
        char *made;
        write_text(files[i], "");
        semo_unit_free(build_reuse(&again));
        made = contents(files[i]);
        assert_string_equal(made, whole);
        assert_int_equal(again, len);
        free(made);
        free(whole);
    }
}

/* The fast register allocator does it then, with more text; and so it does for what llc refuses. */
static void builds_without_llc(void **state)
{
    unsigned usual, len;
    (void)state;
    semo_unit_free(build_reuse(&usual));
    write_text(FOLDER "/refuses", "#!/bin/sh\nexit 1\n");
    assert_int_equal(chmod(FOLDER "/refuses", 0755), 0);
    for (unsigned i = 0; i < 2; i++) {
        setenv("LLC", i ? FOLDER "/refuses" : "/nowhere/llc", 1);
        unlink(FOLDER "/reuse-mcu-64/reuse.c.o");
        semo_unit_free(build_reuse(&len));
        assert_true(len > usual);
        unlink(FOLDER "/reuse-mcu-64/reuse.c.o");
    }
    unsetenv("LLC");
    semo_unit_free(build_reuse(&len));
    assert_int_equal(len, usual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes_follow_the_names),
        cmocka_unit_test(a_place_changes_addresses_and_nothing_else),
        cmocka_unit_test(a_drivers_data_is_its_window),
        cmocka_unit_test(a_linux_module_is_one_static_file),
        cmocka_unit_test(objects_are_reused_until_an_input_changes),
        cmocka_unit_test(damaged_objects_are_made_anew),
        cmocka_unit_test(builds_without_llc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
