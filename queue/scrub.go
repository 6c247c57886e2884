package queue

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"optag/queue/audit"
)

// scrubPages is how many pages are filled in one transaction.
const scrubPages = 4096

// Scrub overwrites the free pages of the file with zeros, for deleting in bbolt
// leaves the bytes where they were. What it removes is ciphertext that the
// station could never read; so it is hygiene, for when the station is idle. The
// file may grow by a few pages. It cannot reach what a solid-state disk has
// remapped.
func (q *Queue) Scrub(ctx context.Context, actor string) error {
	q.tidy.Lock()
	defer q.tidy.Unlock()
	if err := q.dropFiller(); err != nil {
		return fmt.Errorf("scrubbing the queue: %w", err)
	}
	err := q.fillFree(ctx)
	err = errors.Join(err, q.dropFiller())
	if err == nil {
		err = q.update(func(t *tx) error { return t.log(actor, audit.QueueScrubbed, "") })
	}
	if err != nil {
		return fmt.Errorf("scrubbing the queue: %w", err)
	}
	return nil
}

// fillFree fills every page that is free now.
func (q *Queue) fillFree(ctx context.Context) error {
	for key := uint64(1); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		free, err := q.freePages()
		if err != nil {
			return err
		}
		last := free <= scrubPages
		pages := min(free, scrubPages)
		err = q.fill(&key, pages)
		if errors.Is(err, ErrFull) { // the few pages more than are free
			err = q.fill(&key, max(pages-64, 0))
		}
		if last || err != nil {
			return err
		}
	}
}

func (q *Queue) freePages() (n int, err error) {
	err = q.run(func(db *bolt.DB) error {
		s := db.Stats()
		n = s.FreePageN + s.PendingPageN
		return nil
	})
	return n, err
}

// fill writes zeros to as many pages, and keeps them.
func (q *Queue) fill(key *uint64, pages int) error {
	next := *key
	err := q.update(func(t *tx) error {
		b, err := t.CreateBucketIfNotExists(fillerBucket)
		if err != nil {
			return err
		}
		b.FillPercent = 1
		// Two values to a page: 16 bytes of header, 16 for each element, 8 for each key.
		zeros := make([]byte, t.DB().Info().PageSize/2-8-16-8)
		for range 2 * pages {
			if err := b.Put(number(next), zeros); err != nil {
				return err
			}
			next++
		}
		return nil
	})
	if err == nil {
		*key = next
	}
	return err
}

// dropFiller frees what scrubbing filled.
func (q *Queue) dropFiller() error {
	there := false
	err := q.view(func(t *tx) error {
		there = t.Bucket(fillerBucket) != nil
		return nil
	})
	if err != nil || !there {
		return err
	}
	return q.update(func(t *tx) error { return t.DeleteBucket(fillerBucket) })
}

// Compact copies the queue into a new file without free pages, and puts it in
// the place of the old one. It needs the room for both. A crash leaves one or
// the other. Where an open file cannot be replaced (Windows) it returns an error
// and changes nothing.
func (q *Queue) Compact(actor string) error {
	if err := q.compact(); err != nil {
		return fmt.Errorf("compacting the queue: %w", err)
	}
	return q.Log(audit.Entry{Actor: actor, Event: audit.QueueCompacted})
}

func (q *Queue) compact() error {
	q.tidy.Lock()
	defer q.tidy.Unlock()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.db == nil {
		return errClosed
	}
	if err := q.failure(); err != nil {
		return err
	}
	temp, err := q.makeFile(func(db *bolt.DB) error {
		return guard(func() error { return bolt.Compact(db, q.db, 8<<20) })
	})
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Rename(temp, q.path); err != nil {
		return err
	}
	old, oldFile := q.db, q.file
	q.db, q.file = nil, nil
	err = errors.Join(syncDir(filepath.Dir(q.path)), q.openSound())
	_ = guard(old.Close)
	oldFile.Close() // in vain where bbolt closed it
	return err
}
