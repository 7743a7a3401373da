/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <jansson.h>
#include <semo/map.h>
#include "cli/up.h"
#include "host/file.h"
#include "host/process.h"

#define CYCLES_PER_US    (SEMO_CLOCK_HZ / 1000000)
#define START_MS         10000 /* host time until semo-node must listen */
#define CONNECT_RETRY_MS 5

static void set_text(json_t *object, const char *field, char *owned)
{
    json_object_set_new(object, field, json_string(owned));
    free(owned);
}

static const char *replaced_manager(const struct semo_options *o, const char *node)
{
    size_t len = strlen(node);
    for (unsigned i = 0; i < o->event_manager_count; i++)
        if (strncmp(o->event_managers[i], node, len) == 0 && o->event_managers[i][len] == '=')
            return o->event_managers[i] + len + 1;
    return NULL;
}

enum semo_status semo_nodes_check(const struct semo_session *s, const struct semo_options *o,
                                  struct semo_error *e)
{
    for (unsigned i = 0; i < o->event_manager_count; i++) {
        const char *word = o->event_managers[i], *equals = strchr(word, '=');
        char *name = semo_format("%.*s", equals ? (int)(equals - word) : 0, word);
        int node = semo_descriptor_node(s->d, name);
        free(name);
        if (node < 0 || !semo_file_exists(equals + 1))
            return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                                  "%.100s: not NODE=FILE; name a node of the descriptor and a file",
                                  word);
    }
    return SEMO_OK;
}

/* semo-node takes numbers only: it waits for no name. */
static enum semo_status look_up(const struct semo_node_spec *node, char *address, socklen_t room,
                                struct semo_error *e)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int bad = getaddrinfo(node->host, NULL, &hints, &found);
    if (!bad)
        bad =
            getnameinfo(found->ai_addr, found->ai_addrlen, address, room, NULL, 0, NI_NUMERICHOST);
    if (found)
        freeaddrinfo(found);
    if (!bad)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, node->name, 0, 0, "%s: %s",
                          node->host, gai_strerror(bad));
}

/* A node that is not emulated here: an address or a line. */
static enum semo_status other_config(const struct semo_node_spec *node, json_t **j,
                                     struct semo_error *e)
{
    char address[64];
    if (node->serial) {
        *j = json_pack("{s:s,s:s,s:s}", "name", node->name, "type", "serial", "serial",
                       node->serial);
        return SEMO_OK;
    }
    if (!node->deploy_port)
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, node->name, 0, 0,
                              "is at %s, but at which port? add deploy_port", node->host);
    enum semo_status status = look_up(node, address, sizeof address, e);
    if (status == SEMO_OK)
        *j =
            json_pack("{s:s,s:s,s:s,s:i}", "name", node->name, "type", "remote", "host", address,
                      "port", (int)(node->reactive_port ? node->reactive_port : node->deploy_port));
    return status;
}

static json_t *node_config(const struct semo_session *s, const struct semo_options *o, unsigned n)
{
    const struct semo_node_spec *node = &s->d->nodes[n];
    const char *replaced = replaced_manager(o, node->name);
    char *manager = replaced ? semo_format("%s", replaced) : semo_nodes_manager(s, n, false);
    bool mcu = node->kind == SEMO_NODE_MCU;
    json_t *j = json_pack("{s:s,s:s,s:I}", "name", node->name, "type", mcu ? "mcu" : "linux",
                          "latency_cycles", (json_int_t)node->latency_us * CYCLES_PER_US);
    set_text(j, "chip", semo_state_file(s->state, node->name, ".chip"));
    set_text(j, mcu ? "firmware" : "em", manager);
    if (!mcu) {
        set_text(j, "monitor", semo_process_part("semo-monitor"));
        json_object_set_new(j, "weak", json_boolean(o->weak));
    }
    return j;
}

