package rule_test

import (
	"strings"
	"testing"

	"optag/capture/rule"
)

// TestRows goes through the rows of section 3 of the digest, with the grounds
// of the photo and of the prints.
func TestRows(t *testing.T) {
	tests := []struct {
		row, name, in string
		want          string
		photo, prints string // codes of the grounds
	}{
		{"1", "adult, first", ``, "capture photo two_flat", "residence_adult_photo", "residence_adult_prints"},
		{"1", "eighteenth birthday, still with the parents", `"birth_date":"2008-11-22","with_custodian":true`, "capture photo two_flat", "residence_adult_photo", "residence_adult_prints"},
		{"1", "§ 9 q, extension", `"basis":"9q","application":"extension"`, "capture photo two_flat", "residence_adult_photo extension_anew", "residence_adult_prints extension_anew"},
		{"2", "day before the eighteenth birthday, with the parents", `"birth_date":"2008-11-23","with_custodian":true`, "nothing", "residence_custodian_photo", "residence_custodian_prints"},
		{"2", "newborn with the parents", `"birth_date":"2026-11-22","with_custodian":true`, "nothing", "residence_custodian_photo", "residence_custodian_prints"},
		{"2", "child's extension, with the parents", `"birth_date":"2016-05-01","with_custodian":true,"application":"extension"`, "nothing", "residence_custodian_photo", "residence_custodian_prints"},
		{"3", "day before the eighteenth birthday, alone", `"birth_date":"2008-11-23"`, "capture photo two_flat", "residence_minor_photo", "residence_minor_prints"},
		{"3", "sixth birthday, alone", `"birth_date":"2020-11-22"`, "capture photo two_flat", "residence_minor_photo", "residence_minor_prints"},
		{"3", "ten, with the parents, a card is asked for", `"birth_date":"2016-05-01","with_custodian":true,"card_requested":true`, "capture photo two_flat", "residence_asked_photo", "residence_asked_prints"},
		{"4", "day before the sixth birthday, alone", `"birth_date":"2020-11-23"`, "capture photo", "residence_infant_photo", "card_under_six"},
		{"4", "five, with the parents, a card is asked for", `"birth_date":"2021-05-01","with_custodian":true,"card_requested":true`, "capture photo", "residence_infant_asked_photo", "card_under_six"},
		{"4", "five, alone, extension", `"birth_date":"2021-05-01","application":"extension"`, "capture photo", "residence_infant_photo extension_anew", "card_under_six"},
		{"5", "asylum, adult", `"basis":"7"`, "capture photo two_flat", "asylum_adult_photo", "asylum_adult_prints"},
		{"5", "§ 7 extension at the Immigration Service", `"basis":"7","application":"extension","station":"immigration_service"`, "capture photo two_flat", "asylum_adult_photo extension_anew", "asylum_adult_prints extension_anew"},
		{"6", "asylum, alone, sixth birthday", `"basis":"7","birth_date":"2020-11-22","unaccompanied":true`, "capture photo two_flat", "asylum_alone_photo", "asylum_alone_prints"},
		{"7", "asylum, alone, day before the sixth birthday", `"basis":"7","birth_date":"2020-11-23","unaccompanied":true`, "capture photo", "asylum_infant_photo", "asylum_infant_prints"},
		{"8", "asylum, accompanied, 17", `"basis":"7","birth_date":"2008-11-23"`, "nothing", "asylum_accompanied_photo", "asylum_accompanied_prints"},
		{"8", "§ 8 extension, accompanied, ten", `"basis":"8","application":"extension","birth_date":"2016-05-01","with_custodian":true`, "nothing", "asylum_accompanied_photo", "asylum_accompanied_prints"},
		{"9", "asylum, accompanied, ten, a card is asked for", `"basis":"7","birth_date":"2016-05-01","card_requested":true`, "capture photo two_flat", "asylum_asked_photo", "asylum_asked_prints"},
		{"9", "asylum, accompanied, five, a card is asked for", `"basis":"7","birth_date":"2021-05-01","card_requested":true`, "capture photo", "asylum_asked_photo", "asylum_infant_prints"},
		{"10", "says sixteen, judged an adult", `"basis":"7","birth_date":"2010-01-01","judged_adult":true`, "capture photo two_flat age_disputed", "asylum_adult_photo age_disputed", "asylum_adult_prints age_disputed"},
		{"10", "says ten and with the parents, judged an adult", `"birth_date":"2016-05-01","with_custodian":true,"judged_adult":true`, "capture photo two_flat age_disputed", "residence_adult_photo age_disputed", "residence_adult_prints age_disputed"},
		{"10", "says born in 2008, judged an adult", `"birth_date":"2008","judged_adult":true`, "capture photo two_flat age_disputed", "residence_adult_photo age_disputed", "residence_adult_prints age_disputed"},
		{"11", "no hands", `"unable":{"prints":"permanent"}`, "capture photo", "residence_adult_photo", "unable_card"},
		{"11", "no hands, asylum", `"basis":"7","unable":{"prints":"permanent"}`, "capture photo", "asylum_adult_photo", "unable_asylum"},
		{"11", "no hands, five or six: the birthday does not matter", `"birth_date":"2020","unable":{"prints":"permanent"}`, "capture photo", "residence_infant_photo residence_minor_photo incomplete_birth_date_suffices", "card_under_six unable_card incomplete_birth_date_suffices"},
		{"11", "both hands bandaged", `"unable":{"prints":"temporary"}`, "capture photo two_flat recall", "residence_adult_photo", "residence_adult_prints recall"},
		{"11", "bandaged, but under six", `"birth_date":"2021-05-01","unable":{"prints":"temporary"}`, "capture photo", "residence_infant_photo", "card_under_six"},
		{"12", "quota refugee after entry", `"basis":"8","lodged_at":"unhcr"`, "capture photo two_flat retake_photo", "entry_photo retake_photo", "entry_prints"},
		{"12", "quota refugee's child of ten with the parents", `"basis":"8","birth_date":"2016-05-01","with_custodian":true`, "nothing", "entry_custodian", "entry_custodian"},
		{"12", "quota refugee's child of five, alone", `"basis":"8","birth_date":"2021-05-01"`, "capture photo retake_photo", "entry_photo retake_photo", "card_under_six"},
		{"12", "applied at a Swedish mission, ten, a card is asked for", `"basis":"9a","lodged_at":"other_schengen_mission","birth_date":"2016-05-01","with_custodian":true,"card_requested":true`, "capture photo two_flat retake_photo", "entry_photo retake_photo", "entry_prints"},
		{"12", "asylum through the UNHCR: custody counts, not company", `"basis":"7","lodged_at":"unhcr","birth_date":"2016-05-01"`, "capture photo two_flat retake_photo", "entry_photo retake_photo", "entry_prints"},
		{"13", "humanitarian, first", `"basis":"9b"`, "reuse", "reuse_asylum_case", "reuse_asylum_case"},
		{"13", "humanitarian, extension", `"basis":"9b","application":"extension"`, "capture photo two_flat", "residence_adult_photo extension_anew", "residence_adult_prints extension_anew"},
		{"14", "another application is pending", `"biometrics_on_pending_case":true`, "reuse", "reuse_pending", "reuse_pending"},
		{"14", "pending wins over the extension", `"application":"extension","biometrics_on_pending_case":true`, "reuse", "reuse_pending", "reuse_pending"},
		{"14", "Eurodac does not share with a pending case", `"purpose":"eurodac","basis":"art4","biometrics_on_pending_case":true`, "capture ten", "eurodac_no_photo", "eurodac_applicant"},
		{"16", "diplomat", `"basis":"47(1)","station":"foreign_ministry"`, "capture photo two_flat", "diplomat_photo", "diplomat_prints"},
		{"16", "diplomat's child of ten", `"basis":"47(1)","station":"foreign_ministry","birth_date":"2016-05-01","with_custodian":true`, "nothing", "diplomat_custodian", "diplomat_custodian"},
		{"17", "visa of a child with the parents", `"purpose":"long_stay_visa","station":"mission","birth_date":"2016-05-01","with_custodian":true`, "capture photo", "visa_photo", "visa_no_prints"},
		{"17", "visa of a child for whom a card is asked", `"purpose":"long_stay_visa","station":"mission","birth_date":"2016-05-01","with_custodian":true,"card_requested":true`, "reuse", "reuse_card_photo", "visa_no_prints"},
		{"17", "visa of an adult, at a private partner", `"purpose":"long_stay_visa","station":"private_partner"`, "reuse", "reuse_card_photo", "visa_no_prints"},
		{"17", "visa of 17 or 18, with the parents", `"purpose":"long_stay_visa","station":"mission","birth_date":"2008","with_custodian":true`, "blocked", "birth_month_missing limit_eighteen_visa", "birth_month_missing limit_eighteen_visa"},
		{"18", "visa applicant's twelfth birthday", `"purpose":"vis","basis":"visa","station":"mission","birth_date":"2014-11-22"`, "capture photo ten", "vis_photo", "vis_prints"},
		{"18", "day before the twelfth birthday", `"purpose":"vis","basis":"visa","station":"private_partner","birth_date":"2014-11-23"`, "capture photo", "vis_photo", "vis_under_twelve"},
		{"18", "visa applicant without hands", `"purpose":"vis","basis":"visa","station":"mission","unable":{"prints":"permanent"}`, "capture photo", "vis_photo", "unable_vis"},
		{"section 6", "identification", `"purpose":"police_register","basis":"40a(2)3"`, "capture ten", "register_no_photo", "register_prints"},
		{"section 6", "register, only the year of birth known", `"purpose":"police_register","basis":"40a(2)3","birth_date":"1990"`, "capture ten", "register_no_photo", "register_prints"},
		{"section 6", "access control at Copenhagen", `"purpose":"police_register","basis":"40a(2)6","station":"police_copenhagen"`, "capture ten", "register_no_photo", "register_access"},
		{"section 7", "category 2, fourteenth birthday", `"purpose":"eurodac","basis":"art8","birth_date":"2012-11-22"`, "capture ten", "eurodac_no_photo", "eurodac_border"},
		{"section 7", "category 3, day before the fourteenth birthday", `"purpose":"eurodac","basis":"art11","birth_date":"2012-11-23"`, "nothing", "eurodac_no_photo", "eurodac_under_fourteen"},
		{"section 7", "category 3", `"purpose":"eurodac","basis":"art11"`, "capture ten_or_index", "eurodac_no_photo", "eurodac_illegal"},
		{"section 7", "no hands: there is nothing left to take", `"purpose":"eurodac","basis":"art4","unable":{"prints":"permanent"}`, "nothing", "eurodac_no_photo", "unable_eurodac"},
		{"section 7", "hands bandaged", `"purpose":"eurodac","basis":"art4","unable":{"prints":"temporary"}`, "capture ten recall", "eurodac_no_photo", "eurodac_applicant recall"},
		{"section 7", "13 or 14", `"purpose":"eurodac","basis":"art4","birth_date":"2012"`, "blocked", "birth_month_missing limit_fourteen", "birth_month_missing limit_fourteen"},
		{"section 7", "says twelve, judged an adult", `"purpose":"eurodac","basis":"art4","birth_date":"2014-01-01","judged_adult":true`, "capture ten age_disputed", "eurodac_no_photo age_disputed", "eurodac_applicant age_disputed"},
	}
	for _, tt := range tests {
		t.Run(tt.row+" "+tt.name, func(t *testing.T) {
			r := rule.For(but(t, tt.in), rule.Date{})
			if got := summary(r); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := codes(r.Photo.Grounds); got != tt.photo {
				t.Errorf("photo because of %s, want %s", got, tt.photo)
			}
			if got := codes(r.Prints.Grounds); got != tt.prints {
				t.Errorf("prints because of %s, want %s", got, tt.prints)
			}
		})
	}
}

