/* SPDX-License-Identifier: Apache-2.0 */
/* Every recorded trace, line by line: cycles, registers, interrupts, violations and, where
 * recorded, bus accesses. */
#include <dirent.h>
#include <zlib.h>
#include "tests/machine/rig.h"

struct comparison {
    gzFile file;
    const char *name;
    unsigned line;
    uint64_t end; /* cycle at which the recording was cut */
    bool over, bus, differs;
};

static bool next_line(struct comparison *c, char *line, size_t room)
{
    if (c->over || !gzgets(c->file, line, (int)room)) {
        c->over = true;
        return false;
    }
    line[strcspn(line, "\n")] = 0;
    return true;
}

static void compare(void *context, const char *line)
{
    struct comparison *c = context;
    char golden[512];
    if (c->differs)
        return;
    c->line++;
    if (!next_line(c, golden, sizeof golden)) {
        if (strtoull(line + 2, NULL, 10) < c->end) {
            print_message("# %s: line %u: `%s` after the end of the recording\n", c->name, c->line,
                          line);
            c->differs = true;
        }
        return;
    }
    if (strcmp(line, golden)) {
        print_message("# %s: line %u\n# recorded %s\n# machine  %s\n", c->name, c->line, golden,
                      line);
        c->differs = true;
    }
}

static uint64_t cut(const char *program, const char *config)
{
    if (!strncmp(program, "errat", 5))
        return 8000;
    if (!strncmp(program, "overlap", 7))
        return 80000;
    if (!strncmp(program, "irq_module", 10))
        return 20000;
    return !strcmp(config, "128") ? 90000 : 40000;
}

static bool has_bus_lines(const char *path)
{
    char line[512];
    gzFile f = gzopen(path, "rb");
    bool found = false;
    while (!found && gzgets(f, line, sizeof line))
        found = *line == 'R' || *line == 'W';
    gzclose(f);
    return found;
}

static bool check_trace(const char *file)
{
    char path[300], program[300], name[128];
    snprintf(name, sizeof name, "%.*s", (int)(strlen(file) - strlen(".tr.gz")), file);
    char *config = strchr(name, '.');
    if (config)
        *config++ = 0;
    else
        config = "64";
    snprintf(path, sizeof path, "tests/golden/traces/%s", file);
    snprintf(program, sizeof program, "tests/golden/programs/%s.elf", name);
    struct comparison c = {.name = file, .end = cut(name, config)};
    c.bus = has_bus_lines(path);
    c.file = gzopen(path, "rb");
    assert_non_null(c.file);
    struct semo_machine_config machine_config = rig_golden_config(config);
    struct semo_machine *m = semo_machine_new(&machine_config);
    rig_load(m, program);
    semo_machine_trace(m, compare, &c, c.bus);
    semo_machine_run(m, c.end);
    char rest[512];
    bool complete = !next_line(&c, rest, sizeof rest) || strtoull(rest + 2, NULL, 10) >= c.end;
    if (!complete)
        print_message("# %s: the machine ended before line `%s`\n", file, rest);
    gzclose(c.file);
    semo_machine_free(m);
    return complete && !c.differs && c.line > 20;
}

static void every_trace(void **state)
{
    (void)state;
    unsigned passed = 0, all = 0;
    DIR *folder = opendir("tests/golden/traces");
    assert_non_null(folder);
    for (struct dirent *e; (e = readdir(folder));) {
        if (!strstr(e->d_name, ".tr.gz"))
            continue;
        all++;
        passed += check_trace(e->d_name);
    }
    closedir(folder);
    print_message("# %u of %u traces whole, line by line\n", passed, all);
    assert_int_equal(all, 87);
    assert_int_equal(passed, all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_trace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
