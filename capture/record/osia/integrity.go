package osia

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"optag/capture/record/jcs"
)

const block = "integrity" // the member that no signature covers

// seal adds hash and signature over the canonical form of all other members,
// and returns the file, which is canonical too.
func seal(e *enrollment, by crypto.Signer) ([]byte, error) {
	e.Integrity = nil
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	body, err := jcs.Canonical(text)
	if err != nil {
		return nil, err
	}
	i := integrity{Type: "JWS", Alg: sha256Alg, Hash: hash(body)}
	if i.Scope, err = scope(body); err == nil {
		i.Signature, err = sign(by, body)
	}
	if err != nil {
		return nil, err
	}
	e.Integrity = []integrity{i}
	if text, err = json.Marshal(e); err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return jcs.Canonical(text)
}

// unseal reads a file and verifies hash and signature. It says who signed it.
func unseal(file []byte, trusted []Key) (enrollment, Key, error) {
	var e enrollment
	text, err := jcs.Canonical(file)
	if err != nil {
		return e, Key{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if err := strict(text, &e); err != nil {
		return e, Key{}, err
	}
	if len(e.Integrity) != 1 || e.Integrity[0].Type != "JWS" || e.Integrity[0].Alg != sha256Alg || e.Integrity[0].FollowRef {
		return e, Key{}, fmt.Errorf("it is signed by other than one JWS over a SHA256: %w", ErrForm)
	}
	body, err := jcs.Select(text, func(m string) bool { return m != block })
	if err != nil {
		return e, Key{}, err
	}
	i := e.Integrity[0]
	if all, err := scope(body); err != nil || i.Scope != all {
		return e, Key{}, fmt.Errorf("its signature covers other than every member: %w", ErrForm)
	}
	if i.Hash != hash(body) {
		return e, Key{}, ErrSignature
	}
	by, err := verify(i.Signature, body, trusted)
	return e, by, err
}

// strict reads canonical JSON into v, and refuses what v has no place for, and
// members that say nothing.
func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if d.Decode(v) != nil { // which may quote the text
		return fmt.Errorf("it has members or values of another kind: %w", ErrForm)
	}
	again, err := json.Marshal(v)
	if err == nil {
		again, err = jcs.Canonical(again)
	}
	if err != nil || !bytes.Equal(again, text) {
		return fmt.Errorf("a member is written otherwise, or there without need: %w", ErrForm)
	}
	return nil
}

// scope lists the members of an object as JSON paths, sorted.
func scope(body []byte) (string, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil {
		return "", fmt.Errorf("listing members: %w", ErrForm)
	}
	var paths []string
	for name := range top {
		paths = append(paths, "$."+name)
	}
	slices.Sort(paths)
	return strings.Join(paths, " "), nil
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
	text, err := json.Marshal(map[string]string{"imageRef": reference})
	if err == nil {
		text, err = jcs.Canonical(text)
	}
	if err != nil {
		return nil, fmt.Errorf("referring to a picture: %w", err)
	}
	return []integrity{{Type: "NONE", Scope: "$.imageRef", Alg: sha256Alg, FollowRef: true, Hash: hash(text, data)}}, nil
}
