package mail_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	outreach "relance/internal/mail"
)

// links are the hrefs of a text's HTML twin. It checks that the twin is what it says it is:
// every tag closed, every link showing where it leads, and the text in it the text.
func links(t *testing.T, text string) []string {
	t.Helper()
	twin := outreach.HTMLTwin(text)
	var (
		open  []string
		hrefs []string
		seen  strings.Builder
		shown strings.Builder
	)
	tokens := html.NewTokenizer(strings.NewReader(twin))
	for tokens.Next() != html.ErrorToken {
		switch token := tokens.Token(); token.Type {
		case html.StartTagToken:
			require.Contains(t, []string{"html", "body", "p", "br", "a"}, token.Data, twin)
			switch token.Data {
			case "br":
				continue
			case "a":
				require.Len(t, token.Attr, 1, twin)
				require.Equal(t, "href", token.Attr[0].Key)
				hrefs = append(hrefs, token.Attr[0].Val)
				shown.Reset()
			}
			open = append(open, token.Data)
		case html.EndTagToken:
			require.NotEmpty(t, open, twin)
			require.Equal(t, open[len(open)-1], token.Data, twin)
			open = open[:len(open)-1]
			if token.Data == "a" {
				require.Equal(t, hrefs[len(hrefs)-1], shown.String(), "a link shows where it leads")
			}
		case html.TextToken:
			shown.WriteString(token.Data)
			seen.WriteString(token.Data)
		}
	}
	require.Empty(t, open, twin)
	bare := strings.NewReplacer("\n", "", "\t", " ", "\u00a0", " ")
	require.Equal(t, bare.Replace(text), bare.Replace(seen.String()))
	return hrefs
}

