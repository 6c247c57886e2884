package trust

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/queue/seal"
)

var day = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// ends are a station and a service that have not met.
func ends(t testing.TB) (*Station, *Authority) {
	t.Helper()
	st, err := InitStation(t.TempDir(), "cph-01", rand.Reader, day)
	if err != nil {
		t.Fatal(err)
	}
	a, err := InitAuthority(t.TempDir(), "intake-1", "https://intake.example:8443", rand.Reader, day)
	if err != nil {
		t.Fatal(err)
	}
	return st, a
}

func publish(t testing.TB, st *Station) []byte {
	t.Helper()
	file, err := st.Publish(day)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// register has st registered, and returns the service file for it.
func register(t testing.TB, a *Authority, st *Station, now time.Time) []byte {
	t.Helper()
	file, print, err := a.Register(publish(t, st), false, now)
	if err != nil {
		t.Fatal(err)
	}
	if want, err := st.Fingerprint(); err != nil || print != want {
		t.Errorf("the service sees fingerprint %s, the station %s, %v", print, want, err)
	}
	return file
}

func load(t testing.TB, home string) (*Station, *Service) {
	t.Helper()
	st, err := LoadStation(home)
	if err != nil {
		t.Fatal(err)
	}
	sv, err := LoadService(home)
	if err != nil {
		t.Fatal(err)
	}
	return st, sv
}

func TestStationMeetsService(t *testing.T) {
	st, a := ends(t)
	if _, err := LoadService(st.home); !errors.Is(err, ErrMissing) {
		t.Errorf("before: %v", err)
	}
	first, err := a.Publish(day)
	if err != nil {
		t.Fatal(err)
	}
	sv, changes, err := st.Import(first, Import{}, day)
	if err != nil || sv.Certificate != nil || len(sv.Recipients) != 1 {
		t.Fatalf("Import = %+v, %v", sv, err)
	}
	if got := strings.Join(changes, "; "); !strings.Contains(got, "service intake-1, fingerprint") || !strings.Contains(got, "recipient") {
		t.Errorf("changes = %s", got)
	}
	if _, err := st.ClientTLS(sv); !errors.Is(err, ErrMissing) {
		t.Errorf("a connection without a certificate: %v", err)
	}
	if _, _, err = st.Import(register(t, a, st, day), Import{Fingerprint: sv.Fingerprint()}, day); err != nil {
		t.Fatal(err)
	}
	st, sv = load(t, st.home)
	if sv.Certificate == nil || !slices.Equal(sv.StationKeys, []string{st.Signer(sv).Public().ID()}) {
		t.Errorf("service = %+v", sv)
	}
	if _, changes, err := st.Import(register(t, a, st, day), Import{}, day); err != nil || len(changes) != 1 || !strings.Contains(changes[0], "certificate") {
		t.Errorf("a renewed certificate: %v, %v", changes, err)
	}
}

func TestServiceFilesThatAreNotTakenOver(t *testing.T) {
	st, a := ends(t)
	if _, _, err := st.Import(register(t, a, st, day), Import{}, day); err != nil {
		t.Fatal(err)
	}
	known := publishedFile(t, st.home)
	other, stranger := ends(t)
	_, err := InitStation(other.home, "cph-01", rand.Reader, day)
	if !errors.Is(err, ErrExists) {
		t.Errorf("keys were made twice: %v", err)
	}
	all, err := a.Publish(day.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name  string
		file  []byte
		o     Import
		at    time.Time
		want  error
		words string
	}{
		{"another service's", register(t, stranger, st, day), Import{}, day, ErrStranger, ""},
		{"another fingerprint than was said", register(t, a, st, day), Import{Fingerprint: "0000 0000"}, day, ErrStranger, ""},
		{"older than the one known", register(t, a, st, day.Add(-time.Hour)), Import{}, day, nil, "is known"},
		{"without the certificate there was", all, Import{}, day, nil, "certificate"},
		{"for another station's key", forced(t, a, other), Import{}, day, nil, "signing keys"},
		{"with an expired certificate", forced(t, a, st), Import{}, day.Add(2 * stationLife), nil, "expired"},
		{"a changed address", bytes.Replace(known, []byte("intake.example"), []byte("intakf.example"), 1), Import{}, day, ErrForged, ""},
		{"a surplus member", bytes.Replace(known, []byte(`"kind"`), []byte(`"extra": 1, "kind"`), 1), Import{}, day, nil, "unknown field"},
		{"cut short", known[:len(known)/2], Import{}, day, nil, "unexpected EOF"},
		{"empty", nil, Import{}, day, nil, "EOF"},
		{"a station file", publish(t, st), Import{}, day, nil, "unknown field"},
	}
	for _, c := range cases {
		_, _, err := st.Import(c.file, c.o, c.at)
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: error %v, want %v with %q", c.name, err, c.want, c.words)
		}
		if !bytes.Equal(publishedFile(t, st.home), known) {
			t.Errorf("%s: the known file was changed", c.name)
		}
	}
	if _, _, err := st.Import(register(t, stranger, st, day), Import{Replace: true}, day); err != nil {
		t.Errorf("another service, on purpose: %v", err)
	}
}

