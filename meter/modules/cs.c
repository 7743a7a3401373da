/* SPDX-License-Identifier: Apache-2.0 */
/* CS: the grid operator's Central System. Takes commands from the operator over an authenticated
 * direct connection, holds one supply command open at a time, repeats it each tick under the same
 * number until the load switch answers it, and hands reports and log entries on. */
#include <semo/module.h>
#include "commands.h"
#include "messages.h"

SM_OUTPUT(CS, ls_out);
SM_OUTPUT(CS, esme_out);
SM_OUTPUT(CS, operator_out);

static SM_DATA(CS) uint8_t open_command[COMMAND_LEN]; /* number 0 = none */
static SM_DATA(CS) uint8_t last_ack[ACK_LEN];
static SM_DATA(CS) uint16_t refused;

static void SM_FUNC(CS) acknowledge(const uint8_t *command, uint8_t outcome)
{
    uint8_t m[ACK_LEN];
    put_head(m, get_u16(command), command[2]);
    m[3] = outcome;
    m[4] = SPLY_UNKNOWN;
    operator_out(m, sizeof m);
}

static void SM_FUNC(CS) change_supply(const uint8_t *command)
{
    uint16_t number = get_u16(command), open_number = get_u16(open_command);
    if (number != 0 && number == open_number && command[2] == open_command[2])
        return; /* a repeat of what is under way */
    if (number == get_u16(last_ack) && command[2] == last_ack[2]) {
        operator_out(last_ack, sizeof last_ack);
    } else if (number == 0 || number == get_u16(last_ack)) {
        acknowledge(command, OUTCOME_REFUSED);
    } else if (open_number != 0) {
        acknowledge(command, OUTCOME_BUSY);
    } else {
        put_head(open_command, number, command[2]);
        ls_out(open_command, sizeof open_command);
    }
}

SM_INPUT(CS, operator_in, data, len)
{
    uint8_t opcode = len >= COMMAND_LEN ? data[2] : 0;
    if (len == COMMAND_LEN && (opcode == ENABLE_SPLY || opcode == DISABLE_SPLY))
        change_supply(data);
    else if ((len == COMMAND_LEN && opcode == GET_SPLY_STAT) ||
             (len == GET_LOG_LEN && opcode == GET_LOG))
        ls_out(data, len);
    else if (len == COMMAND_LEN && opcode == GET_CONSUMPTION)
        esme_out(data, len);
    else
        refused++;
}

SM_INPUT(CS, ls_in, data, len)
{
    uint8_t opcode = len >= COMMAND_LEN ? data[2] : 0, i;
    if ((len == STATE_LEN && opcode == GET_SPLY_STAT) || (len == LOG_LEN && opcode == GET_LOG)) {
        operator_out(data, len);
        return;
    }
    if (len != ACK_LEN || (opcode != ENABLE_SPLY && opcode != DISABLE_SPLY)) {
        refused++;
        return;
    }
    if (get_u16(data) == 0 || get_u16(data) != get_u16(open_command) || opcode != open_command[2])
        return; /* a repeat of an answer that was taken */
    if (data[3] == OUTCOME_BUSY)
        return; /* the switch still works on an older one: asked again at the next tick */
    for (i = 0; i < ACK_LEN; i++)
        last_ack[i] = data[i];
    put_u16(open_command, 0);
    operator_out(last_ack, sizeof last_ack);
}

SM_INPUT(CS, esme_in, data, len)
{
    if (len == REPORT_LEN && data[2] == GET_CONSUMPTION)
        operator_out(data, len);
    else
        refused++;
}

SM_INPUT(CS, tick_in, data, len)
{
    (void)data;
    if (len != CLOCK_TICK_LEN)
        refused++;
    else if (get_u16(open_command) != 0)
        ls_out(open_command, sizeof open_command);
}
