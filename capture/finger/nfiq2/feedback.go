package nfiq2

// Thresholds of the feedback values (NFIQ 2.3.0).
const (
	UniformBelow    = 1.0   // of Feedback.UniformImage
	EmptyAbove      = 250.0 // of Feedback.Empty
	MinutiaeBelow   = 5.0   // of Feedback.Minutiae
	ForegroundBelow = 50000 // of Feedback.FingerprintROI, in pixels
)

// feedback collects what the modules found.
func feedback(c *contrast, r *roi, minutiae int) Feedback {
	return Feedback{
		UniformImage:   c.deviation,
		Empty:          c.mean,
		Minutiae:       float64(minutiae),
		FingerprintROI: float64(r.pixels),
	}
}
