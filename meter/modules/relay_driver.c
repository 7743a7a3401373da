/* SPDX-License-Identifier: Apache-2.0 */
/* RELAY: owns the supply relay. It pulses the coil for a new command of HASM_LS and for nothing
 * else, and answers from the feedback contact (design section 9). At most one output for each
 * command or event; a lost answer is given again when the command is repeated. */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define REG(name)  (*(volatile uint16_t *)SEMO_WINDOW_REG(SEMO_WINDOW_RELAY, (name)))
#define COIL_CLOSE 1
#define COIL_OPEN  2

SM_DRIVER(RELAY, SEMO_WINDOW_RELAY);
SM_OUTPUT_MAX(RELAY, result_out, RELAY_RESULT_LEN);

static SM_DATA(
    RELAY) uint8_t answer[RELAY_RESULT_LEN]; /* to the last command; number 0 = none yet */
static SM_DATA(RELAY) uint8_t open;          /* the last command has no result yet */
static SM_DATA(RELAY) uint8_t known;         /* contact + 1 as last said, 0 = never */
static SM_DATA(RELAY) uint16_t refused;

static void SM_FUNC(RELAY) say(uint8_t *m, uint8_t contact, uint8_t result, uint16_t stamp_ms)
{
    m[3] = contact;
    m[4] = result;
    put_u16(m + 5, stamp_ms);
    known = contact + 1;
    result_out(m, RELAY_RESULT_LEN);
}

/* The contact as it is, under number 0. */
static void SM_FUNC(RELAY) report(void)
{
    uint8_t m[RELAY_RESULT_LEN];
    uint8_t contact = (uint8_t)REG(SEMO_RELAY_CONTACT);
    put_u16(m, 0);
    m[2] = contact;
    say(m, contact, RELAY_CONFIRMED, REG(SEMO_RELAY_STABLE));
}

/* Ends the open command once the contact has spoken: agreeing and stable, or out of time. A contact
 * that agrees is believed only RELAY_STABLE_MS after the pulse too: before, it may yet move away.
 */
static void SM_FUNC(RELAY) conclude(void)
{
    uint8_t contact = (uint8_t)REG(SEMO_RELAY_CONTACT), result = RELAY_FAILED;
    uint16_t since_ms = REG(SEMO_RELAY_SINCE);
    if (contact == answer[2] && since_ms >= RELAY_STABLE_MS &&
        REG(SEMO_RELAY_STABLE) >= RELAY_STABLE_MS)
        result = RELAY_CONFIRMED;
    else if (since_ms < RELAY_LIMIT_MS)
        return;
    open = 0;
    say(answer, contact, result, since_ms);
}

/* The last answer again, with the contact as it is by now. */
static void SM_FUNC(RELAY) repeat(void)
{
    answer[3] = (uint8_t)REG(SEMO_RELAY_CONTACT);
    result_out(answer, sizeof answer);
}

static void SM_FUNC(RELAY) start(const uint8_t *command)
{
    put_u16(answer, get_u16(command));
    answer[2] = command[2];
    open = 1;
    REG(SEMO_RELAY_COIL) = command[2] == RELAY_CLOSE ? COIL_CLOSE : COIL_OPEN;
}

SM_INPUT_MAX(RELAY, command_in, data, len, RELAY_COMMAND_LEN)
{
    if (len != RELAY_COMMAND_LEN || data[2] > RELAY_REPORT ||
        (get_u16(data) == 0 && data[2] != RELAY_REPORT))
        refused++;
    else if (data[2] == RELAY_REPORT)
        report();
    else if (get_u16(data) != get_u16(answer) || data[2] != answer[2])
        start(data);
    else if (open)
        conclude();
    else
        repeat();
}

SM_SAMPLE(RELAY, sample, SEMO_WINDOW_RELAY)
{
    if (open)
        conclude();
    else if (REG(SEMO_RELAY_CONTACT) + 1 != known && REG(SEMO_RELAY_STABLE) >= RELAY_STABLE_MS)
        report();
}
