/* SPDX-License-Identifier: Apache-2.0 */
/* What happened, one line each: "UTC virtual-seconds who what". Two files at most, path and path.1,
 * of SEMO_LOG_MAX bytes each. Several processes may write: each line is one append. */
#ifndef SEMO_LOG_H
#define SEMO_LOG_H

#define SEMO_LOG_MAX (256 * 1024)

/* Cannot fail: who cannot write a line goes on without it. path NULL: no log. */
void semo_log_add(const char *path, double seconds, const char *who, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
