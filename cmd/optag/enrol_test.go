package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"optag/capture/finger"
	"optag/cmd/internal/trust"
	"optag/testdata/gen"
)

// TestMain lets the test binary be the program, so that tests can kill it, and the
// process that the program makes for staff cards.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == staffCommand {
		main()
		return
	}
	switch os.Getenv("OPTAG_TEST_IS_PROGRAM") {
	case "":
	case "flashing":
		if err := flashingKiosk(os.Getenv("OPTAG_TEST_HOME")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	default:
		main()
		return
	}
	os.Exit(m.Run())
}

// A desk is a station's home with keys, and files to enrol from.
type desk struct {
	t           *testing.T
	dir, home   string
	out, errout bytes.Buffer
}

// newDesk makes a station that knows a service which cannot be reached.
func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir()}
	d.home = filepath.Join(d.dir, "home")
	if _, err := trust.NewPair(d.home, d.home+"-service", "SIM-01", "https://127.0.0.1:9", time.Now()); err != nil {
		t.Fatal(err)
	}
	return d
}

// run runs a command of the program and returns its exit status.
func (d *desk) run(args ...string) int {
	d.out.Reset()
	d.errout.Reset()
	e := &env{in: strings.NewReader(""), out: &d.out, err: &d.errout, home: d.home}
	return run(context.Background(), e, args)
}

