package operator

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"relance/internal/contactcsv"
	"relance/internal/store"
)

// Enrollees are the contacts that a file names.
type Enrollees struct {
	// IDs are never nil, which would mean every contact.
	IDs []int64
	// Report is how the file was read; nil for a bare list of ids and addresses.
	Report *EnrolleesReport
}

// EnrolleesReport is how a file that names contacts was read.
type EnrolleesReport struct {
	FileRead
	Problems []FileProblem `json:"problems"`
}

// EnrolledFile is what enrolling the contacts of a file, or those of a condition, has
// done, and how they were found; without either it is Enrolled alone.
type EnrolledFile struct {
	Enrolled
	*EnrolleesReport
	// Undecided are contacts that a condition could not be decided for.
	Undecided      []Undecided `json:"undecided,omitempty"`
	UndecidedCount int         `json:"undecidedCount,omitempty"`
	// WouldEnroll is what a dry run finds.
	WouldEnroll
	// Answered counts those that Continue leaves out, as the person has answered since.
	Answered int `json:"answered,omitempty"`
	// NotAgain is set by EnrollAgain alone.
	NotAgain *NotAgain `json:"leftOut,omitempty"`
}

// Enrollees finds the contacts that a file names: a bare list of ids and
// addresses, or any file that ImportContacts reads, by the same rules. It writes
// nothing. An Invalid when the file cannot be read, an UnclearRows when a row is
// no contact, or not clearly one.
func (o *Operator) Enrollees(ctx context.Context, content io.Reader, options FileOptions) (Enrollees, error) {
	if err := options.check(); err != nil {
		return Enrollees{}, err
	}
	text, err := io.ReadAll(content)
	if err != nil {
		return Enrollees{}, fmt.Errorf("reading the contacts: %w", err)
	}
	entries, bare, err := contactcsv.ReadList(text, options.reading(true))
	if err != nil {
		return Enrollees{}, invalid("file", err)
	}
	if bare {
		ids, err := o.ContactIDs(ctx, textsOf(entries)...)
		return Enrollees{IDs: ids}, err
	}
	file, err := readContacts(bytes.NewReader(text), options.reading(true))
	if err != nil {
		return Enrollees{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Enrollees{}, err
	}
	found, err := db.FindContacts(ctx, file.rowsWithOwnIDs(), store.ImportOptions{SourceNamed: options.Source != ""})
	if err != nil {
		return Enrollees{}, err
	}
	out := Enrollees{IDs: []int64{}, Report: &EnrolleesReport{FileRead: file.read(), Problems: list(file.Problems)}}
	var unclear UnclearRows
	for i, f := range found {
		if why := notOne(file.unique[i], f); why != "" {
			unclear.Rows = append(unclear.Rows, UnclearRow{Line: file.unique[i].Line, Name: rowName(file.unique[i]), Problem: why})
		}
		out.IDs = append(out.IDs, f.ID)
	}
	if len(unclear.Rows) > 0 {
		return Enrollees{}, &unclear
	}
	return out, nil
}

func textsOf(entries []contactcsv.Entry) []string {
	texts := make([]string, len(entries))
	for i, entry := range entries {
		texts[i] = entry.Text
	}
	return texts
}

// rowsWithOwnIDs are rows, whose Contact.ID is the id that the row gives as ours.
func (f contactFile) rowsWithOwnIDs() []store.ImportRow {
	rows := f.rows()
	spelledAsJSON := slices.ContainsFunc(f.Columns, func(c FileColumn) bool { return c.Header == "contactId" })
	for i, row := range f.unique {
		if row.OwnID == 0 {
			continue
		}
		rows[i].Contact.ID = row.OwnID
		if rows[i].Contact.RecordID == "" && spelledAsJSON {
			// No other contact may have the number as a record id of another product.
			rows[i].Contact.RecordID = strconv.FormatInt(row.OwnID, 10)
		}
	}
	return rows
}

// UnclearRows refuses a file that names contacts: some of its rows are no contact,
// or not clearly one.
type UnclearRows struct{ Rows []UnclearRow }

// UnclearRow is one such row.
type UnclearRow struct {
	Line int
	// Name is what the row says of the person: an address, an id or a name.
	Name string
	// Problem continues the name: `is no contact`.
	Problem string
}

func (e *UnclearRows) Error() string {
	const most = 10
	var parts []string
	for _, row := range e.Rows[:min(most, len(e.Rows))] {
		parts = append(parts, fmt.Sprintf("line %d (%s) %s", row.Line, row.Name, row.Problem))
	}
	if left := len(e.Rows) - most; left > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", left))
	}
	are := "1 row is"
	if len(e.Rows) > 1 {
		are = fmt.Sprintf("%d rows are", len(e.Rows))
	}
	return fmt.Sprintf("nobody was enrolled, as %s not clearly one contact: %s", are, strings.Join(parts, "; "))
}

// Unwrap makes it an ErrNotFound.
func (*UnclearRows) Unwrap() error { return ErrNotFound }

// notOne says why a row is not clearly one contact; it is empty when it is.
func notOne(row contactcsv.Row, found store.Found) string {
	switch {
	case found.Differs:
		return fmt.Sprintf("has not the name and address of contact %d, so %d is another product's number", row.OwnID, row.OwnID)
	case found.ID != 0 && found.Other != 0:
		return fmt.Sprintf("may be contact %d and contact %d", found.ID, found.Other)
	case found.Other != 0:
		return fmt.Sprintf("has the record id of contact %d, which has another name, company and address", found.Other)
	case found.ID == 0:
		return "is no contact"
	}
	return ""
}

// rowName names a row by what it has.
func rowName(row contactcsv.Row) string {
	c := row.Contact
	switch {
	case c.Email != "":
		return c.Email
	case row.OwnID != 0:
		return fmt.Sprintf("id %d", row.OwnID)
	case c.RecordID != "":
		return "record id " + c.RecordID
	}
	return strings.TrimSpace(c.FirstName + " " + c.LastName + " " + c.Company)
}
