/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SEMO_LYING_H
#define SEMO_LYING_H

/* Frame of the lying loaders only: tag u16 | at u16 | bit u16 -> status. The byte at this address
 * (Linux: at this offset of the file) gets this bit flipped whenever it is written. */
#define SEMO_FRAME_LIE 0x71

#endif
