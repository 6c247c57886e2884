package sbitest

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestServiceIsStrict: what MOSIP's mock refuses is refused here, so that a
// driver that passes here passes there.
func TestServiceIsStrict(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	k, err := NewKeys(now)
	if err != nil {
		t.Fatal(err)
	}
	m := NewMachine()
	defer m.Close()
	m.Start(4501, NewService(Config{Keys: k, Now: func() time.Time { return now }}))
	ask := func(head, body string) string {
		conn, err := m.Dial(t.Context(), 4501)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, head+"\r\nHost: x\r\n"+body); err != nil {
			t.Fatal(err)
		}
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(resp.StatusCode, " ", string(answer))
	}
	fixed := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	request := func(old, now string) string {
		return fixed(strings.Replace(`{"env":"Production","purpose":"Registration","specVersion":"0.9.5","timeout":"8000","transactionId":"tx-0001",`+
			`"bio":[{"type":"Finger","count":"1","exception":["Right Thumb"],"deviceId":"1","deviceSubId":"3","previousHash":""}]}`, old, now, 1))
	}
	for _, c := range []struct{ name, head, body, want string }{
		{"a verb nobody knows", "GET /device HTTP/1.1", "\r\n", "405"},
		{"a body in chunks", "RCAPTURE /capture HTTP/1.1", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", `"609"`},
		{"discovery of cameras", "MOSIPDISC /device HTTP/1.1", fixed(`{"type":"Face"}`), `"110"`},
		{"discovery", "MOSIPDISC /device HTTP/1.1", fixed(`{"type":"Finger"}`), `"Ready"`},
		{"previousHash null", "RCAPTURE /capture HTTP/1.1", request(`"previousHash":""`, `"previousHash":null`), `"123"`},
		{"two fingers and one missing", "RCAPTURE /capture HTTP/1.1", request(`"count":"1"`, `"count":"2"`), `"109"`},
		{"a transaction number with a space", "RCAPTURE /capture HTTP/1.1", request("tx-0001", "tx 0001"), `"112"`},
		{"another device", "RCAPTURE /capture HTTP/1.1", request(`"deviceId":"1"`, `"deviceId":"2"`), `"705"`},
		{"all right", "RCAPTURE /capture HTTP/1.1", request("", ""), `"errorCode":"0"`},
		{"the same transaction number again", "RCAPTURE /capture HTTP/1.1", request("", ""), `"112"`},
	} {
		if got := ask(c.head, c.body); !strings.Contains(got, c.want) {
			t.Errorf("%s: answered %.300s, want %s in it", c.name, got, c.want)
		}
	}
}
