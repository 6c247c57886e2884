package selftest_test

import (
	"bytes"
	"encoding/json"
	"image"
	"slices"
	"strings"
	"testing"
	"time"

	"optag/device"
	"optag/device/selftest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func sample() *selftest.Report {
	r := &selftest.Report{Program: "optag", Station: "AAL-02", At: noon, Devices: []device.Info{{Maker: "M", Model: "<b>", Serial: "7"}}}
	dirt := selftest.Judge("dirt", "Dirt on the glass", 3.14159, "%", selftest.Limit{Good: 2, Bad: 10}, "Wipe <the> glass.")
	dirt.Picture = image.NewGray(image.Rect(0, 0, 8, 8))
	r.Add("scanner", "7", selftest.Say("answers", "Answers", selftest.Pass, "firmware 1", ""), dirt)
	r.Add("station", "", selftest.Judge("disk", "Free disk", 0.5, "GB", selftest.Limit{Good: 5, Bad: 1, Least: true}, "Free some."),
		selftest.Skip("network", "Network", "no service is known"))
	return r
}

func TestLimits(t *testing.T) {
	most, least := selftest.Limit{Good: 2, Bad: 10}, selftest.Limit{Good: 25, Bad: 10, Least: true}
	for _, c := range []struct {
		limit selftest.Limit
		value float64
		want  selftest.Outcome
	}{
		{most, 0, selftest.Pass}, {most, 2, selftest.Pass}, {most, 2.01, selftest.Warn}, {most, 10, selftest.Warn}, {most, 10.1, selftest.Fail},
		{least, 30, selftest.Pass}, {least, 25, selftest.Pass}, {least, 24.9, selftest.Warn}, {least, 10, selftest.Warn}, {least, 9, selftest.Fail},
	} {
		got := selftest.Judge("x", "x", c.value, "", c.limit, "do")
		if got.Outcome != c.want || (got.Do == "") != (c.want == selftest.Pass) {
			t.Errorf("%v, %v: %s, to do %q", c.value, c.limit, got.Outcome, got.Do)
		}
	}
}

func TestReportForMachines(t *testing.T) {
	r := sample()
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed, Warnings, Failures, Skipped int
		Checks                              []map[string]any
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed != 1 || got.Warnings != 1 || got.Failures != 1 || got.Skipped != 1 || len(got.Checks) != 4 {
		t.Errorf("%+v", got)
	}
	if c := got.Checks[1]; c["result"] != "warn" || c["value"] != 3.14159 || c["limit"] != "at most 2" || c["do"] != "Wipe <the> glass." {
		t.Errorf("%v", c)
	}
	if strings.Contains(string(raw), "Pix") {
		t.Error("a picture is in the JSON")
	}
	if v := r.Verdict(); v != "1 passed, 1 to look at, 1 failed, 1 skipped" {
		t.Errorf("%q", v)
	}
}

func TestReportForPeople(t *testing.T) {
	var past []selftest.Run
	for range 3 {
		past = append(past, sample().Run())
	}
	var page bytes.Buffer
	if err := sample().WritePage(&page, past); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{"1 passed, 1 to look at", "AAL-02", "3.14 %", "at most 2", "Wipe &lt;the&gt; glass.", "data:image/png;base64,iVBOR", "<polyline", "&lt;b&gt;", "no service is known", "23 Nov 2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	for _, never := range []string{"http://", "https://", "src=\"/", "<script", "ZgotmplZ"} {
		if strings.Contains(text, never) {
			t.Errorf("%q is on the page, which needs no other file", never)
		}
	}
}

func TestHistory(t *testing.T) {
	var runs []selftest.Run
	for i := range 100 {
		r := sample()
		*r.Checks[1].Value = float64(i)
		r.At = noon.Add(time.Duration(i) * time.Hour)
		runs = append(runs, r.Run())
	}
	var file bytes.Buffer
	if err := selftest.WriteRuns(&file, runs); err != nil {
		t.Fatal(err)
	}
	torn := append(file.Bytes(), `{"at":"2026-1`...)
	got, err := selftest.ReadRuns(bytes.NewReader(torn))
	if err != nil || len(got) != selftest.Kept || !got[0].At.Equal(noon.Add(10*time.Hour)) {
		t.Fatalf("%d runs, %v", len(got), err)
	}
	trend := selftest.Trend(got, "scanner/7/dirt")
	if len(trend) != 30 || trend[0] != 70 || !slices.IsSorted(trend) {
		t.Errorf("trend %v", trend)
	}
	if got[0].Results["station//disk"] != selftest.Fail || got[0].Results["station//network"] != "" {
		t.Errorf("%v", got[0].Results)
	}
}

func FuzzHistory(f *testing.F) {
	f.Add([]byte("{}\n{\"at\":\"2026-11-23T12:00:00Z\",\"values\":{\"a\":1}}\n"))
	f.Add([]byte("\x00\n[[["))
	f.Fuzz(func(t *testing.T, raw []byte) {
		runs, err := selftest.ReadRuns(bytes.NewReader(raw))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := selftest.WriteRuns(&again, runs); err != nil {
			t.Fatal(err)
		}
		if back, err := selftest.ReadRuns(&again); err != nil || len(back) != len(runs) {
			t.Errorf("%d runs, %d read again, %v", len(runs), len(back), err)
		}
	})
}
