/* SPDX-License-Identifier: Apache-2.0 */
/* The house: the shipped file, times and zones, the exact integral, and one bad file a message. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "host/file.h"
#include "meter/house/house.h"

#define SHIPPED "meter/data/household-1min.csv"
#define REJECT  "tests/reject/data/"
#define HZ      ((uint64_t)SEMO_CLOCK_HZ)

static char scratch[] = "build/house-XXXXXX";

static int make_scratch(void **state)
{
    (void)state;
    const int fd = mkstemp(scratch);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

static int remove_scratch(void **state)
{
    (void)state;
    return unlink(scratch);
}

static struct semo_house load(const char *path, const char *zone)
{
    struct semo_house h;
    struct semo_error e;
    if (semo_house_load(path, zone, &h, &e) != SEMO_OK)
        fail_msg("%s", e.text);
    return h;
}

/* Rows given as text behind the header. */
static struct semo_house load_text(const char *rows, const char *zone)
{
    FILE *f = fopen(scratch, "wb");
    assert_non_null(f);
    fprintf(f, "%s\n%s", SEMO_HOUSE_HEADER, rows);
    fclose(f);
    return load(scratch, zone);
}

static void assert_note(const struct semo_house *h, size_t i, enum semo_house_finding finding,
                        unsigned line, unsigned rows)
{
    assert_true(i < h->notes);
    assert_int_equal(h->note[i].finding, finding);
    assert_int_equal(h->note[i].line, line);
    assert_int_equal(h->note[i].rows, rows);
}

static void assert_energy(struct semo_house_energy e, uint64_t wh, uint32_t ws)
{
    assert_int_equal(e.wh, wh);
    assert_int_equal(e.ws, ws);
}

static void test_shipped_file(void **state)
{
    (void)state;
    struct semo_house h = load(SHIPPED, NULL);
    assert_int_equal(h.rows, 2203);
    assert_int_equal(h.notes, 0);
    assert_int_equal(h.row[0].utc, 1166286240); /* 17:24 in Paris is 16:24 UTC */
    assert_int_equal(h.row[0].power_w, 4216);
    assert_int_equal(h.row[0].reactive_var, 418);
    assert_int_equal(h.row[0].voltage_10mv, 23484);
    assert_int_equal(h.row[0].current_10ma, 1840);
    assert_int_equal(h.row[2202].hold_s, 60);
    assert_energy(semo_house_integrate(&h, 0, true, NULL, 0), 79197, 1560);
    assert_energy(semo_house_integrate(&h, 12345678901, true, NULL, 0), 79197, 1560);
    assert_energy(semo_house_integrate(&h, 0, false, NULL, 0), 0, 0);
    assert_true(semo_house_cycle(&h, 2203, 5) == 2203 * 60 * HZ + 5);
    semo_house_free(&h);
}

static void test_values_are_exact(void **state)
{
    (void)state;
    struct semo_house h = load_text("2006-12-16T17:24:00,0,-0.001,0.01,655.35\r\n"
                                    "2006-12-16T17:25:00,00016777.2150,-32.768,234.840,18.4\r\n"
                                    "\r\n"
                                    "2006-12-16T17:26:00,0.3,0,0,0.10",
                                    "UTC");
    assert_int_equal(h.rows, 3);
    assert_int_equal(h.row[0].utc, 1166289840);
    assert_int_equal(h.row[0].power_w, 0);
    assert_int_equal(h.row[0].reactive_var, -1);
    assert_int_equal(h.row[0].voltage_10mv, 1);
    assert_int_equal(h.row[0].current_10ma, 65535);
    assert_int_equal(h.row[1].power_w, 16777215);
    assert_int_equal(h.row[1].reactive_var, -32768);
    assert_int_equal(h.row[1].voltage_10mv, 23484);
    assert_int_equal(h.row[2].power_w, 300);
    assert_int_equal(h.row[2].current_10ma, 10);
    semo_house_free(&h);
}

