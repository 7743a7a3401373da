/* SPDX-License-Identifier: Apache-2.0 */
/* semo-monitor: the trusted process of a Linux node. One loop: take a message of the coordinator,
 * let the event manager have its turn, say DONE. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"
#include "monitor/linux/monitor.h"

/* An event manager that keeps dying must not make every frame wait for it. */
#define LIVES 8

/* Descriptors that are not of modules, with some to spare. */
#define OWN_FILES 32

static const char *node = "?";

static _Noreturn void fail(enum semo_exit code, const char *what, const char *why)
{
    fprintf(stderr, "semo-monitor: node %s: %s: %s\n", node, what, why);
    exit(code);
}

void semo_monitor_tell(const uint8_t *bytes, unsigned len)
{
    while (send(SEMO_MONITOR_SOCKET, bytes, len, MSG_NOSIGNAL) < 0)
        if (errno != EINTR)
            exit(SEMO_EXIT_DONE);
}

void semo_monitor_lose(struct semo_monitor *m, struct semo_process *p, enum semo_status why)
{
    uint8_t *count = why == SEMO_TIMEOUT ? &m->killed : &m->died;
    if (*count < UINT8_MAX)
        ++*count;
    semo_process_end(p);
}

static void lose_manager(struct semo_monitor *m, enum semo_status why)
{
    semo_monitor_lose(m, &m->manager, why);
    m->manager_waits = false;
}

static enum semo_status start_manager(struct semo_monitor *m)
{
    m->manager_waits = false;
    return semo_sandbox_start(m->isolation, SEMO_KIND_MANAGER, m->program, m->tables, &m->manager);
}

static void restart_manager(struct semo_monitor *m)
{
    semo_process_end(&m->manager);
    if (start_manager(m) != SEMO_OK)
        lose_manager(m, SEMO_SYSTEM);
}

static void answer_manager(struct semo_monitor *m, enum semo_status status, struct semo_packet *p)
{
    if (p->len < 2 || status != SEMO_OK)
        p->len = 2;
    p->bytes[0] = SEMO_EM_RESULT;
    p->bytes[1] = (uint8_t)status;
    status = semo_packet_send(m->manager.socket, p->bytes, p->len);
    if (status != SEMO_OK)
        lose_manager(m, status);
}

static void handle_manager(struct semo_monitor *m, struct semo_packet *p)
{
    static struct semo_packet answer;
    answer.len = 2;
    switch (p->bytes[0]) {
    case SEMO_EM_NEXT:
        m->manager_waits = true;
        break;
    case SEMO_EM_OUT:
        p->bytes[0] = SEMO_MONITOR_OUT;
        if (p->len > 1 && p->len <= 1 + SEMO_FRAME_MAX)
            semo_monitor_tell(p->bytes, p->len);
        break;
    case SEMO_EM_ENABLE:
        answer_manager(m, semo_modules_enable(m, p, &answer), &answer);
        break;
    case SEMO_EM_CALL:
        answer_manager(m, semo_modules_call(m, p, &answer), &answer);
        break;
    default:
        answer_manager(m, SEMO_MALFORMED, &answer);
    }
}

/* Until the event manager waits for the next frame, or is no more. */
static void run_manager(struct semo_monitor *m, int64_t deadline)
{
    static struct semo_packet p;
    for (unsigned i = 0; m->manager.pid > 0 && !m->manager_waits; i++) {
        enum semo_status status = SEMO_TIMEOUT;
        if (i < SEMO_MONITOR_TURN_MAX)
            status = semo_packet_receive(m->manager.socket, deadline, &p);
        if (status != SEMO_OK) {
            lose_manager(m, status);
            return;
        }
        handle_manager(m, &p);
        if (p.fd >= 0)
            close(p.fd);
    }
}

static void deliver(struct semo_monitor *m, struct semo_packet *p)
{
    int64_t deadline = semo_now_ms() + (int64_t)SEMO_MONITOR_TURN_CALLS * m->call_ms;
    if (m->manager.pid == 0 && m->lives > 0) {
        m->lives--;
        restart_manager(m);
    }
    semo_process_renew(&m->manager, m->cpu_s);
    run_manager(m, deadline);
    if (!m->manager_waits || p->len <= 9)
        return;
    struct semo_cursor c = semo_cursor_from(p->bytes + 1, 8);
    m->time = semo_cursor_u64(&c);
    p->bytes[8] = SEMO_EM_FRAME;
    m->manager_waits = false;
    enum semo_status status = semo_packet_send(m->manager.socket, p->bytes + 8, p->len - 8);
    if (status != SEMO_OK)
        lose_manager(m, status);
    run_manager(m, deadline);
}

