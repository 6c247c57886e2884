package station

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"optag/capture"
	"optag/capture/rule"
	"optag/cmd/internal/trust"
	"optag/device/mrzreader"
	"optag/device/sbi"
	"optag/ui/flow"
)

// Settings is the station's settings file, station.json in its home. It holds
// no key.
type Settings struct {
	Station  flow.Station    `json:"station"`
	Language string          `json:"language"`      // of the clerk's screen: "da" or "en"
	Scanner  string          `json:"scanner"`       // driver: "uru4500", "fm220", "mso", "zfm20", "sbi", "simulated" or "none"
	Camera   string          `json:"camera"`        // driver: "v4l2", "ptp", "sbi", "simulated" or "none"
	Idle     Duration        `json:"idle"`          // after which the counter locks
	Profile  capture.Profile `json:"profile"`       // of taking prints
	Officers []Officer       `json:"officers"`      // who may log in
	Scale    float64         `json:"scale"`         // of the screens, 1 at 1280 × 800
	Person   *Geometry       `json:"person_screen"` // of the applicant's window; null with one screen

	// Calibration of the scanner in pixels per inch, across and down, as measured
	// with a ruled target; zero where it was not.
	Calibration [2]float64 `json:"calibration"`

	// ScannerLine is the serial line of a scanner that hangs on one, best by a name
	// below /dev/serial/by-id: of "zfm20", and of an "mso" on RS-232.
	ScannerLine string `json:"scanner_line,omitempty"`

	// MSO lists scanners behind "mso"; nil where nothing is known of them.
	MSO *MSO `json:"mso,omitempty"`

	// CameraLock holds adjustments of a camera behind "v4l2"; nil leaves them to it.
	CameraLock *CameraLock `json:"camera_lock,omitempty"`

	// Reader is the reader of travel documents; nil where there is none.
	Reader *Reader `json:"reader,omitempty"`

	// Cards is the reader of chips, for holders; nil where there is none.
	Cards *Cards `json:"cards,omitempty"`

	// StaffCards says how officers log in with a staff card; nil where none does.
	StaffCards *StaffCards `json:"staff_cards,omitempty"`

	// SBI says whom devices behind "sbi" are trusted by.
	SBI *SBI `json:"sbi,omitempty"`

	Loaded bool `json:"-"` // a settings file was there
}

// SBI is what a site knows of the certified devices behind their makers'
// services (MOSIP Secure Biometric Interface).
type SBI struct {
	Environment string        `json:"environment"` // "Production", "Pre-Production", "Staging" or "Developer"
	Issuers     []string      `json:"issuers"`     // PEM files with the issuers of device keys, in the home unless absolute
	Chips       []string      `json:"chips"`       // and of the chips' keys, for level L1
	Devices     []sbi.Allowed `json:"devices"`     // that may be used: Serial, Make, Model, Certified, FAP
	DemandL1    bool          `json:"demand_l1"`
}

// Reader says which reader of travel documents a site has, and where.
type Reader struct {
	// Profile is the name of one of mrzreader.Profiles, [PlaysKeyboard] or,
	// with Own, anything.
	Profile string `json:"profile"`

	// Line is the serial line, best by a name below /dev/serial/by-id; ""
	// takes the first line of a USB device. Of a reader that plays a keyboard
	// it is the event device, below /dev/input/by-id.
	Line string `json:"line"`

	// Alias is that of mrzreader.Framer: a character and what it stands for, and
	// so on, for a keyboard of another layout.
	Alias string `json:"alias,omitempty"`

	Own *mrzreader.Profile `json:"own,omitempty"` // of a model that has no profile
}

// Cards says which reader of the smart card service (PC/SC) chips are read with.
type Cards struct {
	// Reader is the beginning of its name, or parts of it between asterisks; ""
	// is the first one in which a card lies.
	Reader string `json:"reader"`

	// Signer is the back office that opens the prints in chips; nil: they stay
	// closed.
	Signer *Signer `json:"signer,omitempty"`
}

// Signer is the back office that opens the prints in chips.
type Signer struct {
	// URL is its https address; "" is the receiving service's.
	URL string `json:"url"`
}