// TestBlocked goes through what cannot be decided, with the grounds that name
// the fact.
func TestBlocked(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"may be five or six", `"birth_date":"2020"`, "birth_month_missing limit_six"},
		{"may be five or six within the month", `"birth_date":"2020-11"`, "birth_day_missing limit_six"},
		{"may be 17 or 18, with the parents", `"birth_date":"2008","with_custodian":true`, "birth_month_missing limit_eighteen_custody"},
		{"may be 17 or 18, asylum, accompanied", `"basis":"7","birth_date":"2008-11"`, "birth_day_missing limit_eighteen_accompanied"},
		{"may be eleven or twelve, visa", `"purpose":"vis","basis":"visa","station":"mission","birth_date":"2014"`, "birth_month_missing limit_twelve"},
		{"born on the day after the capture", `"birth_date":"2026-11-23"`, "born_after_capture"},
		{"born in the month after the capture", `"birth_date":"2026-12"`, "born_after_capture"},
		{"captured on the day before the application", `"capture_on":"2026-11-19"`, "capture_before_application"},
		{"unaccompanied and with the parents", `"unaccompanied":true,"with_custodian":true`, "unaccompanied_with_custodian"},
		{"an adult whom nobody disputes, judged an adult", `"judged_adult":true`, "judged_adult_not_disputed"},
		{"eighteen today, judged an adult", `"birth_date":"2008-11-22","judged_adult":true`, "judged_adult_not_disputed"},
		{"extension lodged at a Swedish mission", `"application":"extension","lodged_at":"other_schengen_mission"`, "extension_lodged_abroad"},
		{"extension lodged through the UNHCR", `"basis":"8","application":"extension","lodged_at":"unhcr"`, "extension_lodged_abroad"},
		{"a residence card on a Eurodac article", `"basis":"art4"`, "basis_not_of_purpose"},
		{"Eurodac on a residence provision", `"purpose":"eurodac"`, "basis_not_of_purpose"},
		{"two contradictions are both told", `"basis":"visa","capture_on":"2026-11-19"`, "basis_not_of_purpose capture_before_application"},
		{"contradiction before competence", `"station":"return_agency","birth_date":"2027"`, "born_after_capture"},
		{"contradiction before reuse", `"biometrics_on_pending_case":true,"capture_on":"2026-11-19"`, "capture_before_application"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := rule.For(but(t, tt.in), rule.Date{})
			if got := summary(r); got != "blocked" {
				t.Errorf("%s, want blocked", got)
			}
			if got := codes(r.Grounds()); got != tt.want {
				t.Errorf("because of %s, want %s", got, tt.want)
			}
		})
	}
}

