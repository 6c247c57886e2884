package iso39794

// A LandmarkBlock is a point of a face and where it lies.
type LandmarkBlock struct {
	Kind        LandmarkKind
	Coordinates *LandmarkCoordinates
	Extensions  []byte
}

func (b *LandmarkBlock) fields(c *coder) {
	c.block(0, "landmarkKind", &b.Kind)
	may(c, 1, "landmarkCoordinates", &b.Coordinates)
	c.others(&b.Extensions)
}

// A LandmarkKind is one of two systems of landmarks, or one of a later edition.
type LandmarkKind struct {
	MPEG4FeaturePoint *Code[MPEG4FeaturePoint]
	Anthropometric    *AnthropometricLandmark
	Extension         *ExtensionBlock
}

func (b *LandmarkKind) fields(c *coder) {
	may(c, 1, "extensionBlock", &b.Extension)
	if b.Extension == nil {
		c.within(0, "base", func(c *coder) {
			may(c, 0, "mpeg4FeaturePoint", &b.MPEG4FeaturePoint)
			may(c, 1, "anthropometricLandmark", &b.Anthropometric)
		})
	}
	c.one(b.Extension != nil, b.MPEG4FeaturePoint != nil, b.Anthropometric != nil)
}

// An AnthropometricLandmark is a landmark by its name, by the name of its point or
// by the short name of its point, or one of a later edition.
type AnthropometricLandmark struct {
	Name      *Code[LandmarkName]
	PointName *Code[LandmarkPointName]
	PointID   *Code[LandmarkPointID]
	Extension *ExtensionBlock
}

func (b *AnthropometricLandmark) fields(c *coder) {
	may(c, 1, "extensionBlock", &b.Extension)
	if b.Extension == nil {
		c.within(0, "base", func(c *coder) {
			may(c, 0, "anthropometricLandmarkName", &b.Name)
			may(c, 1, "anthropometricLandmarkPointName", &b.PointName)
			may(c, 2, "anthropometricLandmarkPointId", &b.PointID)
		})
	}
	c.one(b.Extension != nil, b.Name != nil, b.PointName != nil, b.PointID != nil)
}

// LandmarkCoordinates are a place in the image, in a texture or in space, or one
// of a kind of a later edition.
type LandmarkCoordinates struct {
	Cartesian2D *Point2D
	Texture     *TexturePoint
	Cartesian3D *Point3D
	Extension   *ExtensionBlock
}

func (b *LandmarkCoordinates) fields(c *coder) {
	may(c, 1, "extensionBlock", &b.Extension)
	if b.Extension == nil {
		c.within(0, "base", func(c *coder) {
			may(c, 0, "coordinateCartesian2DBlock", &b.Cartesian2D)
			may(c, 1, "coordinateTextureImageBlock", &b.Texture)
			may(c, 2, "coordinateCartesian3DBlock", &b.Cartesian3D)
		})
	}
	c.one(b.Extension != nil, b.Cartesian2D != nil, b.Texture != nil, b.Cartesian3D != nil)
}

// A TexturePoint is a place in a texture image, in pixels from 0 on.
type TexturePoint struct{ U, V int }

func (b *TexturePoint) fields(c *coder) {
	c.integer(0, "uInPixel", &b.U, 0, maxInt)
	c.integer(1, "vInPixel", &b.V, 0, maxInt)
}

// A Point3D is a place in space, each 0 to 65535.
type Point3D struct{ X, Y, Z int }

func (b *Point3D) fields(c *coder) {
	c.integer(0, "x", &b.X, 0, 65535)
	c.integer(1, "y", &b.Y, 0, 65535)
	c.integer(2, "z", &b.Z, 0, 65535)
}

// The lists of landmarks.
type (
	MPEG4FeaturePoint int // group and point of ISO/IEC 14496-2
	LandmarkName      int
	LandmarkPointName int
	LandmarkPointID   int
)

