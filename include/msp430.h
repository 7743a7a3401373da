/* SPDX-License-Identifier: Apache-2.0 */
/* The registers of the core's peripherals under their usual names (sancus-hardware section 2). */
#ifndef MSP430_H
#define MSP430_H

#define SEMO_REGISTER8(address)  (*(volatile unsigned char *)(address))
#define SEMO_REGISTER16(address) (*(volatile unsigned *)(address))

#define BIT0 0x01
#define BIT1 0x02
#define BIT2 0x04
#define BIT3 0x08
#define BIT4 0x10
#define BIT5 0x20
#define BIT6 0x40
#define BIT7 0x80

/* status register */
#define GIE    0x0008
#define CPUOFF 0x0010
#define OSCOFF 0x0020
#define SCG1   0x0080

/* special functions, clock, watchdog */
#define IE1      SEMO_REGISTER8(0x0000)
#define IFG1     SEMO_REGISTER8(0x0002)
#define WDTIE    0x01
#define WDTIFG   0x01
#define BCSCTL1  SEMO_REGISTER8(0x0057)
#define BCSCTL2  SEMO_REGISTER8(0x0058)
#define WDTCTL   SEMO_REGISTER16(0x0120)
#define WDTPW    0x5A00
#define WDTHOLD  0x0080
#define WDTTMSEL 0x0010
#define WDTCNTCL 0x0008
#define WDTSSEL  0x0004
#define WDTIS1   0x0002
#define WDTIS0   0x0001

/* ports */
#define P1IN_ 0x0020
#define P2IN_ 0x0028
#define P3IN_ 0x0018
#define P4IN_ 0x001C
#define P5IN_ 0x0030
#define P6IN_ 0x0034
#define P1IN  SEMO_REGISTER8(0x0020)
#define P1OUT SEMO_REGISTER8(0x0021)
#define P1DIR SEMO_REGISTER8(0x0022)
#define P1IFG SEMO_REGISTER8(0x0023)
#define P1IES SEMO_REGISTER8(0x0024)
#define P1IE  SEMO_REGISTER8(0x0025)
#define P1SEL SEMO_REGISTER8(0x0026)
#define P2IN  SEMO_REGISTER8(0x0028)
#define P2OUT SEMO_REGISTER8(0x0029)
#define P2DIR SEMO_REGISTER8(0x002A)
#define P2IFG SEMO_REGISTER8(0x002B)
#define P2IES SEMO_REGISTER8(0x002C)
#define P2IE  SEMO_REGISTER8(0x002D)
#define P2SEL SEMO_REGISTER8(0x002E)
#define P3IN  SEMO_REGISTER8(0x0018)
#define P3OUT SEMO_REGISTER8(0x0019)
#define P3DIR SEMO_REGISTER8(0x001A)
#define P3SEL SEMO_REGISTER8(0x001B)
#define P4IN  SEMO_REGISTER8(0x001C)
#define P4OUT SEMO_REGISTER8(0x001D)
#define P4DIR SEMO_REGISTER8(0x001E)
#define P4SEL SEMO_REGISTER8(0x001F)
#define P5IN  SEMO_REGISTER8(0x0030)
#define P5OUT SEMO_REGISTER8(0x0031)
#define P5DIR SEMO_REGISTER8(0x0032)
#define P5SEL SEMO_REGISTER8(0x0033)
#define P6IN  SEMO_REGISTER8(0x0034)
#define P6OUT SEMO_REGISTER8(0x0035)
#define P6DIR SEMO_REGISTER8(0x0036)
#define P6SEL SEMO_REGISTER8(0x0037)

/* multiplier */
#define MPY    SEMO_REGISTER16(0x0130)
#define MPYS   SEMO_REGISTER16(0x0132)
#define MAC    SEMO_REGISTER16(0x0134)
#define MACS   SEMO_REGISTER16(0x0136)
#define OP2    SEMO_REGISTER16(0x0138)
#define RESLO  SEMO_REGISTER16(0x013A)
#define RESHI  SEMO_REGISTER16(0x013C)
#define SUMEXT SEMO_REGISTER16(0x013E)

