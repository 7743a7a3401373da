/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/node_host/rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "host/file.h"
#include "host/process.h"
#include "lib/bytes/cursor.h"
#include "machine/chip.h"

/* SEMO_NODE: another build of it, with sanitizers for example. */
static char *node_program(void)
{
    const char *other = getenv("SEMO_NODE");
    return semo_format("%s", other ? other : "build/bin/semo-node");
}

char *rig_path(const struct rig *r, const char *name)
{
    return semo_format("%s/%s", r->folder, name);
}

/* ---- starting ---- */

bool rig_spawn(const char *config, pid_t *pid)
{
    struct semo_error e;
    int ready[2];
    char byte, *argv[] = {node_program(), "--config", (char *)config, "--ready", "3", NULL};
    assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
    const struct semo_fd_map map = {3, ready[1]};
    assert_int_equal(semo_process_spawn(argv, &map, 1, pid, &e), SEMO_OK);
    free(argv[0]);
    close(ready[1]);
    bool listens = read(ready[0], &byte, 1) == 1;
    close(ready[0]);
    return listens;
}

int rig_spawn_wait(const char *config, char *says, size_t room)
{
    struct semo_error e;
    int out[2];
    pid_t pid;
    size_t len = 0;
    char *argv[] = {node_program(), "--config", (char *)config, NULL};
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    const struct semo_fd_map map = {2, out[1]};
    assert_int_equal(semo_process_spawn(argv, &map, 1, &pid, &e), SEMO_OK);
    free(argv[0]);
    close(out[1]);
    for (ssize_t n = 1; n > 0 && len + 1 < room; len += n > 0 ? (size_t)n : 0)
        n = read(out[0], says + len, room - 1 - len);
    says[len] = 0;
    close(out[0]);
    return semo_process_wait(pid);
}

static void make_chip(const struct rig *r, const char *name, unsigned key)
{
    struct semo_chip_state s = {.relay_closed = true, .utc = 1000};
    char *path = rig_path(r, name);
    memset(s.node_key, (int)key, sizeof s.node_key);
    assert_int_equal(semo_chip_create(path, &s), SEMO_OK);
    free(path);
}

static void write_config(const struct rig *r, const struct rig_options *o, const char *path)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "{\"socket\": \"%s\", \"tcp\": true, \"monitor_ms\": 300,", r->socket);
    if (o->trace)
        fprintf(f, "\"trace\": \"%s/trace\",", r->folder);
    if (o->seal_log)
        fprintf(f, "\"seal_log\": \"%s/seals\",", r->folder);
    if (o->seed >= 0)
        fprintf(f, "\"seed\": %d,", o->seed);
    fprintf(f, "\"nodes\": [");
    for (unsigned i = 0; i < 2; i++)
        fprintf(f,
                "%s{\"name\": \"node%u\", \"type\": \"mcu\", \"chip\": \"%s/chip%u\","
                "\"firmware\": \"build/mcu/firmware.elf\", \"latency_cycles\": %d}",
                i ? "," : "", i + 1, r->folder, i + 1, LATENCY);
    if (o->linux_monitor)
        fprintf(
            f,
            ",{\"name\": \"node3\", \"type\": \"linux\", \"monitor\": \"%s\", \"chip\":"
            "\"%s/chip3\", \"em\": \"build/bin/semo-em\", \"weak\": true, \"latency_cycles\": %d}",
            o->linux_monitor, r->folder, LATENCY);
    fprintf(f, "]}\n");
    fclose(f);
}

/* ---- hearing ---- */

static void on_frame(void *context, uint64_t time, unsigned node, const uint8_t *frame,
                     unsigned len)
{
    struct rig *r = context;
    assert_true(time >= r->now && len <= SEMO_FRAME_MAX);
    r->frames++;
    r->frame_node = node;
    r->frame_len = len;
    memcpy(r->frame, frame, len);
}

static void on_hop(void *context, uint64_t time, unsigned from, unsigned to, unsigned connection)
{
    struct rig *r = context;
    (void)from, (void)to, (void)connection;
    if (!r->hops++)
        r->first_hop = time;
    assert_true(time >= r->last_hop);
    r->last_hop = time;
}

