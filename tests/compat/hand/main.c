/* SPDX-License-Identifier: Apache-2.0 */
/* A module that an assembly file has whole, and functions in assembly with other registers. */
#include <sancus/sm_support.h>
#include <sancus_support/sm_io.h>

DECLARE_SM(vault, 0x1234);

unsigned vault_open(unsigned pin);
unsigned long old_join(unsigned high, unsigned low);
int new_sum(int a, int b);
extern unsigned vault_tries;

#ifdef REFUSED
int SM_ENTRY(vault) vault_inside(void)
{
    return 1;
}
#endif

int main()
{
    msp430_io_init();
    sancus_enable(&vault);
    printf("id %u of %u, %u bytes\n", sancus_get_id(vault.public_start), vault.id,
           (unsigned)((char *)vault.secret_end - (char *)vault.secret_start));
    printf("%x %x\n", vault_open(1), vault_open(4711));
    printf("%08lx %d\n", old_join(0x1234, 0xABCD), new_sum(40, 2));
    return (int)vault_tries;
}
