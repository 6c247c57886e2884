package sbitest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var fingerName = []string{
	"UNKNOWN", "Right Thumb", "Right IndexFinger", "Right MiddleFinger", "Right RingFinger", "Right LittleFinger",
	"Left Thumb", "Left IndexFinger", "Left MiddleFinger", "Left RingFinger", "Left LittleFinger",
}

// whole are the fingers of a part of a slap scanner.
var whole = map[string][]int{"1": {7, 8, 9, 10}, "2": {2, 3, 4, 5}, "3": {1, 6}}

var transaction = regexp.MustCompile(`^[A-Za-z0-9-]{4,50}$`)

// encode is base64url of a JSON value, unsigned.
func encode(v any) string { return base64.RawURLEncoding.EncodeToString(mustJSON(v)) }

// sign signs with the device's key, or as the fault demands.
func (a *answerer) sign(v any) string {
	alg, by := "RS256", a.cfg.Keys.device
	switch {
	case a.has(ForeignIssuer):
		by = a.cfg.Keys.foreign
	case a.has(Expired):
		by = a.cfg.Keys.expired
	case a.has(WeakKey):
		by = a.cfg.Keys.weak
	case a.has(NoAlgorithm):
		alg = "none"
	}
	token := by.signAs(alg, v, a.has(CertAsString), a.has(Padded))
	if a.has(BrokenSignature) {
		at := strings.LastIndexByte(token, '.') + 20
		token = token[:at] + flip(token[at]) + token[at+1:]
	}
	return token
}

func flip(c byte) string {
	if c == 'A' {
		return "B"
	}
	return "A"
}

// signIdentity signs digitalId with the chip's key where there is a chip.
func (a *answerer) signIdentity(v any) string {
	if a.cfg.Level != "L1" || a.has(HostSignedID) {
		return a.sign(v)
	}
	return a.cfg.Keys.chip.sign(v, a.has(CertAsString), a.has(Padded))
}

// A request is the body of RCAPTURE.
type request struct {
	Env, Purpose, SpecVersion, Timeout, CaptureTime, TransactionID string
	Bio                                                            []struct {
		Type, Count, RequestedScore, DeviceID, DeviceSubID string
		BioSubType, Exception                              []string
		PreviousHash                                       *string
	}
}

// refuse says by which code a request is refused, and 0 where it is not.
func (a *answerer) refuse(q *request, body []byte) int {
	if json.Unmarshal(body, q) != nil || len(q.Bio) != 1 {
		return 101
	}
	b := q.Bio[0]
	count, err := strconv.Atoi(b.Count)
	size := 1 // what the device takes at once
	if a.cfg.Kind == "Slap" {
		size = len(whole[b.DeviceSubID])
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case q.SpecVersion != "0.9.5", q.Purpose != "Registration", q.Env != a.cfg.Env, b.Type != a.identity()["type"]:
		return 101
	case b.DeviceID != "1", !slices.Contains(a.subIDs(), b.DeviceSubID):
		return 705
	case !transaction.MatchString(q.TransactionID), a.used[q.TransactionID]:
		return 112
	case err != nil, count < 1, count+len(b.Exception) != size:
		return 109
	case b.PreviousHash == nil: // null, as MOSIP's own client sends
		return 123
	case len(*b.PreviousHash) != 64 && *b.PreviousHash != "":
		return 123
	}
	a.used[q.TransactionID] = true
	a.asked = append(a.asked, Asked{b.Count, b.DeviceSubID, *b.PreviousHash, q.Timeout, b.BioSubType, b.Exception})
	return 0
}

func (a *answerer) capture(body []byte) {
	var q request
	if code := a.refuse(&q, body); code != 0 {
		a.failed(code, "refused")
		return
	}
	if code := a.begin(); code != 0 {
		a.failed(code, "busy")
		return
	}
	defer a.end()
	millis, _ := strconv.Atoi(q.Timeout)
	if a.cfg.Waits != nil && a.cfg.Waits(time.Duration(millis)*time.Millisecond) {
		a.failed(701, "timeout")
		return
	}
	switch {
	case a.has(Slow) && a.gone(6*time.Second):
		return
	case a.has(Timeout):
		a.failed(701, "Capture timed out")
		return
	case a.has(Lost):
		a.failed(106, "Device not found")
		return
	case a.has(OtherCode):
		a.failed(542, "Everything is fine, please continue")
		return
	}
	a.send(&q)
}

// failed is an error as it comes: one item with empty data and hash.
func (a *answerer) failed(code int, info string) {
	a.json(map[string]any{"biometrics": []any{broken(code, info)}})
}

func broken(code int, info string) map[string]any {
	return map[string]any{"specVersion": "", "data": "", "hash": "", "error": faultJSON{fmt.Sprint(code), info}}
}

// begin ends the streams and notes that a capture runs.
func (a *answerer) begin() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.capturing {
		return 703
	}
	if a.faults[BusyStream] && len(a.streams) > 0 {
		return 111
	}
	a.capturing = true
	for c := range a.streams {
		c.Close()
	}
	return 0
}

func (a *answerer) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.capturing = false
}

