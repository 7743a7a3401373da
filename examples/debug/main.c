/* SPDX-License-Identifier: Apache-2.0 */
/* The unprotected program of docs/debugging.md: enables the module, lets it add 5, 6 and 7, says so
 * on port 1, and then reads what it must not. Kept apart from the module by its own sections. */
#include <stdint.h>

#pragma clang section text = ".program" rodata = ".constants" bss = ".shared" data = ".refused"

enum { ADD = 8, CAPACITY = 64 }; /* the module's first entry (docs/modules.md) */
#define P1OUT (*(volatile uint8_t *)0x21)
#define P1DIR (*(volatile uint8_t *)0x22)

extern volatile uint16_t semo_data_start; /* the module's private data begins here */

uint16_t enable_module(void); /* start.S: the id, 0 = refused */
uint16_t call_module(uint16_t entry, uint8_t *buffer, uint16_t len, uint16_t capacity);

static uint8_t buffer[CAPACITY] __attribute__((aligned(2)));
uint16_t sum, module_id, stolen;

static __attribute__((noinline)) uint16_t add(uint8_t value)
{
    buffer[0] = value;
    call_module(ADD, buffer, 1, CAPACITY);
    return (uint16_t)(buffer[0] | buffer[1] << 8);
}

void program(void)
{
    module_id = enable_module();
    for (uint8_t value = 5; value < 8; value++)
        sum = add(value);
    P1DIR = 0xFF;
    P1OUT = (uint8_t)sum;
    stolen = semo_data_start; /* a violation */
}
