package pa

import (
	"crypto"
	"errors"
	"fmt"

	"optag/capture/record/tlv"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// A SecurityObject is what EF.SOD signs: the hashes of the data groups (Doc
// 9303-10, 4.6.2.2).
type SecurityObject struct {
	Version int // 0, or 1 with LDS
	Hash    crypto.Hash
	Sums    map[lds.File][]byte
	LDS     string // version of the logical data structure, "" in version 0: 0108
	Unicode string
}

// A SOD is EF.SOD as it was opened.
type SOD struct {
	Object *SecurityObject // what it lists, whoever signed it; nil where that is not legible

	envelope *envelope // nil where it is not legible
	err      error     // why something is not
}

// OpenSOD opens EF.SOD. The bytes are left alone while it is in use.
func OpenSOD(b []byte) *SOD {
	s := new(SOD)
	s.err = s.open(b)
	return s
}

func (s *SOD) open(b []byte) error {
	if len(b) > lds.SOD.Limit() {
		return &lds.Fault{File: lds.SOD, Rule: "is longer than such a file may be"}
	}
	file, err := der.Read(b, lds.SOD.Tag())
	if err != nil {
		return lds.Named(lds.SOD, err)
	}
	e, err := readEnvelope(file.Value, file.Head)
	if err != nil {
		return named(lds.SOD, err)
	}
	if e.contentType != oidSecurityObject || len(e.signers) != 1 {
		return &lds.Fault{File: lds.SOD, Rule: "is no security object of one signer"}
	}
	s.envelope = e
	if s.Object, err = readObject(e.content); err != nil {
		s.Object = nil
		return named(lds.SOD, moved(err, file.Head+e.at))
	}
	return nil
}

// named puts the name of the file into an error, and leaves [ErrAlgorithm] to be
// told from others.
func named(f lds.File, err error) error {
	if errors.Is(err, ErrAlgorithm) {
		return fmt.Errorf("reading %v: %w", f, err)
	}
	return lds.Named(f, err)
}

func readObject(b []byte) (*SecurityObject, error) {
	e, err := der.Read(b, der.Sequence)
	if err != nil {
		return nil, err
	}
	r, err := e.In()
	if err != nil {
		return nil, err
	}
	o := &SecurityObject{Sums: map[lds.File][]byte{}}
	if o.Version, err = der.Small(r, 1); err != nil {
		return nil, err
	}
	if o.Hash, err = readHash(r); err != nil {
		return nil, fmt.Errorf("reading the hash function: %w", err)
	}
	list, err := der.In(r, der.Sequence)
	if err != nil {
		return nil, err
	}
	for list.More() {
		if err := o.sum(list); err != nil {
			return nil, err
		}
	}
	if o.Version == 1 || r.More() {
		if err := o.versions(r); err != nil {
			return nil, err
		}
	}
	return o, r.End()
}

// sum reads the hash of one data group.
func (o *SecurityObject) sum(list *tlv.Reader) error {
	e, err := list.Want(der.Sequence)
	if err != nil {
		return err
	}
	in, err := e.In()
	if err != nil {
		return err
	}
	n, err := der.Small(in, int(lds.DG16))
	if err != nil {
		return err
	}
	h, err := in.Want(der.OctetString)
	if err != nil {
		return err
	}
	f := lds.File(n)
	if _, twice := o.Sums[f]; twice || !f.Group() {
		return e.Fault("is of no data group, or of one for the second time")
	}
	if len(h.Value) != o.Hash.Size() {
		return h.Fault("is not as long as the hash")
	}
	o.Sums[f] = h.Value
	return in.End()
}

func (o *SecurityObject) versions(r *tlv.Reader) error {
	in, err := der.In(r, der.Sequence)
	if err != nil {
		return err
	}
	for _, into := range []*string{&o.LDS, &o.Unicode} {
		e, err := in.Want(der.PrintableString)
		if err != nil {
			return err
		}
		*into = string(e.Value)
	}
	return in.End()
}
