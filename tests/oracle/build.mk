# SPDX-License-Identifier: Apache-2.0
# A second interpreter, independent of machine/, and its comparison with the core.
oracle_sources := $(wildcard tests/oracle/oracle*.c)
$(eval $(call test,test_oracle_golden,tests/oracle/test_oracle_golden.c $(oracle_sources) tests/machine/rig.c,machine crypto bytes,jansson zlib))
$(eval $(call test,test_oracle,tests/oracle/test_oracle.c tests/oracle/program.c $(oracle_sources),machine crypto bytes))
