/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/meter/house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "host/random.h"
#include "lib/bytes/cursor.h"

#define LATENCY 20000 /* cycles of a hop */

/* ---- chance ---- */

static uint32_t random_state;

unsigned house_seed(void)
{
    const char *given = getenv("SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : 0;
    if (!given)
        semo_random_fill_unseeded(&seed, sizeof seed);
    printf("# SEED=%u\n", seed);
    random_state = seed | 1;
    return seed;
}

uint32_t house_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    return random_state ^= random_state << 5;
}

/* ---- what is heard ---- */

static void on_pin(void *context, uint64_t time, unsigned node, bool closed)
{
    struct house *h = context;
    assert_int_equal(node, house_node(h, "node1"));
    assert_true(h->pins < HOUSE_PINS);
    h->pin[h->pins].at = time;
    h->pin[h->pins++].closed = closed;
}

static void on_han(void *context, uint64_t time, unsigned node, const uint8_t *bytes, unsigned len)
{
    struct house *h = context;
    (void)time, (void)node;
    for (unsigned i = 0; i < len; i++) {
        char *line = h->line[h->lines % HOUSE_LINES];
        if (bytes[i] == '\n') {
            line[h->line_len] = 0;
            h->lines++;
            h->line_len = 0;
        } else if (bytes[i] != '\r') {
            assert_true(h->line_len < sizeof h->line[0] - 1);
            line[h->line_len++] = (char)bytes[i];
        }
    }
}

static void on_lost(void *context, uint64_t time, unsigned node, const char *reason)
{
    struct house *h = context;
    printf("# %llu: %s: %s\n", (unsigned long long)time, h->d->nodes[node].name, reason);
    h->lost++;
}

static void on_event(void *context, uint64_t time, unsigned connection, uint8_t *sealed,
                     unsigned len)
{
    struct house *h = context;
    uint8_t body[SEMO_PAYLOAD_MAX + 1];
    unsigned body_len;
    (void)time;
    assert_in_range(connection, 1, h->d->connection_count);
    if (h->d->connections[connection - 1].to != SEMO_DEPLOYER) {
        struct house_event *e = &h->caught[h->catches++];
        assert_true(h->catches <= HOUSE_CAUGHT && len <= sizeof e->sealed);
        e->connection = connection;
        e->len = len;
        memcpy(e->sealed, sealed, len);
    } else if (semo_deploy_input(h->deploy, connection - 1, sealed, len, body, &body_len) ==
               SEMO_OK) {
        assert_true(h->tolds < HOUSE_TOLD && body_len <= REPORT_LEN);
        h->told[h->tolds].len = body_len;
        memcpy(h->told[h->tolds++].body, body, body_len);
    }
}

/* ---- life ---- */

static void must(struct house *h, enum semo_status status)
{
    if (status != SEMO_OK)
        fail_msg("status %d: %s", status, h->e.text);
}

static void write_config(const struct house *h, const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"socket\": \"%s\", \"tcp\": true, \"trace\": \"%s/trace\", \"nodes\": [",
            h->socket, h->folder);
    for (unsigned n = 0; n < h->d->node_count; n++) {
        const struct semo_node_spec *node = &h->d->nodes[n];
        fprintf(f, "%s{\"name\": \"%s\", \"latency_cycles\": %d, \"chip\": \"%s/%s.chip\", ",
                n ? ", " : "", node->name, LATENCY, h->folder, node->name);
        if (node->kind == SEMO_NODE_MCU)
            fprintf(f, "\"type\": \"mcu\", \"firmware\": \"build/mcu/firmware.elf\"}");
        else
            fprintf(f, "\"type\": \"linux\", \"monitor\": \"build/bin/semo-monitor\", "
                       "\"em\": \"build/bin/semo-em\", \"weak\": true}");
    }
    fprintf(f, "]}\n");
    fclose(f);
}

static void start_nodes(struct house *h)
{
    char *config = semo_state_file(h->state, "node", ".json");
    char *argv[] = {"build/bin/semo-node", "--config", config, "--ready", "3", NULL}, byte;
    int ready[2];
    write_config(h, config);
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    const struct semo_fd_map map = {3, ready[1]};
    must(h, semo_process_spawn(argv, &map, 1, &h->pid, &h->e));
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    free(config);
}

