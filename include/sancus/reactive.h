/* SPDX-License-Identifier: Apache-2.0 */
/* Events between modules, as the published framework has them (sancus-toolchain 1.9). semo cc gives
 * each module with an input or output its entries set_key (0), attest (1) and handle_input (2). */
#ifndef SANCUS_REACTIVE_H
#define SANCUS_REACTIVE_H

#include <stddef.h>
#include <stdint.h>
#include <sancus/sm_support.h>

typedef uint16_t io_index;
typedef uint16_t conn_index;
typedef const uint8_t *input_data_t;
typedef size_t input_length_t;

typedef enum {
    Ok = 0,
    IllegalConnection = 1,
    MalformedPayload = 2,
    IllegalParameters = 3,
    BufferInsideSM = 4,
    CryptoError = 5,
    InternalError = 6
} ResultCode;
typedef uint16_t sm_result;

#ifndef SEMO_DEPLOYED /* else <sancus/deployed.h> has the rest */

#ifndef SEMO_SM_CONNECTIONS
#define SEMO_SM_CONNECTIONS 4 /* slots of each module */
#endif
#ifndef SEMO_SM_PAYLOAD
#define SEMO_SM_PAYLOAD 128 /* bytes of an event to an input, on the module's stack; even */
#endif

/* Written by the program: takes what a module sends; it is freed afterwards. */
void reactive_handle_output(conn_index connection, void *data, size_t len);

/* The same kind of fact as SEMO_MARK, with the name of the input or output as its section. */
#define SEMO_IO_MARK(kind, n, io)                                                                  \
    static const unsigned SEMO_JOIN(SEMO_JOIN(SEMO_JOIN(__sm_mark_##kind##_, n), _), __COUNTER__)  \
        __attribute__((used, section(".sm_mark." SEMO_TEXT(io)))) = 0

/* f(data, len) sends to every connection of the output; the result is a ResultCode. */
#define SM_OUTPUT(n, f) SEMO_SM_OUTPUT(n, f)
#define SEMO_SM_OUTPUT(n, f)                                                                       \
    SEMO_IO_MARK(out, n, f);                                                                       \
    extern char __sm_##n##_io_##f##_idx[];                                                         \
    uint16_t SM_FUNC(n) __sm_##n##_send(uint16_t io, const void *data, size_t len);                \
    uint16_t SM_FUNC(n) f(const void *data, size_t len)                                            \
    {                                                                                              \
        return __sm_##n##_send((uint16_t)(uintptr_t)__sm_##n##_io_##f##_idx, data, len);           \
    }
/* Called with the plain text, in private memory. */
#define SM_INPUT(n, f, data, len)                                                                  \
    SEMO_IO_MARK(in, n, f);                                                                        \
    void SM_FUNC(n) f(uint8_t *data, size_t len)

#define SM_GET_INPUT_IDX(n, f)  ((io_index)(uintptr_t)SEMO_SYMBOL(SEMO_SM_IO_IDX_(n, f)))
#define SM_GET_OUTPUT_IDX(n, f) SM_GET_INPUT_IDX(n, f)
#define SEMO_SM_IO_IDX_(n, f)   __sm_##n##_io_##f##_idx

#endif
#endif
