package contactcsv

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relance/internal/campaign"
)

// Key is who a contact is, for finding it again in the same file, in a later
// export and in the store. In this order:
//
//	email:<address, lower-cased>
//	record:<record id, letter case kept: Salesforce's ids differ by it>
//	person:<names>\t<company>\t<digits of the phone>, folded
//
// Names and company are lower-cased, in compatibility form (NFKC), with single
// blanks; accents count. It is empty when the contact identifies nobody.
func Key(c campaign.Contact) string {
	if c.Email != "" {
		return "email:" + strings.ToLower(c.Email)
	}
	if c.RecordID != "" {
		return "record:" + c.RecordID
	}
	plain := func(s string) string {
		return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, c.Phone)
	name, company := plain(c.FirstName+" "+c.LastName), plain(c.Company)
	phone := strings.TrimPrefix(digits, "00") // 0032 475 is +32 475
	if name == "" && company == "" && phone == "" {
		return ""
	}
	return "person:" + name + "\t" + company + "\t" + phone
}

// Merge fills the gaps of a contact from a later record of the same person:
// what the first one says stays.
func Merge(first, later campaign.Contact) campaign.Contact {
	for _, part := range []struct {
		to   *string
		from string
	}{
		{&first.FirstName, later.FirstName}, {&first.LastName, later.LastName}, {&first.Company, later.Company},
		{&first.Email, later.Email}, {&first.Phone, later.Phone}, {&first.RecordID, later.RecordID},
	} {
		if *part.to == "" {
			*part.to = part.from
		}
	}
	fields := make(map[string]string, len(first.Fields)+len(later.Fields))
	for name, value := range later.Fields {
		fields[name] = value
	}
	for name, value := range first.Fields {
		fields[name] = value
	}
	first.Fields = fields
	return first
}

// Unique returns one row a person (see Key), in the order and with the line of
// their first records, and how many rows were merged away.
func (f File) Unique() (rows []Row, duplicates int) {
	seen := make(map[string]int, len(f.Rows))
	rows = make([]Row, 0, len(f.Rows))
	for _, row := range f.Rows {
		key := Key(row.Contact)
		if i, ok := seen[key]; ok {
			rows[i].Contact = Merge(rows[i].Contact, row.Contact)
			duplicates++
			continue
		}
		seen[key] = len(rows)
		rows = append(rows, row)
	}
	return rows, duplicates
}
