package i18n

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// RightsStatus says whether a person has approved a text.
type RightsStatus string

// The two states. A draft is shown as one.
const (
	Draft    RightsStatus = "draft"
	Approved RightsStatus = "approved"
)

// Rights is a text that informs an applicant: who controls the data, why they
// are taken, who receives them, the duty to give them, how long they are kept,
// access, correction and complaint (Regulation 2725/2000 art. 18; Aliens Act
// § 40 a(13)). It is shown a page at a time.
type Rights struct {
	ID      string       `json:"id"` // one of RightsIDs
	Version int          `json:"version"`
	Lang    string       `json:"lang"`
	Status  RightsStatus `json:"status"`
	Pages   []RightsPage `json:"pages"`
}

// A RightsPage is a heading and at most four sentences.
type RightsPage struct {
	Heading string      `json:"heading"`
	Rows    []RightsRow `json:"rows"`
}

// A RightsRow is one sentence with the name of its picture.
type RightsRow struct {
	Icon string `json:"icon"`
	Text string `json:"text"`
}

var rightsTexts = sync.OnceValue(func() []Rights {
	text, err := files.ReadFile("rights.json")
	if err != nil {
		panic("i18n: internal error: " + err.Error())
	}
	var all []Rights
	if err := json.Unmarshal(text, &all); err != nil {
		panic("i18n: internal error: rights.json: " + err.Error())
	}
	return all
})

// RightsIDs are the texts there are.
func RightsIDs() []string {
	return []string{"residence_card", "residence_card_asylum", "eurodac", "police_register", "visa"}
}

// RightsFor returns the text with this id in this language, with the name of
// the controller put in.
func RightsFor(id, lang, controller string) (Rights, error) {
	for _, r := range rightsTexts() {
		if r.ID == id && r.Lang == lang {
			return r.with(controller), nil
		}
	}
	return Rights{}, fmt.Errorf("finding rights information: no text %q in language %q", id, lang)
}

// with returns a copy with the controller's name in its sentences.
func (r Rights) with(controller string) Rights {
	pages := make([]RightsPage, len(r.Pages))
	for i, p := range r.Pages {
		pages[i].Heading = p.Heading
		for _, row := range p.Rows {
			row.Text = fill(row.Text, []any{"controller", controller})
			pages[i].Rows = append(pages[i].Rows, row)
		}
	}
	r.Pages = pages
	return r
}

// Plain is the text without its pictures, as it is read aloud and as it is
// hashed: a line "id version language status", then each heading and each
// sentence on a line of its own, each line ended by a line feed.
func (r Rights) Plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %s %s\n", r.ID, r.Version, r.Lang, r.Status)
	for _, p := range r.Pages {
		b.WriteString(p.Heading + "\n")
		for _, row := range p.Rows {
			b.WriteString(row.Text + "\n")
		}
	}
	return b.String()
}

// Hash is the SHA-256 of [Rights.Plain] in lower-case hexadecimal. The package
// of a case records it, so that it is known which words the person was given.
func (r Rights) Hash() string {
	sum := sha256.Sum256([]byte(r.Plain()))
	return hex.EncodeToString(sum[:])
}
