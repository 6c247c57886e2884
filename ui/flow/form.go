package flow

import (
	"maps"
	"slices"
	"strings"

	"optag/capture"
	"optag/capture/rule"
)

// Fields of the case form. The flags are "yes" or "".
const (
	CaseNumber    = "number"
	Family        = "family"
	Given         = "given"
	Birth         = "birth_date" // YYYY, YYYY-MM or YYYY-MM-DD
	Purpose       = "purpose"
	Basis         = "basis"
	Application   = "application"
	AppliedOn     = "applied_on"
	LodgedAt      = "lodged_at"
	JudgedAdult   = "judged_adult"
	Unaccompanied = "unaccompanied"
	WithCustodian = "with_custodian"
	CardRequested = "card_requested"
	Pending       = "biometrics_on_pending_case"

	// Data that go with the prints, where the law names them for the case.
	Reference      = "reference_number"
	Place          = "place"
	Apprehended    = "apprehended_on"
	Sex            = "sex"
	DocumentType   = "document_type"
	DocumentNumber = "document_number"
	DocumentIssuer = "document_issuer"
	DocumentExpiry = "document_expiry"
	WithRole       = "accompanied_by"
	WithName       = "companion"
)

// Flags lists the fields of the form that are ticked, in order.
func Flags() []string {
	return []string{WithCustodian, CardRequested, Unaccompanied, JudgedAdult, Pending}
}

// Sexes lists the answers to Sex, in order.
func Sexes() []string {
	return []string{string(capture.Female), string(capture.Male), string(capture.Unspecified)}
}

// Companions lists the answers to WithRole; nobody need have been there.
func Companions() []string { return []string{"", "family", "representative", "trained_person"} }

// Asks lists the fields of the form that the purpose needs, in the order in
// which they are asked for. What stands in another is not read.
func (s *State) Asks() []string {
	purpose := []string{Purpose, Basis}
	switch rule.Purpose(s.text(Purpose)) {
	case rule.Eurodac:
		return slices.Concat([]string{Reference, Birth}, s.dataFields(), purpose, []string{JudgedAdult})
	case rule.VIS:
		return append([]string{CaseNumber, Birth}, purpose...)
	case rule.PoliceRegister:
		return append([]string{CaseNumber}, purpose...) // it knows no age
	}
	return slices.Concat([]string{CaseNumber, Family, Given, Birth, AppliedOn}, purpose, []string{Application, LodgedAt}, Flags())
}

// demands lists the data that the law names for what the form says so far. Who
// has no birth date yet is not taken for a minor.
func (s *State) demands() []rule.Demand {
	f := s.facts(s.text)
	if f.BirthDate.IsZero() {
		f.JudgedAdult = true
	}
	return s.Settings.Profile.Law.Data(f, rule.Date{})
}

// dataFields are the fields of those data but the reference number, which
// comes first of all.
func (s *State) dataFields() (fields []string) {
	by := map[rule.Datum][]string{
		rule.Place: {Place}, rule.ApplicationDate: {AppliedOn}, rule.ApprehendedOn: {Apprehended}, rule.Sex: {Sex},
		rule.TravelDocument: {DocumentType, DocumentNumber, DocumentIssuer, DocumentExpiry}, rule.AccompaniedBy: {WithRole, WithName},
	}
	for _, d := range s.demands() {
		fields = append(fields, by[d.Datum]...)
	}
	return fields
}

// Missing lists the fields that are needed and still empty, in order.
func (s *State) Missing() (fields []string) {
	needed := []string{CaseNumber, Birth, Reference}
	for _, d := range s.demands() {
		if d.Must {
			needed = append(needed, string(d.Datum)) // their fields have their names
		}
	}
	for _, id := range s.Asks() {
		if slices.Contains(needed, id) && s.text(id) == "" {
			fields = append(fields, id)
		}
	}
	return fields
}

