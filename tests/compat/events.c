/* SPDX-License-Identifier: Apache-2.0 */
/* An output of one module to an input of another; main only carries what it cannot read. */
#include <stdio.h>
#include <string.h>
#include <sancus/reactive.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

#define SENDER   button
#define RECEIVER lamp
DECLARE_SM(SENDER, 0x1234);
DECLARE_SM(RECEIVER, 0x1234);

uint16_t SM_ENTRY(SENDER)
    __sm_button_set_key(const uint8_t *ad, const uint8_t *cipher, const uint8_t *tag, uint16_t *i);
uint16_t SM_ENTRY(RECEIVER)
    __sm_lamp_set_key(const uint8_t *ad, const uint8_t *cipher, const uint8_t *tag, uint16_t *i);
uint16_t SM_ENTRY(RECEIVER)
    __sm_lamp_handle_input(uint16_t connection, const void *payload, size_t len);
uint16_t SM_ENTRY(RECEIVER) __sm_lamp_attest(const uint8_t *challenge, size_t len, uint8_t *result);

SM_OUTPUT(SENDER, button_pressed);

uint16_t SM_ENTRY(SENDER) button_press(uint16_t times)
{
    return button_pressed(&times, sizeof times);
}

static uint16_t SM_DATA(RECEIVER) total;

SM_INPUT(RECEIVER, lamp_switch, data, len)
{
    total += data[0] + 256 * data[1];
    printf1("lamp: %d\n", (int)total);
}

/* For this test the modules seal their own connection keys. */
static uint16_t key[SANCUS_KEY_SIZE / 2] = {1, 2, 3, 4}, cipher[SANCUS_KEY_SIZE / 2],
                                      tag[SANCUS_TAG_SIZE / 2], sent[32];
static uint8_t ad[6];
static size_t sent_len;

void SM_ENTRY(SENDER) button_make_key(void)
{
    sancus_wrap(ad, sizeof ad, key, sizeof key, cipher, tag);
}

void SM_ENTRY(RECEIVER) lamp_make_key(void)
{
    sancus_wrap(ad, sizeof ad, key, sizeof key, cipher, tag);
}

void reactive_handle_output(conn_index connection, void *data, size_t len)
{
    printf("event of %u, %u bytes\n", connection, len - SANCUS_TAG_SIZE);
    memcpy(sent, data, len);
    sent_len = len;
}

int main()
{
    uint16_t index = 99, mac[SANCUS_TAG_SIZE / 2], again[SANCUS_TAG_SIZE / 2];
    const uint8_t *c = (uint8_t *)cipher, *t = (uint8_t *)tag;
    msp430_io_init();
    sancus_enable(&button);
    sancus_enable(&lamp);
    ad[1] = 7; /* the connection; input 0 and output 0 */
    button_make_key();
    cipher[0] ^= 1;
    printf("bad key: %u\n", __sm_button_set_key(ad, c, t, &index));
    cipher[0] ^= 1;
    printf("key: %u", __sm_button_set_key(ad, c, t, &index));
    printf(", index %u", index);
    printf(", again: %u\n", __sm_button_set_key(ad, c, t, &index));
    lamp_make_key();
    printf("inside: %u, ", __sm_lamp_set_key(ad, lamp.secret_start, t, &index));
    printf("key: %u\n", __sm_lamp_set_key(ad, c, t, &index));
    printf("send: %u\n", button_press(5));
    printf("wrong: %u %u %u\n", __sm_lamp_handle_input(1, sent, sent_len),
           __sm_lamp_handle_input(0, sent, sent_len - 2), __sm_lamp_handle_input(0, sent, 1000));
    printf("receive: %u\n", __sm_lamp_handle_input(0, sent, sent_len));
    printf("replay: %u\n", __sm_lamp_handle_input(0, sent, sent_len));
    printf("send: %u\n", button_press(37));
    printf("receive: %u\n", __sm_lamp_handle_input(0, sent, sent_len));
    printf("attest: %u", __sm_lamp_attest((const uint8_t *)"challenge!", 10, (uint8_t *)mac));
    __sm_lamp_attest((const uint8_t *)"challenge!", 10, (uint8_t *)again);
    printf(" %d\n", memcmp(mac, again, sizeof mac));
    return 0;
}