func (MPEG4FeaturePoint) names() string {
	return `mpeg4PointCode-02-01 mpeg4PointCode-02-02 mpeg4PointCode-02-03 mpeg4PointCode-02-04
		mpeg4PointCode-02-05 mpeg4PointCode-02-06 mpeg4PointCode-02-07 mpeg4PointCode-02-08
		mpeg4PointCode-02-09 mpeg4PointCode-02-10 mpeg4PointCode-02-11 mpeg4PointCode-02-12
		mpeg4PointCode-02-13 mpeg4PointCode-02-14 mpeg4PointCode-03-01 mpeg4PointCode-03-02
		mpeg4PointCode-03-03 mpeg4PointCode-03-04 mpeg4PointCode-03-05 mpeg4PointCode-03-06
		mpeg4PointCode-03-07 mpeg4PointCode-03-08 mpeg4PointCode-03-09 mpeg4PointCode-03-10
		mpeg4PointCode-03-11 mpeg4PointCode-03-12 mpeg4PointCode-03-13 mpeg4PointCode-03-14
		mpeg4PointCode-04-01 mpeg4PointCode-04-02 mpeg4PointCode-04-03 mpeg4PointCode-04-04
		mpeg4PointCode-04-05 mpeg4PointCode-04-06 mpeg4PointCode-05-01 mpeg4PointCode-05-02
		mpeg4PointCode-05-03 mpeg4PointCode-05-04 mpeg4PointCode-06-01 mpeg4PointCode-06-02
		mpeg4PointCode-06-03 mpeg4PointCode-06-04 mpeg4PointCode-07-01 mpeg4PointCode-08-01
		mpeg4PointCode-08-02 mpeg4PointCode-08-03 mpeg4PointCode-08-04 mpeg4PointCode-08-05
		mpeg4PointCode-08-06 mpeg4PointCode-08-07 mpeg4PointCode-08-08 mpeg4PointCode-08-09
		mpeg4PointCode-08-10 mpeg4PointCode-09-01 mpeg4PointCode-09-02 mpeg4PointCode-09-03
		mpeg4PointCode-09-04 mpeg4PointCode-09-05 mpeg4PointCode-09-06 mpeg4PointCode-09-07
		mpeg4PointCode-09-08 mpeg4PointCode-09-09 mpeg4PointCode-09-10 mpeg4PointCode-09-11
		mpeg4PointCode-09-12 mpeg4PointCode-09-13 mpeg4PointCode-09-14 mpeg4PointCode-09-15
		mpeg4PointCode-10-01 mpeg4PointCode-10-02 mpeg4PointCode-10-03 mpeg4PointCode-10-04
		mpeg4PointCode-10-05 mpeg4PointCode-10-06 mpeg4PointCode-10-07 mpeg4PointCode-10-08
		mpeg4PointCode-10-09 mpeg4PointCode-10-10 mpeg4PointCode-11-01 mpeg4PointCode-11-02
		mpeg4PointCode-11-03 mpeg4PointCode-11-04 mpeg4PointCode-11-05 mpeg4PointCode-11-06
		mpeg4PointCode-12-01 mpeg4PointCode-12-02 mpeg4PointCode-12-03 mpeg4PointCode-12-04`
}

func (LandmarkName) names() string {
	return `vertex glabella opisthocranion eurionLeft eurionRight frontotemporaleLeft frontotemporaleRight
		trichion zygionLeft zygionRight gonionLeft gonionRight sublabiale pogonion menton
		condylionLateraleLeft condylionLateraleRight endocanthionLeft endocanthionRight exocanthionLeft
		exocanthionRight centerPointOfPupilLeft centerPointOfPupilRight orbitaleLeft orbitaleRight
		palpebraleSuperiusLeft palpebraleSuperiusRight palpebraleInferiusLeft palpebraleInferiusRight
		orbitaleSuperiusLeft orbitaleSuperiusRight superciliareLeft superciliareRight nasion sellion
		alareLeft alareRight pronasale subnasale subalare alarCurvatureLeft alarCurvatureRight
		maxillofrontale christaPhiltraLandmarkLeft christaPhiltraLandmarkRight labialeSuperius
		labialeInferius cheilionLeft cheilionRight stomion superauraleLeft superauraleRight subauraleLeft
		subauraleRight preaurale postaurale otobasionSuperiusLeft otobasionSuperiusRight otobasionInferius
		porion tragion`
}

func (LandmarkPointName) names() string {
	return `pointCode-01-01 pointCode-01-02 pointCode-01-05 pointCode-01-06 pointCode-01-07 pointCode-01-08
		pointCode-01-09 pointCode-02-01 pointCode-02-02 pointCode-02-03 pointCode-02-04 pointCode-02-05
		pointCode-02-06 pointCode-02-07 pointCode-02-09 pointCode-02-10 pointCode-03-01 pointCode-03-02
		pointCode-03-03 pointCode-03-04 pointCode-03-05 pointCode-03-06 pointCode-03-07 pointCode-03-08
		pointCode-03-09 pointCode-03-10 pointCode-03-11 pointCode-03-12 pointCode-04-01 pointCode-04-02
		pointCode-04-03 pointCode-04-04 pointCode-05-01 pointCode-05-02 pointCode-05-03 pointCode-05-04
		pointCode-05-06`
}

func (LandmarkPointID) names() string {
	return `v g op eu-left eu-right ft-left ft-right tr zy-left zy-right go-left go-right sl pg gn cdl-left
		cdl-right en-left en-right ex-left ex-right p-left p-right or-left or-right ps-left ps-right
		pi-left pi-right os-left os-right sci-left sci-right n se al-left al-right prn sn sbal ac-left
		ac-right mf-left mf-right cph-left cph-right ls li ch-left ch-right sto sa-left sa-right sba-left
		sba-right pra-left pra-right pa obs-left obs-right obi po t`
}
