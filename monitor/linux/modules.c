/* SPDX-License-Identifier: Apache-2.0 */
/* Modules from their enabling to their end. */
#include <string.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "monitor/linux/image.h"
#include "monitor/linux/monitor.h"

static struct semo_module *find(struct semo_monitor *m, uint16_t id)
{
    for (unsigned i = 0; i < SEMO_MONITOR_MODULES; i++)
        if (m->modules[i].id == id)
            return &m->modules[i];
    return NULL;
}

static void forget(struct semo_module *module)
{
    semo_process_end(&module->process);
    semo_bytes_wipe(&module->identity, sizeof module->identity);
    module->id = 0;
}

void semo_modules_end_all(struct semo_monitor *m)
{
    for (unsigned i = 0; i < SEMO_MONITOR_MODULES; i++)
        if (m->modules[i].id != 0)
            forget(&m->modules[i]);
}

enum semo_status semo_modules_enable(struct semo_monitor *m, const struct semo_packet *request,
                                     struct semo_packet *answer)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 1, request->len - 1);
    uint16_t vendor = semo_cursor_u16(&c);
    if (c.bad || c.left != 0 || request->fd < 0)
        return SEMO_MALFORMED;
    struct semo_module *module = find(m, 0);
    if (module == NULL || m->last_id == UINT16_MAX)
        return SEMO_FULL;
    struct semo_module_file file;
    enum semo_status status = semo_module_file_take(request->fd, &file);
    if (status != SEMO_OK)
        return status;
    status = semo_sandbox_start(m->isolation, SEMO_KIND_MODULE, file.fd, -1, &module->process);
    if (status == SEMO_OK) {
        semo_identity_derive(semo_chip_state(m->chip)->node_key, vendor, file.bytes, file.len,
                             &module->identity);
        module->id = ++m->last_id;
        c = semo_cursor_over(answer->bytes + 2, 2);
        semo_cursor_put_u16(&c, module->id);
        answer->len = 4;
    }
    semo_module_file_drop(&file);
    return status;
}

static void log_seal(const struct semo_module *module, const struct semo_sealed *sealed)
{
    struct semo_packet p = {.fd = -1};
    struct semo_cursor c = semo_cursor_over(p.bytes, sizeof p.bytes);
    semo_cursor_put_u8(&c, SEMO_MONITOR_SEAL);
    semo_cursor_put_u16(&c, module->id);
    semo_cursor_put(&c, sealed->key, SEMO_KEY_LEN);
    semo_cursor_put(&c, sealed->ad, sealed->ad_len);
    p.len = sizeof p.bytes - c.left;
    semo_monitor_tell(&p);
}

static uint64_t cycles(const struct semo_monitor *m)
{
    const int64_t ns_per_cycle = 1000000000 / SEMO_CLOCK_HZ;
    if (m->time != SEMO_MONITOR_REAL_TIME)
        return m->time;
    return (uint64_t)((semo_now_ns() - m->started_ns) / ns_per_cycle);
}

/* Answers one request of a running module. SEMO_MALFORMED: not a request at all. */
static enum semo_status serve(struct semo_monitor *m, const struct semo_module *module,
                              const struct semo_packet *request)
{
    struct semo_packet answer = {.len = 2, .fd = -1};
    struct semo_sealed sealed = {NULL, NULL, 0};
    enum semo_status status = SEMO_OK;
    uint8_t type = request->bytes[0];
    if (request->len == 1 && (type == SEMO_MODULE_EPOCH || type == SEMO_MODULE_CYCLES)) {
        struct semo_cursor c = semo_cursor_over(answer.bytes + 2, 8);
        semo_cursor_put_u64(&c, type == SEMO_MODULE_EPOCH ? semo_chip_epoch(m->chip) : cycles(m));
        answer.len = 10;
    } else {
        unsigned len = 0;
        status = semo_service_crypto(&module->identity, request->bytes, request->len,
                                     answer.bytes + 2, &len, &sealed);
        if (status == SEMO_MALFORMED)
            return status;
        if (status == SEMO_OK)
            answer.len += len;
    }
    if (m->seal_log && sealed.key)
        log_seal(module, &sealed);
    answer.bytes[0] = SEMO_MODULE_RESULT;
    answer.bytes[1] = (uint8_t)status;
    return semo_packet_send(module->process.socket, &answer);
}

/* Until the module returns: its answer. Any failure means that the module cannot go on. */
static enum semo_status run(struct semo_monitor *m, const struct semo_module *module,
                            const struct semo_packet *call, struct semo_packet *returned)
{
    int64_t deadline = semo_now_ms() + m->call_ms;
    enum semo_status status = semo_packet_send(module->process.socket, call);
    while (status == SEMO_OK) {
        status = semo_packet_receive(module->process.socket, deadline, returned);
        if (returned->fd >= 0)
            close(returned->fd);
        if (status == SEMO_OK && returned->bytes[0] == SEMO_MODULE_RETURN && returned->len >= 2)
            return SEMO_OK;
        if (status == SEMO_OK)
            status = serve(m, module, returned);
    }
    return status;
}

enum semo_status semo_modules_call(struct semo_monitor *m, const struct semo_packet *request,
                                   struct semo_packet *answer)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 1, request->len - 1);
    uint16_t id = semo_cursor_u16(&c), entry = semo_cursor_u16(&c);
    if (c.bad)
        return SEMO_MALFORMED;
    struct semo_module *module = id == 0 ? NULL : find(m, id);
    if (module == NULL)
        return SEMO_UNKNOWN;
    struct semo_packet call = {.len = request->len - 2, .fd = -1};
    call.bytes[0] = SEMO_MODULE_CALL;
    memcpy(call.bytes + 1, request->bytes + 3, request->len - 3);
    enum semo_status status = run(m, module, &call, answer);
    if (status != SEMO_OK) {
        semo_monitor_lose(m, &module->process, status);
        forget(module);
        return status == SEMO_TIMEOUT ? SEMO_TIMEOUT : SEMO_UNKNOWN;
    }
    status = (enum semo_status)answer->bytes[1];
    if (entry == SEMO_ENTRY_DISABLE && status == SEMO_OK)
        forget(module);
    return status;
}
