/* SPDX-License-Identifier: Apache-2.0 */
/* The peripherals of the openMSP430 itself; every machine has them. */
#ifndef SEMO_BUILTIN_H
#define SEMO_BUILTIN_H

#include <stdbool.h>
#include <stdint.h>
#include <semo/device.h>

bool semo_builtin_attach(struct semo_machine *m); /* false: no memory */

/* A device with zeroed state of its class; NULL: no memory. */
struct semo_device *semo_builtin_make(const struct semo_device_class *class, uint16_t base,
                                      uint16_t size);
void semo_device_discard(struct semo_device *d);

/* Basic clock: SMCLK ticks in the cycles before `now`, and the first cycle before which there are
 * n. */
struct semo_device *semo_bcs_new(void);
uint64_t semo_bcs_ticks(const struct semo_device *d, uint64_t now);
uint64_t semo_bcs_when(const struct semo_device *d, uint64_t ticks);
bool semo_bcs_gated(const struct semo_device *d);
void semo_bcs_gate(struct semo_device *d, bool stopped, uint64_t now);

struct semo_device *semo_watchdog_new(struct semo_device *bcs);
uint8_t *semo_watchdog_enable(struct semo_device *d); /* its bits of IE1 and IFG1 */
bool semo_watchdog_flag(const struct semo_device *d);
void semo_watchdog_set_flag(struct semo_device *d, bool set);
struct semo_device *semo_sfr_new(struct semo_device *watchdog);
struct semo_device *semo_multiplier_new(void);
struct semo_device *semo_timer_a_new(struct semo_device *bcs);
struct semo_device *semo_timer_a_vector_new(struct semo_device *timer);
struct semo_device *semo_port_new(unsigned number); /* 1..6 */
struct semo_device *semo_spi_new(void);
struct semo_device *semo_dma_new(void);
struct semo_device *semo_led_new(void);
struct semo_device *semo_tsc_new(void);
struct semo_device *semo_print_new(void);
struct semo_device *semo_file_new(void);

#endif