func TestWhereALinkEnds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"see https://en.wikipedia.org/wiki/Foo_(bar) and more": "https://en.wikipedia.org/wiki/Foo_(bar)",
		"(see https://en.wikipedia.org/wiki/Foo_(bar))":        "https://en.wikipedia.org/wiki/Foo_(bar)",
		"(see https://en.wikipedia.org/wiki/Foo_(bar).)":       "https://en.wikipedia.org/wiki/Foo_(bar)",
		"(https://x.example/a)":                                "https://x.example/a",
		"(https://x.example/a).":                               "https://x.example/a",
		"(https://x.example/a),(https://x.example/b)":          "https://x.example/a https://x.example/b",
		"[https://x.example/a]":                                "https://x.example/a",
		"{https://x.example/a}":                                "https://x.example/a",
		"https://x.example/a[1]":                               "https://x.example/a[1]",
		"https://x.example/a?f={b}":                            "https://x.example/a?f={b}",
		"[https://x.example/a(b)]":                             "https://x.example/a(b)",
		"(https://x.example/a]":                                "https://x.example/a",
		"https://x.example/(a(b)c)d)":                          "https://x.example/(a(b)c)d",
		"https://x.example/a(":                                 "https://x.example/a",
		"[text](https://x.example/a)":                          "https://x.example/a",
		"“https://q.example/x” is it":                          "https://q.example/x",
		"‘https://q.example/x’":                                "https://q.example/x",
		"«https://q.example/x»":                                "https://q.example/x",
		"« https://q.example/x »":                              "https://q.example/x",
		"„https://q.example/x“":                                "https://q.example/x",
		"「https://q.example/x」":                                "https://q.example/x",
		"『https://q.example/x』":                                "https://q.example/x",
		"《https://q.example/x》":                                "https://q.example/x",
		"【https://q.example/x】":                                "https://q.example/x",
		"（https://q.example/x）":                                "https://q.example/x",
		"请看https://x.example/a。谢谢":                             "https://x.example/a",
		"看https://x.example/a，还有":                              "https://x.example/a",
		"看https://x.example/a！":                                "https://x.example/a",
		"https://x.example/a、https://x.example/b":              "https://x.example/a https://x.example/b",
		"https://x.example/a؟":                                 "https://x.example/a",
		"https://x.example/a…":                                 "https://x.example/a",
		"https://x.example/a—thanks":                           "https://x.example/a",
		"\"https://q.example/x\"":                              "https://q.example/x",
		"'https://q.example/x'":                                "https://q.example/x",
		"`https://q.example/x`":                                "https://q.example/x",
		"'https://q.example/x', he said":                       "https://q.example/x",
		"https://x.example/it's":                               "https://x.example/it's",
		"<https://x.example/a>":                                "https://x.example/a",
		"<https://x.example/a>, and":                           "https://x.example/a",
		"<a href=\"https://x.example/a\">":                     "https://x.example/a",
		"https://x.example/a.":                                 "https://x.example/a",
		"https://x.example/a?!":                                "https://x.example/a",
		"https://x.example/a?":                                 "https://x.example/a",
		"https://x.example/a...":                               "https://x.example/a",
		"https://x.example/a;":                                 "https://x.example/a",
		"https://x.example/a:":                                 "https://x.example/a",
		"https://x.example/a,b":                                "https://x.example/a,b",
		"https://x.example":                                    "https://x.example",
		"https://x.example.":                                   "https://x.example",
		"https://x.example/":                                   "https://x.example/",
		"https://x.example:8443/a":                             "https://x.example:8443/a",
		"https://x.example/?a=1&b=2#c":                         "https://x.example/?a=1&b=2#c",
		"https://x.example/~maya/a_b-c/%C3%A9%20?q=a+b":        "https://x.example/~maya/a_b-c/%C3%A9%20?q=a+b",
		"https://x.example/a_":                                 "https://x.example/a_",
		"_https://x.example/a_":                                "https://x.example/a",
		"*https://x.example/a*":                                "https://x.example/a",
		"**https://x.example/a**.":                             "https://x.example/a",
		"HTTPS://X.example/A":                                  "HTTPS://X.example/A",
		"http://[2001:db8::1]:8080/a":                          "http://[2001:db8::1]:8080/a",
		"[http://[2001:db8::1]/]":                              "http://[2001:db8::1]/",
		"https://maya:pw@x.example/a":                          "https://maya:pw@x.example/a",
		"https://müller.example/straße":                        "https://müller.example/straße",
		"https://例え.jp/日本語":                                    "https://例え.jp/日本語",
		"https://col·legi.example/a":                           "https://col·legi.example/a",
		"https://x.example/ジョン・レノン":                            "https://x.example/ジョン・レノン",
		"https://x.example/a\u200b b":                          "https://x.example/a",
		"https://x.example/a\u200d":                            "https://x.example/a",
		"\u2068https://x.example/a\u2069":                      "https://x.example/a",
		"\ufeffhttps://x.example/a\ufeff":                      "https://x.example/a",
		"https://x.example/a\u00a0b":                           "https://x.example/a",
		"https://x.example/a\u3000b":                           "https://x.example/a",
		"https://x.example/a http://y.example":                 "https://x.example/a http://y.example",
		"https://":                                             "",
		"https://)":                                            "",
		"https://...":                                          "",
		"https:// x":                                           "",
		"xhttps://x.example":                                   "",
		"git+https://x.example/a":                              "",
		"ftp://x.example":                                      "",
		"javascript:alert(1)//https":                           "",
		"www.x.example":                                        "",
		"https://) https://x.example/a":                        "https://x.example/a",
		"https://x.example/\"onclick=\"alert(1)":               "https://x.example/",
	} {
		require.Equal(t, want, strings.Join(links(t, text), " "), "%q", text)
	}
}

// FuzzHTMLTwin: whatever the text, the twin is well formed, says the text and nothing else,
// and each link is a piece of the text that shows where it leads.
func FuzzHTMLTwin(f *testing.F) {
	for _, seed := range []string{
		"see https://en.wikipedia.org/wiki/Foo_(bar) and “https://q.example/x” 请看https://x.example/a。谢谢",
		"(https://x.example/a),(https://x.example/b)\n\n  <https://[::1]/>&amp;\n", "http://https://x", "https://a\xff", "https://a\u200d\u200db", "<b>&nbsp;</b>\thttps://'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		text = outreach.BodyText(text)
		if strings.ContainsAny(text, "\x00\r\u00a0\ufffd") {
			return // HTML has no way to say these, or the check reads them as a blank
		}
		hrefs := links(t, text)
		at := 0
		for _, href := range hrefs {
			i := strings.Index(text[at:], href)
			require.GreaterOrEqual(t, i, 0, "%q is not in the rest of the text", href)
			at += i + len(href)
			lower := strings.ToLower(href)
			require.True(t, strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "http://"), href)
			require.NotContains(t, href, " ")
			require.NotContains(t, ".,;:!?", href[len(href)-1:], href)
		}
	})
}
