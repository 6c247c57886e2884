package main

import (
	"context"
	"fmt"

	"optag/device/selftest"
)

// staffChecks say whether the library of staff cards answers. No PIN is tried, and
// whose cards lie there is left to optag officer check.
func (b *bench) staffChecks(ctx context.Context) []selftest.Check {
	const id, name = "staff_cards", "Staff cards"
	if b.set.StaffCards == nil {
		return []selftest.Check{selftest.Skip(id, name, "The settings name no library of staff cards.")}
	}
	r, err := b.staffReaders(b.set)
	if err != nil {
		return []selftest.Check{selftest.Say(id, name, selftest.Fail, oneLine(err), "Put the file where staff_cards in the settings says.")}
	}
	defer r.Close()
	lie, err := r.Tokens(ctx)
	if err != nil {
		return []selftest.Check{selftest.Say(id, name, selftest.Fail, oneLine(err), "See that the library is one of PKCS #11 for this machine, that pcscd runs, and that the reader is plugged in.")}
	}
	return []selftest.Check{selftest.Say(id, name, selftest.Pass, fmt.Sprintf("the library answers; cards: %d", len(lie)), "")}
}
