package workspace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/workspace"
)

const example = `plan: unlimited                 # or {credits: 500}
users:
  - {key: maya, name: Maya Claes, email: maya@northwind.example, phone: "+32475000001"}
email_accounts:
  - address: maya@northwind.example
    name: Maya Claes
    smtp: {host: 127.0.0.1, port: 1025, tls: none, username: maya, password: {env: MAYA_SMTP_PASSWORD}}   # tls: implicit | starttls (default) | none
campaigns:
  - key: q4-outreach
    name: Q4 outreach
    owner: maya
    sender: maya@northwind.example
    steps:
      - id: intro
        email: {subject: "Quick question about {{ company }}", body: "Hi {{ first_name | default: 'there' }}, …"}   # Liquid
      - wait: 3d
      - id: follow-up
        email: {reply_to: intro, body: "Just making sure …"}       # same thread: Re:, In-Reply-To, References
      - id: tell-owner
        sms: {text: "{{ first_name }} {{ last_name }} has had the whole of Q4 outreach"}
`

func env(name string) (string, bool) {
	value, ok := map[string]string{"MAYA_SMTP_PASSWORD": "inbox", "EMPTY": ""}[name]
	return value, ok
}

func read(in string, options ...workspace.Options) (workspace.Workspace, error) {
	return workspace.Read(strings.NewReader(in), "workspace.yaml", env, options...)
}

func TestTheContractsExample(t *testing.T) {
	t.Parallel()
	got, err := read(example)
	require.NoError(t, err)
	require.Len(t, got.Templates, 4)
	got.Templates = nil // TestTemplatesAreListed
	require.Equal(t, workspace.Workspace{
		Plan:  &campaign.Billing{Unlimited: true},
		Users: []campaign.User{{Key: "maya", Name: "Maya Claes", Email: "maya@northwind.example", Phone: "+32475000001"}},
		EmailAccounts: []campaign.EmailAccount{{
			Address: "maya@northwind.example", Name: "Maya Claes", Status: campaign.AccountConnected,
			SMTP: campaign.SMTP{Host: "127.0.0.1", Port: 1025, TLS: campaign.TLSNone, Username: "maya", Password: "inbox"},
		}},
		Campaigns: []campaign.Campaign{{
			Key: "q4-outreach", Name: "Q4 outreach", Owner: "maya", Sender: "maya@northwind.example",
			Steps: []campaign.Step{
				{ID: "intro", Kind: campaign.Email, Subject: "Quick question about {{ company }}", Body: "Hi {{ first_name | default: 'there' }}, …"},
				{ID: "wait-2", Kind: campaign.Wait, Wait: 72 * time.Hour, Days: 3},
				{ID: "follow-up", Kind: campaign.Email, ReplyTo: "intro", Body: "Just making sure …"},
				{ID: "tell-owner", Kind: campaign.SMS, Text: "{{ first_name }} {{ last_name }} has had the whole of Q4 outreach"},
			},
		}},
	}, got)
}

