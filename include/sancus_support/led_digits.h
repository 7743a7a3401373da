/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SANCUS_SUPPORT_LED_DIGITS_H
#define SANCUS_SUPPORT_LED_DIGITS_H

/* Eight digits from the left; a character that seven segments cannot show is blank. */
void led_digits_update(char c1, char c2, char c3, char c4, char c5, char c6, char c7, char c8);

#endif
