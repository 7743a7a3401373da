# SPDX-License-Identifier: Apache-2.0
# The freestanding libraries. `crypto` chooses its permutation in lib/crypto/x86/select.c.
$(eval $(call library,bytes,lib/bytes/cursor.c))
$(eval $(call library,crypto,lib/crypto/aead.c lib/crypto/spongent.c lib/crypto/counters.c \
    lib/crypto/portable.c lib/crypto/x86/bmi2.c lib/crypto/x86/avx512.c \
    lib/crypto/x86/select.c))
$(eval $(call library,kdf,lib/kdf/kdf.c))
$(eval $(call library,channel,lib/channel/channel.c lib/channel/policy.c \
    lib/channel/time.c lib/channel/host_aes.c))
$(eval $(call library,channel_host,lib/channel/host.c))
$(eval $(call bench,bench_crypto,bench/bench_crypto.c tests/lib/bitloop.c,crypto))
EXTRA_tests_lib_bitloop := -O3
