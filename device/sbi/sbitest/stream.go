package sbitest

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// stream sends pictures as MOSIP's mock does: HTTP/1.0, a boundary parameter that
// carries its dashes, two surplus bytes in each part, and no end.
func (a *answerer) stream(body []byte) {
	var q struct{ DeviceID, DeviceSubID string }
	switch err := json.Unmarshal(body, &q); {
	case a.has(StreamOdd):
		a.raw("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\n{busy}")
		return
	case err != nil || q.DeviceID != "1" || !slices.Contains(a.subIDs(), q.DeviceSubID):
		a.json(faultOf(610, "Unsupported device"))
		return
	case a.has(Lost):
		a.json(faultOf(202, "No Device Connected."))
		return
	}
	a.mu.Lock()
	a.streams[a.conn] = true
	a.mu.Unlock()
	defer func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.streams, a.conn)
	}()
	a.raw("HTTP/1.0 200 OK\r\nServer: sim\r\nContent-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n\r\n")
	if a.has(StreamSilent) {
		a.gone(1 << 50)
		return
	}
	for n := 0; !a.has(Lost) && (!a.has(StreamEnds) || n < 3); n++ {
		if err := a.part(jpegOf(a.cfg.Shows(q.DeviceSubID, n)), n); err != nil || a.gone(a.cfg.Every) {
			return
		}
	}
}

// part sends one picture.
func (a *answerer) part(picture []byte, n int) error {
	length := fmt.Sprintf("Content-Length:%d\r\n", len(picture))
	switch {
	case a.has(StreamNoLength):
		length = ""
	case a.has(StreamWrong):
		length = "Content-Length:17\r\n"
	case a.has(StreamTorn) && n%2 == 0:
		picture = picture[:len(picture)*2/3]
	}
	head := "--BoundaryString\r\nAccess-Control-Allow-Origin:*\r\nContent-Type:image/jpeg\r\n" + length + "\r\n"
	if _, err := io.WriteString(a.conn, head); err != nil {
		return err
	}
	if a.has(StreamEndless) {
		picture = []byte{0xff, 0xd8}
		for {
			if _, err := a.conn.Write(picture); err != nil {
				return err
			}
			picture = make([]byte, 64<<10)
		}
	}
	_, err := a.conn.Write(append(picture, "\r\n\r\n"...))
	return err
}
