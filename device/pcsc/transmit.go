package pcsc

// #cgo pkg-config: libpcsclite
// #include <winscard.h>
import "C"

import (
	"bytes"
	"reflect"

	"github.com/ebfe/scard"
)

// A systemHandle is a card that is held through the library. Commands are sent
// from here: scard takes 64 kB of fresh memory for each answer, and keeps them as
// long as the answer is.
type systemHandle struct {
	*scard.Card
	number C.SCARDHANDLE
	answer []byte // for the longest there is; one command runs at a time
}

// newSystemHandle takes the number of the card from where scard keeps it.
func newSystemHandle(card *scard.Card) *systemHandle {
	number := reflect.ValueOf(card).Elem().FieldByName("handle").Uint()
	return &systemHandle{card, C.SCARDHANDLE(number), make([]byte, C.MAX_BUFFER_SIZE_EXTENDED)}
}

func (h *systemHandle) Transmit(command []byte) ([]byte, error) {
	var protocol C.SCARD_IO_REQUEST
	protocol.dwProtocol, protocol.cbPciLength = C.ulong(h.ActiveProtocol()), C.sizeof_SCARD_IO_REQUEST
	size := C.DWORD(len(h.answer))
	code := C.SCardTransmit(h.number, &protocol, (*C.BYTE)(&command[0]), C.DWORD(len(command)), nil, (*C.BYTE)(&h.answer[0]), &size)
	if err := scard.Error(code); err != scard.ErrSuccess {
		return nil, err
	}
	answer := bytes.Clone(h.answer[:size])
	clear(h.answer[:size])
	return answer, nil
}
