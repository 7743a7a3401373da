/* SPDX-License-Identifier: Apache-2.0 */
/* Call frame information for a debugger. clang 14 writes none for MSP430, and without it lldb finds
 * no caller once a function has pushed something. What it needs is read off the code: compiled
 * functions move the stack pointer by constants. */
#ifndef SEMO_FRAMES_H
#define SEMO_FRAMES_H

#include <stddef.h>
#include <stdio.h>

/* Prints assembly of a section .debug_frame (DWARF 3, with the 4-byte addresses that lldb expects)
 * for the executable; linked with the same objects once more it changes no address. NULL, or what
 * is wrong with the executable. */
const char *semo_frames_print(FILE *out, const void *elf, size_t len);

#endif
