//go:build !cgo

package jp2

import (
	"errors"
	"image"
)

var errNoCgo = errors.New("built without cgo: no JPEG 2000 on this station")

// Decode is an error: OpenJPEG needs cgo.
func Decode(data []byte, width, height int) (image.Image, error) {
	if _, err := check(data, width, height); err != nil {
		return nil, err
	}
	return nil, errNoCgo
}

// Encode is an error: OpenJPEG needs cgo.
func Encode(image.Image) ([]byte, error) { return nil, errNoCgo }
