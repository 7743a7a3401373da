/* SPDX-License-Identifier: Apache-2.0 */
/* find_key SOURCE FILE...: does any run of 16 bytes of SOURCE stand in one of the files, raw or as
 * hexadecimal digits? Runs with fewer than 8 different bytes are no keys. Exits 1 when it does. */
#include <stdio.h>
#include <string.h>

#define RUN 16

static unsigned char source[1 << 16], file[1 << 22];

static size_t read_file(const char *path, unsigned char *out, size_t room)
{
    FILE *f = fopen(path, "rb");
    size_t len = f ? fread(out, 1, room, f) : 0;
    if (f)
        fclose(f);
    return len;
}

static int is_key(const unsigned char *at)
{
    int different = 0;
    for (int i = 0; i < RUN; i++)
        different += !memchr(at, at[i], (size_t)i);
    return different >= 8;
}

static int stands_in(const unsigned char *key, size_t len)
{
    char digits[2 * RUN + 1];
    for (int i = 0; i < RUN; i++)
        sprintf(digits + 2 * i, "%02x", key[i]);
    return memmem(file, len, key, RUN) || memmem(file, len, digits, 2 * RUN);
}

int main(int argc, char **argv)
{
    int found = 0, runs = 0;
    size_t source_len = argc > 1 ? read_file(argv[1], source, sizeof source) : 0;
    for (int i = 2; i < argc; i++) {
        size_t len = read_file(argv[i], file, sizeof file);
        for (size_t at = 0; at + RUN <= source_len; at++) {
            if (!is_key(source + at))
                continue;
            runs++;
            if (strcmp(argv[1], argv[i]) != 0 && stands_in(source + at, len)) {
                printf("# bytes %zu.. of %s stand in %s\n", at, argv[1], argv[i]);
                found = 1;
                break;
            }
        }
    }
    return found || runs == 0;
}
