package contactcsv_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"relance/internal/contactcsv"
)

// FuzzRead holds for any bytes: no panic, every row is somebody, lines exist,
// and nothing that could break a mail's header or a database's text comes out.
func FuzzRead(f *testing.F) {
	for _, name := range exports {
		in, err := os.ReadFile("testdata/" + name + ".csv")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in[:1500])
	}
	f.Add([]byte("sep=;\r\nName;E-Mail\r\"a\"\"b;\"c\n\"d\" e;f@g.h"))
	f.Add([]byte("E\x00m\x00a\x00i\x00l\x00\n\x00a\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		file, err := contactcsv.Read(bytes.NewReader(in), contactcsv.Options{})
		if err != nil {
			return
		}
		last := 0
		for _, row := range file.Rows {
			c := row.Contact
			if contactcsv.Key(c) == "" || row.Line <= last {
				t.Fatalf("row %+v after line %d", row, last)
			}
			last = row.Line
			if strings.ContainsAny(c.FirstName+c.LastName+c.Company+c.Email+c.Phone+c.RecordID, "\r\n\x00") {
				t.Fatalf("a line break got through: %+v", c)
			}
			for name, value := range c.Fields {
				if value == "" || strings.ContainsRune(value, 0) || !utf8.ValidString(name+value) {
					t.Fatalf("field %q=%q", name, value)
				}
			}
		}
	})
}