// WrongFields lists the fields that cannot be as they are, in their order.
func (s *State) WrongFields() (fields []string) {
	for _, id := range s.Asks() {
		if s.Form.Wrong[id] != "" {
			fields = append(fields, id)
		}
	}
	return fields
}

// text is what a field means: numbers of Eurodac's and of documents are written
// in capitals.
func (s *State) text(id string) string {
	text := strings.TrimSpace(s.Form.Values[id])
	switch id {
	case Reference, DocumentType, DocumentNumber, DocumentIssuer:
		return strings.ToUpper(text)
	}
	return text
}

func (c *Counter) openForm() {
	if c.Form.Values == nil {
		c.Form.Values = map[string]string{
			Purpose: string(rule.ResidenceCard), Basis: string(rule.AA9), Application: string(rule.First),
			LodgedAt: string(rule.LodgedAtStation), AppliedOn: rule.DateOf(c.Now).String(),
		}
	}
}

func (c *Counter) edit(field, value string) {
	if slices.Contains(Flags(), field) && value != "yes" {
		value = ""
	}
	c.Form.Values = maps.Clone(c.Form.Values)
	c.Form.Values[field] = value
	if field == Purpose {
		if all := rule.Bases(rule.Purpose(value)); !slices.Contains(all, rule.Basis(c.Form.Values[Basis])) && len(all) > 0 {
			c.Form.Values[Basis] = string(all[0])
		}
		c.fillIn() // other fields are asked for
	}
	c.Form.Wrong = maps.Clone(c.Form.Wrong)
	if c.Form.Wrong == nil {
		c.Form.Wrong = map[string]string{}
	}
	for _, id := range []string{field, Reference} { // whose form follows the basis
		delete(c.Form.Wrong, id)
		if code := c.hopeless(id); code != "" {
			c.Form.Wrong[id] = code
		}
	}
}

// hopeless is the code of what is wrong with a field that more letters at its
// end will not put right, so that it is said while it is typed; "" otherwise.
func (s *State) hopeless(id string) string {
	text := s.text(id)
	switch {
	case id == Reference:
		k, basis := s.Settings.Profile.Eurodac, rule.Basis(s.text(Basis))
		if begin := k.Begin(basis); begin == "" || strings.HasPrefix(begin, text) || k.Numbered(basis, text) {
			return ""
		}
		return string(rule.ReferenceNumber)
	case isDate(id):
		if code := s.dated(id); code != "date" || len(text) >= len("2026-11-23") || strings.Trim(text, "0123456789-") != "" {
			return code
		}
	}
	return ""
}

func isDate(id string) bool {
	return slices.Contains([]string{Birth, AppliedOn, Apprehended, DocumentExpiry}, id)
}

// dated is the code of what is wrong with a date that is not empty: "date"
// where it is none, "ahead" where it has not come yet and must have.
func (s *State) dated(id string) string {
	text := s.text(id)
	if id == Birth {
		b, err := rule.ParseBirthDate(text)
		switch {
		case text != "" && err != nil:
			return "date"
		case b.Earliest().After(rule.DateOf(s.Now)):
			return "ahead"
		}
		return ""
	}
	d, err := rule.ParseDate(text)
	switch {
	case text == "":
	case err != nil:
		return "date"
	case id != DocumentExpiry && d.After(rule.DateOf(s.Now)):
		return "ahead"
	}
	return ""
}

