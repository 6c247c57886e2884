// Package seal makes and opens the sealed package, the one form in which an
// enrolment leaves the session: a manifest anyone on the way may read, signed
// by the station with Ed25519 and ML-DSA-65, and the biometrics encrypted by
// age to post-quantum recipients. It also makes and verifies the signed receipt
// with which the service takes a package over.
//
// The station holds no key that opens what it sealed. The package leaves to
// others where packages are kept (queue), how they travel (queue/upload), which
// stations and services are trusted (the caller's key files), and what the
// parts mean. docs/package-format.md describes every byte.
package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"

	"optag/capture/record/jcs"
)

// Errors that callers branch on. Everything returned by this package for input
// that came from outside wraps exactly one of them.
var (
	// ErrVersion: not a form this program knows: another magic line, another
	// version number. From Read, Open and VerifyReceipt.
	ErrVersion = errors.New("unknown format or version")

	// ErrDamaged: the bytes contradict themselves: a length, a hash, a field
	// outside its range, a surplus or missing part. From Read, Verify, Open
	// and VerifyReceipt.
	ErrDamaged = errors.New("damaged")

	// ErrUntrusted: signed by a key that is not among those trusted, or that
	// speaks for somebody else. From Verify, Open and VerifyReceipt.
	ErrUntrusted = errors.New("signed by a key that is not trusted")

	// ErrSignature: one of the two signatures does not fit. From Verify, Open
	// and VerifyReceipt.
	ErrSignature = errors.New("signature does not fit")

	// ErrNotForUs: no recipient stanza answers to the identity. From Open.
	ErrNotForUs = errors.New("not sealed for this key")

	// ErrOtherPackage: the receipt speaks of another package or of other
	// bytes. From Receipt.For.
	ErrOtherPackage = errors.New("receipt is for another package")

	// ErrInvalid: the caller asks for a package or receipt that would not be
	// well formed. From Seal and SignReceipt.
	ErrInvalid = errors.New("not well formed")
)

// Bounds of version 1. They bound the memory that hostile input can claim: no
// allocation exceeds a small multiple of the input's own length.
const (
	MaxManifest   = 256 << 10 // bytes of the manifest
	MaxParts      = 64        // parts in a package
	MaxPlain      = 64 << 20  // bytes of all parts together
	MaxRecipients = 16        // recipients of one package
	MaxSealed     = MaxPlain + MaxManifest + 1<<20
)

const (
	magic        = "optag/sealed/1\n"
	plainMagic   = "optag/plain/1\n"
	headerSize   = len(magic) + 4 + 8 // magic, manifest length, ciphertext length
	blindSize    = 32
	outerSize    = 160 // more than the manifest has around its core
	domainSealed = "optag/sealed/1/manifest"
)

// A Part is one piece of the plaintext.
type Part struct {
	Name      string // lower case letters, digits, ".", "_", "-"; safe as a file name; unique in the package
	MediaType string // e.g. "image/png"
	Data      []byte
}

// An Envelope is a sealed package as it can be read without any key. Nothing in
// it is to be believed before Verify has returned nil.
type Envelope struct {
	Manifest   Manifest
	Ciphertext Digest   // as the manifest states it
	SHA256     [32]byte // of the whole sealed package
	Size       int      // bytes of the whole sealed package

	manifest  []byte // canonical JSON, the signed bytes
	core      []byte // the member "core" within it
	signature signature
	body      []byte // age ciphertext
}