static void test_gap_is_reported_and_the_row_holds(void **state)
{
    (void)state;
    struct semo_house h = load_text("2006-12-16T17:24:00,1,0,230,4\n"
                                    "2006-12-16T17:25:00,?,?,?,?\n"
                                    "2006-12-16T17:26:00,,,,\n"
                                    "2006-12-16T17:27:00,2,0,230,8\n"
                                    "2006-12-16T17:27:30,3,0,230,8\n",
                                    NULL);
    assert_int_equal(h.rows, 3);
    assert_int_equal(h.notes, 2);
    assert_note(&h, 0, SEMO_HOUSE_EMPTY, 3, 2);
    assert_note(&h, 1, SEMO_HOUSE_GAP, 5, 1);
    assert_int_equal(h.note[1].seconds, 180);
    assert_energy(semo_house_integrate(&h, 0, true, NULL, 0),
                  (180 * 1000 + 30 * 2000 + 180000) / 3600,
                  (180 * 1000 + 30 * 2000 + 180000) % 3600);
    char text[160];
    semo_house_note_text(&h.note[1], text, sizeof text);
    assert_string_equal(text, "line 5: no row for 180 s; the one before holds until here");
    semo_house_free(&h);
}

static void test_backward_jump_is_left_out(void **state)
{
    (void)state;
    struct semo_house h = load_text("2006-12-16T17:24:00,1,0,230,4\n"
                                    "2006-12-16T17:25:00,2,0,230,4\n"
                                    "2006-12-16T17:25:00,9,0,230,4\n"
                                    "2006-12-16T16:00:00,9,0,230,4\n"
                                    "2006-12-16T17:26:00,3,0,230,8\n",
                                    NULL);
    assert_int_equal(h.rows, 3);
    assert_int_equal(h.notes, 1);
    assert_note(&h, 0, SEMO_HOUSE_BACKWARD, 4, 2);
    assert_int_equal(h.row[1].hold_s, 60);
    assert_int_equal(h.row[2].power_w, 3000);
    semo_house_free(&h);
}

/* Paris, 28 October 2007: 02:00 to 03:00 comes twice. */
static void test_hour_that_comes_twice(void **state)
{
    (void)state;
    char rows[16384] = "";
    for (unsigned pass = 0; pass < 2; pass++)
        for (unsigned m = pass ? 0 : 59; m < (pass ? 61u : 120u); m++)
            snprintf(rows + strlen(rows), 64, "2007-10-28T%02u:%02u:00,1,0,230,4\n",
                     (pass ? 2 : 1) + m / 60, m % 60);
    struct semo_house h = load_text(rows, NULL);
    assert_int_equal(h.rows, 1 + 60 + 60 + 1);
    assert_int_equal(h.row[0].utc, 1193529540); /* 2007-10-27T23:59:00Z */
    for (size_t i = 0; i < h.rows; i++)
        assert_int_equal(h.row[i].utc, h.row[0].utc + 60 * i);
    assert_int_equal(h.notes, 1);
    assert_note(&h, 0, SEMO_HOUSE_AMBIGUOUS, 3, 120);
    semo_house_free(&h);
}

/* Paris, 25 March 2007: 02:00 to 03:00 does not exist. */
static void test_hour_that_is_skipped(void **state)
{
    (void)state;
    const char *rows = "2007-03-25T01:59:00,1,0,230,4\n"
                       "2007-03-25T02:00:00,2,0,230,4\n"
                       "2007-03-25T02:59:00,2,0,230,4\n"
                       "2007-03-25T03:00:00,3,0,230,4\n";
    struct semo_house h = load_text(rows, NULL);
    assert_int_equal(h.rows, 2);
    assert_int_equal(h.row[0].utc, 1174784340); /* 2007-03-25T00:59:00Z */
    assert_int_equal(h.row[1].utc, 1174784400);
    assert_int_equal(h.notes, 1);
    assert_note(&h, 0, SEMO_HOUSE_SKIPPED, 3, 2);
    semo_house_free(&h);
    h = load_text(rows, "Etc/GMT-1"); /* a logger without summer time */
    assert_int_equal(h.rows, 4);
    semo_house_free(&h);
}

