package contactcsv

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"relance/internal/campaign"
)

// add makes a contact of a record and keeps it, or counts it as skipped.
func (f *File) add(p plan, rec record) {
	if rec.blank() {
		f.Skipped++
		return
	}
	if rec.stray {
		f.report(rec.line, "", "", "a quote is opened and never closed; the line was read as if the quote were a letter")
	}
	if p.again(rec.fields) {
		f.Skipped++
		f.note(rec.line, "", "", "the header stands here again; the line was skipped")
		return
	}
	if what := summary(rec.fields); what != "" && len(p.columns) > 1 {
		f.Skipped++
		f.report(rec.line, "", what, "this is a line about the list and no contact; it was skipped")
		return
	}
	if len(rec.fields) == 1 && len(p.columns) > 2 && len(emailCell(rec.fields[0]).address) == 0 {
		// The "Confidential - do not distribute" lines under a Salesforce report.
		f.Skipped++
		f.report(rec.line, "", text(rec.fields[0]), "one cell where the header has %d; this is no contact and was skipped", len(p.columns))
		return
	}
	f.build(p, rec)
}

// build makes a contact of a record that is one, or reports that it names nobody.
func (f *File) build(p plan, rec record) {
	b := builder{file: f, plan: p, line: rec.line, fields: rec.fields, used: make([]bool, len(p.columns))}
	b.contact.Fields = map[string]string{}
	b.ragged(rec.fields)
	b.nothing()
	b.email()
	b.phone()
	b.contact.Company = b.first(company)
	b.contact.RecordID = b.record()
	b.names()
	for i := range p.columns {
		if value := text(b.cell(i)); value != "" && !b.used[i] && !p.ignored[i] && p.columns[i].Field != ownID {
			b.keep(p.names[i], value)
		}
	}
	own := b.own()
	if Key(b.contact) == "" && own == 0 {
		f.Skipped++
		f.report(rec.line, "", "", "nothing says who this is (no address, record id, name, company or phone); the row was skipped")
		return
	}
	if b.contact.Email == "" {
		if b.refused {
			f.InvalidEmail++
		} else {
			f.WithoutEmail++
		}
	}
	f.Rows = append(f.Rows, Row{Line: rec.line, Contact: b.contact, OwnID: own})
}

// builder fills one contact.
type builder struct {
	file    *File
	plan    plan
	line    int
	fields  []string
	used    []bool // the columns that went into a field
	contact campaign.Contact
	refused bool   // an address was given and cannot exist
	named   string // the name beside the address, Name <a@b>
}

// cell is the cell of a column; it is empty where the row is too short.
func (b *builder) cell(i int) string {
	if i < len(b.fields) {
		return b.fields[i]
	}
	return ""
}

const noValueProblem = "this stands for no value; it was taken to be empty"

// nothing empties the cells that stand for no value, and reports unreadable
// ones. What stands for no address is reported as an address that cannot exist.
func (b *builder) nothing() {
	b.fields = slices.Clone(b.fields)
	for i := range min(len(b.fields), len(b.plan.columns)) {
		column := b.plan.columns[i]
		if b.plan.ignored[i] {
			continue
		}
		if strings.ContainsRune(b.fields[i], unicode.ReplacementChar) {
			b.file.report(b.line, column.Header, text(b.fields[i]), "a character of this value cannot be read, or was lost before the file was written; --encoding says how the file is encoded")
		}
		field := column.Field
		if column.Custom {
			field = ""
		}
		if value := line(b.fields[i]); field != email && noValue(field, value) {
			b.file.note(b.line, column.Header, value, noValueProblem)
			b.fields[i] = ""
		}
	}
}

// keep puts a value into a custom field without overwriting another one.
func (b *builder) keep(name, value string) {
	if old, taken := b.contact.Fields[name]; taken && old != value {
		value = old + "; " + value
	}
	b.contact.Fields[name] = value
}

func (b *builder) ragged(fields []string) {
	want, have := len(b.plan.columns), len(fields)
	if have < want {
		b.file.report(b.line, "", "", "%d cells where the header has %d; the last ones were taken to be empty", have, want)
		return
	}
	extra := false
	for i := want; i < have; i++ {
		if value := text(fields[i]); value != "" {
			b.keep(fmt.Sprintf("Column %d", i+1), value)
			extra = true
		}
	}
	if extra {
		b.file.report(b.line, "", text(strings.Join(fields[want:], b.file.Delimiter)), "%d cells where the header has %d; the rest was kept in custom fields", have, want)
	}
}

// first takes the first cell of the field's columns that is not blank.
func (b *builder) first(field string) string {
	for _, i := range b.plan.sources[field] {
		if value := line(b.cell(i)); value != "" {
			b.used[i] = true
			return value
		}
	}
	return ""
}

func (b *builder) email() {
	for _, i := range b.plan.sources[email] {
		value := text(b.cell(i))
		if value == "" {
			continue
		}
		b.used[i] = true
		got := emailCell(value)
		if got.address == "" {
			b.refused = true
			b.file.report(b.line, b.plan.columns[i].Header, value, "this cannot be an email address: %s", got.problem)
			continue
		}
		b.contact.Email, b.named = got.address, got.name
		if len(got.others) > 0 {
			b.keep(b.plan.names[i]+" (others)", strings.Join(got.others, "; "))
			for _, other := range got.others {
				_, bare := undress(other)
				if _, problem := Address(bare); problem != "" {
					b.file.report(b.line, b.plan.columns[i].Header, other, "this cannot be an email address: %s", problem)
				}
			}
		}
		return
	}
}

func (b *builder) phone() {
	for _, i := range b.plan.sources[phone] {
		value := text(b.cell(i))
		if value == "" {
			continue
		}
		got, others, problem := phoneCell(value)
		if problem != "" {
			b.file.report(b.line, b.plan.columns[i].Header, value, "%s", problem)
			continue
		}
		b.used[i] = true
		b.contact.Phone = got
		if len(others) > 0 {
			b.keep(b.plan.names[i]+" (others)", strings.Join(others, "; "))
		}
		return
	}
}

// own is our own id of the contact, where it is asked for.
func (b *builder) own() int64 {
	if !b.plan.ownIDs {
		return 0
	}
	for _, i := range b.plan.sources[ownID] {
		value := line(b.cell(i))
		if value == "" {
			continue
		}
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil || id <= 0 {
			b.file.report(b.line, b.plan.columns[i].Header, value, "this is no id of a contact; expected a number as in starter contacts list")
			continue
		}
		return id
	}
	return 0
}

// record is the record id, unless a spreadsheet has rounded it: 1.23E+15 is
// the id of many contacts.
func (b *builder) record() string {
	for _, i := range b.plan.sources[recordID] {
		value := unprotect(id(b.cell(i)))
		if value == "" {
			continue
		}
		if rounded.MatchString(value) && strings.ContainsAny(value, ".,") {
			b.file.report(b.line, b.plan.columns[i].Header, value, "a spreadsheet has rounded this id; format the column as text and export again")
			continue
		}
		b.used[i] = true
		return canonicalID(value)
	}
	return ""
}
