package notice

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf8"

	"optag/capture/rule"
)

// MaxRequest is the most that [Parse] reads, in bytes.
const MaxRequest = 1 << 16

// Parse reads what an officer asks for from one JSON object with the members of
// [Request]. A member that there is not, one that is there twice, and a value of
// another form are faults of its field; what the words mean is for
// [Settings.For]. It fails with [Faults], which repeat no value.
func Parse(data []byte) (Request, error) {
	if len(data) > MaxRequest || !utf8.Valid(data) {
		return Request{}, Faults{{Problem: fmt.Sprintf("it is no UTF-8 text of at most %d bytes", MaxRequest)}}
	}
	p := parser{d: json.NewDecoder(bytes.NewReader(data)), seen: map[string]bool{}}
	err := p.value("")
	if _, more := p.d.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("something follows it")
	}
	if err != nil {
		return Request{}, Faults{{Problem: "it is not one JSON object: " + err.Error()}}
	}
	if len(p.faults) > 0 {
		return Request{}, p.faults
	}
	return p.r, nil
}

// A parser walks through the JSON and sets each field that it comes by.
type parser struct {
	d      *json.Decoder
	r      Request
	seen   map[string]bool
	faults Faults
}

// errJSON stands for an error of the decoder, which may quote what it reads.
var errJSON = errors.New("it cannot be read")

// The forms of what is no field itself.
var (
	section = regexp.MustCompile(`^(|capture|follow_up|deletion|correction|correction\.asks\[[0-9]+\])$`)
	known   = regexp.MustCompile(`^[a-z_.\[\]0-9]{1,60}$`)
)

// value reads the value of a field.
func (p *parser) value(field string) error {
	t, err := p.d.Token()
	if err != nil {
		return errJSON
	}
	switch t := t.(type) {
	case json.Delim:
		return p.inside(field, t)
	case string, bool:
		p.set(field, t)
	default:
		p.fault(field, "want a text")
	}
	return nil
}

// inside reads an object or a list.
func (p *parser) inside(field string, open json.Delim) error {
	list := field == "correction.asks"
	switch {
	case list != (open == '['):
		p.fault(field, "want "+map[bool]string{true: "a list", false: "an object or a text"}[list])
		return p.skip()
	case !list && !section.MatchString(field):
		p.fault(field, "want a text")
		return p.skip()
	}
	p.begin(field)
	for n := 0; p.d.More(); n++ {
		name := fmt.Sprintf("%s[%d]", field, n)
		if !list {
			t, err := p.d.Token()
			if err != nil {
				return errJSON
			}
			name = field + "." + t.(string)
			if field == "" {
				name = t.(string)
			}
		}
		if p.seen[name] {
			p.fault(name, "it is there twice")
		}
		p.seen[name] = true
		if err := p.value(name); err != nil {
			return err
		}
	}
	if _, err := p.d.Token(); err != nil {
		return errJSON
	}
	return nil
}

// skip passes over the rest of an object or a list.
func (p *parser) skip() error {
	for depth := 1; depth > 0; {
		t, err := p.d.Token()
		if err != nil {
			return errJSON
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// fault notes a fault of a field, by its name where it is a usual one.
func (p *parser) fault(field, problem string) {
	if !known.MatchString(field) && field != "" {
		field, problem = "", "a field has a name that there is not"
	}
	p.faults = append(p.faults, Fault{Field: field, Problem: problem})
}

// begin makes the member that a section is.
func (p *parser) begin(field string) {
	r := &p.r
	switch {
	case field == "follow_up":
		r.FollowUp = new(FollowUp)
	case field == "deletion":
		r.Deletion = new(Deletion)
	case field == "correction":
		r.Correction = new(Correction)
	case len(field) > len("correction.asks") && field[len(field)-1] == ']':
		r.Correction.Asks = append(r.Correction.Asks, Ask{})
	}
}

// set sets a field to a text or a truth value.
func (p *parser) set(field string, value any) {
	at, ok := p.place(field)
	text, isText := value.(string)
	if truth, is := at.(*bool); is && !isText {
		*truth = value.(bool)
		return
	}
	var err error
	switch at := at.(type) {
	case *bool:
		err = errors.New("want true or false")
	case *string:
		*at = text
	case *rule.Date:
		*at, err = rule.ParseDate(text)
	case *rule.BirthDate:
		*at, err = rule.ParseBirthDate(text)
	}
	switch {
	case !ok:
		err = errors.New("there is no such field")
	case !isText && err == nil:
		err = errors.New("want a text")
	}
	if err != nil {
		p.fault(field, err.Error())
	}
}

// place returns where the value of a field goes.
func (p *parser) place(field string) (any, bool) {
	r, c := &p.r, &p.r.Capture
	places := map[string]any{
		"kind": (*string)(&r.Kind), "capture.package": &c.Package, "capture.case_number": &c.Number, "capture.reference_number": &c.Reference,
		"capture.purpose": (*string)(&c.Purpose), "capture.basis": (*string)(&c.Basis), "capture.captured_on": &c.On, "capture.judged_adult": &c.JudgedAdult,
	}
	if f := r.FollowUp; f != nil {
		places["follow_up.event"], places["follow_up.on"], places["follow_up.state"] = (*string)(&f.Event), &f.On, &f.State
	}
	if d := r.Deletion; d != nil {
		places["deletion.birth_date"], places["deletion.found_on"], places["deletion.found_by"] = &d.Birth, &d.FoundOn, &d.FoundBy
	}
	if q := r.Correction; q != nil {
		places["correction.by"], places["correction.representative"], places["correction.statement"] = (*string)(&q.By), &q.Representative, &q.Statement
		if n := len(q.Asks) - 1; n >= 0 {
			a, within := &q.Asks[n], fmt.Sprintf("correction.asks[%d].", n)
			places[within+"item"], places[within+"action"], places[within+"right"] = (*string)(&a.Item), (*string)(&a.Action), &a.Right
		}
	}
	at, ok := places[field]
	return at, ok
}