static void test_zone_is_borrowed(void **state)
{
    (void)state;
    setenv("TZ", "Pacific/Auckland", 1);
    struct semo_house h = load(SHIPPED, NULL);
    assert_int_equal(h.row[0].utc, 1166286240);
    assert_string_equal(getenv("TZ"), "Pacific/Auckland");
    semo_house_free(&h);
    unsetenv("TZ");
    h = load(SHIPPED, "America/New_York");
    assert_int_equal(h.row[0].utc, 1166286240 + 6 * 3600);
    assert_null(getenv("TZ"));
    semo_house_free(&h);
}

static void test_unknown_zone(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "Europe/Pari", "", "../../../etc/passwd", "tzdata.zi", "CET-1CEST,M3.5.0", "Europe"};
    for (unsigned i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct semo_house h;
        struct semo_error e;
        assert_int_equal(semo_house_load(SHIPPED, zones[i], &h, &e), SEMO_INPUT);
        assert_int_equal(e.code, SEMO_EXIT_USAGE);
        assert_non_null(strstr(e.text, "--timezone: "));
    }
}

static void test_missing_file(void **state)
{
    (void)state;
    struct semo_house h;
    struct semo_error e;
    assert_int_equal(semo_house_load("build/no-such-file.csv", NULL, &h, &e), SEMO_MISSING);
    assert_non_null(strstr(e.text, "build/no-such-file.csv"));
}

/* A contact change takes effect one byte time later, to the cycle. */
static void test_contact_changes(void **state)
{
    (void)state;
    struct semo_house h = load_text("2006-12-16T17:24:00,16000,0,230,4\n"
                                    "2006-12-16T17:25:00,1,0,230,4\n",
                                    NULL);
    h.row[0].power_w = SEMO_CLOCK_HZ; /* one watt-second a cycle */
    const uint64_t late = SEMO_LINK_BYTE_CYCLES;
    const struct semo_house_contact changes[] = {
        {1000 - late, false}, {1500 - late, true}, {1500 - late, false}, {1501 - late, true}};
    struct semo_house_energy e = semo_house_integrate(&h, 1000, true, NULL, 0);
    const uint64_t whole = e.wh * 3600 + e.ws;
    assert_int_equal(whole, 60 * HZ + 60 * 1000);
    e = semo_house_integrate(&h, 1000, true, changes, 4);
    assert_int_equal(whole - (e.wh * 3600 + e.ws), 501);
    e = semo_house_integrate(&h, 1000, false, changes, 1);
    assert_energy(e, 0, 0);
    semo_house_free(&h);
}

/* The same as adding up a second at a time, for changes at random cycles. */
static void test_integral_of_random_changes(void **state)
{
    (void)state;
    struct semo_house h = load(SHIPPED, NULL);
    enum { COUNT = 500 };
    static struct semo_house_contact changes[COUNT];
    unsigned seed = 20061216;
    printf("# seed %u\n", seed);
    uint64_t at = 0;
    for (unsigned i = 0; i < COUNT; i++) {
        at += (uint64_t)rand_r(&seed) * 3 % (500 * HZ);
        changes[i] = (struct semo_house_contact){at, rand_r(&seed) % 2};
    }
    unsigned __int128 sum = 0;
    bool closed = true;
    uint64_t from = 0;
    for (unsigned i = 0; i <= COUNT; i++) {
        const uint64_t to = i < COUNT ? changes[i].at + SEMO_LINK_BYTE_CYCLES : UINT64_MAX;
        for (size_t r = 0; r < h.rows && closed; r++) {
            const uint64_t a = semo_house_cycle(&h, r, 0), b = semo_house_cycle(&h, r + 1, 0);
            const uint64_t low = a > from ? a : from, high = b < to ? b : to;
            if (low < high)
                sum += (unsigned __int128)h.row[r].power_w * (high - low);
        }
        from = to;
        if (i < COUNT)
            closed = changes[i].closed;
    }
    const struct semo_house_energy e = semo_house_integrate(&h, 0, true, changes, COUNT);
    const uint64_t ws = (uint64_t)(sum / HZ);
    assert_energy(e, ws / 3600, ws % 3600);
    assert_true(ws > 1000000 && e.wh < 79000);
    semo_house_free(&h);
}