static void say(void *context, const char *line)
{
    (void)context;
    printf("# %s\n", line);
}

void house_open(struct house *h)
{
    char *files[] = {"meter/descriptor.json"}, *key;
    memset(h, 0, sizeof *h);
    assert_true(mkdir("build/tests", 0777) == 0 || errno == EEXIST);
    strcpy(h->folder, "build/tests/meter.XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    key = semo_format("%s/operator.key", h->folder);
    must(h, semo_descriptor_load(files, 1, &h->d, &h->e));
    assert_int_equal(h->d->node_count, HOUSE_NODES);
    must(h, semo_state_open(h->d, h->folder, key, SEMO_STATE_LOCK | SEMO_STATE_MAKE, &h->state,
                            &h->e));
    free(key);
    h->deploy = semo_deploy_new(h->d, h->state, ".");
    must(h, semo_deploy_provision(h->deploy, &h->e));
    if (getenv("VERBOSE"))
        h->deploy->progress = say;
    h->socket = semo_state_file(h->state, "control", ".sock");
    start_nodes(h);
    must(h, semo_link_open(&h->link, h->socket, &h->e));
    h->link.handlers.pin = on_pin;
    h->link.handlers.han = on_han;
    h->link.handlers.lost = on_lost;
    h->link.event = on_event;
    h->link.event_context = h;
    h->deploy->link = &h->link;
    must(h, semo_control_clock(h->link.client, 1000000000));
    must(h, semo_control_wire(h->link.client, house_node(h, "node1"), house_node(h, "node2")));
}

void house_deploy(struct house *h)
{
    must(h, semo_deploy_load(h->deploy, &h->e));
    must(h, semo_deploy_connect(h->deploy, &h->e));
}

void house_close(struct house *h)
{
    char *remove = semo_format("rm -rf %s", h->folder);
    must(h, semo_control_quit(h->link.client));
    assert_int_equal(semo_process_wait(h->pid), 0);
    semo_link_close(&h->link);
    semo_deploy_free(h->deploy);
    semo_state_close(h->state);
    semo_descriptor_free(h->d);
    free(h->socket);
    assert_int_equal(system(remove), 0);
    free(remove);
}

void house_run(struct house *h, uint64_t cycles)
{
    unsigned reason;
    uint64_t time;
    must(h, semo_control_run_until(h->link.client, &h->link.handlers, h->link.now + cycles, 0,
                                   &time, &reason));
    h->link.now = time;
}

/* ---- the physical world ---- */

void house_draw(struct house *h, unsigned watts)
{
    const struct semo_control_supply s = {.at = h->link.now,
                                          .power_w = watts,
                                          .voltage_10mv = 23000,
                                          .current_10ma = (uint16_t)(watts * 100 / 230)};
    assert_true(h->supplies < HOUSE_SUPPLIES);
    h->supply[h->supplies].at = h->link.now;
    h->supply[h->supplies++].watts = watts;
    must(h, semo_control_supply(h->link.client, house_node(h, "node2"), &s));
}

static unsigned watts_at(const struct house *h, uint64_t time)
{
    unsigned watts = 0;
    for (unsigned i = 0; i < h->supplies && h->supply[i].at <= time; i++)
        watts = h->supply[i].watts;
    for (unsigned i = h->pins; i-- > 0;)
        if (h->pin[i].at + SEMO_LINK_BYTE_CYCLES <= time)
            return h->pin[i].closed ? watts : 0;
    return watts;
}

static uint64_t next_change(const struct house *h, uint64_t time, uint64_t next)
{
    for (unsigned i = 0; i < h->supplies; i++)
        if (h->supply[i].at > time && h->supply[i].at < next)
            next = h->supply[i].at;
    for (unsigned i = 0; i < h->pins; i++) {
        const uint64_t at = h->pin[i].at + SEMO_LINK_BYTE_CYCLES;
        if (at > time && at < next)
            next = at;
    }
    return next;
}

uint64_t house_drawn_until(const struct house *h, uint64_t time)
{
    uint64_t sum = 0;
    for (uint64_t at = 0, next; at < time; at = next) {
        next = next_change(h, at, time);
        sum += watts_at(h, at) * (next - at);
    }
    return sum / SECOND;
}

uint64_t house_drawn(const struct house *h)
{
    return house_drawn_until(h, h->link.now);
}

/* ---- names ---- */

unsigned house_node(const struct house *h, const char *name)
{
    const int n = semo_descriptor_node(h->d, name);
    assert_true(n >= 0);
    return (unsigned)n;
}

unsigned house_module(const struct house *h, const char *name)
{
    const int m = semo_descriptor_module(h->d, name);
    assert_true(m >= 0);
    return (unsigned)m;
}

unsigned house_connection(const struct house *h, const char *module, const char *input)
{
    const int to = (int)house_module(h, module);
    for (unsigned i = 0; i < h->d->connection_count; i++)
        if (h->d->connections[i].to == to && strcmp(h->d->connections[i].to_input, input) == 0)
            return i + 1;
    fail_msg("no connection to %s.%s", module, input);
    return 0;
}

/* ---- the operator ---- */

void house_order(struct house *h, uint16_t number, uint8_t opcode, uint8_t back)
{
    uint8_t body[GET_LOG_LEN];
    put_head(body, number, opcode);
    body[3] = back;
    must(h, semo_deploy_output(h->deploy, house_connection(h, "CS", "operator_in") - 1, body,
                               opcode == GET_LOG ? GET_LOG_LEN : COMMAND_LEN, &h->e));
}

unsigned house_heard(const struct house *h, uint16_t number, uint8_t opcode, const uint8_t **body)
{
    unsigned times = 0;
    for (unsigned i = 0; i < h->tolds; i++) {
        const uint8_t *b = h->told[i].body;
        if (h->told[i].len < COMMAND_LEN || get_u16(b) != number || b[2] != opcode)
            continue;
        times++;
        if (body)
            *body = b;
    }
    return times;
}

const uint8_t *house_ask(struct house *h, uint8_t opcode, uint8_t back, unsigned seconds)
{
    static uint16_t number = 10000; /* above those that tests choose */
    const uint8_t *body = NULL;
    house_order(h, ++number, opcode, back);
    for (unsigned i = 0; i < seconds * 10 && !body; i++) {
        house_run(h, SECOND / 10);
        house_heard(h, number, opcode, &body);
    }
    if (!body)
        fail_msg("no answer to opcode %u in %u s", opcode, seconds);
    return body;
}

void house_switch(struct house *h, uint8_t opcode, unsigned moves)
{
    const unsigned before = h->pins;
    const uint8_t *answer = house_ask(h, opcode, 0, 10);
    assert_int_equal(answer[3], OUTCOME_DONE);
    assert_int_equal(answer[4], opcode == ENABLE_SPLY ? SPLY_ENABLED : SPLY_DISABLED);
    assert_int_equal(h->pins, before + moves);
    if (moves)
        assert_int_equal(h->pin[h->pins - 1].closed, opcode == ENABLE_SPLY);
}

uint8_t house_supply(struct house *h)
{
    return house_ask(h, GET_SPLY_STAT, 0, 5)[3];
}

unsigned house_log_entries(struct house *h)
{
    return get_u16(house_ask(h, GET_LOG, 0, 5) + 4);
}

uint64_t house_register(struct house *h)
{
    house_run(h, 2 * SECOND);
    const uint8_t *report = house_ask(h, GET_CONSUMPTION, 0, 5);
    return (uint64_t)get_u32(report + 12) * 3600 + get_u16(report + 16);
}

/* ---- the network ---- */

void house_catch(struct house *h, unsigned connection)
{
    must(h, semo_control_route(h->link.client, connection, SEMO_CONTROL_CLIENT));
}

static unsigned receiver(const struct house *h, unsigned connection)
{
    return h->d->modules[h->d->connections[connection - 1].to].node;
}

void house_let_go(struct house *h, unsigned connection)
{
    must(h, semo_control_route(h->link.client, connection, receiver(h, connection)));
}

void house_send(struct house *h, unsigned node, const void *frame, unsigned len)
{
    must(h, semo_control_send(h->link.client, node, frame, len));
}

void house_send_event(struct house *h, unsigned node, unsigned connection, const uint8_t *sealed,
                      unsigned len)
{
    must(h, semo_link_event(&h->link, node, connection, sealed, len, &h->e));
}

void house_release(struct house *h, const struct house_event *e)
{
    house_send_event(h, receiver(h, e->connection), e->connection, e->sealed, e->len);
}

enum semo_status house_request(struct house *h, unsigned node, unsigned type, const void *body,
                               unsigned len)
{
    return semo_link_request(&h->link, node, h->d->nodes[node].name, type, body, len, NULL, &h->e);
}

void house_counters(struct house *h, unsigned node, uint32_t count[SEMO_COUNTERS])
{
    must(h, house_request(h, node, SEMO_FRAME_COUNTERS, NULL, 0));
    struct semo_cursor c = semo_cursor_from(h->link.answer + 1, h->link.answer_len - 1);
    assert_int_equal(semo_cursor_u8(&c), SEMO_COUNTERS);
    for (unsigned i = 0; i < SEMO_COUNTERS; i++)
        count[i] = semo_cursor_u32(&c);
    assert_false(c.bad);
}

/* ---- a stranger's door ---- */

int house_knock(const struct house *h, unsigned node)
{
    char *path = semo_format("%s.ports", h->socket), name[64];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned port = 0;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fscanf(f, "%63s %u", name, &port) == 2)
        if (strcmp(name, h->d->nodes[node].name) == 0)
            to.sin_port = htons((uint16_t)port);
    fclose(f);
    free(path);
    const int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(door, (struct sockaddr *)&to, sizeof to), 0);
    return door;
}

