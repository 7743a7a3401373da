/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of functions: of the module, of everybody, and mixed; given, kept and called later. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>
#include <stdio.h>

DECLARE_SM(calc, 0x1234);
DECLARE_SM(user, 0x1234);

typedef int (*binary)(int, int);
typedef void (*callback)(int event, void *context);

static int SM_FUNC(calc) plus(int a, int b)
{
    return a + b;
}
static int SM_FUNC(calc) minus(int a, int b)
{
    return a - b;
}
static int SM_FUNC(calc) times(int a, int b)
{
    return a * b;
}
static int SM_FUNC(calc) over(int a, int b)
{
    return b ? a / b : 0;
}
static int SM_FUNC(calc) rest(int a, int b)
{
    return b ? a % b : 0;
}

static const struct {
    char sign;
    binary call;
} SM_DATA(calc) table[] = {{'+', plus}, {'-', minus}, {'*', times}, {'/', over}, {'%', rest}};

static callback SM_DATA(calc) registered;
static void *SM_DATA(calc) kept;

int SM_ENTRY(calc) calc_do(char sign, int a, int b)
{
    for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].sign == sign)
            return table[i].call(a, b);
    if (registered)
        registered(sign, kept);
    return 0;
}

void SM_ENTRY(calc) calc_register(callback cb, void *context)
{
    registered = cb;
    kept = context;
}

int SM_ENTRY(user) user_do(const char *expression)
{
    if (!sancus_is_outside_sm(user, expression, 3))
        return -1;
    return calc_do(expression[1], expression[0] - '0', expression[2] - '0');
}

static void on_unknown(int event, void *context)
{
    int *n = context;
    printf("unknown %c, %d\n", event, ++*n);
}

int main()
{
    static const char *const expressions[] = {"1+2", "9-4", "7*8", "9/2", "9%4", "1?1", "2!2"};
    int unknown = 40;
    sancus_enable(&calc);
    sancus_enable(&user);
    calc_register(on_unknown, &unknown);
    for (unsigned i = 0; i < 7; i++)
        printf("%s = %d\n", expressions[i], user_do(expressions[i]));
    binary outside = (binary)0;
    printf("%d %d\n", unknown, outside == 0);
    return 0;
}
