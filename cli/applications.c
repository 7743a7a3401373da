/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that have more than their modules: a display, keys, words for scripts. */
#include <string.h>
#include "cli/up.h"

extern const struct semo_application semo_application_meter; /* cli/meter.c */

static const struct semo_application *const applications[] = {&semo_application_meter, NULL};

const struct semo_application *semo_application_find(const char *name)
{
    for (unsigned i = 0; applications[i]; i++)
        if (strcmp(applications[i]->name, name) == 0)
            return applications[i];
    return NULL;
}
