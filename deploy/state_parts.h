/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the state share; for deploy/state*.c only. Every number that does not fit 53
 * bits, and every key, is hex text. */
#ifndef SEMO_STATE_PARTS_H
#define SEMO_STATE_PARTS_H

#include <jansson.h>
#include "deploy/state.h"

json_t *semo_state_hex(const void *bytes, unsigned len);
bool semo_state_get_hex(const json_t *object, const char *name, void *out, unsigned len);
unsigned semo_state_get_number(const json_t *object, const char *name);
const char *semo_state_get_text(const json_t *object, const char *name); /* "": none */
json_t *semo_state_layout(const struct semo_layout *l);
void semo_state_get_layout(const json_t *object, struct semo_layout *l);
json_t *semo_state_room(const struct semo_room *r);
void semo_state_get_room(const json_t *object, struct semo_room *r);
/* purpose: of <purpose>.sealed. Takes j. */
enum semo_status semo_state_write_sealed(const struct semo_state *s, const char *purpose, json_t *j,
                                         struct semo_error *e) SEMO_MUST_CHECK;
enum semo_status semo_state_read_sealed(const struct semo_state *s, const char *purpose,
                                        json_t **out, struct semo_error *e) SEMO_MUST_CHECK;

#endif
