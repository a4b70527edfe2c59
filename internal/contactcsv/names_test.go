package contactcsv_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// row reads one contact of the columns.
func row(t *testing.T, columns, cells []string) (contact, []string) {
	t.Helper()
	var in strings.Builder
	w := csv.NewWriter(&in)
	require.NoError(t, w.WriteAll([][]string{append(columns, "Email"), append(cells, "a@b.example")}))
	got := read(t, []byte(in.String()), nil)
	require.Len(t, got.Rows, 1)
	var problems []string
	for _, p := range got.Problems {
		problems = append(problems, p.Column+": "+p.Value)
	}
	return got.Rows[0].Contact, problems
}

func TestWholeNames(t *testing.T) {
	t.Parallel()
	for whole, want := range map[string][2]string{
		"Ada Ly - CTO": {"Ada", "Ly"}, "Ada Ly | Byron Inc": {"Ada", "Ly"}, "Ada Ly, CTO": {"Ada", "Ly"}, "Smith - Jones, Ann": {"Ann", "Smith - Jones"}, "🚀 Ada Ly ✔": {"Ada", "Ly"}, "Unknown Unknown": {"", ""}, "*|FNAME|*": {"", ""}, "{{first_name}}": {"", ""},
		"PD Dr. Max Weber": {"Max", "Weber"}, "RA Dr. Eva Klein": {"Eva", "Klein"}, "Lic. María López": {"María", "López"}, "Herrn Jan Koch": {"Jan", "Koch"}, "Familie Müller": {"", "Müller"}, "Deleted User": {"", ""},
		"Dr.Anna Weber": {"Anna", "Weber"}, "J.R. Ewing": {"J.R.", "Ewing"}, "'John' Smith": {"John", "Smith"}, "Г-н Иван Петров": {"Иван", "Петров"}, "0": {"", ""}, "XXX": {"", ""}, "X": {"X", ""},
		"Dr. Anna Weber": {"Anna", "Weber"}, "Mr John Smith": {"John", "Smith"}, "Prof. Dr. Max Planck": {"Max", "Planck"}, "Herr Jan Maes": {"Jan", "Maes"},
		"Smith, John, PhD": {"John", "Smith"}, "'John Smith'": {"John", "Smith"}, "MR. JOHN SMITH": {"JOHN", "SMITH"}, "Frau Dipl.-Ing. Eva Kern": {"Eva", "Kern"},
		"Dr.-Ing. Karl Benz": {"Karl", "Benz"}, "Univ.-Prof. Dr. med. Otto Wal": {"Otto", "Wal"}, "Prof.Dr. Ida Noddack": {"Ida", "Noddack"},
		"Mme Marie Curie": {"Marie", "Curie"}, "M. Jean Dupont": {"Jean", "Dupont"}, "Sra. Ana Ruiz": {"Ana", "Ruiz"}, "Sig.ra Elsa Morante": {"Elsa", "Morante"}, "Dott.ssa Rita Levi": {"Rita", "Levi"},
		"Dhr. Piet de Vries": {"Piet", "de Vries"}, "Mevr. drs. An Maas": {"An", "Maas"}, "Ing. Jan Novák, CSc.": {"Jan", "Novák"}, "Ms. Ada Lovelace": {"Ada", "Lovelace"},
		"Mr. Smith": {"", "Smith"}, "Frau Müller": {"", "Müller"}, "Mr. & Mrs. Smith": {"", "Smith"}, "Sir Elton": {"Elton", ""}, "Dr.": {"", ""},
		"Smith, Dr. John": {"John", "Smith"}, "Dr. Smith, John": {"John", "Smith"}, "van der Berg, Jan": {"Jan", "van der Berg"}, "Berg, Jan van der": {"Jan", "van der Berg"},
		"Ada van der Berg": {"Ada", "van der Berg"}, "van der Berg": {"", "van der Berg"}, "Van Morrison": {"Van", "Morrison"}, "Al Gore": {"Al", "Gore"}, "Miguel de Cervantes": {"Miguel", "de Cervantes"},
		"John Smith Jr.": {"John", "Smith"}, "John Smith III": {"John", "Smith"}, "John Smith, MBA": {"John", "Smith"}, "Ann Lee MD": {"Ann", "Lee"}, "Ann Lee, Ph. D.": {"Ann", "Lee"}, "JACK MA": {"JACK", "MA"}, "Yo-Yo Ma": {"Yo-Yo", "Ma"},
		"John Smith (Acme)": {"John", "Smith"}, "John Smith, Acme Inc.": {"John", "Smith"}, "(John Smith)": {"John", "Smith"}, `"John Smith"`: {"John", "Smith"}, "“John Smith”": {"John", "Smith"},
		"'John Smith": {"John", "Smith"}, "'Smith, John'": {"John", "Smith"}, "Gerard 't Hooft": {"Gerard", "'t Hooft"}, "Sean O'Brien": {"Sean", "O'Brien"},
		"John & Jane Smith": {"John & Jane", "Smith"}, "山田 太郎": {"太郎", "山田"}, "山田 太郎 様": {"太郎", "山田"}, "김 민수": {"민수", "김"},
		"John NULL": {"John", ""}, "null null": {"", ""}, "undefined undefined": {"", ""}, "Jennifer Null": {"Jennifer", "Null"}, "Li Na": {"Li", "Na"}, "Maj Sjöwall": {"Maj", "Sjöwall"}, "Gen Urobuchi": {"Gen", "Urobuchi"}, "Don Johnson": {"Don", "Johnson"}, "Drew Barrymore": {"Drew", "Barrymore"},
		"ada@b.example": {"", ""}, "Cher": {"Cher", ""}, "Smith": {"Smith", ""},
	} {
		got, _ := row(t, []string{"Name"}, []string{whole})
		require.Equal(t, want, [2]string{got.FirstName, got.LastName}, whole)
	}
}

