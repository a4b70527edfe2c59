package smtp

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"relance/internal/plaintext"
)

// Bounds of one reply. RFC 5321 §4.5.3.1.5 allows 512 octets a line, and nobody keeps to
// it; what is longer is read to its end and its words are dropped.
const (
	maxReplyLine  = 2000
	maxReplyLines = 200
	maxReplyWords = plaintext.Note
)

// readReply reads one reply (RFC 5321 §4.2, §4.2.1): the code, and the words of its lines
// parted by "\n", as plain text. A bare code is a reply as well. Lines with different codes are none.
func readReply(in *bufio.Reader) (code int, words string, err error) {
	var lines []string
	for range maxReplyLines {
		text, err := readLine(in)
		if err != nil {
			return 0, "", err
		}
		if len(text) < 3 || !digits(text[:3]) || text[0] < '2' || text[0] > '5' {
			return 0, "", errNoReply
		}
		n := int(text[0]-'0')*100 + int(text[1]-'0')*10 + int(text[2]-'0')
		if code != 0 && n != code {
			return 0, "", errNoReply
		}
		code = n
		rest := text[3:]
		if rest != "" && rest[0] != ' ' && rest[0] != '-' {
			return 0, "", errNoReply
		}
		lines = append(lines, strings.TrimLeft(rest, " -"))
		if rest == "" || rest[0] == ' ' {
			return code, plaintext.Text(strings.Join(lines, "\n"), maxReplyWords), nil
		}
	}
	return 0, "", errNoReply
}

// readLine reads up to the line end and keeps the beginning. A line that the connection
// ends within is not a line: half a reply is no reply.
func readLine(in *bufio.Reader) (string, error) {
	var kept []byte
	for {
		part, err := in.ReadSlice('\n')
		if room := maxReplyLine - len(kept); room > 0 {
			kept = append(kept, part[:min(room, len(part))]...)
		}
		switch {
		case err == nil:
			return strings.TrimRight(string(kept), "\r\n"), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			if errors.Is(err, io.EOF) && len(kept) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return "", err
		}
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
