/* SPDX-License-Identifier: Apache-2.0 */
/* Every frame and every limit of the protocol between nodes, modules and the deployer
 * (docs/wire.md says the same in prose). All integers little endian. Nothing here is overlaid on
 * bytes: lib/bytes/cursor.h reads and writes each field.
 *
 * A frame is   type u8 | body.   On the link UART frames are SLIP coded (RFC 1055: END C0, ESC DB);
 * on sockets they are preceded by length u16.
 * A request is type u8 | tag u16 | body; its answer is type|0x80 | tag u16 | status u8 | body. */
#ifndef SEMO_WIRE_H
#define SEMO_WIRE_H

#ifndef SEMO_SECURITY
#define SEMO_SECURITY 128 /* bits of key and tag: 64 or 128 */
#endif
#define SEMO_KEY_LEN (SEMO_SECURITY / 8)
#define SEMO_TAG_LEN (SEMO_SECURITY / 8)

enum semo_frame {
    SEMO_FRAME_INFO = 0x01,   /* -> struct in docs/wire.md "info" */
    SEMO_FRAME_WRITE = 0x02,  /* at u32 | bytes: into free program memory (Linux: staging file) */
    SEMO_FRAME_ENABLE = 0x03, /* vendor u16 | ps u32 | pe u32 | ss u32 | se u32 [| nonce u16 | tag]
                                 -> module u16 (below) */
    SEMO_FRAME_CALL = 0x04,   /* module u16 | entry u16 | payload -> payload */
    SEMO_FRAME_ROUTE = 0x05,  /* connection u16 | module u16: deliver here (0 = forget) */
    SEMO_FRAME_SAMPLE = 0x06, /* window u8 | module u16 | entry u16: call on device event */
    SEMO_FRAME_RESET = 0x07,  /* reset the node; no answer */
    SEMO_FRAME_COUNTERS = 0x08, /* -> count u8 | count * u32, order of enum semo_counter */
    /* For the coordinator of a node (semo-node), by TCP only: */
    SEMO_FRAME_TIMER = 0x09, /* module u16 | entry u16 | period u32 in ms: call it; 0 = stop */
    SEMO_FRAME_PEER = 0x0A,  /* connection u16 | port u16 | host text: events of this connection go
                                there; empty host: nowhere; port 0: to who sends this */
    SEMO_FRAME_CHALLENGE = 0x0B, /* -> 16 random bytes, one for each TCP connection */
    SEMO_FRAME_ADMIN = 0x0C,     /* vendor u16 | counter u32 | mac 16 | frame (below) */
    SEMO_FRAME_TAKEN = 0x0D,     /* from u16 -> life u32 | first u16 | last u16, ... in use */
    SEMO_FRAME_EVENT = 0x10,     /* not a request: connection u16 | sealed (below) */
    SEMO_FRAME_ANSWER = 0x80
};

/* INFO answer after status: version u8 | kind u8 (0 mcu, 1 linux) | security u16 | slots u8 |
 * modules u8 | flags u8 (bit 0: weak isolation, bit 1: fresh epochs, bit 2: Landlock) |
 * text_start u16 | text_end u16 | data_start u16 | data_end u16 (where no module has been since the
 * reset, end exclusive; 0 on Linux) | frame_max u16 */
#define SEMO_INFO_LEN 17

/* ENABLE ends with nonce and tag when the text is encrypted (lib/kdf/kdf.h). */
#define SEMO_ENABLE_LEN    18
#define SEMO_CONCEALED_LEN (2 + SEMO_TAG_LEN)

enum semo_counter {
    SEMO_COUNT_EVENTS_IN,  /* events given to a module */
    SEMO_COUNT_EVENTS_OUT, /* events taken from a module */
    SEMO_COUNT_REFUSED,    /* events that the module refused */
    SEMO_COUNT_MALFORMED,  /* frames dropped for their shape */
    SEMO_COUNT_UNROUTABLE, /* events for nobody */
    SEMO_COUNT_DROPPED,    /* the next five only in the hostile event manager */
    SEMO_COUNT_REPLAYED,
    SEMO_COUNT_FORGED,
    SEMO_COUNT_CORRUPTED,
    SEMO_COUNT_ACCEPTED, /* replayed, forged or corrupted events that a module accepted: must be 0
                          */
    SEMO_COUNTERS
};

/* By TCP, who has no admin key (lib/kdf/kdf.h) may send EVENT, INFO, COUNTERS and CALL of entries
 * 2, 3, 5 and from 8 on; all else comes inside an ADMIN frame. Its counter is greater than all
 * before on this TCP connection; mac = HMAC-SHA256(admin key, challenge | counter u32 | frame), the
 * first 16 bytes. The answer is that of the frame inside, or ADMIN's own with SEMO_REFUSED. */
#define SEMO_ADMIN_HEAD_LEN 25 /* type, tag and what stands before the frame */
#define SEMO_ADMIN_MAC_LEN  16

/* Entries of every module. */
enum semo_entry {
    SEMO_ENTRY_SET_KEY = 0,
    SEMO_ENTRY_ATTEST = 1,
    SEMO_ENTRY_INPUT = 2, /* payload: connection u16 | sealed */
    SEMO_ENTRY_TAKE = 3,  /* no payload -> connection u16 | sealed; SEMO_EMPTY when nothing waits */
    SEMO_ENTRY_DISABLE = 4,
    SEMO_ENTRY_TICK = 5, /* no payload: repeats and times out what is open (policies below) */
    SEMO_ENTRY_USER = 8  /* the module's own entries and samples, sorted by name */
};

