/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of the file to rows (house.h). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "host/file.h"
#include "meter/house/house.h"
#include "meter/house/zone.h"

#define FILE_MAX  (256u << 20)
#define LINE_MAX  200
#define COLUMNS   5
#define WORD_MAX  60       /* of a word in a message */
#define POWER_MAX 16777215 /* W: 24 bits of the HAN report */

/* The columns behind the time: units of the meter are 10^-decimals of the file's. */
static const struct column {
    const char *name;
    unsigned decimals;
    int64_t least, most;
    const char *range;
} columns[COLUMNS - 1] = {
    {"active_kw", 3, 0, POWER_MAX, "0 to 16777.215 kW"},
    {"reactive_kvar", 3, INT16_MIN, INT16_MAX, "-32.768 to 32.767 kvar"},
    {"voltage_v", 2, 0, UINT16_MAX, "0 to 655.35 V"},
    {"current_a", 2, 0, UINT16_MAX, "0 to 655.35 A"},
};

struct field {
    const char *at;
    unsigned len;
    unsigned column; /* 1.. */
};

struct reader {
    const char *path;
    const char *at, *end;
    unsigned line;
    struct semo_house *house;
    struct semo_error *e;
};

static enum semo_status complain(struct reader *r, const struct field *f, const char *what)
{
    return semo_error_set(r->e, SEMO_INPUT, SEMO_EXIT_USAGE, r->path, r->line, f->column,
                          "%.*s: %s",
                          f->len == 0         ? 7
                          : f->len > WORD_MAX ? WORD_MAX
                                              : (int)f->len,
                          f->len ? f->at : "nothing", what);
}

/* ---- lines and fields ---- */

static bool next_line(struct reader *r, struct field *line)
{
    if (r->at == r->end)
        return false;
    const char *newline = memchr(r->at, '\n', (size_t)(r->end - r->at));
    const char *stop = newline ? newline : r->end;
    *line = (struct field){r->at, (unsigned)(stop - r->at), 1};
    if (line->len && stop[-1] == '\r')
        line->len--;
    r->at = newline ? newline + 1 : r->end;
    r->line++;
    return true;
}

/* The first COLUMNS fields; returns how many there are. */
static unsigned split(const struct field *line, struct field *fields)
{
    unsigned count = 0, start = 0;
    for (unsigned i = 0; i <= line->len; i++) {
        if (i < line->len && line->at[i] != ',')
            continue;
        if (count < COLUMNS)
            fields[count] = (struct field){line->at + start, i - start, start + 1};
        count++;
        start = i + 1;
    }
    return count;
}

/* What follows the fifth field, or the nothing that stands where it is missing. */
static struct field beyond(const struct field *line, unsigned count, const struct field *fields)
{
    const struct field *last = &fields[COLUMNS - 1];
    const unsigned start = count > COLUMNS ? last->column + last->len : line->len;
    return (struct field){line->at + start, line->len - start, start + 1};
}

static bool is(const struct field *f, const char *word)
{
    return f->len == strlen(word) && memcmp(f->at, word, f->len) == 0;
}

static enum semo_status read_header(struct reader *r)
{
    struct field line = {"", 0, 1}, fields[COLUMNS];
    if (!next_line(r, &line)) {
        r->line = 1;
        return complain(r, &line, "the file is empty; its first line must be " SEMO_HOUSE_HEADER);
    }
    const unsigned count = split(&line, fields);
    for (unsigned i = 0; i < COLUMNS && i < count; i++)
        if (!is(&fields[i], i ? columns[i - 1].name : "local_time"))
            return complain(
                r, &fields[i],
                "not the column that belongs here; the line must be " SEMO_HOUSE_HEADER);
    if (count == COLUMNS)
        return SEMO_OK;
    const struct field rest = beyond(&line, count, fields);
    return complain(r, &rest, "not five columns; the line must be " SEMO_HOUSE_HEADER);
}

/* ---- values ---- */

static unsigned digits(const char *at, unsigned len)
{
    unsigned v = 0;
    for (unsigned i = 0; i < len; i++)
        v = v * 10 + (unsigned)(at[i] - '0');
    return v;
}

static bool has_shape(const struct field *f, const char *shape)
{
    if (f->len != strlen(shape))
        return false;
    for (unsigned i = 0; i < f->len; i++)
        if (shape[i] == '0' ? !isdigit((unsigned char)f->at[i]) : f->at[i] != shape[i])
            return false;
    return true;
}

