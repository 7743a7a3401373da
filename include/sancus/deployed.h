/* SPDX-License-Identifier: Apache-2.0 */
/* The published names in a module that semo build, deploy and up make: <semo/module.h> under
 * another dress. What only programs have, which enable and call modules themselves, is an error of
 * its line. docs/modules.md. */
#ifndef SANCUS_DEPLOYED_H
#define SANCUS_DEPLOYED_H
#define SANCUS_SM_SUPPORT_H

#include <stddef.h>
#include <stdint.h>
#include <semo/module.h>

/* Such sources were written for other compilers; what cannot change what they do is their affair.
 */
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma GCC diagnostic ignored "-Wunused-label"
#pragma GCC diagnostic ignored "-Wpointer-sign"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wparentheses"
#pragma GCC diagnostic ignored "-Wmissing-braces"
#pragma GCC diagnostic ignored "-Wswitch"

typedef unsigned sm_id;
typedef unsigned vendor_id;
typedef unsigned entry_idx;
struct SancusModule;

#define DECLARE_SM(m, vendor) struct SancusModule /* takes the semicolon */

/* SM_ENTRY(m) stands before or behind the return type of f(void) or f(uint8_t *, size_t): the rule
 * checker finds the function, the build tool makes its record. */
#undef SM_ENTRY
#define SM_ENTRY(...)                                                                              \
    SEMO_FIFTH(__VA_ARGS__, SEMO_ENTRY, SEMO_ENTRY, SEMO_ENTRY, SEMO_ENTRY_MARK, 0)(__VA_ARGS__)
#define SEMO_ENTRY(m, name, data, len) SM_ENTRY_MAX(m, name, data, len, SEMO_PAYLOAD_DEFAULT)
#define SEMO_FIFTH(a, b, c, d, e, ...) e
#ifdef SEMO_RULES /* this compilation is for the rule checker only */
#define SEMO_ENTRY_MARK(m)    SEMO_ENTRY_SECTION(m)
#define SEMO_ENTRY_SECTION(m) __attribute__((used, section(".sm_entry." #m)))
#else
#define SEMO_ENTRY_MARK(m)
#endif

/* A function that may be called, whose data may be written. */
#undef SM_INPUT
#define SM_INPUT(m, name, data, len)                                                               \
    static void name(uint8_t *data, size_t len);                                                   \
    SM_INPUT_MAX(m, name, semo_data, semo_len, SEMO_PUBLISHED_PAYLOAD)                             \
    {                                                                                              \
        name((uint8_t *)(uintptr_t)semo_data, semo_len);                                           \
    }                                                                                              \
    static void name(uint8_t *data, size_t len)

/* name(data, len) is a ResultCode. Nobody says SM_QUEUE: 8 of the largest events have room. */
#define SEMO_PUBLISHED_QUEUE (8 * (30 + SEMO_PUBLISHED_PAYLOAD))
#undef SM_OUTPUT
#define SM_OUTPUT(m, name) SEMO_PUBLISHED_OUTPUT(m, name)
#define SEMO_PUBLISHED_OUTPUT(m, name)                                                             \
    SEMO_RECORD(output, m, name) = {0, SEMO_PUBLISHED_PAYLOAD};                                    \
    SEMO_RECORD(queue, m, name) = {SEMO_PUBLISHED_QUEUE};                                          \
    uint16_t name(const void *data, size_t len);                                                   \
    uint16_t name(const void *data, size_t len)                                                    \
    {                                                                                              \
        enum semo_status status = SEMO_LENGTH;                                                     \
        if (len <= SEMO_PUBLISHED_PAYLOAD)                                                         \
            status = semo_output(&semo_output_record_##name, data, (unsigned)len);                 \
        return status == SEMO_OK ? 0 : status == SEMO_LENGTH ? 3 : 6;                              \
    }                                                                                              \
    struct SancusModule

#define SEMO_PROGRAMS                  ": only programs have it; semo cc builds them"
#define SEMO_PROGRAMS_HAVE(name)       _Static_assert(0, name SEMO_PROGRAMS)
#define DECLARE_MMIO_SM(...)           SEMO_PROGRAMS_HAVE("DECLARE_MMIO_SM")
#define DECLARE_EXCLUSIVE_MMIO_SM(...) SEMO_PROGRAMS_HAVE("DECLARE_EXCLUSIVE_MMIO_SM")
#define SM_HANDLE_IRQ(...)             SEMO_PROGRAMS_HAVE("SM_HANDLE_IRQ")
#define SM_MMIO_ENTRY(...)             SEMO_PROGRAMS_HAVE("SM_MMIO_ENTRY");
#define SM_ISR(m, number)                                                                          \
    SEMO_PROGRAMS_HAVE("SM_ISR");                                                                  \
    void semo_isr(unsigned number)

#ifdef __clang__ /* which compiles first */
__attribute__((unavailable("only programs have it; semo cc builds them"))) sm_id sancus_enable(),
    sancus_enable_wrapped(), sancus_disable(), sancus_verify(), sancus_verify_address(),
    sancus_verify_caller(), sancus_get_id(), sancus_get_self_id(), sancus_get_caller_id(),
    sancus_call(), sancus_wrap(), sancus_wrap_with_key(), sancus_unwrap(), sancus_unwrap_with_key(),
    sancus_tag(), sancus_tag_with_key(), sancus_untag(), sancus_untag_with_key(),
    sancus_is_outside_sm(), SM_GET_ENTRY(), SM_GET_ENTRY_IDX(), SM_GET_TAG(), SM_GET_VERIFY_ID();
#endif

#endif