func TestWhatIsRight(t *testing.T) {
	t.Parallel()
	options := workspace.Options{
		Known:    workspace.Known{Users: []string{"ben"}, Accounts: []string{"Ben@x.example"}},
		ReadFile: func(path string) ([]byte, error) { return []byte(path + "\n"), nil },
	}
	got, err := read(`
plan: {credits: 500}
email_accounts:
  - &base
    address: a@x.example
    smtp: &smtp {host: h, tls: implicit, password: {file: secret}}
  - <<: *base
    address: b@x.example
    smtp: {<<: *smtp, tls: starttls, username: ""}
  - {address: c@x.example, smtp: {host: "::1", tls: none, password: plain}}
campaigns:
  - {key: k, name: K, owner: ben, sender: ben@X.example, steps: [{wait: 1d12h}, {email: {subject: S, body: !!str 1}}, {sms: {text: T}}, {email: {reply_to: email-2, body: B}}]}
  - key: none
    name: Without sender
    owner: ben
    sender:
    steps:
      - email:
          subject: S
          body: |
            Hi,

            there
`, options)
	require.NoError(t, err)
	require.Equal(t, &campaign.Billing{Credits: 500}, got.Plan)
	require.Equal(t, campaign.SMTP{Host: "h", Port: 465, TLS: campaign.TLSImplicit, Username: "a@x.example", Password: "secret"}, got.EmailAccounts[0].SMTP)
	require.Equal(t, campaign.SMTP{Host: "h", Port: 587, TLS: campaign.TLSStartTLS, Password: "secret"}, got.EmailAccounts[1].SMTP)
	require.Equal(t, campaign.SMTP{Host: "::1", Port: 25, TLS: campaign.TLSNone, Username: "c@x.example", Password: "plain"}, got.EmailAccounts[2].SMTP)
	require.Equal(t, "Ben@x.example", got.Campaigns[0].Sender)
	require.Equal(t, []string{"wait-1", "email-2", "sms-3", "email-4"}, []string{got.Campaigns[0].Steps[0].ID, got.Campaigns[0].Steps[1].ID, got.Campaigns[0].Steps[2].ID, got.Campaigns[0].Steps[3].ID})
	require.Equal(t, 36*time.Hour, got.Campaigns[0].Steps[0].Wait)
	require.Equal(t, "1", got.Campaigns[0].Steps[1].Body)
	require.Empty(t, got.Campaigns[1].Sender)
	require.Equal(t, "Hi,\n\nthere\n", got.Campaigns[1].Steps[0].Body)
}

