package main

import (
	"context"
	"fmt"
	"math"

	"optag/capture/face"
	"optag/capture/finger"
	"optag/capture/finger/minutiae"
)

// A printReport is what quality says of one print.
type printReport struct {
	File     string   `json:"file"`
	Width    int      `json:"width"`
	Height   int      `json:"height"`
	PPI      int      `json:"ppi"`
	Assumed  bool     `json:"ppi_assumed"` // the file names no resolution
	NFIQ2    *int     `json:"nfiq2"`
	NoNFIQ2  string   `json:"nfiq2_reason"` // why nfiq2 is null
	Estimate int      `json:"estimate"`     // 0 to 100, by Algorithm
	By       string   `json:"algorithm"`
	Measures measures `json:"measures"`
	Feedback []string `json:"feedback"` // what would make it better
}

// measures are what the estimate is made from.
type measures struct {
	Area     float64    `json:"area_mm2"`
	Centre   [2]float64 `json:"centre"`   // share of width and height
	Darkness float64    `json:"darkness"` // 0 white to 1 black
	Clarity  float64    `json:"clarity"`  // coherence of the ridge flow, 0 to 1
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
	f := newFlags(e, "optag quality")
	faces := f.Bool("face", false, "the files are portraits")
	if err := parse(f, args); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return usageError("optag quality takes one file or more")
	}
	var reports []any
	for _, name := range f.Args() {
		measure := e.measurePrint
		if *faces {
			measure = e.measureFace
		}
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

func (e *env) measurePrint(name string) (any, error) {
	raw, err := readLimited(name, finger.MaxPixels+1<<20)
	if err != nil {
		return nil, err
	}
	img, ppi, assumed, err := finger.ReadImage(raw)
	if err != nil {
		return nil, err
	}
	var assessor finger.Assessor
	q := assessor.Assess(img, [2]int{ppi, ppi})
	r := printReport{
		File: name, Width: img.Rect.Dx(), Height: img.Rect.Dy(), PPI: ppi, Assumed: assumed,
		NoNFIQ2:  "NFIQ 2 is not part of this version",
		Estimate: q.Score, By: q.Algorithm, Feedback: []string{},
		Measures: measures{round(q.Area), [2]float64{round(q.Centre[0]), round(q.Centre[1])}, round(q.Darkness), round(q.Clarity)},
	}
	for _, reason := range q.Reasons {
		r.Feedback = append(r.Feedback, string(reason))
	}
	if !e.json {
		fmt.Fprintf(e.out, "%s: %d × %d at %d ppi, estimate %d of 100 (%s; no NFIQ 2), %v\n",
			name, r.Width, r.Height, ppi, q.Score, q.Algorithm, q.Reasons)
	}
	return r, nil
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