// wanted are the fingers that are asked for; 0 is a face.
func (a *answerer) wanted(q *request) []int {
	b := q.Bio[0]
	if a.cfg.Kind == "Face" {
		return []int{0}
	}
	if a.cfg.Kind == "Single" {
		if len(b.BioSubType) == 1 {
			return []int{slices.Index(fingerName, b.BioSubType[0])}
		}
		return []int{0}
	}
	var all []int
	for _, f := range whole[b.DeviceSubID] {
		if !slices.Contains(b.Exception, fingerName[f]) {
			all = append(all, f)
		}
	}
	if a.cfg.Laid != nil {
		all = a.cfg.Laid(all)
	}
	return all
}

// laid are the fingers that come, by what is wrong.
func (a *answerer) laid(q *request) []int {
	all := a.wanted(q)
	last := len(all) - 1
	switch {
	case last < 0:
	case a.has(DuplicateFinger):
		all[last] = all[0]
	case a.has(MissingFinger):
		all = all[:last]
	case a.has(SurplusFinger):
		all = append(all, all[0]%5+6)
	case a.has(UnknownFinger):
		all[last] = 0
	case a.has(OtherHand):
		all[last] = (all[last]+4)%10 + 1
	case a.has(ExceptedFinger):
		all[last] = slices.Index(fingerName, q.Bio[0].Exception[0])
	}
	return all
}

// send answers with a sample for each finger.
func (a *answerer) send(q *request) {
	hash := sha256.Sum256(nil)
	if h, err := hex.DecodeString(*q.Bio[0].PreviousHash); err == nil && len(h) == 32 {
		hash = [32]byte(h)
	}
	items := []any{}
	all := a.laid(q)
	for i, fgp := range all {
		last := i == len(all)-1
		if last && a.has(ErrorItem) {
			items = append(items, broken(102, "Biometrics extraction failed"))
			break
		}
		record, err := a.record(fgp, last)
		if err != nil {
			a.failed(102, err.Error())
			return
		}
		of := sha256.Sum256(record)
		text := strings.ToUpper(hex.EncodeToString(hash[:]) + hex.EncodeToString(of[:]))
		hash = sha256.Sum256(append(hash[:], of[:]...))
		said := strings.ToUpper(hex.EncodeToString(hash[:]))
		switch {
		case last && a.has(WrongHash):
			said = strings.ToUpper(hex.EncodeToString(of[:]))
		case last && a.has(NoHash):
			said = ""
		case a.has(StringHash):
			sum := sha256.Sum256([]byte(text))
			said = strings.ToUpper(hex.EncodeToString(sum[:]))
		}
		version := "0.9.5"
		if last && a.has(OtherVersion) {
			version = "0.9.2"
		}
		items = append(items, map[string]any{
			"specVersion": version, "data": a.sign(a.payload(q, fgp, record, last)), "hash": said, "error": ok(),
		})
	}
	a.json(map[string]any{"biometrics": items})
}

// record is the sample of a finger, or of the face.
func (a *answerer) record(fgp int, last bool) (b []byte, err error) {
	score := int(a.cfg.Score(fgp))
	ppi, position := 500, fgp
	if last && a.has(LowPPI) {
		ppi = 300
	}
	if last && a.has(OtherPosition) {
		position = fgp%10 + 1
	}
	if a.cfg.Kind == "Face" {
		b, err = a.cfg.face(score)
	} else {
		b, err = a.cfg.finger(position, ppi, score)
	}
	if err == nil && last && a.has(TornRecord) {
		b = b[:len(b)-10]
	}
	if err == nil && last && a.has(TornImage) {
		clear(b[len(b)*2/3:])
	}
	return b, err
}

// payload is what the device signs.
func (a *answerer) payload(q *request, fgp int, record []byte, last bool) map[string]any {
	who := a.identity()
	now := a.cfg.Now()
	if last && a.has(ClockOff) {
		now = now.Add(6 * time.Minute)
	}
	if last && a.has(OtherSerial) {
		who["serialNo"] = "SIM-SBI-2"
	}
	p := map[string]any{
		"digitalId": a.signIdentity(who), "deviceCode": a.cfg.Serial, "deviceServiceVersion": "0.9.5",
		"bioType": who["type"], "bioSubType": fingerName[fgp], "purpose": "Registration", "env": a.cfg.Env,
		"bioValue": base64.RawURLEncoding.EncodeToString(record), "transactionId": q.TransactionID,
		"timestamp": stamp(now), "requestedScore": q.Bio[0].RequestedScore, "qualityScore": a.score(fgp, last),
	}
	if a.cfg.Kind == "Face" {
		delete(p, "bioSubType")
	}
	if !last {
		return p
	}
	for f, c := range map[Fault][2]string{
		OtherEnv: {"env", "Developer"}, OtherPurpose: {"purpose", "Auth"}, OtherDevice: {"deviceCode", "SIM-SBI-2"},
		OtherTransaction: {"transactionId", "optag-0000"}, OtherModality: {"bioType", "Iris"},
	} {
		if a.has(f) {
			p[c[0]] = c[1]
		}
	}
	return p
}

func (a *answerer) score(fgp int, last bool) string {
	switch {
	case last && a.has(LowScore):
		return "22.5"
	case last && a.has(NoScore):
		return ""
	case last && a.has(WildScore):
		return "140"
	}
	return strconv.FormatFloat(math.Round(10*a.cfg.Score(fgp))/10, 'f', 1, 64)
}
