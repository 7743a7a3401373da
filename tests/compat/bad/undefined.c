/* SPDX-License-Identifier: Apache-2.0 */
/* expect: undefined symbol: nowhere */
int nowhere(void);

int main()
{
    return nowhere();
}
