# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_descriptor,tests/deploy/test_descriptor.c,deploy host,yaml-0.1))
