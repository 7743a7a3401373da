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
static uint8_t *next_answer;
static const uint8_t *answers_end; /* what is behind it is for the calls that follow */

/* What the inputs among the calls will ask to be opened, asked in advance, and the answers. */
static uint8_t asked[SEMO_GATE_MAX], ready[SEMO_GATE_MAX];
static const uint8_t *next_asked, *next_ready;
static uint8_t *asked_end;

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

/* ---- crypto ---- */

struct request {
    uint8_t type, suite;
    const uint8_t *key, *ad; /* NULL: the module's own; a MAC has none */
    unsigned ad_len;
    const uint8_t *tag; /* UNWRAP only */
    const uint8_t *body;
    unsigned len;
};

static uint8_t *put_request(uint8_t *at, const struct request *r)
{
    *at++ = r->type;
    *at++ = r->key ? r->suite : SEMO_SUITE_OWN;
    at = put(at, r->key, r->key ? SEMO_KEY_LEN : 0);
    if (r->ad)
        at = put(put_u16(at, r->ad_len), r->ad, r->ad_len);
    at = put(at, r->tag, r->tag ? SEMO_TAG_LEN : 0);
    return put(at, r->body, r->len);
}

static bool is_asked(const uint8_t *request, unsigned len)
{
    unsigned i = 0;
    while (i < len && request[i] == message[i])
        i++;
    return i == len;
}

/* Length of the answer that is in message if the request of so many bytes that is there was asked
 * in advance; else 0. Those before it are not needed any more. */
static unsigned find_ready(unsigned len)
{
    const uint8_t *a = next_asked, *r = next_ready;
    while (a < asked_end) {
        const uint8_t *request = a + 2, *answer = r + 2;
        a = request + get_u16(a);
        r = answer + get_u16(r);
        if (a - request == len && is_asked(request, len)) {
            next_asked = a;
            next_ready = r;
            return (unsigned)(put(message + 1, answer, (unsigned)(r - answer)) - message);
        }
    }
    return 0;
}

/* What was written up to `end_of_request`. The answer's bytes, exactly `len`, are at message + 2.
 */
static enum semo_status ask(const uint8_t *end_of_request, unsigned len)
{
    unsigned got = find_ready((unsigned)(end_of_request - message));
    if (got == 0) {
        send(message, (unsigned)(end_of_request - message));
        got = receive(message);
        if (message[0] != SEMO_MODULE_RESULT)
            end(1);
    }
    if (got < 2 || (message[1] == SEMO_OK && got != 2 + len))
        end(1);
    return (enum semo_status)message[1];
}

/* `len` bytes of the answer to out, then its tag. */
static enum semo_status compute(const struct request *r, uint8_t *out, unsigned len, uint8_t *tag)
{
    const unsigned room = sizeof message - 4 - SEMO_KEY_LEN - SEMO_TAG_LEN;
    enum semo_status status = SEMO_LENGTH;
    if (r->ad_len <= room && r->len <= room - r->ad_len)
        status = ask(put_request(message, r), len + (tag ? SEMO_TAG_LEN : 0));
    if (status == SEMO_OK) {
        memcpy(out, message + 2, len);
        memcpy(tag, message + 2 + len, tag ? SEMO_TAG_LEN : 0);
    }
    return status;
}

