package contactcsv_test

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/contactcsv"
)

// A program's contact becomes what the same values become in a file.
func TestValuesAreReadAsAFileIs(t *testing.T) {
	t.Parallel()
	given := []contactcsv.Values{
		{FirstName: " Ada ", LastName: "Lovelace, PhD", Email: "Ada <Ada@B.example>; second@b.example", Phone: "+44 20 7946 0018 ; 12", RecordID: "00QA0000001abcd", Company: "N/A", Fields: map[string]string{"City": "NULL", "Zip": " 1000 "}},
		{FullName: "Dr. van der Berg, Bob", Email: "not an address", Phone: "none"},
		{Email: "Carl Sagan <carl@b.example>", Fields: map[string]string{"City": "Ithaca\nNY"}},
		{RecordID: "1.23E+15", FirstName: "x", Email: "a@b@c.example"},
		{FirstName: "Nan", LastName: "Null", Company: "=\"007\"", Phone: "0032475123456", RecordID: "1042.0"},
		{},
	}
	var file bytes.Buffer
	writer := csv.NewWriter(&file)
	require.NoError(t, writer.Write([]string{"First name", "Last name", "Full name", "Company", "Email", "Phone", "Record ID", "City", "Zip"}))
	for _, v := range given[:len(given)-1] { // a blank line is none
		require.NoError(t, writer.Write([]string{v.FirstName, v.LastName, v.FullName, v.Company, v.Email, v.Phone, v.RecordID, v.Fields["City"], v.Fields["Zip"]}))
	}
	writer.Flush()
	read, err := contactcsv.Read(&file, contactcsv.Options{Source: "salesforce"})
	require.NoError(t, err)
	got := contactcsv.FromValues(given, " Salesforce")
	require.Len(t, got.Rows, len(read.Rows))
	var problems, want []string
	for i, row := range read.Rows {
		fields := map[string]string{}
		for name, value := range got.Rows[i].Contact.Fields {
			fields[map[string]string{"email (others)": "Email (others)", "phone (others)": "Phone (others)", "email": "Email", "phone": "Phone", "recordId": "Record ID", "firstName": "First name"}[name]] = value
			if _, named := map[string]bool{"City": true, "Zip": true, "Salutation": true, "Suffix": true}[name]; named {
				fields[name] = value
			}
		}
		delete(fields, "")
		require.Equal(t, row.Contact.Fields, fields, "row %d", i)
		one, other := got.Rows[i].Contact, row.Contact
		one.Fields, other.Fields = nil, nil
		require.Equal(t, other, one, "row %d", i)
	}
	for _, p := range read.Problems {
		want = append(want, p.Value+": "+p.Problem)
	}
	for _, p := range got.Problems {
		problems = append(problems, p.Value+": "+p.Problem)
		require.LessOrEqual(t, p.Line, len(given))
	}
	last := len(problems) - 1
	require.Contains(t, problems[last], "nothing says who this is")
	require.ElementsMatch(t, want, problems[:last])
	require.Equal(t, read.Source, got.Source)
	require.Equal(t, "00QA0000001abcdMAA", got.Rows[0].Contact.RecordID)
}