static enum semo_status write_config(const struct semo_session *s, const struct semo_options *o,
                                     const char *path, struct semo_error *e)
{
    uint64_t seed;
    bool tcp = o->tcp || o->listen;
    json_t *nodes = json_array();
    for (unsigned n = 0; n < s->d->node_count; n++) {
        json_t *node = NULL;
        enum semo_status found = SEMO_OK;
        if (s->d->nodes[n].emulated)
            node = node_config(s, o, n);
        else
            found = other_config(&s->d->nodes[n], &node, e);
        if (found != SEMO_OK) {
            json_decref(nodes);
            return found;
        }
        tcp |= !s->d->nodes[n].emulated && s->d->nodes[n].host; /* who sends back */
        json_array_append_new(nodes, node);
    }
    json_t *root = json_pack("{s:s,s:b,s:b,s:o}", "socket", s->socket, "tcp", tcp, "realtime",
                             o->realtime, "nodes", nodes);
    if (o->listen)
        json_object_set_new(root, "listen", json_pack("{s:s}", "host", o->listen));
    if (o->trace)
        json_object_set_new(root, "trace", json_string(o->trace));
    set_text(root, "log", semo_state_file(s->state, "events", ".log"));
    if (o->seal_log)
        json_object_set_new(root, "seal_log", json_string(o->seal_log));
    if (o->seed && semo_options_number(o->seed, INT64_MAX, &seed))
        json_object_set_new(root, "seed", json_integer((json_int_t)seed));
    char *text = json_dumps(root, JSON_INDENT(1));
    json_decref(root);
    if (!text)
        abort();
    enum semo_status status = semo_file_write(path, text, strlen(text), 0600, e);
    free(text);
    return status;
}

/* Until it listens; its death ends the wait at once. The first that connects steers, so the
 * connection is kept. */
static enum semo_status wait_for_socket(struct semo_session *s, pid_t pid, struct semo_error *e)
{
    int exited = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd death = {.fd = exited, .events = POLLIN};
    enum semo_status status = SEMO_MISSING;
    for (int waited = 0; waited < START_MS && status != SEMO_OK; waited += CONNECT_RETRY_MS) {
        if (semo_file_exists(s->socket))
            status = semo_link_open(&s->link, s->socket, e);
        if (status != SEMO_OK && poll(&death, 1, CONNECT_RETRY_MS) > 0)
            break;
    }
    if (exited >= 0)
        close(exited);
    if (status == SEMO_OK)
        return SEMO_OK;
    return semo_error_set(e, SEMO_MISSING, SEMO_EXIT_RESOURCE, "semo-node", 0, 0,
                          "did not start; its own message stands above");
}

/* The nodes of a run that was killed notice it and end, but not at once: their chips are free when
 * their locks are (machine/chip.c holds them by flock). */
static enum semo_status wait_for_chip(const char *path, struct semo_error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), waited = 0;
    bool is_free = fd >= 0;
    while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && is_free) {
        poll(NULL, 0, CONNECT_RETRY_MS);
        waited += CONNECT_RETRY_MS;
        is_free = waited < START_MS;
    }
    if (fd >= 0)
        close(fd);
    if (is_free)
        return SEMO_OK;
    return semo_error_set(e, SEMO_BUSY, SEMO_EXIT_RESOURCE, path, 0, 0,
                          "missing, or in use by a node that does not end; end it");
}

static enum semo_status wait_for_chips(const struct semo_session *s, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    for (unsigned n = 0; n < s->d->node_count && status == SEMO_OK; n++) {
        if (!s->d->nodes[n].emulated)
            continue;
        char *path = semo_state_file(s->state, s->d->nodes[n].name, ".chip");
        status = wait_for_chip(path, e);
        free(path);
    }
    return status;
}

enum semo_status semo_nodes_start(struct semo_session *s, const struct semo_options *o, pid_t *pid,
                                  struct semo_error *e)
{
    char *config = semo_state_file(s->state, "node", ".json");
    char *program = semo_process_part("semo-node");
    char *argv[] = {program, "--config", config, NULL};
    enum semo_status status = wait_for_chips(s, e);
    if (status == SEMO_OK)
        status = write_config(s, o, config, e);
    unlink(s->socket); /* of a run that was killed: nobody listens there any more */
    if (status == SEMO_OK)
        status = semo_process_spawn(argv, NULL, 0, pid, e);
    if (status == SEMO_OK)
        status = wait_for_socket(s, *pid, e);
    if (status == SEMO_OK)
        status = semo_link_join(&s->link, s->d, e);
    if (status == SEMO_OK)
        status = semo_deploy_elsewhere(s->deploy, &s->link, e);
    free(config);
    free(program);
    return status;
}

char *semo_nodes_manager(const struct semo_session *s, unsigned node, bool hostile)
{
    if (s->d->nodes[node].kind == SEMO_NODE_MCU)
        return semo_process_part(hostile ? "hostile.elf" : "firmware.elf");
    return semo_process_part(hostile ? "hostile-em" : "semo-em");
}