// Each test changes one piece of the example.
func TestWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ old, new, want string }{
		{"wait: 3d", `wait: 3 days`, `workspace.yaml:16: campaigns[0].steps[1].wait: "3 days" is not a duration; expected for example 30m, 12h, 3d, 2w or 3bd`},
		{"wait: 3d", `wait: 3`, `workspace.yaml:16: campaigns[0].steps[1].wait: 3 has no unit; expected for example 30m, 12h, 3d, 2w or 3bd`},
		{"wait: 3d", `wait: 0d`, `workspace.yaml:16: campaigns[0].steps[1].wait: "0d" is no time at all; expected for example 30m, 12h, 3d, 2w or 3bd`},
		{"wait: 3d", `wait: 53w`, `workspace.yaml:16: campaigns[0].steps[1].wait: "53w" is longer than 365 days; expected for example 30m, 12h, 3d, 2w or 3bd`},
		{"plan: unlimited", "plan: {credits: -1}", `workspace.yaml:1: plan.credits: -1 is not a number of credits; expected a whole number from 0`},
		{"plan: unlimited", "plan: free", `workspace.yaml:1: plan: this is text, "free"; expected unlimited or {credits: 500}`},
		{"plan: unlimited", "plans: unlimited", `workspace.yaml:1: unknown key "plans" (did you mean "plan"?); expected plan, timezone, holidays, users, email_accounts or campaigns`},
		{"plan: unlimited", "plan: unlimited\nplan: unlimited", `workspace.yaml:2: the key "plan" is given twice, first in line 1`},
		{`"+32475000001"`, "+32475000001", `workspace.yaml:3: users[0].phone: +32475000001 is read as a number; quote it: "+32475000001"`},
		{`"+32475000001"`, `"0475 00 00 01"`, `workspace.yaml:3: users[0].phone: "0475 00 00 01" is not a phone number that exists; write it with its country, for example +32 475 12 34 56`},
		{"{key: maya, name: Maya Claes, email: maya@northwind.example", "{key: maya, name: Maya Claes, email: maya@", `workspace.yaml:3: users[0].email: "maya@" is not an email address: there is nothing after the @; expected for example maya@northwind.example`},
		{"port: 1025", "port: 70000", `workspace.yaml:7: email_accounts[0].smtp.port: 70000 is not a port; expected a number from 1 to 65535`},
		{"tls: none, ", "tls: startls, ", `workspace.yaml:7: email_accounts[0].smtp.tls: "startls" is not a kind of TLS (did you mean "starttls"?); expected starttls, implicit or none`},
		{"{env: MAYA_SMTP_PASSWORD}", "{env: NOPE}", `workspace.yaml:7: email_accounts[0].smtp.password.env: the environment variable NOPE is not set; set it to the password and try again`},
		{"{env: MAYA_SMTP_PASSWORD}", "{env: EMPTY}", `workspace.yaml:7: email_accounts[0].smtp.password.env: the environment variable EMPTY is empty; set it to the password and try again`},
		{"{env: MAYA_SMTP_PASSWORD}", "12345", `workspace.yaml:7: email_accounts[0].smtp.password: this is read as a number; quote it, or write {env: NAME}`},
		{", password: {env: MAYA_SMTP_PASSWORD}", "", `workspace.yaml:7: email_accounts[0].smtp.password: missing; expected {env: NAME} or {file: PATH} (or username: "" for a server without login)`},
		{"key: q4-outreach", "key: Q4", `workspace.yaml:9: campaigns[0].key: "Q4" is not a key; expected lower-case letters, digits and hyphens, at most 63, beginning with a letter or digit, for example q4-outreach`},
		{"key: q4-outreach", "key: 123", `workspace.yaml:9: campaigns[0].key: 123 is read as a number; quote it: "123"`},
		{"    name: Q4 outreach\n", "", `workspace.yaml:9: campaigns[0].name: missing; expected the name of the campaign`},
		{"owner: maya", "owner: may", `workspace.yaml:11: campaigns[0].owner: there is no user "may" (did you mean "maya"?); expected maya`},
		{"sender: maya@", "sender: ben@", `workspace.yaml:12: campaigns[0].sender: there is no email account "ben@northwind.example" (did you mean "maya@northwind.example"?); expected maya@northwind.example`},
		{"sender: maya@northwind.example", "senders: maya@northwind.example", `workspace.yaml:12: campaigns[0].senders: this is text, "maya@northwind.example"; expected a list: put a - before each item`},
		{"sender: maya@northwind.example", "senders: [maya@northwind.example]\n    sender: maya@northwind.example", `workspace.yaml:12: campaigns[0].senders: the campaign has a sender in line 13 already; expected sender, for one that is everybody's, or senders, for a list of which any takes a contact, not both`},
		{"sender: maya@northwind.example", "senders: []", `workspace.yaml:12: campaigns[0].senders: empty; expected at least one email account`},
		{"sender: maya@northwind.example", "senders: [maya@northwind.example, Maya@northwind.example]", `workspace.yaml:12: campaigns[0].senders[1]: "maya@northwind.example" is named twice`},
		{"sender: maya@northwind.example", "senders: [ben@northwind.example]", `workspace.yaml:12: campaigns[0].senders[0]: there is no email account "ben@northwind.example" (did you mean "maya@northwind.example"?); expected maya@northwind.example`},
		{"sender: maya@northwind.example", `senders: [""]`, `workspace.yaml:12: campaigns[0].senders[0]: empty; expected the address of an email account`},
		{"reply_to: intro", "reply_to: tell-owner", `workspace.yaml:18: campaigns[0].steps[2].email.reply_to: "tell-owner" is not an earlier email step; expected intro`},
		{"reply_to: intro, ", "", `workspace.yaml:18: campaigns[0].steps[2].email.subject: missing; expected a text, which may be a Liquid template`},
		{"id: follow-up", "id: intro", `workspace.yaml:17: campaigns[0].steps[2].id: "intro" is used twice, first in line 14`},
		{"wait: 3d", "pause: 3d", "workspace.yaml:16: campaigns[0].steps[1]: unknown key \"pause\"; expected id, renamed_from, email, wait or sms\nworkspace.yaml:16: campaigns[0].steps[1]: the step does nothing; expected email, wait or sms"},
		{"wait: 3d", "wait: 3d\n        renamed_from: pause", `workspace.yaml:17: campaigns[0].steps[1].renamed_from: a wait keeps no place; leave it out`},
		{"id: follow-up", "id: follow-up\n        renamed_from: follow-up", `workspace.yaml:18: campaigns[0].steps[2].renamed_from: that is the id that it has; leave it out`},
		{"id: follow-up", "renamed_from: follow-up", `workspace.yaml:17: campaigns[0].steps[2].renamed_from: the step has no id; expected the id that it has now`},
		{"wait: 3d", "wait: 3d\n        sms: {text: x}", `workspace.yaml:16: campaigns[0].steps[1]: the step has wait and sms; expected one of them: make a step of each`},
		{"campaigns:\n", "campaigns:\n  - {key: a, name: A, owner: maya, steps: []}\n", `workspace.yaml:9: campaigns[0].steps: empty; expected at least one email or sms step`},
		{"campaigns:\n", "campaigns:\n  - {key: a, name: A, owner: maya, steps: [wait: 3d]}\n", `workspace.yaml:9: campaigns[0].steps: only waits; expected at least one email or sms step`},
		{"campaigns:\n", "campaigns:\n  - {key: q4-outreach, name: A, owner: maya, steps: [sms: {text: x}]}\n", `workspace.yaml:10: campaigns[1].key: "q4-outreach" is used twice, first in line 9`},
		{"campaigns:\n", "campaigns:\n  - *base\n", `workspace.yaml:9: the alias *base has no anchor &base before it`},
		{"campaigns:\n", "---\ncampaigns:\n", `workspace.yaml:9: a second document begins here; expected one: put everything under one set of keys and delete the line ---`},
		{"users:\n  - ", "users: ", `workspace.yaml:2: users: this is a mapping; expected a list: put a - before each item`},
		{example, "# nothing\n", `workspace.yaml:1: the file is empty; expected plan, users, email_accounts and campaigns`},
		{example, "", `workspace.yaml:1: the file is empty; expected plan, users, email_accounts and campaigns`},
		{example, "- plan", `workspace.yaml:1: this is a list; expected a mapping with plan, timezone, holidays, users, email_accounts or campaigns`},
	} {
		t.Run(test.new, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, example, test.old)
			got, err := read(strings.Replace(example, test.old, test.new, 1))
			require.EqualError(t, err, test.want)
			require.Equal(t, workspace.Workspace{}, got, "nothing is half read")
		})
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	t.Parallel()
	options := workspace.Options{ValidateTemplate: func(_ string, report func(int, string)) { report(1, "is bad") }}
	_, err := read(strings.Replace(example, "port: 1025", "port: 0", 1), options)
	require.EqualError(t, err, strings.Join([]string{
		"workspace.yaml:7: email_accounts[0].smtp.port: 0 is not a port; expected a number from 1 to 65535",
		"workspace.yaml:15: campaigns[0].steps[0].email.subject: the subject is bad",
		"workspace.yaml:15: campaigns[0].steps[0].email.body: the body is bad",
		"workspace.yaml:18: campaigns[0].steps[2].email.body: the body is bad",
		"workspace.yaml:20: campaigns[0].steps[3].sms.text: the text is bad",
	}, "\n"))
	require.Len(t, workspace.Problems(err), 5)
}

