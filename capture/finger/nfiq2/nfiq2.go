// Package nfiq2 measures a plain print as NFIQ 2 does: 69 measures and four
// feedback values of one 8-bit grey image at 500 ppi, and the score that NIST's
// random forest votes from them where a technician has installed its model.
// Where none is installed, an estimate of our own stands in under its own name.
//
// Measures, their names and their order are those of NFIQ 2.3.0, which
// implements ISO/IEC 29794-4:2024. Four of them rest on minutiae; the reference
// takes those from another extractor than ours (see package points).
package nfiq2

// Count is the number of measures.
const Count = 69

// Measures are the 69 values in the order in which the forest takes them.
type Measures [Count]float64

// Where each group of measures begins. A group of twelve is a histogram of ten
// bins, its mean and its standard deviation.
const (
	FDA            = 0  // frequency domain analysis, 12
	MinutiaeInRect = 12 // minutiae in 200 × 200 pixels about their centre of mass
	MinutiaeCount  = 13
	MinutiaeMu     = 14 // share of minutiae whose surroundings are of medium grey
	MinutiaeOCL    = 15 // share of minutiae with certain orientation about them
	ROIArea        = 16 // mean grey level of the region of interest
	LCS            = 17 // local clarity, 12
	MMB            = 29 // mean of the blocks' means
	Mu             = 30 // mean grey level
	OCL            = 31 // orientation certainty, 12
	OF             = 43 // orientation flow, 12
	CoherenceRel   = 55
	CoherenceSum   = 56
	RVUP           = 57 // ridge valley uniformity, 12
)

// group is the size of a group that is a histogram with mean and deviation.
const group = 12

// Names returns the measures' names as NFIQ 2.3.0 prints them.
func Names() [Count]string {
	var names [Count]string
	for at, name := range map[int]string{FDA: "FDA", LCS: "LCS", OCL: "OCL", OF: "OF", RVUP: "RVUP"} {
		for bin := range 10 {
			names[at+bin] = name + "_Bin10_" + string(rune('0'+bin))
		}
		names[at+10], names[at+11] = name+"_Bin10_Mean", name+"_Bin10_StdDev"
	}
	names[MinutiaeInRect] = "FingerJetFX_MinCount_COMMinRect200x200"
	names[MinutiaeCount] = "FingerJetFX_MinutiaeCount"
	names[MinutiaeMu] = "FJFXPos_Mu_MinutiaeQuality_2"
	names[MinutiaeOCL] = "FJFXPos_OCL_MinutiaeQuality_80"
	names[ROIArea] = "ImgProcROIArea_Mean"
	names[MMB], names[Mu] = "MMB", "Mu"
	names[CoherenceRel] = "OrientationMap_ROIFilter_CoherenceRel"
	names[CoherenceSum] = "OrientationMap_ROIFilter_CoherenceSum"
	return names
}

// Feedback are the four values that tell an operator what is wrong before any
// score is asked for.
type Feedback struct {
	UniformImage   float64 // standard deviation of the grey levels; below 1 the image is uniform
	Empty          float64 // mean grey level: EmptyImageOrContrastTooLow; above 250 the image is empty
	Minutiae       float64 // FingerprintImageWithMinutiae: their number
	FingerprintROI float64 // SufficientFingerprintForeground: pixels of the region of interest
}