/* Domain bytes: high nibble = protocol version. They start every associated data. */
#define SEMO_VERSION 1
enum semo_domain {
    SEMO_DOMAIN_EVENT = 0x11,
    SEMO_DOMAIN_SET_KEY = 0x12,
    SEMO_DOMAIN_SET_KEY_DONE = 0x13,
    SEMO_DOMAIN_ATTEST = 0x14,
    SEMO_DOMAIN_DISABLE = 0x15,
    SEMO_DOMAIN_DISABLE_DONE = 0x16,
    SEMO_DOMAIN_REKEY = 0x17,
    SEMO_DOMAIN_ADMIN = 0x18,
    SEMO_DOMAIN_NONCE = 0x19, /* of an encrypted text */
    SEMO_DOMAIN_HTTPS = 0x1A  /* what a module's web server makes its key of */
};

/* Sealed event: domain u8 | flags u8 | sequence u64 | cipher (even, >= 2) | tag.
 * Associated data = the first 10 bytes as they stand. flags bits 1:0 = padding bytes (0, 1, 2).
 * Key of sequences n << 32 to (n + 1 << 32) - 1: the one before's
 * MAC(DOMAIN_REKEY u8 | 0 u8 | n << 32 u64). */
#define SEMO_EVENT_AD_LEN   10
#define SEMO_EVENT_PAD_MASK 0x03
#define SEMO_EVENT_RESYNC   0x04 /* strict: the sender knows what is missing; not delivered */
#define SEMO_EVENT_EXPIRES  0x08 /* the body's last 4 bytes: UTC second after which to refuse it */
#define SEMO_SEALED_LEN(body)                                                                      \
    (SEMO_EVENT_AD_LEN + ((body) ? ((body) + 1) / 2 * 2 : 2) + SEMO_TAG_LEN)

/* What a module prints: an EVENT of connection 0, nobody's: connection u16 | plain text
 * "module: line", a zero behind it where the length was odd. Not authentic. */
#define SEMO_PRINT_CONNECTION     0
#define SEMO_PRINT_LINE           96 /* characters; what is longer goes on in the next line */
#define SEMO_PRINT_LEN(name_line) (2 + ((name_line) + 3) / 2 * 2)

/* Attest: node u8[8] | challenge u8[16]  ->  epoch u64 | serial u32 | connections u16 | tag.
 * tag = MAC(module key, DOMAIN_ATTEST u8 | 0 u8 | node | challenge | epoch | serial | connections).
 * node = first 8 bytes of SHA-256 of the node's name. */
#define SEMO_NODE_HASH_LEN     8
#define SEMO_CHALLENGE_LEN     16
#define SEMO_ATTEST_LEN        (SEMO_NODE_HASH_LEN + SEMO_CHALLENGE_LEN)
#define SEMO_ATTEST_AD_LEN     (2 + SEMO_ATTEST_LEN + 14)
#define SEMO_ATTEST_ANSWER_LEN (14 + SEMO_TAG_LEN)

/* Set-key: node u8[8] | epoch u64 | connection u16 | io u8 | kind u8 | serial u32 |
 * random u8[16] | cipher key | tag.  AD = DOMAIN_SET_KEY u8 | 0 u8 | the 40 bytes before the
 * cipher. Answer: tag = MAC(module key, DOMAIN_SET_KEY_DONE u8 | 0 u8 | random | serial u32 |
 * connections u16). connections u16 precedes the tag in the answer. */
#define SEMO_SET_KEY_HEAD_LEN             40
#define SEMO_SET_KEY_LEN                  (SEMO_SET_KEY_HEAD_LEN + SEMO_KEY_LEN + SEMO_TAG_LEN)
#define SEMO_SET_KEY_ANSWER_LEN           (2 + SEMO_TAG_LEN)
#define SEMO_SENDER                       0 /* kind bit 0: the module's output */
#define SEMO_RECEIVER                     1 /* kind bit 0: the module's input */
#define SEMO_KIND(direction, policy, aes) ((direction) | (policy) << 1 | (aes) << 3)
#define SEMO_KIND_POLICY(kind)            ((kind) >> 1 & 3)
#define SEMO_KIND_AES                     0x08
#define SEMO_KIND_EXPIRES                 0x10 /* its events do, all of them */

/* What the receiver of a connection accepts (design section 5); bits 2:1 of the kind.
 * All but newest have a back channel: number | SEMO_BACK, a key of its own, the same io, the
 * opposite direction, newest itself. Its events: sequence u64 of the forward event | reply to a
 * request. */
enum semo_policy {
    SEMO_NEWEST,       /* greater than the last; gaps counted */
    SEMO_STRICT,       /* the next, or one behind a RESYNC; the sender learns what was lost */
    SEMO_ACKNOWLEDGED, /* newest; one event open at a time, repeated until it is reported */
    SEMO_REQUEST       /* newest; one event open at a time, the handler's answer comes back */
};
#define SEMO_BACK 0x8000

/* Limits. */
#define SEMO_PAYLOAD_DEFAULT   64    /* of an input or output that declares no other */
#define SEMO_PAYLOAD_MAX       1024  /* what any module may declare */
#define SEMO_FRAME_MAX         1100  /* any frame, uncoded */
#define SEMO_ROUTES_MAX        64    /* connections that end on one microcontroller */
#define SEMO_LINUX_ROUTES_MAX  65535 /* and on one Linux node: all there are */
#define SEMO_LINUX_MODULES_MAX 1024  /* modules of one Linux node, alive at the same time */
#define SEMO_NAME_MAX          31    /* module, node, io names */

#endif
