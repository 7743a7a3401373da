/* SPDX-License-Identifier: Apache-2.0 */
/* A module as a Linux process: no libc, one descriptor, three system calls. The monitor at the
 * other end of it stands for the hardware: it brings the calls, holds the module's key and draws
 * epochs (lib/wire/gate.h). A monitor that is silent or says nonsense ends the process. */
#include "lib/wire/gate.h"
#include "runtime/runtime.h"

#if defined __x86_64__
enum { CALL_READ = 0, CALL_WRITE = 1, CALL_EXIT = 231 };
__asm__(".section .text._start,\"ax\",@progbits\n.globl _start\n_start:\n"
        "xor %ebp, %ebp\ncall semo_linux_serve\nud2\n.text\n");
static long system_call(long number, long a, const void *b, long c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "0"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined __aarch64__
enum { CALL_READ = 63, CALL_WRITE = 64, CALL_EXIT = 94 };
__asm__(".section .text._start,\"ax\",@progbits\n.globl _start\n_start:\n"
        "mov x29, xzr\nbl semo_linux_serve\nbrk #1\n.text\n");
static long system_call(long number, long a, const void *b, long c)
{
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x2 __asm__("x2") = c;
    register const void *x1 __asm__("x1") = b;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#else
#error "runtime/linux knows the system calls of x86-64 and aarch64 only"
#endif

_Noreturn void semo_linux_serve(void);

static uint8_t message[SEMO_GATE_MAX];

static _Noreturn void end(int code)
{
    for (;;)
        system_call(CALL_EXIT, code, 0, 0);
}

static void send(unsigned len)
{
    if (system_call(CALL_WRITE, SEMO_GATE_SOCKET, message, (long)len) != (long)len)
        end(1);
}

static unsigned receive(void)
{
    long len = system_call(CALL_READ, SEMO_GATE_SOCKET, message, sizeof message);
    if (len <= 0)
        end(0);
    return (unsigned)len;
}

/* The empty asm keeps the compiler from finding its own memcpy and memset in these. */
void *memcpy(void *restrict to, const void *restrict from, __SIZE_TYPE__ len)
{
    uint8_t *t = to;
    const uint8_t *f = from;
    for (; len > 0; len--) {
        *t++ = *f++;
        __asm__ volatile("" ::: "memory");
    }
    return to;
}

void *memset(void *to, int value, __SIZE_TYPE__ len)
{
    for (uint8_t *t = to; len > 0; len--) {
        *t++ = (uint8_t)value;
        __asm__ volatile("" ::: "memory");
    }
    return to;
}

static uint8_t *put(uint8_t *at, const void *bytes, unsigned len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static uint8_t *put_key(uint8_t type, enum semo_suite suite, const uint8_t *key)
{
    message[0] = type;
    message[1] = key ? (uint8_t)suite : SEMO_SUITE_OWN;
    return key ? put(message + 2, key, SEMO_KEY_LEN) : message + 2;
}

/* Sends what was written up to `end_of_request`; the answer's bytes, exactly `len`, are at message
 * + 2. */
static enum semo_status ask(const uint8_t *end_of_request, unsigned len)
{
    send((unsigned)(end_of_request - message));
    unsigned got = receive();
    if (got < 2 || message[0] != SEMO_MODULE_RESULT)
        end(1);
    if (message[1] != SEMO_OK)
        return (enum semo_status)message[1];
    if (got != 2 + len)
        end(1);
    return SEMO_OK;
}

static bool fits(unsigned ad_len, unsigned len)
{
    const unsigned room = sizeof message - 4 - SEMO_KEY_LEN - SEMO_TAG_LEN;
    return ad_len <= room && len <= room - ad_len;
}

static uint8_t *put_ad(uint8_t *at, const uint8_t *ad, unsigned ad_len)
{
    *at++ = (uint8_t)ad_len;
    *at++ = (uint8_t)(ad_len >> 8);
    return put(at, ad, ad_len);
}

static enum semo_status wrap(enum semo_suite suite, const uint8_t *key, const uint8_t *ad,
                             unsigned ad_len, const uint8_t *body, unsigned len, uint8_t *out,
                             uint8_t *tag)
{
    if (!fits(ad_len, len))
        return SEMO_LENGTH;
    uint8_t *at = put_ad(put_key(SEMO_MODULE_WRAP, suite, key), ad, ad_len);
    enum semo_status status = ask(put(at, body, len), len + SEMO_TAG_LEN);
    if (status != SEMO_OK)
        return status;
    memcpy(out, message + 2, len);
    memcpy(tag, message + 2 + len, SEMO_TAG_LEN);
    return SEMO_OK;
}

static enum semo_status unwrap(enum semo_suite suite, const uint8_t *key, const uint8_t *ad,
                               unsigned ad_len, const uint8_t *cipher, unsigned len,
                               const uint8_t *tag, uint8_t *out)
{
    enum semo_status status = SEMO_LENGTH;
    if (fits(ad_len, len)) {
        uint8_t *at = put_ad(put_key(SEMO_MODULE_UNWRAP, suite, key), ad, ad_len);
        status = ask(put(put(at, tag, SEMO_TAG_LEN), cipher, len), len);
    }
    if (status == SEMO_OK)
        memcpy(out, message + 2, len);
    else
        memset(out, 0, len);
    return status;
}

static enum semo_status mac(enum semo_suite suite, const uint8_t *key, const uint8_t *bytes,
                            unsigned len, uint8_t *tag)
{
    if (!fits(0, len))
        return SEMO_LENGTH;
    uint8_t *at = put_key(SEMO_MODULE_MAC, suite, key);
    enum semo_status status = ask(put(at, bytes, len), SEMO_TAG_LEN);
    if (status == SEMO_OK)
        memcpy(tag, message + 2, SEMO_TAG_LEN);
    return status;
}

#define SUITE(name, suite)                                                                         \
    enum semo_status semo_##name##_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,    \
                                        const uint8_t *body, unsigned len, uint8_t *out,           \
                                        uint8_t *tag)                                              \
    {                                                                                              \
        return wrap(suite, key, ad, ad_len, body, len, out, tag);                                  \
    }                                                                                              \
    enum semo_status semo_##name##_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,  \
                                          const uint8_t *cipher, unsigned len, const uint8_t *tag, \
                                          uint8_t *out)                                            \
    {                                                                                              \
        return unwrap(suite, key, ad, ad_len, cipher, len, tag, out);                              \
    }                                                                                              \
    enum semo_status semo_##name##_mac(const uint8_t *key, const uint8_t *bytes, unsigned len,     \
                                       uint8_t *tag)                                               \
    {                                                                                              \
        return mac(suite, key, bytes, len, tag);                                                   \
    }
