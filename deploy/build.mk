# SPDX-License-Identifier: Apache-2.0
DEPLOY_SOURCES := deploy/descriptor.c deploy/fields.c deploy/link.c deploy/plan.c deploy/seal.c \
    deploy/state.c deploy/secrets.c deploy/deploy.c
$(eval $(call library,deploy,$(DEPLOY_SOURCES)))
