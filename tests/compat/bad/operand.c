/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/operand.c:9: in assembly: no operand can be written as "~table" */
int table[2];

int main(void)
{
    asm("nop ; a comment, (of two words\n\t"
        "nop // and, (another");
    asm("1: mov #table, r15\n\t"
        "mov ~table, r15" ::
            : "r15");
    return 0;
}
