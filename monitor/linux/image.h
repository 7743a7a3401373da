/* SPDX-License-Identifier: Apache-2.0 */
/* The file of a module, out of reach of whoever staged it. */
#ifndef SEMO_IMAGE_H
#define SEMO_IMAGE_H

#include <semo/status.h>
#include <stdint.h>

struct semo_module_file {
    int fd; /* sealed, executable and not readable, so that who executes it is not dumpable */
    const uint8_t *bytes;
    uint32_t len; /* even: padded with 0 */
};

/* Copies what the event manager staged. SEMO_PLACE: no memfd with all four seals (reading from
 * anything else might block us, or could change); SEMO_LENGTH: empty or over
 * SEMO_MONITOR_IMAGE_MAX. */
enum semo_status semo_module_file_take(int staged, struct semo_module_file *out) SEMO_MUST_CHECK;
/* Decrypts it (lib/kdf/kdf.h). SEMO_REFUSED: it was changed, or is of another vendor; it is
 * dropped. */
enum semo_status semo_module_file_reveal(struct semo_module_file *f, const uint8_t *vendor_key,
                                         const uint8_t *seal) SEMO_MUST_CHECK;
void semo_module_file_drop(struct semo_module_file *f);

#endif
