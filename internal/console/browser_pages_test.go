package console

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/lab/browser"
)

// examples are the pages of a route where its path with everything filled in is not
// enough, or leads nowhere.
var examples = map[string][]string{
	"/cause/{code}/{cause...}": {
		"/cause/EmailAccountInError/email_account:" + mayas, "/cause/MessageCannotBeRendered/contact", "/cause/SendingFailed/operator", "/cause/OwnerHasNoPhone/user:maya",
		"/cause/ContactHasNoEmail/contact",
	},
	"/contacts/{id}":             {"/contacts/6", "/contacts/8", "/contacts/9", "/contacts/4"},
	"/disenroll":                 {"/disenroll?campaign=q4&contact=5", "/disenroll?which=all&code=SendingFailed&cause=operator"},
	"/missing/{code}/{cause...}": {}, // a file, which no browser shows
	"/activity.csv":              {},
	"/campaigns/{key}":           {"/campaigns/q4", "/campaigns/two"},
	"/replies/{id}":              {"/replies/1", "/replies/2", "/replies/4"},
	"/suppression.csv":           {},
	"/suppression/add":           {"/suppression/add", "/suppression/add?target=claes.example&note=why"},
	"/suppression/remove":        {"/suppression/remove?target=c9@contoso.example", "/suppression/remove?target=claes.example"},
	"/bounces/remove":            {"/bounces/remove?address=c3@contoso.example"},
	"/campaigns/{key}/move":      {"/campaigns/two/move?from=" + mayas + "&to=tom@northwind.example", "/campaigns/q4/move"},
	"/":                          {"/nowhere"},
}

// everyPage is at least one page of each route: a route that is added comes by itself,
// and what there is not is an error of the test.
func everyPage() (pages []string) {
	for _, route := range routes {
		switch {
		case route.page == nil:
		case examples[route.path] != nil:
			pages = append(pages, examples[route.path]...)
		default:
			pages = append(pages, filled(route.path))
		}
	}
	return pages
}

// judged is what a browser finds wrong with the page that it shows.
func judged(tab *browser.Tab, wide bool) (wrong []string) {
	add := func(what string, found []string) {
		for _, one := range found {
			wrong = append(wrong, what+": "+one)
		}
	}
	see := func(name string, look browser.Look) {
		tab.See(look)
		add(name+", scrolls sideways", tab.Overflow())
		add(name+", too small to hit", tab.SmallTargets())
		add(name+", axe", tab.Axe())
	}
	if wide {
		add("keyboard", tab.Keyboard())
		add("keyboard", tab.SkipLink("#content"))
		see("wide and light", browser.Look{})
		add("moves, although less motion is asked for", tab.Moving())
		return wrong
	}
	see("narrow and dark", browser.Look{Width: 320, Height: 640, Dark: true})
	tab.See(browser.Look{Width: 320, Height: 225, Zoom: 4})
	add("at 400 %, scrolls sideways", tab.Overflow())
	return wrong
}

func TestEveryPageInABrowser(t *testing.T) {
	t.Parallel()
	b := everything(t, "Claes")
	quiet := setup(t, 1, "Claes")
	first := setup(t, 0, "Claes")
	first.exec(`DELETE FROM campaigns`)
	for _, wide := range []bool{true, false} {
		t.Run(fmt.Sprintf("wide %t", wide), func(t *testing.T) {
			t.Parallel()
			tab := browser.Open(t, browser.Options{})
			see := func(address string, status int) {
				tab.See(browser.Look{})
				require.Equal(t, status, tab.Go(address), "%s: where the filled-in path leads nowhere, examples has to have one that does", address)
				for _, wrong := range judged(tab, wide) {
					t.Errorf("%s: %s", address, wrong)
				}
			}
			for _, path := range everyPage() {
				status := http.StatusOK
				if path == "/nowhere" {
					status = http.StatusNotFound
				}
				see(b.server.URL+path, status)
			}
			see(quiet.server.URL+"/", http.StatusOK)
			see(quiet.server.URL+"/uncertain", http.StatusOK)
			see(quiet.server.URL+"/cause/SendingFailed/operator", http.StatusOK)
			see(first.server.URL+"/", http.StatusOK)
		})
	}
}

// Who may only look has pages of the same quality; and under a prefix nothing is missing.
func TestAViewersPagesInABrowser(t *testing.T) {
	t.Parallel()
	b := everything(t, "Claes")
	b.serve(proxied("/relance"))
	tab := browser.Open(t, browser.Options{Header: map[string]string{"X-Auth-Email": "vic@northwind.example"}})
	for _, path := range []string{"/", "/cause/EmailAccountInError/email_account:" + mayas, "/contacts/6", "/uncertain"} {
		require.Equal(t, http.StatusOK, tab.Go(b.server.URL+"/relance"+path))
		require.Empty(t, judged(tab, true), path)
	}
}

// A form that was refused has the reader at the field, which says what is wrong.
func TestARefusedFormInABrowser(t *testing.T) {
	t.Parallel()
	b := setup(t, 3, "Claes")
	b.exec(`UPDATE plan SET unlimited = false, credits = 0`)
	b.park(1, failure.Problem{Code: failure.NoCreditsLeft, Causes: []failure.Cause{failure.Plan}})
	b.park(2, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(2)}})
	b.park(3, failure.Problem{Code: failure.OwnerHasNoPhone, Causes: []failure.Cause{failure.OwnerPhone("maya")}})
	for _, noScript := range []bool{false, true} {
		tab := browser.Open(t, browser.Options{NoScript: noScript})
		for _, form := range []struct{ id, field, bad string }{
			{formID("credits"), "credits", "many"}, {formID("value", 2, "email"), "value", "ádám@nowhere"}, {formID("phone", "maya"), "phone", "tomorrow"},
		} {
			tab.See(browser.Look{})
			tab.Go(b.server.URL + "/")
			tab.Type(form.id+" [name="+form.field+"]", form.bad)
			require.Equal(t, http.StatusUnprocessableEntity, press(tab, form.id))
			field := `document.querySelector("` + form.id + ` [name=` + form.field + `]")`
			tab.Until(field + ` === document.activeElement`)
			require.Equal(t, form.bad, browser.Ask[string](tab, field+`.value`))
			require.True(t, browser.Ask[bool](tab, field+`.getAttribute("aria-invalid") === "true" && document.getElementById(`+field+`.getAttribute("aria-describedby").split(" ")[0]).innerText.length > 9`), form.id)
			require.Empty(t, tab.Axe())
		}
	}
}
