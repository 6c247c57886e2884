package capture_test

import "image"

// glass is what a single-finger scanner shows at 500 ppi.
var glass = image.Pt(400, 500)
