# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_chip,tests/devices/test_chip.c,chip crypto bytes))
$(eval $(call test,test_link,tests/devices/test_link.c,machine crypto kdf bytes))
$(eval $(call test,test_devices,tests/devices/test_devices.c,machine crypto kdf bytes))
$(eval $(call test,test_relay_driver,tests/devices/test_relay_driver.c,machine crypto kdf bytes))
$(eval $(call test,test_metering_driver,tests/devices/test_metering_driver.c,machine crypto kdf bytes))
$(eval $(call test,test_on_machine,tests/devices/test_on_machine.c,machine crypto kdf bytes))
$(eval $(call test,test_core_devices,tests/devices/test_core_devices.c tests/machine/rig.c,machine crypto kdf bytes,jansson))
