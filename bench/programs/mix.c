/* SPDX-License-Identifier: Apache-2.0 */
/* A mix in the manner of CoreMark: sorts a linked list, multiplies matrices (software multiply),
 * classifies text with a state machine, and takes the CRC-16 of what comes out. */
#include "bench/programs/program.h"

#define NODES 40
#define SIDE  6

/* ---- list ---- */

struct node {
    struct node *next;
    uint16_t value;
};
static struct node nodes[NODES];

static struct node *make_list(uint16_t seed)
{
    for (uint16_t i = 0; i < NODES; i++) {
        seed = (uint16_t)(seed << 1 ^ (seed & 0x8000 ? 0x1021 : 0) ^ i);
        nodes[i].value = seed;
        nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : 0;
    }
    return nodes;
}

static struct node *merge(struct node *a, struct node *b)
{
    struct node head, *last = &head;
    while (a && b) {
        struct node **smaller = a->value <= b->value ? &a : &b;
        last->next = *smaller;
        last = *smaller;
        *smaller = last->next;
    }
    last->next = a ? a : b;
    return head.next;
}

/* Cuts a run of `count` off the front; returns the rest. */
static struct node *cut(struct node *list, uint16_t count)
{
    while (list && --count)
        list = list->next;
    if (!list)
        return 0;
    struct node *rest = list->next;
    list->next = 0;
    return rest;
}

static struct node *sort(struct node *list)
{
    for (uint16_t run = 1; run < NODES; run = (uint16_t)(run + run)) {
        struct node *rest = list, *sorted = 0, **end = &sorted;
        while (rest) {
            struct node *a = rest, *b = cut(a, run);
            rest = cut(b, run);
            *end = merge(a, b);
            while (*end)
                end = &(*end)->next;
        }
        list = sorted;
    }
    return list;
}

static uint16_t sorted_list(uint16_t sum)
{
    for (struct node *n = sort(make_list(sum)); n; n = n->next)
        sum = program_crc(sum, n->value);
    return sum;
}

/* ---- matrix ---- */

static uint16_t left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];

static void fill_matrices(uint16_t seed)
{
    for (uint16_t i = 0; i < SIDE; i++)
        for (uint16_t k = 0; k < SIDE; k++) {
            left[i][k] = (uint16_t)((seed >> i) + k);
            right[i][k] = (uint16_t)((seed >> k) ^ i);
        }
}

static uint16_t multiplied(uint16_t sum)
{
    fill_matrices(sum);
    for (uint16_t i = 0; i < SIDE; i++)
        for (uint16_t k = 0; k < SIDE; k++) {
            uint16_t cell = 0;
            for (uint16_t n = 0; n < SIDE; n++)
                cell = (uint16_t)(cell + (uint32_t)left[i][n] * right[n][k]);
            product[i][k] = cell;
            sum = (uint16_t)(sum + cell);
        }
    return program_crc(sum, product[SIDE - 1][0]);
}

/* ---- state machine ---- */

enum state { START, SIGN, INTEGER, POINT, FRACTION, WORD, STATES };

static enum state step(enum state state, char c)
{
    if (c == ' ')
        return START;
    if (c >= '0' && c <= '9')
        return state == POINT || state == FRACTION ? FRACTION : state == WORD ? WORD : INTEGER;
    if ((c == '+' || c == '-') && state == START)
        return SIGN;
    if (c == '.' && state <= INTEGER)
        return POINT;
    return WORD;
}

static uint16_t classified(uint16_t sum)
{
    static const char text[] = "12 +7 -0.25 semo 4x 3.1415 .5 -- 99999 a1 +.0 6.6.6 ";
    uint16_t counts[STATES];
    enum state state = START;
    for (uint16_t i = 0; i < STATES; i++)
        counts[i] = 0;
    for (const char *at = text; *at; at++) {
        state = step(state, *at);
        counts[state]++;
    }
    for (uint16_t i = 0; i < STATES; i++)
        sum = program_crc(sum, counts[i]);
    return sum;
}

uint16_t program_run(uint16_t rounds)
{
    uint16_t sum = 0x1D0F;
    for (uint16_t round = 0; round < rounds; round++)
        sum = (uint16_t)(classified(multiplied(sorted_list(sum))) + round);
    return sum;
}
