package contactcsv_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/contactcsv"
)

type contact = campaign.Contact

func TestOneRow(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in     string
		mapped map[string]string
		want   contact
	}{
		"sep= of Excel":           {in: "sep=;\nVorname;Nachname;Firma;E-Mail\nJo;Li;X, Y;j@x.de", want: contact{FirstName: "Jo", LastName: "Li", Company: "X, Y", Email: "j@x.de"}},
		"French":                  {in: "Nom;Prénom;Société;Adresse e-mail\nLi;Jo;X;j@x.fr", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.fr"}},
		"Dutch":                   {in: "Voornaam\tNaam\tBedrijf\tE-mailadres\nJo\tLi\tX\tj@x.nl", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.nl"}},
		"Spanish":                 {in: "Nombre;Apellidos;Empresa;Correo electrónico\nJo;Li;X;j@x.es", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.es"}},
		"Italian":                 {in: "Nome;Cognome;Azienda;Posta elettronica\nJo;Li;X;j@x.it", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.it"}},
		"Portuguese":              {in: "Nome;Sobrenome;Empresa;E-mail\nJo;Li;X;j@x.br", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.br"}},
		"Polish":                  {in: "Imię;Nazwisko;Nazwa firmy;Adres e-mail\nJo;Li;X;j@x.pl", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.pl"}},
		"Salesforce":              {in: "\"Contact ID\",\"First Name\",\"Last Name\",\"Account Name\",\"Email\"\n\"003Aa\",\"Jo\",\"Li\",\"X\",\"j@x.io\"", want: contact{RecordID: "003Aa", FirstName: "Jo", LastName: "Li", Company: "X", Email: "j@x.io"}},
		"Mailchimp":               {in: "Email Address,First Name,Last Name,LEID\nj@x.io,Jo,Li,77", want: contact{RecordID: "77", FirstName: "Jo", LastName: "Li", Email: "j@x.io"}},
		"Pipedrive":               {in: "Person - Name,Person - Email - Work,Person - Email - Home,Person - Organization\nJo Li,,h@x.io,X", want: contact{FirstName: "Jo", LastName: "Li", Company: "X", Email: "h@x.io"}},
		"the first address wins":  {in: "E-mail 2 - Value,E-mail 1 - Value\nb@x.io,a@x.io", want: contact{Email: "a@x.io", Fields: fields("E-mail 2 - Value", "b@x.io")}},
		"Google's :::":            {in: "Email,Phone\na@x.io ::: b@x.io,+32 475 00 00 01 ::: +32 475 00 00 02", want: contact{Email: "a@x.io", Phone: "+32475000001", Fields: fields("Email (others)", "b@x.io", "Phone (others)", "+32 475 00 00 02")}},
		"name beside the address": {in: "Email\n\"Li, Jo <J@X.IO>\"", want: contact{FirstName: "Jo", LastName: "Li", Email: "j@x.io"}},
		"mailto, marks, blanks":   {in: "Email,Company\n\u200b\u00a0<mailto:j@x.io>.,\u00a0X\u00a0 Y ", want: contact{Email: "j@x.io", Company: "X Y"}},
		"phones out of Excel":     {in: "Mobile Phone,Email\n'+32475000001,=\"j@x.io\"", want: contact{Phone: "+32475000001", Email: "j@x.io"}},
		"custom fields":           {in: "Email,Middle Name,Notes,\nj@x.io,M,\"=HYPERLINK(\"\"x\"\")\",z", want: contact{Email: "j@x.io", Fields: fields("Middle Name", "M", "Notes", `=HYPERLINK("x")`, "Column 4", "z")}},
		"map":                     {in: "A,B,Email,C,D\nj@x.io,Jo,old@x.io,t,u", mapped: map[string]string{"A": "email", "b": "first_name", "C": "-", "D": "Town"}, want: contact{Email: "j@x.io", FirstName: "Jo", Fields: fields("Email", "old@x.io", "Town", "u")}},
		"stray quotes":            {in: "Email,Company\nj@x.io,5\" Pipes", want: contact{Email: "j@x.io", Company: `5" Pipes`}},
		"undoubled quotes":        {in: "Company,Email\n\"The \"Big\" Bakery\",j@x.io", want: contact{Email: "j@x.io", Company: `The "Big" Bakery`}},
		"a word in quotes":        {in: "Company,Email\n\"Big\" Bakery,j@x.io", want: contact{Email: "j@x.io", Company: `"Big" Bakery`}},
		"NUL bytes":               {in: "Email,Company\nj@x.io,X\x00Y\x00", want: contact{Email: "j@x.io", Company: "XY"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := read(t, []byte(test.in), test.mapped)
			if test.want.Fields == nil {
				test.want.Fields = map[string]string{}
			}
			require.Len(t, got.Rows, 1, "problems: %v", got.Problems)
			require.Equal(t, test.want, got.Rows[0].Contact)
		})
	}
}

func fields(pairs ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func TestProblems(t *testing.T) {
	t.Parallel()
	in := "First name,Email,Phone,Note\n" +
		"Ada,user@localhost,call after 5pm,\n" +
		"\n" +
		",,,somebody\n" +
		"Bob,b@x.io\n" +
		"Cyd,c@x.io,,n,more\n" +
		"Confidential\n" +
		"\"Dee,d@x.io,,n\n" +
		"Eve,,3.2475E+10,\"two\nlines\"\n" +
		"Fay,a..b@x.io,,\n"
	got := read(t, []byte(in), nil)
	require.Equal(t, []contactcsv.Problem{
		{Line: 2, Column: "Email", Value: "user@localhost", Problem: `this cannot be an email address: the domain "localhost" has no dot`},
		{Line: 2, Column: "Phone", Value: "call after 5pm", Problem: "this is not a phone number; it is kept as a custom field"},
		{Line: 4, Problem: "nothing says who this is (no address, record id, name, company or phone); the row was skipped"},
		{Line: 5, Problem: "2 cells where the header has 4; the last ones were taken to be empty"},
		{Line: 6, Value: "more", Problem: "5 cells where the header has 4; the rest was kept in custom fields"},
		{Line: 7, Value: "Confidential", Problem: "one cell where the header has 4; this is no contact and was skipped"},
		{Line: 8, Problem: "a quote is opened and never closed; the line was read as if the quote were a letter"},
		{Line: 9, Column: "Phone", Value: "3.2475E+10", Problem: "a spreadsheet has rounded this number; format the column as text and export again"},
		{Line: 11, Column: "Email", Value: "a..b@x.io", Problem: "this cannot be an email address: there are two dots in a row"},
	}, got.Problems)
	require.Equal(t, []int{3, 1, 2}, []int{got.Skipped, got.WithoutEmail, got.InvalidEmail})
	require.Len(t, got.Rows, 6)
	require.Equal(t, "two\nlines", got.Rows[4].Contact.Fields["Note"])
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                      "the file is empty; expected a CSV with a line that names the columns",
		"\ufeff\r\n\r\n":        "the file is empty; expected a CSV with a line that names the columns",
		"PK\x03\x04 xl/":        "this is an Excel workbook (.xlsx); save it as CSV first",
		"%PDF-1.7":              "this is a PDF; expected a CSV: export the contacts as CSV",
		"\n<!DOCTYPE html>":     "this is a web page (HTML); expected a CSV: export the contacts as CSV",
		`[{"email":"a@b.c"}]`:   "this is JSON; expected a CSV: export the contacts as CSV",
		"BEGIN:VCARD\r\n":       "these are vCards; expected a CSV: export the contacts as CSV",
		"Colour;Size\nred;2\n":  `no column is recognised; line 1 has the columns "Colour", "Size"; say what they are (--map column=field), or in which line the names of the columns stand (--header-line)`,
		"a@x.io,Ada\nb@x.io,B ": `line 1 looks like a contact ("a@x.io"); expected a line with the names of the columns before it, for example Email,First name,Last name,Company`,
	} {
		_, err := contactcsv.Read(strings.NewReader(in), contactcsv.Options{})
		require.EqualError(t, err, want)
	}
	_, err := contactcsv.Read(strings.NewReader("Email,X\n"), contactcsv.Options{Map: map[string]string{"Mail": "email"}})
	require.EqualError(t, err, `there is no column "Mail" to map; the columns are "Email", "X"`)
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	got := read(t, []byte("Record ID,Name,Email,Phone\n1,Ada,A@X.IO,\n2,,a@x.io,0475 12 34 56\n3,Bob,,\n3,Bo,,\n,Cy  Li,-,0032 475 00 00 01\n,cy li,,+32475000001\n"), nil)
	require.Len(t, got.Rows, 6)
	rows, duplicates, problems := got.Unique()
	require.Empty(t, problems)
	require.Equal(t, 3, duplicates)
	require.Equal(t, []string{"2"}, rows[0].Also)
	require.Equal(t, contact{FirstName: "Ada", Email: "a@x.io", RecordID: "1", Phone: "0475 12 34 56", Fields: map[string]string{}}, rows[0].Contact)
	require.Equal(t, []string{"record:1", "record:3", "person:cy li\t\t32475000001"}, []string{contactcsv.Key(rows[0].Contact), contactcsv.Key(rows[1].Contact), contactcsv.Key(rows[2].Contact)})
}
