/* SPDX-License-Identifier: Apache-2.0 */
/* The state file of an emulated chip. Two slots far enough apart that no torn write reaches both;
 * each store goes to the slot that is not in force, with a higher serial, and counts once it is
 * synced. A slot that is torn or damaged fails its checksum, and the other one is in force. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/bytes/cursor.h"
#include "lib/crypto/aead.h"
#include "machine/chip.h"

#define SLOT       4096
#define MAGIC      0x70696863u /* "chip" */
#define VERSION    1
#define OWNER_LEN  16
#define RECORD_LEN (4 + 2 + 8 + 16 + 8 + 1 + 4 + SEMO_WINDOW_COUNT * (1 + OWNER_LEN) + 8)
#define BLOCK      64 /* epochs reserved at a time */

struct semo_chip {
    int fd;
    unsigned slot; /* in force */
    uint64_t serial;
    uint64_t next_epoch;
    struct semo_chip_state state;
};

/* FNV-1a: it guards against torn and damaged records, not against the owner of the file. */
static uint64_t checksum(const uint8_t *bytes, unsigned len)
{
    uint64_t h = 0xCBF29CE484222325u;
    for (unsigned i = 0; i < len; i++)
        h = (h ^ bytes[i]) * 0x100000001B3u;
    return h;
}

static void encode(const struct semo_chip_state *s, uint64_t serial, uint8_t *record)
{
    struct semo_cursor c = semo_cursor_over(record, RECORD_LEN);
    semo_cursor_put_u32(&c, MAGIC);
    semo_cursor_put_u16(&c, VERSION);
    semo_cursor_put_u64(&c, serial);
    semo_cursor_put(&c, s->node_key, sizeof s->node_key);
    semo_cursor_put_u64(&c, s->epoch_limit);
    semo_cursor_put_u8(&c, s->relay_closed);
    semo_cursor_put_u32(&c, s->utc);
    for (unsigned i = 0; i < SEMO_WINDOW_COUNT; i++) {
        semo_cursor_put_u8(&c, s->owned[i]);
        semo_cursor_put(&c, s->owner[i], OWNER_LEN);
    }
    semo_cursor_put_u64(&c, checksum(record, RECORD_LEN - 8));
}

static bool decode(const uint8_t *record, struct semo_chip_state *s, uint64_t *serial)
{
    struct semo_cursor c = semo_cursor_from(record, RECORD_LEN);
    if (semo_cursor_u32(&c) != MAGIC || semo_cursor_u16(&c) != VERSION)
        return false;
    *serial = semo_cursor_u64(&c);
    memcpy(s->node_key, semo_cursor_take(&c, sizeof s->node_key), sizeof s->node_key);
    s->epoch_limit = semo_cursor_u64(&c);
    s->relay_closed = semo_cursor_u8(&c);
    s->utc = semo_cursor_u32(&c);
    for (unsigned i = 0; i < SEMO_WINDOW_COUNT; i++) {
        s->owned[i] = semo_cursor_u8(&c);
        memcpy(s->owner[i], semo_cursor_take(&c, OWNER_LEN), OWNER_LEN);
    }
    return semo_cursor_u64(&c) == checksum(record, RECORD_LEN - 8);
}

static enum semo_status write_slot(int fd, unsigned slot, const struct semo_chip_state *s,
                                   uint64_t serial)
{
    uint8_t record[RECORD_LEN];
    encode(s, serial, record);
    const ssize_t n = pwrite(fd, record, RECORD_LEN, (off_t)slot * SLOT);
    semo_bytes_wipe(record, sizeof record);
    return n == RECORD_LEN && fsync(fd) == 0 ? SEMO_OK : SEMO_SYSTEM;
}

static bool read_slot(int fd, unsigned slot, struct semo_chip_state *s, uint64_t *serial)
{
    uint8_t record[RECORD_LEN];
    const ssize_t n = pread(fd, record, RECORD_LEN, (off_t)slot * SLOT);
    const bool good = n == RECORD_LEN && decode(record, s, serial);
    semo_bytes_wipe(record, sizeof record);
    return good;
}

static enum semo_status sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return SEMO_SYSTEM;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    free(folder);
    return synced ? SEMO_OK : SEMO_SYSTEM;
}

/* Both slots are filled under another name first: under `path` there is a whole file or none. */
static enum semo_status create_at(const char *draft, const char *path,
                                  const struct semo_chip_state *s)
{
    unlink(draft); /* of a creation that died: it may be a second name of a chip in use */
    const int fd = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return SEMO_SYSTEM;
    enum semo_status status = fchmod(fd, 0600) == 0 ? SEMO_OK : SEMO_SYSTEM;
    for (unsigned slot = 0; slot < 2 && status == SEMO_OK; slot++)
        status = write_slot(fd, slot, s, 1 + slot);
    if (status == SEMO_OK && link(draft, path) != 0)
        status = SEMO_SYSTEM; /* also when it exists: a chip is never overwritten */
    unlink(draft);
    close(fd);
    return status == SEMO_OK ? sync_folder(path) : status;
}

