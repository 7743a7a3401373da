/* SPDX-License-Identifier: Apache-2.0 */
/* What the author of a protected module writes. One source file is one module; the same source
 * compiles for every back end. No heap, no recursion, no varargs, no 64-bit types, at most four
 * argument words. Every function and constant of the file becomes measured text, every variable
 * private data that starts at zero.
 *
 *   SM_INPUT(m, name, data, len) { ... }          input, payload up to SEMO_PAYLOAD_DEFAULT bytes
 *   SM_INPUT_MAX(m, name, data, len, max) { ... } the same with its own bound
 *       `const uint8_t *data` (private copy, even address, authenticated), `unsigned len` <= max
 *   SM_OUTPUT(m, name);             defines  enum semo_status name(const void *data, unsigned len):
 *   SM_OUTPUT_MAX(m, name, max);        seals for every connection of that output into the queue;
 *                                       SEMO_FULL: one connection or more had no room (counted)
 *   SM_ENTRY(m, name, data, len) { ... return n; }   stranger-callable: unauthenticated data in;
 *       may overwrite `uint8_t *data` (room SEMO_PAYLOAD_DEFAULT) with an answer of n bytes
 *   SM_SAMPLE(m, name, window) { ... }            stranger-callable without argument or answer,
 *       called by the event manager on an event of device window `window` (drivers)
 *   SM_DRIVER(m, window);           the module's private data lives in, and owns, that device window
 *   SM_FUNC(m), SM_DATA(m)          markers on internal functions and variables
 *   SM_QUEUE(m, bytes);             room of the output queue (default SEMO_QUEUE_DEFAULT)
 *
 * The runtime offers, besides: semo_queue_dropped() = outputs lost to a full queue. */
#ifndef SEMO_MODULE_H
#define SEMO_MODULE_H

#include <stdint.h>
#include <semo/map.h>
#include <semo/status.h>

/* -- implementation below: records that the linker collects, sorted by name -- */
#endif