/* ---- bad files ---- */

static void expect(const char *name, const char *message)
{
    char *path = semo_format(REJECT "%s", name), *text = semo_format(REJECT "%s", message);
    struct semo_house h;
    struct semo_error e;
    assert_int_equal(semo_house_load(path, NULL, &h, &e), SEMO_INPUT);
    assert_int_equal(e.code, SEMO_EXIT_USAGE);
    assert_string_equal(e.text, text);
    free(path);
    free(text);
}

/* Each file of the folder gets the one message that expected.txt has for it. */
static void test_bad_files(void **state)
{
    (void)state;
    FILE *list = fopen(REJECT "expected.txt", "r");
    assert_non_null(list);
    unsigned lines = 0, files = 0;
    char line[512];
    while (fgets(line, sizeof line, list)) {
        line[strcspn(line, "\n")] = 0;
        char *tab = strchr(line, '\t');
        assert_non_null(tab);
        *tab = 0;
        expect(line, tab + 1);
        lines++;
    }
    fclose(list);
    DIR *folder = opendir(REJECT);
    assert_non_null(folder);
    for (struct dirent *d; (d = readdir(folder));)
        files += strstr(d->d_name, ".csv") != NULL;
    closedir(folder);
    assert_int_equal(lines, files);
}

/* The shipped file, damaged: whatever comes out is rows in order or a message, never a crash. */
static void test_damaged_files(void **state)
{
    (void)state;
    uint8_t *bytes;
    size_t len;
    struct semo_error e;
    unsigned seed = 77, refused = 0;
    printf("# seed %u\n", seed);
    assert_int_equal(semo_file_read(SHIPPED, 1 << 20, &bytes, &len, &e), SEMO_OK);
    len = 3000;
    for (unsigned round = 0; round < 500; round++) {
        uint8_t damaged[3000];
        memcpy(damaged, bytes, len);
        for (unsigned i = rand_r(&seed) % 4 + 1; i > 0; i--)
            damaged[(unsigned)rand_r(&seed) % len] = (uint8_t)rand_r(&seed);
        FILE *f = fopen(scratch, "wb");
        assert_non_null(f);
        fwrite(damaged, 1, round % 2 ? len : (unsigned)rand_r(&seed) % len, f);
        fclose(f);
        struct semo_house h;
        if (semo_house_load(scratch, NULL, &h, &e) != SEMO_OK) {
            refused++;
            assert_true(strlen(e.text) > strlen(scratch) && !strchr(e.text, '\n'));
            continue;
        }
        for (size_t i = 0; i + 1 < h.rows; i++)
            assert_int_equal(h.row[i].utc + h.row[i].hold_s, h.row[i + 1].utc);
        semo_house_free(&h);
    }
    assert_true(refused > 100);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_file),
        cmocka_unit_test(test_values_are_exact),
        cmocka_unit_test(test_gap_is_reported_and_the_row_holds),
        cmocka_unit_test(test_backward_jump_is_left_out),
        cmocka_unit_test(test_hour_that_comes_twice),
        cmocka_unit_test(test_hour_that_is_skipped),
        cmocka_unit_test(test_zone_is_borrowed),
        cmocka_unit_test(test_unknown_zone),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_contact_changes),
        cmocka_unit_test(test_integral_of_random_changes),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_damaged_files),
    };
    return cmocka_run_group_tests_name("house", tests, make_scratch, remove_scratch);
}