// forced registers a station whatever was registered before.
func forced(t *testing.T, a *Authority, st *Station) []byte {
	t.Helper()
	file, _, err := a.Register(publish(t, st), true, day)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func publishedFile(t *testing.T, home string) []byte {
	t.Helper()
	raw, err := os.ReadFile(servicePath(home))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestStationFilesThatAreNotRegistered(t *testing.T) {
	st, a := ends(t)
	good := publish(t, st)
	if _, _, err := a.Register(good, false, day); err != nil {
		t.Fatal(err)
	}
	other, _ := ends(t)
	cases := []struct {
		name  string
		file  []byte
		want  error
		words string
	}{
		{"another station's keys under the same id", publish(t, other), ErrStranger, ""},
		{"another id", bytes.Replace(good, []byte(`"station": "cph-01"`), []byte(`"station": "cph-02"`), 1), nil, "cph-01"},
		{"another time", bytes.Replace(good, []byte("2026"), []byte("2027"), 1), ErrForged, ""},
		{"a path for an id", bytes.Replace(good, []byte(`"station": "cph-01"`), []byte(`"station": "../../x"`), 1), nil, "not a station file"},
		{"no signature", unsigned(t, good), ErrForged, ""},
		{"a request for a certificate of another", swapRequest(t, good, publish(t, other)), ErrForged, ""},
		{"cut short", good[:len(good)-10], nil, "EOF"},
	}
	before, err := a.Stations().Station("cph-01")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		_, _, err := a.Register(c.file, false, day)
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: error %v, want %v with %q", c.name, err, c.want, c.words)
		}
	}
	after, err := a.Stations().Station("cph-01")
	if err != nil || !slices.Equal(keyIDs(before.Keys), keyIDs(after.Keys)) {
		t.Errorf("the registered keys were changed: %v", err)
	}
	if ids, err := a.Stations().List(); err != nil || len(ids) != 1 {
		t.Errorf("registered are %v, %v", ids, err)
	}
}