func TestNamesInTwoColumns(t *testing.T) {
	t.Parallel()
	for _, test := range [][4]string{
		{"Dr. Anna", "Weber", "Anna", "Weber"},
		{"Anna", "Dr. Weber", "Anna", "Weber"},
		{"Mr", "Smith", "", "Smith"},
		{"Anna", "Frau", "Anna", "Frau"},
		{"John", "Smith, PhD", "John", "Smith"},
		{"John", "Smith Jr.", "John", "Smith"},
		{"'John'", "'t Hooft", "John", "'t Hooft"},
		{"Ludwig", "van Beethoven", "Ludwig", "van Beethoven"},
		{"ada@b.example", "Lovelace", "", "Lovelace"},
		{"Jennifer", "Null", "Jennifer", "Null"},
		{"Null", "Smith", "", "Smith"},
		{"Nan", "Goldin", "Nan", "Goldin"},
		{"Hee-jin", "Na", "Hee-jin", "Na"},
		{"NA", "NA", "", ""},
		{"None", "Smith", "", "Smith"},
		{"x", "Smith", "", "Smith"},
		{"First Name", "Smith", "", "Smith"},
		{"%FIRSTNAME%", "Smith", "", "Smith"},
		{"N / A", "Smith", "", "Smith"},
		{"не указано", "Иванова", "", "Иванова"},
		{"不明", "山田", "", "山田"},
		{"nie podano", "Nowak", "", "Nowak"},
		{"true", "Smith", "", "Smith"},
		{"True", "Smith", "True", "Smith"},
		{"Nav", "Singh", "Nav", "Singh"},
		{"0", "0", "", ""},
		{"null null", "Smith", "", "Smith"},
		{"=\"Ada\"", "=\"Ly\"", "Ada", "Ly"},
		{"Unknown", "", "", ""},
		{"-", "--", "", ""},
		{"(blank)", "#REF!", "", ""},
		{"John", "N/A", "John", ""},
		{"?", "???", "", ""},
	} {
		got, _ := row(t, []string{"First Name", "Last Name"}, []string{test[0], test[1]})
		require.Equal(t, [2]string{test[2], test[3]}, [2]string{got.FirstName, got.LastName}, "%q", test[:2])
	}
}

func TestWhatStandsAroundANameIsKept(t *testing.T) {
	t.Parallel()
	got, _ := row(t, []string{"Name"}, []string{"Prof. Dr. Ann Lee, PhD (Acme)"})
	require.Equal(t, fields("Salutation", "Prof. Dr.", "Suffix", "PhD", "Name note", "Acme"), got.Fields)
	got, _ = row(t, []string{"Salutation", "Name"}, []string{"Frau", "Dr. Ann Lee"})
	require.Equal(t, fields("Salutation", "Frau"), got.Fields, "a column of the file stays as it is")
}

// A value that stands for none is none in every column, and is reported once.
func TestValuesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"NULL", "null", "(null)", "[null]", "<null>", "#N/A", "N/A", "n/a", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NV", "#WERT!", "#¡REF!", "-", "--", "–", "undefined", "NaN", "(blank)", "#####", `\N`} {
		got, problems := row(t, []string{"Name", "Company", "Phone", "City"}, []string{value, value, value, value})
		require.Equal(t, contact{Email: "a@b.example", Fields: map[string]string{}}, got, value)
		require.Equal(t, []string{"Name: " + value, "Company: " + value, "Phone: " + value, "City: " + value}, problems)
	}
	got, problems := row(t, []string{"Name", "Company", "Country", "Allergies", "Rating", "Tag"}, []string{"Unknown", "Unknown", "NA", "None", "***", "#VIP"})
	require.Equal(t, contact{Email: "a@b.example", Fields: fields("Country", "NA", "Allergies", "None", "Rating", "***", "Tag", "#VIP")}, got, "what may be an answer is kept in a custom field")
	require.Len(t, problems, 2)

	many := read(t, []byte("Name,Email\n"+strings.Repeat("NULL,a@b.example\n", 3)+"-,c@d.example\n"), nil)
	require.Len(t, many.Problems, 2)
	require.Equal(t, []int{2, 3}, []int{many.Problems[0].Line, many.Problems[0].Rows})
}
