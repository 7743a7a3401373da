/* SPDX-License-Identifier: Apache-2.0 */
#include <msp430.h>
