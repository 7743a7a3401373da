/* SPDX-License-Identifier: Apache-2.0 */
/* Protected modules in the style of the published Sancus tool chain, for `semo cc`: docs/sancus.md.
 * The names and what they mean are those of that tool chain (sancus-toolchain 1.1). */
#ifdef SEMO_DEPLOYED
#include <sancus/deployed.h> /* instead of all this */
#endif
#ifndef SANCUS_SM_SUPPORT_H
#define SANCUS_SM_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

#ifndef SANCUS_SECURITY_BITS
#define SANCUS_SECURITY_BITS 64
#endif
#define SANCUS_SECURITY SANCUS_SECURITY_BITS
#define SANCUS_KEY_SIZE (SANCUS_SECURITY / 8)
#define SANCUS_TAG_SIZE SANCUS_KEY_SIZE

#define SM_ID_UNPROTECTED 0
#define SM_ID_IRQ         0xFFFF /* the last before was the reset */
#define SM_VECTOR         26     /* of violations, for interrupt(n) */

typedef unsigned sm_id;
typedef unsigned vendor_id;
typedef unsigned entry_idx;

struct SancusModule {
    sm_id id; /* 0 until enabled */
    vendor_id vendor_id;
    const char *name;
    void *public_start, *public_end, *secret_start, *secret_end;
};

#define SEMO_INLINE static inline __attribute__((__always_inline__))

/* ---- placing functions and variables ---- */

