package contactcsv

import "bytes"

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