#define SUITE(name, suite)                                                                         \
    enum semo_status semo_##name##_wrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,    \
                                        const uint8_t *body, unsigned len, uint8_t *out,           \
                                        uint8_t *tag)                                              \
    {                                                                                              \
        const struct request r = {SEMO_MODULE_WRAP, suite, key, ad, ad_len, 0, body, len};         \
        return compute(&r, out, len, tag);                                                         \
    }                                                                                              \
    enum semo_status semo_##name##_unwrap(const uint8_t *key, const uint8_t *ad, unsigned ad_len,  \
                                          const uint8_t *cipher, unsigned len, const uint8_t *tag, \
                                          uint8_t *out)                                            \
    {                                                                                              \
        const struct request r = {SEMO_MODULE_UNWRAP, suite, key, ad, ad_len, tag, cipher, len};   \
        enum semo_status status = compute(&r, out, len, 0);                                        \
        if (status != SEMO_OK)                                                                     \
            memset(out, 0, len);                                                                   \
        return status;                                                                             \
    }                                                                                              \
    enum semo_status semo_##name##_mac(const uint8_t *key, const uint8_t *bytes, unsigned len,     \
                                       uint8_t *tag)                                               \
    {                                                                                              \
        const struct request r = {SEMO_MODULE_MAC, suite, key, 0, 0, 0, bytes, len};               \
        return compute(&r, 0, 0, tag);                                                             \
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

uint32_t semo_units(void)
{
    uint32_t units = 0;
    message[0] = SEMO_MODULE_CYCLES;
    if (ask(message + 1, 8) == SEMO_OK) {
        memcpy(&units, message + 4, sizeof units);
        memcpy(&semo_turn, message + 8, sizeof semo_turn);
    }
    return units;
}

/* ---- calls ---- */

struct call {
    unsigned entry, takes, len;
    const uint8_t *payload;
};

/* The call at *at, which moves on. False: there is none, or it is cut off. */
static bool next_call(const uint8_t **at, const uint8_t *calls_end, struct call *c)
{
    if (calls_end - *at < SEMO_GATE_CALL_HEAD)
        return false;
    *c = (struct call){get_u16(*at), (*at)[2] & 0x7F, get_u16(*at + 3), *at + SEMO_GATE_CALL_HEAD};
    if (c->len > (unsigned)(calls_end - c->payload))
        return false;
    *at = c->payload + c->len;
    return true;
}

/* Asks for what an input will open; the end of what was put, or `at` if it opens nothing. */
static uint8_t *ask_for(const struct call *c, uint8_t *at)
{
    const uint8_t *ad = c->payload + 2, *cipher = ad + SEMO_EVENT_AD_LEN;
    const struct semo_channel *from = 0;
    if (c->entry == SEMO_ENTRY_INPUT && c->len >= 2 + SEMO_SEALED_LEN(0) &&
        asked + sizeof asked - at > c->len + 8 + SEMO_KEY_LEN)
        from = semo_find((uint16_t)get_u16(c->payload), SEMO_RECEIVER);
    if (!from)
        return at;
    unsigned len = c->len - 2 - SEMO_EVENT_AD_LEN - SEMO_TAG_LEN;
    const struct request r = {SEMO_MODULE_UNWRAP,
                              from->kind & SEMO_KIND_AES ? SEMO_SUITE_AES : SEMO_SUITE_SPONGENT,
                              from->key,
                              ad,
                              SEMO_EVENT_AD_LEN,
                              cipher + len,
                              cipher,
                              len};
    uint8_t *request_end = put_request(at + 2, &r);
    put_u16(at, (unsigned)(request_end - at - 2));
    return request_end;
}

/* So that inputs need not wait one by one. What they make of it is theirs: an answer is used for
 * exactly the request that it was for. */
static void ask_ahead(const uint8_t *calls_end)
{
    const uint8_t *at = calls + 1;
    struct call c;
    next_asked = asked_end = put(asked, &(uint8_t){SEMO_MODULE_MANY}, 1);
    next_ready = ready + 2;
    while (next_call(&at, calls_end, &c))
        asked_end = ask_for(&c, asked_end);
    if (asked_end == next_asked)
        return;
    send(asked, (unsigned)(asked_end - asked));
    if (receive(ready) < 2 || ready[0] != SEMO_MODULE_RESULT || ready[1] != SEMO_OK)
        end(1);
}

/* What has no room stays in the module's queue. */
static enum semo_status run(unsigned entry, unsigned len)
{
    const long room = answers_end - next_answer - 3;
    return semo_runtime_call(entry, len, room < 0 ? 0 : room < MOST ? (unsigned)room : MOST);
}

static void put_answer(void)
{
    next_answer = put(put_u16(next_answer, semo_answer.len), semo_answer.at, semo_answer.len);
}

/* The frame is private memory like all of the process, so the payload is copied only once. */
static void answer(const struct call *c)
{
    uint8_t *status = next_answer++, *taken;
    enum semo_status took = SEMO_OK;
    semo_answer.len = 0;
    *status = SEMO_LENGTH;
    if (c->len <= (unsigned)(semo_frame_end - semo_frame)) {
        memcpy(semo_frame, c->payload, c->len);
        *status = (uint8_t)run(c->entry, c->len);
    }
    put_answer();
    taken = next_answer++;
    *taken = 0;
    while (!semo_answer.ends && *taken < c->takes && took == SEMO_OK) {
        took = run(SEMO_ENTRY_TAKE, 0);
        if (took == SEMO_OK) {
            put_answer();
            ++*taken;
        }
    }
    if (took != SEMO_EMPTY)
        *taken |= SEMO_GATE_TAKEN_MORE;
}

/* A call is longer than the least that its answer takes: so much stays free for those that follow,
 * and each has room for its status and lengths. */
static void serve(const uint8_t *calls_end)
{
    const uint8_t *at = calls + 1;
    struct call c;
    next_answer = put(answers, (const uint8_t[]){SEMO_MODULE_RETURN, SEMO_OK}, 2);
    while (!semo_answer.ends && next_call(&at, calls_end, &c)) {
        answers_end = answers + sizeof answers - (calls_end - at);
        answer(&c);
    }
    send(answers, (unsigned)(next_answer - answers));
}

void semo_linux_serve(void)
{
    while (!semo_answer.ends) {
        const uint8_t *calls_end = calls + receive(calls);
        if (calls[0] != SEMO_MODULE_CALL)
            end(1);
        ask_ahead(calls_end);
        serve(calls_end);
    }
    end(0);
}