// TestNotBlocked goes through what looks like a contradiction and is none.
func TestNotBlocked(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"captured on the day of the application", `"capture_on":"2026-11-20"`, "capture photo two_flat"},
		{"born on the day of the capture", `"birth_date":"2026-11-22"`, "capture photo"},
		{"born this year, which is not over", `"birth_date":"2026"`, "capture photo"},
		{"five or six, but with the parents", `"birth_date":"2020","with_custodian":true`, "nothing"},
		{"five or six, at a station that may not take it", `"birth_date":"2020","station":"return_agency"`, "elsewhere mission private_partner police immigration_service"},
		{"five or six, humanitarian", `"basis":"9b","birth_date":"2020"`, "reuse"},
		{"register capture before an application", `"purpose":"police_register","basis":"40a(2)2","capture_on":"2026-11-19"`, "capture ten"},
		{"border crossing before an application", `"purpose":"eurodac","basis":"art8","capture_on":"2026-11-19"`, "capture ten"},
		{"14 or 15 at the border", `"purpose":"eurodac","basis":"art8","birth_date":"2011"`, "capture ten"},
		{"adult, unaccompanied", `"basis":"7","unaccompanied":true`, "capture photo two_flat"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := summary(rule.For(but(t, tt.in), rule.Date{})); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestMissing takes one fact after the other out of facts put together in code.
func TestMissing(t *testing.T) {
	tests := []struct {
		name string
		take func(*rule.Facts)
		want string // code of the ground
		bad  string // fact named by Validate; "" where it is merely unknown
	}{
		{"purpose", func(f *rule.Facts) { f.Purpose = "" }, "purpose_missing", "purpose"},
		{"basis", func(f *rule.Facts) { f.Basis = "9g" }, "basis_missing", "basis"},
		{"application", func(f *rule.Facts) { f.Application = "third" }, "application_missing", "application"},
		{"a day of application that is none", func(f *rule.Facts) { f.AppliedOn = rule.Date{2026, 2, 29} }, "applied_on_missing", "applied_on"},
		{"day of capture", func(f *rule.Facts) { f.CaptureOn = rule.Date{} }, "capture_on_missing", ""},
		{"a day of capture that is none", func(f *rule.Facts) { f.CaptureOn = rule.Date{2026, 13, 1} }, "capture_on_missing", "capture_on"},
		{"lodging", func(f *rule.Facts) { f.LodgedAt = "" }, "lodged_at_missing", "lodged_at"},
		{"station", func(f *rule.Facts) { f.Station = "" }, "station_missing", "station"},
		{"birth date", func(f *rule.Facts) { f.BirthDate = rule.BirthDate{} }, "birth_date_missing limit_six", ""},
		{"birth date, with the parents", func(f *rule.Facts) { f.BirthDate, f.WithCustodian = rule.BirthDate{}, true }, "birth_date_missing limit_eighteen_custody", ""},
		{"a birthday without a month", func(f *rule.Facts) { f.BirthDate = rule.BirthDate{1990, 0, 5} }, "birth_date_missing", "birth_date"},
		{"inability", func(f *rule.Facts) { f.Unable.Prints = "" }, "unable_missing", "unable.prints"},
		{"what is refused", func(f *rule.Facts) { f.Refuses = []rule.Item{"iris"} }, "refuses_unknown", "refuses"},
		{"everything", func(f *rule.Facts) { *f = rule.Facts{} }, "purpose_missing", "purpose"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := facts()
			tt.take(&f)
			r := rule.For(f, rule.Date{})
			if r.Decision != rule.Blocked || codes(r.Grounds()) != tt.want {
				t.Errorf("%s because of %s, want blocked because of %s", r.Decision, codes(r.Grounds()), tt.want)
			}
			if r.Controller == "" {
				t.Error("no controller")
			}
			err := f.Validate()
			if tt.bad == "" && err != nil || tt.bad != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.bad+": ")) {
				t.Errorf("Validate: %v, want the fact %q named", err, tt.bad)
			}
		})
	}
}

