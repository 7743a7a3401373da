# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_crypto,tests/lib/test_crypto.c tests/lib/bitloop.c,kdf crypto,jansson))
