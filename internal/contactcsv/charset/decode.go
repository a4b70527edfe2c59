package charset

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

const (
	utf8Name = "utf-8"
	utf16le  = "utf-16le"
	utf16be  = "utf-16be"
)

// Result is what a file says once it is decoded.
type Result struct {
	// Text is UTF-8 without a byte order mark.
	Text []byte
	// Encoding is the name of the encoding, in lower case: utf-8, utf-16le,
	// utf-16be, windows-1252 …
	Encoding string
	// Doubt is set when another encoding is nearly as likely.
	Doubt *Doubt
	// Strays are the lines of a UTF-8 file that are not UTF-8.
	Strays []Stray
}

// Doubt says between which readings the choice was close.
type Doubt struct {
	Other string // the name of the other encoding
	// Here and There are one word as the chosen encoding reads it, and the other.
	Here, There string
	Line        int // where the word first stands
}

// Stray is a line of a UTF-8 file that was written in a code page.
type Stray struct {
	Line     int
	Text     string // the first piece that was decoded
	Encoding string // the code page that it was read in
}

// Decode decodes a whole file. named overrules the recognition; the error says
// that there is no encoding of that name.
func Decode(content []byte, named string) (Result, error) {
	if named != "" {
		name, enc, ok := lookup(named)
		if !ok {
			return Result{}, fmt.Errorf("there is no encoding %q; expected one like %s", named, strings.Join(Names(), ", "))
		}
		return decodeAs(content, name, enc), nil
	}
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		content = content[3:]
	case bytes.HasPrefix(content, []byte("\xff\xfe")) || wide(content, 1):
		return decodeAs(content, utf16le, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)), nil
	case bytes.HasPrefix(content, []byte("\xfe\xff")) || wide(content, 0):
		return decodeAs(content, utf16be, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)), nil
	}
	if utf8.Valid(content) {
		return Result{Text: content, Encoding: utf8Name}, nil
	}
	if valid, invalid := sequences(content); valid >= max(2, invalid) {
		return mixed(content), nil
	}
	g := guessPage(wordsOf(content), content)
	result := decodeAs(content, g.page.name, g.page.enc)
	if g.second != nil {
		result.Doubt = &Doubt{Other: g.second.name, Here: g.sample[0], There: g.sample[1], Line: lineOf(result.Text, g.sample[0])}
	}
	return result, nil
}

func decodeAs(content []byte, name string, enc encoding.Encoding) Result {
	text, err := enc.NewDecoder().Bytes(content)
	if err != nil { // decoders put U+FFFD where they cannot read; none of them fails
		text = bytes.ToValidUTF8(content, []byte("\ufffd"))
	}
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	}
	return Result{Text: bytes.TrimPrefix(text, []byte("\ufeff")), Encoding: name}
}

// wide is true when the bytes are UTF-16 without a mark whose zero bytes, those
// of ASCII, stand at odd (1) or even (0) places: they are there, hardly any is
// elsewhere, and a line end or a delimiter is among what they make.
func wide(content []byte, odd int) bool {
	head := content[:min(len(content), 4096)&^1]
	var here, there int
	structure := false
	for i := 0; i < len(head); i += 2 {
		high, low := head[i+odd], head[i+1-odd]
		if high == 0 {
			here++
			structure = structure || low == '\n' || low == '\r' || low == ',' || low == ';' || low == '\t'
		}
		if low == 0 {
			there++
		}
	}
	return structure && here >= 2 && here*10 >= len(head)/2 && there*10 <= here
}

// sequences counts the characters above ASCII that are UTF-8, and the bytes that are not.
func sequences(content []byte) (valid, invalid int) {
	for i := 0; i < len(content); {
		r, size := utf8.DecodeRune(content[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			invalid++
		case size > 1:
			valid++
		}
		i += max(size, 1)
	}
	return valid, invalid
}

// mixed decodes a file that is UTF-8 but for some lines, as when two files were
// put one behind the other: in them, each cell that is not UTF-8 is read in the
// code page that is guessed from all such cells.
func mixed(content []byte) Result {
	pieces := func(line []byte, each func([]byte)) {
		for len(line) > 0 {
			end := bytes.IndexAny(line, ",;\t|\"\r\n")
			if end < 0 {
				end = len(line) - 1
			}
			each(line[:end+1])
			line = line[end+1:]
		}
	}
	var odd []byte
	pieces(content, func(piece []byte) {
		if !utf8.Valid(piece) {
			odd = append(odd, piece...)
		}
	})
	g := guessPage(wordsOf(odd), content)
	result := Result{Encoding: utf8Name, Text: make([]byte, 0, len(content))}
	line := 1
	var last byte
	pieces(content, func(piece []byte) {
		if !utf8.Valid(piece) {
			read := decodeAs(piece, g.page.name, g.page.enc).Text
			if n := len(result.Strays); n == 0 || result.Strays[n-1].Line != line {
				result.Strays = append(result.Strays, Stray{Line: line, Text: strings.Trim(string(read), ",;\t|\"\r\n"), Encoding: g.page.name})
			}
			piece = read
		}
		result.Text = append(result.Text, piece...)
		switch end := piece[len(piece)-1]; {
		case end == '\r', end == '\n' && last != '\r':
			line++
			last = end
		default:
			last = end
		}
	})
	return result
}

// lineOf is the line in which the word first stands, from 1.
func lineOf(text []byte, word string) int {
	at := max(0, bytes.Index(text, []byte(word)))
	before := text[:at]
	return 1 + max(bytes.Count(before, []byte("\n")), bytes.Count(before, []byte("\r")))
}
