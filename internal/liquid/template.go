package liquid

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/osteele/liquid/parser"
	"github.com/osteele/liquid/render"
	"golang.org/x/text/unicode/norm"
)

var (
	quoted     = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	identifier = regexp.MustCompile(`[\pL_][\pL\pM\pN_-]*`)
	filterName = regexp.MustCompile(`\|\s*([\pL_][\pL\pM\pN_-]*)?`)
)

// ownWords are not variables: the language's own, and what a loop provides.
var ownWords = []string{"forloop", "true", "false", "nil", "and", "or", "contains", "in"}

// prepare checks what the Liquid engine lets through, and rewrites what it cannot do:
//
//   - a {{ or {% that is never closed, or an unclosed comment, is plain text to the
//     engine: a prospect would read "Hi {{ first_name }". It is refused.
//   - filters are looked up by the engine only when they run: they are looked up here.
//   - {{ x }} becomes the tag {% output x %} of limits.go, so that a missing variable
//     is noticed behind any filter ({{ first_name | upcase }} prints nothing otherwise).
//   - a name with letters beyond ASCII, which the engine cannot read, gets an alias.
//   - every turn of a loop passes the tag {% turn %}, which counts.
//
// It returns the names that the expressions say, too.
func prepare(template string, config *render.Config) (source string, names []string, reason string) {
	if len(template) > maxTemplate {
		return "", nil, fmt.Sprintf("it is longer than %d characters", maxTemplate)
	}
	var out strings.Builder
	closing := "" // endcomment or endraw inside such a block
	line, opened := 1, 0
	for _, token := range parser.Scan(norm.NFC.String(template), parser.SourceLoc{LineNo: 1}, nil) {
		if token.Source == "" {
			continue // a trim mark, which its neighbour's source has too
		}
		here := line
		line += strings.Count(token.Source, "\n")
		if closing != "" {
			if token.Type == parser.TagTokenType && token.Name == closing {
				closing = ""
			}
			out.WriteString(token.Source)
			continue
		}
		if token.Type == parser.TextTokenType {
			for _, mark := range []string{"{{", "{%", "}}", "%}"} {
				if i := strings.Index(token.Source, mark); i >= 0 {
					return "", nil, fmt.Sprintf("line %d has a %s without its counterpart", here+strings.Count(token.Source[:i], "\n"), mark)
				}
			}
			out.WriteString(token.Source)
			continue
		}
		if token.Type == parser.TagTokenType && (token.Name == "comment" || token.Name == "raw") {
			closing, opened = "end"+token.Name, here
			out.WriteString(token.Source)
			continue
		}
		if reason := lint(token, config); reason != "" {
			return "", nil, fmt.Sprintf("line %d %s", here, reason)
		}
		out.WriteString(rewrite(token))
		names = append(names, namesIn(token.Args)...)
	}
	if closing != "" {
		return "", nil, fmt.Sprintf("the %s that begins in line %d is never closed", strings.TrimPrefix(closing, "end"), opened)
	}
	slices.Sort(names)
	return out.String(), slices.Compact(names), ""
}

// lint looks for what the engine's grammar accepts and nobody can have meant.
func lint(token parser.Token, config *render.Config) string {
	bare := quoted.ReplaceAllString(token.Args, "''")
	switch {
	case token.Type == parser.TagTokenType && !known(token.Name, config):
		return fmt.Sprintf("uses the tag %q, which does not exist here", shorten(token.Name, 40))
	case strings.ContainsAny(bare, "‘’“”„«»"):
		return "has curly quotes: write straight ones"
	case strings.ContainsAny(bare, ";%{}\\"):
		return "has a character that does not belong in an expression"
	case strings.Contains(bare, ".."):
		return "counts through a range, which messages cannot"
	}
	for _, match := range filterName.FindAllStringSubmatch(bare, -1) {
		if _, ok := filters[match[1]]; !ok {
			return fmt.Sprintf("uses the filter %q, which does not exist", shorten(match[1], 40))
		}
	}
	return ""
}

// rewrite writes a token of an expression as the engine is to read it.
func rewrite(token parser.Token) string {
	args := eachName(token.Args, alias)
	if token.Type == parser.TagTokenType {
		source := strings.Replace(token.Source, token.Args, args, 1)
		if token.Name == "for" || token.Name == "tablerow" {
			source += "{% turn %}"
		}
		return source
	}
	left, right := "{%", "%}"
	if strings.HasPrefix(token.Source, "{{-") {
		left = "{%-"
	}
	if strings.HasSuffix(token.Source, "-}}") {
		right = "-%}"
	}
	if strings.Contains(args, "%}") {
		return token.Source // within quotes; the engine cannot have it in a tag
	}
	return left + " output " + args + " " + right
}

// namesIn are the names that an expression says.
func namesIn(args string) []string {
	var names []string
	eachName(args, func(name string) string {
		if !slices.Contains(ownWords, name) {
			names = append(names, name)
		}
		return name
	})
	for _, text := range quoted.FindAllString(args, -1) {
		names = append(names, text[1:len(text)-1]) // contact["field"] says its name in quotes
	}
	return names
}

// eachName rewrites the names in an expression and leaves quoted words alone.
func eachName(args string, rename func(string) string) string {
	var out strings.Builder
	rest := args
	for {
		at := quoted.FindStringIndex(rest)
		if at == nil {
			out.WriteString(identifier.ReplaceAllStringFunc(rest, rename))
			return out.String()
		}
		out.WriteString(identifier.ReplaceAllStringFunc(rest[:at[0]], rename))
		out.WriteString(rest[at[0]:at[1]])
		rest = rest[at[1]:]
	}
}

// alias spells a name in ASCII, one to one; a name in ASCII is its own alias.
func alias(name string) string {
	if isASCII(name) {
		return name
	}
	var out strings.Builder
	for _, r := range name {
		if r < unicode.MaxASCII {
			out.WriteRune(r)
		} else {
			fmt.Fprintf(&out, "_u%x_", r)
		}
	}
	return out.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