#define SEMO_TEXT_(x)      #x
#define SEMO_TEXT(x)       SEMO_TEXT_(x)
#define SEMO_JOIN_(a, b)   a##b
#define SEMO_JOIN(a, b)    SEMO_JOIN_(a, b)
#define SEMO_SM_SYM_(n, s) __sm_##n##_##s
#define SEMO_SM_SYM(n, s)  SEMO_SM_SYM_(n, s)
/* A fact for the tool, which reads it by its name and drops it. */
#define SEMO_MARK(kind, n, value)                                                                  \
    static const unsigned SEMO_JOIN(SEMO_JOIN(SEMO_JOIN(__sm_mark_##kind##_, n), _), __COUNTER__)  \
        __attribute__((used, section(".sm_mark"))) = (unsigned)(value)

#define SM_ENTRY(n) __attribute__((noinline, used, section(".sm." SEMO_TEXT(n) ".entry")))
#define SM_FUNC(n)  __attribute__((noinline, section(".sm." SEMO_TEXT(n) ".text")))
#define SM_DATA(n)  __attribute__((annotate("sm_data:" SEMO_TEXT(n))))
#define SM_MMIO_ENTRY(n)                                                                           \
    __attribute__((noinline, used, naked, section(".sm." SEMO_TEXT(n) ".mmio")))

#define SEMO_DECLARE_SM_(n, vendor)                                                                \
    extern char __sm_##n##_public_start[], __sm_##n##_public_end[], __sm_##n##_secret_start[],     \
        __sm_##n##_secret_end[];                                                                   \
    struct SancusModule n = {0,                                                                    \
                             (vendor),                                                             \
                             #n,                                                                   \
                             __sm_##n##_public_start,                                              \
                             __sm_##n##_public_end,                                                \
                             __sm_##n##_secret_start,                                              \
                             __sm_##n##_secret_end}
#define DECLARE_SM(n, vendor)                                                                      \
    SEMO_MARK(sm, n, 0);                                                                           \
    SEMO_DECLARE_SM_(n, vendor)
/* A driver whose private section is the registers [first, end). */
#define DECLARE_MMIO_SM(n, first, end, vendor)                                                     \
    SEMO_MARK(lo, n, first);                                                                       \
    SEMO_MARK(hi, n, end);                                                                         \
    SEMO_DECLARE_SM_(n, vendor)
/* The same for the module with one id. */
#define DECLARE_EXCLUSIVE_MMIO_SM(n, first, end, caller_id, vendor)                                \
    SEMO_MARK(caller, n, caller_id);                                                               \
    DECLARE_MMIO_SM(n, first, end, vendor)

/* The interrupt function of module n, and the vector (0 to 15) that goes to the module. */
#define SM_ISR(n, num)           SEMO_SM_ISR_(n, num)
#define SEMO_SM_ISR_(n, num)     void __attribute__((used)) SM_FUNC(n) __sm_##n##_isr_func(unsigned num)
#define SM_HANDLE_IRQ(n, vector) SEMO_MARK(irq, n, vector)

/* The stack of unprotected code while a module runs, for interrupt functions written by hand. */
extern char __unprotected_sp;

/* ---- what the linker knows ---- */

#define SEMO_SYMBOL(name)                                                                          \
    ({                                                                                             \
        extern char name[];                                                                        \
        (void *)name;                                                                              \
    })
/* The limits of module n, as variables: take their addresses. */
#define __PS(n) SEMO_SM_SYM(n, public_start)
#define __PE(n) SEMO_SM_SYM(n, public_end)
#define __SS(n) SEMO_SM_SYM(n, secret_start)
#define __SE(n) SEMO_SM_SYM(n, secret_end)

/* Of a module whose text is loaded encrypted (semo cc --vendor-key). */
#define SM_GET_WRAP_NONCE(n) (*(unsigned *)SEMO_SYMBOL(SEMO_SM_SYM(n, wrap_nonce)))
#define SM_GET_WRAP_TAG(n)   SEMO_SYMBOL(SEMO_SM_SYM(n, wrap_tag))

#define SM_GET_ENTRY(n)                  SEMO_SYMBOL(SEMO_SM_SYM(n, public_start))
#define SM_GET_ENTRY_IDX(n, e)           ((entry_idx)SEMO_SYMBOL(SEMO_SM_ENTRY_IDX_(n, e)))
#define SEMO_SM_ENTRY_IDX_(n, e)         __sm_##n##_entry_##e##_idx
#define SM_GET_TAG(caller, callee)       SEMO_SYMBOL(SEMO_SM_MAC_(caller, callee))
#define SEMO_SM_MAC_(caller, callee)     __sm_##caller##_mac_##callee
#define SM_GET_VERIFY_ID(caller, callee) ((sm_id *)SEMO_SYMBOL(SEMO_SM_ID_(caller, callee)))
#define SEMO_SM_ID_(caller, callee)      __sm_##caller##_id_##callee

/* ---- the instructions (runtime/compat; modules get copies of their own) ---- */

struct semo_operands {
    const void *r9, *r10, *r11, *r12, *r13, *r14, *r15;
};

unsigned __sancus_enable(const struct semo_operands *o);
unsigned __sancus_wrap(const struct semo_operands *o);
unsigned __sancus_unwrap(const struct semo_operands *o);
unsigned __sancus_verify(const void *address, const void *tag);
unsigned __sancus_verify_caller(const void *tag);
unsigned __sancus_get_id(const void *address);
unsigned __sancus_get_self_id(void);
unsigned __sancus_get_caller_id(void);
void __sancus_disable(const void *continuation);
unsigned __sancus_call(const void *entry, unsigned index, unsigned a, unsigned b, unsigned c);
int __sancus_equal(const void *a, const void *b, unsigned len);

SEMO_INLINE sm_id sancus_enable_wrapped(struct SancusModule *sm, unsigned nonce, const void *tag)
{
    struct semo_operands o = {tag,
                              (const void *)nonce,
                              (const void *)sm->vendor_id,
                              sm->public_start,
                              sm->public_end,
                              sm->secret_start,
                              sm->secret_end};
    return sm->id = __sancus_enable(&o);
}

#ifdef SEMO_CONFIDENTIAL /* semo cc --confidential */
struct semo_wrap {
    const void *public_start; /* NULL: no more */
    const unsigned *nonce;
    const void *tag;
};
extern const struct semo_wrap __sm_wraps[];
#endif

SEMO_INLINE sm_id sancus_enable(struct SancusModule *sm)
{
#ifdef SEMO_CONFIDENTIAL
    for (const struct semo_wrap *w = __sm_wraps; w->public_start; w++)
        if (w->public_start == sm->public_start)
            return sancus_enable_wrapped(sm, *w->nonce, w->tag);
#endif
    return sancus_enable_wrapped(sm, 0, NULL);
}

/* 0 when they are equal, else -1. */
SEMO_INLINE int constant_time_cmp(const unsigned char *a, const unsigned char *b, unsigned len)
{
    return __sancus_equal(a, b, len) - 1;
}

#define sancus_disable(continuation) __sancus_disable((const void *)(continuation))

SEMO_INLINE sm_id sancus_verify_address(const void *expected_tag, const void *address)
{
    return __sancus_verify(address, expected_tag);
}

SEMO_INLINE sm_id sancus_verify(const void *expected_tag, struct SancusModule *sm)
{
    return __sancus_verify(sm->public_start, expected_tag);
}

SEMO_INLINE sm_id sancus_verify_caller(const void *expected_tag)
{
    return __sancus_verify_caller(expected_tag);
}

SEMO_INLINE sm_id sancus_get_id(const void *address)
{
    return __sancus_get_id(address);
}

SEMO_INLINE sm_id sancus_get_self_id(void)
{
    return __sancus_get_self_id();
}

SEMO_INLINE sm_id sancus_get_caller_id(void)
{
    return __sancus_get_caller_id();
}

/* Up to three argument words; the callee is not verified. */
#define sancus_call(entry, index, ...) SEMO_CALL_(entry, index, ##__VA_ARGS__, 0, 0, 0)
#define SEMO_CALL_(entry, index, a, b, c, ...)                                                     \
    __sancus_call((const void *)(entry), (unsigned)(index), (unsigned)(a), (unsigned)(b),          \
                  (unsigned)(c))

/* Key NULL: the key of the calling module. Lengths in bytes, even. 1 or 0. */
SEMO_INLINE int sancus_wrap_with_key(const void *key, const void *ad, size_t ad_len,
                                     const void *body, size_t body_len, void *cipher, void *tag)
{
    struct semo_operands o = {
        key, ad, (const char *)ad + ad_len, body, (const char *)body + body_len, cipher, tag};
    return (int)__sancus_wrap(&o);
}

SEMO_INLINE int sancus_wrap(const void *ad, size_t ad_len, const void *body, size_t body_len,
                            void *cipher, void *tag)
{
    return sancus_wrap_with_key(NULL, ad, ad_len, body, body_len, cipher, tag);
}

SEMO_INLINE int sancus_tag_with_key(const void *key, const void *body, size_t body_len, void *tag)
{
    return sancus_wrap_with_key(key, body, body_len, NULL, 0, NULL, tag);
}

SEMO_INLINE int sancus_tag(const void *body, size_t body_len, void *tag)
{
    return sancus_tag_with_key(NULL, body, body_len, tag);
}

SEMO_INLINE int sancus_untag_with_key(const void *key, const void *body, size_t body_len,
                                      const void *tag)
{
    uint16_t own[SANCUS_TAG_SIZE / 2];
    return sancus_tag_with_key(key, body, body_len, own) &&
           __sancus_equal(own, tag, SANCUS_TAG_SIZE);
}

SEMO_INLINE int sancus_untag(const void *body, size_t body_len, const void *tag)
{
    return sancus_untag_with_key(NULL, body, body_len, tag);
}

SEMO_INLINE int sancus_unwrap_with_key(const void *key, const void *ad, size_t ad_len,
                                       const void *cipher, size_t cipher_len, const void *tag,
                                       void *body)
{
    struct semo_operands o = {
        key, ad, (const char *)ad + ad_len, cipher, (const char *)cipher + cipher_len, body, tag};
    if (cipher_len == 0)
        return sancus_untag_with_key(key, ad, ad_len, tag);
    return (int)__sancus_unwrap(&o);
}

SEMO_INLINE int sancus_unwrap(const void *ad, size_t ad_len, const void *cipher, size_t cipher_len,
                              const void *tag, void *body)
{
    return sancus_unwrap_with_key(NULL, ad, ad_len, cipher, cipher_len, tag, body);
}

/* ---- pointers from outside ---- */

/* 0 also when there is no such region, or the len bytes wrap around. */
SEMO_INLINE int is_buffer_outside_region(const void *start, const void *end, const void *buffer,
                                         size_t len)
{
    uintptr_t first = (uintptr_t)buffer, last = first + (len ? len - 1 : 0);
    return (uintptr_t)start < (uintptr_t)end && first <= last &&
           (last < (uintptr_t)start || first >= (uintptr_t)end);
}

SEMO_INLINE int semo_is_outside(const void *ps, const void *pe, const void *ss, const void *se,
                                const void *p, size_t len)
{
    return is_buffer_outside_region(ps, pe, p, len) && is_buffer_outside_region(ss, se, p, len);
}

/* Do the len bytes from p neither wrap around nor touch module n? */
#define sancus_is_outside_sm(n, p, len)                                                            \
    semo_is_outside(SEMO_SYMBOL(SEMO_SM_SYM(n, public_start)),                                     \
                    SEMO_SYMBOL(SEMO_SM_SYM(n, public_end)),                                       \
                    SEMO_SYMBOL(SEMO_SM_SYM(n, secret_start)),                                     \
                    SEMO_SYMBOL(SEMO_SM_SYM(n, secret_end)), (const void *)(p), (len))

#endif