void house_tcp(struct house *h, int door, const uint8_t *frame, unsigned len)
{
    uint8_t bytes[2 + SEMO_FRAME_MAX] = {(uint8_t)len, (uint8_t)(len >> 8)};
    (void)h;
    memcpy(bytes + 2, frame, len);
    assert_int_equal(send(door, bytes, 2 + len, MSG_NOSIGNAL), 2 + len);
}

/* What was sent before it has been done when the last request has its answer. */
void house_tcp_wait(struct house *h, int door)
{
    static const uint8_t info[] = {SEMO_FRAME_INFO, 0x57, 0x57};
    uint8_t answer[2 + SEMO_FRAME_MAX];
    struct pollfd p = {.fd = door, .events = POLLIN};
    house_tcp(h, door, info, sizeof info);
    for (int tries = 0; tries < 3000; tries++) {
        house_run(h, SECOND / 50);
        if (poll(&p, 1, tries < 10 ? 0 : 10) == 0)
            continue;
        const ssize_t n = recv(door, answer, sizeof answer, 0);
        assert_true(n > 5);
        assert_int_equal(answer[n - 4 - SEMO_INFO_LEN], SEMO_FRAME_INFO | SEMO_FRAME_ANSWER);
        return;
    }
    fail_msg("no answer by TCP");
}

