package mail

import (
	"html"
	"strings"
)

// htmlTwin says the text once more in HTML: paragraphs, line ends, links that show where
// they lead, and nothing else. dir=auto lets Arabic and Hebrew begin at their own side.
func htmlTwin(text string) string {
	var out strings.Builder
	out.WriteString("<!DOCTYPE html>\n<html><body>\n")
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n\n") {
		lines := strings.Split(strings.Trim(paragraph, "\n"), "\n")
		for i, line := range lines {
			lines[i] = htmlLine(line)
		}
		out.WriteString("<p dir=\"auto\">" + strings.Join(lines, "<br>\n") + "</p>\n")
	}
	out.WriteString("</body></html>\n")
	return out.String()
}

// htmlLine keeps the indentation of a line, which HTML would drop, and makes links of
// addresses on the web.
func htmlLine(line string) string {
	indent := len(line) - len(strings.TrimLeft(line, " \t"))
	var out strings.Builder
	out.WriteString(strings.Repeat("&nbsp;", indent))
	rest := line[indent:]
	for {
		from, to := nextLink(rest)
		if from < 0 {
			out.WriteString(html.EscapeString(rest))
			return out.String()
		}
		url := html.EscapeString(rest[from:to])
		out.WriteString(html.EscapeString(rest[:from]) + `<a href="` + url + `">` + url + `</a>`)
		rest = rest[to:]
	}
}
