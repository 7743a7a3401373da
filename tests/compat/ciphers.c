/* SPDX-License-Identifier: Apache-2.0 */
/* 32-bit arithmetic in a module: XTEA, CRC-32, FNV-1a and a decimal converter. */
#include <sancus/sm_support.h>
#include <stdint.h>
#include <stdio.h>

DECLARE_SM(crypto, 0x4242);

static const uint32_t SM_DATA(crypto) key[4] = {0x00010203, 0x04050607, 0x08090A0B, 0x0C0D0E0F};

void SM_ENTRY(crypto) crypto_xtea(uint32_t *block, int decrypt)
{
    const uint32_t delta = 0x9E3779B9;
    if (!sancus_is_outside_sm(crypto, block, 8))
        return;
    uint32_t a = block[0], b = block[1], sum = decrypt ? delta * 32 : 0;
    for (int i = 0; i < 32; i++)
        if (decrypt) {
            b -= (((a << 4) ^ (a >> 5)) + a) ^ (sum + key[(sum >> 11) & 3]);
            sum -= delta;
            a -= (((b << 4) ^ (b >> 5)) + b) ^ (sum + key[sum & 3]);
        } else {
            a += (((b << 4) ^ (b >> 5)) + b) ^ (sum + key[sum & 3]);
            sum += delta;
            b += (((a << 4) ^ (a >> 5)) + a) ^ (sum + key[(sum >> 11) & 3]);
        }
    block[0] = a;
    block[1] = b;
}

uint32_t SM_ENTRY(crypto) crypto_crc(const uint8_t *data, unsigned len)
{
    uint32_t crc = ~0UL;
    if (!sancus_is_outside_sm(crypto, data, len))
        return 0;
    while (len--) {
        crc ^= *data++;
        for (int k = 0; k < 8; k++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320UL : crc >> 1;
    }
    return ~crc;
}

uint32_t SM_ENTRY(crypto) crypto_fnv(const char *text)
{
    uint32_t hash = 2166136261UL;
    for (; sancus_is_outside_sm(crypto, text, 1) && *text; text++)
        hash = (hash ^ (uint8_t)*text) * 16777619UL;
    return hash;
}

unsigned SM_ENTRY(crypto) crypto_decimal(int32_t n, char *to, unsigned size)
{
    char text[12];
    unsigned len = 0, out = 0;
    uint32_t m = n < 0 ? -(uint32_t)n : (uint32_t)n;
    do
        text[len++] = (char)('0' + m % 10);
    while (m /= 10);
    if (n < 0)
        text[len++] = '-';
    if (len >= size || !sancus_is_outside_sm(crypto, to, size))
        return 0;
    while (len)
        to[out++] = text[--len];
    to[out] = 0;
    return out;
}

int main()
{
    uint32_t block[2] = {0x41424344, 0x45464748};
    char text[16];
    sancus_enable(&crypto);
    crypto_xtea(block, 0);
    printf("%08lx %08lx\n", block[0], block[1]);
    crypto_xtea(block, 1);
    printf("%08lx %08lx\n", block[0], block[1]);
    printf("%08lx\n", crypto_crc((const uint8_t *)"123456789", 9));
    printf("%08lx\n", crypto_fnv("hello"));
    printf("%u %s\n", crypto_decimal(-2147483647L - 1, text, sizeof text), text);
    printf("%u %s\n", crypto_decimal(1234567890, text, sizeof text), text);
    printf("%u\n", crypto_decimal(1234567890, text, 5));
    return 0;
}
