package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
	"optag/capture/finger/nfiq2"
)

// A printReport is what quality says of one print.
type printReport struct {
	File          string              `json:"file"`
	Width         int                 `json:"width"`
	Height        int                 `json:"height"`
	PPI           int                 `json:"ppi"`
	Assumed       bool                `json:"ppi_assumed"` // the file names no resolution
	NFIQ2         *int                `json:"nfiq2"`
	NoNFIQ2       string              `json:"nfiq2_reason,omitempty"` // why nfiq2 is null
	NFIQ2By       string              `json:"nfiq2_algorithm,omitempty"`
	Model         modelState          `json:"model"`
	Estimate      *int                `json:"estimate"`
	NoEstimate    string              `json:"estimate_reason,omitempty"` // why estimate is null
	EstimateError int                 `json:"estimate_error"`            // 19 of 20 prints score within so many points
	EstimateBy    string              `json:"estimate_algorithm"`
	Measures      map[string]*float64 `json:"measures"` // the 69 of NFIQ 2; null has no value, all where the image is refused
	Feedback      map[string]*float64 `json:"feedback"` // the 4 of NFIQ 2
	Reasons       []string            `json:"reasons"`  // what would make it better
}

// A faceReport is what quality says of one portrait.
type faceReport struct {
	File   string       `json:"file"`
	Width  int          `json:"width"`
	Height int          `json:"height"`
	By     string       `json:"algorithm"`
	Checks []face.Check `json:"checks"`
	Failed []face.Name  `json:"failed"`
}

// quality measures image files, prints or with --face portraits.
func quality(_ context.Context, e *env, args []string) error {
	return e.quality(args, nfiq2.ModelMD5)
}

// quality scores with the model that was made from the file with that MD5.
func (e *env) quality(args []string, md5 string) error {
	f := newFlags(e, "optag quality")
	faces := f.Bool("face", false, "the files are portraits")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return usageError("optag quality takes one file or more")
	}
	measure := e.measureFace
	if !*faces {
		model, state := openModel(e.home, md5)
		assessor := &finger.Assessor{Model: model}
		measure = func(name string) (any, error) { return e.measurePrint(name, assessor, state) }
	}
	var reports []any
	for _, name := range f.Args() {
		r, err := measure(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		reports = append(reports, r)
	}
	if e.json {
		return e.print(reports)
	}
	return nil
}

func (e *env) measurePrint(name string, a *finger.Assessor, model modelState) (any, error) {
	raw, err := readLimited(name, finger.MaxPixels+1<<20)
	if err != nil {
		return nil, err
	}
	img, ppi, assumed, err := finger.ReadImage(raw)
	if err != nil {
		return nil, err
	}
	r := printReport{
		File: name, Width: img.Rect.Dx(), Height: img.Rect.Dy(), PPI: ppi, Assumed: assumed,
		Model: model, EstimateBy: nfiq2.EstimateID, Reasons: []string{},
	}
	q := a.Assess(img, [2]int{ppi, ppi})
	for _, reason := range q.Reasons {
		r.Reasons = append(r.Reasons, string(reason))
	}
	m, f, err := a.Measure(img, [2]int{ppi, ppi})
	r.score(a.Model, m, q.Print(), err)
	if refused := new(nfiq2.Refusal); !errors.As(err, &refused) {
		r.tell(m, f)
	}
	if !e.json {
		r.print(e.out)
	}
	return r, nil
}

// score fills in what the measures are worth, or why they have no score.
func (r *printReport) score(model *nfiq2.Model, m nfiq2.Measures, print bool, failed error) {
	switch {
	case failed != nil:
		r.NoNFIQ2, r.NoEstimate = failed.Error(), failed.Error()
		return
	case model == nil:
		r.NoNFIQ2 = "model " + r.Model.State + ": " + r.Model.Reason
	default:
		score := model.Score(m)
		r.NFIQ2, r.NFIQ2By = &score, nfiq2.ScoreID
	}
	if !print {
		r.NoEstimate = "the image shows no print" // and of such the estimate has learnt nothing
		return
	}
	estimate, within := nfiq2.Estimate(m)
	r.Estimate, r.EstimateError = &estimate, within
}

