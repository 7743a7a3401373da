/* SPDX-License-Identifier: Apache-2.0 */
/* What a library that was compiled for a libc finds under it in a module: the canary of its stack
 * protector, and a few functions. Here the process begins. */
#include <stddef.h>
#include "runtime/https/https.h"

#define ASM_NAME(name) __asm__(#name) __attribute__((used, aligned(64)))

static const uintptr_t *first ASM_NAME(semo_ground_first); /* what the kernel put on the stack */

#if defined __x86_64__
static uint8_t guard[48] ASM_NAME(semo_ground_guard); /* register fs points to it */
#define CANARY (guard + 40)
__asm__(".section .text.semo_ground_start,\"ax\",@progbits\n.globl semo_ground_start\n"
        "semo_ground_start:\nmov %rsp, semo_ground_first(%rip)\n"
        "mov $158, %eax\nmov $0x1002, %edi\nlea semo_ground_guard(%rip), %rsi\n"
        "syscall\njmp _start\n.text\n"); /* arch_prctl(ARCH_SET_FS, guard) */
#else
uint8_t __stack_chk_guard[8];
#define CANARY __stack_chk_guard
__asm__(".section .text.semo_ground_start,\"ax\",%progbits\n.globl semo_ground_start\n"
        "semo_ground_start:\nadrp x9, semo_ground_first\nmov x10, sp\n"
        "str x10, [x9, :lo12:semo_ground_first]\nb _start\n.text\n");
#endif

enum { RANDOM = 25, RANDOM_LEN = 16 }; /* AT_RANDOM */

/* Behind the arguments and the environment. */
const uint8_t *semo_ground_random(void)
{
    const uintptr_t *at = first + 1 + first[0] + 1;
    while (*at++ != 0)
        ;
    while (at[0] != RANDOM)
        at += 2;
    return (const uint8_t *)at[1];
}

void semo_ground_protect(const uint8_t canary[8])
{
    memcpy(CANARY, canary, 8);
}

_Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
    __builtin_trap();
}

/* There is none, so that BearSSL takes what semo_identity_get gives it. */
br_prng_seeder br_prng_seeder_system(const char **name)
{
    (void)name;
    return NULL;
}

/* What a hardened library calls where it knows how much room there is. */
#define CHECKED(name, with)                                                                        \
    void *__##name##_chk(void *to, with what, size_t len, size_t room);                            \
    void *__##name##_chk(void *to, with what, size_t len, size_t room)                             \
    {                                                                                              \
        if (len > room)                                                                            \
            __builtin_trap();                                                                      \
        return name(to, what, len);                                                                \
    }
CHECKED(memcpy, const void *)
CHECKED(memmove, const void *)
CHECKED(memset, int)
