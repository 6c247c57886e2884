package records

import (
	"strconv"
	"strings"

	"optag/capture/finger"
	"optag/capture/record"
)

// The fields of ANSI/NIST-ITL 1 by number, mnemonic and name. Of one with a minus
// before its name the value may tell of a person; so may any that is not here.
const (
	names1 = `1 LEN record length
2 VER version of the standard
3 CNT records of the file
4 TOT type of transaction
5 DAT date of the transaction
6 PRY priority
7 DAI destination agency
8 ORI originating agency
9 TCN -control number
10 TCR -control number answered to
11 NSR native scanning resolution
12 NTR nominal resolution
13 DOM domain
14 GMT Greenwich mean time
15 DCS character encoding
16 APS application profile
17 ANM agency names
18 GNS name set of countries`

	namesFrame = `1 LEN record length
2 IDC designation character`

	namesImage = `4 SRC source agency
6 HLL horizontal line length
7 VLL vertical line length
8 SLC scale units
9 THPS horizontal pixel scale
10 TVPS vertical pixel scale
11 CGA compression
16 SHPS horizontal scanning scale
17 SVPS vertical scanning scale
30 DMM device monitoring mode
47 CON -capture organisation
902 ANN -annotation
903 DUI device unique identifier
904 MMS make, model, serial number
993 SAN source agency name
994 EFR -external file
995 ASC associated context
996 HAS -hash of the image
997 SOR source representation
998 GEO -place of the capture`

	names10 = `3 IMT image type
5 PHD photo capture date
12 CSP colour space
13 SAP acquisition profile
20 POS pose
21 POA pose offset angle
23 PAS photo acquisition source
24 SQS subject quality
25 SPA pose angles
26 SXS -facial description
27 SEC -eye colour
28 SHC -hair colour
29 FFP feature points
38 COM -comment
44 ITX image transforms
45 OCC -occlusions
46 SUB -status of the subject`

	namesRidges = `3 IMP impression type
12 BPX bits per pixel
13 FGP position
14 PPD print position descriptors
15 PPC print position coordinates
18 AMP fingers missing
20 COM -comment
21 SEG finger segments
22 NQM NFIQ 1 quality
23 SQM segmentation quality
24 FQM fingerprint quality
25 ASEG alternate segments
26 SCF simultaneous capture
27 SIF stitched
31 FAP acquisition profile
46 SUB -status of the subject
901 FCT capture technology`
)

// A label names a field.
type label struct {
	mnemonic, name string
	shown          bool // its value tells of nobody
}

// labels are the names of the fields of a type of record.
func labels(typ int) map[int]label {
	switch typ {
	case 1:
		return parseLabels(names1)
	case 10:
		return parseLabels(namesFrame, namesImage, names10)
	case 13:
		return parseLabels(namesFrame, namesImage, namesRidges, "5 LCD capture date\n24 LQM latent quality")
	case 14:
		return parseLabels(namesFrame, namesImage, namesRidges, "5 FCD capture date")
	case 15:
		return parseLabels(namesFrame, namesImage, namesRidges, "5 PCD capture date\n13 PLP position\n24 PQM palm quality")
	}
	return parseLabels(namesFrame)
}

func parseLabels(tables ...string) map[int]label {
	all := map[int]label{}
	for line := range strings.SplitSeq(strings.Join(tables, "\n"), "\n") {
		number, rest, _ := strings.Cut(line, " ")
		mnemonic, name, _ := strings.Cut(rest, " ")
		name, hidden := strings.CutPrefix(name, "-")
		n, _ := strconv.Atoi(number)
		all[n] = label{mnemonic, name, !hidden}
	}
	return all
}

// textLabels are the names that a profile has for the fields of a Type-2 record.
// Which of them tell of a person nobody but the profile knows: none is shown.
func textLabels(profile string) map[int]label {
	all := labels(2)
	for _, p := range record.Profiles() {
		for _, f := range p.Fields {
			if _, number, ok := strings.Cut(f.At, "."); ok && p.Name == profile && f.Block == "Type-2" {
				if n, _ := strconv.Atoi(number); n > 2 {
					all[n] = label{mnemonic: f.Name, name: "of the profile"}
				}
			}
		}
	}
	return all
}

// typeNames are what types of records are.
func typeName(typ int) string {
	switch typ {
	case 1:
		return "transaction information"
	case 2:
		return "user-defined text"
	case 3, 4, 5, 6:
		return "fingerprint without tags"
	case 7, 8:
		return "binary record"
	case 9:
		return "minutiae"
	case 10:
		return "face, scar, mark or tattoo"
	case 13:
		return "latent print"
	case 14:
		return "fingerprint"
	case 15:
		return "palm print"
	case 17:
		return "iris"
	case 99:
		return "CBEFF biometric data"
	}
	return "other record"
}

// positionName names a position of FGP.
func positionName(fgp int) string {
	slaps := map[int]string{0: "unknown finger", 11: "plain right thumb", 12: "plain left thumb", 13: "four fingers right", 14: "four fingers left", 15: "both thumbs"}
	switch name, ok := slaps[fgp]; {
	case ok:
		return name
	case fgp >= 1 && fgp <= 10:
		return strings.ReplaceAll(finger.Position(fgp).String(), "_", " ")
	case fgp >= 20 && fgp <= 38 || fgp >= 81 && fgp <= 86:
		return "palm"
	case fgp >= 40 && fgp <= 54:
		return "several fingers"
	}
	return "other"
}

// impressionName names an impression of IMP, and of ISO/IEC 19794-4:2011.
func impressionName(imp int) string {
	switch imp {
	case 0:
		return "live-scan plain"
	case 1:
		return "live-scan rolled"
	case 2:
		return "non-live plain"
	case 3:
		return "non-live rolled"
	case 4, 5, 6, 7:
		return "latent"
	case 8:
		return "swipe"
	case 10, 11, 12, 13, 14, 15:
		return "palm"
	case 24, 25, 41, 42:
		return "contactless"
	case 29:
		return "unknown"
	}
	return "other"
}

func coded(n int, name string) string { return strconv.Itoa(n) + " (" + name + ")" }
