/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "counter.h"

void display(const char *label, int value)
{
    printf("[%s %d]\n", label, value);
}
