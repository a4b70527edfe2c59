package inbound

import (
	"encoding/base64"
	"strings"
)

// decodeTransfer undoes a Content-Transfer-Encoding (RFC 2045 §6) as far as the content is
// in it: what is broken stays as it stands, and a missing end is only missing. Line ends
// are LF already.
func decodeTransfer(content []byte, encoding string) string {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedPrintable(content)
	case "base64":
		return lenientBase64(content)
	}
	return string(content)
}

func quotedPrintable(content []byte) string {
	var b strings.Builder
	for i := 0; i < len(content); i++ {
		c := content[i]
		if c != '=' {
			b.WriteByte(c)
			continue
		}
		rest := content[i+1:]
		if n := softBreak(rest); n > 0 {
			i += n
			continue
		}
		if len(rest) >= 2 && hex(rest[0]) >= 0 && hex(rest[1]) >= 0 {
			b.WriteByte(byte(hex(rest[0])<<4 | hex(rest[1])))
			i += 2
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// softBreak is the length of the blanks and the line end after a "=" that ends a line.
func softBreak(rest []byte) int {
	for i, c := range rest {
		switch c {
		case ' ', '\t':
		case '\n':
			return i + 1
		default:
			return 0
		}
	}
	return len(rest)
}

func hex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

func lenientBase64(content []byte) string {
	clean := make([]byte, 0, len(content))
	for _, c := range content {
		switch {
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '+', c == '/':
			clean = append(clean, c)
		}
	}
	if len(clean)%4 == 1 {
		clean = clean[:len(clean)-1]
	}
	decoded := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, err := base64.RawStdEncoding.Decode(decoded, clean)
	if err != nil {
		return string(decoded[:n]) // cannot be: only letters of the alphabet are left
	}
	return string(decoded[:n])
}
