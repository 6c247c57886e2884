package emrtd

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"optag/capture/mrz"
	"optag/device"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
)

// An Access is what opens a chip. With both, the CAN opens it, and the other
// serves to compare.
type Access struct {
	MRZ string // MRZ information of the document, [mrz.Document.Key]
	CAN string // card access number: the six digits on the face of a card
}

// String tells which keys there are, and none of them.
func (a Access) String() string {
	switch {
	case a.MRZ != "" && a.CAN != "":
		return "zone and CAN"
	case a.MRZ != "":
		return "zone"
	case a.CAN != "":
		return "CAN"
	}
	return "none"
}

// Options say what is to be read and what it is measured by.
type Options struct {
	Random io.Reader // for keys of one session; crypto/rand.Reader at the station
	Today  time.Time // that certificates must be valid on
	Trust  *pa.Trust // the issuers' certificates that are installed; nil: none

	// Groups are the data groups wanted, of those that the chip has; nil is all
	// that the station shows: the zone, the face, the signature, what else there
	// is of holder and document, and with a Terminal the fingers.
	Groups []lds.File

	// Terminal opens the fingers; nil: they stay closed, and are not asked for.
	Terminal TerminalAuthenticator

	// Extended says that the reader takes commands of extended length. They are
	// used if the card takes them too.
	Extended bool

	// Progress is called while files are read, from the goroutine that reads.
	Progress func(Progress)
}

// A Verdict is what came of a check.
type Verdict string

// The verdicts.
const (
	OK         Verdict = "ok"
	NotChecked Verdict = "not checked" // nothing is known, for or against
	Failed     Verdict = "failed"
)

// A Reason is why a check was not made or failed. The values are words for a
// log; what the screen says of them is in its catalogue.
type Reason string

// The reasons, by the result that they are of.
const (
	NoSOD            Reason = "the chip has no file of signed hashes"
	WrongSignature   Reason = "the signed file is not what its signer signed"
	AuthorityUnknown Reason = "no certificate of the issuer is installed that the signer's goes back to"
	SignerUnknown    Reason = "the certificate of the signer is missing"
	AuthorityWrong   Reason = "the issuer's certificates that are installed did not certify the signer"
	SignerExpired    Reason = "a certificate of the signature is not valid on the day"
	SignerRevoked    Reason = "a certificate of the signature is revoked"
	SignerNotAllowed Reason = "the signer may not sign such a document"

	GroupChanged   Reason = "a file is not the one that was signed"
	GroupMissing   Reason = "a file that was signed is missing"
	GroupUnread    Reason = "a file that was signed could not be read to compare it"
	GroupNotSigned Reason = "a file is there that was not signed"
	AccessChanged  Reason = "the chip announces other protocols than were signed"

	NoProtocol   Reason = "the chip offers no way to show that it is no copy"
	NoSecret     Reason = "the chip does not have the secret of its key"
	Refused      Reason = "the chip refuses to show that it is no copy"
	KeyNotSigned Reason = "the chip's key is not the one that was signed"
	KeyUnknown   Reason = "the chip's key is of an unknown kind"

	NoZone        Reason = "the chip's zone was not read"
	NoMRZ         Reason = "the document's zone was not read to compare with"
	OtherDocument Reason = "the zone in the chip is not that of the document"
	WrongDigits   Reason = "check digits in the chip's zone are wrong"
)

// A Result is one of the four things that are said about a chip. None of them
// stands for another.
type Result struct {
	Verdict Verdict
	Why     Reason // "" for OK
	By      string // the protocol or the algorithm, for the technician
	Err     error  // more of why, where there is more; nothing of the holder
}

func notChecked(why Reason) Result        { return Result{Verdict: NotChecked, Why: why} }
func failed(why Reason, err error) Result { return Result{Verdict: Failed, Why: why, Err: err} }

// A Group is one data group of the chip.
type Group struct {
	File    lds.File
	Signed  bool    // its hash is in EF.SOD, so it was there when the chip was made
	Content Verdict // whether it is what was signed
	Closed  bool    // open to terminals alone, and nobody signed in as one: it was not asked for
	Err     error   // why it is not at hand or not legible: a *[Refusal], a *[Broken], an *[OfficeError]
}

// A Chip is what was read from a chip and what is proven of it. It holds data of
// a person: who is done with it calls Wipe.
//
// Content is about the groups that were signed and asked for. It fails if one of
// them is missing, empty, cut or anything else than was signed, or if one came
// that was not signed. It is not checked if the chip refuses one for no such
// reason, or answers in a way that leaves its bytes unknown: nobody can hide a
// file and have the rest said to be unchanged. EF.DG3 and EF.DG4 are no part of
// it while the chip keeps them from a terminal without the right to them.
type Chip struct {
	Opened string // the protocol that opened it

	// The four results.
	Signature Result // the hashes were signed by a state that is trusted
	Content   Result // the files are those whose hashes were signed
	Genuine   Result // the chip has the secret key that goes with it: it is no copy
	Belongs   Result // the zone in the chip is that of the document it lies in

	Passive *pa.Result // all that was found of signature and content; nil without EF.SOD

	Files  map[lds.File][]byte // as read
	Groups []Group             // those of EF.COM and EF.SOD, in the order of their numbers

	// What the files hold; zero where they were not read or are not legible.
	Zone       mrz.Document
	Faces      []lds.Face
	Fingers    []lds.Finger
	Signatures []lds.Image // of the holder, as displayed
	Holder     lds.Holder
	Issue      lds.Issue
}

// Group is what is known of a data group; false where the chip has none such.
func (c *Chip) Group(f lds.File) (Group, bool) {
	i := slices.IndexFunc(c.Groups, func(g Group) bool { return g.File == f })
	if i < 0 {
		return Group{}, false
	}
	return c.Groups[i], true
}

// String tells how the chip was opened and the four results, and nothing of the
// holder.
func (c *Chip) String() string {
	return fmt.Sprintf("opened with %s: signature %s, content %s, genuine %s, belongs %s",
		c.Opened, c.Signature.Verdict, c.Content.Verdict, c.Genuine.Verdict, c.Belongs.Verdict)
}

// Wipe overwrites what was read, and forgets the rest.
func (c *Chip) Wipe() {
	for _, b := range c.Files {
		clear(b)
	}
	*c = Chip{}
}

// Read opens a chip, reads it and checks it. The key is tried once. An error
// means that the conversation came to no end: a *[KeyError], [ErrNoAccess],
// [ErrNotTravelDocument], [device.ErrRemoved] and what else a card's transport
// has, a *[Refusal] or a *[Broken] outside any data group, or that of ctx. What
// is wrong with one data group alone stands in the chip's Groups.
func Read(ctx context.Context, card device.Card, a Access, o Options) (*Chip, error) {
	r := &reader{access: a, options: o}
	for {
		r.start(card)
		err := r.run(ctx)
		r.end()
		if err == nil {
			return r.chip, nil
		}
		r.chip.Wipe()
		if !r.again(err) {
			return nil, err
		}
	}
}
