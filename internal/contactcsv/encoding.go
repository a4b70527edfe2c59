package contactcsv

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// peekSize is how much of a file is looked at before it is read, in bytes.
const peekSize = 64 << 10

const utf8Name = "utf-8"

// decode finds out how the bytes are encoded and returns them as UTF-8, without
// a byte order mark. Windows-1252 is not decided here: a file of a million rows
// may have its first accent in the last one, so each record decides for itself.
func decode(r io.Reader) (io.Reader, string, error) {
	br := bufio.NewReaderSize(r, peekSize)
	head, err := br.Peek(peekSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, "", fmt.Errorf("read the file: %w", err)
	}
	if sentence := notCSV(head); sentence != "" {
		return nil, "", errors.New(sentence)
	}
	utf16 := func(e unicode.Endianness, name string) (io.Reader, string, error) {
		text := bufio.NewReaderSize(transform.NewReader(br, unicode.UTF16(e, unicode.IgnoreBOM).NewDecoder()), peekSize)
		if bom, _ := text.Peek(3); string(bom) == "\ufeff" {
			_, _ = text.Discard(3)
		}
		return text, name, nil
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, _ = br.Discard(3)
		return br, utf8Name, nil
	case bytes.HasPrefix(head, []byte("\xff\xfe")) || zeros(head, 1):
		return utf16(unicode.LittleEndian, "utf-16le")
	case bytes.HasPrefix(head, []byte("\xfe\xff")) || zeros(head, 0):
		return utf16(unicode.BigEndian, "utf-16be")
	}
	return br, utf8Name, nil
}

// zeros is true when the bytes at odd (1) or even (0) places are mostly zero
// and the others hardly ever: headers are nearly ASCII in every language here.
func zeros(head []byte, odd int) bool {
	head = head[:min(len(head), 4096)]
	var here, there int
	for i, b := range head {
		if b != 0 {
			continue
		}
		if i%2 == odd {
			here++
		} else {
			there++
		}
	}
	return here >= 2 && here*4 >= len(head) && there*10 <= here
}

// notCSV says what a file is when it is something well known that is no CSV.
func notCSV(head []byte) string {
	for _, k := range []struct{ magic, what string }{
		{"PK\x03\x04", "this is an Excel workbook (.xlsx) or another zip archive; open it and save it as CSV first"},
		{"\xd0\xcf\x11\xe0", "this is an old Excel workbook (.xls); save it as CSV first"},
		{"\x1f\x8b", "this is a gzip archive; expected a CSV: unpack it first"},
		{"%PDF", "this is a PDF; expected a CSV: export the contacts as CSV"},
		{"\x89PNG", "this is a picture; expected a CSV: export the contacts as CSV"},
		{"\xff\xd8\xff", "this is a picture; expected a CSV: export the contacts as CSV"},
	} {
		if bytes.HasPrefix(head, []byte(k.magic)) {
			if k.magic[0] == 'P' && bytes.Contains(head, []byte("xl/")) {
				return "this is an Excel workbook (.xlsx); save it as CSV first"
			}
			return k.what
		}
	}
	text := bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head[:min(len(head), 512)], []byte("\xef\xbb\xbf")), " \t\r\n"))
	for _, k := range []struct{ start, what string }{
		{"<!doctype", "this is a web page (HTML)"},
		{"<html", "this is a web page (HTML)"},
		{"<table", "this is a web page (HTML)"},
		{"<?xml", "this is XML"},
		{`{"`, "this is JSON"}, {"{\n", "this is JSON"}, {"{\r", "this is JSON"}, {"{ ", "this is JSON"}, {"{}", "this is JSON"},
		{"[{", "this is JSON"}, {"[\n", "this is JSON"}, {"[\r", "this is JSON"}, {"[ ", "this is JSON"}, {`["`, "this is JSON"}, {"[]", "this is JSON"},
		{"begin:vcard", "these are vCards"},
	} {
		if bytes.HasPrefix(text, []byte(k.start)) {
			return k.what + "; expected a CSV: export the contacts as CSV"
		}
	}
	return ""
}
