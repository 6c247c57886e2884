package osia

import (
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"optag/capture/record/jcs"
)

const block = "integrity" // the member that no signature covers

// seal adds hash and signature over the canonical form of all other members,
// and returns the file, which is canonical too.
func seal(e *enrollment, by crypto.Signer) ([]byte, error) {
	e.Integrity = nil
	text, err := jcs.Marshal(e)
	if err != nil {
		return nil, err
	}
	s, err := split(text)
	if err != nil {
		return nil, err
	}
	i := integrity{Type: "JWS", Scope: s.scope, Alg: sha256Alg, Hash: hash(s.body)}
	if i.Signature, err = sign(by, s.body); err != nil {
		return nil, err
	}
	e.Integrity = []integrity{i}
	return jcs.Marshal(e)
}

// unseal verifies hash and signature of a file, and then reads it. It says who
// signed it.
func unseal(file []byte, trusted []Key) (e enrollment, by Key, err error) {
	text, err := jcs.Canonical(file)
	if err != nil {
		return e, by, fmt.Errorf("%w: %w", ErrForm, err)
	}
	s, err := split(text)
	if err != nil {
		return e, by, err
	}
	var all []integrity
	if err := strict(s.integrity, &all); err != nil {
		return e, by, err
	}
	if len(all) != 1 || all[0].Type != "JWS" || all[0].Alg != sha256Alg || all[0].FollowRef || all[0].Scope != s.scope {
		return e, by, fmt.Errorf("it is not signed by one JWS, over a SHA256 of every member: %w", ErrForm)
	}
	if all[0].Hash != hash(s.body) {
		return e, by, ErrSignature
	}
	if by, err = verify(all[0].Signature, s.body, trusted); err != nil {
		return e, by, err
	}
	return e, by, strict(text, &e)
}

// A halved file is what is signed, and what signs it.
type halved struct {
	body      []byte // the canonical form of all members but integrity
	scope     string // those members as JSON paths, sorted
	integrity []byte
}

// split halves canonical JSON.
func split(text []byte) (h halved, err error) {
	var top map[string]json.RawMessage
	if json.Unmarshal(text, &top) != nil || top == nil {
		return h, fmt.Errorf("it is no object: %w", ErrForm)
	}
	h.integrity = top[block]
	delete(top, block)
	h.body = make([]byte, 0, len(text))
	for i, name := range slices.Sorted(maps.Keys(top)) {
		between, blank := ",", " "
		if i == 0 {
			between, blank = "{", ""
		}
		h.body = append(fmt.Appendf(h.body, `%s"%s":`, between, name), top[name]...)
		h.scope += blank + "$." + name
	}
	h.body = append(h.body, '}')
	return h, nil
}

// strict reads canonical JSON into v, and refuses what v has no place for, and
// members that say nothing.
func strict(text []byte, v any) error {
	if err := jcs.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

func hash(chunks ...[]byte) string {
	h := sha256.New()
	for _, c := range chunks {
		h.Write(c)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// follows is the integrity of a picture that lies elsewhere: OSIA hashes the
// member that refers to it and then what it refers to.
func follows(reference string, data []byte) ([]integrity, error) {
	text, err := jcs.Marshal(map[string]string{"imageRef": reference})
	if err != nil {
		return nil, fmt.Errorf("referring to a picture: %w", err)
	}
	return []integrity{{Type: "NONE", Scope: "$.imageRef", Alg: sha256Alg, FollowRef: true, Hash: hash(text, data)}}, nil
}
