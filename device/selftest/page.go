package selftest

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/png"
	"io"
	"strings"
)

//go:embed report.html
var pageText string

// A row is a check on the page.
type row struct {
	Check
	First bool         // of its device
	Line  string       // the trend as points of a polyline; "" for none
	Image template.URL // data: URL, "" for none
}

// A page is what the template shows.
type page struct {
	*Report
	Verdict string
	Rows    []row
	Runs    int
}

// WritePage writes the report as one page of HTML that needs no other file.
// Past runs are drawn beside each value.
func (r *Report) WritePage(w io.Writer, past []Run) error {
	t, err := template.New("report").Parse(pageText)
	if err != nil {
		return fmt.Errorf("reading the page's template: %w", err)
	}
	p := page{Report: r, Verdict: r.Verdict(), Runs: len(past)}
	before := ""
	for _, c := range r.Checks {
		one := row{Check: c, First: c.Device+c.Serial != before, Line: polyline(Trend(past, c.Key()))}
		before = c.Device + c.Serial
		if c.Picture != nil {
			var b bytes.Buffer
			if err := png.Encode(&b, c.Picture); err != nil {
				return fmt.Errorf("writing a picture of the report: %w", err)
			}
			one.Image = template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()))
		}
		p.Rows = append(p.Rows, one)
	}
	if err := t.Execute(w, p); err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	return nil
}

// Verdict is the run in a line.
func (r *Report) Verdict() string {
	s := fmt.Sprintf("%d passed", r.Passed)
	if r.Warnings > 0 {
		s += fmt.Sprintf(", %d to look at", r.Warnings)
	}
	if r.Failures > 0 {
		s += fmt.Sprintf(", %d failed", r.Failures)
	}
	if r.Skipped > 0 {
		s += fmt.Sprintf(", %d skipped", r.Skipped)
	}
	return s
}

// Size of a trend's drawing in pixels.
var trendSize = image.Pt(120, 20)

// polyline draws values as the points of a line; "" for fewer than two. A line
// that hardly moves is drawn flat.
func polyline(values []float64) string {
	if len(values) < 2 {
		return ""
	}
	low, high := values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	span := max(high-low, 0.02*max(high, -low), 1e-9)
	middle := (low + high) / 2
	var b strings.Builder
	for i, v := range values {
		x := float64(i) / float64(len(values)-1) * float64(trendSize.X)
		y := (0.5 - 0.9*(v-middle)/span) * float64(trendSize.Y)
		fmt.Fprintf(&b, "%.1f,%.1f ", x, y)
	}
	return strings.TrimSpace(b.String())
}

// Mark is the sign of an outcome, which is told without colour too.
func (r row) Mark() string {
	return map[Outcome]string{Pass: "✓", Warn: "⚠", Fail: "✗", Skipped: "–"}[r.Outcome]
}
