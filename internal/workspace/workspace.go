package workspace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Workspace is what the file says. Plan is nil when it says nothing about it.
type Workspace struct {
	Plan *campaign.Billing
	// Timezone is empty, and Holidays is nil, when the file says nothing about it.
	Timezone      string
	Holidays      *pace.Holidays
	Users         []campaign.User
	EmailAccounts []campaign.EmailAccount
	Campaigns     []campaign.Campaign
	// Templates are those of the campaigns, in the order of the file.
	Templates []Template
}

// Known are the users' keys and the accounts' addresses that exist already, so
// that a file may name them without defining them again.
type Known struct{ Users, Accounts []string }

// Options are what a reader of the file may add. The zero value is useful.
type Options struct {
	Known Known
	// ValidateTemplate reports each thing that is wrong with a Liquid template: the
	// line of the template, from 1, and a clause that says what. Nil accepts every
	// template.
	ValidateTemplate func(template string, report func(line int, text string))
	// ReadFile reads password: {file: PATH}; nil is os.ReadFile. A relative
	// path is relative to the workspace file.
	ReadFile func(path string) ([]byte, error)
}

// maxFile bounds a workspace file, in bytes.
const maxFile = 4 << 20

// Read reads a workspace. name is the file's name, for the errors and for
// relative paths. lookupEnv resolves password: {env: NAME}; nil knows no
// variable. The error joins one *Problem for each thing that is wrong, in the
// order of their lines.
func Read(r io.Reader, name string, lookupEnv func(string) (string, bool), options ...Options) (Workspace, error) {
	source, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Workspace{}, fmt.Errorf("read %s: %w", name, err)
	}
	if len(source) > maxFile {
		return Workspace{}, fmt.Errorf("%s: the file is larger than %d MiB; expected a workspace", name, maxFile>>20)
	}
	root, err := parse(source, name)
	if err != nil {
		return Workspace{}, err
	}
	rd := &reader{file: name, lookupEnv: lookupEnv}
	if len(options) > 0 {
		rd.Options = options[0]
	}
	if rd.lookupEnv == nil {
		rd.lookupEnv = func(string) (string, bool) { return "", false }
	}
	if rd.ReadFile == nil {
		rd.ReadFile = os.ReadFile
	}
	w := rd.workspace(root)
	if err := rd.err(); err != nil {
		return Workspace{}, err
	}
	return w, nil
}

func (r *reader) workspace(root *node) Workspace {
	if root == nil {
		r.add(1, "", "the file is empty; expected plan, users, email_accounts and campaigns")
		return Workspace{}
	}
	top := r.mapping(root, "", "plan", "timezone", "holidays", "users", "email_accounts", "campaigns")
	w := Workspace{
		Plan:          r.plan(top["plan"]),
		Timezone:      r.timezone(top["timezone"]),
		Holidays:      r.holidays(top["holidays"]),
		Users:         list(r, top["users"], "users", r.user),
		EmailAccounts: list(r, top["email_accounts"], "email_accounts", r.account),
	}
	r.users = append([]string{}, r.Known.Users...)
	for _, u := range w.Users {
		r.users = append(r.users, u.Key)
	}
	r.accounts = append([]string{}, r.Known.Accounts...)
	for _, a := range w.EmailAccounts {
		r.accounts = append(r.accounts, a.Address)
	}
	w.Campaigns = list(r, top["campaigns"], "campaigns", r.campaign)
	w.Templates = r.templates
	r.unique(top["users"], "users", "key")
	r.unique(top["email_accounts"], "email_accounts", "address")
	r.unique(top["campaigns"], "campaigns", "key")
	return w
}

// beside resolves a path relative to the workspace file.
func (r *reader) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(r.file), path)
}

// Problem is one thing that is wrong with the file.
type Problem struct {
	File string
	Line int // from 1
	Path string
	Text string
}

// Error is file:line: path: what is wrong; what was expected.
func (p *Problem) Error() string {
	if p.Path == "" {
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s: %s", p.File, p.Line, p.Path, p.Text)
}

// Problems takes the problems out of an error of Read.
func Problems(err error) []*Problem {
	var problem *Problem
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []*Problem
		for _, e := range joined.Unwrap() {
			all = append(all, Problems(e)...)
		}
		return all
	}
	if errors.As(err, &problem) {
		return []*Problem{problem}
	}
	return nil
}
