package contactcsv

import (
	"maps"
	"slices"
	"strings"
)

// Values is one contact as a program gives it, each value as it would stand in a cell.
type Values struct {
	FirstName, LastName, FullName, Company, Email, Phone, RecordID string
	// Fields are custom fields by their names.
	Fields map[string]string
}

// FromValues makes of contacts what Read makes of the rows of a file that names its
// columns: the same values are cleaned, split and refused, with the same problems.
// The line of a row or a problem is the place of its contact, from 1. A contact of
// which nothing says who it is is left out and reported. source names where the
// record ids come from.
func FromValues(contacts []Values, source string) File {
	file := File{Source: strings.ToLower(strings.TrimSpace(source))}
	for i, contact := range contacts {
		plan, fields := contact.columns()
		file.build(plan, record{line: i + 1, fields: fields})
	}
	return file
}

// columns is the contact as the one row of a file.
func (v Values) columns() (plan, []string) {
	p := plan{sources: map[string][]int{}}
	var cells []string
	add := func(name, field, value string) {
		p.sources[field] = append(p.sources[field], len(cells))
		p.columns = append(p.columns, Column{Header: name, Field: field})
		p.names = append(p.names, name)
		cells = append(cells, value)
	}
	add("firstName", firstName, v.FirstName)
	add("lastName", lastName, v.LastName)
	add("name", fullName, v.FullName)
	add("company", company, v.Company)
	add("email", email, v.Email)
	add("phone", phone, v.Phone)
	add("recordId", recordID, v.RecordID)
	for _, name := range slices.Sorted(maps.Keys(v.Fields)) {
		cells = append(cells, v.Fields[name])
		p.columns = append(p.columns, Column{Header: name, Field: line(name), Custom: true})
		p.names = append(p.names, line(name))
	}
	p.ignored = make([]bool, len(p.columns))
	return p, cells
}