// TestLinesOfTemplates: a problem of a template is in the line of the file where it stands.
func TestLinesOfTemplates(t *testing.T) {
	t.Parallel()
	head := "users: [{key: u, name: U}]\ncampaigns:\n  - key: c\n    name: C\n    owner: u\n    steps:\n      - email:\n"
	bad := workspace.Options{ValidateTemplate: func(template string, report func(int, string)) {
		for i, line := range strings.Split(template, "\n") {
			if strings.Contains(line, "BAD") {
				report(i+1, "is bad")
			}
		}
	}}
	for email, want := range map[string]string{
		"          subject: BAD\n          body: |\n            one\n\n            BAD\n            BAD": "workspace.yaml:8: campaigns[0].steps[0].email.subject: the subject is bad\n" +
			"workspace.yaml:12: campaigns[0].steps[0].email.body: the body is bad\nworkspace.yaml:13: campaigns[0].steps[0].email.body: the body is bad",
		"          subject: s\n          body: |-\n\n            BAD\n":                         "workspace.yaml:11: campaigns[0].steps[0].email.body: the body is bad",
		"          subject: s\n          body: >\n            one\n\n            BAD\n":         "workspace.yaml:9: campaigns[0].steps[0].email.body: line 2 of the body is bad",
		"          subject: s\n          body: \"one\\nBAD\"\n":                                 "workspace.yaml:9: campaigns[0].steps[0].email.body: line 2 of the body is bad",
		"          subject: s\n          body: BAD\n":                                           "workspace.yaml:9: campaigns[0].steps[0].email.body: the body is bad",
		"          # a remark\n          subject: s\n          body: |+ # x\n            BAD\n": "workspace.yaml:11: campaigns[0].steps[0].email.body: the body is bad",
	} {
		_, err := read(head+email, bad)
		require.EqualError(t, err, want, email)
	}
}

