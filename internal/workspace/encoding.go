package workspace

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// decoded returns the source as UTF-8 without its byte order mark: editors of
// Windows write one, or save "Unicode", which is UTF-16 (YAML 1.2 §5.2 allows
// both). Every line break is one \n (§5.4): the parser counts \r\n inside of a
// mapping twice. why says what is wrong with the line otherwise: PostgreSQL would take
// no other text, and the parser would quietly repair it.
func decoded(source []byte) (utf []byte, line int, why string) {
	utf = source
	if bytes.HasPrefix(source, []byte("\xff\xfe")) || bytes.HasPrefix(source, []byte("\xfe\xff")) {
		var err error
		if utf, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(source); err != nil {
			return nil, 1, "not valid UTF-16; save the file as UTF-8"
		}
	}
	utf = bytes.TrimPrefix(utf, []byte("\uFEFF"))
	utf = bytes.ReplaceAll(bytes.ReplaceAll(utf, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	line = 1
	for rest := utf; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && size == 1:
			return nil, line, "a character that is not UTF-8; save the file as UTF-8"
		case r == 0:
			return nil, line, "a zero byte, which no text has; expected a workspace file in UTF-8"
		case r == '\n':
			line++
		}
		rest = rest[size:]
	}
	return utf, 0, ""
}
