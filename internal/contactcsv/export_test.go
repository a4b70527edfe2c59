package contactcsv_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"relance/internal/contactcsv"
)

var update = flag.Bool("update", false, "write the golden files anew")

var exports = []string{"hubspot", "google", "outlook"}

func TestExportsOfRealProducts(t *testing.T) {
	t.Parallel()
	for _, name := range exports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, load(t, name), nil)
			golden := filepath.Join("testdata", name+".golden.json")
			shown, err := json.MarshalIndent(got, "", " ")
			require.NoError(t, err)
			if *update {
				require.NoError(t, os.WriteFile(golden, append(shown, '\n'), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.JSONEq(t, string(want), string(shown))
		})
	}
}

// Whatever Excel, in whatever language, makes of an export, the contacts are the same.
func TestEveryEncodingAndDelimiterGivesTheSameContacts(t *testing.T) {
	t.Parallel()
	for _, name := range exports {
		plain := bytes.TrimPrefix(load(t, name), []byte("\ufeff"))
		for encoding, encode := range encodings(t) {
			for _, delim := range []string{",", ";", "\t", "|"} {
				for _, end := range []string{"\n", "\r\n", "\r"} {
					t.Run(strings.Join([]string{name, encoding, delim, end}, " "), func(t *testing.T) {
						t.Parallel()
						source := plain
						if encoding == "windows-1252" {
							source = latin(plain)
						}
						want := read(t, source, nil)
						got := read(t, encode(rewrite(t, source, delim, end)), nil)
						require.Equal(t, delim, got.Delimiter)
						require.Contains(t, encoding, got.Encoding)
						require.Equal(t, want.Rows, got.Rows)
						require.Equal(t, want.Problems, got.Problems)
						require.Equal(t, want.Columns, got.Columns)
					})
				}
			}
		}
	}
}

func encodings(t *testing.T) map[string]func([]byte) []byte {
	t.Helper()
	with := func(bom string, e interface{ Bytes([]byte) ([]byte, error) }) func([]byte) []byte {
		return func(in []byte) []byte {
			out, err := e.Bytes(in)
			require.NoError(t, err)
			return append([]byte(bom), out...)
		}
	}
	utf16 := func(bom string, e unicode.Endianness) func([]byte) []byte {
		return func(in []byte) []byte {
			return with(bom, unicode.UTF16(e, unicode.IgnoreBOM).NewEncoder())(in)
		}
	}
	return map[string]func([]byte) []byte{
		"utf-8":                 func(in []byte) []byte { return in },
		"utf-8 with a mark":     func(in []byte) []byte { return append([]byte("\ufeff"), in...) },
		"utf-16le with a mark":  utf16("\xff\xfe", unicode.LittleEndian),
		"utf-16be with a mark":  utf16("\xfe\xff", unicode.BigEndian),
		"utf-16le without mark": utf16("", unicode.LittleEndian),
		"utf-16be without mark": utf16("", unicode.BigEndian),
		"windows-1252": func(in []byte) []byte {
			return with("", charmap.Windows1252.NewEncoder())(in)
		},
	}
}

// latin replaces what Windows-1252 has no letter for.
func latin(in []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return 'o'
		}
		return r
	}, in)
}

// rewrite sets the file with another delimiter and another line end.
func rewrite(t *testing.T, in []byte, delim, end string) []byte {
	t.Helper()
	var out strings.Builder
	quoted := false
	for _, r := range strings.ReplaceAll(string(in), "\r\n", "\n") {
		switch {
		case r == '"':
			quoted = !quoted
			out.WriteRune(r)
		case r == ',' && !quoted:
			out.WriteString(delim)
		case r == '\n':
			out.WriteString(end)
		default:
			out.WriteRune(r)
		}
	}
	return []byte(out.String())
}

func load(t *testing.T, name string) []byte {
	t.Helper()
	in, err := os.ReadFile(filepath.Join("testdata", name+".csv"))
	require.NoError(t, err)
	return in
}

func read(t *testing.T, in []byte, mapped map[string]string) contactcsv.File {
	t.Helper()
	file, err := contactcsv.Read(bytes.NewReader(in), contactcsv.Options{Map: mapped})
	require.NoError(t, err)
	return file
}
