package emrtd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"optag/device"
	"optag/device/emrtd/apdu"
	"optag/device/emrtd/ec"
	"optag/device/emrtd/lds"
	"optag/device/emrtd/pa"
	"optag/device/emrtd/sm"
)

// A reader is one reading of a chip. What it finds out about the chip's habits
// outlasts a run that has to begin again.
type reader struct {
	files
	access  Access
	options Options
	chip    *Chip

	short bool   // the chip ended a session over an extended length
	clone Result // the chip did not stand up to chip authentication; zero if it did

	announced lds.SecurityInfos // EF.CardAccess
	offered   lds.SecurityInfos // DG14
	shut      error             // why the last way of PACE that was tried could not be gone
	pace      *paceRun          // that opened the chip; nil for basic access control
	proven    lds.File          // the group whose key the chip showed to have the secret of
	ours      ec.Point          // our key of chip authentication
	ourGroup  group
	signedIn  bool // as a terminal

	signed chan *pa.Result // who signed the chip, found out beside the reading; nil while nobody looks
}

// usual is the length of answers asked for where the card does not state what it
// takes.
const usual = 4096

// start begins a run.
func (r *reader) start(card device.Card) {
	r.files = files{link: &link{card: card}, progress: r.options.Progress}
	if r.options.Extended && !r.short {
		r.extended = usual
	}
	r.chip = &Chip{Files: map[lds.File][]byte{}}
	r.announced, r.offered, r.shut, r.pace, r.ourGroup, r.signedIn = nil, nil, nil, nil, nil, false
}

// end ends the session, and waits for what runs beside the reading.
func (r *reader) end() {
	r.link.end()
	if r.signed != nil {
		<-r.signed
		r.signed = nil
	}
}

// again reports whether a run that ended with err is to begin again: without
// what the chip did not bear. The key that it took is no guess any more.
func (r *reader) again(err error) bool {
	var bare *sm.Unprotected
	switch {
	case errors.As(err, &bare) && bare.Status == apdu.WrongLength && r.extended > 0 && !r.short:
		r.short = true
	case errors.Is(err, errClone) && r.clone.Verdict == "":
		r.clone = failed(NoSecret, err)
	default:
		return false
	}
	return true
}

// errClone: the chip cannot go on under keys that only the true chip can have.
var errClone = errors.New("the chip does not answer under the keys of chip authentication")

// run is the whole of one reading.
func (r *reader) run(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		r.announce, r.open, r.proof, r.application, r.index, r.authenticate, r.groups, r.active, r.terminal,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.judge()
	return nil
}

// soft reports whether an error concerns one file or one service of the chip,
// and the conversation goes on.
func soft(err error) bool {
	var refusal *Refusal
	var broken *Broken
	return errors.As(err, &refusal) || errors.As(err, &broken) && broken.File != 0
}

// fetch reads a file into the chip, if it is there. An error is one that ends
// the conversation; a soft one is returned as why.
func (r *reader) fetch(ctx context.Context, file lds.File) (b []byte, why, err error) {
	b, err = r.read(ctx, file)
	if soft(err) {
		return nil, err, nil
	}
	if err == nil {
		r.chip.Files[file] = b
	}
	return b, nil, err
}

// announce goes to the master file and reads what the chip says of PACE.
func (r *reader) announce(ctx context.Context) error {
	if r.access == (Access{}) {
		return ErrNoAccess
	}
	// Nothing is lost by a chip that refuses: after a reset it is there anyway.
	if _, err := r.send(ctx, "selecting the master file", apdu.Command{Instruction: 0xa4, P2: 0x0c, Data: []byte{0x3f, 0}}); err != nil {
		return err
	}
	if r.extended > 0 {
		if err := r.lengths(ctx); err != nil {
			return err
		}
	}
	b, why, err := r.fetch(ctx, lds.CardAccess)
	if err != nil || why != nil {
		return err
	}
	r.announced, _ = lds.ParseCardAccess(b) // if it is not legible, there is no PACE
	return nil
}

// open opens the chip with PACE, if it offers a way that is known.
func (r *reader) open(ctx context.Context) error {
	reference, password := byMRZ, hashOf(r.access.MRZ)
	if r.access.CAN != "" {
		reference, password = byCAN, []byte(r.access.CAN)
	}
	defer clear(password)
	for _, way := range paces(r.announced) {
		run := &paceRun{link: r.link, pace: way, random: r.options.Random}
		err := run.run(ctx, reference, password)
		if errors.Is(err, errNotOffered) {
			r.shut = err
			continue
		}
		r.pace, r.chip.Opened = run, way.String()
		return err
	}
	return nil
}

// proof checks what the chip showed of itself in PACE.
func (r *reader) proof(ctx context.Context) error {
	if r.pace == nil || r.pace.mapping != chipAuth {
		return nil
	}
	_, _, err := r.fetch(ctx, lds.CardSecurity)
	return err
}

