package contactcsv

import (
	"bytes"
	"encoding/csv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDefused(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`=HYPERLINK("http://evil.example","x")`: `'=HYPERLINK("http://evil.example","x")`, "@SUM(1)": "'@SUM(1)", "\tx": "x", "\r=1": "'=1", " @x": "'@x", "+1+cmd|' /C calc'!A0": "'+1+cmd|' /C calc'!A0",
		"-2+3": "'-2+3", "＝1": "'＝1", "'=1": "''=1", "+32475000001": "+32475000001", "+32 475 00 00 01": "+32 475 00 00 01", "-1,5": "-1,5", "+44-7911-123456": "'+44-7911-123456",
		"Ada": "Ada", "": "", "'": "'", "'Ada'": "'Ada'", "a=b": "a=b", "-": "'-",
	} {
		require.Equal(t, want, Defused(value), value)
	}
}

// Whatever a value is, what was written for a spreadsheet is read as it would be
// without the apostrophes: as a value, as a name and as a header.
func TestReadTakesAwayWhatDefusedAdds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(17, 4))
	alphabet := []rune("''=@+-\t\r\n＝＋－＠ 0123456789.,;\"|abcÉß()<>#")
	for range 5000 {
		value := make([]rune, 1+random.IntN(9))
		for i := range value {
			value[i] = alphabet[random.IntN(len(alphabet))]
		}
		want := text(string(value))
		if want == "" || noValue("", line(string(value))) {
			continue
		}
		var file bytes.Buffer
		out := csv.NewWriter(&file)
		out.UseCRLF = true
		require.NoError(t, out.WriteAll([][]string{{"Relance ID", "Email", "what"}, {"7", "ada@contoso.example", Defused(string(value))}, {"8", "eva@contoso.example", "x"}}))
		read, err := Read(&file, Options{OwnIDs: true})
		require.NoError(t, err, "%q", value)
		require.Len(t, read.Rows, 2, "%q", value)
		require.Equal(t, want, read.Rows[0].Contact.Fields["what"], "%q in %q", string(value), file.String())
	}
	read, err := Read(strings.NewReader("Email,'=city\nada@contoso.example,Ghent\n"), Options{})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"=city": "Ghent"}, read.Rows[0].Contact.Fields)
}
