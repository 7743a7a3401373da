/* SPDX-License-Identifier: Apache-2.0 */
/* The master key of the golden programs (tests/golden/README.md) and the node key of the published
 * demonstrations are known to everybody. Outside semo-mcu run neither they nor what a chip would
 * derive from them may protect anything. */
#include <string.h>
#include "deploy/descriptor.h"
#include "lib/kdf/kdf.h"

static const uint8_t masters[][16] = {
    {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
     0x0f},
    {0xde, 0xad, 0xbe, 0xef, 0xca, 0xfe, 0xba, 0xbe, 0xc0, 0xde, 0xfe, 0xed, 0xde, 0xfe, 0xc8,
     0xed},
};

bool semo_key_is_published(const uint8_t *key, unsigned vendor)
{
    uint8_t derived[SEMO_KEY_LEN];
    bool found = false;
    for (unsigned i = 0; i < sizeof masters / sizeof *masters; i++) {
        semo_kdf_vendor(SEMO_SECURITY, masters[i], (uint16_t)vendor, derived);
        found |= memcmp(key, masters[i], sizeof derived) == 0 ||
                 memcmp(key, derived, sizeof derived) == 0;
    }
    return found;
}