// formOf is the form as it was when the case was decided.
func formOf(k capture.Case) Form {
	yes := map[bool]string{true: "yes"}
	f, d := k.Facts, capture.Data{}
	if k.Data != nil {
		d = *k.Data
	}
	return Form{Values: map[string]string{
		CaseNumber: k.Number, Family: k.Holder.Family, Given: k.Holder.Given, Birth: f.BirthDate.String(),
		Purpose: string(f.Purpose), Basis: string(f.Basis), Application: string(f.Application),
		AppliedOn: f.AppliedOn.String(), LodgedAt: string(f.LodgedAt),
		JudgedAdult: yes[f.JudgedAdult], Unaccompanied: yes[f.Unaccompanied], WithCustodian: yes[f.WithCustodian],
		CardRequested: yes[f.CardRequested], Pending: yes[f.BiometricsOnPendingCase],
		Reference: d.Reference, Place: d.Place, Apprehended: d.Apprehended.String(), Sex: string(d.Sex),
		DocumentType: d.Document.Type, DocumentNumber: d.Document.Number, DocumentIssuer: d.Document.Issuer,
		DocumentExpiry: d.Document.Expiry.String(), WithRole: d.With.Role, WithName: d.With.Name,
	}}
}

// edited reports whether the form says something else than the case that was
// decided, or than a document that was read since.
func (c *Counter) edited() bool {
	if c.Session == nil {
		return false
	}
	was := formOf(c.Session.Case()).Values
	return len(c.Unexplained()) > 0 || slices.ContainsFunc(c.Asks(), func(id string) bool { return c.text(id) != was[id] })
}

// typed is the case that the form tells of; wrong names each field that cannot
// be as it is, by a code of what is wrong.
func (s *State) typed() (k capture.Case, wrong map[string]string) {
	asked := s.Asks()
	text := func(id string) string {
		if !slices.Contains(asked, id) {
			return ""
		}
		return s.text(id)
	}
	wrong = map[string]string{}
	for _, id := range asked {
		switch code := s.hopeless(id); {
		case isDate(id) && s.dated(id) != "":
			wrong[id] = s.dated(id)
		case code != "":
			wrong[id] = code
		}
	}
	k.Number, k.Holder = text(CaseNumber), capture.Holder{Family: text(Family), Given: text(Given)}
	k.Facts = s.facts(text)
	if len(s.demands()) > 0 {
		k.Data = data(text)
	}
	for _, f := range k.Wrong(s.Settings.Profile) {
		id, code := f.What, f.What
		if rule.Datum(f.What) == rule.TravelDocument {
			id = DocumentNumber
		}
		if wrong[id] == "" {
			wrong[id] = code
		}
	}
	for _, id := range s.Missing() {
		wrong[id] = "needed"
	}
	return k, wrong
}

// facts are those that the law decides from. What is not asked for is as it is
// where nobody says otherwise.
func (s *State) facts(text func(id string) string) rule.Facts {
	f := rule.Defaults()
	f.Station, f.CaptureOn = s.Station.Kind, rule.DateOf(s.Now)
	f.Purpose, f.Basis = rule.Purpose(text(Purpose)), rule.Basis(text(Basis))
	if a := text(Application); a != "" {
		f.Application = rule.Application(a)
	}
	if l := text(LodgedAt); l != "" {
		f.LodgedAt = rule.Lodging(l)
	}
	f.BirthDate, _ = rule.ParseBirthDate(text(Birth))
	f.AppliedOn, _ = rule.ParseDate(text(AppliedOn))
	f.JudgedAdult, f.Unaccompanied = text(JudgedAdult) == "yes", text(Unaccompanied) == "yes"
	f.WithCustodian, f.CardRequested = text(WithCustodian) == "yes", text(CardRequested) == "yes"
	f.BiometricsOnPendingCase = text(Pending) == "yes"
	return f
}

// data are those that go with the prints.
func data(text func(id string) string) *capture.Data {
	d := &capture.Data{
		Reference: text(Reference), Sex: capture.Sex(text(Sex)), Place: text(Place),
		Document: capture.TravelDocument{Type: text(DocumentType), Number: text(DocumentNumber), Issuer: text(DocumentIssuer)},
		With:     capture.Companion{Role: text(WithRole), Name: text(WithName)},
	}
	d.Apprehended, _ = rule.ParseDate(text(Apprehended))
	d.Document.Expiry, _ = rule.ParseDate(text(DocumentExpiry))
	return d
}
