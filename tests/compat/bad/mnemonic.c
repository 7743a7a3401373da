/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/mnemonic.c:8: in assembly: invalid instruction mnemonic */
static int twice(int n)
{
    int result = n;
    asm("rla %0" : "+r"(result));
    if (result > 9)
        asm("nop\n\t"
            "double %0" ::"r"(result));
    return result;
}

int main(void)
{
    return twice(7);
}
