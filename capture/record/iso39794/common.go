package iso39794

import "time"

// The blocks that ISO/IEC 39794-1 defines for all its parts. Field names, tags
// and ranges: the schema ID-ICAO-ISO-IEC-39794-1-ed-1-v1.

// A VersionBlock says by which generation and year of the standard a record is
// written.
type VersionBlock struct {
	Generation int // 3 to 65535
	Year       int // 2019 to 9999
	Extensions []byte
}

// CurrentVersion is the version this package writes.
func CurrentVersion() VersionBlock { return VersionBlock{Generation: Generation, Year: Year} }

func (b *VersionBlock) fields(c *coder) {
	c.integer(0, "generation", &b.Generation, 3, 65535)
	c.integer(1, "year", &b.Year, 2019, 9999)
	c.others(&b.Extensions)
}

// A RegistryIDBlock is an entry of the registry of biometric organisations: who
// registered, and what under which number. Both are 1 to 65535.
type RegistryIDBlock struct{ Organization, ID int }

func (b *RegistryIDBlock) fields(c *coder) {
	c.integer(0, "organization", &b.Organization, 1, 65535)
	c.integer(1, "id", &b.ID, 1, 65535)
}

// A DateTimeBlock is a time, as far as it is known; nil is unknown.
type DateTimeBlock struct {
	Year                       int  // 0 to 9999
	Month, Day                 *int // from 1
	Hour, Minute, Second, Msec *int // from 0
}

// At is a time in UTC, to the millisecond.
func At(t time.Time) *DateTimeBlock {
	t = t.UTC()
	return &DateTimeBlock{
		Year: t.Year(), Month: new(int(t.Month())), Day: new(t.Day()),
		Hour: new(t.Hour()), Minute: new(t.Minute()), Second: new(t.Second()),
		Msec: new(t.Nanosecond() / int(time.Millisecond)),
	}
}

func (b *DateTimeBlock) fields(c *coder) {
	c.integer(0, "year", &b.Year, 0, 9999)
	c.mayInteger(1, "month", &b.Month, 1, 12)
	c.mayInteger(2, "day", &b.Day, 1, 31)
	c.mayInteger(3, "hour", &b.Hour, 0, 23)
	c.mayInteger(4, "minute", &b.Minute, 0, 59)
	c.mayInteger(5, "second", &b.Second, 0, 59)
	c.mayInteger(6, "millisecond", &b.Msec, 0, 999)
}

// A QualityBlock is what one algorithm said of an image. Which number stands for
// NFIQ 2 is a matter of the registry and therefore the caller's.
type QualityBlock struct {
	AlgorithmID RegistryIDBlock
	Score       ScoreOrError
	Extensions  []byte
}

func (b *QualityBlock) fields(c *coder) {
	c.block(0, "algorithmIdBlock", &b.AlgorithmID)
	c.block(1, "scoreOrError", &b.Score)
	c.others(&b.Extensions)
}

// A ScoreOrError is a score of 0 to 100, unless Error says why there is none.
type ScoreOrError struct {
	Score int
	Error *Code[ScoringError]
}

func (b *ScoreOrError) fields(c *coder) {
	if c.absent(1, true, b.Error == nil) {
		c.integer(0, "score", &b.Score, 0, 100)
		return
	}
	may(c, 1, "error", &b.Error)
}

// A ScoringError says why there is no score.
type ScoringError int

const FailureToAssess ScoringError = 0

func (ScoringError) names() string { return "failureToAssess" }

// An ExtendedDataBlock is data of a kind that an organisation has registered.
type ExtendedDataBlock struct {
	DataTypeID RegistryIDBlock
	Data       []byte
}

func (b *ExtendedDataBlock) fields(c *coder) {
	c.block(0, "dataTypeIdBlock", &b.DataTypeID)
	c.octets(1, "data", &b.Data)
}

// An ExtensionBlock is one of which the schema knows no field.
type ExtensionBlock struct{ Extensions []byte }

func (b *ExtensionBlock) fields(c *coder) { c.others(&b.Extensions) }

// A PADDataBlock is what was found in the detection of presentation attacks, such
// as a picture held before a camera.
type PADDataBlock struct {
	Decision           *Code[PADDecision]
	ScoreBlocks        []PADScoreBlock
	ExtendedDataBlocks []ExtendedDataBlock
	CaptureContext     *Code[PADCaptureContext]
	SupervisionLevel   *Code[PADSupervisionLevel]
	RiskLevel          *int // 0 to 100
	CriteriaCategory   *Code[PADCriteriaCategory]
	Parameter          []byte
	Challenges         [][]byte
	CaptureDateTime    *DateTimeBlock
	Extensions         []byte
}

func (b *PADDataBlock) fields(c *coder) {
	may(c, 0, "decision", &b.Decision)
	mayList(c, 1, "scoreBlocks", &b.ScoreBlocks)
	mayList(c, 2, "extendedDataBlocks", &b.ExtendedDataBlocks)
	may(c, 3, "captureContext", &b.CaptureContext)
	may(c, 4, "supervisionLevel", &b.SupervisionLevel)
	c.mayInteger(5, "riskLevel", &b.RiskLevel, 0, 100)
	may(c, 6, "criteriaCategory", &b.CriteriaCategory)
	c.mayOctets(7, "parameter", &b.Parameter)
	if !c.absent(8, true, b.Challenges == nil) {
		each(c, 8, "challenges", &b.Challenges, func(c *coder, item string, v *[]byte) {
			c.text(0x04, item, v)
		})
	}
	may(c, 9, "captureDateTimeBlock", &b.CaptureDateTime)
	c.others(&b.Extensions)
}

// A PADScoreBlock is what one mechanism said of a presentation.
type PADScoreBlock struct {
	MechanismID RegistryIDBlock
	Score       ScoreOrError
	Extensions  []byte
}

func (b *PADScoreBlock) fields(c *coder) {
	c.block(0, "mechanismIdBlock", &b.MechanismID)
	c.block(1, "scoreOrError", &b.Score)
	c.others(&b.Extensions)
}

// The lists of a PADDataBlock.
type (
	PADDecision         int
	PADCaptureContext   int
	PADSupervisionLevel int
	PADCriteriaCategory int
)

func (PADDecision) names() string         { return "noAttack attack failureToAssess" }
func (PADCaptureContext) names() string   { return "enrolment verification identification" }
func (PADSupervisionLevel) names() string { return "unknown controlled assisted observed unattended" }
func (PADCriteriaCategory) names() string { return "unknown individual common" }
