package operator

import (
	"context"
	"encoding/csv"

	"fmt"
	"io"
	"slices"
	"strconv"

	"relance/internal/contactcsv"
	"relance/internal/failure"
)

// A file to fill in has a line for each contact of a part: our own id, the names, the
// company, and a column for each value that is missing. Its values are those that
// spreadsheets cannot execute; see contactcsv.Defused.
var fillColumns = []string{"Relance ID", "First name", "Last name", "Company"}

// the fields of a contact that have a column of their own, by the variable's name.
var columnOf = map[string]string{"first_name": "First name", "last_name": "Last name", "company": "Company", "email": "Email", "phone": "Phone"}

// missing lists what the contacts of a part miss: the address, or variables.
func (o *Operator) missing(ctx context.Context, part Part) ([]string, error) {
	switch part.Code {
	case failure.ContactHasNoEmail, failure.EmailAlreadyBounced:
		return []string{"email"}, nil
	case failure.MessageCannotBeRendered:
		names, err := o.MissingVariables(ctx, part)
		return slices.DeleteFunc(names, func(name string) bool { return name == "full_name" || name == "name" }), err
	case failure.EmailAccountDisconnected, failure.EmailAccountInError, failure.OwnerHasNoSendingAddress, failure.NoCreditsLeft,
		failure.SendingFailed, failure.OwnerHasNoPhone, failure.DeliveryUncertain, failure.NoCommonSendingTime, failure.MailboxUnreadable, failure.WorkflowEnded:
	}
	return nil, &Invalid{Field: "code", Text: string(part.Code) + " is not repaired by filling in values of contacts"}
}

// WriteFillFile writes the file to fill in for the contacts of a part, in UTF-8 with a
// byte order mark, each contact once. An Invalid where there is nothing to fill in.
func (o *Operator) WriteFillFile(ctx context.Context, part Part, to func() io.Writer) error {
	names, err := o.missing(ctx, part)
	if err != nil {
		return err
	}
	header := slices.Clone(fillColumns)
	for _, name := range names {
		if column := headerOf(name); !slices.Contains(header, column) {
			header = append(header, column)
		}
	}
	var out *csv.Writer
	const page = 1000
	seen := map[int64]bool{}
	for after := new(Mark); after != nil; {
		contacts, err := o.PartContacts(ctx, part, *after, page)
		if err != nil {
			return err
		}
		if out == nil {
			out = csv.NewWriter(withMark(to()))
			out.UseCRLF = true
			_ = out.Write(Defused(header...))
		}
		for _, item := range contacts.Items {
			if seen[item.ContactID] {
				continue
			}
			seen[item.ContactID] = true
			row := append(Defused(strconv.FormatInt(item.ContactID, 10), item.FirstName, item.LastName, item.Company), make([]string, len(header)-len(fillColumns))...)
			_ = out.Write(row)
		}
		if out.Flush(); out.Error() != nil {
			return fmt.Errorf("writing the file: %w", out.Error())
		}
		after = contacts.Next
	}
	return nil
}

func headerOf(name string) string {
	if column, ok := columnOf[name]; ok {
		return column
	}
	return name
}

// Defused are values as a file for spreadsheets has them: none begins like a formula, and
// reading such a file gives them back; see contactcsv.Defused.
func Defused(values ...string) []string {
	row := make([]string, len(values))
	for i, value := range values {
		row[i] = contactcsv.Defused(value)
	}
	return row
}

// withMark begins a text with a byte order mark, by which spreadsheets know UTF-8.
func withMark(to io.Writer) io.Writer {
	_, _ = io.WriteString(to, "\ufeff")
	return to
}

// FillFile is what a filled file says, before anything is kept.
type FillFile struct {
	// Rows counts the contacts of the file, Empty those with nothing filled in, NotMissing
	// those that miss nothing (any more), which are left as they are.
	Rows, Empty, NotMissing int
	// Values are to be kept: each the variable's name, as templates have it.
	Values []FillValue
	// Problems are lines of the file that a person should look at.
	Problems []FileProblem
}

// FillValue is a value of one contact.
type FillValue struct {
	ContactID int64  `json:"i"`
	Name      string `json:"n"`
	Value     string `json:"v"`
}

// ReadFillFile reads a file that was filled in for a part, as ImportContacts reads
// files; it writes nothing. An Invalid when it cannot be read.
func (o *Operator) ReadFillFile(ctx context.Context, part Part, content io.Reader) (FillFile, error) {
	names, err := o.missing(ctx, part)
	if err != nil {
		return FillFile{}, err
	}
	options := contactcsv.Options{OwnIDs: true, Map: map[string]string{}}
	for _, name := range names {
		if _, builtin := columnOf[name]; !builtin {
			options.Map[name] = name
		}
	}
	file, err := readContacts(content, options)
	if err != nil {
		return FillFile{}, err
	}
	out := FillFile{Rows: len(file.unique), Problems: file.Problems}
	if !slices.ContainsFunc(file.Columns, func(c FileColumn) bool { return c.Field == "relance_id" }) {
		return out, &Invalid{Field: "file", Text: `the file has no column "Relance ID", which says whose values these are; fill in the file that was downloaded here`}
	}
	ids := make([]int64, len(file.unique))
	for i, row := range file.unique {
		ids[i] = row.OwnID
	}
	members, err := o.PartMembers(ctx, part, ids)
	for _, row := range file.unique {
		misses, in := members[row.OwnID]
		switch {
		case row.OwnID == 0:
			out.Problems = append(out.Problems, FileProblem{Line: row.Line, Column: "Relance ID", Problem: "the line does not say which contact it is"})
			continue
		case !in:
			out.NotMissing++
			continue
		case part.Code != failure.MessageCannotBeRendered:
			misses = names
		}
		filled := false
		for _, name := range slices.Compact(slices.Sorted(slices.Values(misses))) {
			if value := valueOf(row, name); value != "" {
				out.Values, filled = append(out.Values, FillValue{row.OwnID, name, value}), true
			}
		}
		if !filled {
			out.Empty++
		}
	}
	return out, err
}

// valueOf is what a row says of a variable.
func valueOf(row contactcsv.Row, name string) string {
	c := row.Contact
	switch name {
	case "first_name":
		return c.FirstName
	case "last_name":
		return c.LastName
	case "company":
		return c.Company
	case "email":
		return c.Email
	case "phone":
		return c.Phone
	}
	return c.Fields[name]
}

// EditOf gives a contact one value, which is named as templates name it.
func EditOf(name, value string) (edit ContactEdit) {
	switch name {
	case "first_name":
		edit.FirstName = &value
	case "last_name":
		edit.LastName = &value
	case "company":
		edit.Company = &value
	case "email":
		edit.Email = &value
	case "phone":
		edit.Phone = &value
	default:
		edit.Fields = map[string]string{name: value}
	}
	return edit
}
