/* SPDX-License-Identifier: Apache-2.0 */
/* A module as a Linux process: no libc, one descriptor, three system calls. The monitor at the
 * other end of it stands for the hardware: it brings the calls, holds the module's key and draws
 * epochs (lib/wire/gate.h). A monitor that is silent ends the process. */
#include "lib/wire/gate.h"
#include "runtime/runtime.h"

#if defined __x86_64__
enum { CALL_READ = 0, CALL_WRITE = 1, CALL_EXIT = 231 };
#define AT_START __attribute__((force_align_arg_pointer))
static long system_call(long n, long a, const void *b, long c)
{
    __asm__ volatile("syscall" : "+a"(n) : "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return n;
}
#elif defined __aarch64__
enum { CALL_READ = 63, CALL_WRITE = 64, CALL_EXIT = 94 };
#define AT_START
static long system_call(long n, long a, const void *b, long c)
{
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x2 __asm__("x2") = c;
    register const void *x1 __asm__("x1") = b;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
#endif

static uint8_t calls[SEMO_GATE_MAX], opened[SEMO_GATE_MAX], answers[SEMO_GATE_MAX];
static uint8_t request[SEMO_GATE_MAX], result[SEMO_GATE_MAX];
static const struct semo_gate_call *running;

/* The exit never returns. */
static unsigned transfer(long number, const void *bytes, long len)
{
    long done = system_call(number, SEMO_GATE_SOCKET, bytes, len);
    if (done <= 0)
        system_call(CALL_EXIT, 0, 0, 0);
    return (unsigned)done;
}

/* Volatile, or the compiler finds its own memcpy and memset in these. */
void *memcpy(void *restrict to, const void *restrict from, __SIZE_TYPE__ len)
{
    for (__SIZE_TYPE__ i = 0; i < len; i++)
        ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    return to;
}

void *memset(void *to, int value, __SIZE_TYPE__ len)
{
    for (__SIZE_TYPE__ i = 0; i < len; i++)
        ((volatile uint8_t *)to)[i] = (uint8_t)value;
    return to;
}

static uint8_t *put(uint8_t *at, const void *bytes, unsigned len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static bool same(const uint8_t *a, const uint8_t *b, unsigned len)
{
    while (len > 0 && a[len - 1] == b[len - 1])
        len--;
    return len == 0;
}

/* ---- requests ---- */

static struct semo_gate_request head(uint8_t type, uint8_t suite, const uint8_t *key,
                                     uint16_t ad_len, uint16_t len)
{
    struct semo_gate_request r = {type, key ? suite : SEMO_SUITE_OWN, ad_len, len, {0}};
    memcpy(r.key, key, key ? SEMO_KEY_LEN : 0);
    return r;
}

/* Where the running call had asked for exactly this ahead, byte by byte, the answer is there. */
static enum semo_status compute(struct semo_gate_request r, const void *ad, const void *body,
                                const uint8_t *tag, void *out, uint8_t *new_tag)
{
    uint8_t *end = put(put(put(request, &r, sizeof r), ad, r.ad_len), body, r.len);
    const uint8_t *event = running->payload + 2, *answer = opened + (event - calls) + r.ad_len - 1;
    end = put(end, tag, tag ? SEMO_TAG_LEN : 0);
    if (!same(request, (const uint8_t *)&running->ahead, sizeof r) ||
        !same(request + sizeof r, event, running->len - 2u)) {
        transfer(CALL_WRITE, request, end - request);
        transfer(CALL_READ, result, sizeof result);
        answer = result;
    }
    memcpy(out, answer + 1, r.len);
    memcpy(new_tag, answer + 1 + r.len, new_tag ? SEMO_TAG_LEN : 0);
    return (enum semo_status)answer[0];
}

#define SUITE(name, suite)                                                                         \
    SEMO_CRYPTO_WRAP(name)                                                                         \
    {                                                                                              \
        return compute(head(SEMO_GATE_SEAL, suite, key, ad_len, len), ad, body, 0, out, tag);      \
    }                                                                                              \
    SEMO_CRYPTO_UNWRAP(name)                                                                       \
    {                                                                                              \
        return compute(head(SEMO_GATE_OPEN, suite, key, ad_len, len), ad, cipher, tag, out, 0);    \
    }                                                                                              \
    SEMO_CRYPTO_MAC(name)                                                                          \
    {                                                                                              \
        return compute(head(SEMO_GATE_SEAL, suite, key, len, 0), message, 0, 0, 0, tag);           \
    }
SUITE(crypto, SEMO_SUITE_SPONGENT)
SUITE(aes, SEMO_SUITE_AES)

void semo_epoch_draw(uint8_t epoch[8])
{
    (void)compute(head(SEMO_GATE_EPOCH, 0, 0, 0, 8), 0, epoch, 0, epoch, 0);
}

uint32_t semo_units(void)
{
    uint64_t cycles = 0;
    (void)compute(head(SEMO_GATE_CYCLES, 0, 0, 0, sizeof cycles), 0, &cycles, 0, &cycles, 0);
    semo_turn = (uint16_t)(cycles >> 48);
    return (uint32_t)(cycles >> 16);
}

/* ---- calls ---- */

/* The call at *at, which moves on. 0: there is none, or it is cut off. */
static struct semo_gate_call *next_call(uint8_t **at, const uint8_t *calls_end)
{
    struct semo_gate_call *c = (struct semo_gate_call *)*at;
    if (calls_end - *at < (long)sizeof *c || c->len > calls_end - c->payload)
        return 0;
    *at = c->payload + c->len;
    return c;
}

/* So that inputs need not wait one by one: what each will most likely open. What they make of the
 * answer is theirs. */
static void ask_ahead(const uint8_t *calls_end)
{
    const unsigned around = 2 + SEMO_EVENT_AD_LEN + SEMO_TAG_LEN;
    const struct semo_channel *from;
    struct semo_gate_call *c;
    for (uint8_t *at = calls + 1; (c = next_call(&at, calls_end));) {
        c->ahead = (struct semo_gate_request){0};
        if (c->entry == SEMO_ENTRY_INPUT && c->len > around &&
            (from = semo_find(c->payload[0] | c->payload[1] << 8, SEMO_RECEIVER))) {
            c->ahead = head(SEMO_GATE_OPEN, from->kind & SEMO_KIND_AES, from->key,
                            SEMO_EVENT_AD_LEN, c->len - around);
            calls[0] = SEMO_GATE_AHEAD;
        }
    }
    if (calls[0] == SEMO_GATE_AHEAD) {
        transfer(CALL_WRITE, calls, calls_end - calls);
        transfer(CALL_READ, opened, sizeof opened);
    }
}

/* A call is longer than two answers without bytes: so much stays free for those that follow. What
 * has no room stays in the module's queue. */
static uint8_t *answer(const struct semo_gate_call *c, uint8_t *at, const uint8_t *answers_end)
{
    struct semo_gate_answer *a = 0;
    for (unsigned i = 0; i <= c->takes && (i < 2 || a->status == SEMO_OK); i++) {
        long room = answers_end - at - 2 * (long)sizeof *a;
        a = (struct semo_gate_answer *)at;
        a->status = SEMO_LENGTH;
        semo_answer.len = 0;
        if (c->len <= semo_frame_end - semo_frame && room >= 0 && !semo_answer.ends) {
            memcpy(semo_frame, c->payload, c->len);
            a->status = semo_runtime_call(i ? SEMO_ENTRY_TAKE : c->entry, c->len, room);
        }
        a->len = semo_answer.len;
        at = put(a->bytes, semo_answer.at, semo_answer.len);
    }
    return at;
}

AT_START void _start(void)
{
    while (!semo_answer.ends) {
        uint8_t *at = calls + 1, *calls_end = calls + transfer(CALL_READ, calls, sizeof calls),
                *end = answers + 2;
        answers[0] = SEMO_GATE_RETURN;
        ask_ahead(calls_end);
        while (!semo_answer.ends && (running = next_call(&at, calls_end)))
            end = answer(running, end, answers + sizeof answers - (calls_end - at));
        transfer(CALL_WRITE, answers, end - answers);
    }
    system_call(CALL_EXIT, 0, 0, 0);
}