SUITE(crypto, SEMO_SUITE_SPONGENT)
SUITE(aes, SEMO_SUITE_AES)

void semo_epoch_draw(uint8_t epoch[8])
{
    message[0] = SEMO_MODULE_EPOCH;
    if (ask(message + 1, 8) == SEMO_OK)
        memcpy(epoch, message + 2, 8);
    else
        memset(epoch, 0, 8);
}

/* The frame is private memory like all of the process, so the payload is copied only once. */
static enum semo_status call(unsigned len)
{
    unsigned entry = message[1] | (unsigned)message[2] << 8;
    if (len > (unsigned)(semo_frame_end - semo_frame))
        return SEMO_LENGTH;
    memcpy(semo_frame, message + 3, len);
    return semo_runtime_call(entry, len, SEMO_FRAME_MAX - 4);
}

void semo_linux_serve(void)
{
    for (;;) {
        unsigned len = receive();
        if (len < 3 || message[0] != SEMO_MODULE_CALL)
            end(1);
        semo_answer.len = 0;
        message[1] = (uint8_t)call(len - 3);
        message[0] = SEMO_MODULE_RETURN;
        send((unsigned)(put(message + 2, semo_answer.at, semo_answer.len) - message));
        if (semo_answer.ends)
            end(0);
    }
}
