/* SPDX-License-Identifier: Apache-2.0 */
/* A monitor that starts well and misbehaves as the name of its program says: silent, dead, babble.
 */
#include <string.h>
#include <unistd.h>
#include "monitor/protocol.h"

static void babble(void)
{
    static unsigned char junk[1500];
    for (unsigned i = 0; i < 200; i++) {
        memset(junk, (int)(i * 7), sizeof junk);
        junk[0] = (unsigned char)(i % 5 ? i : SEMO_MONITOR_OUT);
        if (junk[0] != SEMO_MONITOR_DONE)
            write(SEMO_MONITOR_SOCKET, junk, 1 + i * 7);
    }
    junk[0] = SEMO_MONITOR_DONE;
    write(SEMO_MONITOR_SOCKET, junk, 1); /* without its body */
}

int main(int argc, char **argv)
{
    static unsigned char in[4096];
    const char *name = argc ? strrchr(argv[0], '-') : NULL;
    static const unsigned char done[5] = {SEMO_MONITOR_DONE};
    while (name && read(SEMO_MONITOR_SOCKET, in, sizeof in) > 0) {
        if (in[0] == SEMO_MONITOR_ADMIN) {
            write(SEMO_MONITOR_SOCKET, done, sizeof done);
            continue;
        }
        if (strcmp(name, "-dead") == 0)
            return 0;
        if (strcmp(name, "-babble") == 0)
            babble();
    }
    return 0;
}