/* ---- the home's end of the HAN port ---- */

static void on_text(void *context, const char *text)
{
    struct house *h = context;
    assert_true(strlen(text) < sizeof h->path);
    strcpy(h->path, text);
}

int house_han_port(struct house *h, bool terminal)
{
    char *path = semo_format("%s/han", h->folder);
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    unsigned type = 0;
    h->link.handlers.text = on_text;
    must(h,
         semo_control_han(h->link.client, house_node(h, "node1"), !terminal, terminal ? "" : path));
    free(path);
    while (type != SEMO_CONTROL_TEXT)
        must(h, semo_control_next(h->link.client, &h->link.handlers, 10000, &type));
    if (terminal)
        return open(h->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    const int port = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    strcpy(to.sun_path, h->path);
    assert_int_equal(connect(port, (struct sockaddr *)&to, sizeof to), 0);
    return port;
}

void house_shout(struct house *h, int port, const struct house_event *frame)
{
    static const char words[] = "disable\r\nsupply=off\r\n";
    const uint8_t head[] = {0xC0, SEMO_FRAME_EVENT, (uint8_t)frame->connection, 0}, end = 0xC0;
    (void)h;
    for (unsigned i = 0; i < 200; i++) {
        uint8_t noise[64];
        for (unsigned k = 0; k < sizeof noise; k++)
            noise[k] = (uint8_t)house_random();
        /* whether it is taken or nobody reads it: it is said */
        (void)!write(port, head, sizeof head);
        (void)!write(port, frame->sealed, frame->len);
        (void)!write(port, &end, 1);
        (void)!write(port, words, sizeof words - 1);
        (void)!write(port, noise, sizeof noise);
    }
}
