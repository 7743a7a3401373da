/* SPDX-License-Identifier: Apache-2.0 */
/* What the author of a protected module writes. One source file is one module; the same source
 * compiles for every back end. No heap, no recursion, no varargs, no 64-bit types, at most four
 * argument words. Every function and constant of the file becomes measured text, every variable
 * private data; initial values are part of the text and copied at the module's first call.
 *
 *   SM_INPUT(m, name, data, len) { ... }          input, payload up to SEMO_PAYLOAD_DEFAULT bytes
 *   SM_INPUT_MAX(m, name, data, len, max) { ... } the same with its own bound
 *       `const uint8_t *data` (private copy, even address, authenticated), `unsigned len` <= max
 *   SM_OUTPUT(m, name);             defines  enum semo_status name(const void *data, unsigned len):
 *   SM_OUTPUT_MAX(m, name, max);        seals for every connection of that output into the queue;
 *                                       SEMO_FULL: one connection or more had no room (counted)
 *   SM_OUTPUT_RESULT(m, name, status) { ... }     an output, and who is told what became of its
 *   SM_OUTPUT_RESULT_MAX(m, name, status, max)    events. Acknowledged connections: SEMO_OK
 * arrived, SEMO_UNKNOWN nobody can say; name() is SEMO_BUSY while one event is open. Strict ones:
 *       SEMO_GAP events may have been lost, later ones arrive again
 *   SM_REQUEST(m, name, status, data, len) { ... }  a request, and the continuation that gets its
 *   SM_REQUEST_MAX(m, name, status, data, len, max) answer (`const uint8_t *data`) with SEMO_OK, or
 *       SEMO_TIMEOUT, or SEMO_UNKNOWN (keyed anew meanwhile). name(data, len) asks and returns at
 *       once: SEMO_BUSY while one is open, SEMO_MISSING without a connection. SM_CANCEL(name) drops
 *       the open one: its answer will be refused
 *   SM_CLOCK(m)                     a request, `clock`, that the descriptor connects to a handler
 *       which answers UTC as u32: this module will know the time
 *   SM_OUTPUT_UNTIL(m, name)        an output whose events expire: name(data, len, seconds) counts
 *       for so long; SEMO_UNFRESH: the time is not known (yet)
 *   SM_HANDLER(m, name, data, len) { ... return n; } answers requests: may overwrite `uint8_t
 * *data` SM_HANDLER_MAX(m, name, data, len, max)          with an answer of n <= max bytes
 *   SM_ENTRY(m, name, data, len) { ... return n; }   stranger-callable: unauthenticated data in;
 *       may overwrite `uint8_t *data` (room SEMO_PAYLOAD_DEFAULT) with an answer of n bytes
 *   SM_ENTRY_MAX(m, name, data, len, max) { ... } the same with its own bound and room
 *   SM_SAMPLE(m, name, window) { ... }            stranger-callable without argument or answer,
 *       called by the event manager on an event of device window `window` (drivers)
 *   SM_DRIVER(m, window);           private data lives in, and owns, that device window
 *   SM_FUNC(m), SM_DATA(m)          markers on internal functions and variables
 *   SM_QUEUE(m, bytes);             room of the output queue (default SEMO_QUEUE_DEFAULT,
 *                                   or one event, if that is longer)
 *
 * The runtime offers, besides: semo_queue_dropped() = outputs lost to a full queue. */
#ifndef SEMO_MODULE_H
#define SEMO_MODULE_H

#include <stdint.h>
#include <semo/map.h>
#include <semo/status.h>

#define SEMO_QUEUE_DEFAULT 256 /* bytes; a frame takes 4 + SEMO_SEALED_LEN(payload) */
#ifndef SEMO_PAYLOAD_DEFAULT
#define SEMO_PAYLOAD_DEFAULT 64 /* as lib/wire/wire.h, which modules do not see */
#endif
#define SEMO_PUBLISHED_PAYLOAD 128 /* the same for sources with <sancus/reactive.h> */

/* -- implementation below: records that the linker collects, sorted by name --
 * A record is a constant in a section of its own, .semo.<kind>.<module>.<name>; the linker scripts
 * (runtime/mcu/module.ld, runtime/linux/module.ld) make one sorted table of each kind inside the
 * measured text. Its position in the table is the index in the protocol. */

struct semo_input_record {
    union {
        void (*handle)(const uint8_t *data, unsigned len); /* input */
        unsigned (*answer)(uint8_t *data, unsigned len);   /* handler */
    } call;
    uint16_t max;
};
struct semo_output_record {
    void (*told)(enum semo_status status, const uint8_t *data, unsigned len); /* may be NULL */
    uint16_t max;
};
#define semo_handler_record    semo_input_record
#define semo_request_record    semo_output_record
#define semo_until_record      semo_output_record
#define SEMO_SAMPLE_OF(window) (0x8000 | (window))
struct semo_entry_record {
    union {
        unsigned (*entry)(uint8_t *data, unsigned len);
        void (*sample)(void);
    } call;
    uint16_t max; /* SEMO_SAMPLE_OF(window): a sample, called by the events of that window */
};
struct semo_driver_record {
    uint16_t window;
};
struct semo_clock_record {
    const struct semo_output_record *ask;
};
struct semo_queue_record { /* read by the build tool only */
    uint16_t bytes;
};

