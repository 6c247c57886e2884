package station

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"slices"
	"time"

	"optag/capture"
	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/rule"
	"optag/device"
	"optag/queue/seal"
)

// random is where package ids and keys come from.
var random io.Reader = rand.Reader

// manifest says of a record what may be read from outside: ids, codes and
// scores. The key under which the case's number is hashed comes back as a part
// of the package.
func manifest(r capture.Record, id string, sequence uint64, previous [32]byte) (seal.Manifest, seal.Part, error) {
	hash, key, err := caseHash(r.Case.Number)
	if err != nil {
		return seal.Manifest{}, seal.Part{}, err
	}
	m := seal.Manifest{
		PackageID: id, Case: hash, Station: r.Station, Sequence: sequence, Previous: hex.EncodeToString(previous[:]),
		Created: second(r.Finished), Officer: actor(r), Software: Version,
		Purpose: string(r.Case.Facts.Purpose), Controller: string(r.Requirement.Controller),
		Decision: decision(r), Items: items(r), Exceptions: exceptions(r),
	}
	if i := r.Rights; i != nil && i.SHA256 != "" {
		m.Rights = []seal.Rights{{Text: i.Text, Version: i.Version, Language: i.Language, SHA256: i.SHA256, At: second(i.At), Officer: actor(r)}}
	}
	return m, key, nil
}

// caseHash is the hash of a case's number as a manifest tells it, "" where there
// is none, and the part with its key.
func caseHash(number string) (string, seal.Part, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return "", seal.Part{}, err
	}
	part := seal.Part{Name: "case.key", MediaType: "application/octet-stream", Data: key}
	if number == "" {
		return "", part, nil
	}
	return seal.CaseHash(key, number), part, nil
}

func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func decision(r capture.Record) seal.Decision {
	d := seal.Decision{
		LawDate: r.Requirement.LawDate.String(), Photo: r.Requirement.Photo.Required,
		Prints: string(r.Requirement.Prints.Required), Refusal: string(r.Requirement.Refusal),
	}
	for _, m := range r.Marks {
		d.Marks = append(d.Marks, string(m))
	}
	add := func(item string, grounds []rule.Ground) {
		for _, g := range grounds {
			d.Grounds = append(d.Grounds, seal.Ground{Code: g.Code, Source: g.Source, Item: item})
		}
	}
	add("photo", r.Requirement.Photo.Grounds)
	add("prints", r.Requirement.Prints.Grounds)
	return d
}

func items(r capture.Record) []seal.Item {
	var all []seal.Item
	if p := r.Portrait; p != nil {
		failed := make([]string, 0)
		for _, n := range face.Failed(p.Checks) {
			failed = append(failed, string(n))
		}
		all = append(all, seal.Item{
			Kind: "portrait", Algorithm: face.Algorithm, Chosen: 0, Device: equipment(p.Device),
			Attempts: []seal.Attempt{{At: second(p.At), Score: seal.NoScore, Failed: failed}},
			Parts:    []string{capture.PortraitName(p.MediaType)},
		})
	}
	for _, p := range r.Prints {
		all = append(all, printItem(p))
	}
	return all
}

func printItem(p capture.Print) seal.Item {
	it := seal.Item{
		Kind: "print", Position: p.Position.String(), Impression: "plain", Algorithm: p.Algorithm,
		Threshold: p.Threshold, Device: equipment(p.Device), Parts: []string{capture.PrintName(p.Position)},
	}
	for i, a := range p.Attempts {
		at := seal.Attempt{At: second(a.At), Score: a.Score, Failed: reasons(a.Reasons)}
		switch a.Outcome {
		case capture.SameFinger:
			at.Failed = append(at.Failed, "same_finger")
		case capture.Discarded:
			at.Veto = "discarded"
		default:
			if a.At.Equal(p.At) {
				it.Chosen = i
			}
		}
		it.Attempts = append(it.Attempts, at)
	}
	return it
}

func reasons(rs []finger.Reason) []string {
	var codes []string
	for _, r := range rs {
		codes = append(codes, string(r))
	}
	return codes
}

func equipment(i device.Info) seal.Device {
	return seal.Device{Maker: i.Maker, Model: i.Model, Serial: i.Serial, Firmware: i.Firmware,
		Driver: i.Driver, Version: i.Version, Certified: i.Certified}
}

// exceptions lists the fingers that the law's answer could have used. What was
// seen, in the officer's words, stays inside the package.
func exceptions(r capture.Record) []seal.Exception {
	var all []seal.Exception
	for _, e := range r.Exceptions {
		by := e.SeenBy
		if by == "" {
			by = actor(r)
		}
		all = append(all, seal.Exception{Kind: "print", Position: e.Position.String(), Reason: string(e.Reason),
			Permanent: e.Reason == capture.Missing || e.Reason == capture.Permanent, Officer: by})
	}
	return append(all, unable(r)...)
}

// unable is the inability of a whole person, finger by finger.
func unable(r capture.Record) []seal.Exception {
	i := r.Inability
	if i == nil {
		return nil
	}
	by := i.SeenBy
	if by == "" {
		by = actor(r)
	}
	var all []seal.Exception
	for _, p := range finger.All() {
		if slices.ContainsFunc(r.Exceptions, func(e capture.Exception) bool { return e.Position == p }) {
			continue
		}
		all = append(all, seal.Exception{Kind: "print", Position: p.String(), Reason: string(i.Kind),
			Permanent: i.Kind == rule.UnablePermanently, Officer: by})
	}
	return all
}
