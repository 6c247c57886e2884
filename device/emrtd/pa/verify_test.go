package pa_test

import (
	"bytes"
	"maps"
	"testing"
	"time"

	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/pa/patest"
)

func TestEveryAlgorithmOfTheWorld(t *testing.T) {
	for name, k := range kinds {
		t.Run(name, func(t *testing.T) {
			s := issue(t, k)
			r := pa.Verify(s.files, trust(t, s.csca.Certificate), today)
			if r.Signature != pa.Good || r.Chain != pa.Good || r.Content != pa.Good || len(r.Findings) > 0 {
				t.Errorf("signature %v, chain %v, content %v\n%s", r.Signature, r.Chain, r.Content, found(r))
			}
			if r.CSCA() == nil || r.CSCA().String() != "CSCA Utopia, UT" || r.CSCA().Source != "test.cer" || r.Signer.String() != "Signer 7, UT" {
				t.Errorf("signed by %v under %v", r.Signer, r.CSCA())
			}
		})
	}
}

// A document is what one that is in order is changed into.
type document struct {
	state
	installed [][]byte
	day       time.Time
}

var utopia = patest.Name{Country: "UT", Common: "CSCA Utopia"}

func signer() patest.Spec {
	return patest.Spec{Name: patest.Name{Country: "UT", Common: "Signer 7"}, Serial: 7, From: from, Until: until}
}

