/* SPDX-License-Identifier: Apache-2.0 */
/* board CONTROL.sock: prints the path of the line, and is the board until that semo-node ends. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include "tests/node_host/board.h"

int main(int argc, char **argv)
{
    char path[64];
    int master = argc == 2 ? board_open(path, sizeof path) : -1;
    int kept = master < 0 ? -1 : open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* never hung up */
    if (kept < 0)
        return 2;
    printf("%s\n", path);
    fflush(stdout);
    return board_carry(master, argv[1], 16);
}
