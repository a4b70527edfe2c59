package contactcsv

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"relance/internal/campaign"
)

// Key is who a contact is by the surest thing that is known. In this order:
//
//	record:<record id, letter case kept: Salesforce's ids differ by it>
//	email:<address, lower-cased>
//	person:<names>\t<company>\t<digits of the phone>, folded
//
// It is empty when the contact identifies nobody.
func Key(c campaign.Contact) string {
	if c.RecordID != "" {
		return "record:" + c.RecordID
	}
	if c.Email != "" {
		return "email:" + strings.ToLower(c.Email)
	}
	return Person(c)
}

// Person is a contact's name, company and phone, folded, with which one is
// recognised that has neither record id nor address. Names and company are
// lower-cased, in compatibility form (NFKC), with single blanks; accents count.
func Person(c campaign.Contact) string {
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

// Unique returns one row a person, in the order and with the line of their
// first records, and how many rows were merged away: rows with one record id,
// rows with one address, and rows with neither that are one Person. Two records
// with one address are one person, with both record ids. One record with
// two addresses keeps the first, and that is a problem to look at.
func (f File) Unique() (rows []Row, duplicates int, problems []Problem) {
	seen := make(map[string]int, len(f.Rows))
	rows = make([]Row, 0, len(f.Rows))
	for _, row := range f.Rows {
		c := row.Contact
		if row.OwnID != 0 { // our id says who it is
			if key := "own:" + strconv.FormatInt(row.OwnID, 10); seen[key] == 0 {
				rows = append(rows, row)
				seen[key] = len(rows)
			} else {
				duplicates++
				rows[seen[key]-1].Merged = append(rows[seen[key]-1].Merged, row.Line)
			}
			continue
		}
		byRecord, byEmail := campaign.Contact{RecordID: c.RecordID}, campaign.Contact{Email: c.Email}
		i, ok := seen[Key(byRecord)]
		if !ok {
			i, ok = seen[Key(byEmail)]
		}
		if !ok && c.RecordID == "" && c.Email == "" {
			i, ok = seen[Person(c)]
		}
		if !ok {
			i = len(rows)
			rows = append(rows, row)
		} else {
			duplicates++
			first := &rows[i]
			first.Merged = append(first.Merged, row.Line)
			switch {
			case c.Email != "" && first.Contact.Email != "" && !strings.EqualFold(c.Email, first.Contact.Email):
				problems = append(problems, Problem{Line: row.Line, Value: c.Email,
					Problem: fmt.Sprintf("record id %s has another address here than in line %d (%s), which counts", c.RecordID, first.Line, first.Contact.Email)})
				c.Email = ""
			case c.RecordID != "" && first.Contact.RecordID != "" && c.RecordID != first.Contact.RecordID:
				first.Also = append(first.Also, c.RecordID)
				if !sameNames(c, first.Contact) {
					problems = append(problems, Problem{Line: row.Line, Value: c.Email,
						Problem: fmt.Sprintf("%s has the address of %s in line %d; one address is one contact", c.Name(), first.Contact.Name(), first.Line)})
				}
			}
			first.Contact = Merge(first.Contact, c)
		}
		for _, key := range []string{Key(byRecord), Key(byEmail)} {
			if _, known := seen[key]; key != "" && !known {
				seen[key] = i
			}
		}
		if c.RecordID == "" && c.Email == "" {
			seen[Person(c)] = i
		}
	}
	return rows, duplicates, problems
}

func sameNames(a, b campaign.Contact) bool {
	plain := func(c campaign.Contact) string {
		return Person(campaign.Contact{FirstName: c.FirstName, LastName: c.LastName})
	}
	return plain(a) == "" || plain(b) == "" || plain(a) == plain(b)
}
