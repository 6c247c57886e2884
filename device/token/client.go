package token

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"

	"optag/device"
)

// Patience with a library. A card needs up to two seconds for an RSA signature; a
// look at a card costs some milliseconds.
const (
	patienceTokens = 5 * time.Second // with the loading of the library and what is read of each card
	patienceSign   = 10 * time.Second
	patienceKeypad = time.Minute // with somebody typing at the reader, which gives up by itself before
	patienceThere  = 500 * time.Millisecond
)

// maxAnswer bounds a line of the other process: every card with every certificate
// in base 64.
const maxAnswer = maxTokens*maxCertificates*maxCertificate*4/3 + 1<<16

// A Client asks a process of its own about cards, and starts that again when it
// has ended. It may be used from any goroutine; one question is asked at a time.
type Client struct {
	command func() *exec.Cmd

	mu      sync.Mutex // protects the fields below, and the process
	running *process
	closed  bool
}

// NewClient makes a client. command makes the command, not yet started, of a
// process that calls [Serve] with its standard input and its file 3 and then ends;
// it should hand on no more of the environment than the library needs. What the
// process prints is thrown away.
func NewClient(command func() *exec.Cmd) *Client { return &Client{command: command} }

// Tokens lists the cards that lie in readers.
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	a, err := c.ask(ctx, request{Do: "tokens"}, nil, patienceTokens)
	if err != nil {
		return nil, fmt.Errorf("looking for staff cards: %w", err)
	}
	if len(a.Tokens) > maxTokens || slices.ContainsFunc(a.Tokens, Token.excessive) {
		return nil, fmt.Errorf("looking for staff cards: %w: it tells of too much", ErrLibrary)
	}
	return a.Tokens, nil
}

// Lies reports whether a card still lies where it was. An error is that of the
// library or of ctx, and says nothing of the card.
func (c *Client) Lies(ctx context.Context, t Token) (bool, error) {
	a, err := c.ask(ctx, request{Do: "there", Slot: t.Slot, Serial: t.Serial}, nil, patienceThere)
	if err != nil {
		return false, fmt.Errorf("looking at the staff card: %w", err)
	}
	return a.There, nil
}

// Sign has the key of one of a card's certificates, DER, sign a challenge of
// [ChallengeSize] bytes, which [Verify] then checks. The PIN is tried once and
// never again, and is wiped before Sign returns. The process that was told the PIN
// has ended by then. Where the PIN is typed at the reader, that given is left out.
func (c *Client) Sign(ctx context.Context, t Token, certificate, pin, challenge []byte) ([]byte, error) {
	defer clear(pin)
	patience := patienceSign
	if t.Keypad {
		pin, patience = nil, patienceKeypad
	} else if len(pin) == 0 || len(pin) > maxPIN {
		return nil, fmt.Errorf("signing with the staff card: %w", ErrPINForm)
	}
	if t.PIN == TriesLocked {
		return nil, fmt.Errorf("signing with the staff card: %w", ErrLocked)
	}
	q := request{Do: "sign", Slot: t.Slot, Serial: t.Serial, Certificate: certificate, Challenge: challenge, PIN: len(pin)}
	a, err := c.ask(ctx, q, pin, patience)
	if err != nil {
		return nil, fmt.Errorf("signing with the staff card: %w", err)
	}
	return a.Signature, nil
}

// Close ends the process. Closing twice is allowed.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.end()
}

func (c *Client) ask(ctx context.Context, q request, pin []byte, patience time.Duration) (answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	if c.closed {
		return answer{}, fmt.Errorf("%w: it was closed", ErrLibrary)
	}
	if c.running == nil {
		p, err := start(c.command())
		if err != nil {
			return answer{}, err
		}
		c.running, patience = p, max(patience, patienceTokens) // which loads the library as well
	}
	a, err := c.running.ask(ctx, q, pin, patience)
	if err != nil || pin != nil || a.Error == "library" {
		c.end() // it hangs, is gone, or may hold a PIN
	}
	if err == nil {
		err = a.err()
	}
	return a, err
}

func (c *Client) end() {
	if c.running != nil {
		c.running.kill()
		c.running = nil
	}
}

// A process has a library loaded.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser // requests
	out *os.File       // answers
	r   *bufio.Reader
}

func start(cmd *exec.Cmd) (*process, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the library of cards: %w", err)
	}
	out, theirs, err := os.Pipe()
	if err != nil {
		in.Close()
		return nil, fmt.Errorf("starting the library of cards: %w", err)
	}
	cmd.ExtraFiles = []*os.File{theirs}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		in.Close()
		out.Close()
		return nil, fmt.Errorf("starting the library of cards: %w: %w", ErrLibrary, err)
	}
	return &process{cmd: cmd, in: in, out: out, r: bufio.NewReader(out)}, nil
}

// kill ends the process, which holds nothing that could be lost.
func (p *process) kill() {
	p.in.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.out.Close()
}

func (p *process) ask(ctx context.Context, q request, pin []byte, patience time.Duration) (a answer, err error) {
	line, err := json.Marshal(q)
	if err != nil {
		return a, err
	}
	if err := p.out.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return a, fmt.Errorf("%w: %w", ErrLibrary, err)
	}
	stop := context.AfterFunc(ctx, func() { _ = p.out.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	_, err = p.in.Write(append(line, '\n'))
	if err == nil && len(pin) > 0 {
		_, err = p.in.Write(pin)
	}
	if err != nil {
		return a, fmt.Errorf("%w: it has crashed", ErrLibrary)
	}
	line, err = readLine(p.r)
	switch {
	case ctx.Err() != nil:
		return a, ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return a, device.ErrSilent
	case err != nil:
		return a, fmt.Errorf("%w: it has crashed", ErrLibrary)
	}
	if json.Unmarshal(line, &a) != nil {
		return answer{}, fmt.Errorf("%w: its answer has no form", ErrLibrary)
	}
	return a, nil
}

// readLine reads a line of at most maxAnswer bytes.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(line) > maxAnswer:
			return nil, bufio.ErrTooLong
		}
	}
}
