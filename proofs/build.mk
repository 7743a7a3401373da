# SPDX-License-Identifier: Apache-2.0
$(eval $(call script_test,proofs/protocol.sh))

# The access function against its contract, and seeded errors that the contract must catch.
$(eval $(call script_test,proofs/prove.sh))
$(eval $(call script_test,proofs/mutants.sh))

.PHONY: prove
prove:
	@proofs/prove.sh && proofs/mutants.sh
