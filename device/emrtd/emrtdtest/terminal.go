package emrtdtest

import (
	"io"
	"time"

	"optag/capture/record/tlv"
	"optag/device/emrtd/apdu"
)

type (
	cardDate   struct{}
	root       struct{}
	terminal   struct{}
	Inspection struct{}
)

func newInspection(io.Reader, time.Time) (Inspection, error) { return Inspection{}, nil }

func (c *Card) enrol(*Issuer, time.Time) {}

func (t *terminal) mayFingers() bool { return false }
func (t *terminal) mayIrises() bool  { return false }

func (p *powered) authorities() []string { return nil }

func (p *powered) chooseAuthority(map[tlv.Tag][]byte) apdu.Status   { return apdu.NoReference }
func (p *powered) chooseTerminal(map[tlv.Tag][]byte) apdu.Status    { return apdu.NoReference }
func (p *powered) verifyCertificate(apdu.Command) apdu.Status       { return apdu.NoInstruction }
func (p *powered) checkTerminal(challenge, data []byte) apdu.Status { return apdu.NoInstruction }
