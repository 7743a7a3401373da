/* SPDX-License-Identifier: Apache-2.0 */
/* Who looks at a terminal learns that a command is at work: after two seconds, and again and again.
 */
#ifndef SEMO_WATCH_H
#define SEMO_WATCH_H

void semo_watch_begin(const char *verb);
/* From now on what is waited for is somebody else's matter, or it is done. */
void semo_watch_end(void);

#endif
