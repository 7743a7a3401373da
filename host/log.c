/* SPDX-License-Identifier: Apache-2.0 */
#include "host/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "host/file.h"

static int open_log(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && about.st_size >= SEMO_LOG_MAX) {
        char *old = semo_format("%s.1", path);
        (void)!rename(path, old); /* else it grows on, which is seen */
        free(old);
    }
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void semo_log_add(const char *path, double seconds, const char *who, const char *format, ...)
{
    char line[600], stamp[24] = "";
    const time_t now = time(NULL);
    struct tm utc;
    va_list arguments;
    int fd = path ? open_log(path) : -1;
    if (fd < 0)
        return;
    if (gmtime_r(&now, &utc))
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    int len = snprintf(line, sizeof line, "%s %.6f %s ", stamp, seconds, who);
    va_start(arguments, format);
    len += vsnprintf(line + len, sizeof line - 1 - (size_t)len, format, arguments);
    va_end(arguments);
    if (len > (int)sizeof line - 2)
        len = (int)sizeof line - 2;
    for (int i = 0; i < len; i++)
        if ((unsigned char)line[i] < ' ')
            line[i] = '?';
    line[len++] = '\n';
    (void)!write(fd, line, (size_t)len);
    close(fd);
}
