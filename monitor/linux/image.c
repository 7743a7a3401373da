/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include "lib/crypto/aead.h"
#include "lib/kdf/kdf.h"
#include "monitor/linux/image.h"
#include "monitor/protocol.h"

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* Linux 6.3; before, every memfd can be executed */
#endif

static enum semo_status check(int staged, uint32_t *len)
{
    struct stat s;
    int seals = fcntl(staged, F_GET_SEALS);
    if (seals < 0 || (seals & SEALS) != SEALS || fstat(staged, &s) != 0)
        return SEMO_PLACE;
    if (s.st_size < 1 || s.st_size > SEMO_MONITOR_IMAGE_MAX)
        return SEMO_LENGTH;
    *len = (uint32_t)s.st_size;
    return SEMO_OK;
}

static int new_file(void)
{
    int fd = memfd_create("module", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("module", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    return fd;
}

static int copy(int to, int from, uint32_t len)
{
    off_t at = 0;
    while (at < (off_t)len)
        if (sendfile(to, from, &at, len - (size_t)at) <= 0)
            return -1;
    return ftruncate(to, len + len % 2);
}

/* Of what is in the file. */
static enum semo_status finish(struct semo_module_file f, struct semo_module_file *out)
{
    if (fchmod(f.fd, 0111) == 0 && fcntl(f.fd, F_ADD_SEALS, SEALS) == 0) {
        void *bytes = mmap(NULL, f.len, PROT_READ, MAP_PRIVATE, f.fd, 0);
        if (bytes != MAP_FAILED) {
            f.bytes = bytes;
            *out = f;
            return SEMO_OK;
        }
    }
    close(f.fd);
    return SEMO_SYSTEM;
}

enum semo_status semo_module_file_take(int staged, struct semo_module_file *out)
{
    struct semo_module_file f = {.fd = -1};
    enum semo_status status = check(staged, &f.len);
    if (status != SEMO_OK)
        return status;
    f.fd = new_file();
    if (f.fd < 0)
        return SEMO_SYSTEM;
    if (copy(f.fd, staged, f.len) != 0) {
        close(f.fd);
        return SEMO_SYSTEM;
    }
    f.len += f.len % 2;
    return finish(f, out);
}

enum semo_status semo_module_file_reveal(struct semo_module_file *f, const uint8_t *vendor_key,
                                         const uint8_t *seal)
{
    static const struct semo_layout nowhere;
    struct semo_module_file clear = {.fd = new_file(), .len = f->len};
    uint8_t *text = malloc(f->len);
    enum semo_status status = SEMO_SYSTEM;
    if (text && clear.fd >= 0) {
        memcpy(text, f->bytes, f->len);
        status = semo_kdf_reveal(SEMO_SECURITY, vendor_key, &nowhere, text, f->len, seal);
        if (status == SEMO_OK && write(clear.fd, text, f->len) != (ssize_t)f->len)
            status = SEMO_SYSTEM;
        semo_bytes_wipe(text, f->len);
    }
    free(text);
    semo_module_file_drop(f);
    if (status == SEMO_OK)
        return finish(clear, f);
    close(clear.fd);
    return status;
}

void semo_module_file_drop(struct semo_module_file *f)
{
    munmap((void *)f->bytes, f->len);
    close(f->fd);
}
