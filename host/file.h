/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: bounded reads, writes that a crash leaves either old or new. */
#ifndef SEMO_FILE_H
#define SEMO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "host/error.h"

/* *bytes is malloced and has one 0 byte behind its end. SEMO_MISSING: there is no such file;
 * SEMO_LENGTH: longer than max; SEMO_SYSTEM: anything else. */
enum semo_status semo_file_read(const char *path, size_t max, uint8_t **bytes, size_t *len,
                                struct semo_error *e) SEMO_MUST_CHECK;
/* Temporary file beside it, fsync, rename, fsync of the folder. What is no file is written to. */
enum semo_status semo_file_write(const char *path, const void *bytes, size_t len, mode_t mode,
                                 struct semo_error *e) SEMO_MUST_CHECK;
/* Creates the folder and those above it; the last one gets `mode`. */
enum semo_status semo_file_make_folder(const char *path, mode_t mode,
                                       struct semo_error *e) SEMO_MUST_CHECK;
bool semo_file_exists(const char *path);
/* Takes the lock of this file (created 0600 when new) until the process ends; children do not
 * inherit it. SEMO_BUSY: another process has it. */
enum semo_status semo_file_lock(const char *path, int *fd, struct semo_error *e) SEMO_MUST_CHECK;
/* malloced; both end the process when memory is out. */
void *semo_allocate(size_t count, size_t size); /* zeroed; count may be 0 */
char *semo_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