static void on_pin(void *context, uint64_t time, unsigned node, bool closed)
{
    struct rig *r = context;
    assert_true(r->pin_count < RIG_PINS);
    r->pins[r->pin_count].time = time;
    r->pins[r->pin_count].node = node;
    r->pins[r->pin_count++].closed = closed;
}

static void on_text(void *context, const char *text)
{
    strcpy(((struct rig *)context)->text, text);
}

static void on_lost(void *context, uint64_t time, unsigned node, const char *reason)
{
    struct rig *r = context;
    (void)time, (void)node;
    r->lost++;
    strcpy(r->text, reason);
}

static void on_refused(void *context, unsigned type, const char *reason)
{
    struct rig *r = context;
    r->refused = type;
    strcpy(r->text, reason);
}

void rig_run(struct rig *r, uint64_t until, unsigned flags)
{
    r->frames = r->hops = r->lost = 0;
    r->last_hop = 0;
    assert_int_equal(
        semo_control_run_until(r->client, &r->handlers, until, flags, &r->now, &r->reason),
        SEMO_OK);
}

static const char *await_text(struct rig *r)
{
    unsigned type = 0;
    while (type != SEMO_CONTROL_TEXT)
        assert_int_equal(semo_control_next(r->client, &r->handlers, -1, &type), SEMO_OK);
    return r->text;
}

const char *rig_status(struct rig *r)
{
    assert_int_equal(semo_control_status(r->client), SEMO_OK);
    return await_text(r);
}

void *rig_json(struct rig *r)
{
    json_t *o = json_loads(rig_status(r), 0, NULL);
    assert_non_null(o);
    return o;
}

long rig_count(struct rig *r, unsigned node, const char *field)
{
    json_t *o = rig_json(r);
    json_t *n = json_array_get(json_object_get(o, "nodes"), node);
    json_t *v = json_object_get(n, field);
    assert_non_null(v);
    long count = json_is_boolean(v) ? json_is_true(v) : (long)json_integer_value(v);
    json_decref(o);
    return count;
}

/* ---- life ---- */

struct semo_control_client *rig_connect(const struct rig *r)
{
    struct semo_control_client *c;
    assert_int_equal(semo_control_connect(r->socket, &c), SEMO_OK);
    return c;
}

void rig_start(struct rig *r, const struct rig_options *o)
{
    if (o->fresh) {
        memset(r, 0, sizeof *r);
        strcpy(r->folder, "build/tests/node-XXXXXX");
        assert_non_null(mkdtemp(r->folder));
        snprintf(r->socket, sizeof r->socket, "%s/control", r->folder);
        make_chip(r, "chip1", 1);
        make_chip(r, "chip2", 2);
        make_chip(r, "chip3", 3);
    }
    char *config = rig_path(r, "config.json");
    write_config(r, o, config);
    assert_true(rig_spawn(config, &r->pid));
    free(config);
    r->now = 0;
    r->client = rig_connect(r);
    r->handlers = (struct semo_control_handlers){.context = r,
                                                 .frame = on_frame,
                                                 .hop = on_hop,
                                                 .pin = on_pin,
                                                 .text = on_text,
                                                 .lost = on_lost,
                                                 .refused = on_refused};
    rig_run(r, 10000, 0);
}

void rig_stop(struct rig *r)
{
    assert_int_equal(semo_control_quit(r->client), SEMO_OK);
    assert_int_equal(semo_process_wait(r->pid), 0);
    semo_control_close(r->client);
}

void rig_remove(struct rig *r)
{
    char *command = semo_format("rm -r %s", r->folder);
    assert_int_equal(system(command), 0);
    free(command);
}

/* ---- asking ---- */