// TestTemplatesAreListed: each text with its step and with where it stands in the file.
func TestTemplatesAreListed(t *testing.T) {
	t.Parallel()
	got, err := read(`users: [{key: u, name: U}]
campaigns:
  - key: c
    name: C
    owner: u
    steps: &steps
      - email:
          subject: S
          body: |
            one
            two
      - wait: 1d
      - id: last
        sms: {text: "a\nb"}
  - {key: d, name: D, owner: u, steps: *steps}
`)
	require.NoError(t, err)
	var all []string
	for _, of := range got.Templates {
		all = append(all, fmt.Sprintf("%s %s %s %d %q", of.Campaign, of.StepID, of.Part, of.Line(2), of.Text))
	}
	require.Equal(t, []string{
		`c email-1 subject 8 "S"`, `c email-1 body 11 "one\ntwo\n"`, `c last text 14 "a\nb"`,
		`d email-1 subject 8 "S"`, `d email-1 body 11 "one\ntwo\n"`, `d last text 14 "a\nb"`,
	}, all)
}

func TestSyntaxAndBombs(t *testing.T) {
	t.Parallel()
	_, err := read("plan: [\nusers: {")
	require.ErrorContains(t, err, "workspace.yaml:")
	require.ErrorContains(t, err, "not valid YAML")
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 10), ",") + "]\n"
	}
	_, err = read(bomb)
	require.EqualError(t, err, "workspace.yaml:1: the aliases unfold to more than 200000 values; expected a workspace")
	_, err = read("plan: " + strings.Repeat("[", 100_000))
	require.EqualError(t, err, "workspace.yaml:1: more than 40 brackets within each other; expected a workspace")
}

func FuzzRead(f *testing.F) {
	f.Add(example)
	f.Add(paced)
	f.Add("a: &a [*a]\n<<: *a\n? {b: c}\n: |\n  x\n")
	f.Add("plan: !!str {credits: 1e9}\nusers: [~, 1, x]\ncampaigns: [{steps: [[], {id: {}, email: 1}]}]")
	f.Fuzz(func(t *testing.T, in string) {
		got, err := read(in)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "workspace.yaml:") {
				t.Fatalf("an error without its line: %v", err)
			}
			return
		}
		for _, a := range got.EmailAccounts {
			if wrong := a.Pace.Check(); len(wrong) > 0 {
				t.Fatalf("accepted %v", wrong)
			}
		}
		for _, c := range got.Campaigns {
			if wrong := c.Window.Check(); len(wrong) > 0 {
				t.Fatalf("accepted %v", wrong)
			}
			for _, s := range c.Steps {
				if c.Key == "" || s.ID == "" || s.Kind == "" || s.Kind == campaign.Wait && s.Wait <= 0 {
					t.Fatalf("accepted %+v", c)
				}
			}
		}
	})
}

func TestValuesArePlainText(t *testing.T) {
	t.Parallel()
	got, err := read(`users: [{key: maya, name: "\e[31mMaya\0 \u202eClaes"}]
email_accounts:
  - {address: maya@northwind.example, name: "Maya\a", smtp: {host: 127.0.0.1, password: "p\u0001 \u200bw"}}
campaigns:
  - {key: k, name: "K\e]0;x\a", owner: maya, sender: maya@northwind.example, steps: [{id: a, email: {subject: "a\x9b1mb", body: "one\r\ntwo\tthree\0"}}]}
`)
	require.NoError(t, err)
	require.Equal(t, "Maya Claes", got.Users[0].Name)
	require.Equal(t, "Maya", got.EmailAccounts[0].Name)
	require.Equal(t, campaign.Secret("p\x01 \u200bw"), got.EmailAccounts[0].SMTP.Password, "a password is no text")
	require.Equal(t, "K", got.Campaigns[0].Name)
	require.Equal(t, "ab", got.Campaigns[0].Steps[0].Subject)
	require.Equal(t, "one\ntwo\tthree", got.Campaigns[0].Steps[0].Body)
}