func authority(t testing.TB, seed byte, n patest.Name) *patest.Authority {
	t.Helper()
	a, err := patest.NewAuthority(random(seed), patest.Kind{}, patest.Spec{Name: n, From: from, Until: until})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// again signs the files once more, with a signer as told.
func (d *document) again(t testing.TB, spec patest.Spec) { d.state = d.sign(t, patest.Kind{}, spec) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestWhatIsNotInOrder(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*document)
		finds  string
		lamps  [3]pa.State // signature, chain, content
	}{
		{"nothing is wrong", func(d *document) {}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"nobody is installed", func(d *document) { d.installed = nil },
			"EF.SOD: the authority that certified the signer is not installed\n", [3]pa.State{pa.Good, pa.NotChecked, pa.Good}},
		{"another state's authority is installed", func(d *document) {
			d.installed = [][]byte{authority(t, 9, patest.Name{Country: "DK", Common: "CSCA"}).Certificate}
		}, "EF.SOD: the authority that certified the signer is not installed\n", [3]pa.State{pa.Good, pa.NotChecked, pa.Good}},
		{"an authority of the name is installed with another key", func(d *document) { d.installed = [][]byte{authority(t, 9, utopia).Certificate} },
			"EF.SOD: the authority that is installed did not certify the signer\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the day after the signer's last", func(d *document) { d.again(t, with(signer(), func(s *patest.Spec) { s.Until = day("2026-05-31") })) },
			"EF.SOD: the signer's certificate is not valid on the day\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the day before the signer's first", func(d *document) { d.again(t, with(signer(), func(s *patest.Spec) { s.From = day("2026-06-02") })) },
			"EF.SOD: the signer's certificate is not valid on the day\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the day after the authority's last", func(d *document) {
			d.again(t, with(signer(), func(s *patest.Spec) { s.Until = day("2036-01-01") }))
			d.day = day("2035-01-01")
		}, "EF.SOD: the authority's certificate is not valid on the day\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the signer is revoked", func(d *document) {
			d.installed = append(d.installed, must(d.csca.Revoke(random(5), from, until, 3, 7)))
		}, "EF.SOD: a certificate is revoked\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"another signer is revoked", func(d *document) {
			d.installed = append(d.installed, must(d.csca.Revoke(random(5), from, until, 3)))
		}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"somebody else revokes the signer", func(d *document) {
			d.installed = append(d.installed, must(authority(t, 9, utopia).Revoke(random(5), from, until, 7)))
		}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"the signer is an authority", func(d *document) { d.again(t, with(signer(), func(s *patest.Spec) { s.Authority = true })) },
			"EF.SOD: the certificate may not sign such documents\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the signer may sign passports alone", func(d *document) { d.again(t, with(signer(), func(s *patest.Spec) { s.Documents = []string{"P"} })) },
			"EF.DG1: the certificate may not sign such documents\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"a signer of another state, certified by the authority", func(d *document) {
			d.again(t, with(signer(), func(s *patest.Spec) { s.Country = "DK" }))
		}, "EF.DG1: the signer is of another state than the document\n", [3]pa.State{pa.Good, pa.Failed, pa.Good}},
		{"the signer's certificate is missing", func(d *document) {
			d.signer.Bare = true
			d.files[lds.SOD] = must(d.signer.SOD(random(4), d.files))
		}, "EF.SOD: the signer's certificate is missing\n", [3]pa.State{pa.NotChecked, pa.NotChecked, pa.Good}},
		{"the signer's certificate is installed", func(d *document) {
			d.signer.Bare = true
			d.files[lds.SOD] = must(d.signer.SOD(random(4), d.files))
			d.installed = append(d.installed, d.signer.Certificate)
		}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"the signer is named by its key", func(d *document) {
			d.signer.ByKeyID = true
			d.files[lds.SOD] = must(d.signer.SOD(random(4), d.files))
		}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"nobody names his key", func(d *document) {
			a := must(patest.NewAuthority(random(2), patest.Kind{}, patest.Spec{Name: utopia, From: from, Until: until, NoKeyID: true}))
			d.state, d.installed = state{csca: a}.sign(t, patest.Kind{}, with(signer(), func(s *patest.Spec) { s.NoKeyID = true })), [][]byte{a.Certificate}
		}, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"a signer that another signer certified", func(d *document) {
			d.signer = must((&patest.Authority{Key: d.signer.Key, Name: signer().Name}).NewSigner(random(6), patest.Kind{}, signer()))
			d.files[lds.SOD] = must(d.signer.SOD(random(4), d.files))
		}, "EF.SOD: the authority that certified the signer is not installed\n", [3]pa.State{pa.Good, pa.NotChecked, pa.Good}},
		{"a data group that was not signed", func(d *document) { d.files[lds.DG12] = lds.Issue{Authority: "UTOPIA"}.Bytes() },
			"EF.DG12: the file is not known to EF.SOD\n", [3]pa.State{pa.Good, pa.Good, pa.Failed}},
		{"a data group that was not read", func(d *document) { delete(d.files, lds.DG2) }, "", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"nothing but EF.SOD was read", func(d *document) { d.files = map[lds.File][]byte{lds.SOD: d.files[lds.SOD]} }, "", [3]pa.State{pa.Good, pa.Good, pa.NotChecked}},
		{"the zone of another", func(d *document) {
			d.files[lds.DG1] = bytes.Replace(d.files[lds.DG1], []byte("ANNA"), []byte("EMMA"), 1)
		},
			"EF.DG1: the file is not the one that was signed\n", [3]pa.State{pa.Good, pa.Good, pa.Failed}},
		{"EF.COM hides a data group", func(d *document) {
			d.files[lds.COM] = lds.Common{Version: "0107", Unicode: "040000", Groups: []lds.File{lds.DG1, lds.DG2}}.Bytes()
		}, "EF.COM: EF.COM and EF.SOD list different files\n", [3]pa.State{pa.Good, pa.Good, pa.Good}},
		{"EF.SOD is missing", func(d *document) { delete(d.files, lds.SOD) },
			"EF.SOD: it cannot be read: reading EF.SOD at byte 0: 77 is missing\n", [3]pa.State{pa.Failed, pa.NotChecked, pa.NotChecked}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := issue(t, patest.Kind{})
			d := &document{s, [][]byte{s.csca.Certificate}, today}
			d.files = maps.Clone(d.files)
			c.change(d)
			r := pa.Verify(d.files, trust(t, d.installed...), d.day)
			if got := found(r); got != c.finds {
				t.Errorf("found\n%swant\n%s", got, c.finds)
			}
			if got := [3]pa.State{r.Signature, r.Chain, r.Content}; got != c.lamps {
				t.Errorf("signature, chain, content are %v, want %v", got, c.lamps)
			}
		})
	}
}

func with(s patest.Spec, change func(*patest.Spec)) patest.Spec {
	change(&s)
	return s
}

// That there are prints is known though nobody can read them.
func TestPrintsThatCannotBeReadAreKnown(t *testing.T) {
	s := issue(t, patest.Kind{})
	s.files[lds.DG3] = []byte("prints")
	s.files[lds.SOD] = must(s.signer.SOD(random(4), s.files))
	delete(s.files, lds.DG3)
	r := pa.Verify(s.files, trust(t, s.csca.Certificate), today)
	if state, listed := r.Of(lds.DG3); !listed || state != pa.NotChecked {
		t.Errorf("EF.DG3: %v, listed %v", state, listed)
	}
	if _, listed := r.Of(lds.DG4); listed {
		t.Error("EF.DG4 is known")
	}
	if len(r.Groups) != 4 || r.Groups[2].File != lds.DG3 {
		t.Errorf("groups are %v", r.Groups)
	}
}

