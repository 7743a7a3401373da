/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "host/file.h"

static enum semo_status system_error(const char *path, const char *doing, struct semo_error *e)
{
    enum semo_status status = errno == ENOENT ? SEMO_MISSING : SEMO_SYSTEM;
    return semo_error_set(e, status, SEMO_EXIT_RESOURCE, path, 0, 0, "cannot %s: %s", doing,
                          strerror(errno));
}

static bool read_all(int fd, uint8_t *at, size_t len, size_t *got)
{
    *got = 0;
    while (*got < len) {
        ssize_t n = read(fd, at + *got, len - *got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *got += (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

enum semo_status semo_file_read(const char *path, size_t max, uint8_t **bytes, size_t *len,
                                struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    struct stat info;
    uint8_t *buffer = NULL;
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not make us wait */
    if (fd < 0)
        return system_error(path, "open it", e);
    if (fstat(fd, &info) != 0)
        status = system_error(path, "read it", e);
    else if (!S_ISREG(info.st_mode))
        status = semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_USAGE, path, 0, 0,
                                "not a regular file; name a file");
    else if ((size_t)info.st_size > max)
        status = semo_error_set(e, SEMO_LENGTH, SEMO_EXIT_USAGE, path, 0, 0,
                                "longer than %zu bytes; name a smaller file", max);
    else if (!(buffer = malloc((size_t)info.st_size + 1)))
        status = system_error(path, "read it", e);
    else if (!read_all(fd, buffer, (size_t)info.st_size, &got))
        status = system_error(path, "read it", e);
    close(fd);
    if (status != SEMO_OK) {
        free(buffer);
        return status;
    }
    buffer[got] = 0;
    *bytes = buffer;
    *len = got;
    return SEMO_OK;
}

/* The name of the new file is durable only when its folder is. */
static bool sync_folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? semo_format("%.*s/", (int)(slash - path), path) : semo_format(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    free(folder);
    return done;
}

/* A device or a pipe stays what it is: nothing is put in its place. */
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static enum semo_status write_through(const char *path, const void *bytes, size_t len,
                                      struct semo_error *e)
{
    int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    bool done = fd >= 0 && write_all(fd, bytes, len);
    enum semo_status status = done ? SEMO_OK : system_error(path, "write it", e);
    if (fd >= 0)
        close(fd);
    return status;
}

enum semo_status semo_file_write(const char *path, const void *bytes, size_t len, mode_t mode,
                                 struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    if (is_special(path))
        return write_through(path, bytes, len, e);
    char *temporary = semo_format("%s.%ld.new", path, (long)getpid());
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        status = system_error(path, "write it", e);
        free(temporary);
        return status;
    }
    bool done = fchmod(fd, mode) == 0 && write_all(fd, bytes, len) && fsync(fd) == 0;
    done = close(fd) == 0 && done;
    if (!done || rename(temporary, path) != 0) {
        status = system_error(path, "write it", e);
        unlink(temporary);
    } else if (!sync_folder_of(path)) {
        status = system_error(path, "make it durable", e);
    }
    free(temporary);
    return status;
}

static enum semo_status make_one(const char *path, mode_t mode, struct semo_error *e)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return SEMO_OK;
    const int why = errno;
    if (semo_file_exists(path)) /* where nothing may be made at all */
        return SEMO_OK;
    errno = why;
    return system_error(path, "create the folder", e);
}

enum semo_status semo_file_make_folder(const char *path, mode_t mode, struct semo_error *e)
{
    enum semo_status status = SEMO_OK;
    char *part = semo_format("%s", path);
    for (char *slash = strchr(part + (*part != 0), '/'); slash && status == SEMO_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = 0;
        status = make_one(part, 0777, e);
        *slash = '/';
    }
    free(part);
    if (status == SEMO_OK)
        status = make_one(path, mode, e);
    if (status != SEMO_OK)
        return status;
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return semo_error_set(e, SEMO_SYSTEM, SEMO_EXIT_RESOURCE, path, 0, 0,
                              "not a folder; move it away or choose another path");
    return SEMO_OK;
}

bool semo_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

enum semo_status semo_file_lock(const char *path, int *fd, struct semo_error *e)
{
    int opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (opened < 0)
        return system_error(path, "open it", e);
    if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
        enum semo_status status =
            errno == EWOULDBLOCK
                ? semo_error_set(e, SEMO_BUSY, SEMO_EXIT_FAILED, path, 0, 0,
                                 "in use by another semo; end that one or use another --state")
                : system_error(path, "lock it", e);
        close(opened);
        return status;
    }
    *fd = opened;
    return SEMO_OK;
}

static void end_without_memory(void)
{
    fputs("semo: out of memory\n", stderr);
    exit(SEMO_EXIT_RESOURCE);
}

void *semo_allocate(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p)
        end_without_memory();
    return p;
}

char *semo_format(const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (n < 0)
        end_without_memory();
    return text;
}
