package queue

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"optag/queue/audit"
)

// Names of files that travel by hand, when there is no network.
const (
	packageSuffix = ".optag"   // a sealed package, named by its id
	receiptSuffix = ".receipt" // a receipt; ".json" is accepted too
)

// Export writes each waiting package to a file of its own in dir, named by its
// id, and returns the files. The packages stay in the queue until their receipts
// are imported. A file that is there already is replaced.
func (q *Queue) Export(actor, dir string) (files []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("exporting packages: %w", err)
	}
	waiting, err := q.Waiting()
	if err != nil {
		return nil, fmt.Errorf("exporting packages: %w", err)
	}
	for _, r := range waiting {
		name := filepath.Join(dir, r.ID+packageSuffix)
		err := q.check(r)
		if err == nil {
			err = writeFile(name, q.newPackage(r).Reader())
		}
		if err == nil {
			err = q.Log(audit.Entry{Actor: actor, Event: audit.PackageExported, Subject: r.ID})
		}
		if err != nil {
			return files, fmt.Errorf("exporting package %s: %w", r.ID, err)
		}
		files = append(files, name)
	}
	if err := syncDir(dir); err != nil {
		return files, fmt.Errorf("exporting packages: %w", err)
	}
	return files, nil
}

// writeFile writes a file that is whole or not there.
func writeFile(name string, from io.Reader) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // in vain once it has its name
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

// An Import is what became of one file of receipts.
type Import struct {
	File    string
	Package string // id; "" when the receipt could not be read
	Err     error  // nil when the package is settled
}

// ImportReceipts settles packages with the receipts in the files of dir whose
// names end in ".receipt" or ".json". A file that cannot be used stops no other.
// The files are left where they are.
func (q *Queue) ImportReceipts(actor, dir string) ([]Import, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("importing receipts: %w", err)
	}
	var list []Import
	for _, e := range entries {
		if ext := strings.ToLower(filepath.Ext(e.Name())); e.IsDir() || ext != receiptSuffix && ext != ".json" {
			continue
		}
		i := Import{File: e.Name()}
		i.Package, i.Err = q.importReceipt(actor, filepath.Join(dir, e.Name()))
		if q.unusable() {
			return list, fmt.Errorf("importing receipts: %w", i.Err)
		}
		list = append(list, i)
	}
	return list, nil
}

func (q *Queue) importReceipt(actor, name string) (id string, err error) {
	raw, err := readSmall(name)
	if err != nil {
		return "", err
	}
	claim, err := q.o.VerifyReceipt(raw)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return claim.PackageID, q.Settle(actor, claim.PackageID, raw)
}

// readSmall reads a file that may come from anywhere: at most 64 KiB.
func readSmall(name string) ([]byte, error) {
	const limit = 64 << 10
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && len(raw) > limit {
		err = fmt.Errorf("%w: more than %d bytes", ErrReceipt, limit)
	}
	return raw, err
}