/* timer A */
#define TAIV_    0x012E
#define TACTL_   0x0160
#define TACCTL0_ 0x0162
#define TACCTL1_ 0x0164
#define TACCTL2_ 0x0166
#define TAR_     0x0170
#define TACCR0_  0x0172
#define TACCR1_  0x0174
#define TACCR2_  0x0176
#define TAIV     SEMO_REGISTER16(0x012E)
#define TACTL    SEMO_REGISTER16(0x0160)
#define TACCTL0  SEMO_REGISTER16(0x0162)
#define TACCTL1  SEMO_REGISTER16(0x0164)
#define TACCTL2  SEMO_REGISTER16(0x0166)
#define TAR      SEMO_REGISTER16(0x0170)
#define TACCR0   SEMO_REGISTER16(0x0172)
#define TACCR1   SEMO_REGISTER16(0x0174)
#define TACCR2   SEMO_REGISTER16(0x0176)
#define CCTL0    TACCTL0
#define CCTL1    TACCTL1
#define CCTL2    TACCTL2
#define CCR0     TACCR0
#define CCR1     TACCR1
#define CCR2     TACCR2
#define TASSEL1  0x0200
#define TASSEL0  0x0100
#define TASSEL_0 0x0000
#define TASSEL_1 0x0100
#define TASSEL_2 0x0200
#define TASSEL_3 0x0300
#define ID1      0x0080
#define ID0      0x0040
#define ID_0     0x0000
#define ID_1     0x0040
#define ID_2     0x0080
#define ID_3     0x00C0
#define MC1      0x0020
#define MC0      0x0010
#define MC_0     0x0000
#define MC_1     0x0010
#define MC_2     0x0020
#define MC_3     0x0030
#define TACLR    0x0004
#define TAIE     0x0002
#define TAIFG    0x0001
#define CM_0     0x0000
#define CM_1     0x4000
#define CM_2     0x8000
#define CM_3     0xC000
#define CCIS_0   0x0000
#define CCIS_1   0x1000
#define CCIS_2   0x2000
#define CCIS_3   0x3000
#define SCS      0x0800
#define SCCI     0x0400
#define CAP      0x0100
#define CCIE     0x0010
#define CCI      0x0008
#define OUT      0x0004
#define COV      0x0002
#define CCIFG    0x0001

/* For interrupt(n): bytes from 0xFFE0. */
#define PORT1_VECTOR     4
#define PORT2_VECTOR     6
#define TIMERA1_VECTOR   16
#define TIMERA0_VECTOR   18
#define WDT_VECTOR       20
#define VIOLATION_VECTOR 26
#define NMI_VECTOR       28
#define RESET_VECTOR     30

#define __interrupt(vector)   __attribute__((interrupt(vector)))
#define __eint()              __asm__ __volatile__("eint" ::: "memory")
#define __dint()              __asm__ __volatile__("dint\n\tnop" ::: "memory")
#define __nop()               __asm__ __volatile__("nop")
#define _EINT()               __eint()
#define _DINT()               __dint()
#define _NOP()                __nop()
#define eint()                __eint()
#define dint()                __dint()
#define nop()                 __nop()
#define __enable_interrupt()  __eint()
#define __disable_interrupt() __dint()
#define __no_operation()      __nop()
#define __bis_SR_register(x)  __asm__ __volatile__("bis %0, r2" ::"ri"((unsigned)(x)) : "memory")
#define __bic_SR_register(x)  __asm__ __volatile__("bic %0, r2" ::"ri"((unsigned)(x)) : "memory")
#define _BIS_SR(x)            __bis_SR_register(x)
#define _BIC_SR(x)            __bic_SR_register(x)

#endif
