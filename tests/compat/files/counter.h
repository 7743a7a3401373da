/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COUNTER_H
#define COUNTER_H

#include <sancus/sm_support.h>

extern struct SancusModule counter;

void SM_ENTRY(counter) counter_count(int by);
int SM_ENTRY(counter) counter_value(void);
void display(const char *label, int value);

#endif