// Where the day of birth makes no difference, nobody has to know it.
func TestUnknownBirthDate(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"register", `"purpose":"police_register","basis":"40a(2)3"`, "capture ten"},
		{"humanitarian, first", `"basis":"9b"`, "reuse"},
		{"elsewhere", `"basis":"47(1)"`, "elsewhere foreign_ministry"},
		{"says under 18, judged an adult", `"basis":"7","judged_adult":true`, "capture photo two_flat age_disputed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := but(t, tt.in)
			f.BirthDate = rule.BirthDate{}
			if got := summary(rule.For(f, rule.Date{})); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestDatesOfValidity asks the same question under the law of other days.
func TestDatesOfValidity(t *testing.T) {
	asked := `"basis":"7","birth_date":"2000-01-01","card_requested":true,"applied_on":"2011-01-01","capture_on":"2012-06-01"`
	tests := []struct{ name, in, law, want, because string }{
		{"day before the card", ``, "2011-05-19", "nothing", "before_card"},
		{"first day of the card", ``, "2011-05-20", "capture photo", "residence_adult_photo before_prints"},
		{"last day without prints", ``, "2012-05-19", "capture photo", "residence_adult_photo before_prints"},
		{"first day of the prints", ``, "2012-05-20", "capture photo two_flat", "residence_adult_photo residence_adult_prints"},
		{"transition year, under six", `"birth_date":"2021-05-01"`, "2011-08-01", "capture photo", "residence_infant_photo card_under_six"},
		{"transition year, no hands", `"unable":{"prints":"permanent"}`, "2011-08-01", "capture photo", "residence_adult_photo before_prints"},
		{"transition year, bandaged: nobody is called again for it", `"unable":{"prints":"temporary"}`, "2011-08-01", "capture photo", "residence_adult_photo before_prints"},
		{"transition year, prints refused that nobody asks for", `"refuses":["prints"]`, "2011-08-01", "capture photo", "residence_adult_photo before_prints"},
		{"accompanied and a card asked for, day before", asked, "2012-05-19", "nothing", "asylum_accompanied_photo asylum_accompanied_prints"},
		{"accompanied and a card asked for, first day", asked, "2012-05-20", "capture photo two_flat", "asylum_asked_photo asylum_asked_prints"},
		{"before the card, wrong station all the same", `"station":"police_copenhagen"`, "2011-05-19", "elsewhere immigration_service", "no_card_station_in_copenhagen at_residence_stations"},
		{"day of capture by default", `"applied_on":"2011-08-01","capture_on":"2011-08-01"`, "", "capture photo", "residence_adult_photo before_prints"},
		{"Eurodac does not care for the card's dates", `"purpose":"eurodac","basis":"art4"`, "2010-01-01", "capture ten", "eurodac_no_photo eurodac_applicant"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := but(t, tt.in)
			r := rule.For(f, day(t, tt.law))
			if got := summary(r); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if got := codes(r.Grounds()); got != tt.because {
				t.Errorf("because of %s, want %s", got, tt.because)
			}
			if want := tt.law; want != "" && r.LawDate.String() != want || want == "" && r.LawDate != f.CaptureOn {
				t.Errorf("law of %v, want of %q", r.LawDate, want)
			}
		})
	}
}

