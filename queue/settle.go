package queue

import (
	"context"
	"errors"
	"fmt"

	"optag/queue/audit"
)

// Settle stores the receipt for a package and deletes the package, in one
// transaction with its leaf. It does so only when the receipt verifies and is
// for this package's id and these very bytes; otherwise nothing is lost and the
// log says that a receipt was rejected. Settling a delivered package again with
// a receipt that fits changes nothing and is no error.
func (q *Queue) Settle(actor, id string, receipt []byte) error {
	if err := q.settle(actor, id, receipt); err != nil {
		return fmt.Errorf("settling package %s: %w", id, err)
	}
	return nil
}

func (q *Queue) settle(actor, id string, receipt []byte) error {
	r, err := q.Show(id)
	if err != nil {
		return err
	}
	if err := q.judge(r, receipt); err != nil {
		return errors.Join(err, q.reject(actor, id, err))
	}
	return q.updateReserved(func(t *tx) error {
		r, err := t.record(id)
		if err != nil || r.State == Delivered {
			return err
		}
		if err := t.Bucket(receiptBucket).Put(number(r.Sequence), frameReceipt(id, receipt)); err != nil {
			return err
		}
		r.Offset, r.Failures = r.Size, 0
		if err := t.move(&r, Delivered, ""); err != nil {
			return err
		}
		if err := t.log(actor, audit.PackageDelivered, id, "sequence", decimal(r.Sequence), "sha256", r.SHA256); err != nil {
			return err
		}
		return t.deleteBody(r)
	})
}

// judge says whether a receipt lets the package go.
func (q *Queue) judge(r Record, receipt []byte) error {
	claim, err := q.o.VerifyReceipt(receipt)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrReceipt, err)
	case len(receipt) == 0 || len(receipt) > maxPayload/2:
		return fmt.Errorf("%w: %d bytes", ErrReceipt, len(receipt))
	case claim.PackageID != r.ID || claim.SHA256 != r.sum():
		return ErrOtherPackage
	}
	return nil
}

// reject writes the leaf of a receipt that was not accepted.
func (q *Queue) reject(actor, id string, why error) error {
	code := "not_valid"
	if errors.Is(why, ErrOtherPackage) {
		code = "other_package"
	}
	return q.update(func(t *tx) error { return t.log(actor, audit.ReceiptRejected, id, "reason", code) })
}

// Sending notes that the service has the first offset bytes of a package. The
// first call for a package is a change of state; later ones only keep the number.
func (q *Queue) Sending(actor, id string, offset int64) error {
	err := q.update(func(t *tx) error {
		r, err := t.record(id)
		if err != nil {
			return err
		}
		if offset < 0 || offset > r.Size {
			return fmt.Errorf("an offset of %d in %d bytes", offset, r.Size)
		}
		r.Offset = offset
		if r.State == Sending {
			return t.put(r)
		}
		if err := t.move(&r, Sending, ""); err != nil {
			return err
		}
		return t.log(actor, audit.PackageSending, id, "sequence", decimal(r.Sequence))
	})
	if err != nil {
		return fmt.Errorf("noting what was sent of package %s: %w", id, err)
	}
	return nil
}

// Refuse notes that the service will not have a package, and why, by code. The
// package is kept and named; it is not sent any more.
func (q *Queue) Refuse(actor, id, code string) error {
	if err := q.retire(actor, id, Refused, audit.PackageRefused, code); err != nil {
		return fmt.Errorf("noting the refusal of package %s: %w", id, err)
	}
	return nil
}

// retire moves a package to a state in which it is kept and not sent.
func (q *Queue) retire(actor, id string, to State, event audit.Event, code string) error {
	if !identifier.MatchString(code) {
		code = "unknown"
	}
	return q.updateReserved(func(t *tx) error {
		r, err := t.record(id)
		if err != nil {
			return err
		}
		if err := t.move(&r, to, code); err != nil {
			return err
		}
		return t.log(actor, event, id, "sequence", decimal(r.Sequence), "reason", code)
	})
}

// SendFunc delivers one package and returns the service's receipt. An error
// with a method Refused() (code string) is a refusal for good; every other error
// is taken to pass.
type SendFunc func(ctx context.Context, p Package) (receipt []byte, err error)

// A refusal is the shape of an error by which the service refuses a package.
type refusal interface{ Refused() (code string) }

// A Delivery is what a Drain did, by package id.
type Delivery struct {
	Delivered []string
	Refused   []string
	Failed    []string // kept and still waiting
}

// Drain delivers what waits, the oldest first, and settles each package with
// its receipt. A refused or damaged package is marked and left behind. A failure
// that may pass ends the drain with its error, so that a dead link is asked once
// and not once a package; so that no single package blocks the others for ever,
// packages with fewer failures behind them go first. A receipt that does not fit
// is that package's own trouble, and the drain goes on.
func (q *Queue) Drain(ctx context.Context, actor string, send SendFunc) (Delivery, error) {
	if !q.drain.TryLock() {
		return Delivery{}, ErrBusy
	}
	defer q.drain.Unlock()
	var d Delivery
	var unsettled error
	waiting, err := q.Waiting()
	for _, r := range waiting {
		if err := ctx.Err(); err != nil {
			return d, errors.Join(unsettled, err)
		}
		goOn, err := q.deliver(ctx, actor, r, send, &d)
		if !goOn {
			return d, errors.Join(unsettled, err)
		}
		unsettled = errors.Join(unsettled, err)
	}
	return d, errors.Join(unsettled, err)
}

// deliver sends one package and notes how it went. goOn says that the others
// may be sent in spite of err.
func (q *Queue) deliver(ctx context.Context, actor string, r Record, send SendFunc, d *Delivery) (goOn bool, err error) {
	if err := q.check(r); err != nil {
		return q.spoilt(actor, r, err, d)
	}
	p := q.newPackage(r)
	if !p.Tried {
		if err := q.Sending(actor, r.ID, 0); err != nil {
			return false, err
		}
	}
	receipt, err := send(ctx, p)
	var refused refusal
	switch {
	case err == nil:
		err = q.Settle(actor, r.ID, receipt)
		if err == nil {
			d.Delivered = append(d.Delivered, r.ID)
			return true, nil
		}
		goOn = errors.Is(err, ErrReceipt) || errors.Is(err, ErrOtherPackage)
	case errors.As(err, &refused):
		d.Refused = append(d.Refused, r.ID)
		return true, q.Refuse(actor, r.ID, refused.Refused())
	case ctx.Err() != nil:
		return false, err // we stopped; the package did nothing wrong
	}
	d.Failed = append(d.Failed, r.ID)
	return goOn, errors.Join(fmt.Errorf("delivering package %s: %w", r.ID, err), q.stumbled(r.ID))
}

// spoilt marks a package whose bytes do not verify.
func (q *Queue) spoilt(actor string, r Record, err error, d *Delivery) (goOn bool, _ error) {
	if q.unusable() {
		return false, err
	}
	d.Failed = append(d.Failed, r.ID)
	return true, errors.Join(err, q.retire(actor, r.ID, Damaged, audit.PackageDamaged, "damaged"))
}

// stumbled counts one more failure of a waiting package.
func (q *Queue) stumbled(id string) error {
	err := q.update(func(t *tx) error {
		r, err := t.record(id)
		if err != nil || !r.State.Waiting() {
			return err
		}
		r.Failures++
		return t.put(r)
	})
	if errors.Is(err, ErrFull) {
		return nil // a count is not worth more than that
	}
	return err
}
