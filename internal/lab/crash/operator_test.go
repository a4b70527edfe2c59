package crash

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"relance/internal/cli"
)

// workspace has a credit plan, so that every row shows what became of the
// contact's credit.
const workspace = `
plan: {credits: 5}
users:
  - {key: maya, name: Maya, email: maya@northwind.example, phone: "+32475000001"}
email_accounts:
  - {address: maya@northwind.example, name: Maya, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: maya, password: inbox}}
  - {address: pat@northwind.example, name: Pat, smtp: {host: 127.0.0.1, port: PORT, tls: none, username: pat, password: inbox}, pace: {gap: 3s, per_day: 50}}
campaigns:
  - {key: paced, name: Paced, owner: maya, sender: pat@northwind.example, steps: [{id: intro, email: {subject: S, body: B}}]}
  - {key: mail, name: Mail, owner: maya, sender: maya@northwind.example, steps: [{id: intro, email: {subject: S, body: B}}]}
  - {key: unsent, name: No sender, owner: maya, steps: [{id: intro, email: {subject: S, body: B}}]}
  - {key: series, name: Series, owner: maya, sender: maya@northwind.example, steps: [{id: intro, email: {subject: S, body: B}}, {id: rest, wait: 3s}, {id: city, email: {subject: S, body: "{{ city }}"}}, {id: last, email: {subject: S, body: B}}]}
  - {key: text, name: Text, owner: maya, steps: [{id: tell, sms: {text: "{{ first_name }}"}}]}
`

// starter runs one command that must succeed.
func (s *stage) starter(args ...string) string {
	s.t.Helper()
	return s.feed("", args...)
}

func (s *stage) feed(stdin string, args ...string) string {
	s.t.Helper()
	code, stdout, stderr := s.try(stdin, args...)
	require.Zero(s.t, code, "starter %s: %s%s", strings.Join(args, " "), stdout, stderr)
	return stdout
}

func (s *stage) try(stdin string, args ...string) (int, string, string) {
	var stdout, stderr bytes.Buffer
	code := cli.Run(context.Background(), cli.Options{
		Args: args, Stdin: strings.NewReader(stdin), Stdout: &stdout, Stderr: &stderr, LookupEnv: s.lookup,
	})
	return code, stdout.String(), stderr.String()
}

// contact imports one contact with this address.
func (s *stage) contact(address string) {
	s.t.Helper()
	s.feed("First Name,Last Name,Email\nAda,Tester,"+address+"\n", "contacts", "import", "-")
	id, err := strconv.ParseInt(s.ask(`SELECT max(id)::text FROM contacts`), 10, 64)
	require.NoError(s.t, err)
	s.contacts = append(s.contacts, id)
}

// ids are the contacts as an argument takes them.
func (s *stage) ids() string {
	ids := make([]string, len(s.contacts))
	for i, id := range s.contacts {
		ids[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(ids, ",")
}

// enroll imports a contact for each address and enrolls them all.
func (s *stage) enroll(campaign string, addresses ...string) {
	s.t.Helper()
	for _, address := range addresses {
		s.contact(address)
	}
	s.starter("enroll", campaign, "--contacts", s.ids(), "--wait=false")
}

func (s *stage) inboxPort() string { return strconv.Itoa(s.inbox.Port()) }

// word is random.
func word() string { return strings.ToLower(rand.Text()[:8]) }

// four are the contacts of the rows about pages.
func four() []string {
	addresses := make([]string, 4)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("contact%d@contoso.example", i+1)
	}
	return addresses
}
