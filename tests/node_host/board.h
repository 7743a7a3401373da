/* SPDX-License-Identifier: Apache-2.0 */
/* A board at the far end of a line: the emulated chip of a semo-node, behind a pseudo-terminal. */
#ifndef SEMO_TEST_BOARD_H
#define SEMO_TEST_BOARD_H

#include <stddef.h>

/* A new pseudo-terminal: its master, raw; the path of the line. -1: none. */
int board_open(char *path, size_t room);
/* Carries frames until semo-node ends (0) or the line goes wrong (1). Events of all connections up
 * to this number, and of their back channels, leave by the line. */
int board_carry(int master, const char *socket, unsigned connections);

#endif
