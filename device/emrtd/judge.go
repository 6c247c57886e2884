package emrtd

import (
	"optag/device/emrtd/lds"
)

// judge says what the run has shown, and reads the files.
func (r *reader) judge() {
	r.parse()
	c := r.chip
	c.Belongs = belongs(c, r.access.MRZ)
	if r.pace != nil && r.pace.proof != nil && c.Genuine.Verdict == "" {
		c.Genuine = notChecked(KeyNotKnown)
	}
	for i, g := range c.Groups {
		c.Groups[i].Closed = closed(g.File) && c.Files[g.File] == nil && g.Err == nil
	}
	for _, result := range []*Result{&c.Signature, &c.Content, &c.Genuine} {
		if result.Verdict == "" {
			*result = notChecked(NoProtocol)
		}
	}
}

// belongs compares the zone in the chip with that of the document.
func belongs(c *Chip, information string) Result {
	switch {
	case c.Zone.Format == "":
		return notChecked(NoZone)
	case c.Zone.Err() != nil:
		return failed(WrongDigits, nil)
	case information == "":
		return notChecked(NoMRZ)
	case c.Zone.Key() != information:
		return failed(OtherDocument, nil)
	}
	return Result{Verdict: OK}
}

// parse reads what the files hold, and notes what is not legible.
func (r *reader) parse() {
	c := r.chip
	for file, parse := range map[lds.File]func([]byte) error{
		lds.DG1:  func(b []byte) (err error) { c.Zone, err = lds.ParseDG1(b); return },
		lds.DG2:  func(b []byte) (err error) { c.Faces, err = lds.ParseDG2(b); return },
		lds.DG3:  func(b []byte) (err error) { c.Fingers, err = lds.ParseDG3(b); return },
		lds.DG7:  func(b []byte) (err error) { c.Signatures, err = lds.ParseDG7(b); return },
		lds.DG11: func(b []byte) (err error) { c.Holder, err = lds.ParseDG11(b); return },
		lds.DG12: func(b []byte) (err error) { c.Issue, err = lds.ParseDG12(b); return },
	} {
		if b := c.Files[file]; b != nil {
			if err := parse(b); err != nil {
				r.note(file, faulty(file, err))
			}
		}
	}
}
