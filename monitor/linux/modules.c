/* SPDX-License-Identifier: Apache-2.0 */
/* Modules from their enabling to their end. */
#include <stdlib.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "lib/kdf/kdf.h"
#include "monitor/linux/image.h"
#include "monitor/linux/monitor.h"

static void forget(struct semo_monitor *m, struct semo_module *module)
{
    m->modules[module->id] = NULL;
    m->count--;
    semo_process_end(&module->process);
    semo_bytes_wipe(module, sizeof *module);
    free(module);
}

void semo_modules_end_all(struct semo_monitor *m)
{
    for (unsigned id = 1; id <= m->last_id; id++)
        if (m->modules[id])
            forget(m, m->modules[id]);
}

/* seal: nonce and tag of an encrypted file, else NULL. */
static enum semo_status take(struct semo_monitor *m, uint16_t vendor, int staged,
                             const uint8_t *seal, struct semo_module_file *file)
{
    uint8_t key[SEMO_KEY_LEN];
    enum semo_status status = semo_module_file_take(staged, file);
    if (status != SEMO_OK || !seal)
        return status;
    semo_kdf_vendor(SEMO_SECURITY, semo_chip_state(m->chip)->node_key, vendor, key);
    status = semo_module_file_reveal(file, key, seal);
    semo_bytes_wipe(key, sizeof key);
    return status;
}

static enum semo_status start(struct semo_monitor *m, uint16_t vendor, int staged,
                              const uint8_t *seal, struct semo_module *module)
{
    struct semo_module_file file;
    enum semo_status status = take(m, vendor, staged, seal, &file);
    if (status != SEMO_OK)
        return status;
    status = semo_sandbox_start(m->isolation, SEMO_KIND_MODULE, file.fd, -1, &module->process);
    if (status == SEMO_OK)
        semo_identity_derive(semo_chip_state(m->chip)->node_key, vendor, file.bytes, file.len,
                             &module->identity);
    semo_module_file_drop(&file);
    return status;
}

enum semo_status semo_modules_enable(struct semo_monitor *m, const struct semo_packet *request,
                                     struct semo_packet *answer)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 1, request->len - 1);
    uint16_t vendor = semo_cursor_u16(&c);
    if (c.bad || (c.left && c.left != SEMO_CONCEALED_LEN) || request->fd < 0)
        return SEMO_MALFORMED;
    if (m->count == m->room || m->last_id == UINT16_MAX)
        return SEMO_FULL;
    struct semo_module *module = calloc(1, sizeof *module);
    enum semo_status status =
        module ? start(m, vendor, request->fd, c.left ? c.at : NULL, module) : SEMO_SYSTEM;
    if (status != SEMO_OK) {
        free(module);
        return status;
    }
    module->id = ++m->last_id;
    m->modules[module->id] = module;
    m->count++;
    c = semo_cursor_over(answer->bytes + 2, 2);
    semo_cursor_put_u16(&c, module->id);
    answer->len = 4;
    return SEMO_OK;
}

static void log_seal(void *context, const uint8_t *key, const uint8_t *ad, unsigned ad_len)
{
    const struct semo_module *module = context;
    uint8_t message[SEMO_MONITOR_MESSAGE_MAX + SEMO_KEY_LEN];
    struct semo_cursor c = semo_cursor_over(message, sizeof message);
    semo_cursor_put_u8(&c, SEMO_MONITOR_SEAL);
    semo_cursor_put_u16(&c, module->id);
    semo_cursor_put(&c, key, SEMO_KEY_LEN);
    semo_cursor_put(&c, ad, ad_len);
    semo_monitor_tell(message, (unsigned)(c.at - message));
}

static uint64_t cycles(const struct semo_monitor *m)
{
    const int64_t ns_per_cycle = 1000000000 / SEMO_CLOCK_HZ;
    if (m->time != SEMO_MONITOR_REAL_TIME)
        return m->time;
    return (uint64_t)((semo_now_ns() - m->started_ns) / ns_per_cycle);
}

/* EPOCH and CYCLES: the number takes the place of the body. */
static enum semo_status answer_number(struct semo_cursor *c, uint64_t number)
{
    const struct semo_gate_request *r = (const void *)semo_cursor_take(c, sizeof *r);
    if (!r || r->ad_len != 0 || r->len != sizeof number || c->left != sizeof number)
        return SEMO_MALFORMED;
    *c = semo_cursor_over(c->at - 1, 1 + sizeof number);
    struct semo_cursor out = *c;
    semo_cursor_put_u8(&out, SEMO_OK);
    semo_cursor_put_u64(&out, number);
    return SEMO_OK;
}

/* Answers one request of a running module. SEMO_MALFORMED: not a request at all. */
static enum semo_status serve(struct semo_monitor *m, struct semo_module *module,
                              struct semo_packet *request)
{
    struct semo_cursor c = semo_cursor_over(request->bytes, request->len);
    enum semo_status status;
    if (c.at[0] == SEMO_GATE_EPOCH)
        status = answer_number(&c, semo_chip_epoch(m->chip));
    else if (c.at[0] == SEMO_GATE_CYCLES)
        status = answer_number(&c, cycles(m));
    else
        status = semo_service_crypto(&module->identity, &c, m->seal_log ? log_seal : NULL, module);
    return status == SEMO_OK ? semo_packet_send(module->process.socket, c.at, c.left) : status;
}

/* Until the module returns: its answer. Any failure means that the module cannot go on. */
static enum semo_status run(struct semo_monitor *m, struct semo_module *module,
                            const uint8_t *calls, unsigned len, struct semo_packet *returned)
{
    int64_t deadline = semo_now_ms() + m->call_ms;
    enum semo_status status = semo_packet_send(module->process.socket, calls, len);
    semo_process_renew(&module->process, m->cpu_s);
    while (status == SEMO_OK) {
        status = semo_packet_receive(module->process.socket, deadline, returned);
        if (returned->fd >= 0)
            close(returned->fd);
        if (status == SEMO_OK && returned->bytes[0] == SEMO_GATE_RETURN && returned->len >= 2)
            return SEMO_OK;
        if (status == SEMO_OK)
            status = serve(m, module, returned);
    }
    return status;
}

/* The first of the calls was to disable the module, and succeeded. */
static bool is_disabled(const struct semo_packet *request, const struct semo_packet *answer)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 3, request->len - 3);
    return semo_cursor_u16(&c) == SEMO_ENTRY_DISABLE && !c.bad && answer->len > 2 &&
           answer->bytes[2] == SEMO_OK;
}

enum semo_status semo_modules_call(struct semo_monitor *m, struct semo_packet *request,
                                   struct semo_packet *answer)
{
    struct semo_cursor c = semo_cursor_from(request->bytes + 1, request->len - 1);
    uint16_t id = semo_cursor_u16(&c);
    if (c.bad)
        return SEMO_MALFORMED;
    struct semo_module *module = m->modules[id];
    if (module == NULL)
        return SEMO_UNKNOWN;
    request->bytes[2] = SEMO_GATE_CALL;
    enum semo_status status = run(m, module, request->bytes + 2, request->len - 2, answer);
    if (status != SEMO_OK) {
        semo_monitor_lose(m, &module->process, status);
        forget(m, module);
        return status == SEMO_TIMEOUT ? SEMO_TIMEOUT : SEMO_UNKNOWN;
    }
    if (is_disabled(request, answer))
        forget(m, module);
    return SEMO_OK;
}