// StaffCards says with which library staff cards are asked, and who issues them.
type StaffCards struct {
	Library string   `json:"library"` // of PKCS #11, as an absolute path
	Issuers []string `json:"issuers"` // PEM files, in the home unless absolute; none: whoever issued a card that is bound to an officer
	LogIn   string   `json:"log_in"`  // "both": by card, or by number and PIN; "card": nobody gets in without one
}

// PlaysKeyboard is the profile of a reader that plays a keyboard.
const PlaysKeyboard = "keyboard"

// Model is the profile of the reader; an error where it has none.
func (r *Reader) Model() (mrzreader.Profile, error) {
	p, known := mrzreader.Find(r.Profile)
	switch {
	case r.Own != nil:
		p = *r.Own
		p.Name = r.Profile
	case r.Profile == PlaysKeyboard && r.Line != "":
		p = mrzreader.Profile{Name: PlaysKeyboard, Maker: "unknown", Model: "reader that plays a keyboard"}
	case r.Profile == PlaysKeyboard:
		return p, errors.New("the settings do not name the event device of the reader that plays a keyboard")
	case !known:
		return p, fmt.Errorf("the settings name a reader that has no profile, %q", r.Profile)
	}
	if r.Alias != "" {
		p.Alias = r.Alias
	}
	return p, nil
}

// Geometry is where a window lies on the desktop, in pixels.
type Geometry struct {
	X, Y, W, H int
}

// An Officer may log in.
type Officer struct {
	ID   string `json:"id"` // staff number
	Name string `json:"name"`
	Role string `json:"role"` // "clerk", "supervisor", "technician"
	PIN  string `json:"pin"`  // see HashPIN; "" for an officer who logs in by card alone

	// Card is the hash of the certificate on the officer's staff card, see
	// CardHash; "" for one who has none.
	Card string `json:"card,omitempty"`

	// FormerCards are the hashes of certificates with which they logged in before,
	// oldest first: they let nobody in, and tell who it was that the log names so.
	FormerCards []string `json:"former_cards,omitempty"`
}

// ChangeCard gives the officer a card in the place of the one before; "" takes it
// away.
func (o *Officer) ChangeCard(hash string) {
	if o.Card != "" && o.Card != hash {
		o.FormerCards = append(o.FormerCards, o.Card)
	}
	o.Card = hash
	o.FormerCards = slices.DeleteFunc(o.FormerCards, func(f string) bool { return f == hash })
}

// A Duration is written as "15m" in a settings file.
type Duration time.Duration

// MarshalText writes the duration.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Defaults are the settings of a station nobody has set up: a police station
// with simulated devices and no officers.
func Defaults() Settings {
	return Settings{
		Station:  flow.Station{ID: "SIM-01", Name: "Nordjylland Police, Aalborg", Place: "Counter 1", Kind: rule.StationPolice},
		Language: "da",
		Scanner:  "simulated",
		Camera:   "simulated",
		Idle:     Duration(15 * time.Minute),
		Profile:  capture.EU(),
		Scale:    1,
	}
}

// SettingsFile is the settings file of a home where no other is named.
func SettingsFile(home string) string { return filepath.Join(home, "station.json") }

// LoadSettings reads a settings file over the defaults. A file that is not
// there is no error when it was not named: named says whether it was.
func LoadSettings(file string, named bool) (Settings, error) {
	s := Defaults()
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("reading the settings: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fmt.Errorf("reading the settings in %s: %w", file, err)
	}
	s.Loaded = true
	return s, s.check()
}

// check names the first setting that cannot be.
func (s Settings) check() error {
	switch {
	case s.Station.ID == "":
		return errors.New("the settings name no station id")
	case !slices.Contains(rule.Stations(), s.Station.Kind):
		return fmt.Errorf("the settings name an unknown kind of station, %q", s.Station.Kind)
	case s.Language != "da" && s.Language != "en":
		return fmt.Errorf("the settings name a language the clerk's screen does not have, %q", s.Language)
	case s.Cards != nil && s.Cards.Signer != nil && s.Cards.Signer.URL != "" && !strings.HasPrefix(s.Cards.Signer.URL, "https://"):
		return fmt.Errorf("the settings name an address for opening prints that is not https, %.80q", s.Cards.Signer.URL)
	case s.Reader != nil:
		if _, err := s.Reader.Model(); err != nil {
			return err
		}
	}
	if err := s.checkStaff(); err != nil {
		return err
	}
	if err := s.checkHardware(); err != nil {
		return err
	}
	if err := s.Profile.Validate(); err != nil {
		return fmt.Errorf("the settings: %w", err)
	}
	return nil
}

