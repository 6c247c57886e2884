package intake

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"

	"optag/queue/seal"
)

// check verifies a complete upload: that it is what it was announced as, that its
// form is right, that both signatures are of keys registered for the station that
// brings it, that it is for this service, and that it holds what its decision
// asks for. The error is a *Problem.
func (h *Handler) check(u Upload, by Station, content []byte) (Entry, error) {
	if sha256.Sum256(content) != u.SHA256 {
		return Entry{}, &contentMismatch
	}
	env, err := seal.Read(content)
	if err != nil {
		return Entry{}, problemOf(err)
	}
	switch m := env.Manifest; {
	case m.Station != u.Station:
		return Entry{}, &stationMismatch
	case m.PackageID != u.PackageID:
		return Entry{}, damaged.with("the package has another id than it was announced with")
	}
	if err := env.Verify(by.Keys...); err != nil {
		return Entry{}, problemOf(err)
	}
	if !h.forUs(env.Manifest) {
		return Entry{}, &notForUs
	}
	if err := h.c.Rule(env.Manifest); err != nil {
		return Entry{}, ruleViolated.with(err.Error())
	}
	if err := h.open(content, by); err != nil {
		return Entry{}, err
	}
	return entryOf(env, h.c.Now()), nil
}

// forUs reports whether the manifest names a key of this service.
func (h *Handler) forUs(m seal.Manifest) bool {
	if len(h.c.Recipients) == 0 {
		return true
	}
	for _, r := range m.Recipients {
		for _, ours := range h.c.Recipients {
			if r == ours {
				return true
			}
		}
	}
	return false
}

// open decrypts the package where the service holds the key for that here, so
// that nobody is given a receipt for what cannot be opened.
func (h *Handler) open(content []byte, by Station) error {
	if len(h.c.Identities) == 0 {
		return nil
	}
	err := error(seal.ErrNotForUs)
	for _, id := range h.c.Identities {
		var parts []seal.Part
		_, parts, err = seal.Open(content, id, by.Keys...)
		seal.Wipe(parts)
		if err == nil {
			return nil
		}
		if !errors.Is(err, seal.ErrNotForUs) {
			break
		}
	}
	return problemOf(err)
}

// problemOf says which problem an error of package seal is.
func problemOf(err error) *Problem {
	switch {
	case errors.Is(err, seal.ErrVersion):
		return &badVersion
	case errors.Is(err, seal.ErrUntrusted):
		return &keyUnknown
	case errors.Is(err, seal.ErrSignature):
		return &badSignature
	case errors.Is(err, seal.ErrNotForUs):
		return &notForUs
	}
	return damaged.with(err.Error())
}

// CheckManifest repeats, as far as the manifest shows it, that a package holds
// what its own decision asks for: nothing surplus, and no gap without a reason.
func CheckManifest(m seal.Manifest) error {
	if m.Kind == seal.KindNotice {
		return checkNotice(m)
	}
	photos, prints, err := count(m)
	if err != nil {
		return err
	}
	most, least, known := wanted(m.Decision.Prints)
	if !known {
		return errors.New("the decision asks for a set of prints that is not known")
	}
	if prints > most {
		return fmt.Errorf("%d prints, and the decision allows %d", prints, most)
	}
	if photos > 1 || (photos == 1 && !m.Decision.Photo) {
		return fmt.Errorf("%d photos, and the decision allows fewer", photos)
	}
	refused := m.Decision.Refusal != "" && m.Decision.Refusal != "none"
	excepted := map[string]bool{}
	for _, e := range m.Exceptions {
		excepted[e.Kind] = true
	}
	if m.Decision.Photo && photos == 0 && !refused && !excepted["portrait"] {
		return errors.New("no photo, and no reason why")
	}
	if prints < least && !refused && !excepted["print"] {
		return fmt.Errorf("%d prints where %d are asked for, and no reason why", prints, least)
	}
	return nil
}

// maxNotice is the most that a notice has in all its parts, in bytes.
const maxNotice = 256 << 10

// checkNotice repeats, as far as the manifest shows it, that nothing but a text
// and the key of the case's hash is in the package of a notice.
func checkNotice(m seal.Manifest) error {
	var texts, length int64
	for _, p := range m.Parts {
		switch {
		case p.MediaType == "application/json":
			texts++
		case p.MediaType != "application/octet-stream" || p.Length > 64:
			return errors.New("a notice holds nothing but a text and a key")
		}
		length += p.Length
	}
	if texts != 1 || len(m.Parts) > 2 || length > maxNotice {
		return errors.New("a notice holds one text and at most one key")
	}
	return nil
}

// count counts what was captured. No finger may be there twice, and none may be
// both there and excepted.
func count(m seal.Manifest) (photos, prints int, err error) {
	seen := map[string]bool{}
	for _, i := range m.Items {
		if i.Kind == "portrait" {
			photos++
			continue
		}
		if seen[i.Position] {
			return 0, 0, errors.New("a finger is there twice")
		}
		seen[i.Position] = true
		prints++
	}
	for _, e := range m.Exceptions {
		if e.Kind == "print" && seen[e.Position] {
			return 0, 0, errors.New("a finger is both captured and excepted")
		}
	}
	return photos, prints, nil
}

// wanted is how many prints a set may and must have.
func wanted(set string) (most, least int, known bool) {
	switch set {
	case "none":
		return 0, 0, true
	case "two_flat":
		return 2, 2, true
	case "ten":
		return 10, 10, true
	case "ten_or_index":
		return 10, 1, true
	}
	return 0, 0, false
}

// log writes what happened to a package: ids and numbers only.
func (h *Handler) log(level slog.Level, what string, u Upload, more ...any) {
	h.c.Log.Log(h.base, level, what, append([]any{"station", u.Station, "package", u.PackageID, "bytes", u.Length}, more...)...)
}
