package emrtd

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/lds/der"
)

// offers are infos of PACE: "2.2/13" is ECDH, generic mapping, AES-128 with
// brainpoolP256r1.
func offers(ways string) (all lds.SecurityInfos) {
	for way := range strings.FieldsSeq(ways) {
		var kind, suite string
		var parameter int
		if _, err := fmt.Sscanf(strings.NewReplacer(".", " ", "/", " ").Replace(way), "%s %s %d", &kind, &suite, &parameter); err != nil {
			panic(err)
		}
		all = append(all, lds.SecurityInfo{Protocol: lds.OIDPACE + "." + kind + "." + suite, Version: 2, Parameter: parameter})
	}
	return all
}

func TestTheBestWayOfPACEIsTaken(t *testing.T) {
	for _, c := range []struct{ name, offered, want string }{
		{"a residence card", "2.2/13", "PACE-GM brainpoolP256r1 AES-128"},
		{"the longer key", "2.2/13 2.4/13", "PACE-GM brainpoolP256r1 AES-256"},
		{"curves before powers", "1.4/2 2.2/12", "PACE-GM secp256r1 AES-128"},
		{"AES before triple DES", "2.1/18 2.2/12", "PACE-GM secp256r1 AES-128"},
		{"the mapping that shows the chip", "2.4/13 6.2/13 4.4/13", "PACE-CAM brainpoolP256r1 AES-128"},
		{"generic before integrated", "4.4/13 2.2/13", "PACE-GM brainpoolP256r1 AES-128"},
		{"integrated alone", "4.2/15", "PACE-IM secp384r1 AES-128"},
		{"powers alone", "3.2/1", "PACE-IM MODP 2048/224 AES-128"},
		{"triple DES alone", "2.1/12", "PACE-GM secp256r1 3DES"},
		{"a curve that is none", "2.2/7", ""},
		{"a group of the other kind", "2.2/1 1.2/13", ""},
		{"integrated where it is impossible", "4.2/10", ""},
		{"the third mapping with triple DES", "6.1/13", ""},
		{"an unknown mapping", "5.2/13", ""},
		{"an unknown cipher", "2.5/13", ""},
		{"no parameters", "2.2/-1", ""},
		{"nothing", "", ""},
	} {
		ways := paces(offers(c.offered))
		got := ""
		if len(ways) > 0 {
			got = ways[0].String()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	old := offers("2.2/13")
	old[0].Version = 1
	if len(paces(old)) != 0 {
		t.Error("the version that was withdrawn is taken")
	}
}

func TestParametersAreNamedWhereTheyMustBe(t *testing.T) {
	for offered, want := range map[string]bool{"2.2/13": false, "2.2/13 2.2/12": true, "2.2/13 2.4/12": false} {
		if got := paces(offers(offered))[0].several; got != want {
			t.Errorf("%s: %v", offered, got)
		}
	}
}

func TestTheBestKeyOfTheChipIsTaken(t *testing.T) {
	key := func(name string, id int) lds.SecurityInfo {
		c := ec.ByName(name)
		return lds.SecurityInfo{Protocol: lds.OIDPublicKey + ".2", Parameter: id, Key: &der.PublicKey{Curve: c, Point: c.G, Parameter: -1}}
	}
	powers := groupOf(0).(powers)
	dh := lds.SecurityInfo{Protocol: lds.OIDPublicKey + ".1", Parameter: -1, Key: &der.PublicKey{DH: &der.DH{P: powers.p, G: powers.g, Q: powers.q, Y: powers.g}, Parameter: -1}}
	outside := dh
	outside.Key = &der.PublicKey{DH: &der.DH{P: powers.p, G: powers.g, Q: powers.q, Y: big.NewInt(2)}, Parameter: -1}
	use := func(variant string, id int) lds.SecurityInfo {
		return lds.SecurityInfo{Protocol: lds.OIDChip + "." + variant, Version: 1, Parameter: id}
	}
	for _, c := range []struct {
		name  string
		infos lds.SecurityInfos
		want  string
	}{
		{"one key, one use", lds.SecurityInfos{use("2.2", -1), key("secp256r1", -1)}, "secp256r1 AES-128 []"},
		{"the use is not told", lds.SecurityInfos{key("secp256r1", -1)}, "secp256r1 3DES []"},
		{"two keys by number", lds.SecurityInfos{use("2.2", 1), use("2.4", 2), key("brainpoolP256r1", 1), key("brainpoolP384r1", 2)}, "brainpoolP384r1 AES-256 [2]"},
		{"a long number", lds.SecurityInfos{use("2.2", 513), key("secp256r1", 513)}, "secp256r1 AES-128 [2 1]"},
		{"number 0", lds.SecurityInfos{use("2.2", 0), key("secp256r1", 0)}, "secp256r1 AES-128 [0]"},
		{"two uses of one key", lds.SecurityInfos{use("2.1", -1), use("2.3", -1), key("secp256r1", -1)}, "secp256r1 AES-192 []"},
		{"powers", lds.SecurityInfos{use("1.2", -1), dh}, "MODP of its own AES-128 []"},
		{"curves before powers", lds.SecurityInfos{use("1.4", -1), dh, use("2.2", -1), key("secp256r1", -1)}, "secp256r1 AES-128 []"},
		{"a power of another group", lds.SecurityInfos{use("1.2", -1), outside}, ""},
		{"a use of no key", lds.SecurityInfos{use("2.2", 3), key("secp256r1", 4)}, "secp256r1 3DES [4]"},
		{"an unknown use", lds.SecurityInfos{use("2.9", -1), key("secp256r1", -1)}, ""},
		{"nothing", nil, ""},
	} {
		got := ""
		if keys := chipKeys(c.infos); len(keys) > 0 {
			got = fmt.Sprint(keys[0].group, " ", keys[0].suite, " ", keys[0].id)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A chip that offers more than it can mean costs no more than one that does not.
func TestOffersAreBounded(t *testing.T) {
	var many lds.SecurityInfos
	huge := new(big.Int).Lsh(big.NewInt(1), 4000)
	huge.Add(huge, big.NewInt(1))
	for range 1000 {
		many = append(many, offers("2.2/13")...)
		many = append(many, lds.SecurityInfo{Protocol: lds.OIDPublicKey + ".1", Parameter: -1, Key: &der.PublicKey{DH: &der.DH{P: huge, G: big.NewInt(2), Q: huge, Y: big.NewInt(4)}, Parameter: -1}})
	}
	if n := len(paces(many)); n != maxOffers {
		t.Errorf("%d ways of PACE are looked at", n)
	}
	if n := len(chipKeys(many)); n != 0 {
		t.Errorf("%d keys of a group as large as no chip's", n)
	}
}

// FuzzCardAccess: whatever a chip announces, only ways that can be gone come of
// it.
func FuzzCardAccess(f *testing.F) {
	f.Add(offers("2.2/13 6.4/16 1.2/0").Bytes())
	f.Add(hx("31143012060A04007F0007020204020202010202010D"))
	f.Fuzz(func(t *testing.T, b []byte) {
		infos, err := lds.ParseCardAccess(b)
		if err != nil {
			return
		}
		for _, p := range paces(infos) {
			if p.group == nil || len(p.oid) == 0 || p.String() == "" {
				t.Errorf("%x offers %+v", b, p)
			}
		}
		for _, k := range chipKeys(infos) {
			if c, ok := k.group.(curve); ok && !c.On(k.key) {
				t.Errorf("%x offers a key outside its curve", b)
			}
		}
	})
}