enum semo_status semo_chip_create(const char *path, const struct semo_chip_state *s)
{
    char *draft;
    if (asprintf(&draft, "%s.new", path) < 0)
        return SEMO_SYSTEM;
    const enum semo_status status = create_at(draft, path, s);
    free(draft);
    return status;
}

/* The damaged record may have been the one in force, with a block of epochs that the other does not
 * know of. Both are written, so that they are never more than one block apart. */
static enum semo_status heal(struct semo_chip *c)
{
    struct semo_chip_state whole = c->state;
    whole.epoch_limit += BLOCK;
    enum semo_status status = semo_chip_store(c, &whole);
    if (status == SEMO_OK)
        status = semo_chip_store(c, &whole);
    semo_bytes_wipe(&whole, sizeof whole);
    return status;
}

/* Finds the slot in force; *whole: the other one is good, too. */
static enum semo_status read_slots(struct semo_chip *c, bool *whole)
{
    struct semo_chip_state s[2];
    uint64_t serial[2];
    const bool good[2] = {read_slot(c->fd, 0, &s[0], &serial[0]),
                          read_slot(c->fd, 1, &s[1], &serial[1])};
    if (!good[0] && !good[1])
        return SEMO_MALFORMED;
    c->slot = good[1] && (!good[0] || serial[1] > serial[0]);
    c->serial = serial[c->slot];
    c->state = s[c->slot];
    semo_bytes_wipe(s, sizeof s);
    *whole = good[0] && good[1];
    return SEMO_OK;
}

static enum semo_status load(struct semo_chip *c)
{
    bool whole;
    enum semo_status status = read_slots(c, &whole);
    if (status != SEMO_OK)
        return status;
    if (c->state.epoch_limit == 0)
        c->state.epoch_limit = 1; /* epoch 0 means: none */
    status = whole ? SEMO_OK : heal(c);
    c->next_epoch = c->state.epoch_limit;
    return status;
}

static enum semo_status open_locked(const char *path, struct semo_chip *c)
{
    c->fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (c->fd < 0)
        return errno == ENOENT ? SEMO_MISSING : SEMO_SYSTEM;
    if (flock(c->fd, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? SEMO_BUSY : SEMO_SYSTEM;
    return load(c);
}

enum semo_status semo_chip_open(const char *path, struct semo_chip **out)
{
    struct semo_chip *c = calloc(1, sizeof *c);
    if (!c)
        return SEMO_SYSTEM;
    const enum semo_status status = open_locked(path, c);
    if (status == SEMO_OK)
        *out = c;
    else
        semo_chip_close(c);
    return status;
}

enum semo_status semo_chip_peek(const char *path, struct semo_chip_state *s)
{
    bool whole;
    struct semo_chip c = {.fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
    if (c.fd < 0)
        return errno == ENOENT ? SEMO_MISSING : SEMO_SYSTEM;
    const enum semo_status status = read_slots(&c, &whole);
    if (status == SEMO_OK)
        *s = c.state;
    close(c.fd);
    semo_bytes_wipe(&c, sizeof c);
    return status;
}

const struct semo_chip_state *semo_chip_state(const struct semo_chip *c)
{
    return &c->state;
}

enum semo_status semo_chip_store(struct semo_chip *c, const struct semo_chip_state *s)
{
    struct semo_chip_state next = *s;
    if (next.epoch_limit < c->state.epoch_limit)
        next.epoch_limit = c->state.epoch_limit; /* the caller's copy may be old */
    const unsigned slot = 1 - c->slot;
    const enum semo_status status = write_slot(c->fd, slot, &next, c->serial + 1);
    if (status == SEMO_OK) {
        c->slot = slot;
        c->serial++;
        c->state = next;
    }
    semo_bytes_wipe(&next, sizeof next);
    return status;
}

uint64_t semo_chip_epoch(struct semo_chip *c)
{
    if (c->next_epoch == c->state.epoch_limit) {
        struct semo_chip_state more = c->state;
        more.epoch_limit += BLOCK;
        if (more.epoch_limit < BLOCK || semo_chip_store(c, &more) != SEMO_OK)
            abort();
        semo_bytes_wipe(&more, sizeof more);
    }
    return c->next_epoch++;
}

void semo_chip_close(struct semo_chip *c)
{
    if (!c)
        return;
    if (c->fd >= 0)
        close(c->fd);
    semo_bytes_wipe(c, sizeof *c);
    free(c);
}
