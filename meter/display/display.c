/* SPDX-License-Identifier: Apache-2.0 */
#include "display.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <semo/map.h>
#include "meter/modules/commands.h"

#define WIDTH       80
#define PATHS_SHOWN 11
#define RECENT      (SEMO_CLOCK_HZ) /* a path is lit for one second of virtual time */

void semo_display_init(struct semo_display *d, bool terminal, unsigned speed)
{
    memset(d, 0, sizeof *d);
    d->terminal = terminal;
    d->speed = speed;
    strcpy(d->supply, "unknown");
    strcpy(d->central, "nothing yet");
}

void semo_display_add_path(struct semo_display *d, uint16_t connection, const char *text,
                           bool local)
{
    if (d->paths == SEMO_DISPLAY_PATHS)
        return;
    struct semo_display_path *p = &d->path[d->paths++];
    p->connection = connection;
    p->local = local;
    snprintf(p->text, sizeof p->text, "%s", text);
}

void semo_display_hop(struct semo_display *d, uint16_t connection, uint64_t now)
{
    for (unsigned i = 0; i < d->paths; i++) {
        if (d->path[i].connection != connection)
            continue;
        d->path[i].events++;
        d->path[i].last = now;
    }
}

void semo_display_note(struct semo_display *d, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!d->terminal) {
        fprintf(d->quiet ? stderr : stdout, "%s\n", text);
        fflush(stdout);
        return;
    }
    memmove(d->note[0], d->note[1], sizeof d->note - sizeof d->note[0]);
    snprintf(d->note[SEMO_DISPLAY_NOTES - 1], sizeof d->note[0], "%.75s", text);
}

static void stamp(uint32_t utc, char *out, size_t size)
{
    time_t t = utc;
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, size, "%Y-%m-%d %H:%M:%S UTC", &tm);
}

static void han_line(struct semo_display *d)
{
    unsigned utc, power_w, import_wh, remainder_ws;
    char supply[8];
    int end = 0;
    if (sscanf(d->han_line, "utc=%u supply=%7[a-z] power_w=%u import_wh=%u remainder_ws=%u%n", &utc,
               supply, &power_w, &import_wh, &remainder_ws, &end) != 5 ||
        d->han_line[end] != 0) {
        d->han_malformed++;
        return;
    }
    if (d->han_lines++ == 0)
        d->since_utc = utc;
    if (!d->terminal && !d->quiet && (d->han_lines % 360 == 1 || strcmp(d->supply, supply) != 0)) {
        char when[32];
        stamp(utc, when, sizeof when);
        printf("display: %s  %5u W  %6u Wh + %4u Ws  supply %s\n", when, power_w, import_wh,
               remainder_ws, supply);
        fflush(stdout);
    }
    d->utc = utc;
    d->power_w = power_w;
    d->import_wh = import_wh;
    d->remainder_ws = remainder_ws;
    strcpy(d->supply, supply);
}

void semo_display_han(struct semo_display *d, const uint8_t *bytes, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        char c = (char)bytes[i];
        if (c == '\n') {
            d->han_line[d->han_len] = 0;
            d->han_len = 0;
            han_line(d);
        } else if (c != '\r' && d->han_len < sizeof d->han_line - 1) {
            d->han_line[d->han_len++] = isprint((unsigned char)c) ? c : '?';
        }
    }
}

static const char *supply_name(uint8_t supply)
{
    static const char *const names[] = {"enabled", "disabled", "unknown"};
    return supply < 3 ? names[supply] : "?";
}

static const char *opcode_name(uint8_t opcode)
{
    return opcode == ENABLE_SPLY ? "enable" : opcode == DISABLE_SPLY ? "disable" : "moved";
}

static const char *outcome_name(uint8_t outcome)
{
    static const char *const names[] = {"done", "failed", "busy", "refused"};
    return outcome < 4 ? names[outcome] : "?";
}

static void say_log(const uint8_t *m, char *line)
{
    char when[32];
    stamp(get_u32(m + 6), when, sizeof when);
    if (m[3] >= get_u16(m + 4))
        snprintf(line, 96, "log: no entry %u (%u entries)", m[3], get_u16(m + 4));
    else
        snprintf(line, 96, "log: entry %u of %u: %s #%u %s %s", m[3], get_u16(m + 4), when,
                 get_u16(m + 10), opcode_name(m[12]), outcome_name(m[13]));
}

bool semo_display_central(struct semo_display *d, const uint8_t *m, unsigned len, char *line)
{
    uint8_t opcode = len >= COMMAND_LEN ? m[2] : 0;
    if (len == ACK_LEN && (opcode == ENABLE_SPLY || opcode == DISABLE_SPLY)) {
        snprintf(d->central, sizeof d->central, "%s #%u: %s, supply %s", opcode_name(opcode),
                 get_u16(m), outcome_name(m[3]), supply_name(m[4]));
        snprintf(line, 96, "central: %s", d->central);
    } else if (len == STATE_LEN && opcode == GET_SPLY_STAT) {
        snprintf(line, 96, "central: supply %s (asked #%u)", supply_name(m[3]), get_u16(m));
    } else if (len == LOG_LEN && opcode == GET_LOG) {
        say_log(m, line);
    } else if (len == REPORT_LEN && opcode == GET_CONSUMPTION) {
        d->reports++;
        line[0] = 0;
    } else {
        return false;
    }
    return true;
}

