/* SPDX-License-Identifier: Apache-2.0 */
#define LARGEST_STEP 5
