package lds

import "optag/capture/record/tlv"

// A Common is EF.COM: which data groups there are. It is not signed; what
// [optag/device/emrtd/pa] says of the groups is.
type Common struct {
	Version string // of the logical data structure, four digits: 0107, 0108
	Unicode string // six digits
	Groups  []File // in the order of the file
}

// ParseCOM reads EF.COM.
func ParseCOM(b []byte) (Common, error) {
	c, err := parseCOM(b)
	return c, Named(COM, err)
}

func parseCOM(b []byte) (c Common, err error) {
	_, r, err := open(COM, b)
	if err != nil {
		return c, err
	}
	for _, v := range []struct {
		tag  tlv.Tag
		n    int
		into *string
	}{{0x5F01, 4, &c.Version}, {0x5F36, 6, &c.Unicode}} {
		e, err := r.Want(v.tag)
		if err != nil {
			return c, err
		}
		if len(e.Value) != v.n || !digits(e.Value) {
			return c, e.Fault("is no version")
		}
		*v.into = string(e.Value)
	}
	list, err := r.Want(0x5C)
	if err != nil {
		return c, err
	}
	seen := map[byte]bool{}
	for _, tag := range list.Value {
		f, ok := ByTag(tlv.Tag(tag))
		if !ok || !f.Group() || seen[tag] {
			return c, list.Fault("names what is no data group, or one twice")
		}
		seen[tag] = true
		c.Groups = append(c.Groups, f)
	}
	return c, r.End()
}

// Bytes writes EF.COM.
func (c Common) Bytes() []byte {
	var list []byte
	for _, f := range c.Groups {
		list = append(list, byte(f.Tag()))
	}
	return tlv.Constructed(COM.Tag(), tlv.Primitive(0x5F01, []byte(c.Version)),
		tlv.Primitive(0x5F36, []byte(c.Unicode)), tlv.Primitive(0x5C, list)).Bytes()
}

func digits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
