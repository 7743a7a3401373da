/* SPDX-License-Identifier: Apache-2.0 */
/* A little interpreter: a switch with many cases, a stack, strings and loops inside a module. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VM        vm
#define VENDOR_ID 0x00FF
DECLARE_SM(VM, VENDOR_ID);

enum { PUSH, ADD, SUB, MUL, DIV, MOD, DUP, SWAP, DROP, PRINT, JNZ, HALT, TEXT, RANDOM };

#define STACK 16
__attribute__((aligned(2))) SM_DATA(VM) static int16_t stack[STACK];
SM_DATA(VM) static uint8_t program[64];
SM_DATA(VM) static unsigned length;

SM_ENTRY(VM) int vm_load(const uint8_t *from, unsigned len)
{
    if (len > sizeof(program) || !sancus_is_outside_sm(VM, from, len))
        return 0;
    memset(program, HALT, sizeof(program));
    memcpy(program, from, len);
    length = len;
    return 1;
}

SM_FUNC(VM) static const char *name_of(uint8_t op)
{
    switch (op) {
    case PUSH:
        return "push";
    case ADD:
        return "add";
    case SUB:
        return "sub";
    case MUL:
        return "mul";
    case DIV:
        return "div";
    case MOD:
        return "mod";
    case DUP:
        return "dup";
    case SWAP:
        return "swap";
    case DROP:
        return "drop";
    case PRINT:
        return "print";
    case JNZ:
        return "jnz";
    case HALT:
        return "halt";
    default:
        return "?";
    }
}

SM_ENTRY(VM) int vm_run(unsigned limit)
{
    unsigned pc = 0, sp = 0, steps = 0;
    int16_t t;
    while (pc < length && steps++ < limit) {
        uint8_t op = program[pc++];
        switch (op) {
        case PUSH:
            if (sp == STACK)
                return -1;
            stack[sp++] = (int8_t)program[pc++];
            continue;
        case ADD:
            sp--;
            stack[sp - 1] += stack[sp];
            break;
        case SUB:
            sp--;
            stack[sp - 1] -= stack[sp];
            break;
        case MUL:
            sp--;
            stack[sp - 1] *= stack[sp];
            break;
        case DIV:
            sp--;
            stack[sp - 1] /= stack[sp];
            break;
        case MOD:
            sp--;
            stack[sp - 1] %= stack[sp];
            break;
        case DUP:
            stack[sp] = stack[sp - 1];
            sp++;
            break;
        case SWAP:
            t = stack[sp - 1];
            stack[sp - 1] = stack[sp - 2];
            stack[sp - 2] = t;
            break;
        case DROP:
            sp--;
            break;
        case PRINT:
            printf("%d ", stack[sp - 1]);
            break;
        case JNZ:
            if (stack[sp - 1])
                pc = program[pc];
            else
                pc++;
            break;
        case RANDOM:
            stack[sp++] = (int16_t)(rand() % 7);
            break;
        case HALT:
            putchar('\n');
            return stack[0];
        default:
            return -2;
        }
        if (op == TEXT)
            puts("never");
    }
    return -3;
}

SM_ENTRY(VM) int vm_check(uint8_t op, unsigned len)
{
    return strlen(name_of(op)) == len;
}

int main()
{
    static const uint8_t countdown[] = {PUSH, 5, PRINT, PUSH, 1, SUB, DUP, DROP, JNZ, 2, HALT};
    static const uint8_t sums[] = {PUSH, 7,   PUSH, 9,    MUL,  PUSH, 4,   DIV,   PUSH,
                                   4,    MOD, DUP,  PUSH, 0x9C, SWAP, SUB, PRINT, HALT};
    static const uint8_t bad[] = {PUSH, 1, 99};
    sancus_enable(&VM);
    printf("load %d\n", vm_load(countdown, sizeof countdown));
    printf("run %d\n", vm_run(1000));
    printf("limit %d\n", vm_run(7));
    vm_load(sums, sizeof sums);
    printf("run %d\n", vm_run(1000));
    vm_load(bad, sizeof bad);
    printf("bad %d\n", vm_run(1000));
    printf("inside %d, too long %d\n", vm_load(program, 8), vm_load(bad, 65));
    printf("names %d %d %d\n", vm_check(PUSH, 4), vm_check(DROP, 4), vm_check(77, 1));
    return 0;
}