func unsigned(t *testing.T, file []byte) []byte {
	t.Helper()
	var s statement
	if err := json.Unmarshal(file, &s); err != nil {
		t.Fatal(err)
	}
	s.Signatures = nil
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// swapRequest puts the certificate request of one station file into another.
func swapRequest(t *testing.T, into, from []byte) []byte {
	t.Helper()
	var a, b statement
	var x, y stationStatement
	err := errors.Join(json.Unmarshal(into, &a), json.Unmarshal(from, &b), json.Unmarshal(a.Statement, &x), json.Unmarshal(b.Statement, &y))
	if err != nil {
		t.Fatal(err)
	}
	x.CSR = y.CSR
	if a.Statement, err = json.Marshal(x); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The new key is used once the service has registered it, and not before; what
// was signed by the old one stays good.
func TestSigningKeyIsChanged(t *testing.T) {
	st, a := ends(t)
	if err := st.Rotate(nil, rand.Reader, day); err == nil {
		t.Error("a key was changed that no service knows")
	}
	sv, _, err := st.Import(register(t, a, st, day), Import{}, day)
	if err != nil {
		t.Fatal(err)
	}
	old := st.Signer(sv).Public().ID()
	if err := st.Rotate(sv, rand.Reader, day); err != nil {
		t.Fatal(err)
	}
	st, sv = load(t, st.home)
	if got := st.Signer(sv).Public().ID(); got != old || len(st.PublicKeys()) != 2 {
		t.Errorf("before the service knows it, key %.8s is used; want %.8s", got, old)
	}
	if err := st.Rotate(sv, rand.Reader, day); err == nil {
		t.Error("a second new key was made while the first waits")
	}
	if _, _, err := st.Import(register(t, a, st, day.Add(time.Minute)), Import{}, day); err != nil {
		t.Fatal(err)
	}
	st, sv = load(t, st.home)
	if got := st.Signer(sv).Public().ID(); got == old || len(st.PublicKeys()) != 1 {
		t.Errorf("afterwards key %.8s is used, of %d", got, len(st.PublicKeys()))
	}
	registered, err := a.Stations().Station("cph-01")
	if err != nil || !slices.Contains(keyIDs(registered.Keys), old) || len(registered.Keys) != 2 {
		t.Errorf("the service has forgotten the old key: %v", err)
	}
	register(t, a, st, day.Add(2*time.Minute)) // signed by the new key alone
}

// Once the station has forgotten its key, only --replace helps.
func TestStationLostItsKeys(t *testing.T) {
	st, a := ends(t)
	register(t, a, st, day)
	again, _ := ends(t)
	if _, _, err := a.Register(publish(t, again), false, day); !errors.Is(err, ErrStranger) {
		t.Errorf("error = %v", err)
	}
	if _, _, err := a.Register(publish(t, again), true, day); err != nil {
		t.Fatal(err)
	}
	s, err := a.Stations().Station("cph-01")
	if err != nil || !slices.Equal(keyIDs(s.Keys), keyIDs(again.PublicKeys())) {
		t.Errorf("the lost key still counts: %v", err)
	}
}

func TestAuthorityIsLoadedAsItWasMade(t *testing.T) {
	_, a := ends(t)
	if _, err := InitAuthority(a.store, "intake-1", "https://x", rand.Reader, day); !errors.Is(err, ErrExists) {
		t.Errorf("keys were made twice: %v", err)
	}
	b, err := LoadAuthority(a.store)
	if err != nil {
		t.Fatal(err)
	}
	if a.Receipts.Public().ID() != b.Receipts.Public().ID() || !a.cert.Equal(b.cert) ||
		len(b.Identities) != 1 || a.Identities[0].Secret() != b.Identities[0].Secret() || b.URL != a.URL {
		t.Error("another identity was loaded than was made")
	}
	if err := b.SetURL("https://new.example", day.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	sv, err := ReadService(PublicPath(a.store))
	if err != nil || sv.URL != "https://new.example" || sv.Fingerprint() == "" {
		t.Errorf("published is %+v, %v", sv, err)
	}
	if err := os.Remove(OpeningKeyPath(a.store)); err != nil {
		t.Fatal(err)
	}
	if c, err := LoadAuthority(a.store); err != nil || len(c.Identities) != 0 {
		t.Errorf("without the opening key at hand: %v", err)
	}
}

func TestMissingKeys(t *testing.T) {
	_, err1 := LoadStation(t.TempDir())
	_, err2 := LoadAuthority(t.TempDir())
	if !errors.Is(err1, ErrMissing) || !errors.Is(err2, ErrMissing) {
		t.Errorf("errors %v, %v, want ErrMissing", err1, err2)
	}
}

func TestOpenedPackageStaysWithinItsDirectory(t *testing.T) {
	for _, name := range []string{"../x", "a/b", "manifest.json", "receipt.json", "", "."} {
		dir := filepath.Join(t.TempDir(), "out")
		if err := WriteOpened(dir, seal.Manifest{}, []seal.Part{{Name: name}}, nil); err == nil {
			t.Errorf("a part named %q was written", name)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("a part named %q: something was written", name)
		}
	}
}

func TestPairKeepsWhatIsThere(t *testing.T) {
	home, store := t.TempDir(), t.TempDir()
	a, err := NewPair(home, store, "cph-01", "https://127.0.0.1:1", day)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewPair(home, store, "other", "https://127.0.0.1:2", day.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if a.Station.Signer(a.Service).Public().ID() != b.Station.Signer(b.Service).Public().ID() || b.Service.URL != "https://127.0.0.1:2" {
		t.Error("the second start has other keys, or not the new address")
	}
	other := t.TempDir()
	if _, err := NewPair(home, other, "cph-01", "https://127.0.0.1:3", day.Add(time.Hour)); !errors.Is(err, ErrStranger) {
		t.Errorf("a station that trusts another service was taken: %v", err)
	}
}

func FuzzServiceFile(f *testing.F) {
	_, a := ends(f)
	good, err := a.Publish(day)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"statement":{},"signatures":[]}`))
	f.Add([]byte(`{"statement":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		sv, signed, err := parseService(raw)
		if err == nil && (sv.Authority == nil || len(sv.Recipients) == 0 || !allOf(sv.ReceiptKeys, signed)) {
			t.Errorf("taken for a service file: %+v", sv)
		}
	})
}

func FuzzStationFile(f *testing.F) {
	st, _ := ends(f)
	f.Add(publish(f, st))
	f.Add([]byte(`{"statement":{"kind":"optag station","version":1},"signatures":[{}]}`))
	f.Add([]byte(`"x"`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, csr, signed, err := parseStation(raw)
		if err == nil && (csr == nil || len(s.TLSKeys) != 1 || !allOf(s.Keys, signed)) {
			t.Errorf("taken for a station file: %+v", s)
		}
	})
}