// Seal makes a sealed package of m and parts for the recipients to, signed by
// the station's key.
//
// The caller fills in what it knows; Seal itself sets Version, Signer,
// Recipients and Parts, and brings times to whole seconds of UTC. The
// blinding key of the part hashes is read from random. The file key and
// ephemeral keys of age are not: age takes them from crypto/rand and offers no
// way to pass them in, so the ciphertext differs from call to call.
//
// The parts stay the caller's: they are read once and never copied whole, and
// the caller wipes them (see Wipe).
func Seal(random io.Reader, m Manifest, parts []Part, to []Recipient, by *Signer) ([]byte, error) {
	if len(to) == 0 || len(to) > MaxRecipients {
		return nil, fmt.Errorf("sealing: %d recipients, want 1 to %d: %w", len(to), MaxRecipients, ErrInvalid)
	}
	blind := make([]byte, blindSize)
	defer clear(blind)
	if _, err := io.ReadFull(random, blind); err != nil {
		return nil, fmt.Errorf("sealing: reading the blinding key: %w", err)
	}
	m.complete(parts, blind, to, by)
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("sealing: %w: %w", ErrInvalid, err)
	}
	core, err := jcs.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("sealing: writing the manifest: %w", err)
	}
	front := headerSize + len(core) + outerSize + signatureSize
	buf, err := encrypt(front, core, blind, parts, to)
	if err != nil {
		return nil, fmt.Errorf("sealing: encrypting: %w", err)
	}
	return assemble(core, buf, front, by)
}

// assemble signs and puts together header, manifest, signatures and ciphertext.
// The ciphertext is what stands in buf from front on; what goes before it is
// written into the room in front of it, so that megabytes need not move.
func assemble(core, buf []byte, front int, by *Signer) ([]byte, error) {
	body := buf[front:]
	manifest := joinManifest(core, digestOf(body))
	if len(manifest) > MaxManifest {
		return nil, fmt.Errorf("sealing: a manifest of %d bytes, at most %d: %w", len(manifest), MaxManifest, ErrInvalid)
	}
	sig, err := by.sign(domainSealed, manifest)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	head := make([]byte, 0, headerSize+len(manifest)+signatureSize)
	head = append(head, magic...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(manifest)))
	head = binary.BigEndian.AppendUint64(head, uint64(len(body)))
	head = append(head, manifest...)
	head = sig.append(head)
	if len(head) > front {
		return append(head, body...), nil
	}
	copy(buf[front-len(head):], head)
	return buf[front-len(head):], nil
}

// Read takes a sealed package apart and checks its form: lengths, the one
// canonical spelling of the manifest, every field within its range. It needs no
// key and gives no trust. The envelope refers to the bytes of sealed.
func Read(sealed []byte) (Envelope, error) {
	e, err := read(sealed)
	if err != nil {
		return Envelope{}, fmt.Errorf("reading a sealed package: %w", err)
	}
	return e, nil
}

func read(sealed []byte) (Envelope, error) {
	if !bytes.HasPrefix(sealed, []byte(magic)) {
		if len(sealed) < len(magic) && bytes.HasPrefix([]byte(magic), sealed) {
			return Envelope{}, fmt.Errorf("%d bytes only: %w", len(sealed), ErrDamaged)
		}
		return Envelope{}, ErrVersion
	}
	if len(sealed) < headerSize+signatureSize || len(sealed) > MaxSealed {
		return Envelope{}, fmt.Errorf("%d bytes in all: %w", len(sealed), ErrDamaged)
	}
	manifestLen := uint64(binary.BigEndian.Uint32(sealed[len(magic):]))
	bodyLen := binary.BigEndian.Uint64(sealed[len(magic)+4:])
	room := uint64(len(sealed) - headerSize - signatureSize)
	if manifestLen > MaxManifest || manifestLen > room || bodyLen != room-manifestLen {
		return Envelope{}, fmt.Errorf("lengths of %d and %d in %d bytes: %w", manifestLen, bodyLen, len(sealed), ErrDamaged)
	}
	rest := sealed[headerSize:]
	e := Envelope{SHA256: sha256.Sum256(sealed), Size: len(sealed)}
	e.manifest, rest = rest[:manifestLen:manifestLen], rest[manifestLen:]
	e.signature, e.body = parseSignature(rest[:signatureSize]), rest[signatureSize:]
	if err := e.readManifest(); err != nil {
		return Envelope{}, err
	}
	return e, nil
}

