package main

import (
	"errors"
	"fmt"

	"optag/capture/notice"
	"optag/queue/seal"
)

// readNotice reads the notice in a package that calls itself one, asks the law
// about it once more and compares it with the manifest. It returns nil for the
// package of a capture.
func readNotice(m seal.Manifest, parts []seal.Part) (*notice.Notice, error) {
	if m.Kind != seal.KindNotice {
		return nil, nil
	}
	var n notice.Notice
	var key []byte
	err := errors.New("there is none in the package")
	for _, p := range parts {
		switch p.Name {
		case notice.PartName:
			n, err = notice.Read(p.Data)
		case "case.key":
			key = p.Data
		default:
			return nil, errors.New("opening the notice: something lies beside it")
		}
	}
	if err == nil {
		err = notice.Check(n)
	}
	if err == nil && !sameAs(n, m, key) {
		err = errors.New("its manifest says something else")
	}
	if err != nil {
		return nil, fmt.Errorf("opening the notice: %w", err)
	}
	return &n, nil
}

// sameAs reports whether manifest and notice say the same.
func sameAs(n notice.Notice, m seal.Manifest, key []byte) bool {
	hash := ""
	if n.Capture.Number != "" {
		hash = seal.CaseHash(key, n.Capture.Number)
	}
	if len(m.Decision.Grounds) != len(n.Grounds) {
		return false
	}
	for i, g := range n.Grounds {
		if got := m.Decision.Grounds[i]; got.Code != g.Code || got.Source != g.Source {
			return false
		}
	}
	return m.Case == hash && m.Station == n.Station && m.Officer == n.Officer && m.Created.Equal(n.MadeAt) &&
		m.Purpose == string(n.Capture.Purpose) && m.Controller == string(n.Controller) && m.Decision.LawDate == n.Day.String()
}

// about says in a line what a notice is, without telling of whom.
func about(n *notice.Notice) string {
	what := string(n.Kind)
	if n.FollowUp != nil {
		what += ", " + string(n.FollowUp.Event)
	}
	if n.Correction != nil {
		what += fmt.Sprintf(", %d things asked for", len(n.Correction.Asks))
	}
	return fmt.Sprintf("notice: %s; of a capture for %s under %s, for %s", what, n.Capture.Purpose, n.Capture.Basis, n.Controller)
}
