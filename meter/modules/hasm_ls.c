/* SPDX-License-Identifier: Apache-2.0 */
/* HASM_LS: the load switch policy. Only the Central System changes the supply; the meter core may
 * only ask. An acknowledgement follows the relay driver's feedback, never the command, and only for
 * the command that is open (design section 9). Lost frames: the open command is repeated each tick.
 */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

#define LOG_ENTRIES   128 /* a power of two */
#define CONTACT_EVERY 60  /* ticks; a report of the relay driver may have been lost */

SM_OUTPUT(HASM_LS, cs_out);
SM_OUTPUT(HASM_LS, esme_out);
SM_OUTPUT(HASM_LS, relay_out);

struct command {
    uint16_t number; /* 0 = none */
    uint8_t opcode;
};

static SM_DATA(HASM_LS) uint8_t supply_known, sply_state;
static SM_DATA(HASM_LS) struct command open_command;
static SM_DATA(HASM_LS) uint8_t last_ack[ACK_LEN]; /* the last answer, for repeats of its number */
static SM_DATA(HASM_LS) uint8_t utc[4];            /* of the last tick */
static SM_DATA(HASM_LS) uint8_t journal[LOG_ENTRIES][LOG_ENTRY_LEN];
static SM_DATA(HASM_LS) uint16_t log_next, log_count, refused, since_contact;

static void SM_FUNC(HASM_LS) log_write(const struct command *c, uint8_t outcome)
{
    uint8_t *entry = journal[log_next];
    put_u16(entry, get_u16(utc));
    put_u16(entry + 2, get_u16(utc + 2));
    put_u16(entry + 4, c->number);
    entry[6] = c->opcode;
    entry[7] = outcome;
    log_next = (log_next + 1) & (LOG_ENTRIES - 1);
    if (log_count < LOG_ENTRIES)
        log_count++;
}

static uint8_t SM_FUNC(HASM_LS) supply(void)
{
    return supply_known ? sply_state : SPLY_UNKNOWN;
}

/* The open command, or the question for the contact. */
static void SM_FUNC(HASM_LS) relay_command(void)
{
    uint8_t m[RELAY_COMMAND_LEN];
    put_u16(m, open_command.number);
    m[2] = open_command.number == 0             ? RELAY_REPORT
           : open_command.opcode == ENABLE_SPLY ? RELAY_CLOSE
                                                : RELAY_OPEN;
    relay_out(m, sizeof m);
}

static void SM_FUNC(HASM_LS) acknowledge(uint16_t number, uint8_t opcode, uint8_t outcome)
{
    uint8_t m[ACK_LEN];
    put_head(m, number, opcode);
    m[3] = outcome;
    m[4] = supply();
    cs_out(m, sizeof m);
}

static void SM_FUNC(HASM_LS) tell_state(uint16_t number, uint8_t to_cs)
{
    uint8_t m[STATE_LEN];
    put_head(m, number, GET_SPLY_STAT);
    m[3] = supply();
    if (to_cs)
        cs_out(m, sizeof m);
    else
        esme_out(m, sizeof m);
}

static void SM_FUNC(HASM_LS) tell_log(uint16_t number, uint8_t back)
{
    uint8_t m[LOG_LEN], i;
    put_head(m, number, GET_LOG);
    m[3] = back;
    put_u16(m + 4, log_count);
    for (i = 0; i < LOG_ENTRY_LEN; i++)
        m[6 + i] = back < log_count ? journal[(log_next - 1 - back) & (LOG_ENTRIES - 1)][i] : 0;
    cs_out(m, sizeof m);
}

static void SM_FUNC(HASM_LS) change_supply(uint16_t number, uint8_t opcode)
{
    if (number != 0 && number == open_command.number && opcode == open_command.opcode)
        return; /* a repeat of what is under way */
    if (number == get_u16(last_ack) && opcode == last_ack[2]) {
        cs_out(last_ack, sizeof last_ack);
    } else if (number == 0 || number == get_u16(last_ack)) {
        acknowledge(number, opcode, OUTCOME_REFUSED);
    } else if (open_command.number != 0) {
        acknowledge(number, opcode, OUTCOME_BUSY);
    } else {
        open_command.number = number;
        open_command.opcode = opcode;
        relay_command();
    }
}

SM_INPUT(HASM_LS, cs_in, data, len)
{
    uint8_t opcode = len >= COMMAND_LEN ? data[2] : 0;
    if (len == COMMAND_LEN && (opcode == ENABLE_SPLY || opcode == DISABLE_SPLY))
        change_supply(get_u16(data), opcode);
    else if (len == COMMAND_LEN && opcode == GET_SPLY_STAT)
        tell_state(get_u16(data), 1);
    else if (len == GET_LOG_LEN && opcode == GET_LOG)
        tell_log(get_u16(data), data[3]);
    else
        refused++;
}

SM_INPUT(HASM_LS, esme_in, data, len)
{
    if (len == COMMAND_LEN && data[2] == GET_SPLY_STAT)
        tell_state(get_u16(data), 0);
    else
        refused++;
}

SM_INPUT(HASM_LS, relay_in, data, len)
{
    static const struct command moved = {0, 0};
    uint8_t state;
    if (len != RELAY_RESULT_LEN) {
        refused++;
        return;
    }
    state = data[3] ? SPLY_ENABLED : SPLY_DISABLED;
    if (!supply_known || state != sply_state) {
        if (supply_known && get_u16(data) == 0)
            log_write(&moved, OUTCOME_DONE);
        supply_known = 1;
        sply_state = state;
        tell_state(0, 0);
    }
    if (open_command.number == 0 || get_u16(data) != open_command.number ||
        data[2] != (open_command.opcode == ENABLE_SPLY ? RELAY_CLOSE : RELAY_OPEN))
        return; /* a repeat, or not for the open command */
    put_head(last_ack, open_command.number, open_command.opcode);
    last_ack[3] = data[4] == RELAY_CONFIRMED ? OUTCOME_DONE : OUTCOME_FAILED;
    last_ack[4] = state;
    log_write(&open_command, last_ack[3]);
    open_command.number = 0;
    cs_out(last_ack, sizeof last_ack);
}

SM_INPUT(HASM_LS, tick_in, data, len)
{
    if (len != CLOCK_TICK_LEN) {
        refused++;
        return;
    }
    put_u16(utc, get_u16(data));
    put_u16(utc + 2, get_u16(data + 2));
    if (open_command.number == 0 && supply_known && ++since_contact < CONTACT_EVERY)
        return;
    since_contact = 0;
    relay_command();
}