/* One line of the screen, padded to the full width so that nothing old stays. */
static unsigned put_line(char *out, const char *before, const char *text, const char *after)
{
    return (unsigned)sprintf(out, "%s%-*.*s%s\r\n", before, WIDTH - 1, WIDTH - 1, text, after);
}

static void bar(char *out, uint32_t power_w)
{
    unsigned full = power_w / 250 < 30 ? power_w / 250 : 30; /* 7.5 kW fills it */
    memset(out, '.', 30);
    memset(out, '#', full);
    out[30] = 0;
}

static unsigned draw_path(const struct semo_display *d, unsigned i, uint64_t now, char *out)
{
    char text[128], half[2][64] = {"", ""};
    bool lit = false;
    for (unsigned column = 0; column < 2; column++) {
        unsigned k = i + column * PATHS_SHOWN;
        if (k >= d->paths)
            continue;
        const struct semo_display_path *p = &d->path[k];
        bool recent = p->events != 0 && now - p->last <= RECENT;
        lit |= recent;
        char count[24] = "in node";
        if (!p->local)
            snprintf(count, sizeof count, "%llu", (unsigned long long)p->events);
        snprintf(half[column], sizeof half[0], "%c%-30.30s%7s", recent ? '*' : ' ', p->text, count);
    }
    snprintf(text, sizeof text, "%-39.39s %-39.39s", half[0], half[1]);
    return put_line(out, lit ? "\033[36m" : "", text, lit ? "\033[0m" : "");
}

static unsigned draw_head(const struct semo_display *d, char *out)
{
    char text[128], when[32] = "waiting for the meter", speed[16] = "max";
    unsigned n = 0;
    if (d->han_lines != 0)
        stamp(d->utc, when, sizeof when);
    if (d->speed != 0)
        snprintf(speed, sizeof speed, "%ux", d->speed);
    snprintf(text, sizeof text, " Semo  high assurance smart meter%s   %s   %s",
             d->weak ? "  WEAK ISOLATION" : "", when, speed);
    n += put_line(out + n, "\033[7m", text, "\033[0m");
    return n;
}

static unsigned draw_home(const struct semo_display *d, char *out)
{
    char text[128], when[32] = "-", level[32];
    unsigned n = 0;
    bool on = strcmp(d->supply, "on") == 0;
    bar(level, d->power_w);
    if (d->han_lines != 0)
        stamp(d->since_utc, when, sizeof when);
    n += put_line(out + n, "\033[1m", " In-home display (HAN port, one way)", "\033[0m");
    snprintf(text, sizeof text, "   power   %6u W   [%s]", d->power_w, level);
    n += put_line(out + n, "", text, "");
    snprintf(text, sizeof text, "   import  %6u Wh + %4u Ws   since %s", d->import_wh,
             d->remainder_ws, when);
    n += put_line(out + n, "", text, "");
    snprintf(text, sizeof text, "   supply  %s",
             on                              ? "ON"
             : strcmp(d->supply, "off") == 0 ? "OFF"
                                             : "unknown");
    n += put_line(out + n, on ? "\033[32m" : "\033[31m", text, "\033[0m");
    snprintf(text, sizeof text, " Central System: %s; %llu reports", d->central,
             (unsigned long long)d->reports);
    n += put_line(out + n, "\033[1m", text, "\033[0m");
    return n;
}

static unsigned draw_attack(const struct semo_display *d, char *out)
{
    const struct semo_display_attack *a = &d->attack;
    char text[160];
    snprintf(text, sizeof text,
             " %s dropped %llu replayed %llu forged %llu corrupted %llu ACCEPTED %llu",
             a->on ? "ATTACK" : "attack", (unsigned long long)a->dropped,
             (unsigned long long)a->replayed, (unsigned long long)a->forged,
             (unsigned long long)a->corrupted, (unsigned long long)a->accepted);
    return put_line(out, a->on ? "\033[1;31m" : "", text, a->on ? "\033[0m" : "");
}

unsigned semo_display_draw(const struct semo_display *d, uint64_t now, char *out)
{
    unsigned n = (unsigned)sprintf(out, "\033[H"),
             rows = d->paths < PATHS_SHOWN ? d->paths : PATHS_SHOWN;
    n += draw_head(d, out + n);
    n += draw_home(d, out + n);
    n += put_line(out + n, "\033[1m", " Sealed events, carried by strangers", "\033[0m");
    for (unsigned i = 0; i < PATHS_SHOWN; i++)
        n += i < rows ? draw_path(d, i, now, out + n) : put_line(out + n, "", "", "");
    n += draw_attack(d, out + n);
    for (unsigned i = 1; i < SEMO_DISPLAY_NOTES; i++)
        n += put_line(out + n, "", d->note[i], "");
    n += (unsigned)sprintf(out + n, "\033[7m%-*s\033[0m", WIDTH - 1,
                           " d disable supply   e enable   a attack on/off   q quit");
    return n;
}
