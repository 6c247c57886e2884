package iso39794

import (
	"encoding/hex"
	"math/big"
	"strings"
	"testing"
	"time"

	"optag/capture/record/tlv"
)

// Pictures with the beginning and the end of their format and nothing between
// that shows anything.
const (
	wsq  = "\xFF\xA0 no print \xFF\xA1"
	jpeg = "\xFF\xD8\xFF no face \xFF\xD9"
	png  = "\x89PNG\r\n\x1A\n no print \x00\x00\x00\x00IEND\xAE\x42\x60\x82"
	jp2  = "\x00\x00\x00\x0CjP  \r\n\x87\n" + "\x00\x00\x00\x0Cftypjp2 " + "\x00\x00\x00\x0Cjp2c..\xFF\xD9"
	j2k  = "\xFF\x4F\xFF\x51 nothing \xFF\xD9"
	pgm  = "P5 # drawn\n3 2 255\n......"
)

// der writes data objects that are noted as text: a tag, and in braces what lies
// in it or after an equals sign the hexadecimal digits of its value.
func der(t testing.TB, text string) []byte {
	t.Helper()
	parts, rest := objects(t, text)
	if rest != "" {
		t.Fatalf("left over: %q", rest)
	}
	var b []byte
	for _, p := range parts {
		b = p.Append(b)
	}
	return b
}

