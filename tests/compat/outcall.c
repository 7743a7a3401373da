/* SPDX-License-Identifier: Apache-2.0 */
/* Modules and everybody else in one file: calls out, literals, tables, arithmetic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

#define SMNAME box
DECLARE_SM(SMNAME, 7);

typedef int (*operation)(int, int);

static unsigned shown; /* of everybody */

static int show(const char *label, int value)
{
    shown++;
    printf("<%s=%d>\n", label, value);
    return value + 1;
}

static int SM_FUNC(SMNAME) add(int a, int b)
{
    return a + b;
}

static int SM_FUNC(SMNAME) subtract(int a, int b)
{
    return a - b;
}

static void SM_FUNC(SMNAME) log_line(const char *text, const char *secret)
{
    if (strcmp(secret, "sesame") == 0)
        puts(text);
}

int SM_ENTRY(SMNAME) box_print(int a, long b, char c)
{
    char name[8];
    const char *kind = a % 2 ? "odd" : "even";
    strcpy(name, "private");
    puts("in the box");
    printf("%d %ld %c %s %u\n", a, b, c, kind, strlen(name));
    log_line("logged", "sesame");
    log_line("not logged", name);
    return show("a", a);
}

int SM_ENTRY(SMNAME) box_pointers(int which, int a, int b)
{
    operation o = which == 0 ? add : which == 1 ? subtract : (operation)show;
    return o(a, b);
}

int SM_ENTRY(SMNAME) box_switch(unsigned n)
{
    static const int squares[] = {0, 1, 4, 9, 16};
    switch (n) {
    case 0:
        return squares[4];
    case 1:
        return 100 / 7;
    case 2:
        return -100 % 7;
    case 3:
        return 12345 >> n;
    case 4:
        return squares[n - 1] * 1000;
    case 5:
        return (int)strlen("literal");
    default:
        return rand() >= 0 ? -1 : 0;
    }
}

unsigned long SM_ENTRY(SMNAME) box_wide(unsigned long a, unsigned n)
{
    return a * 1000003UL / (n + 1) + a % 97 + (a >> n);
}

static unsigned long wide(unsigned long a, unsigned n)
{
    return a * 1000003UL / (n + 1) + a % 97 + (a >> n);
}

int main(void)
{
    sancus_enable(&box);
    printf("%d\n", box_print(3, -70000L, 'x'));
    printf("%d\n", box_print(4, 70000L, 'y'));
    printf("%d %d\n", box_pointers(0, 30, 12), box_pointers(1, 30, 12));
    for (unsigned i = 0; i < 7; i++)
        printf("%d ", box_switch(i));
    printf("\n%d %d\n", box_wide(123456, 3) == wide(123456, 3),
           box_wide(0x80000001, 9) == wide(0x80000001, 9));
    printf("shown %u\n", shown);
    return 0;
}