// Every few years an authority has a new key, and certifies it with the old one.
func TestLinkToANewKey(t *testing.T) {
	old := authority(t, 2, utopia)
	young, err := patest.NewAuthority(random(7), patest.Kind{Curve: "brainpoolP256r1"}, patest.Spec{Name: utopia, From: day("2026-01-01"), Until: day("2040-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	link, err := old.Certify(random(8), young.Key.Public, patest.Spec{Name: utopia, Serial: 2, Authority: true, From: day("2026-01-01"), Until: day("2040-01-01")})
	if err != nil {
		t.Fatal(err)
	}
	s := state{csca: young}.sign(t, patest.Kind{}, signer())
	for name, c := range map[string]struct {
		installed [][]byte
		chain     pa.State
		length    int
	}{
		"the old key and the link":  {[][]byte{old.Certificate, link}, pa.Good, 3},
		"the new key":               {[][]byte{young.Certificate}, pa.Good, 2},
		"all of them":               {[][]byte{link, old.Certificate, young.Certificate}, pa.Good, 2},
		"the link alone":            {[][]byte{link}, pa.Good, 2},
		"the old key, not the link": {[][]byte{old.Certificate}, pa.Failed, 0},
	} {
		r := pa.Verify(s.files, trust(t, c.installed...), today)
		if r.Chain != c.chain || len(r.Path) != c.length {
			t.Errorf("%s: chain %v over %v\n%s", name, r.Chain, r.Path, found(r))
		}
	}
	if r := pa.Verify(s.files, trust(t, old.Certificate), today); !r.Has(pa.WrongCSCA) {
		t.Errorf("without the link: %s", found(r))
	}
}

func TestCardSecurity(t *testing.T) {
	s := issue(t, patest.Kind{Curve: "brainpoolP256r1"})
	infos := lds.SecurityInfos{{Protocol: lds.OIDPACE + ".2.2", Version: 2, Parameter: 13}}
	b := must(s.signer.CardSecurity(random(4), infos))
	got, r := pa.VerifyCardSecurity(b, trust(t, s.csca.Certificate), today)
	if r.Signature != pa.Good || r.Chain != pa.Good || len(got) != 1 || got[0].Parameter != 13 {
		t.Errorf("signature %v, chain %v, %+v\n%s", r.Signature, r.Chain, got, found(r))
	}
	b = bytes.Replace(b, []byte{2, 1, 13}, []byte{2, 1, 12}, 1)
	if _, r := pa.VerifyCardSecurity(b, trust(t, s.csca.Certificate), today); !r.Has(pa.WrongContent) {
		t.Errorf("with other parameters: %s", found(r))
	}
	if _, r := pa.VerifyCardSecurity(s.files[lds.SOD], trust(t, s.csca.Certificate), today); !r.Has(pa.Malformed) {
		t.Errorf("with EF.SOD in its place: %s", found(r))
	}
}

// EF.CardAccess can be changed by anybody who stands beside the card: to a weaker
// PACE, say. DG14 has the same and is signed.
func TestCardAccessIsComparedWithDG14(t *testing.T) {
	s := issue(t, patest.Kind{})
	pace := lds.SecurityInfo{Protocol: lds.OIDPACE + ".2.2", Version: 2, Parameter: 13}
	s.files[lds.DG14] = lds.SecurityInfos{pace, {Protocol: lds.OIDChip + ".2.2", Version: 1, Parameter: -1}}.DG14()
	s.files[lds.CardAccess] = lds.SecurityInfos{pace}.Bytes()
	s.files[lds.SOD] = must(s.signer.SOD(random(4), s.files))
	delete(s.files, lds.COM)
	anchors := trust(t, s.csca.Certificate)
	if r := pa.Verify(s.files, anchors, today); len(r.Findings) > 0 {
		t.Errorf("found\n%s", found(r))
	}
	pace.Parameter = 8
	s.files[lds.CardAccess] = lds.SecurityInfos{pace}.Bytes()
	if r := pa.Verify(s.files, anchors, today); !r.Has(pa.AccessDiffers) {
		t.Errorf("another curve is not found:\n%s", found(r))
	}
}

func TestSecurityObjectOfVersion1(t *testing.T) {
	s := issue(t, patest.Kind{})
	s.signer.Version = "0108"
	s.files[lds.SOD] = must(s.signer.SOD(random(4), s.files))
	anchors := trust(t, s.csca.Certificate)
	if r := pa.Verify(s.files, anchors, today); !r.Has(pa.CommonDiffers) || r.Object.LDS != "0108" || r.Object.Unicode != "040000" {
		t.Errorf("EF.COM has version 0107, EF.SOD %q:\n%s", r.Object.LDS, found(r))
	}
	s.files[lds.COM] = bytes.Replace(s.files[lds.COM], []byte("0107"), []byte("0108"), 1)
	if r := pa.Verify(s.files, anchors, today); len(r.Findings) > 0 {
		t.Errorf("found\n%s", found(r))
	}
}
