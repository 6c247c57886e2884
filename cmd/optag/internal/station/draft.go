package station

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"optag/capture"
	"optag/queue"
	"optag/queue/seal"
	"optag/ui/flow"
)

// Drafts keep the case in progress against a crash of this process. The
// functions are called one at a time, from any goroutine.
type Drafts interface {
	// Save keeps plain, sealed, in place of what was kept before. When it
	// returns nil, it is on disk. Plain stays the caller's.
	Save(plain []byte) error

	// Load returns what was kept, nil when there is nothing. What cannot be read
	// is an error, and gone.
	Load() (plain []byte, err error)

	// Destroy makes what was kept unreadable, and removes it.
	Destroy() error

	// Lost is closed when what is kept can no longer be read by anybody.
	Lost() <-chan struct{}
}

// A drafting saves the case beside the loop, the newest last: an older state
// never comes after a newer one, and of several that wait only the newest is
// written. Methods belong to the loop but for run.
type drafting struct {
	s      *Station
	store  Drafts // nil: nothing is kept
	asked  int    // number of the newest save
	packID string // of the case in progress; "" until it is needed

	mu      sync.Mutex // protects the fields below
	plain   []byte     // to be saved; nil when nothing is
	number  int        // of plain
	destroy bool       // first of all
	kept    bool       // there is, or may be, something on disk
	wake    chan struct{}
}

func newDrafting(s *Station, store Drafts) *drafting {
	return &drafting{s: s, store: store, wake: make(chan struct{}, 1)}
}

// packageID is the id that the case in progress will have as a package. It is
// in the draft, so that a case that was sealed just before a crash is not taken
// up a second time.
func (d *drafting) packageID() (string, error) {
	var err error
	if d.packID == "" {
		d.packID, err = seal.NewPackageID(d.s.random)
	}
	return d.packID, err
}

// save has the case kept as it stands now. DraftSaved or DraftFailed follows,
// unless a newer one is asked for before.
func (d *drafting) save(session *capture.Session) {
	if d.store == nil || session == nil {
		return
	}
	d.asked++
	plain, err := d.pack(session)
	if err != nil {
		d.s.tech.Error("keeping the draft", "err", err)
		d.s.step(flow.DraftFailed{})
		return
	}
	d.put(func() { d.plain, d.number = plain, d.asked })
}

// forget has everything that is kept of the case destroyed.
func (d *drafting) forget() {
	d.asked++
	d.packID = ""
	if d.store != nil {
		d.put(func() { d.destroy = true })
	}
}

// put changes what waits to be done. What waited to be saved is wiped.
func (d *drafting) put(change func()) {
	d.mu.Lock()
	clear(d.plain)
	d.plain = nil
	change()
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default: // it is awake
	}
}

// run does what waits until the station ends, and then what still waits.
func (d *drafting) run() {
	lost := d.store.Lost()
	for d.s.ctx.Err() == nil {
		select {
		case <-d.wake:
		case <-d.s.ctx.Done():
		case <-lost:
			lost = nil
			d.s.tech.Error("keeping the draft: what is kept can no longer be read again")
			d.s.Send(flow.DraftFailed{})
		}
		d.work()
	}
	d.work() // what was asked for during the last
}

func (d *drafting) work() {
	d.mu.Lock()
	plain, number, destroy := d.plain, d.number, d.destroy && d.kept
	d.plain, d.destroy = nil, false
	d.kept = d.kept && !destroy || plain != nil
	d.mu.Unlock()
	if destroy {
		d.destroyed("", d.store.Destroy())
	}
	if plain != nil {
		err := d.store.Save(plain)
		clear(plain)
		d.s.later(func() { d.ended(number, err) })
	}
}

// destroyed notes that a draft is gone, and why.
func (d *drafting) destroyed(why string, err error) {
	if err != nil {
		d.s.tech.Error("destroying the draft", "err", err)
	}
	d.s.log("draft_destroyed", why, "")
}