// application selects the travel document, and opens it with basic access
// control where PACE did not.
func (r *reader) application(ctx context.Context) error {
	const doing = "selecting the travel document"
	s, err := r.send(ctx, doing, apdu.Command{Instruction: 0xa4, P1: 4, P2: 0x0c, Data: []byte(lds.AID)})
	switch {
	case err != nil:
		return err
	case s.Status != apdu.OK && r.announced == nil:
		return fmt.Errorf("%w: %w", ErrNotTravelDocument, refused(doing, s.Status))
	case s.Status != apdu.OK:
		return refused(doing, s.Status)
	case r.pace != nil:
		return nil
	case r.access.MRZ == "" && r.shut != nil:
		return fmt.Errorf("%w: %w", ErrNoAccess, r.shut)
	case r.access.MRZ == "":
		return ErrNoAccess
	}
	r.chip.Opened = "BAC"
	return r.bac(ctx, r.options.Random, r.access.MRZ)
}

// index reads which groups there are, and what the chip says of its protocols.
func (r *reader) index(ctx context.Context) error {
	for _, file := range []lds.File{lds.COM, lds.SOD} {
		if _, _, err := r.fetch(ctx, file); err != nil {
			return err
		}
	}
	r.list(r.verify())
	err := r.group(ctx, lds.DG14)
	if b := r.chip.Files[lds.DG14]; b != nil {
		var why error
		if r.offered, why = lds.ParseDG14(b); why != nil {
			r.note(lds.DG14, faulty(lds.DG14, why))
		}
	}
	return err
}

// verify opens EF.SOD and has it looked at who signed it, while the groups are
// read. It returns the hashes of the groups.
func (r *reader) verify() map[lds.File][]byte {
	b := r.chip.Files[lds.SOD]
	if b == nil {
		return nil
	}
	sod, trust, today := pa.OpenSOD(b), r.options.Trust, r.options.Today
	signed := make(chan *pa.Result, 1)
	go func() { signed <- sod.Signed(trust, today) }()
	r.signed = signed
	if sod.Object == nil {
		return nil
	}
	return sod.Object.Sums
}

// list makes the list of groups: those that EF.SOD has the hash of, and those
// that EF.COM names.
func (r *reader) list(signed map[lds.File][]byte) {
	common, _ := lds.ParseCOM(r.chip.Files[lds.COM])
	for f := lds.DG1; f <= lds.DG16; f++ {
		if signed[f] != nil || slices.Contains(common.Groups, f) {
			r.chip.Groups = append(r.chip.Groups, Group{File: f, Signed: signed[f] != nil, Content: NotChecked})
		}
	}
}

// group reads one data group, if the chip has it.
func (r *reader) group(ctx context.Context, file lds.File) error {
	if _, ok := r.chip.Group(file); !ok || r.chip.Files[file] != nil {
		return nil
	}
	_, why, err := r.fetch(ctx, file)
	r.note(file, why)
	return err
}

// note keeps why a group is not at hand or not legible.
func (r *reader) note(file lds.File, why error) {
	for i := range r.chip.Groups {
		if r.chip.Groups[i].File == file && why != nil {
			r.chip.Groups[i].Err = why
		}
	}
}

// authenticate has the chip show that it is genuine by chip authentication, if
// it offers that, and if it has not shown it in PACE or a terminal is to follow.
func (r *reader) authenticate(ctx context.Context) error {
	if r.clone.Verdict != "" {
		r.chip.Genuine = r.clone
		return nil
	}
	keys := chipKeys(r.offered)
	if len(keys) == 0 || r.pace != nil && r.pace.proof != nil && r.options.Terminal == nil {
		return nil
	}
	k := keys[0]
	ours, err := r.authenticateChip(ctx, r.options.Random, k)
	if soft(err) {
		r.chip.Genuine = failed(Refused, err)
		return nil
	}
	if err == nil {
		_, err = r.send(ctx, "confirming the chip's keys", apdu.Command{Instruction: 0xa4, P1: 2, P2: 0x0c, Data: []byte{byte(lds.COM.ID() >> 8), byte(lds.COM.ID())}})
	}
	if errors.Is(err, sm.ErrBroken) {
		return fmt.Errorf("%w: %w", errClone, err)
	}
	r.ours, r.ourGroup, r.proven = ours, k.group, lds.DG14
	r.chip.Genuine = Result{Verdict: OK, By: fmt.Sprintf("chip authentication %v %v", k.group, k.suite)}
	return err
}

// shown are the groups that the station shows, and the chip's key for signing, so
// that a change of it is told even where another shows that the chip is no copy.
var shown = [...]lds.File{lds.DG1, lds.DG2, lds.DG7, lds.DG11, lds.DG12, lds.DG15}

// closed reports whether a group is for terminals alone (Doc 9303-11, 7).
func closed(file lds.File) bool { return file == lds.DG3 || file == lds.DG4 }

// wanted are the groups to be read.
func (r *reader) wanted() []lds.File {
	switch {
	case r.options.Groups != nil:
		return r.options.Groups
	case r.options.Terminal != nil:
		return append(shown[:], lds.DG3)
	}
	return shown[:]
}

// groups reads the groups that are open.
func (r *reader) groups(ctx context.Context) error {
	for _, file := range r.wanted() {
		if closed(file) {
			continue
		}
		if err := r.group(ctx, file); err != nil {
			return err
		}
	}
	return nil
}
