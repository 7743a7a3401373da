/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket of semo-node, the daemon whole with one emulated node that runs the firmware:
 * any bytes that its clients may send, by the steering one and by another. What the daemon says
 * must be messages of the protocol. Input: length u8 of the other client's bytes | these | the
 * steering client's. The host's clock is a counter, so that a run can be repeated. */
#include <sys/socket.h>
#include "host/control.h"
#include "host/socket.h"
#include "machine/chip.h"
#include "node/host/daemon.h"
#include "tests/fuzz/scratch.h"

enum { BYTES_MAX = 2048, LOOPS = 40, TICK_NS = 200000 };

static struct semo_daemon daemon_;
static struct semo_chip_state fresh = {.node_key = {7}, .relay_closed = true, .utc = 1000};
static const char *chip;
static uint64_t clock_ns;
static unsigned loops;

uint64_t __wrap_uv_hrtime(void);
uint64_t __wrap_uv_hrtime(void)
{
    return clock_ns += TICK_NS;
}

/* A message may name any path for the home's socket: none but ours is made. */
int __real_semo_socket_listen(const char *path, int backlog);
int __wrap_semo_socket_listen(const char *path, int backlog);
int __wrap_semo_socket_listen(const char *path, int backlog)
{
    if (!strncmp(path, fuzz_folder, strlen(fuzz_folder)))
        return __real_semo_socket_listen(path, backlog);
    return __real_semo_socket_listen(fuzz_path("home"), backlog);
}

/* The disk's part of a store takes longer than all the rest. */
int __wrap_fsync(int fd);
int __wrap_fsync(int fd)
{
    return fd < 0 ? -1 : 0;
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
    if (++loops == LOOPS)
        daemon_.quit = true;
}

static struct semo_control_client *say(const uint8_t *bytes, unsigned len)
{
    struct semo_control_client *c;
    FUZZ_MUST(semo_control_connect(fuzz_path("control"), &c) == SEMO_OK);
    FUZZ_MUST(!len || send(semo_control_fd(c), bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
    return c;
}

static void hear(struct semo_control_client *c)
{
    enum semo_status status;
    do
        status = semo_control_next(c, NULL, 0, NULL);
    while (status == SEMO_OK);
    FUZZ_MUST(status == SEMO_TIMEOUT || status == SEMO_MISSING);
    semo_control_close(c);
}

static void on_each_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void close_daemon(struct semo_daemon *d)
{
    for (struct semo_peer *p = d->peers; p; p = p->next)
        semo_peer_end(p);
    semo_peers_reap(d);
    semo_daemon_close(d);
    uv_walk(&d->loop, on_each_handle, NULL);
    while (uv_run(&d->loop, UV_RUN_NOWAIT))
        ;
    FUZZ_MUST(uv_loop_close(&d->loop) == 0);
    semo_config_free(&d->config);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char config[512];
    (void)argc, (void)argv;
    fuzz_make_folder();
    chip = strdup(fuzz_path("chip"));
    FUZZ_MUST(semo_chip_create(chip, &fresh) == SEMO_OK);
    int n = snprintf(config, sizeof config,
                     "{\"socket\": \"%s/control\", \"seed\": 1, \"nodes\": [{\"name\": \"node\","
                     "\"type\": \"mcu\", \"chip\": \"%s\", \"firmware\": \"build/mcu/firmware.elf\""
                     "}]}",
                     fuzz_folder, chip);
    fuzz_file("config", config, (size_t)n);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
    struct semo_error e = {{0}, 0};
    struct semo_daemon *d = &daemon_;
    uv_idle_t idle;
    if (!len || len > BYTES_MAX)
        return 0;
    unsigned first = input[0] < len ? input[0] : (unsigned)len - 1;
    unlink(chip);
    FUZZ_MUST(semo_chip_create(chip, &fresh) == SEMO_OK);
    clock_ns = 1, loops = 0;
    if (semo_daemon_open(d, fuzz_path("config"), &e) != SEMO_OK) {
        fprintf(stderr, "%s; run make and start this in the root of the tree\n", e.text);
        exit(2);
    }
    uv_idle_init(&d->loop, &idle);
    uv_idle_start(&idle, on_idle);
    struct semo_control_client *steering = say(input + 1 + first, (unsigned)len - 1 - first);
    struct semo_control_client *other = say(input + 1, first);
    semo_daemon_run(d);
    close_daemon(d);
    hear(steering);
    hear(other);
    return 0;
}
