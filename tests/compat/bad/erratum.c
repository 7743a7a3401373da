/* SPDX-License-Identifier: Apache-2.0 */
/* expect: main: the core would lose an instruction behind the one at */
int main()
{
    __asm__ __volatile__("cmp #1, &0x5c00");
    return 0;
}
