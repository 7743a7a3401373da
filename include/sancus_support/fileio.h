/* SPDX-License-Identifier: Apache-2.0 */
/* The file device of the simulators: semo-mcu run --fileio-in FILE --fileio-out FILE. */
#ifndef SANCUS_SUPPORT_FILEIO_H
#define SANCUS_SUPPORT_FILEIO_H

int fileio_available(void);
unsigned char fileio_getc(void); /* waits until there is one */
void fileio_putc(unsigned char c);

#endif
