/* SPDX-License-Identifier: Apache-2.0 */
/* A function in a section of its own, so that the linker leaves out what a module does not call.
 * stack: bytes that it needs below its return address, calls not counted, for the build tool. */
.macro function name, stack
    .section .text.\name, "ax", @progbits
    .globl \name, semo_stack_of_\name
    .type \name, @function
    .set semo_stack_of_\name, \stack
\name:
.endm
