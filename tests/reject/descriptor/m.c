/* SPDX-License-Identifier: Apache-2.0 */
/* Named by the descriptors here, never compiled. */
