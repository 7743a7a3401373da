# SPDX-License-Identifier: Apache-2.0
$(eval $(call library,compat,$(wildcard toolchain/compat/*.c)))
$(eval $(call library,toolchain,toolchain/build.c toolchain/cache.c toolchain/image.c toolchain/made.c \
    toolchain/object.c toolchain/rules.c toolchain/run.c toolchain/stack.c))
