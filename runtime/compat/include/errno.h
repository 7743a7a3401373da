/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_COMPAT_ERRNO_H
#define SEMO_COMPAT_ERRNO_H

extern int errno;

#define EPERM       1
#define ENOENT      2
#define EIO         5
#define EAGAIN      11
#define ENOMEM      12
#define EACCES      13
#define EBUSY       16
#define EEXIST      17
#define EINVAL      22
#define ENOSPC      28
#define EDOM        33
#define ERANGE      34
#define EPROTO      71
#define EBADMSG     74
#define EOVERFLOW   75
#define EMSGSIZE    90
#define ETIMEDOUT   110
#define EINPROGRESS 115

#endif
