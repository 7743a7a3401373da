/* SPDX-License-Identifier: Apache-2.0 */
/* The meter on the real nodes, and this process everybody around it: the deployer and the operator
 * with their keys, and, without them, the network and any stranger. */
#ifndef SEMO_TEST_HOUSE_H
#define SEMO_TEST_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <cmocka.h>
#include <semo/map.h>
#include "deploy/deploy.h"
#include "meter/modules/commands.h"

#define SECOND ((uint64_t)SEMO_CLOCK_HZ)

#define HOUSE_NODES    3
#define HOUSE_PINS     64
#define HOUSE_TOLD     1024
#define HOUSE_CAUGHT   64
#define HOUSE_LINES    256
#define HOUSE_SUPPLIES 16

struct house_event {
    unsigned connection; /* number on the wire */
    unsigned len;
    _Alignas(8) uint8_t sealed[128];
};

struct house {
    struct semo_link link; /* first: it is the context of its handlers */
    char folder[64], *socket;
    pid_t pid;
    struct semo_descriptor *d;
    struct semo_state *state;
    struct semo_deploy *deploy;
    struct semo_error e;
    struct {
        uint64_t at;
        bool closed;
    } pin[HOUSE_PINS]; /* each move of the contact */
    unsigned pins;
    struct {
        uint64_t at;
        unsigned watts;
    } supply[HOUSE_SUPPLIES]; /* from when on the house draws what */
    unsigned supplies;
    struct {
        unsigned len;
        uint8_t body[REPORT_LEN];
    } told[HOUSE_TOLD]; /* by the Central System, authentic */
    unsigned tolds;
    struct house_event caught[HOUSE_CAUGHT]; /* on connections that lead here, oldest first */
    unsigned catches;
    char line[HOUSE_LINES][96]; /* of the HAN port */
    unsigned lines, line_len;
    unsigned lost;
    char path[108]; /* where the HAN port is offered */
};

/* Built, provisioned, nodes running, nothing deployed. */
void house_open(struct house *h);
/* Loads, attests and connects what is not; fails unless all is. */
void house_deploy(struct house *h);
void house_close(struct house *h);

void house_run(struct house *h, uint64_t cycles);
void house_draw(struct house *h, unsigned watts);
/* Watt-seconds drawn while the contact was closed, rounded down. */
uint64_t house_drawn(const struct house *h);
uint64_t house_drawn_until(const struct house *h, uint64_t time);

unsigned house_node(const struct house *h, const char *name);
unsigned house_module(const struct house *h, const char *name);
/* Number on the wire of the connection that ends in this input. */
unsigned house_connection(const struct house *h, const char *module, const char *input);

/* The operator's order to CS; back: for GET_LOG. */
void house_order(struct house *h, uint16_t number, uint8_t opcode, uint8_t back);
/* How often CS has told of this number and opcode; *body (may be NULL): what it said last. */
unsigned house_heard(const struct house *h, uint16_t number, uint8_t opcode, const uint8_t **body);
/* Orders and waits. Fails without an answer within `seconds`. */
const uint8_t *house_ask(struct house *h, uint8_t opcode, uint8_t back, unsigned seconds);
/* Enable or disable; the outcome must be DONE and the contact must have moved once, or as often as
 * `moves` says. */
void house_switch(struct house *h, uint8_t opcode, unsigned moves);
/* As the operator hears it. */
uint8_t house_supply(struct house *h);
unsigned house_log_entries(struct house *h);
/* The register in watt-seconds, after a reading that was made now. */
uint64_t house_register(struct house *h);

/* The network: events of this connection come here, or go where they should again. */
void house_catch(struct house *h, unsigned connection);
void house_let_go(struct house *h, unsigned connection);
/* A frame to a node, as whoever can reach it may send it. */
void house_send(struct house *h, unsigned node, const void *frame, unsigned len);
void house_send_event(struct house *h, unsigned node, unsigned connection, const uint8_t *sealed,
                      unsigned len);
void house_release(struct house *h, const struct house_event *e);
enum semo_status house_request(struct house *h, unsigned node, unsigned type, const void *body,
                               unsigned len);
void house_counters(struct house *h, unsigned node, uint32_t count[SEMO_COUNTERS]);
/* A TCP connection to a node, as a stranger's. Frames are sent, and then the clock runs until the
 * node has done them all. */
int house_knock(const struct house *h, unsigned node);
void house_tcp(struct house *h, int door, const uint8_t *frame, unsigned len);
void house_tcp_wait(struct house *h, int door);

/* The home's end of the HAN port: a pseudo-terminal or a socket. */
int house_han_port(struct house *h, bool terminal);
/* Says into it what could be meant as an order, this frame among it, and noise. */
void house_shout(struct house *h, int port, const struct house_event *frame);

/* Of this program run: SEED or drawn, printed. */
unsigned house_seed(void);
uint32_t house_random(void);

#endif
