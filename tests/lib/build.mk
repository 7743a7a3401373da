# SPDX-License-Identifier: Apache-2.0
$(eval $(call test,test_crypto,tests/lib/test_crypto.c tests/lib/bitloop.c,kdf crypto,jansson))
$(eval $(call test,test_channel,tests/lib/test_channel.c,channel channel_host crypto,\
    jansson libcrypto))
$(eval $(call test,test_policies,tests/lib/test_policies.c,channel channel_host crypto,\
    jansson libcrypto))
$(eval $(call test,test_cursor,tests/lib/test_cursor.c,bytes,jansson))
$(eval $(call script_test,tests/lib/constant_time.sh))
