# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_tree,tests/host/test_tree.c,host,yaml-0.1))
$(eval $(call test,test_host,tests/host/test_host.c,host,libcrypto))
