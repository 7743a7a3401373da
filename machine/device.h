/* SPDX-License-Identifier: Apache-2.0 */
#include <semo/device.h>
