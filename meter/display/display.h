/* SPDX-License-Identifier: Apache-2.0 */
/* The in-home display and the operator's view of a running meter, as an 80x24 ANSI screen or, where
 * the output is no terminal, as plain lines. It only shows: what it is told by the HAN port (one
 * way, unauthenticated, as any display in a home), by the Central System's authenticated messages,
 * and by the untrusted router's counts. It never sees the switch except through ESME's report. */
#ifndef SEMO_DISPLAY_H
#define SEMO_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define SEMO_DISPLAY_PATHS 24 /* connections shown or counted */
#define SEMO_DISPLAY_NOTES 5

struct semo_display_path {
    uint16_t connection;
    char text[48]; /* "METERING.reading > ESME.reading_in" */
    bool local;
    uint64_t events;
    uint64_t last; /* virtual time of the last event, cycles */
};

struct semo_display_attack { /* sums over all event managers */
    bool on;
    uint64_t dropped, replayed, forged, corrupted, accepted, refused;
};

struct semo_display {
    bool terminal;
    bool quiet;         /* no lines on standard output: it carries JSON */
    unsigned speed;     /* 0 = max */
    bool weak;          /* a Linux node without full isolation */
    char han_line[128]; /* being received */
    unsigned han_len;
    uint64_t han_lines, han_malformed;
    uint32_t utc, power_w, import_wh, remainder_ws; /* of the last HAN line */
    char supply[8];
    uint32_t since_utc; /* utc of the first line: volatile registers started there */
    char central[64];   /* last thing that the Central System said */
    uint64_t reports;
    struct semo_display_path path[SEMO_DISPLAY_PATHS];
    unsigned paths;
    struct semo_display_attack attack;
    char note[SEMO_DISPLAY_NOTES][76]; /* newest last */
};

void semo_display_init(struct semo_display *d, bool terminal, unsigned speed);
/* local: between modules of one node, so that the router never sees its events. */
void semo_display_add_path(struct semo_display *d, uint16_t connection, const char *text,
                           bool local);
/* Bytes that left the HAN port. Lines that are not the gateway's are counted and dropped. */
void semo_display_han(struct semo_display *d, const uint8_t *bytes, unsigned len);
/* A message of the Central System to the operator (meter/modules/commands.h); returns false and
 * counts nothing when its length does not fit its opcode. `line` gets a sentence (at least 96
 * bytes). */
bool semo_display_central(struct semo_display *d, const uint8_t *message, unsigned len, char *line);
void semo_display_hop(struct semo_display *d, uint16_t connection, uint64_t now);
/* A line for the reader: scrolls at the bottom of the screen, or is printed when no terminal. */
void semo_display_note(struct semo_display *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Writes the whole screen into out (at least SEMO_DISPLAY_SCREEN bytes); returns its length. */
#define SEMO_DISPLAY_SCREEN 8192
unsigned semo_display_draw(const struct semo_display *d, uint64_t now, char *out);

/* The terminal: alternate screen, no echo, single keys. Restored by semo_terminal_close, at exit,
 * and on SIGINT, SIGTERM, SIGHUP, SIGQUIT. Returns false (and does nothing) when fd 0 or 1 is no
 * terminal. */
bool semo_terminal_open(void);
void semo_terminal_close(void);
void semo_terminal_write(const char *bytes, unsigned len);

#endif
