package operator

import (
	"context"
	"io"

	"relance/internal/campaign"
	"relance/internal/contactcsv"
	"relance/internal/store"
)

// ImportOptions say how a file of contacts is read.
type ImportOptions struct {
	// Map says what a column is, by its header; see contactcsv.Options.
	Map map[string]string
	// DryRun counts, and writes nothing.
	DryRun   bool
	Progress Progress
}

// ImportProblem is a line of the file that somebody should look at.
type ImportProblem = contactcsv.Problem

// Imported is what an import has done.
type Imported struct {
	Rows         int             `json:"rows"`
	Created      int             `json:"created"`
	Updated      int             `json:"updated"`
	Duplicates   int             `json:"duplicates"`
	WithoutEmail int             `json:"withoutEmail"`
	InvalidEmail int             `json:"invalidEmail"`
	Skipped      int             `json:"skipped"`
	Problems     []ImportProblem `json:"problems"`

	Unchanged int `json:"-"`
	// Changed says who goes on because of what has come.
	Changed `json:"-"`
}

// ImportContacts imports the contacts of a CSV export, all or nothing: imported
// twice it changes nothing. An Invalid when the file cannot be read.
func (o *Operator) ImportContacts(ctx context.Context, content io.Reader, options ImportOptions) (Imported, error) {
	file, err := contactcsv.Read(content, contactcsv.Options{Map: options.Map})
	if err != nil {
		return Imported{}, invalid("file", err)
	}
	unique, duplicates, problems := file.Unique()
	rows := make([]store.ImportRow, len(unique))
	for i, row := range unique {
		c := row.Contact
		rows[i] = store.ImportRow{Contact: c, Person: contactcsv.Person(campaign.Contact{
			FirstName: c.FirstName, LastName: c.LastName, Company: c.Company, Phone: c.Phone,
		})}
	}
	db, err := o.database(ctx)
	if err != nil {
		return Imported{}, err
	}
	done, err := db.Import(ctx, rows, store.ImportOptions{By: o.by, DryRun: options.DryRun, Progress: func(done int) {
		options.Progress.say(done, len(rows))
	}})
	if err != nil {
		return Imported{}, err
	}
	options.Progress.say(len(rows), len(rows))
	out := Imported{
		Rows: len(file.Rows) + file.Skipped, Created: done.Created, Updated: done.Updated, Duplicates: duplicates,
		WithoutEmail: file.WithoutEmail, InvalidEmail: file.InvalidEmail, Skipped: file.Skipped, Problems: append(list(file.Problems), problems...),
		Unchanged: done.Unchanged,
	}
	if !options.DryRun {
		out.Changed, err = o.changed(ctx, db, done.Change())
	}
	return out, err
}
