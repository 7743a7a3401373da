/* SPDX-License-Identifier: Apache-2.0 */
/* Sorting, searching and matrices in private memory, with a comparison outside. */
#include <sancus/sm_support.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N 24
DECLARE_SM(lab, 1);

static int SM_DATA(lab) values[N];
static int SM_DATA(lab) matrix[3][3] = {{2, 0, 1}, {1, 3, 2}, {0, 1, 1}};
static const char *const SM_DATA(lab) words[] = {"pear", "fig", "apple", "date", "cherry"};

typedef int (*order)(int, int);

static void SM_FUNC(lab) sort(int *v, int lo, int hi, order before)
{
    if (lo >= hi)
        return;
    int pivot = v[(lo + hi) / 2], i = lo, j = hi;
    do {
        while (before(v[i], pivot))
            i++;
        while (before(pivot, v[j]))
            j--;
        if (i <= j) {
            int t = v[i];
            v[i++] = v[j];
            v[j--] = t;
        }
    } while (i <= j);
    sort(v, lo, j, before);
    sort(v, i, hi, before);
}

static int SM_FUNC(lab) ascending(int a, int b)
{
    return a < b;
}

static int by_last_digit(int a, int b)
{
    return abs(a) % 10 < abs(b) % 10;
}

int SM_ENTRY(lab) lab_sort(int outside)
{
    unsigned seed = 12345;
    for (int i = 0; i < N; i++) {
        seed = seed * 25173u + 13849u;
        values[i] = (int)(seed % 200) - 100;
    }
    sort(values, 0, N - 1, outside ? by_last_digit : ascending);
    for (int i = 1; i < N; i++)
        if (outside ? by_last_digit(values[i], values[i - 1]) : values[i] < values[i - 1])
            return -1;
    return values[0] + 10 * values[N - 1];
}

int SM_ENTRY(lab) lab_power(int n)
{
    int r[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, t[3][3], trace = 0;
    while (n-- > 0) {
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++) {
                t[i][j] = 0;
                for (int k = 0; k < 3; k++)
                    t[i][j] += r[i][k] * matrix[k][j];
            }
        memcpy(r, t, sizeof r);
    }
    for (int i = 0; i < 3; i++)
        trace += r[i][i];
    return trace;
}

int SM_ENTRY(lab) lab_first(char *to, unsigned size)
{
    const char *best = words[0];
    for (unsigned i = 1; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], best) < 0)
            best = words[i];
    if (!sancus_is_outside_sm(lab, to, size) || strlen(best) >= size)
        return 0;
    strcpy(to, best);
    return (int)strlen(to);
}

int main()
{
    char word[8];
    sancus_enable(&lab);
    printf("%d %d\n", lab_sort(0), lab_sort(1) != -1);
    printf("%d %d %d\n", lab_power(1), lab_power(3), lab_power(6));
    printf("%d %s\n", lab_first(word, sizeof word), word);
    return 0;
}