#define SEMO_RECORD(kind, m, name)                                                                 \
    static const struct semo_##kind##_record semo_##kind##_record_##name                           \
        __attribute__((used, aligned(__alignof__(struct semo_##kind##_record)),                    \
                       section(".semo." #kind "." #m "." #name)))

/* The work behind every output function. */
enum semo_status semo_output(const struct semo_output_record *output, const void *data,
                             unsigned len);
uint16_t semo_queue_dropped(void); /* saturates */
enum semo_status semo_request(const struct semo_output_record *request, const void *data,
                              unsigned len);
void semo_cancel(const struct semo_output_record *request);
enum semo_status semo_output_until(const struct semo_output_record *output, const void *data,
                                   unsigned len, unsigned seconds);
void semo_clock_hear(enum semo_status status, const uint8_t *data, unsigned len);

#define SM_INPUT_MAX(m, name, data, len, max)                                                      \
    static void semo_input_##name(const uint8_t *data, unsigned len);                              \
    SEMO_RECORD(input, m, name) = {{.handle = semo_input_##name}, (max)};                          \
    static void semo_input_##name(const uint8_t *data, unsigned len)
#define SM_INPUT(m, name, data, len) SM_INPUT_MAX(m, name, data, len, SEMO_PAYLOAD_DEFAULT)

#define SM_HANDLER_MAX(m, name, data, len, max)                                                    \
    static unsigned semo_input_##name(uint8_t *data, unsigned len);                                \
    SEMO_RECORD(handler, m, name) = {{.answer = semo_input_##name}, (max)};                        \
    static unsigned semo_input_##name(uint8_t *data, unsigned len)
#define SM_HANDLER(m, name, data, len) SM_HANDLER_MAX(m, name, data, len, SEMO_PAYLOAD_DEFAULT)

#define SEMO_SENDS(kind, function, m, name, told, max)                                             \
    SEMO_RECORD(kind, m, name) = {told, (max)};                                                    \
    enum semo_status name(const void *data, unsigned len);                                         \
    enum semo_status name(const void *data, unsigned len)                                          \
    {                                                                                              \
        return function(&semo_##kind##_record_##name, data, len);                                  \
    }
#define SM_OUTPUT_MAX(m, name, max)                                                                \
    SEMO_SENDS(output, semo_output, m, name, 0, max)                                               \
    struct semo_output_record /* takes the semicolon */
#define SM_OUTPUT(m, name) SM_OUTPUT_MAX(m, name, SEMO_PAYLOAD_DEFAULT)

#define SEMO_TOLD(name, status, data, len)                                                         \
    static void semo_told_##name(enum semo_status status, const uint8_t *data, unsigned len)
#define SM_OUTPUT_RESULT_MAX(m, name, status, max)                                                 \
    SEMO_TOLD(name, status, data, len);                                                            \
    SEMO_SENDS(output, semo_output, m, name, semo_told_##name, max)                                \
    SEMO_TOLD(name, status, semo_none __attribute__((unused)), semo_zero __attribute__((unused)))
#define SM_OUTPUT_RESULT(m, name, status)                                                          \
    SM_OUTPUT_RESULT_MAX(m, name, status, SEMO_PAYLOAD_DEFAULT)
#define SM_REQUEST_MAX(m, name, status, data, len, max)                                            \
    SEMO_TOLD(name, status, data, len);                                                            \
    SEMO_SENDS(request, semo_request, m, name, semo_told_##name, max)                              \
    SEMO_TOLD(name, status, data, len)
#define SM_REQUEST(m, name, status, data, len)                                                     \
    SM_REQUEST_MAX(m, name, status, data, len, SEMO_PAYLOAD_DEFAULT)
#define SM_CLOCK(m)                                                                                \
    SM_REQUEST_MAX(m, clock, status, data, len, 4)                                                 \
    {                                                                                              \
        semo_clock_hear(status, data, len);                                                        \
    }                                                                                              \
    SEMO_RECORD(clock, m, asks) = {&semo_request_record_clock}
#define SM_OUTPUT_UNTIL(m, name)                                                                   \
    SEMO_RECORD(until, m, name) = {0, SEMO_PAYLOAD_DEFAULT};                                       \
    enum semo_status name(const void *data, unsigned len, unsigned seconds);                       \
    enum semo_status name(const void *data, unsigned len, unsigned seconds)                        \
    {                                                                                              \
        return semo_output_until(&semo_until_record_##name, data, len, seconds);                   \
    }                                                                                              \
    struct semo_output_record /* takes the semicolon */
#define SM_CANCEL(name) semo_cancel(&semo_request_record_##name)

#define SM_ENTRY_MAX(m, name, data, len, max)                                                      \
    static unsigned semo_entry_##name(uint8_t *data, unsigned len);                                \
    SEMO_RECORD(entry, m, name) = {{.entry = semo_entry_##name}, (max)};                           \
    static unsigned semo_entry_##name(uint8_t *data, unsigned len)
#define SM_ENTRY(m, name, data, len) SM_ENTRY_MAX(m, name, data, len, SEMO_PAYLOAD_DEFAULT)

#define SM_SAMPLE(m, name, window)                                                                 \
    static void semo_entry_##name(void);                                                           \
    SEMO_RECORD(entry, m, name) = {{.sample = semo_entry_##name}, SEMO_SAMPLE_OF(window)};         \
    static void semo_entry_##name(void)

#define SM_DRIVER(m, window) SEMO_RECORD(driver, m, device) = {(window)}
#define SM_QUEUE(m, bytes)   SEMO_RECORD(queue, m, room) = {(bytes)}
#define SM_FUNC(m)
#define SM_DATA(m)

#endif
