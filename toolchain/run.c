/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "toolchain/parts.h"

void tool_command_add(struct tool_command *c, const char *format, ...)
{
    va_list arguments;
    if (c->count == TOOL_ARGUMENTS)
        abort(); /* the commands are our own */
    va_start(arguments, format);
    if (vasprintf(&c->argument[c->count], format, arguments) < 0)
        abort();
    va_end(arguments);
    c->argument[++c->count] = NULL;
}

void tool_command_add_all(struct tool_command *c, const char *const *arguments)
{
    for (; *arguments; arguments++)
        tool_command_add(c, "%s", *arguments);
}

void tool_command_free(struct tool_command *c)
{
    while (c->count)
        free(c->argument[--c->count]);
}

static char *find_in_path(const char *name)
{
    const char *path = getenv("PATH");
    if (strchr(name, '/'))
        return semo_format("%s", name);
    while (path && *path) {
        size_t len = strcspn(path, ":");
        char *candidate = semo_format("%.*s/%s", (int)len, path, name);
        if (access(candidate, X_OK) == 0)
            return candidate;
        free(candidate);
        path += len + (path[len] == ':');
    }
    return NULL;
}

char *tool_find(const char *variable, const char *name, const char *other)
{
    const char *chosen = getenv(variable);
    char *path;
    if (chosen && *chosen)
        name = other = chosen;
    path = find_in_path(name);
    if (!path)
        path = find_in_path(other);
    return path ? path : semo_format("%s", name);
}

/* "file:line:column: error: what" (clang, cc) or "ld.lld: error: what": the first one. */
static enum semo_status report(const char *program, char *output, struct semo_error *e)
{
    char *line = strstr(output, "error: "), *start, *more;
    if (!line)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_FAILED, program, 0, 0, "failed: %.*s",
                              (int)strcspn(output, "\n"), output);
    for (start = line; start > output && start[-1] != '\n';)
        start--;
    more = strstr(line, "\n>>> "); /* the linker says who refers to it */
    line[strcspn(line, "\n")] = 0;
    if (more && more == line + strlen(line))
        more[1 + strcspn(more + 1, "\n")] = 0;
    else
        more = NULL;
    line[-1] = 0;
    if (line - start > 7 && strcmp(line - 7, " fatal") == 0)
        line[-7] = 0;
    return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0, "%s %s%s", start,
                          line + strlen("error: "), more ? more + 4 : "");
}

/* ---- an interrupted build leaves nobody behind ---- */

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
#define ENDINGS (sizeof endings / sizeof endings[0])

static volatile sig_atomic_t running; /* process group of the tool; a compiler has children */

static void end_tool(int number)
{
    if (running > 0)
        kill(-(pid_t)running, SIGKILL);
    signal(number, SIG_DFL);
    raise(number);
}

/* From here on until end_tool knows whom to end, an ending waits. */
static void hold_endings(sigset_t *was)
{
    sigset_t held;
    sigemptyset(&held);
    for (unsigned i = 0; i < ENDINGS; i++)
        sigaddset(&held, endings[i]);
    sigprocmask(SIG_BLOCK, &held, was);
}

static int wait_for_tool(pid_t pid, const sigset_t *mask)
{
    struct sigaction mine = {.sa_handler = end_tool}, was[ENDINGS];
    running = pid;
    for (unsigned i = 0; i < ENDINGS; i++)
        if (sigaction(endings[i], NULL, &was[i]) == 0 && was[i].sa_handler == SIG_DFL)
            sigaction(endings[i], &mine, NULL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    int code = semo_process_wait(pid);
    for (unsigned i = 0; i < ENDINGS; i++)
        sigaction(endings[i], &was[i], NULL);
    running = 0;
    return code;
}

enum semo_status tool_command_run(struct tool_command *c, struct semo_error *e)
{
    enum { OUTPUT_MAX = 4000 };
    char output[OUTPUT_MAX + 1];
    enum semo_status status;
    ssize_t n;
    pid_t pid;
    int code, fd = memfd_create("output", MFD_CLOEXEC);
    struct semo_fd_map map[2] = {{1, fd}, {2, fd}};
    if (fd < 0)
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, NULL, 0, 0,
                              "no memory for the output of %s", c->argument[0]);
    sigset_t mask;
    hold_endings(&mask);
    status = semo_process_spawn(c->argument, map, 2, &pid, e);
    if (status != SEMO_OK) {
        sigprocmask(SIG_SETMASK, &mask, NULL);
    } else {
        code = wait_for_tool(pid, &mask);
        n = pread(fd, output, OUTPUT_MAX, 0);
        output[n > 0 ? n : 0] = 0;
        if (code != 0)
            status = report(c->argument[0], output, e);
    }
    close(fd);
    return status;
}

enum semo_status tool_command_run_with(const struct tool_command *c, const char *const *more,
                                       const char *output, struct semo_error *e)
{
    struct tool_command all = {.count = 0};
    for (unsigned i = 0; i < c->count; i++)
        tool_command_add(&all, "%s", c->argument[i]);
    if (more)
        tool_command_add_all(&all, more);
    tool_command_add(&all, "-o");
    tool_command_add(&all, "%s", output);
    enum semo_status status = tool_command_run(&all, e);
    tool_command_free(&all);
    return status;
}
