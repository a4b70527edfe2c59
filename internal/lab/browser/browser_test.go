package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/lab/browser"
)

func TestMain(m *testing.M) {
	code := m.Run()
	browser.Stop()
	os.Exit(code)
}

const strict = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

// site serves files by their path, with a strict policy.
func site(t *testing.T, files map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/leaves") {
			w.Header().Set("Content-Security-Policy", strict)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		content, ok := files[r.URL.Path]
		switch {
		case r.URL.Path == "/icon.svg":
			w.Header().Set("Content-Type", "image/svg+xml")
			content = `<svg xmlns="http://www.w3.org/2000/svg"/>`
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			content = page(`<main><h1>There is no such page</h1></main>`)
		case strings.HasSuffix(r.URL.Path, ".js"):
			w.Header().Set("Content-Type", "text/javascript")
		case strings.HasSuffix(r.URL.Path, ".css"):
			w.Header().Set("Content-Type", "text/css")
		}
		fmt.Fprint(w, content)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func page(parts string) string {
	return `<!doctype html><html lang="en"><head><title>A page</title><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="/icon.svg"></head><body>` + parts + `</body></html>`
}

// What the other tests rest on: each of these is found, and on a good page nothing.
func TestTroubleIsFound(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{
		"dialog": `alert("hello")`, "console": `console.error("oh no")`, "throws": `null.length`, "leaves": `fetch("http://127.0.0.2:9/").catch(() => {})`,
		"html": `document.body.innerHTML = "<b>x</b>"`, "gone": `const i = new Image(); i.src = "/gone.png"`,
	}
	files := map[string]string{"/good": page(`<main><h1>Good</h1><p>Nothing is wrong here.</p></main>`), "/inline": page(`<main><h1>Bad</h1><p style="color:red">x</p></main>`)}
	for name, script := range scripts {
		files["/"+name+".js"] = script
		files["/"+name] = page(`<main><h1>Bad</h1></main><script src="/` + name + `.js"></script>`)
	}
	at := site(t, files)
	tab := browser.Open(t, browser.Options{})
	require.Equal(t, http.StatusOK, tab.Go(at+"/good"))
	require.Empty(t, tab.Axe())
	require.Empty(t, tab.Trouble(), "axe itself is no trouble")
	for path, trouble := range map[string]string{
		"inline": "the content security policy is violated: style-src", "dialog": "a dialog opens: hello", "console": `a script says: "oh no"`, "throws": "a script fails",
		"leaves": "a request leaves the site: http://127.0.0.2:9/", "html": "the content security policy is violated: require-trusted-types-for", "gone": "/gone.png is answered with 404",
	} {
		tab.Go(at + "/" + path)
		tab.Text() // what comes before the answer has arrived
		require.Contains(t, strings.Join(tab.Trouble(), "\n"), trouble, path)
	}
	require.Equal(t, http.StatusNotFound, tab.Go(at+"/nothing"))
	require.Empty(t, tab.Trouble(), "the status of a page is for the test to judge")
}

func TestWhatTheEyeAndTheHandMissIsFound(t *testing.T) {
	t.Parallel()
	at := site(t, map[string]string{
		"/": page(`<link rel="stylesheet" href="/style.css"><main><h1>Bad</h1><p class="pale">Hardly to be read</p><form><input name="nameless"></form>
<p class="wide">wide</p><div class="scroller" tabindex="0" role="region" aria-label="A table"><p class="wide">its own</p></div>
<p><a class="first" href="/">A</a></p><p>In a <a href="/">sentence</a> it may be as high as a line.</p><button class="blind">No focus</button><button class="second" tabindex="2">First</button></main>`),
		"/style.css": `.pale { color: #ddd; background: #fff } .wide { width: 40rem } .scroller { overflow-x: auto } .blind:focus { outline: none } @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }`,
	})
	tab := browser.Open(t, browser.Options{})
	tab.Go(at + "/")
	found := strings.Join(tab.Axe(), "\n")
	require.Contains(t, found, "color-contrast")
	require.Contains(t, found, "label: ")
	keyboard := strings.Join(tab.Keyboard(), "\n")
	require.Contains(t, keyboard, "shows no focus")
	require.Contains(t, keyboard, `Tab 1 reaches <button class="second"`)
	require.Empty(t, tab.Overflow())
	tab.See(browser.Look{Motion: true})
	require.NotEmpty(t, tab.Moving())
	tab.See(browser.Look{Width: 320})
	overflow := tab.Overflow()
	require.Len(t, overflow, 2, overflow)
	require.Contains(t, overflow[1], `<p class="wide">wide`)
	small := tab.SmallTargets()
	require.NotEmpty(t, small)
	require.Contains(t, strings.Join(small, "\n"), `<a class="first"`)
	require.NotContains(t, strings.Join(small, "\n"), "sentence")
	require.Empty(t, tab.Moving())
}

func TestHandsWorkWithoutScript(t *testing.T) {
	t.Parallel()
	at := site(t, map[string]string{
		"/": page(`<main><h1>A form</h1><form method="get" action="/done"><label>Name <input name="name" value="old" autocomplete="off"></label>
<label>Colour <select name="colour"><option value="red">red</option><option value="blue">blue</option></select></label><button>Send</button></form><p id="ran"></p></main><script src="/ran.js"></script>`),
		"/ran.js": `document.getElementById("ran").textContent = "a script ran"`, "/done": page(`<main><h1>Done</h1></main>`),
	})
	for _, noScript := range []bool{false, true} {
		tab := browser.Open(t, browser.Options{NoScript: noScript})
		tab.Go(at + "/")
		require.Equal(t, !noScript, strings.Contains(tab.Text(), "a script ran"))
		tab.Type("input[name=name]", "Ádám 💌")
		tab.Choose("select", "blue")
		require.Equal(t, http.StatusOK, tab.Load(func() { tab.Click("button") }))
		require.Equal(t, "?name=%C3%81d%C3%A1m+%F0%9F%92%8C&colour=blue", browser.Ask[string](tab, "location.search"))
		require.Equal(t, http.StatusOK, tab.Back())
		require.Contains(t, tab.Text(), "A form")
	}
}
