# SPDX-License-Identifier: Apache-2.0
$(eval $(call script_test,tests/compat/run.sh,$(BIN)/semo $(BIN)/semo-mcu))
