/* SPDX-License-Identifier: Apache-2.0 */
/* The loader: collects a program in a memfd, seals it, and gives it to the monitor. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "monitor/protocol.h"
#include "node/host/em.h"

#define KIND_LINUX    1
#define FLAG_WEAK     1
#define FLAG_FRESH    2
#define FLAG_LANDLOCK 4
#define SECURITY      128
#define SEALS         (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int staged = -1;

static uint8_t saturated(unsigned count)
{
    return count < UINT8_MAX ? (uint8_t)count : UINT8_MAX;
}

enum semo_status semo_loader_info(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)in;
    unsigned modules = 0;
    for (unsigned id = 1; id <= UINT16_MAX; id++)
        modules += semo_em_table->modules[id] == 1;
    semo_cursor_put_u8(out, SEMO_VERSION);
    semo_cursor_put_u8(out, KIND_LINUX);
    semo_cursor_put_u16(out, SECURITY);
    semo_cursor_put_u8(out, saturated(SEMO_MONITOR_MODULES));
    semo_cursor_put_u8(out, saturated(modules));
    semo_cursor_put_u8(out, FLAG_FRESH | (semo_em_weak ? FLAG_WEAK : 0) |
                                (semo_em_landlock ? FLAG_LANDLOCK : 0));
    for (int limits = 0; limits < 4; limits++)
        semo_cursor_put_u16(out, 0);
    semo_cursor_put_u16(out, SEMO_FRAME_MAX);
    return SEMO_OK;
}

enum semo_status semo_loader_write(struct semo_cursor *in, struct semo_cursor *out)
{
    (void)out;
    const uint32_t at = semo_cursor_u32(in);
    if (at > SEMO_MONITOR_IMAGE_MAX || in->left > SEMO_MONITOR_IMAGE_MAX - at)
        return SEMO_PLACE;
    if (staged < 0)
        staged = memfd_create("module", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (staged < 0 || pwrite(staged, in->at, in->left, at) != (ssize_t)in->left)
        return SEMO_SYSTEM;
    return SEMO_OK;
}

static enum semo_status hand_over(uint16_t vendor, uint32_t len, const struct semo_cursor *seal,
                                  uint16_t *module)
{
    if (ftruncate(staged, len) != 0 || fcntl(staged, F_ADD_SEALS, SEALS) != 0)
        return SEMO_SYSTEM;
    return semo_module_enable(vendor, staged, seal, module);
}

/* The next program begins anew, whatever became of this one. */
enum semo_status semo_loader_enable(struct semo_cursor *in, struct semo_cursor *out)
{
    const uint16_t vendor = semo_cursor_u16(in);
    const uint32_t ps = semo_cursor_u32(in), pe = semo_cursor_u32(in), ss = semo_cursor_u32(in),
                   se = semo_cursor_u32(in);
    uint16_t module = 0;
    if (in->left % SEMO_CONCEALED_LEN)
        return SEMO_MALFORMED;
    if (staged < 0 || ps || !pe || pe > SEMO_MONITOR_IMAGE_MAX || ss || se)
        return SEMO_PLACE;
    const enum semo_status status = hand_over(vendor, pe, in, &module);
    close(staged);
    staged = -1;
    if (status != SEMO_OK)
        return status;
    semo_em_table->modules[module] = 1;
    semo_cursor_put_u16(out, module);
    return SEMO_OK;
}
