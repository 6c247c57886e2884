package station

import (
	"context"
	"errors"

	"optag/device"
	"optag/ui/flow"
)

// A readerLoop drives the reader of travel documents. It is read as long as the
// station runs, so that one that is pulled out shows; the counter says whether a
// document is of use now. What stands in one is neither kept here nor logged.
type readerLoop struct{ loop }

func newReaderLoop(s *Station) *readerLoop {
	l := &readerLoop{loop{s: s, name: "mrz", hurry: make(chan struct{}, 1), use: make(chan struct{}, 1), probe: probing(s.opt.OpenReader)}}
	l.read = l.documents
	return l
}

// documents opens the reader and hands over what is drawn through it, until it
// fails or ctx ends.
func (l *readerLoop) documents(ctx context.Context, works func()) error {
	reader, err := l.s.opt.OpenReader()
	if err != nil {
		return err
	}
	defer reader.Close()
	l.tell(reader.Info(), true)
	works()
	for swipe, err := range reader.Frames(ctx) {
		switch {
		case errors.As(err, new(device.Retry)):
			l.s.Send(flow.DocumentSpoilt{})
		case err != nil:
			return err
		default:
			l.s.Send(flow.DocumentRead{Lines: swipe.Lines})
		}
	}
	return nil
}
