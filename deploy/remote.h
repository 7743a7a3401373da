/* SPDX-License-Identifier: Apache-2.0 */
/* A node that is reached by TCP: frames of its deployer, those that change it under the admin key
 * of its vendor (docs/wire.md). The connection is made when it is first needed, and anew when it
 * broke.
 */
#ifndef SEMO_REMOTE_H
#define SEMO_REMOTE_H

#include "deploy/descriptor.h"

#define SEMO_REMOTE_ADDRESS_LEN 46

struct semo_remote;

/* spec is borrowed. */
struct semo_remote *semo_remote_new(const struct semo_node_spec *spec,
                                    const uint8_t vendor_key[SEMO_KEY_LEN]);
void semo_remote_free(struct semo_remote *r);
const char *semo_remote_name(const struct semo_remote *r);
enum semo_status semo_remote_send(struct semo_remote *r, const uint8_t *frame, unsigned len,
                                  struct semo_error *e) SEMO_MUST_CHECK;
int semo_remote_fd(const struct semo_remote *r); /* -1: not connected */
/* A frame that is here (room SEMO_FRAME_MAX). SEMO_EMPTY: none; SEMO_MISSING: the node has gone. */
enum semo_status semo_remote_take(struct semo_remote *r, uint8_t *frame,
                                  unsigned *len) SEMO_MUST_CHECK;
/* Numeric: of the node as it is reached from here, or of this machine as seen from there. */
enum semo_status semo_remote_address(struct semo_remote *r, bool here,
                                     char address[SEMO_REMOTE_ADDRESS_LEN],
                                     struct semo_error *e) SEMO_MUST_CHECK;
unsigned semo_remote_port(const struct semo_remote *r); /* for events */

#endif
