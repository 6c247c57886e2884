package pa

import "time"

// PathOf is the way from a certificate to the authorities above it.
func PathOf(t *Trust, c *Certificate, day time.Time) []*Certificate { return t.path(c, day) }

// SameState reports whether a certificate and a zone are of the same state.
var SameState = sameState