// Verify checks both signatures, that the key speaks for the manifest's
// station, and that the ciphertext is the one that was signed. trusted are the
// stations' public keys.
func (e *Envelope) Verify(trusted ...PublicKey) error {
	key, err := find(trusted, e.signature.key)
	if err != nil {
		return fmt.Errorf("verifying a sealed package: %w", err)
	}
	if key.ID() != e.Manifest.Signer || key.Holder != e.Manifest.Station {
		return fmt.Errorf("verifying a sealed package: the key is %s's: %w", key.Holder, ErrUntrusted)
	}
	if err := key.verify(domainSealed, e.manifest, e.signature); err != nil {
		return fmt.Errorf("verifying a sealed package: %w", err)
	}
	if digestOf(e.body) != e.Ciphertext {
		return fmt.Errorf("verifying a sealed package: the ciphertext is not the one signed: %w", ErrDamaged)
	}
	return nil
}

// Open verifies a sealed package against the trusted stations' keys and
// decrypts it. It returns nothing unless all of it fits: signatures, ciphertext
// hash, the manifest's hash inside the plaintext, and each part in order with
// name, type, length and hash, none missing and none over.
//
// The parts share one buffer; Wipe clears it when they are no longer needed.
func Open(sealed []byte, id Identity, trusted ...PublicKey) (Manifest, []Part, error) {
	e, err := Read(sealed)
	if err != nil {
		return Manifest{}, nil, err
	}
	if err := e.Verify(trusted...); err != nil {
		return Manifest{}, nil, err
	}
	parts, err := e.open(id)
	if err != nil {
		return Manifest{}, nil, fmt.Errorf("opening package %s: %w", e.Manifest.PackageID, err)
	}
	return e.Manifest, parts, nil
}

// open decrypts the body of a verified envelope.
func (e *Envelope) open(id Identity) ([]Part, error) {
	plain, err := decrypt(e.body, id)
	if err != nil {
		return nil, err
	}
	parts, err := parsePlain(plain, sha256.Sum256(e.core), e.Manifest.Parts)
	if err != nil {
		clear(plain)
		return nil, err
	}
	return parts, nil
}

// Wipe overwrites the data of parts with zeros.
func Wipe(parts []Part) {
	for i := range parts {
		clear(parts[i].Data)
	}
}

// encrypt writes the plaintext, piece by piece, through age, and leaves front
// bytes free before the ciphertext.
func encrypt(front int, core, blind []byte, parts []Part, to []Recipient) ([]byte, error) {
	size := 0
	for _, p := range parts {
		size += len(p.Data) + len(p.Name) + len(p.MediaType) + 12
	}
	out := bytes.NewBuffer(make([]byte, front, front+size+size/4096+2048*len(to)+4096))
	recipients := make([]age.Recipient, len(to))
	for i, r := range to {
		recipients[i] = r.age
	}
	w, err := age.Encrypt(out, recipients...)
	if err != nil {
		return nil, err
	}
	if err := writePlain(w, sha256.Sum256(core), blind, parts); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// decrypt returns the plaintext of an age file in one buffer, which the caller
// clears.
func decrypt(body []byte, id Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(body), id.age)
	var stranger *age.NoIdentityMatchError
	switch {
	case errors.As(err, &stranger):
		return nil, ErrNotForUs
	case err != nil:
		return nil, fmt.Errorf("decrypting: %w", ErrDamaged)
	}
	plain := make([]byte, len(body)) // an age plaintext is shorter than its file
	n, err := io.ReadFull(r, plain)
	if err != io.ErrUnexpectedEOF && err != io.EOF {
		clear(plain)
		return nil, fmt.Errorf("decrypting: %w", ErrDamaged)
	}
	return plain[:n], nil
}

