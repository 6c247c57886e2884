package zfm20

import "fmt"

// A Code is how the module answers a command. As an error it is the reason why a
// command was refused; it says nothing of the finger's owner.
type Code byte

// The codes this driver tells apart.
const (
	ok           Code = 0x00
	noFinger     Code = 0x02
	imageFailed  Code = 0x03
	tooMessy     Code = 0x06
	tooFewPoints Code = 0x07
	noMatch      Code = 0x08
	notFound     Code = 0x09
	notCombined  Code = 0x0a
)

// Error returns the reason in words.
func (c Code) Error() string {
	if text := words(c); text != "" {
		return text
	}
	return fmt.Sprintf("refused with code %02x", byte(c))
}

func words(c Code) string {
	switch c {
	case ok:
		return "done"
	case 0x01:
		return "the module received the command wrongly"
	case noFinger:
		return "no finger on the glass"
	case imageFailed:
		return "no picture could be taken"
	case tooMessy:
		return "the picture is too messy"
	case tooFewPoints:
		return "the picture shows too little of the finger"
	case noMatch:
		return "the fingers do not match"
	case notFound:
		return "the finger is not known"
	case notCombined:
		return "the two pictures are not of the same finger"
	case 0x0b:
		return "there is no such place in the module's memory"
	case 0x0f:
		return "the picture could not be sent"
	case 0x10, 0x11:
		return "nothing could be deleted"
	case 0x13:
		return "the password is wrong"
	case 0x15:
		return "there is no picture"
	case 0x18:
		return "the module's memory failed"
	case 0x20:
		return "the address is wrong"
	case 0x21:
		return "the password must be given first"
	}
	return ""
}
