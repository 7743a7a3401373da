# SPDX-License-Identifier: Apache-2.0
# The web server of a module, compiled for the host; the other end is OpenSSL.
$(eval $(call test,test_https,tests/https/test_https.c $(addprefix runtime/https/,identity.c session.c \
    request.c),,libcrypto libssl,))
$(BUILD)/tests/test_https: $(shell $(CC) -print-file-name=libbearssl.a)
