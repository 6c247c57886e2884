package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"optag/capture/finger/nfiq2"
	"optag/cmd/internal/trust"
)

// modelFile is where a station keeps NIST's model, in the compact form.
func modelFile(home string) string { return filepath.Join(home, "nfiq2.model") }

// A modelState says whether there is a model to score with.
type modelState struct {
	State  string `json:"state"` // installed, missing or refused
	Reason string `json:"reason,omitempty"`
	MD5    string `json:"md5,omitempty"` // of the file that was installed
}

// openModel opens the station's model, if it was made from the file with that
// MD5. Without one it returns nil, and the state says why.
func openModel(home, md5 string) (*nfiq2.Model, modelState) {
	raw, err := readLimited(modelFile(home), int64(nfiq2.MaxCache))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, modelState{State: "missing", Reason: "optag quality install-model takes the file that NIST publishes"}
	}
	var m *nfiq2.Model
	if err == nil {
		m, err = nfiq2.Open(raw, md5)
	}
	if err != nil {
		return nil, modelState{State: "refused", Reason: oneLine(err) + "; install it again"}
	}
	return m, modelState{State: "installed", MD5: m.MD5()}
}

// model is the station's model, nil where there is none. A model that is there
// and cannot be used is told to the technician.
func (e *env) model(log *slog.Logger) *nfiq2.Model {
	m, state := openModel(e.home, nfiq2.ModelMD5)
	switch state.State {
	case "missing":
		log.Info("prints are scored by the estimate", "model", state.State, "reason", state.Reason)
	case "refused":
		log.Error("prints are scored by the estimate", "model", state.State, "reason", state.Reason)
	}
	return m
}

// qualityInstallModel takes NIST's model over.
func qualityInstallModel(_ context.Context, e *env, args []string) error {
	files, err := noFlags(e, "quality install-model", args, 1, "the model's file")
	if err != nil {
		return err
	}
	return e.installModel(files[0], nfiq2.ModelMD5)
}

// installModel takes the model file with that MD5 over. What was installed
// before stays where the file is refused.
func (e *env) installModel(name, md5 string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	cache, err := nfiq2.Install(f, md5)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := trust.WriteFile(modelFile(e.home), cache); err != nil {
		return fmt.Errorf("installing the model: %w", err)
	}
	m, state := openModel(e.home, md5)
	if m == nil {
		return fmt.Errorf("installing the model: %s", state.Reason)
	}
	if e.json {
		return e.print(struct {
			modelState
			Algorithm string `json:"algorithm"`
			File      string `json:"file"`
			Bytes     int    `json:"bytes"`
			Trees     int    `json:"trees"`
		}{state, nfiq2.ScoreID, modelFile(e.home), len(cache), m.Trees()})
	}
	_, err = fmt.Fprintf(e.out, "the model of %s is installed: %d trees, %d kB in %s\n", nfiq2.ScoreID, m.Trees(), len(cache)>>10, modelFile(e.home))
	return err
}
