package inbound

import (
	"mime"
	"net/textproto"
	"strings"

	"golang.org/x/net/html/charset"

	"relance/internal/inbound/pattern"
)

var wordDecoder = mime.WordDecoder{CharsetReader: charset.NewReaderLabel}

var (
	encodedWord  = pattern.New(`=\?[^?\s]+\?[bBqQ]\?[^?]*\?=`)
	betweenWords = pattern.New(`(\?=)\s+(=\?[^?\s]+\?[bBqQ]\?)`)
)

// decodedHeader is a header whose fields are decoded and valid UTF-8.
func decodedHeader(h textproto.MIMEHeader) textproto.MIMEHeader {
	decoded := make(textproto.MIMEHeader, len(h))
	for name, values := range h {
		for _, v := range values {
			decoded[name] = append(decoded[name], decodeField(v))
		}
	}
	return decoded
}

// decodeField decodes the encoded words of a field (RFC 2047), also those that stand
// where none may stand; one that cannot be decoded stays as it is.
func decodeField(v string) string {
	if strings.Contains(v, "=?") {
		v = betweenWords.ReplaceAllString(v, "$1$2")
		v = encodedWord.ReplaceAllStringFunc(v, func(word string) string {
			if d, err := wordDecoder.Decode(word); err == nil {
				return d
			}
			return word
		})
	}
	return strings.ToValidUTF8(v, "\uFFFD")
}