/* Seconds since 1970-01-01 on the wall's clock; timegm moves what is no date to one that is. */
static enum semo_status read_time(struct reader *r, const struct field *f, int64_t *local)
{
    if (!has_shape(f, "0000-00-00T00:00:00"))
        return complain(r, f, "not a time; write it as 2006-12-16T17:24:00");
    struct tm tm = {.tm_year = (int)digits(f->at, 4) - 1900,
                    .tm_mon = (int)digits(f->at + 5, 2) - 1,
                    .tm_mday = (int)digits(f->at + 8, 2),
                    .tm_hour = (int)digits(f->at + 11, 2),
                    .tm_min = (int)digits(f->at + 14, 2),
                    .tm_sec = (int)digits(f->at + 17, 2)};
    const struct tm written = tm;
    const time_t t = timegm(&tm);
    if (tm.tm_mon != written.tm_mon || tm.tm_mday != written.tm_mday ||
        tm.tm_hour != written.tm_hour || tm.tm_min != written.tm_min || tm.tm_sec != written.tm_sec)
        return complain(r, f, "no such day or time; correct it");
    if (tm.tm_year < 71 || tm.tm_year > 205)
        return complain(r, f, "outside the years 1971 to 2105 that the meter's clock has");
    *local = t;
    return SEMO_OK;
}

static enum semo_status read_number(struct reader *r, const struct field *f, const struct column *c,
                                    int64_t *value)
{
    char what[96];
    const bool negative = f->len && f->at[0] == '-';
    unsigned i = negative, whole = 0, fraction = 0, exact = 1;
    int64_t v = 0;
    for (; i < f->len && isdigit((unsigned char)f->at[i]); i++, whole++)
        v = v < INT32_MAX ? v * 10 + (f->at[i] - '0') : v;
    if (i < f->len && f->at[i] == '.')
        for (i++; i < f->len && isdigit((unsigned char)f->at[i]); i++, fraction++) {
            if (fraction < c->decimals)
                v = v * 10 + (f->at[i] - '0');
            else if (f->at[i] != '0')
                exact = 0;
        }
    if (i != f->len || whole == 0 || f->at[f->len - 1] == '.')
        return complain(r, f, "not a decimal number; write it as 4.216");
    for (unsigned d = fraction; d < c->decimals; d++)
        v *= 10;
    snprintf(what, sizeof what, "%s is finer than %u decimals; round it", c->name, c->decimals);
    if (!exact)
        return complain(r, f, what);
    v = negative ? -v : v;
    snprintf(what, sizeof what, "%s must be %s; correct it", c->name, c->range);
    if (v < c->least || v > c->most)
        return complain(r, f, what);
    *value = v;
    return SEMO_OK;
}

/* ---- rows ---- */

static void note(struct reader *r, enum semo_house_finding finding, uint32_t seconds)
{
    struct semo_house *h = r->house;
    struct semo_house_note *last = h->notes ? &h->note[h->notes - 1] : NULL;
    if (last && finding != SEMO_HOUSE_GAP && last->finding == finding &&
        last->line + last->rows == r->line) {
        last->rows++;
        return;
    }
    if ((h->notes & (h->notes - 1)) == 0) /* full at each power of two */
        h->note = realloc(h->note, (h->notes ? 2 * h->notes : 1) * sizeof *h->note);
    if (!h->note)
        abort();
    h->note[h->notes++] = (struct semo_house_note){finding, r->line, 1, seconds};
}

static void append(struct reader *r, const struct semo_house_row *row)
{
    struct semo_house *h = r->house;
    if (h->rows) {
        struct semo_house_row *before = &h->row[h->rows - 1];
        before->hold_s = row->utc - before->utc;
        if (before->hold_s > SEMO_HOUSE_STEP_S)
            note(r, SEMO_HOUSE_GAP, before->hold_s);
    }
    if ((h->rows & (h->rows - 1)) == 0)
        h->row = realloc(h->row, (h->rows ? 2 * h->rows : 1) * sizeof *h->row);
    if (!h->row)
        abort();
    h->row[h->rows] = *row;
    h->row[h->rows++].hold_s = SEMO_HOUSE_STEP_S;
}

/* False: the row has no place in time. */
static bool place(struct reader *r, int64_t local, uint32_t *utc)
{
    int64_t moment[2];
    const unsigned count = semo_zone_moments(local, moment);
    const struct semo_house *h = r->house;
    const int64_t before = h->rows ? (int64_t)h->row[h->rows - 1].utc : -1;
    if (count == 0) {
        note(r, SEMO_HOUSE_SKIPPED, 0);
        return false;
    }
    const int64_t t = count == 2 && moment[0] <= before ? moment[1] : moment[0];
    if (t <= before) {
        note(r, SEMO_HOUSE_BACKWARD, 0);
        return false;
    }
    if (count == 2)
        note(r, SEMO_HOUSE_AMBIGUOUS, 0);
    *utc = (uint32_t)t;
    return true;
}

