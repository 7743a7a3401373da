/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
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

enum semo_status semo_module_file_take(int staged, struct semo_module_file *out)
{
    struct semo_module_file f = {.fd = -1};
    enum semo_status status = check(staged, &f.len);
    if (status != SEMO_OK)
        return status;
    f.fd = new_file();
    if (f.fd < 0)
        return SEMO_SYSTEM;
    if (copy(f.fd, staged, f.len) == 0 && fchmod(f.fd, 0111) == 0 &&
        fcntl(f.fd, F_ADD_SEALS, SEALS) == 0) {
        f.len += f.len % 2;
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

void semo_module_file_drop(struct semo_module_file *f)
{
    munmap((void *)f->bytes, f->len);
    close(f->fd);
}
