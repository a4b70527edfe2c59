package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/failure"
)

var hostile = []string{
	`"><img src=x onerror=alert(1)>`, `</title></q><script>alert(1)</script>`, `'--><svg/onload=alert(1)>`, `{{.Secret}} ${7*7} &lt;b&gt;`,
	"\x1b]0;owned\a\u202etxt.exe\u2028", `javascript:alert(1)`, `" autofocus onfocus="alert(1)`,
}

// everything is in error in every way, with words wherever people or servers write.
func everything(t *testing.T, words string) *bundle {
	t.Helper()
	b := setup(t, 9, words)
	b.exec(`UPDATE contacts SET company = $1, phone = $1`, words)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = $2 WHERE address = $1`, mayas, "535 "+words)
	b.exec(`UPDATE campaigns SET steps = steps || jsonb_build_array(
		jsonb_build_object('id', 'again', 'kind', 'email', 'subject', $1::text, 'body', $1::text || E'\n{{ company }} {{ first_name }}'),
		jsonb_build_object('id', 'more', 'kind', 'email', 'replyTo', 'again', 'body', '{{ nickname }}' || $1::text),
		jsonb_build_object('id', 'tell', 'kind', 'sms', 'text', $1::text || '{{ company }}'))`, "{% raw %}"+words+"{% endraw %}")
	for id, problem := range []failure.Problem{
		{Code: failure.EmailAccountInError, Detail: "535 " + words, Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}},
		{Code: failure.OwnerHasNoSendingAddress, Causes: []failure.Cause{failure.CampaignSender("q4")}},
		{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}},
		{Code: failure.OwnerHasNoPhone, Detail: words, Causes: []failure.Cause{failure.OwnerPhone("maya")}},
		{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(5)}},
		{Code: failure.MessageCannotBeRendered, Variable: "city " + words, Detail: words, Causes: []failure.Cause{failure.ContactFields(6)}},
		{Code: failure.SendingFailed, Detail: "451 " + words},
		{Code: failure.DeliveryUncertain, Detail: words},
	} {
		b.park(int64(id+1), problem)
	}
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date)
		VALUES (8, 'intro', 1, 'email', 'uncertain', $1, $1, $1, $1, now())`, words)
	b.heard(words)
	b.exec(`INSERT INTO activity (by, kind, thing, subject, fields) VALUES ($1, $1, $1, $1, ARRAY[$1]), ('Lea', 'changed', 'contact', '1', ARRAY['field ' || $1])`, words)
	b.exec(`INSERT INTO outbox (id, kind, cause, campaign, note, by, done_at) VALUES (900001, 'fix', 'email_account:' || $1::text, '', '', $1, NULL),
		(900002, 'resume', '', $1, $1, $1, NULL), (900003, 'fix', 'campaign:' || $1 || '/sender', '', '', $1, now())`, words)
	return b
}

// shape is the tree of a page without its texts and the values of its attributes.
func shape(p page) string {
	var lines []string
	var visit func(n *html.Node, depth int)
	visit = func(n *html.Node, depth int) {
		if n.Type == html.ElementNode || n.Type == html.CommentNode {
			names := []string{n.Data}
			if n.Type == html.CommentNode {
				names[0] = "<!-- a comment -->"
			}
			for _, a := range n.Attr {
				names = append(names, a.Key)
			}
			lines = append(lines, strings.Repeat(" ", depth)+strings.Join(names, " "))
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			visit(child, depth+1)
		}
	}
	visit(p.tree, 0)
	return strings.Join(lines, "\n")
}

var allPages = []string{
	"/", "/uncertain", "/contacts/1", "/contacts/6", "/contacts/8", "/cause/EmailAccountInError/email_account:" + mayas,
	"/accounts", "/accounts/" + mayas, "/accounts/" + mayas + "/remove", "/activity", "/activity?by=nobody&on=" + url.QueryEscape("weather <b> Claes"),
	"/cause/MessageCannotBeRendered/contact", "/cause/SendingFailed/operator", "/cause/OwnerHasNoPhone/user:maya",
	"/contacts", "/contacts/7", "/cause/ContactHasNoEmail/contact", "/cause/SendingFailed/operator?campaign=q4&step=intro", "/disenroll?campaign=q4&contact=5",
	"/disenroll?which=all&code=SendingFailed&cause=operator",
	"/campaigns", "/campaigns/q4", "/campaigns/q4/contacts", "/campaigns/q4/contacts?state=InError&step=intro", "/campaigns/q4/texts?contact=1", "/campaigns/q4/texts?contact=5", "/campaigns/q4/texts?contact=con",
	"/replies", "/replies?state=to-see", "/replies?kind=reply&campaign=q4&account=" + mayas, "/replies/1", "/replies/2", "/replies/3", "/replies/4", "/contacts/4", "/contacts/2",
	"/suppression", "/suppression?q=claes", "/suppression/add?target=claes.example&note=Claes", "/suppression/add?target=Claes", "/suppression/remove?target=claes.example", "/bounces", "/bounces/remove?address=c3@contoso.example",
	"/campaigns/two", "/campaigns/two/move?from=" + mayas + "&to=tom@northwind.example", "/campaigns/q4/move",
	"/requests", "/requests/900001", "/requests/900002", "/requests/900003", "/keys",
}

func TestHostileWordsChangeNoPagesShape(t *testing.T) {
	t.Parallel()
	harmless := everything(t, "Claes")
	shapes := map[string]string{}
	for _, path := range allPages {
		shown := harmless.get(path)
		require.Equal(t, http.StatusOK, shown.status, path)
		require.True(t, path == "/keys" || strings.Contains(shown.body, "Claes"), path)
		shapes[path] = shape(shown)
	}
	for _, words := range hostile {
		b := everything(t, words)
		for _, path := range allPages {
			shown := b.get(path)
			require.Equal(t, shapes[path], shape(shown), "%s with %q", path, words)
			require.NotContains(t, shown.text(), "\x1b", path)
			require.NotContains(t, shown.text(), "\u202e", path)
			walk(shown.tree, func(n *html.Node) {
				for _, name := range []string{"href", "action"} {
					require.False(t, strings.HasPrefix(attr(n, name), "javascript:"), path)
				}
			})
		}
	}
}

// Who cannot see the page must be able to use it.
func TestEveryFieldHasALabelAndEveryIDIsUnique(t *testing.T) {
	t.Parallel()
	b := everything(t, "Claes")
	for _, path := range allPages {
		shown := b.get(path)
		ids, headings := map[string]bool{}, 0
		var visit func(n *html.Node, labelled bool)
		visit = func(n *html.Node, labelled bool) {
			if n.Type == html.ElementNode {
				labelled = labelled || n.Data == "label"
				if id := attr(n, "id"); id != "" {
					require.False(t, ids[id], "%s twice on %s", id, path)
					ids[id] = true
				}
				if n.Data == "select" || n.Data == "textarea" || n.Data == "input" && attr(n, "type") != "hidden" {
					require.True(t, labelled, "%s has no label on %s", attr(n, "name"), path)
				}
				if n.Data == "h1" {
					headings++
				}
			}
			for child := n.FirstChild; child != nil; child = child.NextSibling {
				visit(child, labelled)
			}
		}
		visit(shown.tree, false)
		require.Equal(t, 1, headings, path)
		walk(shown.tree, func(n *html.Node) {
			for _, name := range []string{"aria-labelledby", "aria-describedby"} {
				for _, to := range strings.Fields(attr(n, name)) {
					require.True(t, ids[to], "%s leads nowhere on %s", name, path)
				}
			}
		})
	}
}
