/* SPDX-License-Identifier: Apache-2.0 */
/* expect: bad/syntax.c:5:20: expected ';' after return statement */
int main()
{
    return sizeof 1 1;
}