/* The own program was opened once, so that nobody can put another file in its place. */
static void replace_manager(struct semo_monitor *m, struct semo_packet *p)
{
    int program = m->own_program;
    p->bytes[p->len] = 0;
    if (p->len > 1)
        program = open((const char *)p->bytes + 1, O_RDONLY | O_CLOEXEC);
    if (program < 0) {
        fprintf(stderr, "semo-monitor: node %s: %s: %s\n", node, (const char *)p->bytes + 1,
                strerror(errno));
        return;
    }
    if (m->program != m->own_program)
        close(m->program);
    m->program = program;
    m->lives = LIVES;
    restart_manager(m);
    if (m->manager.pid == 0)
        fprintf(stderr, "semo-monitor: node %s: cannot execute %s: link it statically\n", node,
                (const char *)p->bytes + 1);
}

static void reset(struct semo_monitor *m)
{
    semo_modules_end_all(m);
    semo_process_end(&m->manager); /* before it could write into the tables again */
    memset(m->table_bytes, 0, SEMO_MONITOR_TABLES_LEN);
    m->lives = LIVES;
    restart_manager(m);
}

static void tell_admin(const struct semo_monitor *m, const struct semo_packet *request)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 1, request->len - 1);
    uint16_t vendor = semo_cursor_u16(&c);
    uint8_t answer[3 + SEMO_KEY_LEN] = {SEMO_MONITOR_ADMIN_KEY}, vendor_key[SEMO_KEY_LEN];
    if (c.bad || c.left != 0)
        return;
    memcpy(answer + 1, request->bytes + 1, 2);
    semo_kdf_vendor(SEMO_SECURITY, semo_chip_state(m->chip)->node_key, vendor, vendor_key);
    semo_kdf_admin(SEMO_SECURITY, vendor_key, answer + 3);
    semo_monitor_tell(answer, sizeof answer);
    semo_bytes_wipe(vendor_key, sizeof vendor_key);
    semo_bytes_wipe(answer, sizeof answer);
}

static void done(struct semo_monitor *m)
{
    const uint8_t message[] = {SEMO_MONITOR_DONE, m->killed, m->died, m->isolation == SEMO_WEAK,
                               m->landlock};
    m->killed = m->died = 0;
    semo_monitor_tell(message, sizeof message);
}

static void serve(struct semo_monitor *m)
{
    static struct semo_packet p;
    for (;;) {
        enum semo_status status = semo_packet_receive(SEMO_MONITOR_SOCKET, -1, &p);
        if (status == SEMO_MISSING || status == SEMO_SYSTEM)
            return;
        if (status == SEMO_OK && p.bytes[0] == SEMO_MONITOR_FRAME)
            deliver(m, &p);
        else if (status == SEMO_OK && p.bytes[0] == SEMO_MONITOR_MANAGER)
            replace_manager(m, &p);
        else if (status == SEMO_OK && p.bytes[0] == SEMO_MONITOR_RESET)
            reset(m);
        else if (status == SEMO_OK && p.bytes[0] == SEMO_MONITOR_ADMIN)
            tell_admin(m, &p);
        done(m);
    }
}

/* The first event manager finds out how well processes can be isolated here. */
static void isolate(struct semo_monitor *m, bool may_be_weak)
{
    enum semo_status status = SEMO_UNSUPPORTED;
    for (int i = SEMO_ISOLATED; i <= (may_be_weak ? SEMO_WEAK : SEMO_ISOLATED_BY_USER); i++) {
        m->isolation = (enum semo_isolation)i;
        status = start_manager(m);
        if (status != SEMO_UNSUPPORTED)
            break;
    }
    if (status == SEMO_UNSUPPORTED)
        fail(SEMO_EXIT_RESOURCE, "the kernel refuses namespaces, directly and for a user",
             "allow one of them, or accept less isolation with --weak");
    if (status != SEMO_OK)
        fail(SEMO_EXIT_RESOURCE, "cannot execute the event manager", "link it statically");
}

/* What is missing here is said once. */
static void say_what_is_missing(struct semo_monitor *m)
{
    m->landlock = (uint8_t)semo_landlock_version();
    if (!m->manager.limited)
        fprintf(stderr, "semo-monitor: node %s: no limit on processor time: no timers here\n",
                node);
    if (m->landlock == 0)
        fprintf(stderr, "semo-monitor: node %s: no Landlock in this kernel; the rest holds\n",
                node);
}

static const char usage[] =
    "usage: semo-monitor --chip FILE --em PROGRAM --node NAME [--weak] [--seal-log]\n"
    "The trusted part of a Linux node, started by semo-node with its socket as descriptor 3.\n"
    "  --chip FILE     state of the chip that it stands for: node key, epochs\n"
    "  --em PROGRAM    the untrusted event manager, statically linked\n"
    "  --node NAME     for messages\n"
    "  --weak          start even where the kernel refuses namespaces\n"
    "  --seal-log      tell the coordinator key and associated data of every seal (tests)\n"
    "  --limit-ms N    host time for one call of a module (default 2000)\n"
    "  --seed N        accepted for the sake of semo-node: nothing in here is random\n"
    "example: semo up meter/descriptor.json (starts one for each Linux node)\n";