enum semo_status rig_ask(struct rig *r, unsigned node, unsigned type, const void *body,
                         unsigned len)
{
    uint8_t frame[SEMO_FRAME_MAX];
    struct semo_cursor w = semo_cursor_over(frame, sizeof frame);
    semo_cursor_put_u8(&w, (uint8_t)type);
    semo_cursor_put_u16(&w, ++r->tag);
    semo_cursor_put(&w, body, len);
    assert_int_equal(semo_control_send(r->client, node, frame, (unsigned)(w.at - frame)), SEMO_OK);
    rig_run(r, r->now + 10 * SECOND, SEMO_CONTROL_RUN_FRAME);
    assert_int_equal(r->frames, 1);
    assert_int_equal(r->frame_node, node);
    assert_int_equal(r->frame[0], type | SEMO_FRAME_ANSWER);
    assert_int_equal(r->frame[1] | r->frame[2] << 8, r->tag);
    return r->frame[3];
}

int rig_door(const struct rig *r, const char *node)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char line[64];
    unsigned port = 0;
    char *path = semo_format("%s.ports", r->socket);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        if (strncmp(line, node, strlen(node)) == 0)
            port = (unsigned)atoi(line + strlen(node));
    fclose(f);
    free(path);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_port = htons((uint16_t)port);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* ---- puppets ---- */

enum { EMIT = 8, TELL = 9 };

void rig_load(struct rig *r, unsigned node, const char *name, uint32_t ps, uint32_t ss, uint32_t se)
{
    uint8_t body[600], *text;
    size_t len;
    struct semo_error e;
    char *path = semo_format("build/mcu/%s.bin", name);
    assert_int_equal(semo_file_read(path, 500, &text, &len, &e), SEMO_OK);
    free(path);
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u32(&w, ps);
    semo_cursor_put(&w, text, (unsigned)len);
    assert_int_equal(rig_ask(r, node, SEMO_FRAME_WRITE, body, (unsigned)(w.at - body)), SEMO_OK);
    w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, 0x1234);
    semo_cursor_put_u32(&w, ps);
    semo_cursor_put_u32(&w, ps + (uint32_t)len);
    semo_cursor_put_u32(&w, ss);
    semo_cursor_put_u32(&w, se);
    assert_int_equal(rig_ask(r, node, SEMO_FRAME_ENABLE, body, (unsigned)(w.at - body)), SEMO_OK);
    free(text);
}

enum semo_status rig_call(struct rig *r, unsigned node, unsigned entry, const uint16_t *words,
                          unsigned count)
{
    uint8_t body[32];
    struct semo_cursor w = semo_cursor_over(body, sizeof body);
    semo_cursor_put_u16(&w, 1);
    semo_cursor_put_u16(&w, (uint16_t)entry);
    for (unsigned i = 0; i < count; i++)
        semo_cursor_put_u16(&w, words[i]);
    return rig_ask(r, node, SEMO_FRAME_CALL, body, (unsigned)(w.at - body));
}

void rig_puppets(struct rig *r)
{
    static const uint8_t route[2][4] = {{6, 0, 1, 0}, {5, 0, 1, 0}};
    static const uint16_t from_a[3] = {5, 0, 0}, from_b[3] = {6, 0, 0};
    rig_load(r, 0, "puppet-a", 0x6000, 0x0300, 0x0320);
    rig_load(r, 1, "puppet-b", 0x6200, 0x0320, 0x0340);
    for (unsigned node = 0; node < 2; node++)
        assert_int_equal(rig_ask(r, node, SEMO_FRAME_ROUTE, route[node], 4), SEMO_OK);
    assert_int_equal(rig_call(r, 0, EMIT, from_a, 3), SEMO_OK);
    assert_int_equal(rig_call(r, 1, EMIT, from_b, 3), SEMO_OK);
    assert_int_equal(semo_control_route(r->client, 5, 1), SEMO_OK);
    assert_int_equal(semo_control_route(r->client, 6, 0), SEMO_OK);
}

unsigned rig_puppet_accepted(struct rig *r, unsigned node)
{
    assert_int_equal(rig_call(r, node, TELL, NULL, 0), SEMO_OK);
    return r->frame[4] | r->frame[5] << 8;
}

void rig_bounce(struct rig *r, unsigned hops)
{
    const uint16_t emit[3] = {5, (uint16_t)hops, 1};
    assert_int_equal(rig_call(r, 0, EMIT, emit, 3), SEMO_OK);
}