// TestSettings asks under the laws whose day is a setting.
func TestSettings(t *testing.T) {
	recast := rule.Settings{EurodacRecastFrom: rule.Date{2026, 6, 12}}
	fromSix := rule.Settings{VISFromSixFrom: rule.Date{2026, 6, 12}}
	tests := []struct {
		name     string
		settings rule.Settings
		in, law  string
		want     string
	}{
		{"recast, sixth birthday", recast, `"purpose":"eurodac","basis":"art4","birth_date":"2020-11-22"`, "", "capture photo ten"},
		{"recast, day before the sixth birthday", recast, `"purpose":"eurodac","basis":"art4","birth_date":"2020-11-23"`, "", "nothing"},
		{"recast, no hands: the face remains", recast, `"purpose":"eurodac","basis":"art8","unable":{"prints":"permanent"}`, "", "capture photo"},
		{"recast, category 3", recast, `"purpose":"eurodac","basis":"art11"`, "", "capture photo ten_or_index"},
		{"recast, its first day", recast, `"purpose":"eurodac","basis":"art4"`, "2026-06-12", "capture photo ten"},
		{"recast, the day before", recast, `"purpose":"eurodac","basis":"art4"`, "2026-06-11", "capture ten"},
		{"recast, twelve or thirteen no longer matters", recast, `"purpose":"eurodac","basis":"art4","birth_date":"2013"`, "", "capture photo ten"},
		{"recast does not touch the card", recast, `"birth_date":"2020-11-23"`, "", "capture photo"},
		{"visa from six, sixth birthday", fromSix, `"purpose":"vis","basis":"visa","station":"mission","birth_date":"2020-11-22"`, "", "capture photo ten"},
		{"visa from six, day before", fromSix, `"purpose":"vis","basis":"visa","station":"mission","birth_date":"2020-11-23"`, "", "capture photo"},
		{"visa from six, day before the law", fromSix, `"purpose":"vis","basis":"visa","station":"mission","birth_date":"2020-11-22"`, "2026-06-11", "capture photo"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := summary(tt.settings.For(but(t, tt.in), day(t, tt.law))); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestRefusal goes through section 5 of the digest.
func TestRefusal(t *testing.T) {
	tests := []struct{ name, in, want, because string }{
		{"residence, photo", `"refuses":["photo"]`, "application_rejected", "refusal_rejects_photo"},
		{"residence, prints", `"refuses":["prints"]`, "application_rejected", "refusal_rejects_prints"},
		{"residence, both", `"refuses":["prints","photo"]`, "application_rejected", "refusal_rejects_photo"},
		{"residence, extension", `"application":"extension","refuses":["photo"]`, "application_rejected", "refusal_rejects_photo"},
		{"bandaged and unwilling", `"unable":{"prints":"temporary"},"refuses":["prints"]`, "application_rejected", "refusal_rejects_prints"},
		{"row 2: nothing is asked for", `"birth_date":"2016-05-01","with_custodian":true,"refuses":["photo","prints"]`, "none", ""},
		{"row 4: prints are not asked for", `"birth_date":"2021-05-01","refuses":["prints"]`, "none", ""},
		{"row 4: the photo is", `"birth_date":"2021-05-01","refuses":["photo"]`, "application_rejected", "refusal_rejects_photo"},
		{"row 11: prints are not asked for", `"unable":{"prints":"permanent"},"refuses":["prints"]`, "none", ""},
		{"asylum", `"basis":"7","refuses":["photo"]`, "police_secures_capture", "refusal_police"},
		{"extension of a refugee's permit, at the service", `"basis":"8","application":"extension","station":"immigration_service","refuses":["prints"]`, "police_secures_capture", "refusal_police"},
		{"quota refugee", `"basis":"8","refuses":["prints"]`, "reported_to_controller", "refusal_reported"},
		{"applied at another Schengen mission", `"lodged_at":"other_schengen_mission","refuses":["prints"]`, "reported_to_controller", "refusal_reported"},
		{"applied through the UNHCR", `"lodged_at":"unhcr","refuses":["prints"]`, "reported_to_controller", "refusal_reported"},
		{"diplomat", `"basis":"47(1)","station":"foreign_ministry","refuses":["photo"]`, "reported_to_controller", "refusal_reported"},
		{"Eurodac", `"purpose":"eurodac","basis":"art4","refuses":["prints"]`, "police_secures_capture", "refusal_police_eurodac"},
		{"Eurodac, a photo that nobody asks for", `"purpose":"eurodac","basis":"art4","refuses":["photo"]`, "none", ""},
		{"register", `"purpose":"police_register","basis":"40a(2)4","refuses":["prints"]`, "police_secures_capture", "refusal_police_register"},
		{"access control", `"purpose":"police_register","basis":"40a(2)6","refuses":["prints"]`, "reported_to_controller", "refusal_reported_register"},
		{"visa", `"purpose":"vis","basis":"visa","station":"mission","refuses":["prints"]`, "reported_to_controller", "refusal_reported_visa"},
		{"wrong station: nothing to refuse", `"station":"return_agency","refuses":["photo","prints"]`, "none", ""},
		{"blocked: nothing to refuse", `"birth_date":"2020","refuses":["photo","prints"]`, "none", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := rule.For(but(t, tt.in), rule.Date{})
			if string(r.Refusal) != tt.want {
				t.Errorf("%s, want %s", r.Refusal, tt.want)
			}
			if tt.because != "" && !strings.Contains(codes(r.Grounds()), tt.because) {
				t.Errorf("because of %s, want %s among it", codes(r.Grounds()), tt.because)
			}
		})
	}
}