struct options {
    const char *chip, *em;
    bool weak, seal_log;
    unsigned call_ms;
};

static struct options parse(int argc, char **argv)
{
    static const struct option table[] = {
        {"chip", required_argument, NULL, 'c'}, {"em", required_argument, NULL, 'e'},
        {"node", required_argument, NULL, 'n'}, {"weak", no_argument, NULL, 'w'},
        {"seal-log", no_argument, NULL, 'l'},   {"limit-ms", required_argument, NULL, 'm'},
        {"seed", required_argument, NULL, 's'}, {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},    {NULL, 0, NULL, 0}};
    const char *given[128] = {NULL};
    for (int c; (c = getopt_long(argc, argv, "", table, NULL)) >= 0;)
        given[c] = optarg ? optarg : "";
    if (given['h'] || given['v']) {
        fputs(given['h'] ? usage : "semo-monitor 0.1\n", stdout);
        exit(SEMO_EXIT_DONE);
    }
    struct options o = {given['c'], given['e'], given['w'], given['l'], SEMO_MONITOR_CALL_MS};
    if (given['m'])
        o.call_ms = (unsigned)strtoul(given['m'], NULL, 10);
    if (given['n'])
        node = given['n'];
    if (given['?'] || !o.chip || !o.em || o.call_ms == 0 || o.call_ms > 60000 || optind != argc) {
        fputs(usage, stderr);
        exit(SEMO_EXIT_USAGE);
    }
    return o;
}

/* Each module takes a descriptor. */
static void find_room(struct semo_monitor *m)
{
    const rlim_t wanted = SEMO_MONITOR_MODULES + OWN_FILES;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0)
        fail(SEMO_EXIT_RESOURCE, "open files", strerror(errno));
    if (files.rlim_cur < wanted)
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur <= OWN_FILES)
        fail(SEMO_EXIT_RESOURCE, "open files", "the host allows too few (ulimit -Hn)");
    m->room = SEMO_MONITOR_MODULES;
    if (files.rlim_cur >= wanted)
        return;
    m->room = (unsigned)files.rlim_cur - OWN_FILES;
    fprintf(stderr,
            "semo-monitor: node %s: room for %u modules only, since the host allows %u open files; "
            "for %u raise its limit (ulimit -Hn) to %u\n",
            node, m->room, (unsigned)files.rlim_cur, SEMO_MONITOR_MODULES, (unsigned)wanted);
}

/* Of a fixed size: a shorter one would end the next event manager that maps it. */
static void make_tables(struct semo_monitor *m)
{
    m->tables = memfd_create("tables", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (m->tables < 0 || ftruncate(m->tables, SEMO_MONITOR_TABLES_LEN) != 0 ||
        fcntl(m->tables, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) != 0)
        fail(SEMO_EXIT_RESOURCE, "table memory", strerror(errno));
    m->table_bytes =
        mmap(NULL, SEMO_MONITOR_TABLES_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, m->tables, 0);
    if (m->table_bytes == MAP_FAILED)
        fail(SEMO_EXIT_RESOURCE, "table memory", strerror(errno));
}

int main(int argc, char **argv)
{
    static struct semo_monitor m = {.lives = LIVES};
    struct options o = parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    m.started_ns = semo_now_ns();
    if (!semo_service_init())
        fail(SEMO_EXIT_RESOURCE, "libcrypto", "it has no AES-128-GCM");
    /* The node key will be in this memory: no debugger, no core file. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || semo_sandbox_init() != SEMO_OK)
        fail(SEMO_EXIT_RESOURCE, "no protection for processes", "the kernel lacks seccomp");
    m.seal_log = o.seal_log;
    m.call_ms = o.call_ms;
    m.cpu_s = 1 + SEMO_MONITOR_TURN_CALLS * o.call_ms / 1000;
    m.own_program = m.program = open(o.em, O_RDONLY | O_CLOEXEC);
    if (m.program < 0)
        fail(SEMO_EXIT_RESOURCE, o.em, strerror(errno));
    find_room(&m);
    make_tables(&m);
    isolate(&m, o.weak);
    say_what_is_missing(&m);
    if (semo_chip_open(o.chip, &m.chip) != SEMO_OK)
        fail(SEMO_EXIT_RESOURCE, o.chip, "missing, damaged, or in use by another process");
    serve(&m);
    semo_modules_end_all(&m);
    semo_process_end(&m.manager);
    semo_chip_close(m.chip);
    return SEMO_EXIT_DONE;
}