func TestHearingIsRead(t *testing.T) {
	t.Parallel()
	smtp := `{host: smtp.example.com, username: ""}`
	readBoth := func(imap, campaign string) (workspace.Workspace, error) {
		return read(`
users: [{key: maya, name: Maya}]
email_accounts:
  - address: maya@northwind.example
    smtp: ` + smtp + `
    imap: ` + imap + `
campaigns:
  - key: q4
    name: Q4
    owner: maya
    ` + campaign + `
    steps: [{email: {subject: s, body: b}}]
`)
	}
	w, err := readBoth(`{host: imap.example.com}`, `unsubscribe: false`)
	require.NoError(t, err)
	require.Equal(t, &campaign.IMAP{Host: "imap.example.com", Port: 993, TLS: campaign.TLSImplicit, Username: "maya@northwind.example"}, w.EmailAccounts[0].IMAP)
	require.True(t, w.Campaigns[0].NoUnsubscribe)
	w, err = read("email_accounts: [{address: maya@northwind.example, smtp: {host: smtp.example.com, username: maya, password: p}, imap: {host: imap.example.com}}]")
	require.NoError(t, err)
	require.Equal(t, "maya", w.EmailAccounts[0].IMAP.Username, "that of smtp")
	w, err = read("email_accounts: [{address: maya@northwind.example, smtp: {host: smtp.gmail.com, oauth: google}, imap: {host: imap.gmail.com}}]")
	require.NoError(t, err)
	require.Equal(t, campaign.SMTP{Host: "smtp.gmail.com", Port: 587, TLS: campaign.TLSStartTLS, Username: "maya@northwind.example", Provider: "google"}, w.EmailAccounts[0].SMTP)
	_, err = read("email_accounts: [{address: maya@northwind.example, smtp: {host: h, oauth: gogle, password: p}}]")
	require.ErrorContains(t, err, `(did you mean "google"?); expected google, microsoft or dev`)
	require.ErrorContains(t, err, "smtp.password: a password and oauth; expected one of them")
	w, err = readBoth(`{host: imap.example.com, tls: starttls, username: m, folders: [Replies]}`, `on_reply: go_on`)
	require.NoError(t, err)
	require.Equal(t, &campaign.IMAP{Host: "imap.example.com", Port: 143, TLS: campaign.TLSStartTLS, Username: "m", Folders: []string{"Replies"}}, w.EmailAccounts[0].IMAP)
	require.Equal(t, campaign.GoOnAfterReply, w.Campaigns[0].OnReply)
	smtp = `{host: smtp.example.com, username: maya-login, password: p}`
	w, err = readBoth(`{host: imap.example.com}`, `unsubscribe: false`)
	require.NoError(t, err)
	require.Equal(t, "maya-login", w.EmailAccounts[0].IMAP.Username, "with the password goes the name")
	for _, row := range [][3]string{
		{`{}`, `on_reply: end`, "imap.host: missing"},
		{`{host: "imap://x"}`, `on_reply: end`, "is not the name of a server"},
		{`{host: h, port: 99999}`, `on_reply: end`, "is not a port"},
		{`{host: h, tls: ssl}`, `on_reply: end`, "is not a kind of TLS"},
		{`{host: h, folders: x}`, `on_reply: end`, "expected a list"},
		{`{host: h}`, `on_reply: stop`, `"stop" is not known; expected exit`},
		{`{host: h}`, `unsubscribe: maybe`, "expected true or false"},
	} {
		_, err := readBoth(row[0], row[1])
		require.ErrorContains(t, err, row[2])
	}
}
