/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of one reactive module. semo cc writes a file for each that defines
 *   SEMO_MODULE    the module's name
 *   SEMO_INPUTS    how many inputs it has; outputs are numbered behind them
 *   SEMO_OUTPUTS   how many outputs it has
 *   SEMO_DISPATCH  the cases of a switch that calls them
 * and includes this once. Nothing given from outside is used before it was copied and checked. */
#ifndef SEMO_COMPAT_REACTIVE_H
#define SEMO_COMPAT_REACTIVE_H

#ifdef SEMO_MODULE

#include <stdlib.h>
#include <string.h>
#include <sancus/reactive.h>

#define OWN(name) SEMO_SM_SYM(SEMO_MODULE, name)

struct connection { /* as the published one */
    uint16_t io, id, nonce;
    uint8_t key[SANCUS_KEY_SIZE];
};

static SM_DATA(SEMO_MODULE) struct connection connections[SEMO_SM_CONNECTIONS];
static SM_DATA(SEMO_MODULE) uint16_t connection_count;

static uint16_t SM_FUNC(SEMO_MODULE) swapped(uint16_t n)
{
    return (uint16_t)(n << 8 | n >> 8);
}

/* ad: connection, input or output, nonce, each big endian. The nonce counts the connections. */
uint16_t SM_ENTRY(SEMO_MODULE)
    OWN(set_key)(const uint8_t *ad, const uint8_t *cipher, const uint8_t *tag, uint16_t *index)
{
    uint16_t head[3], key[SANCUS_KEY_SIZE / 2], sealed[SANCUS_KEY_SIZE / 2],
        mac[SANCUS_TAG_SIZE / 2];
    if (!sancus_is_outside_sm(SEMO_MODULE, ad, sizeof head) ||
        !sancus_is_outside_sm(SEMO_MODULE, cipher, sizeof sealed) ||
        !sancus_is_outside_sm(SEMO_MODULE, tag, sizeof mac) ||
        !sancus_is_outside_sm(SEMO_MODULE, index, sizeof *index))
        return BufferInsideSM;
    memcpy(head, ad, sizeof head);
    memcpy(sealed, cipher, sizeof sealed);
    memcpy(mac, tag, sizeof mac);
    if (connection_count == SEMO_SM_CONNECTIONS)
        return IllegalConnection;
    if (swapped(head[2]) != connection_count)
        return IllegalParameters;
    if (!sancus_unwrap(head, sizeof head, sealed, sizeof sealed, mac, key))
        return CryptoError;
    struct connection *c = &connections[connection_count];
    c->id = swapped(head[0]);
    c->io = swapped(head[1]);
    c->nonce = 0;
    memcpy(c->key, key, sizeof key);
    *index = connection_count++;
    return Ok;
}

uint16_t SM_ENTRY(SEMO_MODULE) OWN(attest)(const uint8_t *challenge, size_t len, uint8_t *result)
{
    if (!sancus_is_outside_sm(SEMO_MODULE, challenge, len) ||
        !sancus_is_outside_sm(SEMO_MODULE, result, SANCUS_TAG_SIZE))
        return BufferInsideSM;
    if (len == 0 || len % 2)
        return IllegalParameters;
    return sancus_tag(challenge, len, result) ? Ok : CryptoError;
}

/* payload: cipher text, then the tag; the associated data is the nonce, big endian. */
uint16_t SM_ENTRY(SEMO_MODULE)
    OWN(handle_input)(uint16_t connection, const void *payload, size_t len)
{
    uint16_t sealed[(SEMO_SM_PAYLOAD + SANCUS_TAG_SIZE) / 2], text[SEMO_SM_PAYLOAD / 2], nonce;
    if (connection >= connection_count)
        return IllegalConnection;
    if (len < SANCUS_TAG_SIZE || len > sizeof sealed || len % 2)
        return MalformedPayload;
    if (!sancus_is_outside_sm(SEMO_MODULE, payload, len))
        return BufferInsideSM;
    struct connection *c = &connections[connection];
    memcpy(sealed, payload, len);
    len -= SANCUS_TAG_SIZE;
    nonce = swapped(c->nonce);
    if (c->nonce == 0xFFFF || c->io >= SEMO_INPUTS)
        return IllegalConnection;
    if (!sancus_unwrap_with_key(c->key, &nonce, sizeof nonce, sealed, len, &sealed[len / 2], text))
        return CryptoError;
    c->nonce++;
    uint8_t *data = (uint8_t *)text;
    switch (c->io) {
        SEMO_DISPATCH
    }
    return Ok;
}

#if SEMO_OUTPUTS
uint16_t SM_FUNC(SEMO_MODULE) OWN(send)(uint16_t io, const void *data, size_t len)
{
    uint16_t nonce;
    if (len % 2)
        return MalformedPayload;
    for (uint16_t i = 0; i < connection_count; i++) {
        struct connection *c = &connections[i];
        if (c->io != io)
            continue;
        if (c->nonce == 0xFFFF)
            return IllegalConnection;
        uint8_t *to = malloc(len + SANCUS_TAG_SIZE);
        if (!to)
            return InternalError;
        if (!sancus_is_outside_sm(SEMO_MODULE, to, len + SANCUS_TAG_SIZE))
            return BufferInsideSM;
        nonce = swapped(c->nonce++);
        if (!sancus_wrap_with_key(c->key, &nonce, sizeof nonce, data, len, to, to + len))
            return CryptoError;
        reactive_handle_output(c->id, to, len + SANCUS_TAG_SIZE);
        free(to);
    }
    return Ok;
}
#endif

#endif
#endif
