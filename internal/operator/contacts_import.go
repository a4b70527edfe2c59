package operator

import (
	"cmp"
	"context"
	"fmt"
	"io"

	"relance/internal/store"
)

// ImportOptions say how a file of contacts is imported.
type ImportOptions struct {
	FileOptions
	// DryRun counts, and writes nothing.
	DryRun   bool
	Progress Progress
}

// Imported is what an import has done.
type Imported struct {
	Rows         int           `json:"rows"`
	Created      int           `json:"created"`
	Updated      int           `json:"updated"`
	Duplicates   int           `json:"duplicates"`
	WithoutEmail int           `json:"withoutEmail"`
	InvalidEmail int           `json:"invalidEmail"`
	Skipped      int           `json:"skipped"`
	Problems     []FileProblem `json:"problems"`
	FileRead
	// Effect counts the contacts that go on because of the imported values.
	Effect

	Unchanged int `json:"-"`
}

// ImportContacts imports the contacts of a CSV export, all or nothing: imported
// twice it changes nothing. An Invalid when the file cannot be read.
func (o *Operator) ImportContacts(ctx context.Context, content io.Reader, options ImportOptions) (Imported, error) {
	if err := options.check(); err != nil {
		return Imported{}, err
	}
	file, err := readContacts(content, options.reading(false))
	if err != nil {
		return Imported{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Imported{}, err
	}
	rows := file.rows()
	done, err := db.Import(ctx, rows, store.ImportOptions{By: o.by, DryRun: options.DryRun, SourceNamed: options.Source != "", Progress: func(done int) {
		options.Progress.say(done, len(rows))
	}})
	if err != nil {
		return Imported{}, err
	}
	options.Progress.say(len(rows), len(rows))
	out := Imported{
		Rows: len(file.Rows) + file.Skipped, Created: done.Created, Updated: done.Updated, Duplicates: file.duplicates,
		WithoutEmail: file.WithoutEmail, InvalidEmail: file.InvalidEmail, Skipped: file.Skipped + done.Skipped(),
		Problems: list(append(file.Problems, keptProblems(file, done.Kept)...)), FileRead: file.read(), Unchanged: done.Unchanged,
	}
	if options.DryRun {
		out.Freed = freed(done.Resuming, done.Ended)
		return out, nil
	}
	out.Effect, err = o.effect(ctx, db, done.Change())
	return out, err
}

// keptProblems says where an import has left an address or a contact as it is.
func keptProblems(file contactFile, kept []store.Kept) []FileProblem {
	problems := make([]FileProblem, len(kept))
	for i, k := range kept {
		row := file.unique[k.Row]
		problems[i] = FileProblem{Line: row.Line, Value: k.Given, Problem: keptProblem(row.Contact.RecordID, k)}
	}
	return problems
}

func keptProblem(recordID string, k store.Kept) string {
	here := cmp.Or(k.Here, "(none)")
	switch k.Why {
	case store.SetHere:
		return fmt.Sprintf("the address of contact %d was set here (%s) and is kept; starter contacts set %d --email changes it", k.Contact, here, k.Contact)
	case store.EarlierAddress:
		return fmt.Sprintf("contact %d had this address before; %s is kept", k.Contact, here)
	case store.AddressOfAnother:
		return fmt.Sprintf("contact %d has this address; this record keeps %s", k.Contact, here)
	case store.AddressOfAnotherRow:
		return fmt.Sprintf("contact %d has this address and is another row; the row was skipped", k.Contact)
	case store.RecordOfAnother:
		return fmt.Sprintf("record id %s is contact %d here, with another name, company and address (%s); the row was skipped. --source NAME says which product the record ids come from", recordID, k.Contact, here)
	}
	return string(k.Why)
}