// ended reports how the newest save went; older ones are of no interest.
func (d *drafting) ended(number int, err error) {
	switch {
	case err != nil:
		d.s.tech.Error("keeping the draft", "err", err)
		if number == d.asked {
			d.s.handle(flow.DraftFailed{})
		}
	case number == d.asked:
		d.s.handle(flow.DraftSaved{})
	}
}

// end destroys the draft of a case that nobody will go on with, because the
// program ends in order. It is called when run has returned.
func (d *drafting) end() {
	if d.store != nil && d.kept {
		d.kept = false
		d.destroyed("", d.store.Destroy())
	}
}

// resume takes up the case that was in progress when the program crashed. What
// cannot be taken up is destroyed, and the counter begins empty.
func (d *drafting) resume() {
	if d.store == nil {
		return
	}
	plain, err := d.store.Load()
	defer clear(plain)
	if err == nil && plain == nil {
		return
	}
	d.kept = err == nil
	why := "unreadable"
	if err == nil {
		if why, err = d.unpack(plain); why == "" {
			return
		}
	}
	if err != nil {
		d.s.tech.Warn("the case that was in progress is not taken up", "err", err)
	}
	if d.kept {
		d.kept = false
		err = d.store.Destroy()
		d.destroyed(why, err)
		return
	}
	d.destroyed(why, nil)
}

// draftHead is what a draft holds before the session. The length of its JSON
// precedes it, 4 bytes, big-endian.
type draftHead struct {
	Version int       `json:"version"`
	Package string    `json:"package"` // id of the case when it is sealed
	Held    flow.Held `json:"held"`
}

const (
	draftVersion = 1
	mostHead     = 1 << 19
)

// pack puts the counter and the session into bytes.
func (d *drafting) pack(session *capture.Session) ([]byte, error) {
	id, err := d.packageID()
	if err != nil {
		return nil, err
	}
	head, err := json.Marshal(draftHead{draftVersion, id, d.s.counter.Held()})
	if err != nil || len(head) > mostHead {
		return nil, fmt.Errorf("packing the draft of %d bytes: %w", len(head), err)
	}
	defer clear(head)
	rest, err := session.Draft()
	if err != nil {
		return nil, err
	}
	defer clear(rest)
	plain := make([]byte, 0, 4+len(head)+len(rest))
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(head)))
	return append(append(plain, head...), rest...), nil
}

// unpack puts the counter back as it was; why says in a code why not.
func (d *drafting) unpack(plain []byte) (why string, err error) {
	head, rest, err := splitDraft(plain)
	if err != nil {
		return "unreadable", err
	}
	if _, err := d.s.queue.Show(head.Package); err == nil || errors.Is(err, queue.ErrDamaged) {
		return "sealed", nil // just before the crash
	}
	session, err := capture.Restore(rest)
	if err != nil {
		return "unreadable", err
	}
	if session.Profile().Algorithm != d.s.settings.Profile.Algorithm {
		session.Wipe()
		return "other_algorithm", errors.New("the prints of the draft were scored otherwise than prints are now")
	}
	d.packID = head.Package
	d.s.counter.Resume(head.Held, session)
	return "", nil
}

func splitDraft(plain []byte) (head draftHead, rest []byte, err error) {
	if len(plain) < 4 {
		return head, nil, errors.New("the draft is cut short")
	}
	n := binary.BigEndian.Uint32(plain)
	if n > mostHead || int(n) > len(plain)-4 {
		return head, nil, errors.New("the draft is cut short")
	}
	dec := json.NewDecoder(bytes.NewReader(plain[4:][:n]))
	dec.DisallowUnknownFields()
	if dec.Decode(&head) != nil || head.Version != draftVersion { // the cause may quote the person's data
		return head, nil, errors.New("the draft's head is not of this version")
	}
	return head, plain[4+n:], nil
}