// checkStaff names the first thing for which an officer could not log in.
func (s Settings) checkStaff() error {
	owners := map[string]string{} // by card, now or before
	for _, o := range s.Officers {
		for _, card := range append(o.FormerCards[:len(o.FormerCards):len(o.FormerCards)], o.Card) {
			raw, err := hex.DecodeString(card)
			switch first, twice := owners[card]; {
			case card == "":
				continue
			case err != nil || len(raw) != sha256.Size || strings.ToLower(card) != card:
				return fmt.Errorf("the settings give staff number %s a card that is no SHA-256 in small hexadecimal digits", o.ID)
			case twice:
				return fmt.Errorf("the settings give one staff card to two officers, %s and %s", first, o.ID)
			}
			owners[card] = o.ID
		}
	}
	switch c := s.StaffCards; {
	case c == nil:
	case !filepath.IsAbs(c.Library):
		return errors.New("the settings do not name the library of staff cards by an absolute path")
	case c.LogIn != "both" && c.LogIn != "card":
		return fmt.Errorf("the settings name an unknown way to log in with staff cards, %q", c.LogIn)
	case c.LogIn == "card" && len(s.Officers) > 0 && len(owners) == 0:
		return errors.New(`the settings lock everybody out: nobody who may log in has a staff card; let log_in be "both" until optag officer card has given one`)
	}
	return nil
}

// logIn is how officers log in.
func (s Settings) logIn() flow.StaffCards {
	switch {
	case s.StaffCards == nil:
		return flow.NoStaffCards
	case s.StaffCards.LogIn == "card":
		return flow.StaffCardsOnly
	}
	return flow.StaffCardsToo
}

// Save writes the settings file.
func (s Settings) Save(file string) error {
	if err := s.check(); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the settings: %w", err)
	}
	return trust.WriteFile(file, append(raw, '\n'))
}

// PINRounds is the work of one PIN check (OWASP's figure for PBKDF2 with
// SHA-256, 2023). A PIN is short, so the counting of tries is what protects it.
const PINRounds = 600_000

// HashPIN hashes a PIN for the settings file: "pbkdf2-sha256$rounds$salt$hash".
func HashPIN(random io.Reader, pin string, rounds int) (string, error) {
	salt := make([]byte, 16)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("hashing a PIN: %w", err)
	}
	sum, err := pbkdf2.Key(sha256.New, pin, salt, rounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("hashing a PIN: %w", err)
	}
	return hashText(rounds, salt, sum), nil
}

func hashText(rounds int, salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("pbkdf2-sha256$%d$%s$%s", rounds, b.EncodeToString(salt), b.EncodeToString(sum))
}

// nobody is the hash of a PIN that nobody has, as slow to check as any other.
func nobody() string { return hashText(PINRounds, make([]byte, 16), make([]byte, sha256.Size)) }

// pinFits compares a PIN with its hash; a hash that cannot be read fits none.
func pinFits(hash, pin string) bool {
	f := strings.Split(hash, "$")
	if len(f) != 4 || f[0] != "pbkdf2-sha256" {
		return false
	}
	rounds, err := strconv.Atoi(f[1])
	salt, err2 := base64.RawStdEncoding.DecodeString(f[2])
	want, err3 := base64.RawStdEncoding.DecodeString(f[3])
	if errors.Join(err, err2, err3) != nil || rounds < 1 || rounds > 10*PINRounds {
		return false
	}
	sum, err := pbkdf2.Key(sha256.New, pin, salt, rounds, sha256.Size)
	return err == nil && subtle.ConstantTimeCompare(sum, want) == 1
}
