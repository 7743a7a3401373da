/* SPDX-License-Identifier: Apache-2.0 */
/* reseal KEY FILE APPLICATION PURPOSE: seals standard input as a file of the state, as only the
 * holder of the operator key can: what semo wrote in another version, or never. */
#include <stdio.h>
#include <string.h>
#include "deploy/seal.h"

int main(int argc, char **argv)
{
    struct semo_operator operator;
    struct semo_error e;
    char text[4096];
    if (argc != 5)
        return 2;
    size_t len = fread(text, 1, sizeof text, stdin);
    if (semo_operator_load(argv[1], &operator, & e) == SEMO_OK &&
        semo_seal_write(&operator, argv[2], argv[3], argv[4], text, len, &e) == SEMO_OK)
        return 0;
    fprintf(stderr, "%s\n", e.text);
    return 1;
}
