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

#define MOST (SEMO_FRAME_MAX - 4) /* bytes of one answer */

_Noreturn void semo_linux_serve(void);

static uint8_t message[SEMO_GATE_MAX], calls[SEMO_GATE_MAX], answers[SEMO_GATE_MAX];

/* What the inputs among the calls will ask to be opened, asked in advance, and the answers. */
static uint8_t asked[SEMO_GATE_MAX], ready[SEMO_GATE_MAX];
static const uint8_t *next_asked, *asked_end, *next_ready;

static _Noreturn void end(int code)
{
    for (;;)
        system_call(CALL_EXIT, code, 0, 0);
}

static void send(const uint8_t *from, unsigned len)
{
    if (system_call(CALL_WRITE, SEMO_GATE_SOCKET, from, (long)len) != (long)len)
        end(1);
}

static unsigned receive(uint8_t *to)
{
    long len = system_call(CALL_READ, SEMO_GATE_SOCKET, to, SEMO_GATE_MAX);
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

static uint8_t *put_u16(uint8_t *at, unsigned value)
{
    *at++ = (uint8_t)value;
    *at++ = (uint8_t)(value >> 8);
    return at;
}

static unsigned get_u16(const uint8_t *at)
{
    return at[0] | (unsigned)at[1] << 8;
}

static uint8_t *put_key(uint8_t *at, uint8_t type, enum semo_suite suite, const uint8_t *key)
{
    *at++ = type;
    *at++ = key ? (uint8_t)suite : SEMO_SUITE_OWN;
    return key ? put(at, key, SEMO_KEY_LEN) : at;
}

static enum semo_status check(unsigned got, unsigned len)
{
    if (got < 2 || message[0] != SEMO_MODULE_RESULT || (message[1] == SEMO_OK && got != 2 + len))
        end(1);
    return (enum semo_status)message[1];
}

/* Sends what was written up to `end_of_request`; the answer's bytes, exactly `len`, are at message
 * + 2. */
static enum semo_status ask(const uint8_t *end_of_request, unsigned len)
{
    send(message, (unsigned)(end_of_request - message));
    return check(receive(message), len);
}

static bool fits(unsigned ad_len, unsigned len)
{
    const unsigned room = sizeof message - 4 - SEMO_KEY_LEN - SEMO_TAG_LEN;
    return ad_len <= room && len <= room - ad_len;
}

static uint8_t *put_ad(uint8_t *at, const uint8_t *ad, unsigned ad_len)
{
    return put(put_u16(at, ad_len), ad, ad_len);
}

static enum semo_status wrap(enum semo_suite suite, const uint8_t *key, const uint8_t *ad,
                             unsigned ad_len, const uint8_t *body, unsigned len, uint8_t *out,
                             uint8_t *tag)
{
    if (!fits(ad_len, len))
        return SEMO_LENGTH;
    uint8_t *at = put_ad(put_key(message, SEMO_MODULE_WRAP, suite, key), ad, ad_len);
    enum semo_status status = ask(put(at, body, len), len + SEMO_TAG_LEN);
    if (status != SEMO_OK)
        return status;
    memcpy(out, message + 2, len);
    memcpy(tag, message + 2 + len, SEMO_TAG_LEN);
    return SEMO_OK;
}

static bool same(const uint8_t *a, const uint8_t *b, unsigned len)
{
    while (len > 0 && *a++ == *b++)
        len--;
    return len == 0;
}

/* The request of `len` bytes in message, if it was asked in advance: its answer is in message as if
 * it had been asked now. Those before it are not needed any more. */
static bool is_ready(unsigned len, unsigned answer_len)
{
    const uint8_t *a = next_asked, *r = next_ready;
    while (a < asked_end) {
        const uint8_t *request = a + 2, *answer = r + 2;
        unsigned n = get_u16(a), got = get_u16(r);
        a = request + n;
        r = answer + got;
        if (n == len && same(request, message, len)) {
            next_asked = a;
            next_ready = r;
            message[0] = SEMO_MODULE_RESULT;
            check((unsigned)(put(message + 1, answer, got) - message), answer_len);
            return true;
        }
    }
    return false;
}

static uint8_t *put_unwrap(uint8_t *at, enum semo_suite suite, const uint8_t *key,
                           const uint8_t *ad, unsigned ad_len, const uint8_t *cipher, unsigned len,
                           const uint8_t *tag)
{
    at = put_ad(put_key(at, SEMO_MODULE_UNWRAP, suite, key), ad, ad_len);
    return put(put(at, tag, SEMO_TAG_LEN), cipher, len);
}

static enum semo_status unwrap(enum semo_suite suite, const uint8_t *key, const uint8_t *ad,
                               unsigned ad_len, const uint8_t *cipher, unsigned len,
                               const uint8_t *tag, uint8_t *out)
{
    enum semo_status status = SEMO_LENGTH;
    if (fits(ad_len, len)) {
        const uint8_t *request_end = put_unwrap(message, suite, key, ad, ad_len, cipher, len, tag);
        status = is_ready((unsigned)(request_end - message), len) ? (enum semo_status)message[1]
                                                                  : ask(request_end, len);
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
    uint8_t *at = put_key(message, SEMO_MODULE_MAC, suite, key);
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

static uint8_t *put_answer(uint8_t *at)
{
    return put(put_u16(at, semo_answer.len), semo_answer.at, semo_answer.len);
}

/* Events that wait, each with its length; their count in *taken. */
static uint8_t *take(unsigned most, uint8_t *taken, const uint8_t *limit)
{
    uint8_t *at = taken + 1;
    enum semo_status status = SEMO_OK;
    for (*taken = 0; status == SEMO_OK && *taken < most && *taken < 0x7F && limit - at > 2;) {
        unsigned room = (unsigned)(limit - at - 2);
        status = semo_runtime_call(SEMO_ENTRY_TAKE, 0, room < MOST ? room : MOST);
        if (status == SEMO_OK) {
            at = put_answer(at);
            ++*taken;
        }
    }
    if (status != SEMO_EMPTY)
        *taken |= SEMO_GATE_TAKEN_MORE;
    return at;
}

/* One of the calls. */
struct call {
    unsigned entry, takes, len;
    const uint8_t *payload;
};

/* The call at *at, which moves on. False: there is none, or it is cut off. */
static bool next_call(const uint8_t **at, const uint8_t *calls_end, struct call *c)
{
    if (calls_end - *at < SEMO_GATE_CALL_HEAD)
        return false;
    c->entry = get_u16(*at);
    c->takes = (*at)[2];
    c->len = get_u16(*at + 3);
    c->payload = *at + SEMO_GATE_CALL_HEAD;
    if (c->len > (unsigned)(calls_end - c->payload))
        return false;
    *at = c->payload + c->len;
    return true;
}

/* Asks for all that the inputs will open, so that they need not wait one by one. What they make of
 * it is theirs: an answer is used for exactly the request that it was for. */
static void ask_ahead(const uint8_t *calls_end)
{
    const uint8_t *at = calls + 1;
    uint8_t *to = asked;
    unsigned count = 0;
    struct call c;
    for (*to++ = SEMO_MODULE_MANY; next_call(&at, calls_end, &c);) {
        const uint8_t *ad = c.payload + 2, *cipher = ad + SEMO_EVENT_AD_LEN;
        if (c.entry != SEMO_ENTRY_INPUT || c.len < 2 + SEMO_SEALED_LEN(0))
            continue;
        const struct semo_channel *from = semo_find((uint16_t)get_u16(c.payload), SEMO_RECEIVER);
        if (!from || asked + sizeof asked - to < c.len + 8 + SEMO_KEY_LEN)
            continue;
        unsigned len = c.len - 2 - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN;
        enum semo_suite suite = from->kind & SEMO_KIND_AES ? SEMO_SUITE_AES : SEMO_SUITE_SPONGENT;
        const uint8_t *request_end =
            put_unwrap(to + 2, suite, from->key, ad, SEMO_EVENT_AD_LEN, cipher, len, cipher + len);
        unsigned n = (unsigned)(request_end - to - 2);
        to = put_u16(to, n) + n;
        count++;
    }
    next_asked = asked + 1;
    asked_end = count > 1 ? to : next_asked;
    next_ready = ready + 2;
    if (count > 1) {
        send(asked, (unsigned)(to - asked));
        if (receive(ready) < 2 || ready[0] != SEMO_MODULE_RESULT || ready[1] != SEMO_OK)
            end(1);
    }
}

uint32_t semo_units(void)
{
    uint32_t units = 0;
    message[0] = SEMO_MODULE_CYCLES;
    if (ask(message + 1, 8) == SEMO_OK)
        memcpy(&units, message + 4, sizeof units);
    return units;
}

/* The frame is private memory like all of the process, so the payload is copied only once. The
 * answer ends at or before limit. */
static uint8_t *run(const struct call *c, uint8_t *at, const uint8_t *limit)
{
    enum semo_status status = SEMO_LENGTH;
    unsigned room = (unsigned)(limit - at - 4);
    semo_answer.len = 0;
    if (c->len <= (unsigned)(semo_frame_end - semo_frame)) {
        memcpy(semo_frame, c->payload, c->len);
        status = semo_runtime_call(c->entry, c->len, room < MOST ? room : MOST);
    }
    *at++ = (uint8_t)status;
    at = put_answer(at);
    return take(semo_answer.ends ? 0 : c->takes, at, limit);
}

/* The bytes of the calls that are left are at least as many as the least that their answers take:
 * so many stay free. */
static unsigned serve(const uint8_t *calls_end)
{
    const uint8_t *from = calls + 1;
    uint8_t *at = answers;
    struct call c;
    *at++ = SEMO_MODULE_RETURN;
    *at++ = SEMO_OK;
    while (!semo_answer.ends && next_call(&from, calls_end, &c)) {
        const uint8_t *limit = answers + sizeof answers - (calls_end - from);
        if (limit - at < 4)
            break;
        at = run(&c, at, limit);
    }
    return (unsigned)(at - answers);
}

void semo_linux_serve(void)
{
    while (!semo_answer.ends) {
        const uint8_t *calls_end = calls + receive(calls);
        if (calls[0] != SEMO_MODULE_CALL)
            end(1);
        ask_ahead(calls_end);
        send(answers, serve(calls_end));
    }
    end(0);
}
