/* SPDX-License-Identifier: Apache-2.0 */
/* A module that the attacker wrote: entry number = what it tries. It is linked with the start-up of
 * real modules and nothing else. Where it survives it returns what it got. */
#include <stddef.h>
#include <sys/syscall.h>
#include "monitor/protocol.h"
#include "runtime/runtime.h"
#include "tests/monitor/attempts.h"

struct semo_answer semo_answer;
static uint8_t said[SEMO_MONITOR_MESSAGE_MAX + 1];

struct semo_channel *semo_find(uint16_t connection, unsigned direction)
{
    (void)connection, (void)direction;
    return NULL;
}

struct epoch {
    struct semo_gate_request head;
    uint8_t body[8];
};

static long system_call(long n, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}

static enum semo_status say(const void *bytes, unsigned len)
{
    for (unsigned i = 0; i < len; i++)
        said[i] = ((const uint8_t *)bytes)[i];
    semo_answer.at = said;
    semo_answer.len = len;
    return SEMO_OK;
}

static void write_message(const void *bytes, long len)
{
    system_call(SYS_write, SEMO_MONITOR_SOCKET, (long)bytes, len, 0, 0);
}

/* The status of a request of any shape, straight to the monitor: the payload is the request. */
static enum semo_status request(unsigned len)
{
    write_message(semo_frame, len);
    long n = system_call(SYS_read, SEMO_MONITOR_SOCKET, (long)said, sizeof said, 0, 0);
    return n > 0 ? say(said, (unsigned)n) : SEMO_SYSTEM;
}

static int use_stack(int depth)
{
    volatile char page[4096];
    page[0] = (char)depth;
    return depth == 0 ? page[0] : use_stack(depth - 1) + page[0];
}

static void attempt(unsigned entry)
{
    static const char empty[] = "", slash[] = "/";
    switch (entry) {
    case EVIL_OPEN:
        system_call(SYS_openat, -100, (long)slash, 0, 0, 0);
        break;
    case EVIL_SOCKET:
        system_call(SYS_socket, 2, 1, 0, 0, 0);
        break;
    case EVIL_PTRACE:
        system_call(SYS_ptrace, 16, 1, 0, 0, 0);
        break;
    case EVIL_FORK:
        system_call(SYS_clone, 17, 0, 0, 0, 0);
        break;
    case EVIL_KILL:
        system_call(SYS_kill, -1, 9, 0, 0, 0);
        break;
    case EVIL_MAP:
        system_call(SYS_mmap, 0, 1 << 30, 3, 0x22, -1);
        break;
    case EVIL_PROTECT:
        system_call(SYS_mprotect, 0x400000, 4096, 7, 0, 0);
        break;
    case EVIL_READ_OTHER:
        system_call(SYS_read, 0, (long)said, 1, 0, 0);
        break;
    case EVIL_EXECUTE_OTHER:
        system_call(SYS_execveat, 3, (long)empty, 0, 0, 0x1000);
        break;
#ifdef SYS_arch_prctl
    case EVIL_SET_OTHER_REGISTER:
        system_call(SYS_arch_prctl, 0x1001, (long)said, 0, 0, 0);
        break;
#endif
    case EVIL_STACK:
        use_stack(1 << 20);
        break;
    case EVIL_WRITE_TEXT:
        *(volatile char *)0x400100 = 1;
        break;
    case EVIL_CRASH:
        __asm__ volatile("ud2");
        break;
    case EVIL_LINGER:
    case EVIL_LOOP:
        for (;;)
            __asm__ volatile("");
    case EVIL_WAIT:
        system_call(SYS_read, SEMO_MONITOR_SOCKET, (long)said, sizeof said, 0, 0);
        break;
    case EVIL_END:
        system_call(SYS_exit_group, 0, 0, 0, 0, 0);
        break;
    case EVIL_NONSENSE:
        write_message("nonsense", 8);
        break;
    case EVIL_NOTHING:
        write_message("", 0);
        break;
    case EVIL_TOO_LONG:
        write_message(said, sizeof said);
        break;
    case EVIL_FLOOD:
        for (;;) /* answers not read */
            write_message(&(struct epoch){{SEMO_GATE_EPOCH, 0, 0, 8, {0}}, {0}},
                          sizeof(struct epoch));
    default:
        break;
    }
}

enum semo_status semo_runtime_call(unsigned entry, unsigned len, unsigned room)
{
    static const char empty[] = "";
    uint64_t got;
    (void)room;
    if (entry == EVIL_REQUEST)
        return request(len);
    if (entry == EVIL_EXECUTE_AGAIN) { /* allowed by the filter, but there is nothing to execute */
        got = (uint64_t)system_call(SYS_execveat, 5, (long)empty, 0, 0, 0x1000);
        return say(&got, sizeof got);
    }
    if (entry == EVIL_RETURN_TWICE || entry == EVIL_LINGER)
        write_message("\x50\0\0\0", 5); /* RETURN: OK, nothing */
    attempt(entry);
    return say("alive", 5);
}
