package contactcsv

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Column says how one column of the file is read, for a preview.
type Column struct {
	Header string `json:"header"`
	// Field is first_name, last_name, full_name, company, email, phone,
	// record_id, relance_id or, when Custom is true, the name of a custom field. It is
	// empty when the column is ignored.
	Field  string `json:"field"`
	Custom bool   `json:"custom"`
}

// plan is how the cells of a row become a contact.
type plan struct {
	columns []Column
	// sources are, for each field, the columns to ask in this order.
	sources map[string][]int
	// names are the custom field names of the columns, also of those that feed
	// a field: what is not used for it is kept under this name.
	names  []string
	ownIDs bool // Options.OwnIDs
	// ignored columns are left out altogether.
	ignored []bool
}

func newPlan(header []string, at layout, o Options) (plan, error) {
	p := plan{
		ownIDs:  o.OwnIDs,
		columns: make([]Column, len(header)), names: customNames(header),
		sources: map[string][]int{}, ignored: make([]bool, len(header)),
	}
	overrides, err := overridesOf(header, o.Map)
	if err != nil {
		return plan{}, err
	}
	found := map[string]bool{}
	ranks := make([]place, len(header))
	for i, h := range header {
		if to, ok := overrides[i]; ok {
			found[builtin(to)] = true
			continue
		}
		if at, ok := recognise(h); ok {
			if ownHeader(h, o.OwnIDs) {
				at.field = ownID
			}
			if at.rank == productRank && found[recordID] {
				continue // one numbering a file: ids of two products never fill in for each other
			}
			ranks[i] = at
			found[at.field] = true
		}
	}
	ownNumbering(ranks)
	forced := map[string]bool{}
	for i, h := range header {
		column := Column{Header: h, Field: p.names[i], Custom: true}
		if to, ok := overrides[i]; ok {
			switch field := builtin(to); {
			case to == "":
				column, p.ignored[i] = Column{Header: h}, true
			case field != "":
				column = Column{Header: h, Field: field}
				forced[field] = true
			default:
				column.Field, p.names[i] = to, to
			}
		} else if field := ranks[i].field; field != "" {
			column = Column{Header: h, Field: whichName(field, found)}
		}
		p.columns[i] = column
	}
	for i := range p.columns {
		c := &p.columns[i]
		if c.Custom || c.Field == "" {
			continue
		}
		if _, over := overrides[i]; !over && forced[c.Field] {
			c.Field, c.Custom = p.names[i], true
			continue
		}
		p.sources[c.Field] = append(p.sources[c.Field], i)
	}
	for _, indexes := range p.sources {
		slices.SortStableFunc(indexes, func(a, b int) int { return ranks[a].rank - ranks[b].rank })
	}
	if len(p.sources) == 0 {
		return plan{}, unrecognised(header, at)
	}
	return p, nil
}

// ownNumbering leaves out an id of another product where the file has its own ids
// further to the right.
func ownNumbering(ranks []place) {
	own := slices.ContainsFunc(ranks, func(at place) bool { return at.field == recordID && at.rank != productRank })
	for i, at := range ranks {
		if own && at.field == recordID && at.rank == productRank {
			ranks[i] = place{}
		}
	}
}

// whichName decides what a header that only says "name" means.
func whichName(field string, found map[string]bool) string {
	switch {
	case field != someName:
		return field
	case found[firstName] && !found[lastName]:
		return lastName
	case found[lastName] && !found[firstName]:
		return firstName
	}
	return fullName
}

// builtin returns the field of a contact that a name given by a person means,
// or "" when it is a custom field.
func builtin(name string) string {
	for _, field := range []string{firstName, lastName, fullName, company, email, phone, recordID, ownID} {
		if fold(name) == fold(field) {
			return field
		}
	}
	return ""
}

// overridesOf finds the columns of Options.Map: by the exact header, else by
// the folded one.
func overridesOf(header []string, mapped map[string]string) (map[int]string, error) {
	overrides := map[int]string{}
	for _, column := range slices.Sorted(maps.Keys(mapped)) {
		to := strings.TrimSpace(mapped[column])
		if to == "-" {
			to = ""
		}
		hit := false
		for _, same := range []func(string) bool{
			func(h string) bool { return h == line(column) },
			func(h string) bool { return fold(h) == fold(column) && fold(h) != "" },
		} {
			for i, h := range header {
				if !hit && same(h) {
					overrides[i], hit = to, true
				}
			}
		}
		if !hit {
			return nil, fmt.Errorf("there is no column %q to map; the columns are %s", column, quoted(header))
		}
	}
	return overrides, nil
}

// customNames are the headers, made unique; a column without one is "Column 5".
func customNames(header []string) []string {
	names := make([]string, len(header))
	taken := map[string]bool{}
	for i, h := range header {
		if h == "" {
			h = fmt.Sprintf("Column %d", i+1)
		}
		name := h
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s (%d)", h, n)
		}
		taken[name], names[i] = true, name
	}
	return names
}

// unrecognised says what to do about a file of which no column is known: the
// line that looks like the header, and the column that holds the addresses.
func unrecognised(header []string, at layout) error {
	for _, cell := range header {
		if _, problem := Address(cell); problem == "" {
			return fmt.Errorf("line %d looks like a contact (%q); expected a line with the names of the columns before it, for example Email,First name,Last name,Company", at.header, cell)
		}
	}
	if at.addresses >= 0 && at.addresses < len(header) && header[at.addresses] != "" {
		return fmt.Errorf("no column is recognised; line %d has the columns %s; addresses stand in the column %q: --map %q", at.header, quoted(header), header[at.addresses], header[at.addresses]+"=email")
	}
	return fmt.Errorf("no column is recognised; line %d has the columns %s; say what they are (--map column=field), or in which line the names of the columns stand (--header-line)", at.header, quoted(header))
}

func quoted(header []string) string {
	const most = 60
	out := make([]string, 0, len(header))
	for _, h := range header[:min(len(header), most)] {
		if r := []rune(h); len(r) > 80 {
			h = string(r[:80]) + "…"
		}
		out = append(out, fmt.Sprintf("%q", h))
	}
	if len(header) > most {
		out = append(out, fmt.Sprintf("and %d more", len(header)-most))
	}
	return strings.Join(out, ", ")
}
