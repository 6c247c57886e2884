//go:build !linux || !(amd64 || arm64)

package v4l2

import "errors"

// System opens no device: there is no Video4Linux here.
func System(string) (Node, error) {
	return nil, errors.New("opening node: only 64-bit Linux has the cameras of this driver")
}
