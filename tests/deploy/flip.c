/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into semo: a loader that lies. SEMO_FLIP=load:n flips bit n of all text that is written
 * to nodes; SEMO_FLIP=after:n writes it as it is and once more, flipped, right before the next
 * module is protected. Messages of host/control.h: length u32 | type u8 | node u8 | frame. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define FRAME 6           /* offset of the frame in a message */
#define TEXT  (FRAME + 7) /* of the text in a WRITE: type u8 | tag u16 | at u32 */

static unsigned long seen; /* bits of text so far */
static uint8_t again[2048];
static size_t again_len;

static ssize_t real_send(int fd, const void *bytes, size_t len, int flags)
{
    return ((__typeof__(&send))dlsym(RTLD_NEXT, "send"))(fd, bytes, len, flags);
}

static ssize_t send_text(int fd, const uint8_t *message, size_t len, int flags, const char *flip)
{
    uint8_t copy[2048];
    unsigned long bit = strtoul(strchr(flip, ':') + 1, NULL, 10), bits = 8 * (len - TEXT);
    memcpy(copy, message, len);
    if (bit >= seen && bit < seen + bits) {
        copy[TEXT + (bit - seen) / 8] ^= (uint8_t)(1 << (bit - seen) % 8);
        memcpy(again, copy, len);
        again_len = flip[0] == 'a' ? len : 0;
    }
    seen += bits;
    return real_send(fd, again_len ? message : copy, len, flags);
}

ssize_t send(int fd, const void *bytes, size_t len, int flags)
{
    const uint8_t *message = bytes;
    const char *flip = getenv("SEMO_FLIP");
    if (flip && len > TEXT && len <= sizeof again && message[4] == 1 && message[FRAME] == 2)
        return send_text(fd, message, len, flags, flip);
    if (again_len && len > FRAME && message[4] == 1 && message[FRAME] == 3) {
        again[FRAME + 1] ^= 0x80; /* a tag that nobody waits for */
        if (real_send(fd, again, again_len, flags) < 0)
            return -1;
        again_len = 0;
    }
    return real_send(fd, bytes, len, flags);
}
