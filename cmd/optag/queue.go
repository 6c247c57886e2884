package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"optag/cmd/internal/trust"
	"optag/cmd/optag/internal/station"
	"optag/queue"
	"optag/queue/audit"
	"optag/queue/upload"
)

// technician is who the log names for what is done with these commands.
const technician = "technician"

// onQueue opens the queue for one command. The service need not be known to
// look at it.
func onQueue(e *env, do func(*queue.Queue, *trust.Service) error) error {
	sv, err := trust.LoadService(e.home)
	if err != nil && !errors.Is(err, trust.ErrMissing) {
		return err
	}
	q, err := station.OpenQueue(e.home, sv, time.Now)
	if err != nil {
		return err
	}
	defer q.Close()
	tellSalvage(e, q)
	return do(q, sv)
}

// tellSalvage says on standard error what became of a damaged file.
func tellSalvage(e *env, q *queue.Queue) {
	s, damaged := q.Salvaged()
	if !damaged {
		return
	}
	fmt.Fprintf(e.err, "optag: note: the queue's file was damaged and is set aside as %s\n", s.SetAside)
	for _, p := range s.Packages {
		fmt.Fprintf(e.err, "optag: note: package %s: %s\n", p.ID, p.Fate)
	}
}

// noFlags parses a queue command that has no flags of its own.
func noFlags(e *env, name string, args []string, want int, wants string) ([]string, error) {
	f := newFlags(e, "optag "+name)
	if err := parse(f, args); err != nil {
		return nil, err
	}
	if f.NArg() != want {
		return nil, usageError("optag " + name + " takes " + wants)
	}
	return f.Args(), nil
}

func queueLs(_ context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "queue ls", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		records, err := q.List()
		if err != nil {
			return err
		}
		if e.json {
			return e.print(append([]queue.Record{}, records...))
		}
		w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NUMBER\tPACKAGE\tSTATE\tBYTES\tQUEUED\t")
		for _, r := range records {
			fmt.Fprintf(w, "%d\t%s\t%s\t%d\t%s\t%s\n", r.Sequence, r.ID, r.State, r.Size, r.QueuedAt.Format(time.RFC3339), r.Reason)
		}
		return w.Flush()
	})
}

func queueShow(_ context.Context, e *env, args []string) error {
	rest, err := noFlags(e, "queue show", args, 1, "the id of one package")
	if err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		r, err := q.Show(rest[0])
		if err != nil {
			return err
		}
		return e.print(r)
	})
}

func queueSend(ctx context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "queue send", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		id, sv, err := e.keys()
		if err != nil {
			return err
		}
		o, err := id.UploadOptions(sv)
		if err != nil {
			return err
		}
		c, err := upload.New(o)
		if err != nil {
			return err
		}
		defer c.Close()
		return deliverAll(ctx, e, q, c)
	})
}

func deliverAll(ctx context.Context, e *env, q *queue.Queue, c *upload.Client) error {
	d, err := station.Drain(ctx, q, c, nil)
	if e.json {
		if printErr := e.print(d); printErr != nil {
			return printErr
		}
	} else {
		fmt.Fprintf(e.out, "%d delivered, %d refused, %d kept for later\n", len(d.Delivered), len(d.Refused), len(d.Failed))
	}
	if err != nil {
		return fmt.Errorf("%w; what is not delivered is kept", err)
	}
	if n := len(d.Refused) + len(d.Failed); n > 0 {
		return fmt.Errorf("%d packages could not be delivered and are kept", n)
	}
	return nil
}

func queueExport(_ context.Context, e *env, args []string) error {
	rest, err := noFlags(e, "queue export", args, 1, "a directory")
	if err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		files, err := q.Export(technician, rest[0])
		if err != nil {
			return err
		}
		if e.json {
			return e.print(append([]string{}, files...))
		}
		for _, f := range files {
			fmt.Fprintln(e.out, f)
		}
		return nil
	})
}

func queueImport(_ context.Context, e *env, args []string) error {
	rest, err := noFlags(e, "queue import-receipts", args, 1, "a directory")
	if err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		done, err := q.ImportReceipts(technician, rest[0])
		if err != nil {
			return err
		}
		return tellImports(e, done)
	})
}

// tellImports says what each file of receipts did; a file that could not be
// used makes the command fail after the others were.
func tellImports(e *env, done []queue.Import) error {
	type line struct {
		File    string `json:"file"`
		Package string `json:"package"`
		Problem string `json:"problem"`
	}
	lines, failed := []line{}, 0
	for _, d := range done {
		l := line{d.File, d.Package, ""}
		if d.Err != nil {
			l.Problem = oneLine(d.Err)
			failed++
		}
		lines = append(lines, l)
	}
	if e.json {
		if err := e.print(lines); err != nil {
			return err
		}
	} else {
		for _, l := range lines {
			fmt.Fprintln(e.out, l.File, l.Package, l.Problem)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d files settled no package; the packages are kept", failed, len(done))
	}
	return nil
}

func queueVerify(_ context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "queue verify", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		r, err := q.Verify()
		if err != nil {
			return err
		}
		if e.json {
			err = e.print(r)
		} else {
			_, err = fmt.Fprintf(e.out, "%d packages known, %d here (%d bytes, each verified), %d receipts, %d lines of the log: %s\n",
				r.Packages, r.Bodies, r.Bytes, r.Receipts, r.Leaves, verdict(r))
		}
		if err != nil {
			return err
		}
		if !r.OK() {
			return errors.New("the queue is not as it should be: " + verdict(r))
		}
		return nil
	})
}

func verdict(r queue.Report) string {
	switch {
	case len(r.Problems) > 0:
		return fmt.Sprintf("%d problems, the first: %v", len(r.Problems), r.Problems[0])
	case r.LogProblem != "":
		return "the log is broken: " + r.LogProblem
	}
	return "all is well"
}

func queueCompact(_ context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "queue compact", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		before, err := q.Stats()
		if err != nil {
			return err
		}
		if err := q.Compact(technician); err != nil {
			return err
		}
		after, err := q.Stats()
		if err != nil {
			return err
		}
		if e.json {
			return e.print(after)
		}
		_, err = fmt.Fprintf(e.out, "%d bytes before, %d now\n", before.FileSize, after.FileSize)
		return err
	})
}

func auditVerify(_ context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "audit verify", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		head, err := audit.Verify(q.Leaves())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.out, "the log is whole: %v\n", head)
		return err
	})
}

func auditExport(_ context.Context, e *env, args []string) error {
	if _, err := noFlags(e, "audit export", args, 0, "no argument"); err != nil {
		return err
	}
	return onQueue(e, func(q *queue.Queue, _ *trust.Service) error {
		_, err := audit.Export(e.out, q.Leaves())
		return err
	})
}
