/* SPDX-License-Identifier: Apache-2.0 */
/* The print port. It receives nothing: uart_available() is 0. */
#ifndef SANCUS_SUPPORT_UART_H
#define SANCUS_SUPPORT_UART_H

#include <stddef.h>

typedef void (*uart_receive_cb)(unsigned char byte);

void uart_init(void);
void uart_set_receive_cb(uart_receive_cb callback);
size_t uart_available(void);
void uart_write_byte(unsigned char byte);
void uart_write(const unsigned char *bytes, size_t size);
unsigned char uart_read_byte(void); /* never returns */
void uart_read(unsigned char *bytes, size_t size);
void uart_flush(void);
void uart2_write_byte(unsigned char byte);

#endif