// file writes a file and returns its name.
func (d *desk) file(name string, content []byte) string {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// waiting counts the packages in the queue.
func (d *desk) waiting() int {
	d.t.Helper()
	if code := d.run("queue", "ls", "--json"); code != 0 {
		d.t.Fatalf("queue ls = %d: %s", code, d.errout.String())
	}
	var list []any
	if err := json.Unmarshal(d.out.Bytes(), &list); err != nil {
		d.t.Fatal(err)
	}
	return len(list)
}

const (
	adult     = `{"capture_on":"2026-11-22","applied_on":"2026-11-20","birth_date":"1990-05-01"}`
	childOf4  = `{"capture_on":"2026-11-22","applied_on":"2026-11-20","birth_date":"2022-05-01"}`
	childHome = `{"capture_on":"2026-11-22","applied_on":"2026-11-20","birth_date":"2016-05-01","with_custodian":true}`
	refuser   = `{"capture_on":"2026-11-22","applied_on":"2026-11-20","birth_date":"1990-05-01","refuses":["prints"]}`
	stay      = `{"purpose":"eurodac","basis":"art11","capture_on":"2026-11-22","birth_date":"1990-05-01"}`
	noHands   = `{"case_number":"26-1","facts":{"capture_on":"2026-11-22","applied_on":"2026-11-20","birth_date":"1990-05-01","unable":{"prints":"permanent"}}}`
)

var sensor = image.Pt(400, 500)

// printOf is a good impression of a finger of a person who does not exist.
func printOf(t testing.TB, person gen.Person, p finger.Position) *image.Gray {
	t.Helper()
	return person.Finger(gen.Position(p)).Impression(sensor, [2]int{500, 500}, gen.Conditions{}, uint64(p))
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func printPNG(t testing.TB, img *image.Gray, ppi int) []byte {
	t.Helper()
	b, err := finger.WriteImage(img, [2]int{ppi, ppi})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func portraitJPEG(t testing.TB) []byte {
	t.Helper()
	b, err := gen.JPEG(gen.Person(7).Portrait().Portrait(image.Pt(1244, 1600), gen.Pose{}, 1))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// bomb is a PNG header that promises more pixels than any scanner has.
func bomb(t testing.TB) []byte {
	b := asPNG(t, image.NewGray(image.Rect(0, 0, 256, 256)))
	binary.BigEndian.PutUint32(b[16:], 60000)
	binary.BigEndian.PutUint32(b[20:], 60000)
	return fixCRC(b)
}

// nineMissing are the exceptions of who has a right index finger alone.
func nineMissing() (args []string) {
	for _, p := range finger.All() {
		if p != finger.RightIndex {
			args = append(args, "--except", p.String()+"=missing")
		}
	}
	return args
}

// A badEnrolment is a mistake, with what the clerk is told.
type badEnrolment struct {
	name string
	args []string
	says string
}

// TestEnrolRefusals: each mistake gets one clear line, exit status 1, and
// leaves the queue as it was.
func TestEnrolRefusals(t *testing.T) {
	d := newDesk(t)
	right, left := printOf(t, 1, finger.RightIndex), printOf(t, 1, finger.LeftIndex)
	rgba := image.NewRGBA(right.Rect)
	deep := image.NewGray16(right.Rect)
	for i := range right.Pix {
		x, y := i%right.Stride, i/right.Stride
		rgba.Set(x, y, right.GrayAt(x, y))
		deep.SetGray16(x, y, color.Gray16{Y: uint16(right.Pix[i]) << 8})
	}
	good := printPNG(t, right, 500)
	face := d.file("face.jpg", portraitJPEG(t))
	ri, li := "right_index="+d.file("ri.png", good), "left_index="+d.file("li.png", printPNG(t, left, 500))
	other := func(name string, content []byte) string { return "right_index=" + d.file(name, content) }
	who := d.file("adult.json", []byte(adult))
	args := func(facts, first string, more ...string) []string {
		return append([]string{"enrol", "--case", facts, "--face", face, "--print", first}, more...)
	}
	illegalStay := func(data, print string) []string {
		return append([]string{"enrol", "--case", d.file(fmt.Sprintf("stay%d.json", len(data)), []byte(`{"facts":`+stay+data+`}`)), "--print", print}, nineMissing()...)
	}
	torn := portraitJPEG(t)
	for _, c := range []badEnrolment{
		{"truncated print", args(who, other("cut.png", good[:len(good)/2]), "--print", li), "right_index"},
		{"truncated PGM", args(who, other("cut.pgm", []byte("P5 400 500 255\nabc")), "--print", li), "cut short"},
		{"huge print", args(who, other("bomb.png", bomb(t)), "--print", li), "larger than any scanner"},
		{"16-bit print", args(who, other("deep.png", asPNG(t, deep)), "--print", li), "16-bit grey"},
		{"colour print", args(who, other("colour.png", asPNG(t, rgba)), "--print", li), "in colour"},
		{"print under 256 × 256", args(who, other("small.png", asPNG(t, right.SubImage(image.Rect(0, 0, 255, 500)))), "--print", li), "at least 256 × 256"},
		{"print at 300 ppi", args(who, other("300.png", printPNG(t, right, 300)), "--print", li), "300 × 300 ppi"},
		{"not an image", args(who, other("text.png", []byte("hello"))), "neither PNG nor"},
		{"print that is not there", args(who, "right_index="+d.dir+"/nothing.png"), "no such file"},
		{"unknown finger", args(who, "right_pinkie="+d.dir+"/ri.png"), `"right_pinkie"`},
		{"finger given twice", args(who, ri, "--print", ri), "given twice"},
		{"unknown reason", args(who, ri, "--except", "left_index=lost"), `"lost"`},
		{"print and exception of one finger", args(who, ri, "--print", li, "--except", "left_index=missing"), "left_index is given twice"},
		{"the same finger as both", args(who, ri, "--print", "left_index="+d.dir+"/ri.png"), "same finger"},
		{"a gap", args(who, ri), "left_index"},
		{"the middle finger where the index could be taken", args(who, ri, "--print", "left_middle="+d.dir+"/li.png"), "left_index is asked for"},
		{"blank print", args(who, other("blank.png", printPNG(t, gen.Blank(sensor, 0.2, 1), 500)), "--print", li), "quality 0 where 45"},
		{"under-six with prints", args(d.file("four.json", []byte(childOf4)), ri), "surplus print of right_index"},
		{"child with custodian", args(d.file("home.json", []byte(childHome)), ri), "the law's answer is nothing"},
		{"prints of somebody who refuses them", args(d.file("refuses.json", []byte(refuser)), ri), "surplus print"},
		{"no portrait", []string{"enrol", "--case", who, "--print", ri, "--print", li}, "portrait missing"},
		{"truncated portrait", []string{"enrol", "--case", who, "--face", d.file("torn.jpg", torn[:len(torn)/2]), "--print", ri, "--print", li}, "portrait's pixels"},
		{"Eurodac without a reference number", illegalStay("", ri), "reference_number missing"},
		{"Eurodac with the number of another category", illegalStay(`,"data":{"reference_number":"DK1118402"}`, ri), "reference_number differs"},
		{"Eurodac category 3 with the sex", illegalStay(`,"data":{"reference_number":"DK3118402","sex":"F"}`, ri), "sex surplus"},
		{"a card with data of Eurodac", args(d.file("mixed.json", []byte(`{"facts":`+adult+`,"data":{"reference_number":"DK1118402"}}`)), ri, "--print", li),
			"reference_number surplus"},
		{"force for a card", args(d.file("force.json", []byte(`{"facts":`+adult+`,"force":{"authority":"police"}}`)), ri, "--print", li), "recording force"},
		{"unknown piece of data", illegalStay(`,"data":{"shoe_size":"43"}`, ri), `"shoe_size"`},
		{"unknown fact", args(d.file("unknown.json", []byte(`{"birthdate":"1990"}`)), ri), "birthdate"},
		{"no facts", args(d.file("empty.json", nil), ri), "reading the case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := d.run(c.args...)
			if code != 1 || !strings.Contains(d.errout.String(), c.says) {
				t.Errorf("exit %d, said %q; want 1 and %q", code, d.errout.String(), c.says)
			}
			if lines := strings.Count(strings.TrimSpace(d.errout.String()), "\n"); lines != 0 && !strings.Contains(d.errout.String(), "note:") {
				t.Errorf("said %d lines, want one: %s", lines+1, d.errout.String())
			}
			if n := d.waiting(); n != 0 {
				t.Errorf("%d packages were queued", n)
			}
		})
	}
}

// TestEnrolAccepts: what the law allows is sealed and queued.
func TestEnrolAccepts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	face := d.file("face.jpg", portraitJPEG(t))
	give := func(p finger.Position) string {
		return p.String() + "=" + d.file(p.String()+".png", printPNG(t, printOf(t, 1, p), 500))
	}
	who, four := d.file("adult.json", []byte(adult)), d.file("four.json", []byte(childOf4))
	for i, c := range []struct {
		name string
		args []string
	}{
		{"an adult with both index fingers", []string{"--case", who, "--face", face, "--print", give(finger.RightIndex), "--print", give(finger.LeftIndex)}},
		{"left index missing, left middle instead", []string{"--case", who, "--face", face, "--print", give(finger.RightIndex), "--except", "left_index=missing", "--print", give(finger.LeftMiddle)}},
		{"one hand: two prints of it", []string{"--case", who, "--face", face, "--print", give(finger.RightIndex), "--print", give(finger.RightMiddle),
			"--except", "left_index=missing", "--except", "left_middle=missing", "--except", "left_ring=missing", "--except", "left_thumb=missing"}},
		{"a child of four: the portrait only", []string{"--case", four, "--face", face}},
		{"no hands", []string{"--case", d.file("nohands.json", []byte(noHands)), "--face", face}},
		{"Eurodac category 3, the number alone", append([]string{"--case", d.file("stay.json", []byte(`{"facts":`+stay+`,"data":{"reference_number":"DK3118402"}}`)),
			"--print", give(finger.RightIndex)}, nineMissing()...)},
		{"prints refused", []string{"--case", d.file("refuses.json", []byte(refuser)), "--face", face}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if code := d.run(append([]string{"enrol"}, c.args...)...); code != 0 {
				t.Fatalf("exit %d: %s", code, d.errout.String())
			}
			if n := d.waiting(); n != i+1 {
				t.Errorf("%d packages are queued, want %d", n, i+1)
			}
		})
	}
	if code := d.run("queue", "verify"); code != 0 {
		t.Errorf("queue verify = %d: %s", code, d.errout.String())
	}
}

// TestEnrolKeepsWhatCannotBeSent: with the network off, --send fails with a
// clear line and the package waits.
func TestEnrolKeepsWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	face, four := d.file("face.jpg", portraitJPEG(t)), d.file("four.json", []byte(childOf4))
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	e := &env{out: &d.out, err: &d.errout, home: d.home}
	if code := run(ctx, e, []string{"enrol", "--case", four, "--face", face, "--send"}); code != 1 {
		t.Errorf("exit %d, want 1", code)
	}
	if !strings.Contains(d.errout.String(), "is kept and not delivered") {
		t.Errorf("said %q", d.errout.String())
	}
	if n := d.waiting(); n != 1 {
		t.Errorf("%d packages wait, want 1", n)
	}
}

// fixCRC repairs the checksum of a PNG's first chunk.
func fixCRC(b []byte) []byte {
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}