// objects reads notes up to a closing brace.
func objects(t testing.TB, text string) (parts []tlv.Object, rest string) {
	t.Helper()
	for {
		text = strings.TrimLeft(text, " \n\t")
		i := strings.IndexAny(text, "={")
		if i < 0 || text[0] == '}' {
			return parts, text
		}
		o := tlv.Object{}
		for _, b := range unhex(t, text[:i]) {
			o.Tag = o.Tag<<8 | tlv.Tag(b)
		}
		if text[i] == '{' {
			o.Parts, text = objects(t, text[i+1:])
			text = strings.TrimPrefix(text, "}")
		} else {
			text = text[i+1:]
			n := strings.IndexAny(text+" ", " \n\t}")
			o.Value, text = unhex(t, text[:n]), text[n:]
		}
		parts = append(parts, o)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var taken = time.Date(2026, 2, 3, 13, 14, 15, 16_000_000, time.UTC)

// extended is a code in an extension block that states a field of a later edition.
func extended[T coded](v T) *Code[T] {
	return &Code[T]{Value: v, Extended: true, Extensions: []byte{0x81, 1, 7}}
}

// later are fields of a later edition behind those of any block: one with a tag of
// one byte, and one of two that holds another.
func later() []byte { return []byte{0x9E, 1, 5, 0xBF, 0x21, 3, 0x04, 1, 9} }

func quality(score int) QualityBlock {
	return QualityBlock{AlgorithmID: RegistryIDBlock{257, 7}, Score: ScoreOrError{Score: score}}
}

// fullPAD has every field there is.
func fullPAD() *PADDataBlock {
	return &PADDataBlock{
		Decision: extended(PADDecision(0)),
		ScoreBlocks: []PADScoreBlock{
			{MechanismID: RegistryIDBlock{257, 1}, Score: ScoreOrError{Score: 99}, Extensions: later()},
		},
		ExtendedDataBlocks: []ExtendedDataBlock{{DataTypeID: RegistryIDBlock{257, 2}, Data: []byte("data")}},
		CaptureContext:     &Code[PADCaptureContext]{},
		SupervisionLevel:   extended(PADSupervisionLevel(2)),
		RiskLevel:          new(0),
		CriteriaCategory:   extended(PADCriteriaCategory(1)),
		Parameter:          []byte("parameter"),
		Challenges:         [][]byte{[]byte("blink"), {}},
		CaptureDateTime:    At(taken),
		Extensions:         later(),
	}
}

// fullFinger has every field there is, of a slap.
func fullFinger() *FingerImageDataBlock {
	failed := QualityBlock{AlgorithmID: RegistryIDBlock{257, 8}, Score: ScoreOrError{Error: extended(FailureToAssess)}, Extensions: later()}
	plain := failed
	plain.Score, plain.Extensions = ScoreOrError{Error: new(Of(FailureToAssess))}, nil
	return &FingerImageDataBlock{
		Version: VersionBlock{Generation: 3, Year: 2019, Extensions: later()},
		Representations: []FingerRepresentation{{
			Position: Of(RightFour), Impression: *extended(PlainContact),
			ImageDataFormat: Of(FingerPNG), ImageData: []byte(png),
			CaptureDateTime: At(taken),
			CaptureDevice: &FingerCaptureDevice{
				ModelID: RegistryIDBlock{1, 65535}, Technology: new(Of(OpticalTIRBrightField)),
				Certifications: []RegistryIDBlock{{257, 1}, {257, 2}}, Extensions: later(),
			},
			Quality:      []QualityBlock{quality(0), quality(100), failed, plain},
			SamplingRate: &SpatialSamplingRateBlock{SamplesPerUnit: 197, Unit: Centimetre},

			PositionComputedByCaptureSystem: No, ImageRotatedToVertical: Yes, ImageHasBeenLossilyCompressed: No,
			OriginalRotation: new(359),
			Segmentation: []SegmentationBlock{{
				AlgorithmID: RegistryIDBlock{257, 3}, Extensions: later(),
				Segments: []SegmentBlock{{
					Position: Of(RightIndex), Coordinates: []Point2D{{0, 0}, {128, 65535}},
					Orientation: new(255), Quality: []QualityBlock{quality(60)},
					Confidence: &ScoreOrError{Score: 88}, Extensions: later(),
				}},
			}},
			Annotations: []AnnotationBlock{
				{Position: Of(RightLittle), Reason: Of(Amputated)},
				{Position: Of(RightRing), Reason: *extended(Bandaged), Extensions: later()},
			},
			PAD:                fullPAD(),
			Comments:           []string{"taken sitting ~", ""},
			VendorSpecificData: []ExtendedDataBlock{{DataTypeID: RegistryIDBlock{257, 4}, Data: []byte{}}},
			Extensions:         later(),
		}, {
			Position: Of(LeftIndex), Impression: Of(RolledContact), ImageDataFormat: Of(FingerWSQ), ImageData: []byte(wsq),
		}},
		Extensions: later(),
	}
}

// fullFace has every field there is, some by the base standard alone.
func fullFace() *FaceImageDataBlock {
	landmark := func(k LandmarkKind, at *LandmarkCoordinates) LandmarkBlock {
		return LandmarkBlock{Kind: k, Coordinates: at, Extensions: later()}
	}
	named := func(a AnthropometricLandmark) LandmarkKind { return LandmarkKind{Anthropometric: &a} }
	return &FaceImageDataBlock{
		Version: CurrentVersion(), Extensions: later(),
		Representations: []FaceRepresentation{{
			ID: big.NewInt(1), SessionID: new(big.Int).Lsh(big.NewInt(0xABC), 120), DerivedFrom: big.NewInt(128),
			Image: FaceImage2D{
				Data: []byte(jpeg), Information: fullInformation(), Extensions: later(),
				CaptureDevice: &FaceCaptureDevice2D{
					Spectral:   &SpectralBlock{WhiteLight: Yes, NearInfrared: No, Thermal: No, Extensions: later()},
					Technology: new(Of(PhotographOfStillCamera)), Extensions: later(),
				},
			},
			CaptureDateTime: At(taken), Quality: []QualityBlock{quality(70)}, PAD: fullPAD(),
			CaptureDevice: &FaceCaptureDevice{
				ModelID: &RegistryIDBlock{257, 5}, Certifications: []RegistryIDBlock{}, Extensions: later(),
			},
			Identity: fullIdentity(),
			Landmarks: []LandmarkBlock{
				landmark(LandmarkKind{MPEG4FeaturePoint: extended(MPEG4FeaturePoint(87))}, &LandmarkCoordinates{Cartesian2D: &Point2D{90, 22}}),
				landmark(named(AnthropometricLandmark{Name: new(Of(LandmarkName(60)))}), &LandmarkCoordinates{Texture: &TexturePoint{1 << 40, 1}}),
				landmark(named(AnthropometricLandmark{PointName: new(Of(LandmarkPointName(36)))}), &LandmarkCoordinates{Cartesian3D: &Point3D{1, 2, 3}}),
				landmark(named(AnthropometricLandmark{PointID: new(Of(LandmarkPointID(62)))}), &LandmarkCoordinates{Extension: &ExtensionBlock{}}),
				landmark(named(AnthropometricLandmark{Extension: &ExtensionBlock{later()}}), nil),
				landmark(LandmarkKind{Extension: &ExtensionBlock{later()}}, nil),
			},
			Extensions: later(),
		}},
	}
}

func fullInformation() FaceImageInformation {
	return FaceImageInformation{
		ImageDataFormat: Of(FaceJPEG), FaceImageKind: new(Of(MRTD)),
		PostAcquisitionProcessing: &PostAcquisitionProcessingBlock{
			Rotated: Yes, Cropped: Yes, DownSampled: Yes, WhiteBalanceAdjusted: No, MultiplyCompressed: No, Interpolated: No,
			ContrastStretched: No, PoseCorrected: No, MultiViewImage: No, AgeProgressed: No, SuperResolutionProcessed: No,
			Normalised: No, Extensions: later(),
		},
		LossyTransformationAttempts: new(Of(TransformedOnce)),
		CameraToSubjectDistance:     new(50000), SensorDiagonal: new(43), LensFocalLength: new(2000),
		ImageSize: &ImageSizeBlock{622, 800},
		FaceMeasurements: &FaceMeasurementsBlock{
			HeadWidth: new(300), InterEyeDistance: new(150), EyeToMouthDistance: new(180), HeadLength: new(1 << 31), Extensions: later(),
		},
		ColourSpace: new(Of(RGB24)),
		ReferenceColourMapping: &ReferenceColourMappingBlock{
			Schema: []byte("chart"), Extensions: later(),
			Values: []ReferenceColour{{Definition: []byte("white"), Value: []byte{255, 255, 255}, Extensions: later()}, {}},
		},
		Extensions: later(),
	}
}

func fullIdentity() *IdentityMetadataBlock {
	angle := func(v int) *AngleBlock { return &AngleBlock{Value: v, Uncertainty: new(180), Extensions: later()} }
	return &IdentityMetadataBlock{
		Gender: new(Of(Female)), EyeColour: extended(EyeColour(9)), HairColour: new(Of(HairColour(9))), SubjectHeight: new(65535),
		Properties: &PropertiesBlock{
			Glasses: Yes, Moustache: No, Beard: No, TeethVisible: No, PupilOrIrisNotVisible: No, MouthOpen: No, LeftEyePatch: No,
			RightEyePatch: No, DarkGlasses: No, BiometricAbsent: No, HeadCoveringsPresent: Yes, Extensions: later(),
		},
		Expression: &ExpressionBlock{
			Neutral: Yes, Smile: No, RaisedEyebrows: No, EyesLookingAwayFromTheCamera: No, Squinting: No, Frowning: No, Extensions: later(),
		},
		PoseAngle:  &PoseAngleBlock{Yaw: angle(-180), Pitch: angle(0), Roll: angle(180)},
		Extensions: later(),
	}
}
