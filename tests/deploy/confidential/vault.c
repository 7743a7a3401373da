/* SPDX-License-Identifier: Apache-2.0 */
/* Knows a secret, in its text; tells one byte of it for each question. */
#include <semo/module.h>

#define SECRET_OF_OPEN   "a text like any other, for all eyes"
#define SECRET_OF_VAULT  "Q7#kd!2m-Zx0v9w, which only chips know"
#define SECRET_OF_KEEPER "8Jf^pL3s+Ty6u1c, known to one monitor"

SM_OUTPUT(NAME, told);

static const uint8_t secret[] = SECRET;

SM_INPUT(NAME, ask, data, len)
{
    uint8_t answer = 0;
    if (len && data[0] < sizeof secret)
        answer = secret[data[0]];
    told(&answer, 1);
}
