/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "host/file.h"
#include "meter/house/zone.h"

#define ZONES "/usr/share/zoneinfo"
#define DAY   86400

/* libc takes an unknown zone for UTC without a word, so the file is looked at first. */
static bool exists(const char *zone)
{
    char magic[4] = "";
    for (const char *p = zone; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("/_+-", *p))
            return false;
    char *path = semo_format("%s/%s", ZONES, zone);
    FILE *f = fopen(path, "rb");
    const bool read = f && fread(magic, 1, sizeof magic, f) == sizeof magic;
    if (f)
        fclose(f);
    free(path);
    return read && memcmp(magic, "TZif", sizeof magic) == 0;
}

static void set(const char *tz)
{
    if (tz)
        setenv("TZ", tz, 1);
    else
        unsetenv("TZ");
    tzset();
}

bool semo_zone_enter(struct semo_zone *z, const char *zone)
{
    if (!exists(zone))
        return false;
    const char *now = getenv("TZ");
    char *tz = semo_format(":%s/%s", ZONES, zone);
    z->before = now ? semo_format("%s", now) : NULL;
    set(tz);
    free(tz);
    return true;
}

void semo_zone_leave(struct semo_zone *z)
{
    set(z->before);
    free(z->before);
}

static long offset_at(int64_t utc)
{
    const time_t t = (time_t)utc;
    struct tm tm;
    return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* No zone changes its offset twice within two days, so the offset is that of a day before or after.
 */
unsigned semo_zone_moments(int64_t local, int64_t moment[2])
{
    const long offset[2] = {offset_at(local - DAY), offset_at(local + DAY)};
    unsigned count = 0;
    for (unsigned i = 0; i < 2; i++)
        if (offset_at(local - offset[i]) == offset[i] && (i == 0 || offset[0] != offset[1]))
            moment[count++] = local - offset[i];
    if (count == 2 && moment[1] < moment[0]) {
        const int64_t later = moment[0];
        moment[0] = moment[1];
        moment[1] = later;
    }
    return count;
}
