package plaintext_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"relance/internal/plaintext"
)

func TestTextAndLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, text, line string }{
		"plain":                 {"5.1.1 no such user", "5.1.1 no such user", "5.1.1 no such user"},
		"NUL":                   {"no \x00 such user", "no  such user", "no such user"},
		"controls":              {"a\x01b\x07c\x08d\x7fe\u0081f", "abcdef", "abcdef"},
		"title and colours":     {"5.7.1 \x1b]0;pwned\x07\x1b[31mblocked\x1b[2K", "5.7.1 blocked", "5.7.1 blocked"},
		"title up to ST":        {"a\x1b]0;t\x1b\\b\x1b]0;t\u009cc", "abc", "abc"},
		"title without end":     {"\x1b]0;the rest is words", "0;the rest is words", "0;the rest is words"},
		"title of another line": {"\x1b]0;a\nb\x07", "0;a\nb", "0;a b"},
		"a very long title":     {"\x1b]" + strings.Repeat("x", 1000) + "\x07", strings.Repeat("x", 1000), strings.Repeat("x", 1000)},
		"link":                  {"\x1b]8;;http://x.example\x07user unknown\x1b]8;;\x07", "user unknown", "user unknown"},
		"8-bit sequences":       {"a\u009b31mb\u009d0;t\u009cc\u0090q\x1b\\d", "abcd", "abcd"},
		"a device string":       {"a\x1bPq#0\x1b\\b\x1b_x\x1b\\c\x1b^y\x1b\\d\x1bXz\x1b\\e", "abcde", "abcde"},
		"character set":         {"a\x1b(Bb\x1bcd\x1b7e", "abde", "abde"},
		"cut off":               {"a\x1b[31", "a", "a"},
		"a lone escape":         {"a\x1b", "a", "a"},
		"escape before é":       {"a\x1bé", "aé", "aé"},
		"nested":                {"a\x1b[\x1b[31mb", "ab", "ab"},
		"not UTF-8":             {"M\xfcnchen \xff\xfe\xfd", "M\uFFFDnchen \uFFFD", "M\uFFFDnchen \uFFFD"},
		"a surrogate":           {"a\xed\xa0\x80b", "a\uFFFDb", "a\uFFFDb"},
		"cut within a letter":   {"caf\xc3", "caf\uFFFD", "caf\uFFFD"},
		"reordering":            {"ab\u202egpj.exe\u202c \u2066x\u2069", "abgpj.exe x", "abgpj.exe x"},
		"without width":         {"\ufeffin\u200bvis\u2060ible\u180e", "invisible", "invisible"},
		"noncharacters":         {"a\uFFFE\uFDD0\U0010FFFFb", "ab", "ab"},
		"line ends":             {"a\r\nb\rc\vd\fe\u0085f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh", "a b c d e f g h"},
		"blanks":                {"  a\t b\u00a0c  ", "  a\t b\u00a0c  ", "a b c"},
		"family":                {"👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"},
		"Persian":               {"می\u200cخواهم", "می\u200cخواهم", "می\u200cخواهم"},
		"Hebrew with a mark":    {"שלום\u200f!", "שלום\u200f!", "שלום\u200f!"},
		"flag of Wales":         {"\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F", "\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F", "\U0001F3F4\U000E0067\U000E0062\U000E0077\U000E006C\U000E0073\U000E007F"},
		"hidden tags":           {"a\U000E0068\U000E0069", "a", "a"},
		"nothing to see":        {"\u200d\u200f\u00ad", "\u200d\u200f\u00ad", ""},
		"Vietnamese, Thai":      {"Nguyễn ที่", "Nguyễn ที่", "Nguyễn ที่"},
		"a mark of Arabic":      {"\u0600\u0661", "\u0600\u0661", "\u0600\u0661"},
		"private use":           {"\ue000", "\ue000", "\ue000"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.text, plaintext.Text(c.in, 0), "%q", c.in)
			require.Equal(t, c.line, plaintext.Line(c.in, 0), "%q", c.in)
		})
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	require.Equal(t, "añb", plaintext.Text("añb", 3))
	require.Equal(t, "añ…", plaintext.Text("añbc", 3))
	require.Equal(t, "a…", plaintext.Line("a bcd", 3))
	require.Equal(t, "…", plaintext.Text("ab", 1))
	require.Equal(t, plaintext.Name, utf8.RuneCountInString(plaintext.Line(strings.Repeat("é", 10000), plaintext.Name)))
}

func TestWriter(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	n, err := fmt.Fprintf(plaintext.Writer{To: &out}, "%s\n", "\x1b[31mx\x1b[0m")
	require.NoError(t, err)
	require.Equal(t, 11, n)
	require.Equal(t, "x\n", out.String())
}

// FuzzText holds what every door relies on.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a\x00b", "\x1b]0;t\x07", "\x1b[31mx", "\xc2\x9b1m", "\U0001F3F4\U000E0067", "\r\n\u2028", "\xff", "\u202e"} {
		f.Add(s, 5)
	}
	f.Fuzz(func(t *testing.T, in string, most int) {
		text, line := plaintext.Text(in, most), plaintext.Line(in, most)
		for _, s := range []string{text, line} {
			if !utf8.ValidString(s) {
				t.Fatalf("%q gives %q, which is not UTF-8", in, s)
			}
			for _, r := range s {
				if unicode.IsControl(r) && (r != '\n' && r != '\t' || s == line && s != text) || r >= 0x202a && r <= 0x202e || r == 0x200b {
					t.Fatalf("%q gives %q with %U", in, s, r)
				}
			}
			if most > 0 && utf8.RuneCountInString(s) > most {
				t.Fatalf("%q gives %q, longer than %d", in, s, most)
			}
		}
		if again := plaintext.Text(text, most); again != text {
			t.Fatalf("%q gives %q, and that gives %q", in, text, again)
		}
		if again := plaintext.Line(line, most); again != line {
			t.Fatalf("%q gives %q, and that gives %q", in, line, again)
		}
	})
}

func TestJSON(t *testing.T) {
	t.Parallel()
	said := map[string]string{"a": "\u009b31m\x7f\u202e\U000E0068\u2028\x1b\x00é"}
	document, err := json.MarshalIndent(said, "", "  ")
	require.NoError(t, err)
	escaped := plaintext.JSON(string(document))
	require.Equal(t, escaped, plaintext.Text(escaped, 0))
	var again map[string]string
	require.NoError(t, json.Unmarshal([]byte(escaped), &again))
	require.Equal(t, said, again)
	require.Contains(t, escaped, "é")
}