// tell fills in measures and feedback.
func (r *printReport) tell(m nfiq2.Measures, f nfiq2.Feedback) {
	value := func(v float64) *float64 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return &v
	}
	r.Measures = map[string]*float64{}
	for i, name := range nfiq2.Names() {
		r.Measures[name] = value(m[i])
	}
	r.Feedback = map[string]*float64{
		"UniformImage":                    value(f.UniformImage),
		"EmptyImageOrContrastTooLow":      value(f.Empty),
		"FingerprintImageWithMinutiae":    value(f.Minutiae),
		"SufficientFingerprintForeground": value(f.FingerprintROI),
	}
}

// print writes the report for people: a line of what counts, then the values in
// the order of NFIQ 2.
func (r *printReport) print(out io.Writer) {
	score, estimate := "no NFIQ 2 score ("+r.NoNFIQ2+")", "no estimate"
	if r.NFIQ2 != nil {
		score = fmt.Sprintf("%s %d", r.NFIQ2By, *r.NFIQ2)
	}
	if r.Estimate != nil {
		estimate = fmt.Sprintf("%s %d ± %d", r.EstimateBy, *r.Estimate, r.EstimateError)
	}
	assumed := map[bool]string{true: " (assumed)"}[r.Assumed]
	fmt.Fprintf(out, "%s: %d × %d at %d ppi%s; %s; %s; %v\n", r.File, r.Width, r.Height, r.PPI, assumed, score, estimate, r.Reasons)
	line := func(name string, v *float64) {
		if v == nil {
			fmt.Fprintf(out, "  %-38s –\n", name)
			return
		}
		fmt.Fprintf(out, "  %-38s %.6g\n", name, *v)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Feedback)) {
		line(name, r.Feedback[name])
	}
	for _, name := range nfiq2.Names() {
		line(name, r.Measures[name])
	}
}

func (e *env) measureFace(name string) (any, error) {
	raw, err := readLimited(name, face.MaxBytes)
	if err != nil {
		return nil, err
	}
	img, _, err := face.Read(raw)
	if err != nil {
		return nil, err
	}
	b := img.Bounds()
	checks := face.Assess(img)
	r := faceReport{name, b.Dx(), b.Dy(), face.Algorithm, checks, append([]face.Name{}, face.Failed(checks)...)}
	if !e.json {
		fmt.Fprintf(e.out, "%s: %d × %d, out of bounds: %v (%s)\n", name, r.Width, r.Height, r.Failed, face.Algorithm)
	}
	return r, nil
}

func round(v float64) float64 { return math.Round(v*1000) / 1000 }

// match compares two prints.
func match(_ context.Context, e *env, args []string) error {
	files, err := noFlags(e, "match", args, 2, "two files")
	if err != nil {
		return err
	}
	var prints [2]*minutiae.Template
	var assessor finger.Assessor
	for i, name := range files {
		raw, err := readLimited(name, finger.MaxPixels+1<<20)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		img, ppi, _, err := finger.ReadImage(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		prints[i] = assessor.Template(img, [2]int{ppi, ppi})
	}
	var matcher minutiae.Matcher
	found := matcher.Match(prints[0], prints[1])
	verdict := struct {
		Similarity int    `json:"similarity"` // 0 to 1000
		Threshold  int    `json:"threshold"`
		Same       bool   `json:"same_finger"`
		Pairs      int    `json:"paired_minutiae"`
		Minutiae   [2]int `json:"minutiae"`
	}{found.Score, minutiae.SameFinger, false, found.Pairs, [2]int{len(prints[0].Minutiae), len(prints[1].Minutiae)}}
	verdict.Same = verdict.Similarity >= verdict.Threshold
	if e.json {
		return e.print(verdict)
	}
	words := map[bool]string{true: "the same finger", false: "different fingers"}[verdict.Same]
	_, err = fmt.Fprintf(e.out, "similarity %d of 1000, threshold %d: %s\n", verdict.Similarity, verdict.Threshold, words)
	return err
}