static bool is_empty(const struct field *f)
{
    return f->len == 0 || is(f, "?");
}

static enum semo_status read_row(struct reader *r, const struct field *fields)
{
    int64_t local = 0, v[COLUMNS - 1] = {0};
    unsigned empty = 0;
    enum semo_status status = read_time(r, &fields[0], &local);
    for (unsigned i = 1; i < COLUMNS; i++)
        empty += is_empty(&fields[i]);
    if (status == SEMO_OK && empty == COLUMNS - 1) {
        note(r, SEMO_HOUSE_EMPTY, 0);
        return SEMO_OK;
    }
    for (unsigned i = 1; i < COLUMNS && status == SEMO_OK; i++)
        status = read_number(r, &fields[i], &columns[i - 1], &v[i - 1]);
    if (status != SEMO_OK)
        return status;
    struct semo_house_row row = {.power_w = (uint32_t)v[0],
                                 .reactive_var = (int16_t)v[1],
                                 .voltage_10mv = (uint16_t)v[2],
                                 .current_10ma = (uint16_t)v[3]};
    if (place(r, local, &row.utc))
        append(r, &row);
    return SEMO_OK;
}

static enum semo_status read_line(struct reader *r, const struct field *line)
{
    struct field fields[COLUMNS];
    if (line->len > LINE_MAX)
        return complain(r, line, "the line is too long to be a row");
    const unsigned count = split(line, fields);
    if (count == COLUMNS)
        return read_row(r, fields);
    const struct field rest = beyond(line, count, fields);
    return complain(r, &rest, "not five columns; the first line names the five");
}

static enum semo_status read_file(struct reader *r)
{
    struct field line = {"", 0, 1};
    enum semo_status status = read_header(r);
    while (status == SEMO_OK && next_line(r, &line))
        status = line.len ? read_line(r, &line) : SEMO_OK;
    if (status == SEMO_OK && r->house->rows == 0) {
        line.len = 0;
        return complain(r, &line, "no row has values; the file is of no use");
    }
    return status;
}

enum semo_status semo_house_load(const char *path, const char *zone, struct semo_house *house,
                                 struct semo_error *e)
{
    struct semo_house h = {0};
    struct semo_zone z;
    uint8_t *bytes = NULL;
    size_t len = 0;
    zone = zone ? zone : SEMO_HOUSE_ZONE;
    if (!semo_zone_enter(&z, zone))
        return semo_error_set(e, SEMO_INPUT, SEMO_EXIT_USAGE, NULL, 0, 0,
                              "--timezone: %s: the system has no such time zone; write a name as "
                              "Europe/Paris, or install tzdata",
                              zone);
    enum semo_status status = semo_file_read(path, FILE_MAX, &bytes, &len, e);
    if (status == SEMO_OK) {
        const char *text = (const char *)bytes;
        for (size_t i = 0; i < len; i++)
            bytes[i] = bytes[i] ? bytes[i] : 1; /* so that a message can quote any word */
        struct reader r = {path, text, text + len, 0, &h, e};
        status = read_file(&r);
    }
    semo_zone_leave(&z);
    free(bytes);
    if (status == SEMO_OK)
        *house = h;
    else
        semo_house_free(&h);
    return status;
}

void semo_house_free(struct semo_house *house)
{
    free(house->row);
    free(house->note);
    *house = (struct semo_house){0};
}

void semo_house_note_text(const struct semo_house_note *n, char *text, size_t room)
{
    static const char *const sentence[] = {
        [SEMO_HOUSE_BACKWARD] = "not later than the row before; left out",
        [SEMO_HOUSE_AMBIGUOUS] = "in an hour that the time zone has twice; taken in their order",
        [SEMO_HOUSE_SKIPPED] = "in an hour that the time zone skips; left out (a file without "
                               "summer time: --timezone Etc/GMT-1 where winter is UTC+1)",
        [SEMO_HOUSE_EMPTY] = "without values; left out",
    };
    if (n->finding == SEMO_HOUSE_GAP)
        snprintf(text, room, "line %u: no row for %u s; the one before holds until here", n->line,
                 (unsigned)n->seconds);
    else
        snprintf(text, room, "line %u: %u row%s %s", n->line, n->rows, n->rows == 1 ? "" : "s",
                 sentence[n->finding]);
}
