/* SPDX-License-Identifier: Apache-2.0 */
/* Errors, files, randomness and child processes of the host programs. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "host/error.h"
#include "host/file.h"
#include "host/process.h"
#include "host/random.h"

static char folder[] = "build/tests/host-XXXXXX";

static void test_error_is_one_line(void **state)
{
    struct semo_error e;
    (void)state;
    assert_int_equal(
        semo_error_set(&e, SEMO_INPUT, SEMO_EXIT_USAGE, "a.json", 3, 7, "%s: no", "x\n\x1b[2J"),
        SEMO_INPUT);
    assert_string_equal(e.text, "a.json:3:7: x??[2J: no");
    assert_int_equal(e.code, SEMO_EXIT_USAGE);
    assert_string_equal(semo_status_text(SEMO_EMPTY), "nothing to take");
    assert_string_equal(semo_status_text((enum semo_status)99),
                        "a status that this program does not know");
}

static void test_what_is_no_file_is_written_to(void **state)
{
    struct semo_error e = {{0}, 0};
    char *path = semo_format("%s/pipe", folder), said[8] = "";
    struct stat info;
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(semo_file_write(path, "said", 4, 0644, &e), SEMO_OK);
    assert_int_equal(read(fd, said, sizeof said), 4);
    assert_string_equal(said, "said");
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    close(fd);
    assert_int_equal(semo_file_write("/dev/full", "said", 4, 0644, &e), SEMO_SYSTEM);
    assert_string_equal(e.text, "/dev/full: cannot write it: No space left on device");
    unlink(path);
    free(path);
}

static void test_file(void **state)
{
    struct semo_error e = {{0}, 0};
    char *path = semo_format("%s/file", folder);
    uint8_t *bytes;
    size_t len;
    struct stat info;
    (void)state;
    assert_int_equal(semo_file_read(path, 10, &bytes, &len, &e), SEMO_MISSING);
    assert_int_equal(semo_file_write(path, "old", 3, 0644, &e), SEMO_OK);
    assert_int_equal(semo_file_write(path, "secret", 6, 0600, &e), SEMO_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(semo_file_read(path, 5, &bytes, &len, &e), SEMO_LENGTH);
    assert_int_equal(semo_file_read(path, 6, &bytes, &len, &e), SEMO_OK);
    assert_int_equal(len, 6);
    assert_string_equal((char *)bytes, "secret");
    free(bytes);
    assert_int_equal(semo_file_read(folder, 5, &bytes, &len, &e), SEMO_SYSTEM);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0); /* nobody writes to it: to wait would be for ever */
    assert_int_equal(semo_file_read(path, 5, &bytes, &len, &e), SEMO_SYSTEM);
    unlink(path);
    free(path);
}

static void test_lock(void **state)
{
    struct semo_error e = {{0}, 0};
    char *path = semo_format("%s/lock", folder);
    int first, second;
    (void)state;
    assert_int_equal(semo_file_lock(path, &first, &e), SEMO_OK);
    assert_int_equal(semo_file_lock(path, &second, &e), SEMO_BUSY);
    close(first);
    assert_int_equal(semo_file_lock(path, &second, &e), SEMO_OK);
    close(second);
    unlink(path);
    free(path);
}

static void test_random(void **state)
{
    uint8_t a[64], b[64], c[64];
    (void)state;
    semo_random_fill(a, sizeof a);
    semo_random_fill(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    semo_random_seed(7, "test");
    semo_random_fill(a, sizeof a);
    semo_random_fill(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
    semo_random_seed(7, "test");
    semo_random_fill(c, 1);
    semo_random_fill(c + 1, sizeof c - 1);
    assert_memory_equal(a, c, sizeof a);
    semo_random_seed(8, "test");
    semo_random_fill(c, sizeof c);
    assert_memory_not_equal(a, c, sizeof a);
    semo_random_seed(7, "other");
    semo_random_fill(c, sizeof c);
    assert_memory_not_equal(a, c, sizeof a);
    semo_random_seed(7, "test");
    semo_random_fill_unseeded(c, sizeof c);
    assert_memory_not_equal(a, c, sizeof a);
    assert_true(semo_random_is_seeded());
}

/* The child finds the pipe under the number of the map, nothing on its standard input. */
static void test_process(void **state)
{
    struct semo_error e = {{0}, 0};
    pid_t pid;
    int end[2];
    char answer[64] = "";
    (void)state;
    assert_int_equal(pipe(end), 0);
    char *argv[] = {"/bin/sh", "-c", "cat >&4; echo here >&4; exit 7", NULL};
    const struct semo_fd_map map[] = {{.child = 4, .parent = end[1]}};
    assert_int_equal(semo_process_spawn(argv, map, 1, &pid, &e), SEMO_OK);
    assert_int_equal(semo_process_wait(pid), 7);
    assert_int_equal(read(end[0], answer, sizeof answer - 1), 5);
    assert_string_equal(answer, "here\n");
    close(end[0]);
    close(end[1]);
    char *missing[] = {"/does/not/exist", NULL};
    assert_int_equal(semo_process_spawn(missing, NULL, 0, &pid, &e), SEMO_SYSTEM);
    assert_string_equal(e.text, "/does/not/exist: cannot start it: No such file or directory");
}

static void test_beside(void **state)
{
    (void)state;
    char *path = semo_process_beside("test_host");
    assert_true(semo_file_exists(path));
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_is_one_line),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_what_is_no_file_is_written_to),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_process),
        cmocka_unit_test(test_beside),
    };
    if (!mkdtemp(folder))
        return 1;
    int failed = cmocka_run_group_tests_name("host", tests, NULL, NULL);
    rmdir(folder);
    return failed;
}