// writePlain writes the plaintext: magic, hash of the core, blinding key,
// number of parts, then each part with its lengths before it.
func writePlain(w io.Writer, core [32]byte, blind []byte, parts []Part) error {
	head := make([]byte, 0, len(plainMagic)+len(core)+blindSize+4)
	defer func() { clear(head[:cap(head)]) }()
	head = append(head, plainMagic...)
	head = append(head, core[:]...)
	head = append(head, blind...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(parts)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	for _, p := range parts {
		var b []byte
		b = binary.BigEndian.AppendUint16(b, uint16(len(p.Name)))
		b = append(b, p.Name...)
		b = binary.BigEndian.AppendUint16(b, uint16(len(p.MediaType)))
		b = append(b, p.MediaType...)
		b = binary.BigEndian.AppendUint64(b, uint64(len(p.Data)))
		if _, err := w.Write(b); err != nil {
			return err
		}
		if _, err := w.Write(p.Data); err != nil {
			return err
		}
	}
	return nil
}

// parsePlain takes the plaintext apart and holds it against the manifest.
func parsePlain(plain []byte, core [32]byte, want []PartInfo) ([]Part, error) {
	c := cursor{rest: plain}
	if string(c.take(len(plainMagic))) != plainMagic {
		return nil, fmt.Errorf("reading the plaintext: %w", ErrVersion)
	}
	if !bytes.Equal(c.take(len(core)), core[:]) {
		return nil, fmt.Errorf("the plaintext belongs to another manifest: %w", ErrDamaged)
	}
	blind := c.take(blindSize)
	if n := c.uint(4); c.short || n != uint64(len(want)) {
		return nil, fmt.Errorf("%d parts inside, %d in the manifest: %w", n, len(want), ErrDamaged)
	}
	parts := make([]Part, len(want))
	for i, w := range want {
		p := Part{Name: string(c.take(int(c.uint(2)))), MediaType: string(c.take(int(c.uint(2))))}
		p.Data = c.takeLong(c.uint(8))
		if c.short {
			return nil, fmt.Errorf("part %d is cut short: %w", i+1, ErrDamaged)
		}
		if infoOf(p, blind) != w {
			return nil, fmt.Errorf("part %d is not the one in the manifest: %w", i+1, ErrDamaged)
		}
		parts[i] = p
	}
	if len(c.rest) != 0 {
		return nil, fmt.Errorf("%d bytes after the last part: %w", len(c.rest), ErrDamaged)
	}
	return parts, nil
}

// infoOf describes a part for the manifest. The hash is keyed with the blinding
// key, so that nobody can confirm a guess at a part from the manifest alone.
func infoOf(p Part, blind []byte) PartInfo {
	mac := hmac.New(sha256.New, blind)
	mac.Write(p.Data)
	return PartInfo{
		Name: p.Name, MediaType: p.MediaType,
		Length: int64(len(p.Data)), Hash: hex.EncodeToString(mac.Sum(nil)),
	}
}

// complete fills in what Seal knows better than its caller. It leaves the
// caller's slices alone.
func (m *Manifest) complete(parts []Part, blind []byte, to []Recipient, by *Signer) {
	m.Version = 1
	m.Signer = by.Public().ID()
	m.Recipients = nil
	for _, r := range to {
		m.Recipients = append(m.Recipients, r.KeyID())
	}
	slices.Sort(m.Recipients)
	m.Parts = nil
	for _, p := range parts {
		m.Parts = append(m.Parts, infoOf(p, blind))
	}
	m.wholeSeconds()
}

// A cursor reads a byte slice from the front; short says that more was asked
// for than there was.
type cursor struct {
	rest  []byte
	short bool
}

func (c *cursor) take(n int) []byte { return c.takeLong(uint64(n)) }

func (c *cursor) takeLong(n uint64) []byte {
	if c.short || n > uint64(len(c.rest)) {
		c.short = true
		return nil
	}
	b := c.rest[:n:n]
	c.rest = c.rest[n:]
	return b
}

// uint reads a big-endian number of size bytes.
func (c *cursor) uint(size int) uint64 {
	var n uint64
	for _, b := range c.take(size) {
		n = n<<8 | uint64(b)
	}
	return n
}
